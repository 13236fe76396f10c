"""Who answers today for a certificate whose authority is gone.

Since 2025-07-01 there are no districts, and 63 provinces became 34. The rows of `SuccessorAuthority` say who
took over, from which day and by which text; the row that names the place most closely is taken.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.territory.queries import Register, register
from portal.text.folding import name_key
from portal.text.formats import lowered

from .enums import Level
from .models import Recognition, SuccessorAuthority

# Stands for the full name of today's province in the words of a row.
PLACE = "{province}"


@dataclass(frozen=True)
class Successor:
    """Who answers, since when, by which text; `is_certain` is false where no text names them."""

    authority: str
    contact: str
    legal_basis: str
    is_certain: bool
    since: dt.date


def successor_of(recognition: Recognition, on: dt.date) -> Successor | None:
    """Who answers on a day for the issuer of a recognition; None while the issuer itself does.

    One query, or none where the issuer cannot have gone: a commune, or a province that still stands.
    """
    found = register()
    if recognition.level == Level.COMMUNE:
        return None
    if recognition.level == Level.PROVINCE and not _has_gone(recognition, found):
        return None
    rows = SuccessorAuthority.objects.filter(
        Q(territory=None) | Q(territory=recognition.territory_id),
        Q(valid_to=None) | Q(valid_to__gte=on),
        level=recognition.level,
        valid_from__lte=on,
        valid_from__gt=recognition.begins_on,
    )
    place = name_key(recognition.locality)
    fitting = [row for row in rows if not row.locality or row.locality_key == place]
    if not fitting:
        return None
    row = max(fitting, key=lambda row: (bool(row.locality), row.territory_id is not None, row.valid_from))
    return Successor(
        authority=row.authority.replace(PLACE, _province(recognition.territory_id, on, found)),
        contact=row.contact,
        legal_basis=row.legal_basis,
        is_certain=row.is_certain,
        since=row.valid_from,
    )


def _has_gone(recognition: Recognition, found: Register) -> bool:
    """Whether the province went into one of another name; where the name stayed, people know whom to ask."""
    unit = recognition.territory_id
    return unit in found.successor and found.units[found.current_id(unit)].name != found.units[unit].name


def _province(territory_id: int, on: dt.date, found: Register) -> str:
    """The full name of the unit of today, as within a sentence: "tỉnh Gia Lai", "thành phố Huế"."""
    unit = found.current_id(territory_id)
    names = [row for row in found.names if row.unit_id == unit]
    return lowered(next((row for row in names if row.holds_on(on)), names[-1]).full_name)


def what_is_gone(recognition: Recognition) -> str:
    """One sentence on the authority that issued the certificate and is no more."""
    if recognition.level == Level.DISTRICT:
        place = recognition.locality or _("huyện")
        return _("Cơ quan cấp giấy này của %(place)s không còn, vì từ 01/07/2025 không còn cấp huyện.") % {
            "place": place
        }
    if recognition.level == Level.PROVINCE:
        found = register()
        return _("Cơ quan cấp giấy này không còn, vì từ %(day)s %(then)s đã thuộc %(now)s.") % {
            "day": f"{found.succeeded_on[recognition.territory_id]:%d/%m/%Y}",
            "then": recognition.territory.name,
            "now": found.units[found.current_id(recognition.territory_id)].name,
        }
    return _("Cơ quan cấp giấy này đã đổi tên hoặc thôi làm việc này.")
