"""What the support team remarks on a dossier, for the council to read beside the scores."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from .. import rules
from ..enums import DossierState
from ..models import Dossier
from ..states import COUNCIL_WORKS
from .shared import lock_dossier, note, refuse_round_state, save


@transaction.atomic
def write_remark(
    *, dossier: Dossier, remark: str, actor: Any, now: dt.datetime, revision: int | None = None
) -> Dossier:
    """Write the support team's remark on an admitted dossier, until the council has handed in its result.

    The text that stood before is kept in the dossier's history. Raises Refusal `not_allowed`, `conflict`,
    `moved_on`, `round_state`, `dossier_not_admitted`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    refuse_round_state(
        locked.round, COUNCIL_WORKS, _("Kỳ bình chọn %(state)s nên nhận xét của tổ giúp việc không đổi nữa.")
    )
    if locked.state != DossierState.ELIGIBLE:
        raise Refusal("dossier_not_admitted", _("Chỉ nhận xét hồ sơ đã kết luận đủ điều kiện."))
    locked.support_remark = remark.strip()
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.remark",
        sentence=_("Ghi nhận xét của tổ giúp việc về hồ sơ %(code)s."),
        data={"remark": locked.support_remark},
    )
    return locked
