"""Complaints and comments: taken in, given to someone who did not score, answered in words, and meanwhile held.

TT 26/2014/TT-BCT, Điều 20: within 15 working days of the announcement, answered within 10 working days.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.accounts.models import User
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.notices.services import plan, post_soon
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day
from portal.text.workdays import after_working_days
from products.models import Recognition
from products.services import publish_recognitions

from .. import rules
from ..answering import answer_may_be_given_by, refusal_to_answer
from ..enums import ComplaintAbout, ComplaintChannel, ComplaintOutcome, ComplaintState, RoundState
from ..models import Complaint, Dossier, Round
from ..notices import COMPLAINT_ANSWERED, COMPLAINT_ASSIGNED
from .holding import OPEN, held
from .lifecycle import lock
from .receiving import today_of
from .results import tell_result
from .shared import require_reason

WINDOW, TERM = 15, 10
SHORTEST = 10
HEARD_IN = (RoundState.PROVISIONAL, RoundState.SUBMITTED, RoundState.DECIDED, RoundState.ANNOUNCED)
ACCEPTED = (ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY)


def last_day(round_: Round) -> dt.date | None:
    """The last day of the term that runs from the announcement; None before it."""
    return after_working_days(today_of(round_.announced_at), WINDOW) if round_.announced_at else None


def term_over(round_: Round, now: dt.datetime) -> bool:
    """Whether the term is over: after the last second of its last day in Vietnam."""
    last = last_day(round_)
    return last is not None and today_of(now) > last


def comments_over(round_: Round, now: dt.datetime) -> bool:
    """Whether the window on the provisional list has ended; half-open, without a limit it runs on."""
    return round_.provisional_until is not None and now >= round_.provisional_until


@transaction.atomic
def file(
    *,
    round_: Round,
    content: str,
    about: str,
    channel: str,
    complainant: str,
    actor: Any,
    now: dt.datetime,
    dossier: Dossier | None = None,
    facility: Facility | None = None,
    contact: str = "",
    attachment: StoredFile | None = None,
    received_at: dt.datetime | None = None,
    holds: bool = True,
) -> Complaint:
    """Take in a complaint, or before the announcement a comment on the provisional list.

    A late one is taken and marked: whoever answers says whether it is looked at. `received_at` is the desk's word
    on a paper that came earlier. Raises Refusal "not_allowed", "not_heard_now", "too_short", "complainant_missing",
    "other_round", "received_later".
    """
    locked = lock(round_)
    _refuse_stranger(locked, actor, facility)
    if locked.state not in HEARD_IN:
        raise Refusal(
            "not_heard_now",
            _("Kỳ bình chọn %(state)s. Kiến nghị được nhận từ khi công khai danh sách dự kiến đến khi kết thúc kỳ.")
            % {"state": str(locked.get_state_display()).lower()},
        )
    words, name = normalise(content), normalise(complainant)
    _refuse_unwritten(words, name)
    if dossier is not None and dossier.round_id != locked.pk:
        raise Refusal("other_round", _("Hồ sơ này thuộc kỳ bình chọn khác. Hãy chọn lại."), field="dossier")
    came = received_at or now
    if came > now:
        raise Refusal("received_later", _("Ngày nhận ở sau hôm nay. Hãy kiểm tra lại ngày."), field="received_on")
    made = Complaint.objects.create(
        round=locked,
        number=(locked.complaints.aggregate(newest=Max("number"))["newest"] or 0) + 1,
        dossier=dossier,
        about=ComplaintAbout(about),
        channel=ComplaintChannel(channel),
        complainant=name,
        contact=normalise(contact),
        facility=facility,
        filed_by=actor,
        content=words,
        attachment=attachment,
        received_at=came,
        is_provisional=locked.announced_at is None,
        is_late=_is_late(locked, came),
        answer_due_on=after_working_days(today_of(came), TERM),
        holds=holds and dossier is not None,
    )
    _note(made, actor, "complaint.file", _("Nhận kiến nghị số %(number)s về %(about)s."))
    return made


@transaction.atomic
def assign(*, complaint: Complaint, answerer: User, actor: Any, now: dt.datetime) -> Complaint:
    """Give it to someone of the council or the office who did not score it and has no conflict with it.

    Raises Refusal "not_allowed", "answered", "not_of_the_council", "scored_it", "in_the_jury", "conflict".
    """
    row = _locked(complaint, actor)
    _refuse_answered(row)
    refused = refusal_to_answer(answerer, row)
    if refused is not None:
        raise refused
    row.answerer, row.assigned_by, row.assigned_at, row.state = answerer, actor, now, ComplaintState.ASSIGNED
    row.save()
    _note(row, actor, "complaint.assign", _("Giao kiến nghị số %(number)s cho %(who)s."), who=str(answerer))
    _tell_answerer(row, answerer, now)
    return row


@transaction.atomic
def set_hold(*, complaint: Complaint, holds: bool, reason: str, actor: Any) -> Complaint:
    """Hold what is contested, or let it go on, with the reason."""
    row = _locked(complaint, actor)
    _refuse_answered(row)
    words = require_reason(reason)
    if row.dossier_id is None:
        raise Refusal("no_dossier", _("Kiến nghị này không về hồ sơ nào nên không có gì để tạm dừng."))
    row.holds = holds
    row.save()
    sentence = (
        _("Tạm dừng hồ sơ bị kiến nghị số %(number)s.") if holds else _("Thôi tạm dừng theo kiến nghị số %(number)s.")
    )
    _note(row, actor, "complaint.hold", sentence, reason=words, data={"holds": holds})
    return row


@transaction.atomic
def answer(
    *,
    complaint: Complaint,
    outcome: str,
    words: str,
    actor: Any,
    now: dt.datetime,
    correction: str = "",
    scan: StoredFile | None = None,
) -> Complaint:
    """Answer with an outcome; by the person it was given to, who is looked at again at this moment.

    What is accepted says what was corrected. The hold ends; a recognition that waited is published when the
    result is out. Raises Refusal "not_yours", "answer_missing", "correction_missing", "not_late" and those of `assign`.
    """
    row = _lock_row(complaint)
    if row.answerer_id != actor.pk:
        raise Refusal("not_yours", _("Kiến nghị này giao cho người khác trả lời. Hãy mở kiến nghị được giao cho bạn."))
    _refuse_answered(row)
    refused = refusal_to_answer(actor, row)
    if refused is not None:
        raise refused
    row.outcome, row.answer, row.correction = ComplaintOutcome(outcome), normalise(words), normalise(correction)
    refuse_half_answer(row)
    row.state, row.answered_at, row.answer_scan = ComplaintState.ANSWERED, now, scan
    row.save()
    _note(
        row,
        actor,
        "complaint.answer",
        _("Trả lời kiến nghị số %(number)s: %(outcome)s."),
        reason=row.answer,
        data={"outcome": row.outcome, "correction": row.correction},
        outcome=str(row.get_outcome_display()).lower(),
    )
    _publish_what_waited(row, now=now, actor=actor)
    _tell_complainant(row, now)
    return row


@transaction.atomic
def withdraw(*, complaint: Complaint, reason: str, actor: Any, now: dt.datetime) -> Complaint:
    """Whoever sent it takes it back, or the desk writes down that they did; it stays in the record."""
    row = _lock_row(complaint)
    _refuse_stranger(row.round, actor, row.facility)
    _refuse_answered(row)
    row.state = ComplaintState.WITHDRAWN
    row.save()
    _note(row, actor, "complaint.withdraw", _("Rút kiến nghị số %(number)s."), reason=require_reason(reason))
    _publish_what_waited(row, now=now, actor=actor)
    return row


def possible_answerers(complaint: Complaint) -> list[User]:
    """Council members and staff who may answer it, by name. A handful of queries, however many people."""
    return answer_may_be_given_by(complaint)


def _locked(complaint: Complaint, actor: Any) -> Complaint:
    row = _lock_row(complaint)
    rules.may_handle_complaints.require(actor, row.round)
    return row


def _lock_row(complaint: Complaint) -> Complaint:
    round_ = lock(complaint.round)
    row = Complaint.objects.select_for_update(of=("self",)).select_related("dossier__product").get(pk=complaint.pk)
    row.round = round_
    return row


def _refuse_stranger(round_: Round, actor: Any, facility: Facility | None) -> None:
    speaks = facility is not None and rules.represents(actor, facility.pk)
    if not speaks:
        rules.may_handle_complaints.require(actor, round_)


def _refuse_unwritten(content: str, complainant: str) -> None:
    if not complainant:
        raise Refusal("complainant_missing", _("Hãy ghi người gửi kiến nghị."), field="complainant")
    if len(content) < SHORTEST:
        raise Refusal("too_short", _("Hãy ghi rõ điều kiến nghị: việc gì, vì sao, đề nghị thế nào."), field="content")


def _is_late(round_: Round, came: dt.datetime) -> bool:
    return term_over(round_, came) if round_.announced_at else comments_over(round_, came)


def _refuse_answered(row: Complaint) -> None:
    if row.state not in OPEN:
        raise Refusal(
            "answered",
            _("Kiến nghị số %(number)s %(state)s nên không sửa được nữa.")
            % {"number": row.number, "state": str(row.get_state_display()).lower()},
        )


def refuse_half_answer(row: Complaint) -> None:
    if len(row.answer) < SHORTEST:
        raise Refusal("answer_missing", _("Hãy ghi nội dung trả lời người gửi."), field="words")
    if row.outcome in ACCEPTED and not row.correction:
        raise Refusal(
            "correction_missing", _("Chấp nhận kiến nghị thì hãy ghi điều đã sửa hoặc sẽ sửa."), field="correction"
        )
    if row.outcome == ComplaintOutcome.LATE and not row.is_late:
        raise Refusal("not_late", _("Kiến nghị này gửi trong hạn nên phải được xem xét."), field="outcome")


def _publish_what_waited(row: Complaint, *, now: dt.datetime, actor: Any) -> None:
    """After the announcement a result that only this complaint held goes out."""
    dossier = row.dossier
    if dossier is None or row.round.announced_at is None or not row.holds or dossier.pk in held(row.round):
        return
    if dossier.recognition_id is not None:
        waiting = Recognition.objects.filter(pk=dossier.recognition_id, published_at__isnull=True)
        publish_recognitions(recognitions=waiting, at=now, actor=actor)
    tell_result(dossier=dossier, now=now)


def _tell_answerer(row: Complaint, answerer: User, now: dt.datetime) -> None:
    plan(
        kind=COMPLAINT_ASSIGNED.code,
        subject=row,
        due_on=today_of(now),
        title=_("Bạn được giao trả lời kiến nghị số %(number)s") % {"number": row.number},
        body=_("%(round)s. Trả lời chậm nhất ngày %(day)s.")
        % {"round": row.round.title, "day": day(row.answer_due_on)},
        users=[answerer],
        territory=row.round.territory,
    )
    post_soon()


def _tell_complainant(row: Complaint, now: dt.datetime) -> None:
    if row.filed_by is None or row.facility_id is None:
        return
    plan(
        kind=COMPLAINT_ANSWERED.code,
        subject=row,
        due_on=today_of(now),
        title=_("Kiến nghị số %(number)s đã được trả lời: %(outcome)s")
        % {"number": row.number, "outcome": str(row.get_outcome_display()).lower()},
        body=row.answer,
        users=[row.filed_by],
        territory=row.round.territory,
    )
    post_soon()


def _note(
    row: Complaint,
    actor: Any,
    action: str,
    sentence: str,
    *,
    reason: str = "",
    data: dict[str, Any] | None = None,
    **words: str,
) -> None:
    said = {"number": row.number, "about": str(row.get_about_display()).lower(), **words}
    code = row.dossier.entry_code if row.dossier else ""
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=row,
        territory=row.round.territory,
        reason=reason,
        data={"dossier": code, "at": timezone.localtime(row.received_at).isoformat(), **(data or {})},
    )
