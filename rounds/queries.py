"""Reads across the models of a round, each with a stated number of queries.

What speaks of one dossier being taken in (papers, conditions, earlier papers) lives in `intake_queries`.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from products.enums import ProductGroup
from products.models import Recognition

from .admitted import admitted
from .criteria import Row
from .enums import Body, CriteriaState, DossierState, RoundState, VerdictChoice
from .intake_queries import EarlierPaper, book_for, checklist, earlier_papers, eligibility, lower_certificate, papers_of
from .models import (
    CouncilRule,
    CriteriaSet,
    Criterion,
    Dossier,
    EligibilityAnswer,
    Round,
    RoundSeal,
    Seat,
)
from .score_board import BoardRow, board, open_points
from .sheet_states import sheet_states
from .states import DECIDED

__all__ = [
    "BoardRow",
    "EarlierPaper",
    "board",
    "book_for",
    "checklist",
    "earlier_papers",
    "eligibility",
    "lower_certificate",
    "open_points",
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
    """The version in force per group: the newest approved ("" holds for groups without their own). Two queries."""
    found: dict[str, CriteriaSet] = {}
    rows = Criterion.objects.select_related("parent")
    approved = round_.criteria_sets.filter(state=CriteriaState.APPROVED).order_by("version")
    for one in approved.prefetch_related(Prefetch("criteria", queryset=rows)):
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


def seal_of(round_: Round) -> RoundSeal | None:
    """The seal in force; none while the round was never closed, or scores again. One query."""
    return RoundSeal.objects.filter(round=round_, reopened_at__isnull=True).first()


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

    Entries gathered into a set stay entries, the set that was made of them is none. Gathered before scoring it is
    the set that is eligible; gathered after the seal its parts were, each by itself.
    """
    entered = ~Q(state__in=[DossierState.DRAFT, DossierState.WITHDRAWN]) & Q(is_gathered_set=False)
    recognised = Q(recognition__isnull=False, recognition__published_at__isnull=False)
    counted = {
        row["product__group"]: row
        for row in round_.dossiers.values("product__group").annotate(
            dossiers=Count("pk", filter=entered),
            eligible=Count("pk", filter=admitted()),
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


def numbers_told_elsewhere(round_: Round) -> tuple[list[GroupNumbers], dt.date | None]:
    """The same of a round whose dossiers are kept in another portal, and the day of its open data. One query."""
    rows = {row.group: row for row in round_.counts.all()}
    told = [
        GroupNumbers(group, str(ProductGroup(group).label), row.dossiers, row.eligible, row.singles or 0, row.sets or 0)
        for group in ProductGroup
        if (row := rows.get(group)) and row.dossiers
    ]
    return told, rows[""].on if rows else None


def recognised_by_decision(round_: Round) -> QuerySet[Recognition]:
    """What the round's decision recognised, by group and name, where its dossiers are kept in another portal. One query."""
    found = Recognition.objects.published().filter(decision=round_.decision_id, level=round_.level)
    return found.select_related("product__facility").order_by("product__group", "product__sort_key", "pk")


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
        round_.dossiers.filter(recognition__published_at__isnull=False, recognition__withheld_at__isnull=True)
        .select_related("product__facility", "recognition")
        .order_by("product__group", "product__sort_key", "pk")
    )


def shows_provisional(round_: Round) -> bool:
    """Whether the provisional list stands on the public page now."""
    return round_.publish_provisional and round_.state in (RoundState.PROVISIONAL, RoundState.SUBMITTED)


def shows_recognised(round_: Round) -> bool:
    return round_.state in DECIDED and round_.announced_at is not None
