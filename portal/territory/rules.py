"""Who may change the register of provinces."""

from typing import Any

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach

KEEPERS = frozenset({Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


def may_keep_register(user: Any) -> bool:
    """Provinces concern the whole country: only the agency and administrators write them."""
    return bool(KEEPERS & staff_reach(user).roles)
