"""Who may do what in the register; every refusal has its sentence."""

from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

from .enums import Level
from .models import Recognition

EDITORS = frozenset({Role.OFFICER, Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})
# The extension centre may be the unit that receives a round's dossiers, and enters products with them.
PRODUCT_EDITORS = EDITORS | {Role.EXTENSION_OFFICER}
KEEPERS = frozenset({Role.AGENCY_NATIONAL})
OF_THE_AGENCY = frozenset({Level.REGION, Level.NATIONAL})


def may_edit(user: Any, territory_id: int | None) -> bool:
    """Officers of the province (or of the unit it became), agency staff who reach it, administrators."""
    reach = staff_reach(user)
    if Role.AGENCY_NATIONAL in reach.roles:
        return True
    return any(reach.holds(role, territory_id) for role in EDITORS)


def may_enter_product(user: Any, territory_id: int | None) -> bool:
    """Whoever may edit the register, and the province's extension officers."""
    return may_edit(user, territory_id) or staff_reach(user).holds(Role.EXTENSION_OFFICER, territory_id)


def may_end(user: Any, recognition: Recognition) -> bool:
    """Revoking, suspending and re-issuing follow the authority that recognised: the agency's staff for
    regions and the nation, the province's officers below."""
    reach = staff_reach(user)
    if Role.ADMINISTRATOR in reach.roles or Role.AGENCY_NATIONAL in reach.roles:
        return True
    role = Role.AGENCY_REGIONAL if recognition.level in OF_THE_AGENCY else Role.OFFICER
    if recognition.level == Level.NATIONAL:
        return False
    return reach.holds(role, recognition.territory_id)


def not_your_level() -> str:
    return _("Công nhận cấp khu vực, quốc gia do Cục xử lý. Hãy gửi văn bản đề nghị Cục thực hiện việc này.")


def require_end(user: Any, recognition: Recognition) -> None:
    """Raises Refusal `not_your_level`."""
    if not may_end(user, recognition):
        raise Refusal(
            "not_your_level",
            not_your_level(),
            field="act",
        )
