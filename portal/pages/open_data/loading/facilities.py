"""Makers of the open data, and makers that were supported or at a fair without a recognised product."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from facilities.models import Contact, Facility
from portal.territory.enums import CommuneKind
from portal.territory.models import Commune
from portal.text.slugs import unique_slug

from ..checking import Row
from .world import Unreadable, World

# Communes of the list of 2025 are dated from the day on which it came into force.
NOW_SINCE = "2025-07-01"


def communes(world: World, row: Row) -> Iterator[Commune]:
    """Those that the portal does not have yet, from their codes and names."""
    code = row.text("commune_code")
    if not code or world.knows(Commune, code):
        return
    held = Commune.objects.filter(code=code).order_by("-valid_from").first()
    if held is not None:
        world.keys[Commune, code] = held.pk
        return
    kind = next((kind for kind in CommuneKind if row.text("commune").startswith(f"{kind.label} ")), None)
    if kind is None:
        raise Unreadable(_("Cột commune phải ghi xã, phường hoặc đặc khu."))
    name = row.text("commune").removeprefix(f"{kind.label} ")
    made = Commune(code=code, kind=kind, name=name, territory=world.territory(row["province"]), valid_from=NOW_SINCE)
    world.keys[Commune, code] = 0
    yield made


def facilities(world: World, row: Row) -> Iterator[Facility]:
    territory = world.territory(row["province_at_the_time"])
    yield Facility(
        uuid=row["uuid"],
        slug=row["slug"],
        name=world.own_name(row.text("name"), territory),
        name_en=row.text("name_en"),
        kind=row["kind"],
        territory=territory,
        commune_id=world.key_or_none(Commune, row["commune_code"]),
        address_recognised=row.text("address_recognised"),
        address_today=row.text("address"),
        latitude=row["latitude"],
        longitude=row["longitude"],
        founded_year=row["founded_year"],
        introduction=row.text("introduction"),
        introduction_en=row.text("introduction_en"),
        is_illustrative=row["is_illustrative"],
    )


def contacts(world: World, row: Row) -> Iterator[Contact]:
    for told in row["contacts"] or []:
        kind, _colon, value = str(told).partition(": ")
        facility = world.key(Facility, row["uuid"])
        yield Contact(facility_id=facility, kind=kind, value=value, may_publish=True, consent_on=world.day)


def others(world: World, row: Row) -> Iterator[Facility]:
    """Makers that only stand where they were supported or at a fair."""
    key = row["facility_id"]
    if key is None or world.knows(Facility, key):
        return
    territory = world.territory(row["province_at_the_time"])
    name = row.text("facility") or str(FacilityKind.HOUSEHOLD.label) + _(" không nêu tên")
    own = world.own_name(name, territory)
    world.keys[Facility, key] = 0
    yield Facility(uuid=key, slug=unique_slug(Facility, own), name=own, kind=row["facility_kind"], territory=territory)
