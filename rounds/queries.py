"""Reads across the models of a round, each with a stated number of queries.

What speaks of one dossier being taken in (papers, conditions, earlier papers) lives in `intake_queries`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from products.enums import ProductGroup

from . import tally
from .assigned import judges_of
from .criteria import Row, heads_of
from .enums import Body, DossierState, RoundState, SheetState, VerdictChoice
from .intake_queries import EarlierPaper, book_for, checklist, earlier_papers, eligibility, lower_certificate, papers_of
from .models import (
    CouncilRule,
    CriteriaSet,
    Criterion,
    Dossier,
    EligibilityAnswer,
    Result,
    Round,
    Score,
    ScoreSheet,
    Seat,
    Verdict,
)
from .sheet_states import sheet_states
from .standing import standing_pairs
from .states import BEFORE_SEAL, DECIDED

__all__ = [
    "EarlierPaper",
    "book_for",
    "checklist",
    "earlier_papers",
    "eligibility",
    "lower_certificate",
    "papers_of",
    "sheet_states",
]


def council_rule(level: str, on: dt.date) -> CouncilRule | None:
    """The rule on bodies in force on a day. One query."""
    rules = CouncilRule.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), level=level, valid_from__lte=on)
    return rules.order_by("-valid_from").first()


def active_seats(round_: Round, body: Body | None = None) -> QuerySet[Seat]:
    """People seated now. One query when read."""
    seats = Seat.objects.filter(round=round_, until__isnull=True).select_related("user")
    return seats.filter(body=body) if body else seats


def criteria_sets(round_: Round) -> dict[str, CriteriaSet]:
    """The newest version per group ("" holds for every group without its own). Two queries."""
    found: dict[str, CriteriaSet] = {}
    rows = Criterion.objects.select_related("parent")
    for one in round_.criteria_sets.order_by("version").prefetch_related(Prefetch("criteria", queryset=rows)):
        found[one.group] = one
    return found


def criteria_set_of(round_: Round, group: str) -> CriteriaSet | None:
    """The set that dossiers of a group are scored by. Two queries."""
    found = criteria_sets(round_)
    return found.get(group) or found.get("")


def as_rows(criteria_set: CriteriaSet) -> tuple[Row, ...]:
    """The set's criteria as plain values. No query when prefetched with their parents, else one."""
    rows = criteria_set.criteria.all()
    code = {row.pk: row.code for row in rows}
    return tuple(Row(row.code, code.get(row.parent_id) if row.parent_id else None, row.max_points) for row in rows)


def desk_dossiers(user: Any) -> QuerySet[Dossier]:
    """What lists and pages of the desk show of a dossier. Five queries, however many rows."""
    return (
        Dossier.objects.visible_to(user)
        .select_related("round__territory", "product__facility__territory", "product__territory", "result", "verdict")
        .prefetch_related("documents__file", "product__recognitions", "product__members__product")
        .prefetch_related(Prefetch("answers", EligibilityAnswer.objects.select_related("rule", "answered_by")))
    )


@dataclass(frozen=True)
class BoardRow:
    """One dossier on the score board. Points are None while the reader may not see them."""

    dossier: Dossier
    submitted: int
    due: int
    waiting: int
    cannot_assess: int
    conflicts: int
    outcome: tally.Outcome
    mean: Decimal | None
    verdict: Verdict | None

    @property
    def passed(self) -> bool:
        return self.outcome.passed

    @property
    def rank(self) -> int | None:
        return self.outcome.rank

    @property
    def quorate(self) -> bool:
        return self.outcome.quorate


def board(round_: Round, dossiers: Iterable[Dossier] | None = None) -> list[BoardRow]:
    """The score board: sheets in and due, mean, rank within the group, verdict; by group and rank.

    Before the seal it is counted live, afterwards it is what was sealed. Nine queries at most, however
    many dossiers; `dossiers` narrows it to what the reader may see, ranks stay those of the whole group.
    """
    rows = list(
        round_.dossiers.filter(state=DossierState.ELIGIBLE)
        .select_related("product__facility", "result", "verdict")
        .order_by("entry_code")
    )
    outcomes = _sealed(rows) if round_.state not in BEFORE_SEAL else _live(round_, rows)
    hands = _hands(round_)
    shown = {dossier.pk for dossier in dossiers} if dossiers is not None else {dossier.pk for dossier in rows}
    by_code = {dossier.entry_code: dossier for dossier in rows}
    return [
        _board_row(by_code[outcome.code], outcome, hands[by_code[outcome.code].pk], round_.threshold)
        for outcome in outcomes
        if by_code[outcome.code].pk in shown
    ]


@dataclass(frozen=True)
class _Hands:
    """Whose sheets of one dossier are where: sets of judges."""

    due: frozenset[int]
    recused: frozenset[int]
    by_state: dict[str, frozenset[int]]

    def of(self, *states: str) -> frozenset[int]:
        return frozenset().union(*(self.by_state.get(state, frozenset()) for state in states))


def _board_row(dossier: Dossier, outcome: tally.Outcome, hands: _Hands, threshold: Decimal) -> BoardRow:
    done = hands.of(SheetState.SUBMITTED, SheetState.CANNOT_ASSESS)
    return BoardRow(
        dossier=dossier,
        submitted=len(hands.of(SheetState.SUBMITTED)),
        due=len(hands.due | hands.of(SheetState.SUBMITTED)),
        waiting=len(hands.due - done),
        cannot_assess=len(hands.of(SheetState.CANNOT_ASSESS)),
        conflicts=len(hands.recused),
        outcome=outcome,
        mean=tally.shown_mean(points=outcome.points, sheets=outcome.sheets, threshold=threshold),
        verdict=getattr(dossier, "verdict", None),
    )


def _hands(round_: Round) -> dict[int, _Hands]:
    """Per admitted dossier: judges who owe a sheet (seated and assigned, no conflict, not the facility's own people, not voided) and the sheets there are."""
    owed = judges_of(round_)
    judges = active_seats(round_, Body.JURY).order_by().values("user_id")
    recused = standing_pairs(round_, judges)
    states: dict[int, dict[str, frozenset[int]]] = {}
    sheets = ScoreSheet.objects.filter(dossier__round=round_).values_list("dossier_id", "judge_id", "state")
    for dossier_id, judge_id, state in sheets:
        mine = states.setdefault(dossier_id, {})
        mine[state] = mine.get(state, frozenset()) | {judge_id}
    return {
        pk: _Hands(
            due=owed[pk] - recused.get(pk, frozenset()) - states.get(pk, {}).get(SheetState.VOIDED, frozenset()),
            recused=recused.get(pk, frozenset()),
            by_state=states.get(pk, {}),
        )
        for pk in owed
    }


def _sealed(dossiers: list[Dossier]) -> list[tally.Outcome]:
    outcomes = []
    for dossier in dossiers:
        result: Result | None = getattr(dossier, "result", None)
        outcomes.append(
            tally.Outcome(
                code=dossier.entry_code,
                group=dossier.product.group,
                sheets=result.sheets if result else 0,
                points=result.points if result else Decimal(0),
                heads=(),
                quorate=result is not None and result.rank is not None,
                passed=result is not None and result.passed,
                rank=result.rank if result else None,
            )
        )
    return sorted(outcomes, key=lambda o: (_group_place(o.group), o.rank is None, o.rank or 0, o.code))


def _live(round_: Round, dossiers: list[Dossier]) -> list[tally.Outcome]:
    sheets = sheets_by_dossier(round_)
    entries = [tally.Entry(d.entry_code, d.product.group, sheets.get(d.pk, ())) for d in dossiers]
    outcomes = tally.tally(entries, threshold=round_.threshold, quorum=round_.quorum)
    return sorted(outcomes, key=lambda o: _group_place(o.group))


def _group_place(group: str) -> int:
    return list(ProductGroup).index(ProductGroup(group))


def sheets_by_dossier(round_: Round) -> dict[int, tuple[tally.Sheet, ...]]:
    """The sheets of a round as the tally reads them. Two queries, and two for the criteria."""
    head: dict[int, str] = {}
    for criteria_set in round_.criteria_sets.prefetch_related("criteria"):
        tops = heads_of(as_rows(criteria_set))
        head |= {row.pk: tops[row.code] for row in criteria_set.criteria.all()}
    sums: dict[int, dict[str, Decimal]] = {}
    scores = Score.objects.filter(sheet__dossier__round=round_, points__isnull=False)
    for sheet_id, criterion_id, points in scores.values_list("sheet_id", "criterion_id", "points"):
        mine = sums.setdefault(sheet_id, {})
        top = head.get(criterion_id, "")
        mine[top] = mine.get(top, Decimal(0)) + (points or Decimal(0))
    found: dict[int, tuple[tally.Sheet, ...]] = {}
    for sheet in ScoreSheet.objects.filter(dossier__round=round_).order_by("pk"):
        one = tally.Sheet(sheet.state, sums.get(sheet.pk, {}))
        found[sheet.dossier_id] = (*found.get(sheet.dossier_id, ()), one)
    return found


@dataclass(frozen=True)
class GroupNumbers:
    """What the public may know of one group of a round."""

    group: str
    label: str
    dossiers: int
    eligible: int
    recognised_singles: int
    recognised_sets: int


def group_numbers(round_: Round) -> list[GroupNumbers]:
    """Dossiers, eligible, recognised singles and sets per group. One query; never a score.

    Entries gathered into a set stay entries, the set that was made of them is none; it is the set that is eligible.
    """
    entered = ~Q(state__in=[DossierState.DRAFT, DossierState.WITHDRAWN]) & Q(is_gathered_set=False)
    recognised = Q(recognition__isnull=False, recognition__published_at__isnull=False)
    counted = {
        row["product__group"]: row
        for row in round_.dossiers.values("product__group").annotate(
            dossiers=Count("pk", filter=entered),
            eligible=Count("pk", filter=Q(state=DossierState.ELIGIBLE)),
            singles=Count("pk", filter=recognised & Q(product__is_set=False)),
            sets=Count("pk", filter=recognised & Q(product__is_set=True)),
        )
    }
    return [
        GroupNumbers(
            group, str(ProductGroup(group).label), row["dossiers"], row["eligible"], row["singles"], row["sets"]
        )
        for group in ProductGroup
        if (row := counted.get(group)) and row["dossiers"]
    ]


def provisional_list(round_: Round) -> QuerySet[Dossier]:
    """Dossiers the council proposes, by group and name, without any score. One query."""
    return (
        round_.dossiers.filter(state=DossierState.ELIGIBLE, verdict__choice=VerdictChoice.RECOGNISE)
        .select_related("product__facility")
        .order_by("product__group", "product__sort_key", "pk")
    )


def recognised_list(round_: Round) -> QuerySet[Dossier]:
    """Dossiers whose recognition is published, by group and name. One query."""
    return (
        round_.dossiers.filter(recognition__published_at__isnull=False)
        .select_related("product__facility", "recognition")
        .order_by("product__group", "product__sort_key", "pk")
    )


def shows_provisional(round_: Round) -> bool:
    """Whether the provisional list stands on the public page now."""
    return round_.publish_provisional and round_.state in (RoundState.PROVISIONAL, RoundState.SUBMITTED)


def shows_recognised(round_: Round) -> bool:
    return round_.state in DECIDED and round_.announced_at is not None
