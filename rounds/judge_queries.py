"""What a judge reads: the criteria to score by, the own list, the own sheet. Each states its queries."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from products.models import Product

from .assigned import assigned_to
from .declared import has_declared
from .enums import Body, CriteriaState, DocumentKind, DossierState, RoundState, SheetState
from .models import CriteriaSet, Criterion, Dossier, DossierDocument, Round, Score, ScoreSheet, Seat
from .outline import Outline, Row, build
from .standing import standing_conflict
from .statement import STATEMENT_PARTS

# Rounds a judge still finds in the list: being scored, or closed and not yet decided.
LISTED_STATES = (RoundState.SCORING, RoundState.DELIBERATION, RoundState.PROVISIONAL, RoundState.SUBMITTED)
# From here on a dossier may be opened; before, the papers are still being checked.
OPEN_STATES = (*LISTED_STATES, RoundState.DECIDED, RoundState.ANNOUNCED, RoundState.CLOSED)
PHOTO_KINDS = (DocumentKind.PHOTO_FRONT, DocumentKind.PHOTO_SIDE, DocumentKind.PHOTO_TOP)


def jury_seat(user: Any, round_ref: Any) -> Exists:
    """Whether the person sits in the jury of that round now."""
    return Exists(Seat.objects.filter(round=round_ref, user=user, body=Body.JURY, until__isnull=True))


def _row(criterion: Criterion) -> Row:
    return Row(
        pk=criterion.pk,
        parent=criterion.parent_id,
        code=criterion.code,
        name=criterion.name,
        maximum=criterion.max_points,
        guidance=criterion.guidance,
    )


def _preferred(sets: "QuerySet[CriteriaSet]") -> "QuerySet[CriteriaSet]":
    """Approved ones only; the group's own set before the general one, then the newest version."""
    return sets.filter(state=CriteriaState.APPROVED).order_by("-group", "-version")


def criteria_in_force(round_ref: Any, group_ref: Any) -> Subquery:
    """The name (uuid) of the set that a group of a round is scored by. Both may be `OuterRef`s."""
    sets = CriteriaSet.objects.filter(Q(group="") | Q(group=group_ref), round=round_ref)
    return Subquery(_preferred(sets).values("uuid")[:1])


# Outlines of frozen sets, which never change: a judge's page and every save need one. Small, and few a year.
_FROZEN: dict[UUID, Outline] = {}


def outline_named(uuid: UUID | None) -> Outline:
    """The outline of a set. One query, none when the set is frozen and was read before."""
    if uuid is None:
        return Outline()
    if uuid in _FROZEN:
        return _FROZEN[uuid]
    criteria = list(Criterion.objects.filter(criteria_set__uuid=uuid).select_related("criteria_set"))
    outline = build(_row(criterion) for criterion in criteria)
    if criteria and criteria[0].criteria_set.frozen_at:
        _FROZEN[uuid] = outline
    return outline


def outline_for(round_id: int, group: str) -> Outline:
    """The score sheet of a group in a round. Two queries, one when the set is frozen and was read before."""
    sets = CriteriaSet.objects.filter(round=round_id, group__in=["", group])
    return outline_named(_preferred(sets).values_list("uuid", flat=True).first())


class Outlines:
    """The score sheets of several rounds at once. At most a query for each set not read before, and one more."""

    def __init__(self, rounds: Iterable[Round]) -> None:
        sets = _preferred(CriteriaSet.objects.filter(round__in=list(rounds)))
        self._found: dict[tuple[int | None, str], UUID] = {}
        for round_id, group, uuid in sets.values_list("round_id", "group", "uuid"):
            self._found.setdefault((round_id, group), uuid)

    def of(self, round_id: int, group: str) -> Outline:
        return outline_named(self._found.get((round_id, group)) or self._found.get((round_id, "")))


def stored_scores(sheet: ScoreSheet | None) -> dict[int, Score]:
    """The scores of a sheet by criterion. One query, none without a sheet."""
    return {score.criterion_id: score for score in sheet.scores.all()} if sheet else {}


def points_of(scores: dict[int, Score]) -> dict[int, Decimal]:
    """Only what has been scored; an empty box is absent."""
    return {pk: score.points for pk, score in scores.items() if score.points is not None}


def judged_dossiers(user: Any) -> "QuerySet[Dossier]":
    """Dossiers the person may open as a judge now; the one door of every judge page."""
    return Dossier.objects.for_judge(user).filter(round__state__in=OPEN_STATES)


# What the judges' pages show of a product; the list of every dossier needs no more, and stories are long.
_OF_A_PRODUCT = ("uuid", "name", "group", "is_set", "facility__name", "territory__name")
_OF_A_ROUND = (
    "name",
    "level",
    "year",
    "ordinal",
    "region",
    "locality",
    "state",
    "scoring_until",
    "score_step",
    "is_illustrative",
    "territory__name",
)


def shown_to_judges(dossiers: "QuerySet[Dossier]") -> "QuerySet[Dossier]":
    """With what a judge's page shows of each, and not the rest. Two queries.

    The product comes by a query of its own: PostgreSQL plans two small joins in a tenth of the time that it
    needs for one of eight tables.
    """
    of_round = [f"round__{name}" for name in _OF_A_ROUND]
    products = Product.objects.select_related("facility", "territory").only(*_OF_A_PRODUCT)
    found = dossiers.select_related("round__territory").prefetch_related(Prefetch("product", products))
    return found.only("uuid", "product", "entry_code", "state", "version", "statement", *STATEMENT_PARTS, *of_round)


def recused_dossiers(user: Any) -> "QuerySet[Dossier]":
    """Dossiers of the person's rounds that a declared conflict of interest keeps shut."""
    seats = Seat.objects.filter(user=user, body=Body.JURY, until__isnull=True).values("round_id")
    found = Dossier.objects.filter(round__in=seats, state=DossierState.ELIGIBLE, round__state__in=OPEN_STATES)
    return found.filter(standing_conflict(user, OuterRef("pk"), OuterRef("product__facility")))


def undeclared_round(user: Any, dossier_uuid: Any) -> Round | None:
    """The round of a dossier whose declaration the judge has still to sign; None when there is no such. One query."""
    found = Dossier.objects.filter(
        jury_seat(user, OuterRef("round")),
        ~has_declared(user, OuterRef("round")),
        uuid=dossier_uuid,
        state=DossierState.ELIGIBLE,
        round__state__in=OPEN_STATES,
    )
    dossier = found.select_related("round").only("round__uuid").first()
    return dossier.round if dossier else None


def own_order(judge_uuid: object, dossier_uuid: object) -> str:
    """Where a dossier stands in a judge's list: the same every day, another for every judge."""
    return hashlib.sha256(f"{judge_uuid}{dossier_uuid}".encode()).hexdigest()


@dataclass(frozen=True)
class Line:
    """One dossier in a judge's list."""

    dossier: Dossier
    sheet: ScoreSheet | None
    recused: bool
    scored: int
    due: int

    @property
    def missing(self) -> int:
        return max(0, self.due - self.scored)

    @property
    def state(self) -> str:
        """recused, todo, started, submitted, cannot_assess or voided."""
        if self.recused:
            return "recused"
        if self.sheet is None or (self.sheet.state == SheetState.DRAFT and self.sheet.saved_at is None):
            return "todo"
        return "started" if self.sheet.state == SheetState.DRAFT else self.sheet.state

    @property
    def done(self) -> bool:
        return self.state in {SheetState.SUBMITTED, SheetState.CANNOT_ASSESS}

    @property
    def counts(self) -> bool:
        """Recused and voided sheets leave the denominator."""
        return self.state not in {"recused", SheetState.VOIDED}


@dataclass(frozen=True)
class Bench:
    """A round as one judge has it."""

    round: Round
    lines: tuple[Line, ...]
    declared: bool = True

    def _in(self, *states: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.state in states)

    @property
    def started(self) -> tuple[Line, ...]:
        return self._in("started")

    @property
    def todo(self) -> tuple[Line, ...]:
        return self._in("todo")

    @property
    def handed_in(self) -> tuple[Line, ...]:
        return self._in(SheetState.SUBMITTED, SheetState.CANNOT_ASSESS)

    @property
    def recused(self) -> tuple[Line, ...]:
        return self._in("recused", SheetState.VOIDED)

    @property
    def due(self) -> int:
        return sum(line.counts for line in self.lines)

    @property
    def segments(self) -> tuple[Line, ...]:
        """Handed in first, then started, then the rest: one segment per sheet due."""
        return (*self.handed_in, *self.started, *self.todo)


def benches(user: Any) -> list[Bench]:
    """Every round the person judges with its dossiers in the person's own order; rounds being scored come first.

    Five queries for any number of dossiers: rounds, dossiers, sheets, criteria sets, criteria not read before.
    """
    seated = jury_seat(user, OuterRef("pk"))
    rounds = list(
        Round.objects.filter(seated, state__in=LISTED_STATES)
        .select_related("territory")
        .annotate(is_declared=has_declared(user, OuterRef("pk")))
        .order_by(Case(When(state=RoundState.SCORING, then=0), default=1), "scoring_until", "pk")
    )
    if not rounds:
        return []
    dossiers = list(
        Dossier.objects.filter(round__in=[found for found in rounds if found.is_declared], state=DossierState.ELIGIBLE)
        .annotate(is_recused=standing_conflict(user, OuterRef("pk"), OuterRef("product__facility")))
        .filter(Q(is_recused=True) | Q(assigned_to(user, OuterRef("round"), OuterRef("pk"))))
        .select_related("product__facility", "product__territory")
        .only("uuid", "round", "entry_code", "state", *(f"product__{name}" for name in _OF_A_PRODUCT))
    )
    sheets = {sheet.dossier_id: sheet for sheet in _own_sheets(user, rounds)}
    outlines = Outlines(rounds)
    return [
        Bench(
            found,
            tuple(_line(d, sheets.get(d.pk), outlines) for d in _ordered(user, dossiers, found)),
            declared=found.is_declared,
        )
        for found in rounds
    ]


def _own_sheets(user: Any, rounds: list[Round]) -> "QuerySet[ScoreSheet]":
    scored = Count("scores", filter=Q(scores__points__isnull=False))
    return ScoreSheet.objects.filter(judge=user, dossier__round__in=rounds).annotate(scored_count=scored)


def _ordered(user: Any, dossiers: Sequence[Dossier], found: Round) -> list[Dossier]:
    own = [dossier for dossier in dossiers if dossier.round_id == found.pk]
    return sorted(own, key=lambda dossier: own_order(user.uuid, dossier.uuid))


def _line(dossier: Any, sheet: Any, outlines: Outlines) -> Line:
    return Line(
        dossier=dossier,
        sheet=sheet,
        recused=dossier.is_recused,
        scored=sheet.scored_count if sheet else 0,
        due=len(outlines.of(dossier.round_id, dossier.product.group).inputs),
    )


@dataclass(frozen=True)
class Neighbours:
    """Where an open dossier stands among the judge's own: "6 trên 9"."""

    place: int
    of: int
    previous: object | None
    next: object | None


def neighbours(user: Any, dossier: Dossier) -> Neighbours:
    """The dossiers before and after in the judge's order. One query."""
    uuids = judged_dossiers(user).filter(round=dossier.round_id).values_list("uuid", flat=True)
    order = sorted(uuids, key=lambda found: own_order(user.uuid, found))
    place = order.index(dossier.uuid)
    return Neighbours(
        place=place + 1,
        of=len(order),
        previous=order[place - 1] if place else None,
        next=order[place + 1] if place + 1 < len(order) else None,
    )


@dataclass(frozen=True)
class Papers:
    """The papers of a dossier as a judge reads them."""

    photos: tuple[DossierDocument, ...]
    others: tuple[DossierDocument, ...]


def papers(dossier: Dossier) -> Papers:
    """Photos that are pictures, and all other papers. One query."""
    documents = list(DossierDocument.objects.filter(dossier=dossier).select_related("file"))
    photos = [d for kind in PHOTO_KINDS for d in documents if d.kind == kind and d.file and d.file.is_image]
    return Papers(tuple(photos), tuple(d for d in documents if d not in photos))


def scoring_closed(round_: Round, now: dt.datetime) -> bool:
    return not round_.scoring_open(now)
