"""One dossier of the score board: its sheets side by side, as far as the reader may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.text.formats import points

from . import tally
from .counting import rules_for, sheets_of
from .enums import ScoringPass, SheetState
from .judge_queries import outline_for
from .models import Round, Score, ScoreSheet
from .outline import Node
from .score_board import BoardRow
from .sheet_states import NOT_OPENED, RECUSED

Given = dict[int, dict[int, tuple[Decimal | None, str]]]  # sheet → criterion → points and note


@dataclass(frozen=True)
class Judged:
    """One judge's sheet of one pass."""

    name: str
    state: str
    words: str
    total: str = ""
    difference: str = ""  # own total minus the mean of the others
    severity: str = ""
    remark: str = ""
    dropped: bool = False


@dataclass(frozen=True)
class Line:
    """One criterion: what each judge gave, in the order of the judges, and the mean."""

    code: str
    name: str
    maximum: str
    is_head: bool
    mean: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """One pass."""

    words: str
    weight: int
    judges: tuple[Judged, ...]
    lines: tuple[Line, ...]

    @property
    def scored(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judges if one.total)


def signed(value: Fraction | Decimal | None) -> str:
    """ "+1,25", "−0,5", "0"; nothing for nothing."""
    if value is None:
        return ""
    shown = tally.shown(Fraction(value))
    sign = "+" if shown > 0 else "−" if shown < 0 else ""
    return f"{sign}{points(abs(shown))}"


@dataclass(frozen=True)
class _Page:
    """What all the tables of a dossier are made from. Without an outcome the points stay hidden."""

    round: Round
    row: BoardRow
    names: Mapping[int, str]
    given: Given
    outcome: tally.Outcome | None
    severities: Mapping[int, tally.Severity]


@dataclass(frozen=True)
class _Pass:
    """The sheets of one pass that are shown with their points, by judge, and which of them are counted."""

    shown: Mapping[int, ScoreSheet]
    kept: frozenset[object] | None  # None: the pass is for reference only

    def counts(self, sheet: ScoreSheet) -> bool:
        return self.kept is None or sheet.uuid in self.kept


def tables(
    round_: Round, row: BoardRow, *, is_open: bool, severities: Mapping[int, tally.Severity]
) -> tuple[Table, ...]:
    """A table for each pass of the round; points only when they are open. Eight queries at most."""
    sheets = ScoreSheet.objects.filter(dossier=row.dossier).select_related("judge").order_by("pk")
    by_pass: dict[str, dict[int, ScoreSheet]] = {one: {} for one in row.states}
    for sheet in sheets:
        by_pass.get(sheet.scoring_pass, {})[sheet.judge_id] = sheet
    page = _Page(
        round=round_,
        row=row,
        names=_names(row),
        given=_given(row) if is_open else {},
        outcome=_outcome(round_, row) if is_open else None,
        severities=severities,
    )
    return tuple(_table(page, scoring_pass, found) for scoring_pass, found in by_pass.items())


def _names(row: BoardRow) -> dict[int, str]:
    judges = {judge for states in row.states.values() for judge in states}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=judges)}


def _given(row: BoardRow) -> Given:
    found: Given = {}
    rows = Score.objects.filter(sheet__dossier=row.dossier, sheet__state=SheetState.SUBMITTED)
    for sheet, criterion, value, note in rows.values_list("sheet_id", "criterion_id", "points", "note"):
        found.setdefault(sheet, {})[criterion] = (value, note)
    return found


def _outcome(round_: Round, row: BoardRow) -> tally.Outcome:
    sheets = sheets_of([row.dossier.pk])[row.dossier.pk]
    return tally.count(tally.Entry(row.outcome.code, row.outcome.group, sheets), rules_for(round_))


def _table(page: _Page, scoring_pass: str, sheets: Mapping[int, ScoreSheet]) -> Table:
    states = page.row.states[scoring_pass]
    ordered = sorted(states, key=lambda judge: page.names[judge])
    handed_in = [judge for judge in ordered if states[judge] == SheetState.SUBMITTED]
    of_pass = [one for one in page.outcome.passes if one.scoring_pass == scoring_pass] if page.outcome else []
    kept = frozenset(sheet.key for one in of_pass for sheet in one.kept) if of_pass else None
    beside = _Pass({judge: sheets[judge] for judge in handed_in if page.outcome}, kept)
    return Table(
        words=str(ScoringPass(scoring_pass).label),
        weight=dict(rules_for(page.round).weights).get(scoring_pass, 0),
        judges=tuple(_judged(page, judge, states[judge], sheets.get(judge), beside) for judge in ordered),
        lines=_lines(page, beside) if beside.shown else (),
    )


def _judged(page: _Page, judge: int, state: str, sheet: ScoreSheet | None, beside: _Pass) -> Judged:
    name, words = page.names[judge], state_words(state)
    if sheet is None or judge not in beside.shown:
        reason = sheet.cannot_assess_reason if sheet and state == SheetState.CANNOT_ASSESS else ""
        return Judged(name, state, words, remark=reason)
    own = sheet.total or Decimal(0)
    others = [one.total or Decimal(0) for who, one in beside.shown.items() if who != judge]
    severity = page.severities.get(judge)
    return Judged(
        name=name,
        state=state,
        words=words,
        total=points(own),
        difference=signed(Fraction(own) - Fraction(sum(others)) / len(others)) if others else "",
        severity=signed(severity.difference) if severity else "",
        remark=sheet.remark,
        dropped=not beside.counts(sheet),
    )


def state_words(state: str) -> str:
    """What the board calls a judge's state."""
    if state == NOT_OPENED:
        return _("Chưa mở")
    if state == RECUSED:
        return _("Từ chối chấm")
    return str(SheetState(state).label)


def _lines(page: _Page, beside: _Pass) -> tuple[Line, ...]:
    """Heads with the sums below them, then their inputs; means are over the sheets that this pass counts."""
    outline = outline_for(page.round.pk, page.row.outcome.group)
    nodes = [(head, node) for head in outline.heads for node in (head, *(one for one in head.walk() if one.is_input))]
    return tuple(_line(node, node is head, page.given, beside) for head, node in nodes)


def _line(node: Node, is_head: bool, given: Given, beside: _Pass) -> Line:
    cells, counted = [], []
    for sheet in beside.shown.values():
        mine = given.get(sheet.pk, {})
        scored = {pk: value for pk, (value, _note) in mine.items() if value is not None}
        is_scored = any(one.pk in scored for one in node.inputs)
        cells.append((points(node.total(scored)) if is_scored else "", mine.get(node.row.pk, (None, ""))[1]))
        if is_scored and beside.counts(sheet):
            counted.append(node.total(scored))
    mean = points(tally.shown(Fraction(sum(counted)) / len(counted))) if counted else ""
    return Line(node.row.code, node.row.name, points(node.maximum), is_head, mean, tuple(cells))
