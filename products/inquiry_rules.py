"""Who may do what with a reader's letter, and who sees who wrote it."""

import datetime as dt
from typing import Any

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach

from .inquiry_queries import is_overdue
from .models import Inquiry


def may_handle(user: Any, inquiry: Inquiry) -> bool:
    """Officers of the province it concerns, of today's unit where that was merged; the agency and
    administrators what is for the portal itself. Leaders read."""
    reach = staff_reach(user)
    if Role.ADMINISTRATOR in reach.roles:
        return True
    if inquiry.territory_id is None:
        return Role.AGENCY_NATIONAL in reach.roles
    return reach.holds(Role.OFFICER, inquiry.territory_id)


def sees_sender(user: Any, inquiry: Inquiry, *, on: dt.date) -> bool:
    """Of the staff only who must answer now: while the maker has its time to answer, nobody else needs the address."""
    if not may_handle(user, inquiry):
        return False
    return inquiry.passed_on_at is None or is_overdue(inquiry, on=on)
