"""What changed from one version of a criteria set to another. Pure functions.

Rows are the same when they carry the same code; of the others, those of one name are one row with a new code.
Applied to the earlier version, the changes give the later one (a property test says so).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.text.folding import name_key

Path = str | None


@dataclass(frozen=True)
class Line:
    """One row with the code of its parent."""

    code: str
    parent: Path
    name: str
    guidance: str = ""
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """A row that stayed, and how: `fields` are those that differ, `moved` says it stands elsewhere."""

    before: Line
    after: Line
    moved: bool = False
    place: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(
            name
            for name in ("code", "name", "maximum", "guidance")
            if getattr(self.before, name) != getattr(self.after, name)
        )


@dataclass(frozen=True)
class Added:
    """A new row and its place among those of its parent."""

    line: Line
    place: int


@dataclass(frozen=True)
class Diff:
    """Everything that differs; empty tuples when nothing does."""

    added: tuple[Added, ...] = ()
    removed: tuple[Line, ...] = ()
    changed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff(before: Sequence[Line], after: Sequence[Line]) -> Diff:
    """The changes from one version to another. Codes are unique within each, rows come in reading order."""
    old = _partners(before, after)
    new_code = {line.code: code for code, line in old.items()}
    kept_codes = set(new_code)
    places = _places(after)
    stay = _still(before, after, new_code, places)
    changed = []
    for line in after:
        partner = old.get(line.code)
        if partner is None:
            continue
        change = Change(partner, line, moved=line.code not in stay, place=places[line.code])
        if change.fields or change.moved:
            changed.append(change)
    return Diff(
        added=tuple(Added(line, places[line.code]) for line in after if line.code not in old),
        removed=tuple(line for line in before if line.code not in kept_codes),
        changed=tuple(changed),
    )


def apply(before: Sequence[Line], changes: Diff) -> tuple[Line, ...]:
    """The later version, in reading order, made from the earlier one and the changes."""
    renamed = {change.before.code: change.after for change in changes.changed}
    moved = {change.before.code for change in changes.changed if change.moved}
    gone = {line.code for line in changes.removed}
    new_code = {line.code: renamed[line.code].code if line.code in renamed else line.code for line in before}
    below: dict[Path, list[Line]] = {}
    for line in before:
        if line.code in gone or line.code in moved:
            continue
        parent = new_code[line.parent] if line.parent is not None else None
        now = renamed.get(line.code, line)
        below.setdefault(parent, []).append(replace(now, parent=parent))
    arriving = [(added.place, added.line) for added in changes.added]
    arriving += [(change.place, change.after) for change in changes.changed if change.moved]
    for place, line in sorted(arriving, key=lambda one: one[0]):
        below.setdefault(line.parent, []).insert(place, line)
    return tuple(_read(below, None))


def _read(below: dict[Path, list[Line]], parent: Path) -> Iterable[Line]:
    for line in below.get(parent, ()):
        yield line
        yield from _read(below, line.code)


def _partners(before: Sequence[Line], after: Sequence[Line]) -> dict[str, Line]:
    """The earlier row of each later one, by the later one's code."""
    by_code = {line.code: line for line in before}
    found = {line.code: by_code[line.code] for line in after if line.code in by_code}
    left = {name_key(line.name): line for line in reversed(before) if line.code not in found}
    for line in after:
        partner = left.get(name_key(line.name)) if line.code not in found else None
        if partner is not None:
            found[line.code] = partner
            del left[name_key(line.name)]
    return found


def _places(lines: Sequence[Line]) -> dict[str, int]:
    """Each row's place among those of its parent."""
    seen: dict[Path, int] = {}
    found = {}
    for line in lines:
        found[line.code] = seen.get(line.parent, 0)
        seen[line.parent] = found[line.code] + 1
    return found


def _still(
    before: Sequence[Line], after: Sequence[Line], new_code: dict[str, str], places: dict[str, int]
) -> frozenset[str]:
    """Later codes of rows that need not move: under the same parent, in an order that was there before."""
    parent_now = {line.code: line.parent for line in after}
    kept: dict[Path, list[str]] = {}
    for line in before:
        code = new_code.get(line.code)
        if code is None:
            continue
        parent = new_code.get(line.parent) if line.parent is not None else None
        if (line.parent is None or parent is not None) and parent_now[code] == parent:
            kept.setdefault(parent, []).append(code)
    return frozenset(code for codes in kept.values() for code in _longest_rising(codes, places))


def _longest_rising(codes: list[str], places: dict[str, int]) -> list[str]:
    """The longest run of rows that keep their order, so that as few as possible count as moved."""
    best: list[tuple[int, int | None]] = []  # length of the run that ends here, and the row before it
    for here, code in enumerate(codes):
        ahead = [(best[one][0], one) for one in range(here) if places[codes[one]] < places[code]]
        length, previous = max(ahead, key=lambda one: one[0], default=(0, None))
        best.append((length + 1, previous))
    place = max(range(len(best)), key=lambda one: best[one][0], default=None)
    run = []
    while place is not None:
        run.append(codes[place])
        place = best[place][1]
    return run[::-1]
