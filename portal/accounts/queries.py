"""What a person's grants reach on a day."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from portal.territory.models import Commune
from portal.territory.queries import current_id, family_ids, region_ids
from portal.text.clock import today

from .enums import Role
from .models import Grant

PROVINCE_ROLES = frozenset({Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER})


@dataclass(frozen=True)
class Reach:
    """The provinces a person's staff roles reach, with the roles held in each."""

    everything: bool = False
    roles: frozenset[str] = frozenset()
    roles_in: dict[int, frozenset[str]] = field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    commune_ids: frozenset[int] = frozenset()

    @property
    def territory_ids(self) -> frozenset[int]:
        return frozenset(self.roles_in)

    def holds(self, role: str, territory_id: int | None) -> bool:
        """Whether the role is held for that province (an administrator holds every role)."""
        return Role.ADMINISTRATOR in self.roles or role in self.roles_in.get(territory_id or 0, frozenset())


NOWHERE = Reach()


def staff_reach(user: Any, on: dt.date | None = None) -> Reach:
    """The reach of the user's grants on a day (default today). One query, cached on the user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return NOWHERE
    day = on or today()
    cached: tuple[dt.date, Reach] | None = getattr(user, "_reach", None)
    if cached is None or cached[0] != day:
        cached = (day, _read(user, day))
        user._reach = cached
    return cached[1]


def communes_of(user: Any, *, on: dt.date) -> list[Commune]:
    """The communes whose officer the person is on a day, by name. One query."""
    grants = Grant.objects.active(on).filter(user=user, role=Role.COMMUNE_OFFICER, commune__isnull=False)
    mine = Commune.objects.filter(pk__in=grants.values("commune_id"))
    return list(mine.select_related("territory").order_by("folded", "pk"))


def own_province(user: Any) -> int | None:
    """Today's unit for who works in one province only: what their new records start with."""
    own = {current_id(pk) for pk in staff_reach(user).territory_ids}
    return own.pop() if len(own) == 1 else None


def _read(user: Any, on: dt.date) -> Reach:
    grants = list(Grant.objects.active(on).filter(user=user))
    roles = frozenset(grant.role for grant in grants)
    if user.is_superuser:
        roles |= {Role.ADMINISTRATOR}
    roles_in: dict[int, set[str]] = {}
    for grant in grants:
        for territory_id in _territories(grant):
            roles_in.setdefault(territory_id, set()).add(grant.role)
    return Reach(
        everything=bool(roles & {Role.ADMINISTRATOR, Role.AGENCY_NATIONAL}),
        roles=roles,
        roles_in={key: frozenset(value) for key, value in roles_in.items()},
        regions=frozenset(grant.region for grant in grants if grant.region),
        commune_ids=frozenset(grant.commune_id for grant in grants if grant.commune_id),
    )


def _territories(grant: Grant) -> frozenset[int]:
    if grant.role in PROVINCE_ROLES and grant.territory_id:
        return family_ids(grant.territory_id)
    if grant.role == Role.AGENCY_REGIONAL:
        return region_ids(grant.region)
    return frozenset()
