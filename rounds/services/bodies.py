"""Who sits in the council, the jury and the support team. People are replaced, never deleted."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.text.errors import Refusal

from .. import rules
from ..enums import Body
from ..models import Round, Seat
from ..states import BEFORE_SEAL, COUNCIL_WORKS
from .lifecycle import lock
from .shared import refuse_round_state, require_reason

OPEN_UNTIL = {Body.COUNCIL: COUNCIL_WORKS, Body.JURY: BEFORE_SEAL, Body.SUPPORT: BEFORE_SEAL}


@transaction.atomic
def seat(*, round_: Round, user: User, body: str, role: str, since: dt.date, actor: Any) -> Seat:
    """Give a person a place. Refused where the role is taken or the body has done its work."""
    locked = _locked(round_, body, actor)
    place = Seat(round=locked, user=user, body=body, role=role, since=since)
    try:
        place.full_clean()
    except ValidationError as error:
        raise Refusal("seat_not_possible", error.messages[0], field="role") from error
    place.save()
    _note(locked, place, actor=actor, action="seat.add", sentence=_("%(person)s làm %(role)s."))
    return place


@transaction.atomic
def end_seat(*, place: Seat, until: dt.date, reason: str, actor: Any) -> Seat:
    """End a person's part from a day on, with the reason."""
    locked = _locked(place.round, place.body, actor)
    words = require_reason(reason, field="until_reason")
    row = Seat.objects.select_for_update(of=("self",)).select_related("user").get(pk=place.pk)
    if row.until is not None:
        raise Refusal("seat_ended", _("%(person)s đã thôi tham gia từ trước.") % {"person": row.user})
    if until < row.since:
        raise Refusal("seat_out_of_order", _("Ngày thôi không được trước ngày bắt đầu."), field="until")
    row.until, row.until_reason = until, words
    row.save()
    _note(locked, row, actor=actor, action="seat.end", sentence=_("%(person)s thôi làm %(role)s."), reason=words)
    return row


def _locked(round_: Round, body: str, actor: Any) -> Round:
    locked = lock(round_)
    rules.may_manage.require(actor, locked)
    refuse_round_state(
        locked, OPEN_UNTIL[Body(body)], _("Kỳ bình chọn %(state)s nên không đổi thành viên của tổ chức này được.")
    )
    return locked


def _note(round_: Round, place: Seat, *, actor: Any, action: str, sentence: str, reason: str = "") -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"person": place.user, "role": str(place.get_role_display()).lower()},
        subject=round_,
        territory=round_.territory,
        reason=reason,
        data={"user": str(place.user.uuid), "body": place.body, "role": place.role},
    )
