"""What a judge reads: the criteria to score by, the own list, the own sheet. Each states its queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from products.models import Product
from products.ready import Ready

from . import judge_order
from .declared import has_declared
from .enums import Body, CriteriaState, DocumentKind, DossierState, RoundState
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
        self._built: dict[UUID | None, Outline] = {}  # also of sets that are not frozen yet
        for round_id, group, uuid in sets.values_list("round_id", "group", "uuid"):
            self._found.setdefault((round_id, group), uuid)

    def of(self, round_id: int, group: str) -> Outline:
        uuid = self._found.get((round_id, group)) or self._found.get((round_id, ""))
        if uuid not in self._built:
            self._built[uuid] = outline_named(uuid)
        return self._built[uuid]


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
    "has_site_pass",
    "site_weight",
    "site_scoring_from",
    "site_scoring_until",
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


class Mine(NamedTuple):
    """One of the judge's own dossiers, as far as its place among them needs."""

    uuid: UUID
    booth: str
    entry_code: str


@dataclass(frozen=True)
class Neighbours:
    """Where an open dossier stands among the judge's own: "6 trên 9"."""

    place: int
    of: int
    previous: UUID | None
    next: UUID | None


_mine = Ready(
    lambda user, round_: (
        judged_dossiers(user).filter(round=round_).order_by().values_list("uuid", "booth", "entry_code")
    )
)


def mine_in(user: Any, round_id: int) -> list[Mine]:
    """The dossiers of a round that the person may open as a judge now. One query."""
    return [Mine(*row) for row in _mine(user.pk, round_id)]


def neighbours(user: Any, dossier: Dossier, mine: Sequence[Mine], order: str = judge_order.OWN) -> Neighbours:
    """The dossiers before and after in the order the judge chose."""
    ordered = sorted(mine, key=lambda row: judge_order.key(order, user.uuid, *row))
    uuids = [row.uuid for row in ordered]
    place = uuids.index(dossier.uuid)
    return Neighbours(
        place=place + 1,
        of=len(uuids),
        previous=uuids[place - 1] if place else None,
        next=uuids[place + 1] if place + 1 < len(uuids) else None,
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
