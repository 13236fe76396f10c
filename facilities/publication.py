"""What of a facility the public may see.

A household's register entry is often a person's name and home: it is shown with its commune only, never
with pin, tax code or revenue (Luật 91/2025/QH15). A facility whose kind is unknown is treated likewise.
"""

import re
from decimal import Decimal

from .enums import FacilityKind
from .models import Contact, Facility
from .taxcode import is_personal

_COMMUNE = re.compile(r"(xã|phường|thị trấn|đặc khu|tt\.|p\.|x\.)\s*\S", re.IGNORECASE)


def is_person(facility: Facility) -> bool:
    """Whether the entry may stand for a person rather than a legal body."""
    return facility.kind in {FacilityKind.HOUSEHOLD, FacilityKind.UNKNOWN} or is_personal(facility.tax_code)


def public_address(facility: Facility) -> str:
    """The address of today, else the one recognised; of a person only the commune."""
    if not is_person(facility):
        return facility.address_today or facility.address_recognised
    if facility.commune is not None:
        return str(facility.commune)
    return commune_of(facility.address_today) or commune_of(facility.address_recognised)


def public_address_recognised(facility: Facility) -> str:
    """The address as in the decision; of a person only the commune."""
    return commune_of(facility.address_recognised) if is_person(facility) else facility.address_recognised


def commune_of(address: str) -> str:
    """The part of an address that names the commune, ward or town ("xã Tân Cương"); empty when none does."""
    parts = (part.strip() for part in re.split(r"[,;]|\s[-–]\s", address))
    return next((part for part in parts if _COMMUNE.match(part)), "")


def public_pin(facility: Facility) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude, unless they would point at somebody's home."""
    if is_person(facility) or facility.latitude is None or facility.longitude is None:
        return None
    return facility.latitude, facility.longitude


def public_contacts(facility: Facility) -> list[Contact]:
    """Contacts the facility agreed to publish. Reads the prefetched contacts when there are any."""
    return [contact for contact in facility.contacts.all() if contact.may_publish]
