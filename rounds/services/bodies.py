"""Who sits in the council, the jury and the support team, and by which papers. People are replaced, never deleted."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.folding import normalise
from products.enums import ProductGroup

from .. import rules
from ..enums import Body
from ..models import EstablishingDecision, Round, Seat
from ..states import BEFORE_SEAL, COUNCIL_WORKS
from .lifecycle import lock
from .shared import refuse_round_state, require_reason

OPEN_UNTIL = {Body.COUNCIL: COUNCIL_WORKS, Body.JURY: BEFORE_SEAL, Body.SUPPORT: BEFORE_SEAL}


@transaction.atomic
def seat(
    *,
    round_: Round,
    user: User,
    body: str,
    role: str,
    since: dt.date,
    actor: Any,
    max_sheets: int | None = None,
    groups: Sequence[str] = (),
) -> Seat:
    """Give a person a place. Refused where the role is taken or the body has done its work."""
    locked = _locked(round_, body, actor)
    limits = _limits(body, max_sheets, groups)
    place = _write(Seat(round=locked, user=user, body=body, role=role, since=since, **limits))
    _note(locked, place, actor=actor, action="seat.add", sentence=_("%(person)s làm %(role)s."))
    return place


@transaction.atomic
def end_seat(*, place: Seat, until: dt.date, reason: str, actor: Any) -> Seat:
    """End a person's part from a day on, with the reason."""
    locked = _locked(place.round, place.body, actor)
    row = _end(place, until, require_reason(reason, field="until_reason"))
    _note(
        locked,
        row,
        actor=actor,
        action="seat.end",
        sentence=_("%(person)s thôi làm %(role)s."),
        reason=row.until_reason,
    )
    return row


@transaction.atomic
def replace(*, place: Seat, user: User, since: dt.date, reason: str, actor: Any) -> Seat:
    """Put another person in a place, as one act: the one before stops that day, the new one takes over role and limits.

    Sheets of the one before stay: those handed in count on, those begun do not.
    """
    locked = _locked(place.round, place.body, actor)
    words = require_reason(reason)
    old = _end(place, since, words)
    new = Seat(
        round=locked,
        user=user,
        body=old.body,
        role=old.role,
        since=since,
        replaces=old,
        max_sheets=old.max_sheets,
        groups=old.groups,
    )
    _write(new, field="user")
    _note(
        locked,
        new,
        actor=actor,
        action="seat.replace",
        sentence=_("%(person)s thay %(before)s làm %(role)s."),
        words={"before": old.user},
        reason=words,
        data={"replaced": str(old.user.uuid)},
    )
    return new


@transaction.atomic
def set_limits(*, place: Seat, max_sheets: int | None, groups: Sequence[str], actor: Any) -> Seat:
    """How many dossiers a judge takes at most, and of which groups; nothing means no limit."""
    locked = _locked(place.round, place.body, actor)
    row = _held(place)
    _refuse_ended(row)
    limits = _limits(row.body, max_sheets, groups)
    row.max_sheets, row.groups = limits["max_sheets"], limits["groups"]
    row.save()
    _note(
        locked,
        row,
        actor=actor,
        action="seat.limits",
        sentence=_("Ghi giới hạn chấm của %(person)s, %(role)s."),
        data={"max_sheets": row.max_sheets, "groups": list(row.groups)},
    )
    return row


@transaction.atomic
def record_establishing(
    *, round_: Round, body: str, title: str, signed_on: dt.date | None, scan: StoredFile | None, actor: Any
) -> EstablishingDecision:
    """Record a paper that set up a body or changed who sits in it."""
    locked = _locked_for_papers(round_, actor)
    row = EstablishingDecision(round=locked, body=body, title=normalise(title), signed_on=signed_on, scan=scan)
    _write_paper(row)
    _note_paper(row, actor, "establishing.add", _("Ghi %(title)s về %(body)s."))
    return row


@transaction.atomic
def correct_establishing(
    *, paper: EstablishingDecision, title: str, signed_on: dt.date | None, scan: StoredFile | None, actor: Any
) -> EstablishingDecision:
    """Correct what was recorded of a paper; without a new scan the one there stays."""
    _locked_for_papers(paper.round, actor)
    row = EstablishingDecision.objects.select_for_update().get(pk=paper.pk)
    row.title, row.signed_on, row.scan = normalise(title), signed_on, scan or row.scan
    _write_paper(row)
    _note_paper(row, actor, "establishing.correct", _("Sửa %(title)s về %(body)s."))
    return row


def _locked(round_: Round, body: str, actor: Any) -> Round:
    locked = lock(round_)
    rules.may_manage.require(actor, locked)
    refuse_round_state(
        locked, OPEN_UNTIL[Body(body)], _("Kỳ bình chọn %(state)s nên không đổi thành viên của tổ chức này được.")
    )
    return locked


def _locked_for_papers(round_: Round, actor: Any) -> Round:
    locked = lock(round_)
    rules.may_manage.require(actor, locked)
    refuse_round_state(locked, COUNCIL_WORKS, _("Kỳ bình chọn %(state)s nên không sửa quyết định thành lập được."))
    return locked


def _held(place: Seat) -> Seat:
    return Seat.objects.select_for_update(of=("self",)).select_related("user").get(pk=place.pk)


def _refuse_ended(row: Seat) -> None:
    if row.until is not None:
        raise Refusal("seat_ended", _("%(person)s đã thôi tham gia từ trước.") % {"person": row.user})


def _end(place: Seat, until: dt.date, words: str) -> Seat:
    row = _held(place)
    _refuse_ended(row)
    if until < row.since:
        raise Refusal("seat_out_of_order", _("Ngày thôi không được trước ngày bắt đầu."), field="until")
    row.until, row.until_reason = until, words[:200]
    row.save()
    return row


def _write(place: Seat, field: str = "role") -> Seat:
    try:
        place.full_clean()
    except ValidationError as error:
        raise Refusal("seat_not_possible", error.messages[0], field=field) from error
    place.save()
    return place


def _limits(body: str, max_sheets: int | None, groups: Sequence[str]) -> dict[str, Any]:
    """Only the jury has any; of the groups the known ones, each once, in their own order."""
    if body != Body.JURY:
        return {"max_sheets": None, "groups": []}
    if max_sheets is not None and max_sheets < 1:
        raise Refusal("limit_too_low", _("Số hồ sơ chấm tối đa phải từ 1 trở lên."), field="max_sheets")
    return {"max_sheets": max_sheets, "groups": [str(group) for group in ProductGroup if group in groups]}


def _write_paper(row: EstablishingDecision) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refusal("establishing_not_possible", error.messages[0], field="title") from error
    row.save()


def _note(
    round_: Round,
    place: Seat,
    *,
    actor: Any,
    action: str,
    sentence: str,
    reason: str = "",
    words: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    said = {"person": place.user, "role": str(place.get_role_display()).lower(), **(words or {})}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=round_,
        territory=round_.territory,
        reason=reason,
        data={"user": str(place.user.uuid), "body": place.body, "role": place.role, **(data or {})},
    )


def _note_paper(row: EstablishingDecision, actor: Any, action: str, sentence: str) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"title": _decision(row.title), "body": str(row.get_body_display()).lower()},
        subject=row.round,
        territory=row.round.territory,
        data={"decision": row.pk, "body": row.body, "scan": row.scan.sha256 if row.scan else ""},
    )


def _decision(title: str) -> str:
    return title if title.lower().startswith("quyết định") else _("quyết định %(title)s") % {"title": title}
