"""The register of facilities as a file: columns that the import takes back, in the field's words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.exports import ExportField, chosen, related
from portal.territory.models import Territory
from portal.territory.queries import name_on, register, then_and_now

from . import taxcode
from .enums import FacilityKind
from .models import Facility
from .rules import may_see_tax_code

HIDDEN = "•" * 9


def fields_for(user: Any) -> list[ExportField]:
    """Columns of the register as this person may have them."""
    return [
        ExportField(_("Tên cơ sở"), related("name"), 40),
        ExportField(_("Loại hình"), chosen("kind", FacilityKind.choices), 20),
        ExportField(_("Mã số thuế"), tax_code_of(user), 16),
        ExportField(_("Tỉnh, thành phố"), lambda row: _named_then(row.territory), 18),
        ExportField(_("Năm ghi nhận"), lambda row: _last_whole_year(row.territory)),
        ExportField(_("Tỉnh, thành phố hiện nay"), lambda row: then_and_now(row.territory)[1], 18),
        ExportField(_("Xã, phường"), related("commune"), 24),
        ExportField(_("Địa chỉ khi công nhận"), related("address_recognised"), 50),
        ExportField(_("Địa chỉ hiện nay"), related("address_today"), 50),
        ExportField(_("Vĩ độ"), related("latitude")),
        ExportField(_("Kinh độ"), related("longitude")),
        ExportField(_("Năm thành lập"), related("founded_year")),
        ExportField(_("Tên tiếng Anh"), related("name_en"), 30),
        ExportField(_("Giới thiệu"), related("introduction"), 40),
    ]


def tax_code_of(user: Any) -> Callable[[Facility], str]:
    """The tax code as this person may have it: of a household only its last digits, unless it is theirs to know."""

    def shown(facility: Facility) -> str:
        code = facility.tax_code
        if not code or not (facility.is_household or taxcode.is_personal(code)):
            return code
        return code if may_see_tax_code(user, facility.territory_id) else f"{HIDDEN}{code[-taxcode.SHOWN :]}"

    return shown


def _last_whole_year(territory: Territory) -> int | None:
    """For a unit that ended, the last year at whose end it stood: the import reads its name as of then."""
    unit = register().units[territory.pk]
    if unit.until is None:
        return None
    return unit.until.year if (unit.until.month, unit.until.day) == (12, 31) else unit.until.year - 1


def _named_then(territory: Territory) -> str:
    year = _last_whole_year(territory)
    return name_on(territory, dt.date(year, 12, 31)) if year else territory.name
