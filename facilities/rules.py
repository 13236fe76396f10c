"""Who may do what with a facility; every refusal has its sentence."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

from .models import Facility

EDITORS = frozenset({Role.OFFICER, Role.EXTENSION_OFFICER})


def may_edit(user: Any, territory_id: int | None) -> bool:
    """Officers and extension officers of the province (or of the unit it became), and administrators."""
    reach = staff_reach(user)
    return any(reach.holds(role, territory_id) for role in EDITORS)


def may_see_tax_code(user: Any, territory_id: int | None) -> bool:
    """A household's tax code is personal data: the staff of its province know it, and administrators."""
    reach = staff_reach(user)
    return any(reach.holds(role, territory_id) for role in EDITORS | {Role.LEADER})


def may_merge(user: Any, *territory_ids: int | None) -> bool:
    """Making two rows of the register one takes an officer of every province concerned, or an administrator."""
    reach = staff_reach(user)
    return all(reach.holds(Role.OFFICER, territory_id) for territory_id in territory_ids)


def require_merge(user: Any, *territory_ids: int | None) -> None:
    """Raises Refusal `not_your_province`."""
    if not may_merge(user, *territory_ids):
        raise Refusal(
            "not_your_province",
            _("Gộp hai bản ghi cần là cán bộ Sở Công Thương của tỉnh có cả hai. Hãy nhờ quản trị hệ thống gộp."),
        )


def require_edit(user: Any, facility: Facility) -> None:
    """Raises Refusal `not_your_province`."""
    if not may_edit(user, facility.territory_id):
        raise Refusal(
            "not_your_province",
            _("Chỉ cán bộ của tỉnh được sửa cơ sở này. Hãy nhờ Sở Công Thương của tỉnh nơi có cơ sở."),
        )


def may_decide_claims(user: Any, territory_id: int | None) -> bool:
    """Officers of the province, and administrators, say who speaks for a facility."""
    return staff_reach(user).holds(Role.OFFICER, territory_id)


def require_decide_claims(user: Any, territory_id: int | None) -> None:
    """Raises Refusal `not_your_province`."""
    if not may_decide_claims(user, territory_id):
        raise Refusal(
            "not_your_province",
            _("Chỉ cán bộ Sở Công Thương của tỉnh được xác nhận người đại diện của cơ sở trong tỉnh."),
        )
