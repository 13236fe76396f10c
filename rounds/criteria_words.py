"""What the pages of criteria sets show: rows with their sums and problems, changes in words. No query."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.formats import points

from .criteria import Row, findings
from .criteria_diff import Diff, Line
from .criteria_tree import Rows, Typed, parents, points_of

NOTHING = Decimal(0)


@dataclass(frozen=True)
class EditorRow:
    """One row of the editor: what was typed, what is wrong with it, what stands below it."""

    place: int
    typed: Typed
    errors: tuple[str, ...]
    below: Decimal | None

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def below_words(self) -> str:
        return "" if self.below is None else points(self.below)


@dataclass(frozen=True)
class LineShown:
    """One row of a version that is only read."""

    line: Line
    level: int
    problems: tuple[str, ...] = ()


def amount(row: Typed) -> Decimal | None:
    """The maximum where it can be read."""
    try:
        return points_of(row.maximum)
    except ValueError:
        return None


def editor_rows(rows: Rows, wrong: dict[int, list[str]]) -> list[EditorRow]:
    """Rows with their mistakes and, once they can be read, with what does not add up."""
    sums = _sums(rows)
    uneven = {} if wrong else row_problems(rows)
    return [
        EditorRow(place, row, (*wrong.get(place, ()), *uneven.get(row.code, ())), sums.get(place))
        for place, row in enumerate(rows)
    ]


def _sums(rows: Rows) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for row, parent in zip(rows, parents(rows), strict=True):
        value = amount(row)
        if parent is not None and value is not None:
            found[parent] = found.get(parent, NOTHING) + value
    return found


def row_problems(rows: Rows) -> dict[str, list[str]]:
    """What keeps the set from being scored by, under the code of the row; "" for the set as a whole."""
    above = parents(rows)
    plain = [
        Row(row.code, None if parent is None else rows[parent].code, amount(row))
        for row, parent in zip(rows, above, strict=True)
    ]
    return _by_code(plain)


def line_problems(lines: Sequence[Line]) -> dict[str, list[str]]:
    return _by_code([Row(line.code, line.parent, line.maximum) for line in lines])


def _by_code(rows: Sequence[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, sentence in findings(rows):
        found.setdefault(code, []).append(sentence)
    return found


def shown(lines: Sequence[Line]) -> list[LineShown]:
    """A version in reading order with the level of each row."""
    level: dict[str | None, int] = {None: 0}
    wrong = line_problems(lines)
    found = []
    for line in lines:
        level[line.code] = level[line.parent] + 1
        found.append(LineShown(line, level[line.code], tuple(wrong.get(line.code, ()))))
    return found


def total(lines: Sequence[Line]) -> Decimal:
    """What the heads add up to; 100 when they are the circular's."""
    return sum((line.maximum for line in lines if line.parent is None and line.maximum is not None), NOTHING)


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeShown:
    """One difference in words. `kind` is added, removed or changed."""

    kind: str
    words: str
    code: str
    name: str
    fields: tuple[FieldChange, ...] = ()


def changes_shown(changes: Diff, after: Sequence[Line]) -> list[ChangeShown]:
    """Everything that differs, in the reading order of the later version; what was dropped comes last."""
    added = {one.line.code: _added(one.line) for one in changes.added}
    changed = {
        one.after.code: ChangeShown(
            "changed",
            _change_words(one.fields, moved=one.moved),
            one.after.code,
            one.after.name,
            _field_changes(one.before, one.after, one.fields, moved=one.moved),
        )
        for one in changes.changed
    }
    known = added | changed
    found = [known[line.code] for line in after if line.code in known]
    return found + [_removed(line) for line in changes.removed]


def _added(line: Line) -> ChangeShown:
    facts = [FieldChange(_("Điểm tối đa"), "", _points(line.maximum))]
    if line.guidance:
        facts.append(FieldChange(_("Hướng dẫn chấm"), "", line.guidance))
    if line.parent:
        facts.append(FieldChange(_("Thuộc mục"), "", line.parent))
    return ChangeShown("added", _("Thêm"), line.code, line.name, tuple(facts))


def _removed(line: Line) -> ChangeShown:
    facts = (FieldChange(_("Điểm tối đa"), _points(line.maximum), ""),)
    return ChangeShown("removed", _("Bỏ"), line.code, line.name, facts)


def _change_words(fields: tuple[str, ...], *, moved: bool) -> str:
    said = {
        "code": _("đổi mã"),
        "name": _("đổi lời"),
        "maximum": _("đổi điểm"),
        "guidance": _("đổi hướng dẫn"),
    }
    words = [said[name] for name in fields] + ([_("chuyển chỗ")] if moved else [])
    return ", ".join(words)[:1].upper() + ", ".join(words)[1:]


def _field_changes(before: Line, after: Line, fields: tuple[str, ...], *, moved: bool) -> tuple[FieldChange, ...]:
    values = {
        "code": (_("Mã"), before.code, after.code),
        "name": (_("Nội dung"), before.name, after.name),
        "maximum": (_("Điểm tối đa"), _points(before.maximum), _points(after.maximum)),
        "guidance": (_("Hướng dẫn chấm"), before.guidance or _("không có"), after.guidance or _("không có")),
    }
    found = [FieldChange(*values[name]) for name in fields]
    if moved:
        under = (before.parent or _("cấp một"), after.parent or _("cấp một"))
        same = under[0] == under[1]
        found.append(
            FieldChange(
                _("Chỗ đứng"),
                "" if same else under[0],
                _("đổi thứ tự trong mục %(code)s") % {"code": under[1]} if same else under[1],
            )
        )
    return tuple(found)


def _points(value: Decimal | None) -> str:
    return _("không chấm điểm") if value is None else points(value)
