"""A judge's own scores side by side, before handing in: totals per head by group. Nobody else's figures come near."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from portal.text.inputs import key_of
from products.enums import ProductGroup

from .enums import ScoringPass, SheetState
from .judge_order import booth_key
from .judge_queries import Outlines, judged_dossiers
from .models import Round, Score, ScoreSheet
from .outline import Outline

TOTAL, CODE = "tong", "ma"
SHOWN = (SheetState.DRAFT, SheetState.ENTERED, SheetState.SUBMITTED)


@dataclass(frozen=True)
class Head:
    """One top criterion as a column."""

    code: str
    name: str
    maximum: Decimal


class Cell(NamedTuple):
    """The own points under one head; `scored` is false while nothing of it is."""

    points: Decimal
    missing: int
    scored: bool


class Row(NamedTuple):
    """One dossier with the own sheet."""

    uuid: UUID
    code: str
    name: str
    state: str
    cells: tuple[Cell, ...]
    total: Decimal
    missing: int


@dataclass(frozen=True)
class Group:
    """The dossiers of one group that the judge has begun."""

    name: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    untouched: int

    @property
    def whole(self) -> tuple[Row, ...]:
        """Sheets with every box scored: only these compare."""
        return tuple(row for row in self.rows if not row.missing)

    @property
    def means(self) -> tuple[Decimal, ...]:
        """The judge's own mean per head and in all, over whole sheets; for reading, not for deciding."""
        whole = self.whole
        if not whole:
            return ()
        columns = [[row.cells[at].points for row in whole] for at in range(len(self.heads))]
        return tuple(_mean(column) for column in (*columns, [row.total for row in whole]))


def _mean(values: list[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.1"))


def groups_of(user: Any, round_: Round, scoring_pass: str = ScoringPass.DOSSIER, sort: str = "") -> list[Group]:
    """The judge's begun sheets of one pass by group. Four queries, one more for criteria not read before."""
    dossiers = judged_dossiers(user).filter(round=round_).order_by()
    rows = list(dossiers.values_list("pk", "uuid", "entry_code", "product__name", "product__group"))
    sheets = ScoreSheet.objects.filter(judge=user, dossier__round=round_, scoring_pass=scoring_pass, state__in=SHOWN)
    own = {dossier: (pk, state) for dossier, pk, state in sheets.values_list("dossier_id", "pk", "state")}
    points = _points(sheets)
    outlines = Outlines([round_])
    found = []
    for code, label in ProductGroup.choices:
        outline = outlines.of(round_.pk, code)
        entered = [row for row in rows if row[4] == code]
        if entered:
            lines = [_row(row, own[row[0]], points, outline) for row in entered if row[0] in own]
            begun = sorted((line for line in lines if _begun(line)), key=lambda line: _key(line, sort))
            found.append(Group(str(label), _heads(outline), tuple(begun), len(entered) - len(begun)))
    return found


def _points(sheets: Any) -> dict[int, dict[int, Decimal]]:
    found: dict[int, dict[int, Decimal]] = {}
    given = Score.objects.filter(sheet__in=sheets, points__isnull=False).order_by()
    rows: Any = given.values_list("sheet_id", "criterion_id", "points")
    for sheet, criterion, points in rows:
        found.setdefault(sheet, {})[criterion] = points
    return found


def _heads(outline: Outline) -> tuple[Head, ...]:
    return tuple(Head(head.row.code, head.row.name, head.maximum) for head in outline.heads if head.inputs)


def _row(row: Any, own: tuple[int, str], points: dict[int, dict[int, Decimal]], outline: Outline) -> Row:
    _pk, uuid, code, name, _group = row
    given = points.get(own[0], {})
    cells = tuple(_cell(head, given) for head in outline.heads if head.inputs)
    return Row(uuid, code, name, own[1], cells, outline.total(given), len(outline.missing(given)))


def _cell(head: Any, given: dict[int, Decimal]) -> Cell:
    missing = len(head.missing(given))
    return Cell(head.total(given), missing, scored=missing < len(head.inputs))


def _begun(row: Row) -> bool:
    return row.state != SheetState.DRAFT or any(cell.scored for cell in row.cells)


def _key(row: Row, sort: str) -> tuple[Any, ...]:
    """High points first, sheets still missing something after whole ones, equal ones by code."""
    by_code = booth_key(row.code)
    if sort == CODE:
        return (by_code,)
    column = key_of(sort)
    if not column or column > len(row.cells):
        return (row.missing > 0, -row.total, by_code)
    cell = row.cells[column - 1]
    return (cell.missing > 0, -cell.points, by_code)


def known_sort(asked: str, groups: Iterable[Group]) -> str:
    """The order asked for, or by total where it is none."""
    heads = {str(at) for group in groups for at in range(1, len(group.heads) + 1)}
    return asked if asked in {CODE, *heads} else TOTAL
