"""The maker asks to give a recognition back; the officer confirms it with a day, or says why not."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..enums import WithdrawalState
from ..models import Recognition, WithdrawalRequest
from .ending_steps import locked_in_force, require_within_term
from .endings import withdraw
from .shared import level_words, require_reason


@transaction.atomic
def ask_withdrawal(*, recognition: Recognition, reason: str, actor: Any, now: dt.datetime) -> WithdrawalRequest:
    """Ask for a recognition to be withdrawn. Nothing ends before the officer has confirmed it.

    Raises Refusal `withdrawal_asked` when a request waits already, or when there is nothing to give back.
    """
    today = timezone.localdate(now)
    row = locked_in_force(recognition, on=max(today, recognition.begins_on), reason=reason)
    require_within_term(row, on=today)
    if row.withdrawal_requests.filter(state=WithdrawalState.ASKED).exists():
        raise Refusal("withdrawal_asked", _("Đề nghị rút công nhận này đã gửi và đang chờ cán bộ xác nhận."))
    asked = WithdrawalRequest.objects.create(recognition=row, reason=normalise(reason), asked_at=now, asked_by=actor)
    sentence = _("Cơ sở gửi đề nghị rút công nhận “%(product)s” %(level)s.")
    _audit(asked, actor=actor, act="ask_withdrawal", sentence=sentence, reason=reason)
    return asked


@transaction.atomic
def take_back_withdrawal(*, request: WithdrawalRequest, actor: Any, now: dt.datetime) -> WithdrawalRequest:
    """The maker changes its mind before the officer has answered."""
    asked = _open(request)
    _close(asked, WithdrawalState.TAKEN_BACK, "", actor, now)
    sentence = _("Cơ sở thôi xin rút công nhận “%(product)s” %(level)s.")
    _audit(asked, actor=actor, act="take_back_withdrawal", sentence=sentence)
    return asked


@transaction.atomic
def answer_withdrawal(
    *,
    request: WithdrawalRequest,
    confirm: bool,
    actor: Any,
    now: dt.datetime,
    on: dt.date | None = None,
    reason: str = "",
) -> WithdrawalRequest:
    """Confirm a request with the day from which the recognition is given back, or decline it with a reason."""
    asked = _open(request)
    if confirm:
        if on is None:
            raise Refusal("day_missing", _("Chưa ghi ngày. Hãy ghi ngày thôi hiệu lực."), field="on")
        said = normalise(reason) or asked.reason
        withdraw(recognition=asked.recognition, on=on, reason=said, actor=actor, now=now)
        return _close(asked, WithdrawalState.CONFIRMED, said, actor, now)
    require_reason(reason)
    _close(asked, WithdrawalState.DECLINED, reason, actor, now)
    sentence = _("Không rút công nhận “%(product)s” %(level)s theo đề nghị của cơ sở.")
    _audit(asked, actor=actor, act="decline_withdrawal", sentence=sentence, reason=reason)
    return asked


def _open(request: WithdrawalRequest) -> WithdrawalRequest:
    asked = WithdrawalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if asked.state != WithdrawalState.ASKED:
        raise Refusal("withdrawal_answered", _("Đề nghị rút này đã được trả lời. Hãy tải lại trang để xem."))
    return asked


def _close(
    asked: WithdrawalRequest, state: WithdrawalState, answer: str, actor: Any, now: dt.datetime
) -> WithdrawalRequest:
    asked.state, asked.answer = state, normalise(answer)
    asked.answered_at, asked.answered_by = now, actor
    asked.save()
    return asked


def _audit(asked: WithdrawalRequest, *, actor: Any, act: str, sentence: str, reason: str = "") -> None:
    row = asked.recognition
    record(
        actor=actor,
        action=f"recognition.{act}",
        sentence=sentence % {"product": row.product.name, "level": level_words(row)},
        subject=row,
        territory=row.territory,
        reason=normalise(reason),
        data={"request": str(asked.uuid)},
    )
