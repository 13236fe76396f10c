"""Holding the declarations of a round against its facilities, again whenever one of them changes. Idempotent.

Run when a declaration is signed, a dossier is entered or admitted, a facility or its representative changes and
when scoring opens or closes; and once more for the one dossier before its sheet is made, so that nothing slips by.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from facilities.models import Facility

from ..enums import ConflictOrigin, RoundState
from ..matching import Maker, Match, Named, Register, matches
from ..models import Conflict, Declaration, Dossier, Round, Seat
from . import conflicts
from .conflicts import OVER, Recusal

# What of a facility a declaration can meet.
WATCHED = frozenset({"name", "name_en", "tax_code", "address_recognised", "address_today"})


@transaction.atomic
def detect(
    round_: Round,
    *,
    now: dt.datetime,
    users: Iterable[int] | None = None,
    dossiers: Iterable[int] | None = None,
) -> list[Recusal]:
    """Enter every conflict that the declarations in force give away and nobody has dismissed.

    Narrowed to people and dossiers where told. Five queries when nothing new is found.
    """
    rounds = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory")
    locked = rounds.get(pk=round_.pk)
    if locked.state in OVER:
        return []
    declared = list(_declarations(locked, users))
    if not declared:
        return []
    entered = list(_entered(locked, dossiers))
    return _enter(locked, _found(declared, entered), now)


def look_again(*, dossier: Dossier, judge: Any, now: dt.datetime) -> list[Recusal]:
    """The last look before a judge's first sheet of a dossier. Four queries, the lock taken only on a find."""
    declared = list(_declarations(dossier.round, [judge.pk]))
    entered = list(_entered(dossier.round, [dossier.pk]))
    if not _found(declared, entered):
        return []
    return detect(dossier.round, now=now, users=[judge.pk], dossiers=[dossier.pk])


def before_counting(round_: Round, *, now: dt.datetime) -> None:
    """Scoring opens, opens again or closes: nobody who stands aside has a sheet that counts. The round is locked."""
    detect(round_, now=now)
    conflicts.settle(round_, now)


def dossier_saved(dossier: Dossier, *, now: dt.datetime) -> list[Recusal]:
    return detect(dossier.round, now=now, dossiers=[dossier.pk])


def facility_changed(facility: Facility, *, now: dt.datetime) -> list[Recusal]:
    """Hold the declarations of every live round against the facility as it is now. One query when it enters none."""
    entered = Dossier.objects.filter(product__facility=facility).exclude(round__state__in=OVER).select_related("round")
    found: list[Recusal] = []
    for dossier in entered.order_by("round_id", "pk"):
        found += detect(dossier.round, now=now, dossiers=[dossier.pk])
    return found


@transaction.atomic
def representative_approved(*, user: Any, facility_id: int, now: dt.datetime) -> int:
    """A judge who from now on speaks for a facility keeps no sheet of its dossiers that still counts."""
    scored = Round.objects.filter(state=RoundState.SCORING, dossiers__product__facility=facility_id)
    mine = scored.filter(Exists(Seat.objects.filter(round=OuterRef("pk"), user=user))).order_by("pk").distinct()
    voided = 0
    for pk in list(mine.values_list("pk", flat=True)):
        locked = Round.objects.select_for_update(no_key=True).get(pk=pk)
        own = Dossier.objects.filter(round=locked, product__facility=facility_id).order_by("pk")
        for dossier in own.values_list("pk", flat=True):
            voided += len(conflicts.void_aside(locked, dossier, user.pk, conflicts.SPEAKS_FOR, now).voided)
    return voided


def named_in(declaration: Declaration) -> list[Named]:
    """Everything a declaration names. Its interests must be fetched."""
    employer = Named(
        source="Nơi làm việc",
        name=declaration.employer,
        tax_code=declaration.employer_tax_code,
        address=declaration.employer_address,
    )
    return [
        employer,
        *(
            Named(
                source=str(interest.get_kind_display()),
                facility=interest.facility_id,
                name=interest.name,
                tax_code=interest.tax_code,
                address=interest.address,
            )
            for interest in declaration.interests.all()
        ),
    ]


def maker_of(facility: Facility) -> Maker:
    return Maker(
        pk=facility.pk,
        uuid=str(facility.uuid),
        name=facility.name,
        tax_code=facility.tax_code,
        addresses=tuple(text for text in (facility.address_recognised, facility.address_today) if text),
        name_en=facility.name_en,
    )


def _declarations(round_: Round, users: Iterable[int] | None) -> QuerySet[Declaration]:
    seated = Seat.objects.filter(round=OuterRef("round"), user=OuterRef("user"), until__isnull=True)
    found = Declaration.objects.filter(Exists(seated), round=round_, replaced_at__isnull=True)
    if users is not None:
        found = found.filter(user__in=users)
    return found.select_related("user").prefetch_related("interests").order_by("pk")


def _entered(round_: Round, dossiers: Iterable[int] | None) -> QuerySet[Dossier]:
    found = Dossier.objects.filter(round=round_, product__facility__isnull=False)
    if dossiers is not None:
        found = found.filter(pk__in=dossiers)
    return found.select_related("product__facility").order_by("pk")


def _found(declared: Iterable[Declaration], entered: Iterable[Dossier]) -> list[tuple[Dossier, Any, list[Match]]]:
    """Every pair that meets, with all the points at which it does. Pure."""
    by_facility: dict[int, list[Dossier]] = {}
    facilities: dict[int, Facility] = {}
    for dossier in entered:
        if dossier.product.facility is not None:
            by_facility.setdefault(dossier.product.facility.pk, []).append(dossier)
            facilities[dossier.product.facility.pk] = dossier.product.facility
    register = Register(maker_of(facility) for facility in facilities.values())
    met: dict[tuple[int, int], tuple[Dossier, Any, list[Match]]] = {}
    for declaration in declared:
        for named in named_in(declaration):
            for maker in register.near(named):
                points = list(matches(named, maker, person=str(declaration.user.uuid)))
                for dossier in by_facility[maker.pk] if points else ():
                    pair = (dossier.pk, declaration.user_id)
                    met.setdefault(pair, (dossier, declaration.user, []))[2].extend(points)
    return list(met.values())


def _enter(round_: Round, met: list[tuple[Dossier, Any, list[Match]]], now: dt.datetime) -> list[Recusal]:
    if not met:
        return []
    people = [user.pk for _dossier, user, _points in met]
    rows = Conflict.objects.filter(user__in=people, origin=ConflictOrigin.DETECTED, withdrawn_at__isnull=False)
    dismissed = set(rows.values_list("user_id", "evidence_key"))
    written = Conflict.objects.filter(dossier__round=round_, user__in=people, withdrawn_at__isnull=True)
    standing = set(written.values_list("dossier_id", "user_id"))
    entered = []
    for dossier, user, points in met:
        fresh = [point for point in points if (user.pk, point.key) not in dismissed]
        if not fresh or (dossier.pk, user.pk) in standing:
            continue
        locked = Dossier.objects.select_for_update(no_key=True).get(pk=dossier.pk)
        entered.append(conflicts.found(round_=round_, dossier=locked, user=user, match=fresh[0], now=now))
    return entered
