"""Who may register a need, change it, take it back, and who answers it; every refusal has its sentence."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from facilities.representing import represented
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.territory.models import Commune
from portal.text.errors import Refusal

from .. import rules
from ..models import Need

ONLY_KEEPERS = _(
    "Chỉ cán bộ khuyến công của tỉnh được xếp, trả lời nhu cầu và mở đợt đăng ký. Bạn xem được nhu cầu này."
)
NOT_YOURS = _("Bạn chỉ đăng ký được cho cơ sở mà bạn đại diện, hoặc cơ sở trong xã của bạn.")
ONLY_OWNERS = _("Chỉ người của cơ sở, cán bộ xã nơi có cơ sở và cán bộ khuyến công của tỉnh được sửa nhu cầu này.")


def may_keep(user: Any, territory_id: int | None) -> bool:
    """The extension officer gathers, answers and turns needs into projects."""
    return rules.may_edit(user, territory_id)


def require_keep(user: Any, territory_id: int | None) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_keep(user, territory_id):
        raise Refusal("not_allowed", ONLY_KEEPERS)


def speaks_for_commune(user: Any, commune: Commune | None) -> bool:
    reach = staff_reach(user)
    return commune is not None and Role.COMMUNE_OFFICER in reach.roles and commune.pk in reach.commune_ids


def may_register(user: Any, *, facility: Facility | None, commune: Commune | None, territory_id: int) -> bool:
    """A facility for itself, an officer of its commune for it or for whoever the register does not know, the centre."""
    if may_keep(user, territory_id):
        return True
    if facility is None:
        return speaks_for_commune(user, commune)
    return represented(user).filter(pk=facility.pk).exists() or speaks_for_commune(user, facility.commune)


def may_change(user: Any, need: Need) -> bool:
    """Who may register it may change it and take it back."""
    place = need.commune or (need.facility.commune if need.facility else None)
    return may_register(user, facility=need.facility, commune=place, territory_id=need.territory_id)


def require_change(user: Any, need: Need) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_change(user, need):
        raise Refusal("not_allowed", ONLY_OWNERS)
