"""How a facility is reached: addresses that agreed to letters, and people who speak for it."""

from collections import defaultdict
from collections.abc import Collection

from facilities.enums import ContactKind
from facilities.models import Contact, Representative


def consented(facility_ids: Collection[int | None]) -> dict[int, list[str]]:
    """Addresses at which facilities agreed to be reminded. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    contacts = Contact.objects.filter(facility__in=facility_ids, kind=ContactKind.EMAIL, may_notify=True)
    for facility_id, value in contacts.order_by("pk").values_list("facility_id", "value"):
        address = value.strip().lower()
        if address not in found[facility_id]:
            found[facility_id].append(address)
    return found


def representatives(facility_ids: Collection[int | None]) -> dict[int, dict[int, str]]:
    """Approved representatives of each facility with their addresses. One query."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Representative.objects.approved().filter(facility__in=facility_ids).order_by("pk")
    for facility_id, user_id, email in rows.values_list("facility_id", "user_id", "user__email"):
        found[facility_id or 0][user_id] = email.strip().lower()
    return found
