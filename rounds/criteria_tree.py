"""A criteria set on the page that edits it: rows in reading order, each with its level. Pure functions.

The parent of a row is the nearest row above it that stands one level higher, so that the order and the levels
say the whole tree, and a page without JavaScript can move rows by posting itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .criteria import FIXED_HEADS

MAX_LEVEL = 4
MAX_ROWS = 120
LONGEST_CODE, LONGEST_NAME, LONGEST_GUIDANCE = 12, 300, 2000


@dataclass(frozen=True)
class Typed:
    """One row as it was typed. `pk` is the row of the register that it changes, None for a new one."""

    pk: int | None = None
    level: int = 1
    code: str = ""
    name: str = ""
    guidance: str = ""
    maximum: str = ""

    @property
    def is_head(self) -> bool:
        """One of the four heads that the circular fixes: neither its code, its points nor its place change."""
        return self.level == 1 and self.code in FIXED_HEADS

    @property
    def is_blank(self) -> bool:
        return not (self.code or self.name or self.guidance or self.maximum)


Rows = tuple[Typed, ...]


def parents(rows: Sequence[Typed]) -> list[int | None]:
    """The place of each row's parent; None for rows of the first level."""
    found: list[int | None] = []
    path: list[int] = []
    for place, row in enumerate(rows):
        del path[max(row.level - 1, 0) :]
        found.append(path[-1] if path else None)
        path.append(place)
    return found


def tidy(rows: Sequence[Typed]) -> Rows:
    """Levels without gaps: no row stands more than one level below the row above it."""
    found: list[Typed] = []
    for row in rows:
        deepest = found[-1].level + 1 if found else 1
        found.append(replace(row, level=max(1, min(row.level, deepest, MAX_LEVEL))))
    return tuple(found)


def end_of(rows: Sequence[Typed], place: int) -> int:
    """The place after the last row that belongs to this one."""
    end = place + 1
    while end < len(rows) and rows[end].level > rows[place].level:
        end += 1
    return end


def add_below(rows: Rows, place: int) -> Rows:
    """A new row at the end of those that belong to this one."""
    end = end_of(rows, place)
    level = min(rows[place].level + 1, MAX_LEVEL)
    return tidy((*rows[:end], Typed(level=level, code=_next_code(rows, place, end)), *rows[end:]))


def remove(rows: Rows, place: int) -> Rows:
    """Without the row and what belongs to it. A fixed head stays."""
    if rows[place].is_head:
        return rows
    return tidy((*rows[:place], *rows[end_of(rows, place) :]))


def up(rows: Rows, place: int) -> Rows:
    """Before the row of the same level above it, each with what belongs to it."""
    if rows[place].is_head:
        return rows
    above = _sibling_above(rows, place)
    if above is None:
        return rows
    end = end_of(rows, place)
    return tidy((*rows[:above], *rows[place:end], *rows[above:place], *rows[end:]))


def down(rows: Rows, place: int) -> Rows:
    end = end_of(rows, place)
    if rows[place].is_head or end >= len(rows) or rows[end].level != rows[place].level:
        return rows
    return up(rows, end)


def deeper(rows: Rows, place: int) -> Rows:
    """Under the row of the same level above it."""
    if rows[place].is_head or _sibling_above(rows, place) is None:
        return rows
    end = end_of(rows, place)
    if max(row.level for row in rows[place:end]) >= MAX_LEVEL:
        return rows
    return _shifted(rows, place, end, 1)


def higher(rows: Rows, place: int) -> Rows:
    """Out of its parent, right after what else belongs to the parent."""
    if rows[place].level <= 2:  # noqa: PLR2004  the first level is the circular's
        return rows
    above = parents(rows)[place]
    if above is None:
        return rows
    end, after = end_of(rows, place), end_of(rows, above)
    moved = [replace(row, level=row.level - 1) for row in rows[place:end]]
    return tidy((*rows[:place], *rows[end:after], *moved, *rows[after:]))


MOVES: dict[str, Callable[[Rows, int], Rows]] = {
    "add": add_below,
    "remove": remove,
    "up": up,
    "down": down,
    "deeper": deeper,
    "higher": higher,
}


def place_after(before: Rows, after: Rows, act: str, place: int) -> int | None:
    """Where the row that was acted on (for "add", the new one) stands now, to keep its buttons open."""
    if act == "add":
        return end_of(before, place)
    row = before[place]
    return next((now for now, one in enumerate(after) if (one.pk, one.code) == (row.pk, row.code)), None)


def _sibling_above(rows: Rows, place: int) -> int | None:
    for above in range(place - 1, -1, -1):
        if rows[above].level < rows[place].level:
            return None
        if rows[above].level == rows[place].level:
            return above
    return None


def _shifted(rows: Rows, start: int, end: int, by: int) -> Rows:
    inside = (replace(row, level=row.level + by) for row in rows[start:end])
    return tidy((*rows[:start], *inside, *rows[end:]))


def _next_code(rows: Rows, place: int, end: int) -> str:
    """3.1 then 3.2; 1.1.a then 1.1.b; the first free one."""
    stem, taken = rows[place].code, {row.code for row in rows}
    if not stem:
        return ""
    endings = [str(number) for number in range(1, 100)] if rows[place].level == 1 else list("abcdefghiklmnopqrstuvxy")
    free = (f"{stem}.{ending}" for ending in endings if f"{stem}.{ending}" not in taken)
    return next((code for code in free if len(code) <= LONGEST_CODE), "")


def points_of(text: str) -> Decimal | None:
    """The maximum as people type it, with a comma or a point. None when nothing is there; ValueError otherwise."""
    plain = text.strip().replace(" ", "").replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite() or not 0 < found <= 100 or found != round(found, 2):  # noqa: PLR2004
        raise ValueError(text)
    return found


def mistakes(rows: Sequence[Typed]) -> dict[int, list[str]]:
    """What cannot be written at all, by place, as whole sentences; empty when everything can."""
    seen: set[str] = set()
    found: dict[int, list[str]] = {}
    for place, row in enumerate(rows):
        wrong = [*_wrong_code(row, seen), *_wrong_words(row), *_wrong_points(row)]
        seen.add(row.code)
        if wrong:
            found[place] = wrong
    return found


def _wrong_code(row: Typed, seen: set[str]) -> list[str]:
    if not row.code:
        return [_("Hãy ghi mã của mục này.")]
    if len(row.code) > LONGEST_CODE:
        return [_("Mã dài quá %(most)s ký tự. Hãy rút ngắn.") % {"most": LONGEST_CODE}]
    if row.code in seen:
        return [_("Mã %(code)s đã dùng cho mục ở trên. Hãy ghi mã khác.") % {"code": row.code}]
    return []


def _wrong_words(row: Typed) -> list[str]:
    found = []
    if not row.name:
        found.append(_("Hãy ghi nội dung của mục này."))
    if len(row.name) > LONGEST_NAME:
        found.append(
            _("Nội dung dài quá %(most)s ký tự. Hãy chuyển phần dài xuống hướng dẫn.") % {"most": LONGEST_NAME}
        )
    if len(row.guidance) > LONGEST_GUIDANCE:
        found.append(_("Hướng dẫn dài quá %(most)s ký tự. Hãy rút ngắn.") % {"most": LONGEST_GUIDANCE})
    return found


def _wrong_points(row: Typed) -> list[str]:
    try:
        points_of(row.maximum)
    except ValueError:
        return [_("Điểm tối đa phải lớn hơn 0, không quá 100, tối đa hai số lẻ, ví dụ 7,5.")]
    return []
