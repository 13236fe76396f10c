"""The two addresses of a facility: as recognised, and as they read today after the mergers."""

from dataclasses import dataclass

from portal.territory.enums import CommuneKind
from portal.territory.queries import register

from .addresses import Provinces, proposal
from .models import Facility


@dataclass(frozen=True)
class Addresses:
    """As recognised, and today. `sure` unless today's text was derived and its commune is not known."""

    then: str
    today: str
    sure: bool
    gone: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return bool(self.then) and self.then != self.today


def addresses_of(facility: Facility) -> Addresses:
    """Both addresses of one facility; its commune is best selected with it. No query when the provinces are cached."""
    then = facility.address_recognised
    written = facility.address_today or then
    commune = facility.commune
    found = proposal(
        written,
        provinces(),
        province=full_names()[facility.territory_id],
        commune=f"{CommuneKind(commune.kind).label} {commune.name}" if commune else "",
    )
    if found is None:
        return Addresses(then, written, True, ())
    return Addresses(then or written, found.text, found.sure, found.gone)


def provinces() -> Provinces:
    """Names of today and of before, from the register of provinces. No query when cached."""
    found = register()
    standing = {
        row.key: row.full_name for row in found.names if row.until is None and found.units[row.unit_id].until is None
    }
    today = full_names()
    gone = {row.key: today[row.unit_id] for row in found.names if row.key not in standing}
    cities = frozenset(key for key, name in standing.items() if name.startswith("Thành phố"))
    return Provinces(standing, gone, cities)


def full_names() -> dict[int, str]:
    """Every unit with the full name of its unit of today. No query when cached."""
    found = register()
    last = {row.unit_id: row.full_name for row in found.names}
    return {pk: last[found.current_id(pk)] for pk in found.units}
