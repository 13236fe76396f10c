"""Intake by commune: what came in, what is lacking, who has not reported. Counted in SQL, a fixed number of queries."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from portal.territory.models import Commune
from portal.text.filters import search_words
from products.enums import LEVEL_RANK, Level, Status
from products.models import Recognition

from .completeness import ONCE_FOR_ALL
from .enums import Addressee, DocumentKind, DocumentState, DossierState, Origin
from .intake_matches import communes_to_enter
from .models import CommuneReturn, Dossier, Round, SupplementRequest

D = DossierState
WAITING = (D.SUBMITTED, D.NEEDS_SUPPLEMENT)
K = DocumentKind
BELOW = {level: [other for other in Level if LEVEL_RANK[other] == LEVEL_RANK[level] - 1] for level in Level}
GROUPED = (
    "product__facility__commune",
    "state",
    "is_gathered_set",
    "origin",
    "round__level",
    "round__lower_round_held",
    "gathered_into__state",
)
LOWEST = [level for level in Level if LEVEL_RANK[level] == 1]


def with_completeness(dossiers: "QuerySet[Any]", *, on: dt.date) -> "QuerySet[Any]":
    """Dossiers with `papers_complete`, the SQL twin of `completeness.is_complete`, and `owes_authority`.

    Good is a paper that needs no fixing and whose date has not passed; the register's own certificate of the
    level below counts as one.
    """
    good = Q(documents__state=DocumentState.RECEIVED) & (
        Q(documents__valid_until__isnull=True) | Q(documents__valid_until__gte=on)
    )

    def held(kind: str) -> Count:
        return Count("documents", filter=good & Q(documents__kind=kind))

    return dossiers.annotate(
        held_base=Count("documents__kind", distinct=True, filter=good & Q(documents__kind__in=ONCE_FOR_ALL)),
        held_certificate=held(K.LOWER_CERTIFICATE),
        held_proposal=held(K.PROPOSAL_LETTER),
        held_cover=held(K.COVER_LETTER),
        held_authority=held(K.AUTHORISATION),
        certified=Exists(_certificates(on)),
    ).annotate(
        papers_complete=Case(When(_complete(), then=Value(True)), default=Value(False), output_field=BooleanField()),
        owes_authority=Case(
            When(origin=Origin.COMMUNE, held_authority=0, then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )


def _certificates(on: dt.date) -> "QuerySet[Recognition]":
    """Certificates of the dossier's product that stand, of the level below the one it entered for."""
    entered_for = ExpressionWrapper(OuterRef("round__level"), output_field=CharField())
    below = Q()
    for level, lower in BELOW.items():
        if lower:
            below |= Q(level__in=lower, entered_for=level)
    stands = Recognition.objects.filter(product=OuterRef("product"), stage="recognised")
    return stands.alias(entered_for=entered_for).filter(below).with_status(Status.VALID, on=on, expiring_days=0)


def _complete() -> Q:
    higher = ~Q(round__level__in=LOWEST)
    by_lower_round = Q(round__lower_round_held=True, held_proposal__gt=0) & (
        Q(held_certificate__gt=0) | Q(certified=True)
    )
    above = Q(round__level__in=LOWEST) | higher & (Q(round__lower_round_held=False, held_cover__gt=0) | by_lower_round)
    return Q(held_base=len(ONCE_FOR_ALL)) & above & (~Q(origin=Origin.COMMUNE) | Q(held_authority__gt=0))


def lacking(dossiers: "QuerySet[Dossier]", *, on: dt.date, complete: bool = False) -> "QuerySet[Dossier]":
    """Of the dossiers handed in and not concluded those whose papers are not complete, or those whose papers are."""
    found = with_completeness(Dossier.objects.filter(state__in=WAITING), on=on).filter(papers_complete=complete)
    return dossiers.filter(pk__in=found.values("pk"))


@dataclass
class CommuneRow:
    """One commune in a round; `commune` is None for dossiers whose commune is not known."""

    commune: Commune | None
    entered: int = 0
    drafts: int = 0
    lacking: int = 0
    complete: int = 0
    eligible: int = 0
    refused: int = 0
    owes: int = 0
    asked: int = 0
    report: CommuneReturn | None = None

    @property
    def key(self) -> str:
        return str(self.commune.pk) if self.commune else "none"

    @property
    def is_silent(self) -> bool:
        """Neither a dossier nor a report that there is none."""
        return self.commune is not None and not self.entered and not self.drafts and self.report is None


@dataclass
class Board:
    """The communes of a round, and the same counts over all of them."""

    rows: list[CommuneRow]
    total: CommuneRow = field(default_factory=lambda: CommuneRow(None))
    silent: int = 0
    nothing: int = 0


def board(round_: Round, dossiers: "QuerySet[Dossier]", *, on: dt.date) -> Board:
    """Every commune of the round's province, and those whose facilities entered from elsewhere. Four queries.

    Sets that were gathered are no entries, their parts are; but the papers of a set have to be complete too.
    """
    rows = {commune.pk: CommuneRow(commune) for commune in communes_to_enter(round_)}
    unknown, total = CommuneRow(None), CommuneRow(None)
    found = _counted(dossiers.filter(round=round_), on)
    for commune in Commune.objects.filter(pk__in={one["commune"] for one in found} - rows.keys() - {None}):
        rows[commune.pk] = CommuneRow(commune)
    for one in found:
        for row in (rows.get(one["commune"], unknown), total):
            _count(row, one)
    for report in CommuneReturn.objects.filter(round=round_).select_related("reported_by"):
        if report.commune_id in rows:
            rows[report.commune_id].report = report
    listed = [*rows.values(), *([unknown] if unknown.entered or unknown.drafts else [])]
    return Board(
        rows=listed,
        total=total,
        silent=sum(row.is_silent for row in listed),
        nothing=sum(row.report is not None for row in listed),
    )


def _counted(dossiers: "QuerySet[Dossier]", on: dt.date) -> list[dict[str, Any]]:
    """One line per commune, state, completeness and so on, with the number of dossiers. One query."""
    asked = SupplementRequest.objects.filter(
        dossier=OuterRef("pk"), addressee=Addressee.COMMUNE, closed_at__isnull=True
    )
    # Named before they are counted, so that the database groups by these and not by every long text.
    named = dossiers.order_by().values("pk", *GROUPED)
    facts = with_completeness(named, on=on).annotate(asked=Exists(asked))
    counts: dict[tuple[Any, ...], int] = {}
    names = (*GROUPED[:2], "papers_complete", "owes_authority", "asked", "is_gathered_set", "gathered_into__state")
    for key in facts.values_list(*names):
        counts[key] = counts.get(key, 0) + 1
    said = ("commune", "state", "complete", "owes", "asked", "is_set", "set_state")
    return [dict(zip(said, key, strict=True), total=total) for key, total in counts.items()]


def _count(row: CommuneRow, one: dict[str, Any]) -> None:
    total, state = one["total"], one["state"]
    if state in WAITING:
        row.lacking += 0 if one["complete"] else total
        row.complete += total if one["complete"] else 0
        row.owes += total if one["owes"] else 0
        row.asked += total if one["asked"] else 0
    if one["is_set"] or state == D.WITHDRAWN:
        return
    if state == D.DRAFT:
        row.drafts += total
        return
    row.entered += total
    concluded = one["set_state"] if state == D.GATHERED else state
    row.eligible += total if concluded == D.ELIGIBLE else 0
    row.refused += total if concluded == D.NOT_ELIGIBLE else 0


def shown(rows: Iterable[CommuneRow], *, words: str, only: str) -> list[CommuneRow]:
    """The rows that a search and a choice leave, in their order."""
    wanted = search_words(words)
    tests = {
        "silent": lambda row: row.is_silent,
        "lacking": lambda row: row.lacking > 0,
        "owes": lambda row: row.owes > 0,
        "entered": lambda row: row.entered > 0,
    }
    passes = tests.get(only, lambda _row: True)
    return [row for row in rows if passes(row) and (not wanted or _named(row, wanted))]


def _named(row: CommuneRow, wanted: list[str]) -> bool:
    return row.commune is not None and all(word in row.commune.folded for word in wanted)
