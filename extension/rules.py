"""Who may do what with support. Reading goes through `visible_to`; these say who may write, and why not.

`None` as the user is the system itself: commands that load published facts.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

ONLY_EXTENSION_OFFICER = _("Chỉ cán bộ khuyến công của tỉnh được lập và sửa đề án. Bạn xem được đề án này.")
ONLY_NATIONAL = _("Chương trình quốc gia do Cục giữ. Bạn xem được nhưng không sửa được.")
ONLY_STATE_KEEPERS = _("Chỉ cán bộ khuyến công và lãnh đạo Sở của tỉnh được chuyển trạng thái đề án.")


def may_edit(user: Any, territory_id: int | None) -> bool:
    """The extension officer of the province; officers and leaders read."""
    return user is None or staff_reach(user).holds(Role.EXTENSION_OFFICER, territory_id)


def may_change_state(user: Any, territory_id: int | None) -> bool:
    """The extension officer who runs the project, and the leader who answers for it."""
    return may_edit(user, territory_id) or staff_reach(user).holds(Role.LEADER, territory_id)


def may_edit_programme(user: Any, territory_id: int | None) -> bool:
    """National programmes belong to national staff, those of a province to its extension officer."""
    if territory_id is not None or user is None:
        return may_edit(user, territory_id)
    return bool(staff_reach(user).roles & {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


def require_edit_programme(user: Any, territory_id: int | None) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_edit_programme(user, territory_id):
        raise Refusal("not_allowed", ONLY_EXTENSION_OFFICER if territory_id else ONLY_NATIONAL)


def require_edit(user: Any, territory_id: int | None) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_edit(user, territory_id):
        raise Refusal("not_allowed", ONLY_EXTENSION_OFFICER)


def require_change_state(user: Any, territory_id: int | None) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_change_state(user, territory_id):
        raise Refusal("not_allowed", ONLY_STATE_KEEPERS)
