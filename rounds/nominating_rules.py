"""Who may send a list of nominations, and who takes it in: predicates with the sentence that refuses."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

from . import rules
from .models import NominationList, Round

NOT_YOURS = _("Chỉ cán bộ, lãnh đạo Sở của tỉnh, hoặc cán bộ của xã, được lập và gửi danh sách đề cử của mình.")
NOT_YOUR_ROUND = _("Chỉ đơn vị nhận hồ sơ của kỳ bình chọn được nhận, trả lại danh sách đề cử.")


def may_nominate(user: Any, *, territory_id: int, commune_id: int | None = None) -> bool:
    """Whether the person writes and sends the lists of that commune, or of that province. `None` is the system."""
    if user is None:
        return True
    reach = staff_reach(user)
    if commune_id is not None:
        return Role.COMMUNE_OFFICER in reach.roles and commune_id in reach.commune_ids
    return any(reach.holds(role, territory_id) for role in (Role.OFFICER, Role.LEADER))


def require_sender(user: Any, *, territory_id: int, commune_id: int | None = None) -> None:
    if not may_nominate(user, territory_id=territory_id, commune_id=commune_id):
        raise Refusal("not_allowed", NOT_YOURS)


def may_write(user: Any, row: NominationList) -> bool:
    return may_nominate(user, territory_id=row.territory_id, commune_id=row.commune_id)


def may_take(user: Any, round_: Round | None) -> bool:
    """Whether the person receives or returns what is sent to the round."""
    return round_ is not None and rules.may_receive(user, round_)


def require_taker(user: Any, round_: Round | None) -> None:
    if not may_take(user, round_):
        raise Refusal("not_allowed", NOT_YOUR_ROUND)
