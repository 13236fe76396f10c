"""Which people of the staff stand behind the recipients of a schedule, for a matter of a province."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.territory.queries import current_id, register

from .enums import Channel, Recipients

ROLES: dict[str, tuple[str, ...]] = {
    Recipients.OFFICER: (Role.OFFICER,),
    Recipients.LEADER: (Role.LEADER,),
    Recipients.EXTENSION: (Role.EXTENSION_OFFICER,),
    Recipients.COMMUNE: (Role.COMMUNE_OFFICER,),
    Recipients.AGENCY: (Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL),
}
# Who does the work hears first: whoever stands behind several recipients hears once, as the first of them.
ORDER = (
    Recipients.FACILITY,
    Recipients.OFFICER,
    Recipients.EXTENSION,
    Recipients.COMMUNE,
    Recipients.LEADER,
    Recipients.AGENCY,
)
# Leaders have the day's matters in one letter unless they choose otherwise.
CHANNELS: dict[str, str] = {Recipients.LEADER: Channel.DIGEST}
_Place = tuple[str, object]
People = dict[int, str]


@dataclass(frozen=True)
class Staff:
    """People with their addresses by role and place: a unit of today, a commune, a region, or everywhere."""

    by_place: dict[_Place, People] = field(default_factory=lambda: defaultdict(dict))

    def of(self, recipients: str, *, territory_id: int, commune_id: int | None = None) -> People:
        """Those behind the recipients of a matter in that province; an officer follows the unit's successor."""
        unit = current_id(territory_id)
        if recipients == Recipients.COMMUNE:
            return self.by_place.get((Role.COMMUNE_OFFICER, commune_id), {}) if commune_id else {}
        if recipients == Recipients.AGENCY:
            region = register().units[unit].region
            return self.by_place.get((Role.AGENCY_REGIONAL, region), {}) | self.by_place.get(
                (Role.AGENCY_NATIONAL, None), {}
            )
        return self.by_place.get((ROLES[recipients][0], unit), {})


def staff(recipients: Collection[str], *, on: dt.date) -> Staff:
    """Everyone who stands behind one of the recipients on a day. One query."""
    roles = {role for who in recipients for role in ROLES.get(who, ())}
    found = Staff()
    grants = Grant.objects.active(on).filter(role__in=roles, user__is_active=True).order_by("pk")
    rows = grants.values_list("role", "territory_id", "commune_id", "region", "user_id", "user__email")
    for role, territory_id, commune_id, region, user_id, email in rows:
        place = _place(role, territory_id, commune_id, region)
        found.by_place[role, place][user_id] = email.strip().lower()
    return found


def _place(role: str, territory_id: int | None, commune_id: int | None, region: str) -> object:
    if role == Role.COMMUNE_OFFICER:
        return commune_id
    if role == Role.AGENCY_REGIONAL:
        return region
    return current_id(territory_id) if territory_id else None
