"""What a judge reads: the criteria to score by, the own list, the own sheet. Each states its queries."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Count, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet, When

from facilities.models import Representative
from products.models import Product

from .assigned import assigned_to
from .enums import Body, DocumentKind, DossierState, RoundState, SheetState
from .models import Conflict, CriteriaSet, Criterion, Dossier, DossierDocument, Round, Score, ScoreSheet, Seat
from .outline import Outline, Row, build
from .statement import STATEMENT_PARTS

# Rounds a judge still finds in the list: being scored, or closed and not yet decided.
LISTED_STATES = (RoundState.SCORING, RoundState.DELIBERATION, RoundState.PROVISIONAL, RoundState.SUBMITTED)
# From here on a dossier may be opened; before, the papers are still being checked.
OPEN_STATES = (*LISTED_STATES, RoundState.DECIDED, RoundState.ANNOUNCED, RoundState.CLOSED)
PHOTO_KINDS = (DocumentKind.PHOTO_FRONT, DocumentKind.PHOTO_SIDE, DocumentKind.PHOTO_TOP)


def jury_seat(user: Any, round_ref: Any) -> Exists:
    """Whether the person sits in the jury of that round now."""
    return Exists(Seat.objects.filter(round=round_ref, user=user, body=Body.JURY, until__isnull=True))


def standing_conflict(user: Any, dossier_ref: Any) -> ExpressionWrapper:
    """Whether the person has declared a conflict with the dossier, or speaks for its facility."""
    declared = Conflict.objects.filter(dossier=dossier_ref, user=user, withdrawn_at__isnull=True)
    own = Representative.objects.approved().filter(facility__products__dossiers=dossier_ref, user=user)
    return ExpressionWrapper(Q(Exists(declared)) | Q(Exists(own)), output_field=BooleanField())


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
    """The group's own set before the general one, then the newest version."""
    return sets.order_by("-group", "-version")


# Outlines of frozen sets, which never change: a judge's page and every save need one. Small, and few a year.
_FROZEN: dict[tuple[UUID, dt.datetime | None], Outline] = {}


def _outlines(sets: Sequence[CriteriaSet]) -> dict[int, Outline]:
    """The outline of each set by its key. One query, none when all are frozen and were read before."""
    known = {found.pk: _FROZEN[found.uuid, found.frozen_at] for found in sets if _is_known(found)}
    unread = [found for found in sets if found.pk not in known]
    if not unread:
        return known
    rows: dict[int, list[Row]] = {}
    for criterion in Criterion.objects.filter(criteria_set__in=unread).order_by("position", "pk"):
        rows.setdefault(criterion.criteria_set_id, []).append(_row(criterion))
    built = {found.pk: build(rows.get(found.pk, ())) for found in unread}
    _FROZEN.update({(found.uuid, found.frozen_at): built[found.pk] for found in unread if found.frozen_at})
    return known | built


def _is_known(found: CriteriaSet) -> bool:
    return found.frozen_at is not None and (found.uuid, found.frozen_at) in _FROZEN


def outline_for(round_id: int, group: str) -> Outline:
    """The score sheet of a group in a round. Two queries, one when the set is frozen and was read before."""
    sets = CriteriaSet.objects.filter(round=round_id, group__in=["", group])
    chosen = _preferred(sets).only("uuid", "frozen_at").first()
    return _outlines([chosen])[chosen.pk] if chosen else Outline()


class Outlines:
    """The score sheets of several rounds at once. At most two queries, whatever the number of groups."""

    def __init__(self, rounds: Iterable[Round]) -> None:
        self._sets = list(_preferred(CriteriaSet.objects.filter(round__in=list(rounds))))
        self._built = _outlines(self._sets)

    def of(self, round_id: int, group: str) -> Outline:
        for found in self._sets:
            if found.round_id == round_id and found.group in {"", group}:
                return self._built[found.pk]
        return Outline()


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
    return found.filter(standing_conflict(user, OuterRef("pk")))


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
        .order_by(Case(When(state=RoundState.SCORING, then=0), default=1), "scoring_until", "pk")
    )
    if not rounds:
        return []
    dossiers = list(
        Dossier.objects.filter(round__in=rounds, state=DossierState.ELIGIBLE)
        .annotate(is_recused=standing_conflict(user, OuterRef("pk")))
        .filter(Q(is_recused=True) | Q(assigned_to(user, OuterRef("round"), OuterRef("pk"))))
        .select_related("product__facility", "product__territory")
        .only("uuid", "round", "entry_code", "state", *(f"product__{name}" for name in _OF_A_PRODUCT))
    )
    sheets = {sheet.dossier_id: sheet for sheet in _own_sheets(user, rounds)}
    outlines = Outlines(rounds)
    return [
        Bench(found, tuple(_line(d, sheets.get(d.pk), outlines) for d in _ordered(user, dossiers, found)))
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
