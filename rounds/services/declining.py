"""The chair leaves a handed-in sheet as it is, though its judge asked to have it opened again."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.notices.services import plan
from portal.text.errors import Refusal

from ..models import ScoreSheet
from ..notices import REOPENING_DECLINED
from ..reopen_requests import DECLINED, asked
from ..rules import may_reopen_sheets
from .receiving import today_of
from .scoring import lock_with_round, note_sheet, reason_in_words
from .shared import refuse_party


@transaction.atomic
def decline(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> ScoreSheet:
    """Say no to the judge's request, with the reason, and tell the judge.

    Raises Refusal "not_allowed", "conflict", "reason_missing", "not_asked" when no request waits.
    """
    why = reason_in_words(reason, _("Hãy ghi lý do không mở lại phiếu."))
    locked = lock_with_round(sheet)
    may_reopen_sheets.require(actor, locked.dossier.round)
    refuse_party(locked.dossier, actor, is_office=True)
    if not asked(Q(pk=locked.pk)).exists():
        raise Refusal("not_asked", _("Giám khảo không còn đề nghị mở lại phiếu này."))
    declined = note_sheet(
        locked,
        actor=actor,
        action=DECLINED,
        sentence=_("Không mở lại phiếu chấm hồ sơ %(code)s của %(judge)s."),
        reason=why,
    )
    facts = {"code": locked.dossier.entry_code, "reason": why}
    plan(
        kind=REOPENING_DECLINED.code,
        subject=locked,
        users=[locked.judge],
        due_on=today_of(now),
        title=_("Phiếu chấm hồ sơ %(code)s không được mở lại") % facts,
        body=_("Lý do: %(reason)s") % facts,
        territory=locked.dossier.round.territory,
        act=declined,
    )
    return locked
