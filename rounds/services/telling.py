"""Telling those concerned about a dossier: whoever the matter is owed by, at addresses that agreed."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from facilities.enums import ContactKind
from facilities.models import Contact, Representative
from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.notices.services import plan
from portal.territory.queries import family_ids
from products.enums import Level

from ..enums import Addressee, Origin
from ..models import Dossier
from .receiving import today_of


def tell(
    dossier: Dossier,
    addressees: Iterable[Addressee],
    *,
    kind: str,
    subject: Any,
    now: dt.datetime,
    title: str,
    body: str,
) -> int:
    """Plan one notice for each person and agreed address of the addressees; returns how many are new."""
    whom = set(addressees)
    people = [user for addressee in Addressee if addressee in whom for user in people_of(addressee, dossier, now=now)]
    return plan(
        kind=kind,
        subject=subject,
        due_on=today_of(now),
        title=title,
        body=body,
        users=people,
        recipients=_addresses(dossier) if Addressee.FACILITY in whom else (),
        territory=dossier.round.territory,
    )


def tell_applicant(dossier: Dossier, *, kind: str, now: dt.datetime, title: str, body: str, **words: str) -> int:
    """The same to the facility, and to the commune where it filed for the facility."""
    said = {"code": dossier.entry_code, "product": dossier.product.name, **words}
    whom = [Addressee.FACILITY, *([Addressee.COMMUNE] if dossier.origin == Origin.COMMUNE else [])]
    return tell(dossier, whom, kind=kind, subject=dossier, now=now, title=title % said, body=body % said)


def people_of(addressee: Addressee, dossier: Dossier, *, now: dt.datetime) -> "QuerySet[User]":
    """Accounts of those who can send what an addressee owes."""
    if addressee == Addressee.FACILITY:
        speak = Representative.objects.approved().filter(facility=dossier.product.facility_id)
        return User.objects.filter(pk__in=speak.values("user"), is_active=True)
    held = Grant.objects.active(today_of(now)).filter(user__is_active=True)
    if addressee == Addressee.LOWER_AUTHORITY and dossier.round.level in (Level.REGION, Level.NATIONAL):
        return User.objects.filter(pk__in=_offices_below(held, dossier).values("user"))
    facility = dossier.product.facility
    commune = facility.commune_id if facility else None
    of_commune = held.filter(role=Role.COMMUNE_OFFICER, commune=commune, commune__isnull=False)
    return User.objects.filter(pk__in=of_commune.values("user"))


def _offices_below(held: "QuerySet[Grant]", dossier: Dossier) -> "QuerySet[Grant]":
    """Below a regional round stand the provinces, below a national one the regions."""
    place = dossier.product.territory
    if dossier.round.level == Level.NATIONAL:
        return held.filter(role=Role.AGENCY_REGIONAL, region=place.region)
    return held.filter(role=Role.OFFICER, territory__in=family_ids(place.pk))


def _addresses(dossier: Dossier) -> list[str]:
    agreed = Contact.objects.filter(
        facility=dossier.product.facility_id, kind=ContactKind.EMAIL, may_notify=True
    ).exclude(value="")
    return list(agreed.order_by("pk").values_list("value", flat=True))
