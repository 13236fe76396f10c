"""How many each unit may send up to a round, written by who runs it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.models import Territory
from portal.text.errors import Refusal

from .. import rules
from ..models import NominationQuota, Round
from ..states import BEFORE_SCORING
from .shared import refuse_round_state, require_reason

MOST = 9_999


@transaction.atomic
def set_quota(
    *, round_: Round, maximum: int | None, basis: str, actor: Any, territory: Territory | None = None
) -> NominationQuota | None:
    """How many one province, or every unit without its own number, may nominate; without a number the row ends.

    Raises Refusal `not_allowed`, `round_state`, `reason_missing`, `quota_wrong`.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    rules.may_manage.require(actor, locked)
    refuse_round_state(locked, BEFORE_SCORING, _("Kỳ %(state)s nên không đổi số lượng được đề cử."))
    row = NominationQuota.objects.filter(round=locked, territory=territory).first()
    if maximum is None:
        if row is not None:
            row.delete()
            _note(locked, territory, _("Bỏ số lượng được đề cử của %(unit)s vào %(round)s."), actor)
        return None
    if not 0 <= maximum <= MOST:
        raise Refusal("quota_wrong", _("Số lượng phải từ 0 đến 9.999."), field="maximum")
    row = row or NominationQuota(round=locked, territory=territory)
    row.maximum, row.basis = maximum, require_reason(basis, field="basis")
    row.save()
    _note(locked, territory, _("Ghi số lượng được đề cử của %(unit)s vào %(round)s: %(maximum)s."), actor, row)
    return row


def _note(
    round_: Round, territory: Territory | None, sentence: str, actor: Any, row: NominationQuota | None = None
) -> None:
    unit = territory.name if territory else _("mỗi đơn vị")
    record(
        actor=actor,
        action="nomination.quota",
        sentence=sentence % {"unit": unit, "round": round_.title, "maximum": row.maximum if row else ""},
        subject=round_,
        territory=round_.territory,
        reason=row.basis if row else "",
    )
