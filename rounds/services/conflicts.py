"""Conflicts of interest: declaring one takes the person off the dossier at once; withdrawing needs another person.

The circular says nothing of conflicts; the portal supplies the rule (rules.md §5). A sheet that existed is
kept and marked, never deleted. Locks run round, dossier, sheet, in this order everywhere.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from ..enums import RoundState, SheetState
from ..models import Conflict, Dossier, Round, ScoreSheet, Seat
from .scoring import REASON_LENGTH, reason_in_words

_OVER = frozenset({RoundState.DECIDED, RoundState.ANNOUNCED, RoundState.CLOSED, RoundState.CANCELLED})
_SEALED = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS})


@transaction.atomic
def declare(*, dossier: Dossier, user: Any, reason: str, now: dt.datetime) -> Conflict:
    """Declare a conflict of interest, before or after scoring. Declared twice, it stays one.

    An existing sheet is voided with the reason and leaves the tally. Raises Refusal "reason_missing",
    "not_seated", "round_over", or "scoring_closed" when a sheet was already counted.
    """
    why = reason_in_words(reason, _("Hãy ghi lý do xung đột lợi ích, ví dụ: người nhà làm việc tại cơ sở."))
    round_ = (
        Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory").get(pk=dossier.round_id)
    )
    locked = Dossier.objects.select_for_update(no_key=True).get(pk=dossier.pk)
    if not Seat.objects.filter(round=round_, user=user, until__isnull=True).exists():
        raise Refusal("not_seated", _("Chỉ thành viên đương nhiệm của kỳ này khai được xung đột lợi ích."))
    if round_.state in _OVER:
        raise Refusal("round_over", _("Kỳ này đã có quyết định hoặc đã kết thúc nên không khai thêm được."))
    standing = Conflict.objects.filter(dossier=locked, user=user, withdrawn_at__isnull=True).first()
    if standing:
        return standing
    voided = _void_sheet(locked, user, why, round_)
    conflict = Conflict.objects.create(dossier=locked, user=user, reason=why, declared_at=now)
    record(
        actor=user,
        action="conflict.declare",
        sentence=_("Khai xung đột lợi ích với hồ sơ %(code)s.") % {"code": locked.entry_code},
        subject=conflict,
        territory=round_.territory,
        reason=why,
        data={"voided_sheet": str(voided.uuid)} if voided else {},
    )
    return conflict


@transaction.atomic
def withdraw(*, conflict: Conflict, reason: str, actor: Any, now: dt.datetime) -> Conflict:
    """Take a declared conflict back, with a reason and by someone other than who declared it.

    The sheet that the declaration voided comes back as it was: a draft as a draft, a handed-in one as handed in.
    Raises Refusal "reason_missing", "own_conflict", "already_withdrawn", "scoring_closed".
    """
    why = reason_in_words(reason, _("Hãy ghi lý do rút lại xung đột lợi ích."))
    if actor.pk == conflict.user_id:
        raise Refusal(
            "own_conflict",
            _("Người đã khai không tự rút lại được. Hãy đề nghị trưởng ban giám khảo hoặc thư ký hội đồng."),
        )
    dossier = conflict.dossier
    round_ = (
        Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory").get(pk=dossier.round_id)
    )
    locked = Conflict.objects.select_for_update().get(pk=conflict.pk)
    if locked.withdrawn_at:
        raise Refusal("already_withdrawn", _("Xung đột lợi ích này đã được rút lại."))
    sheet = _voided_by(locked)
    if sheet and round_.state != RoundState.SCORING:
        raise Refusal("scoring_closed", _("Kỳ chấm đã đóng nên phiếu đã bỏ không khôi phục được nữa."))
    locked.withdrawn_at, locked.withdrawn_reason = now, why
    locked.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    if sheet:
        _restore(sheet)
    record(
        actor=actor,
        action="conflict.withdraw",
        sentence=_("Rút lại xung đột lợi ích với hồ sơ %(code)s.") % {"code": dossier.entry_code},
        subject=locked,
        territory=round_.territory,
        reason=why,
    )
    return locked


def voided_words(reason: str) -> str:
    """What stands on a sheet that a declaration voided. Stored, hence in one language."""
    return f"Khai xung đột lợi ích: {reason}"[:REASON_LENGTH]


def _void_sheet(dossier: Dossier, user: Any, reason: str, round_: Round) -> ScoreSheet | None:
    sheet = ScoreSheet.objects.select_for_update().filter(dossier=dossier, judge=user).first()
    if sheet is None or sheet.state == SheetState.VOIDED:
        return None
    if sheet.state in _SEALED and round_.state != RoundState.SCORING:
        raise Refusal(
            "scoring_closed",
            _("Kỳ chấm đã đóng và phiếu của bạn đã được tính. Hãy báo chủ tịch hội đồng về xung đột lợi ích này."),
        )
    sheet.state, sheet.voided_reason = SheetState.VOIDED, voided_words(reason)
    sheet.save(update_fields=["state", "voided_reason"])
    return sheet


def _voided_by(conflict: Conflict) -> ScoreSheet | None:
    return (
        ScoreSheet.objects.select_for_update()
        .filter(
            dossier=conflict.dossier_id,
            judge=conflict.user_id,
            state=SheetState.VOIDED,
            voided_reason=voided_words(conflict.reason),
        )
        .first()
    )


def _restore(sheet: ScoreSheet) -> None:
    if sheet.submitted_at is None:
        sheet.state = SheetState.DRAFT
    else:
        sheet.state = SheetState.SUBMITTED if sheet.total is not None else SheetState.CANNOT_ASSESS
    sheet.voided_reason = ""
    sheet.save(update_fields=["state", "voided_reason"])
