"""Asking for what is missing: one request per addressee, with a deadline; handed in again, late or withdrawn."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from .. import queries, rules
from ..completeness import missing_by_addressee
from ..enums import Addressee, DossierState
from ..models import Dossier, SupplementRequest
from ..notices import SUPPLEMENT
from ..states import CHECKING
from .freezing import freeze
from .guards import moment
from .receiving import today_of
from .shared import lock_dossier, note, refuse_dossier_out_of_order, refuse_round_state, require_reason, save
from .telling import tell

D = DossierState


@transaction.atomic
def request_supplement(
    *,
    dossier: Dossier,
    until: dt.datetime,
    actor: Any,
    now: dt.datetime,
    words: Mapping[Addressee, str] | None = None,
    revision: int | None = None,
) -> Dossier:
    """Ask each addressee for what it owes, with a deadline, and tell its people.

    Without `words` the requests are written from the open papers, one for each who owes some. Asked again before
    the deadline, open requests are replaced and those to whom nothing is left to ask are closed; after it only once
    a leader has let the supplement in late. Raises Refusal `deadline_past`, `nothing_to_request`, `supplement_late`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    refuse_not_checking(locked)
    if locked.state != D.NEEDS_SUPPLEMENT:
        refuse_dossier_out_of_order(locked, D.NEEDS_SUPPLEMENT)
    _refuse_late(locked, now)
    if until <= now:
        raise Refusal("deadline_past", _("Hạn bổ sung phải ở sau lúc này. Hãy chọn lại hạn."), field="until")
    asked = _told(locked, words, now)
    _close(locked, set(Addressee) - asked.keys(), now)
    facts = {"until": until, "requested_by": actor, "requested_at": now}
    rows = [_ask(locked, addressee, words=text, **facts) for addressee, text in asked.items()]
    locked.state, locked.supplement_until, locked.supplement_request = D.NEEDS_SUPPLEMENT, until, _joined(asked)
    locked.late_reason, locked.late_allowed_by = "", None
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.request_supplement",
        sentence=_("Thông báo bổ sung hồ sơ %(code)s gửi %(whom)s, hạn %(until)s."),
        reason=locked.supplement_request,
        whom=", ".join(str(addressee.label) for addressee in asked),
        until=moment(until),
    )
    for row in rows:
        _tell(locked, row, now)
    return locked


@transaction.atomic
def resubmit(*, dossier: Dossier, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """The supplemented dossier comes in again, before its deadline, as a new frozen version.

    After the deadline only once a leader has let it in late. Raises Refusal `supplement_late`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_supply, revision=revision)
    refuse_not_checking(locked)
    _refuse_not_waiting(locked)
    _refuse_late(locked, now)
    locked.state, locked.submitted_at = D.SUBMITTED, now
    close_requests(locked, now=now)
    freeze(locked)
    save(locked)
    note(locked, actor=actor, action="dossier.resubmit", sentence=_("Nộp lại hồ sơ %(code)s sau khi bổ sung."))
    return locked


@transaction.atomic
def accept_late(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """A leader lets a supplement in after its deadline, with the reason. Raises Refusal `supplement_not_late`."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_decide, revision=revision)
    refuse_not_checking(locked)
    _refuse_not_waiting(locked)
    if locked.supplement_until is None or now < locked.supplement_until:
        raise Refusal("supplement_not_late", _("Hạn bổ sung chưa qua nên không cần cho nhận sau hạn."))
    words = require_reason(reason)
    locked.late_reason, locked.late_allowed_by = words, actor
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.accept_late",
        sentence=_("Cho nhận bổ sung hồ sơ %(code)s sau hạn %(until)s."),
        reason=words,
        until=moment(locked.supplement_until),
    )
    return locked


@transaction.atomic
def withdraw_request(
    *,
    dossier: Dossier,
    reason: str,
    actor: Any,
    now: dt.datetime,
    addressee: Addressee | None = None,
    revision: int | None = None,
) -> Dossier:
    """Take back the request to one addressee, or every open one, with the reason.

    With the last one the dossier is being checked again, as it stands. Raises Refusal `request_closed`,
    `supplement_late`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    refuse_not_checking(locked)
    _refuse_not_waiting(locked)
    _refuse_late(locked, now)
    words = require_reason(reason)
    closed = _close(locked, {addressee} if addressee else set(Addressee), now)
    if not closed and addressee is not None:
        raise Refusal("request_closed", _("Yêu cầu này đã khép. Hãy tải lại trang."))
    _settle(locked)
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.withdraw_request",
        sentence=_("Thu hồi yêu cầu bổ sung hồ sơ %(code)s."),
        reason=words,
        data={"addressees": [row.addressee for row in closed]},
    )
    return locked


def close_requests(locked: Dossier, *, now: dt.datetime) -> None:
    """Nothing is waited for any more; the caller saves the dossier."""
    _close(locked, set(Addressee), now)
    locked.supplement_until = None


def refuse_not_checking(dossier: Dossier) -> None:
    refuse_round_state(
        dossier.round, CHECKING, _("Kỳ bình chọn %(state)s nên việc kiểm tra hồ sơ đã khép lại hoặc chưa mở.")
    )


def _refuse_not_waiting(locked: Dossier) -> None:
    if locked.state != D.NEEDS_SUPPLEMENT:
        raise Refusal("dossier_not_waiting", _("Hồ sơ này không chờ bổ sung nên không nộp lại được."))


def _refuse_late(locked: Dossier, now: dt.datetime) -> None:
    """The deadline is half-open: at its very second it is over."""
    until = locked.supplement_until
    if locked.state != D.NEEDS_SUPPLEMENT or until is None or now < until or locked.late_allowed_by_id is not None:
        return
    raise Refusal(
        "supplement_late",
        _("Hạn bổ sung %(until)s đã qua. Lãnh đạo có thể cho nhận sau hạn kèm lý do, hoặc kết luận không đủ điều kiện.")
        % {"until": moment(until)},
    )


def _told(locked: Dossier, words: Mapping[Addressee, str] | None, now: dt.datetime) -> dict[Addressee, str]:
    """What each addressee is asked for, in the order of addressees."""
    if words is None:
        owed = missing_by_addressee(queries.checklist(locked, on=today_of(now)))
        words = {addressee: "\n".join(sentences) for addressee, sentences in owed.items()}
    asked = {addressee: words[addressee].strip() for addressee in Addressee if words.get(addressee, "").strip()}
    if not asked:
        raise Refusal(
            "nothing_to_request",
            _("Hồ sơ đã đủ giấy tờ. Hãy ghi điều cần bổ sung, hoặc kết luận đủ điều kiện."),
            field="request",
        )
    return asked


def _ask(locked: Dossier, addressee: Addressee, **facts: Any) -> SupplementRequest:
    """A new request in the place of the open one, so that a letter of its own leaves; asked the same, the open one."""
    row = locked.requests.filter(addressee=addressee, closed_at__isnull=True).first()
    if row is not None and (row.words, row.until) == (facts["words"], facts["until"]):
        return row
    if row is not None:
        _close(locked, {addressee}, facts["requested_at"])
    return SupplementRequest.objects.create(dossier=locked, addressee=addressee, **facts)


def _close(locked: Dossier, addressees: set[Addressee], now: dt.datetime) -> list[SupplementRequest]:
    rows = list(locked.requests.filter(addressee__in=addressees, closed_at__isnull=True))
    for row in rows:
        row.closed_at = now
        row.save()
    return rows


def _settle(locked: Dossier) -> None:
    """What the open requests leave on the dossier; none left, it is being checked again, as it stands."""
    left = {Addressee(row.addressee): row.words for row in locked.requests.filter(closed_at__isnull=True)}
    if left:
        locked.supplement_request = _joined(
            {addressee: left[addressee] for addressee in Addressee if addressee in left}
        )
        return
    locked.state, locked.supplement_until, locked.supplement_request = D.SUBMITTED, None, ""
    freeze(locked)


def _joined(asked: Mapping[Addressee, str]) -> str:
    """One text of all requests; who is asked is said where there are several."""
    if len(asked) == 1:
        return next(iter(asked.values()))
    return "\n".join(f"{addressee.label}:\n{words}" for addressee, words in asked.items())


def _tell(locked: Dossier, row: SupplementRequest, now: dt.datetime) -> None:
    facts = {"code": locked.entry_code, "product": locked.product.name, "until": moment(row.until), "words": row.words}
    tell(
        locked,
        [Addressee(row.addressee)],
        kind=SUPPLEMENT.code,
        subject=row,
        now=now,
        title=_("Hồ sơ %(code)s cần bổ sung trước %(until)s") % facts,
        body=_("Hồ sơ số %(code)s, “%(product)s”, cần bổ sung trước %(until)s:\n%(words)s") % facts,
    )
