"""The shape of a criteria set: four fixed heads, sums that add up, leaves as inputs. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.formats import points as in_words

# TT 26/2014/TT-BCT, Điều 16 and Phụ lục 4: fixed at every level, for every group.
FIXED_HEADS = {"1": Decimal(40), "2": Decimal(40), "3": Decimal(10), "4": Decimal(10)}


@dataclass(frozen=True)
class Row:
    """One row of the sheet. Without a maximum it is guidance, not an input."""

    code: str
    parent: str | None
    max_points: Decimal | None


def problems(rows: Iterable[Row]) -> tuple[str, ...]:
    """Every reason why the set cannot be scored by, as whole sentences; empty when it can."""
    return tuple(sentence for _code, sentence in findings(rows))


def findings(rows: Iterable[Row]) -> tuple[tuple[str, str], ...]:
    """The same, each with the code of the row it is about ("" for the set as a whole)."""
    listed = tuple(rows)
    return (*_wrong_heads(listed), *_lost_rows(listed), *_wrong_sums(listed))


def inputs(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows judges fill in: those with a maximum and no child that has one."""
    listed = tuple(rows)
    parents = {row.parent for row in listed if row.max_points is not None}
    return tuple(row for row in listed if row.max_points is not None and row.code not in parents)


def heads_of(rows: Iterable[Row]) -> dict[str, str]:
    """The top-level code that each row stands under."""
    parent = {row.code: row.parent for row in rows}
    return {code: _top(code, parent) for code in parent}


def _top(code: str, parent: Mapping[str, str | None]) -> str:
    seen = {code}
    above = parent.get(code)
    while above is not None and above in parent and above not in seen:
        seen.add(above)
        code, above = above, parent[above]
    return code


def _wrong_heads(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    heads = {row.code: row.max_points for row in rows if row.parent is None}
    if heads == FIXED_HEADS:
        return []
    found = ", ".join(f"{code} ({_points(value)})" for code, value in sorted(heads.items())) or _("chưa có")
    sentence = _(
        "Bốn tiêu chí cấp một phải mang mã 1, 2, 3, 4 với điểm tối đa 40, 40, 10, 10. Bộ này đang có: %(found)s."
    )
    return [("", sentence % {"found": found})]


def _lost_rows(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    parent = {row.code: row.parent for row in rows}
    return [
        (
            row.code,
            _("Tiêu chí %(code)s không thuộc tiêu chí cấp một nào. Hãy chọn lại tiêu chí cha.") % {"code": row.code},
        )
        for row in rows
        if row.parent is not None and parent.get(_top(row.code, parent), "") is not None
    ]


def _wrong_sums(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    children: dict[str, list[Decimal]] = {}
    for row in rows:
        if row.parent is not None and row.max_points is not None:
            children.setdefault(row.parent, []).append(row.max_points)
    return [
        (row.code, sentence)
        for row in rows
        if row.code in children
        for sentence in _sum_problem(row, sum(children[row.code], Decimal(0)))
    ]


def _sum_problem(row: Row, total: Decimal) -> list[str]:
    if row.max_points is None:
        return [
            _("Tiêu chí %(code)s chưa có điểm tối đa trong khi các mục con cộng lại là %(sum)s.")
            % {"code": row.code, "sum": in_words(total)}
        ]
    if row.max_points == total:
        return []
    return [
        _("Tiêu chí %(code)s tối đa %(max)s điểm, nhưng các mục con cộng lại là %(sum)s.")
        % {"code": row.code, "max": in_words(row.max_points), "sum": in_words(total)}
    ]


def _points(value: Decimal | None) -> str:
    return _("không có điểm") if value is None else in_words(value)
