"""Who may do what with support. Reading goes through `visible_to`; these say who may write, and why not.

`None` as the user is the system itself: commands that load published facts.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from facilities.models import Representative
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

from .enums import Funding
from .models import Plan, Project

ONLY_EXTENSION_OFFICER = _("Chỉ cán bộ khuyến công của tỉnh được lập và sửa đề án. Bạn xem được đề án này.")
ONLY_NATIONAL = _("Chương trình quốc gia do Cục giữ. Bạn xem được nhưng không sửa được.")
ONLY_STATE_KEEPERS = _("Chỉ cán bộ khuyến công và lãnh đạo Sở của tỉnh được chuyển trạng thái đề án.")

ONLY_APPROVERS = _("Chỉ lãnh đạo Sở của tỉnh (và Cục, với đề án quốc gia) được duyệt.")
ONLY_PLANNERS = _("Chỉ cán bộ khuyến công của tỉnh được trình kế hoạch, lãnh đạo Sở được ghi quyết định.")
ONLY_PROJECT_SIDE = _("Chỉ đơn vị thực hiện và cơ sở thụ hưởng của đề án được làm việc này.")


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


def may_approve(user: Any, project: Project) -> bool:
    """Estimates, payments, settlements: the leader of the province; of a national project the agency too."""
    reach = staff_reach(user)
    national = project.funding == Funding.NATIONAL and Role.AGENCY_NATIONAL in reach.roles
    return user is None or national or reach.holds(Role.LEADER, project.territory_id)


def require_approve(user: Any, project: Project) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_approve(user, project):
        raise Refusal("not_allowed", ONLY_APPROVERS)


def may_approve_plan(user: Any, plan: Plan) -> bool:
    """The leader of the province; of a national plan the agency too."""
    reach = staff_reach(user)
    national = plan.funding == Funding.NATIONAL and Role.AGENCY_NATIONAL in reach.roles
    return user is None or national or reach.holds(Role.LEADER, plan.territory_id)


def stands_for(user: Any, project: Project) -> bool:
    """Whether the person works in the implementing unit or speaks for a facility that the project supports. Two queries."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    if project.implementing_unit_id and user.organisation_id == project.implementing_unit_id:
        return True
    supported = project.beneficiaries.filter(facility__isnull=False).values("facility")
    return Representative.objects.approved().filter(user=user, facility__in=supported).exists()


def may_report(user: Any, project: Project) -> bool:
    """Progress, answers to findings, results: who does the project, or the extension officer in their stead."""
    return may_edit(user, project.territory_id) or stands_for(user, project)


def require_report(user: Any, project: Project) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_report(user, project):
        raise Refusal("not_allowed", ONLY_PROJECT_SIDE)
