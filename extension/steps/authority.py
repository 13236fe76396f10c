"""Who decides on an adjustment or a stop of a project: the rule in force, and whose account may write it down.

The Sở's own decisions are taken in the portal. Those of the provincial committee, of the agency and of the ministry are
signed outside it: the leader of the province may write them down from the signed paper, the agency its own and the
ministry's.
"""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.territory.queries import current_id
from portal.text.errors import Refusal

from ..enums import AdjustmentKind, Authority
from ..models import AuthorityRule, Project

NO_RULE = _(
    "Chưa có dòng thẩm quyền cho việc này của nguồn kinh phí đề án. Hãy ghi ở mục Thẩm quyền điều chỉnh, ngừng trước."
)
NOT_YOURS = _("Việc này do %(authority)s quyết định. Tài khoản của bạn không ghi được quyết định của cấp đó.")
# Decisions signed outside the portal by an authority above the department: its paper is kept with what is written down.
ABOVE = frozenset({Authority.COMMITTEE, Authority.AGENCY, Authority.MINISTRY})
OF_AGENCY = frozenset({Authority.AGENCY, Authority.MINISTRY})


def rule_for(project: Project, act: AdjustmentKind, on: dt.date) -> AuthorityRule | None:
    """The province's own rule in force that day, else the general one of the funding source. One query."""
    unit = current_id(project.territory_id)
    found = [
        row
        for row in AuthorityRule.objects.filter(funding=project.funding, act=act, valid_from__lte=on)
        if row.holds_on(on) and (row.territory_id is None or current_id(row.territory_id) == unit)
    ]
    return max(found, key=lambda row: (row.territory_id is not None, row.valid_from), default=None)


def may_decide(user: Any, project: Project, authority: str) -> bool:
    """Whether the account may decide, or write down what the authority signed."""
    reach = staff_reach(user)
    if user is None or reach.holds(Role.LEADER, project.territory_id):
        return True
    if authority == Authority.CENTRE:
        return reach.holds(Role.EXTENSION_OFFICER, project.territory_id)
    return authority in OF_AGENCY and Role.AGENCY_NATIONAL in reach.roles


def needs_paper(user: Any, authority: str) -> bool:
    """Whether the signed paper has to be attached: the person writes down what another authority decided."""
    own = authority in OF_AGENCY and Role.AGENCY_NATIONAL in staff_reach(user).roles
    return authority in ABOVE and not own


def require_decide(user: Any, project: Project, authority: str) -> None:
    """Raises Refusal("not_allowed") that names who decides."""
    if not may_decide(user, project, authority):
        raise Refusal("not_allowed", NOT_YOURS % {"authority": Authority(authority).label})
