"""What a commune's officer sees: open rounds, what the commune owes, its dossiers, facilities and recognitions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from facilities.models import Facility
from portal.territory.models import Commune
from portal.territory.queries import family_ids
from portal.text.folding import fold
from portal.text.workdays import working_days_until
from products.enums import Level
from products.models import Product, Recognition

from .enums import Addressee, DocumentKind, DocumentState, DossierState, Origin, RoundState
from .models import CommuneReturn, Dossier, DossierDocument, NominationList, Round, SupplementRequest
from .services.nil_returns import NOT_FILED
from .states import CHECKING

LEVELS = (Level.PROVINCE, Level.COMMUNE)
# How long before its last day a recognition is named, and how near a due date has to be to be owed.
ENDING_DAYS = 180
SOON_WORKING_DAYS = 5
LAST_WORD = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class OpenRound:
    """One round the commune's facilities may enter, or could until lately."""

    round: Round
    is_open: bool
    last_day: dt.date | None
    days_left: int
    filed: int
    drafts: int
    report: CommuneReturn | None
    may_nominate: bool = False

    @property
    def may_report(self) -> bool:
        return self.is_open and not self.filed and self.report is None

    @property
    def must_answer(self) -> bool:
        """Nothing filed, nothing reported: the Sở waits for a word of the commune."""
        return self.is_open and not self.filed and self.report is None


def rounds_of(commune: Commune, *, now: dt.datetime, on: dt.date) -> list[OpenRound]:
    """Rounds that take in or check dossiers of the commune's province, the nearest deadline first. Two queries."""
    own = Q(dossiers__product__facility__commune=commune)
    rows = (
        Round.objects.filter(state__in=CHECKING, level__in=LEVELS, territory__in=family_ids(commune.territory_id))
        .select_related("territory", "receiving_unit")
        .annotate(
            filed=Count("dossiers", filter=own & ~Q(dossiers__state__in=NOT_FILED)),
            drafts=Count("dossiers", filter=own & Q(dossiers__state=DossierState.DRAFT)),
            nominates=Exists(_certified_below(commune, on)) | Exists(_lists_for(commune)),
        )
        .order_by(F("receiving_until").asc(nulls_last=True), "pk")
    )
    found = [row for row in rows if takes(row, commune)]
    reports = {
        report.round_id: report
        for report in CommuneReturn.objects.filter(commune=commune, round__in=found).select_related("reported_by")
    }
    return [_open_round(row, reports.get(row.pk), now, on) for row in found]


def _certified_below(commune: Commune, on: dt.date) -> QuerySet[Recognition]:
    """Recognitions of the level below the province that may lead a product of the commune up."""
    return Recognition.objects.published().filter(
        product__facility__commune=commune, level__in=[Level.COMMUNE, Level.DISTRICT], expires_on__gte=on
    )


def _lists_for(commune: Commune) -> QuerySet[NominationList]:
    return NominationList.objects.filter(round=OuterRef("pk"), commune=commune)


def takes(round_: Round, commune: Commune) -> bool:
    """A province's round takes every commune of it; a commune's own round only that commune."""
    return round_.level == Level.PROVINCE or fold(commune.name) in fold(round_.locality)


def reaches(round_: Round, commune: Commune) -> bool:
    """Whether the round is one of those the commune's facilities may enter. No query when the register is held."""
    return round_.level in LEVELS and round_.territory_id in family_ids(commune.territory_id) and takes(round_, commune)


def _open_round(round_: Any, report: CommuneReturn | None, now: dt.datetime, on: dt.date) -> OpenRound:
    last = last_day(round_)
    return OpenRound(
        round=round_,
        is_open=round_.receiving_open(now),
        last_day=last,
        days_left=working_days_until(last, on=on) if last else 0,
        filed=round_.filed,
        drafts=round_.drafts,
        report=report,
        may_nominate=round_.level == Level.PROVINCE and round_.nominates,
    )


def last_day(round_: Round) -> dt.date | None:
    """The last day with an instant before the deadline."""
    return timezone.localdate(round_.receiving_until - LAST_WORD) if round_.receiving_until else None


def dossiers_of(user: Any, commune: Commune) -> QuerySet[Dossier]:
    """Dossiers of the commune's facilities, the latest round first. Two queries when read."""
    return (
        Dossier.objects.filter(product__facility__commune=commune)
        .without_conflict(user)
        .exclude(state=DossierState.WITHDRAWN)
        .select_related("round__territory", "product__facility")
        .prefetch_related(_authorisations())
        .order_by("-round__year", "-round_id", F("entry_code").asc(nulls_last=True), "pk")
    )


def _authorisations() -> Prefetch:
    papers = DossierDocument.objects.filter(kind=DocumentKind.AUTHORISATION)
    return Prefetch("documents", queryset=papers, to_attr="authorisations")


@dataclass(frozen=True)
class Owed:
    """One thing the commune has to do for a dossier, and by when."""

    dossier: Dossier
    what: str
    words: str
    due: dt.date | None
    days_left: int

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.days_left < 0


def owed_by(user: Any, commune: Commune, *, on: dt.date) -> list[Owed]:
    """What the commune owes: papers it was asked for, authorisations, public-service dates close by. Four queries."""
    rows = [
        *_asked(user, commune, on),
        *_unauthorised(user, commune, on),
        *_due_elsewhere(user, commune, on),
    ]
    return sorted(rows, key=lambda row: (row.due is None, row.due or on, row.dossier.pk))


def _asked(user: Any, commune: Commune, on: dt.date) -> list[Owed]:
    mine = Dossier.objects.filter(
        product__facility__commune=commune, state=DossierState.NEEDS_SUPPLEMENT
    ).without_conflict(user)
    rows = SupplementRequest.objects.filter(
        dossier__in=mine, addressee=Addressee.COMMUNE, closed_at__isnull=True
    ).select_related("dossier__round__territory", "dossier__product__facility")
    return [_owed(row.dossier, "asked", row.words, timezone.localdate(row.until - LAST_WORD), on) for row in rows]


def _unauthorised(user: Any, commune: Commune, on: dt.date) -> list[Owed]:
    """Dossiers the commune files whose authorisation is missing or has to be fixed."""
    good = DossierDocument.objects.filter(
        dossier=OuterRef("pk"), kind=DocumentKind.AUTHORISATION, state=DocumentState.RECEIVED
    )
    asked = SupplementRequest.objects.filter(
        dossier=OuterRef("pk"), addressee=Addressee.COMMUNE, closed_at__isnull=True
    )
    rows = _open_here(user, commune).filter(~Exists(good), ~Exists(asked), origin=Origin.COMMUNE)
    return [_owed(row, "authorisation", _remark(row), last_day(row.round), on) for row in rows]


def _remark(dossier: Any) -> str:
    return next((paper.remark for paper in dossier.authorisations if paper.remark), "")


def _due_elsewhere(user: Any, commune: Commune, on: dt.date) -> list[Owed]:
    """Dates that the public-service portal promised, close by or past, of dossiers without a conclusion."""
    near = on + dt.timedelta(days=2 * SOON_WORKING_DAYS + 4)
    rows = _open_here(user, commune).filter(public_service_due_on__lte=near).exclude(public_service_code="")
    found = [_owed(row, "public_service", row.public_service_code, row.public_service_due_on, on) for row in rows]
    return [row for row in found if row.days_left <= SOON_WORKING_DAYS]


def _open_here(user: Any, commune: Commune) -> QuerySet[Dossier]:
    waiting = (DossierState.DRAFT, DossierState.SUBMITTED, DossierState.NEEDS_SUPPLEMENT)
    return dossiers_of(user, commune).filter(state__in=waiting, round__state__in=CHECKING)


def _owed(dossier: Dossier, what: str, words: str, due: dt.date | None, on: dt.date) -> Owed:
    return Owed(dossier, what, words, due, working_days_until(due, on=on) if due else 0)


def ending_of(commune: Commune, *, on: dt.date) -> list[Recognition]:
    """Recognitions of the commune's facilities that end soon, the nearest first. One query."""
    return list(
        Recognition.objects.published()
        .filter(
            product__facility__commune=commune,
            revoked_on__isnull=True,
            withdrawn_on__isnull=True,
            expires_on__gte=on,
            expires_on__lte=on + dt.timedelta(days=ENDING_DAYS),
        )
        .select_related("product__facility")
        .order_by("expires_on", "pk")
    )


def facilities_of(commune: Commune, words: str = "") -> QuerySet[Facility]:
    """Facilities of the commune whose name holds every word. Two queries when read."""
    found = Facility.objects.filter(commune=commune, merged_into__isnull=True)
    for word in fold(words).split()[:8]:
        found = found.filter(folded__contains=word)
    return found.order_by("sort_key", "pk")


def open_for_filing(commune: Commune, *, now: dt.datetime) -> list[Round]:
    """Rounds in which a dossier of the commune may be opened now. One query."""
    rows = Round.objects.filter(
        state=RoundState.RECEIVING, level__in=LEVELS, territory__in=family_ids(commune.territory_id)
    ).select_related("territory")
    found = [row for row in rows if row.receiving_open(now) and takes(row, commune)]
    return sorted(found, key=lambda row: (row.receiving_until is None, row.receiving_until, row.pk))


def products_to_file(facility: Facility, rounds: Sequence[Round]) -> list[Product]:
    """The facility's products that some open round does not hold yet. One query."""
    entered = Dossier.objects.filter(product=OuterRef("pk"), round__in=rounds).order_by().values("product")
    number = entered.annotate(number=Count("pk")).values("number")
    rows = Product.objects.filter(facility=facility, merged_into__isnull=True)
    return list(
        rows.annotate(entered=Coalesce(Subquery(number), 0))
        .filter(entered__lt=max(len(rounds), 1))
        .order_by("sort_key", "pk")
    )
