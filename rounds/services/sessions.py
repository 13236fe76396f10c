"""Sessions of the council: opened, who is there, what was said, closed; from then on the minutes do not change.

Locks run round, then session, in this order everywhere, so that a word said while the session is being closed
is either in its minutes or refused.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import council_queries, queries, rules
from ..deliberation import Room
from ..enums import Body, RoundState, SessionState
from ..models import Attendance, CouncilSession, Dossier, Round, Seat
from ..official.facts import minutes
from ..official.facts.words import clean
from .council import departure_words, quorum_words, refuse_votes, word_of
from .shared import refuse_round_state

EARLIEST = dt.timedelta(days=1)
NOT_FOR_READER = gettext_lazy("Một hồ sơ mà bạn không xem còn điều phải sửa. Hãy nhờ người khác của hội đồng xem.")


@transaction.atomic
def open_session(
    *,
    round_: Round,
    held_at: dt.datetime,
    place: str,
    chaired_by: Seat | None,
    minuted_by: Any,
    actor: Any,
    now: dt.datetime,
) -> CouncilSession:
    """Open the next session of the council with every member on its list, none marked as present yet.

    Raises Refusal `not_allowed`, `round_state`, `session_open`, `place_missing`, `not_a_member`, `held_too_late`.
    """
    locked = _lock_round(round_, actor)
    refuse_round_state(
        locked, (RoundState.DELIBERATION,), _("Kỳ bình chọn %(state)s, chỉ mở phiên họp khi hội đồng đang xét.")
    )
    sitting = council_queries.open_session_of(locked)
    if sitting is not None:
        raise Refusal(
            "session_open",
            _("Phiên họp %(number)s chưa khóa biên bản. Hãy khóa phiên đó trước.") % {"number": sitting.number},
        )
    last = CouncilSession.objects.filter(round=locked).aggregate(last=Max("number"))["last"] or 0
    session = CouncilSession(round=locked, number=last + 1)
    _set_facts(session, held_at=held_at, place=place, chaired_by=chaired_by, minuted_by=minuted_by, now=now)
    session.save()
    _list_members(session)
    _note(session, actor, "session.open", _("Mở phiên họp %(number)s của hội đồng, %(round)s."))
    return session


@transaction.atomic
def update_session(
    *,
    session: CouncilSession,
    held_at: dt.datetime,
    place: str,
    chaired_by: Seat | None,
    minuted_by: Any,
    actor: Any,
    now: dt.datetime,
) -> CouncilSession:
    """Correct when and where the council sits and who leads and minutes it, while the session is open."""
    locked = _lock_open(session, actor)
    _set_facts(locked, held_at=held_at, place=place, chaired_by=chaired_by, minuted_by=minuted_by, now=now)
    locked.save()
    _note(locked, actor, "session.update", _("Sửa thông tin phiên họp %(number)s của hội đồng."))
    return locked


@transaction.atomic
def record_attendance(
    *, session: CouncilSession, rows: Mapping[int, tuple[bool, str]], actor: Any, now: dt.datetime
) -> Room:
    """Who is present, by seat, with a note. Members seated or replaced since the opening come and go with it.

    Refused where votes already recorded would no longer be possible ("votes_exceed_presence"), or where a seat is
    not of this council ("not_a_member").
    """
    locked = _lock_open(session, actor)
    _list_members(locked)
    known = {one.seat_id: one for one in locked.attendances.all()}
    if set(rows) - set(known):
        raise Refusal("not_a_member", _("Có người không còn trong hội đồng. Hãy tải lại trang."))
    for seat, (present, words) in rows.items():
        known[seat].present, known[seat].note = present, normalise(words)
    Attendance.objects.bulk_update(known.values(), ["present", "note"])
    room = council_queries.room_of(locked)
    if broken := _broken_votes(locked, room, _hidden_from(actor, locked.round)):
        raise Refusal(
            "votes_exceed_presence",
            _("Không ghi được: số phiếu đã ghi không còn khớp với số người có mặt. Hãy sửa phiếu trước."),
            details=tuple(broken),
        )
    here = sorted(str(one.seat.user) for one in council_queries.attendances_of(locked) if one.present)
    _note(
        locked,
        actor,
        "session.attendance",
        _("Ghi có mặt phiên họp %(number)s: %(present)s trên %(members)s thành viên."),
        data={"present": here},
        present=len(room.present),
        members=room.members,
    )
    return room


@transaction.atomic
def record_words(
    *, session: CouncilSession, discussion: str, conclusion: str, actor: Any, now: dt.datetime
) -> CouncilSession:
    """What was discussed and concluded, for the minutes."""
    locked = _lock_open(session, actor)
    locked.discussion, locked.conclusion = discussion.strip(), conclusion.strip()
    locked.save()
    _note(locked, actor, "session.words", _("Ghi ý kiến thảo luận và kết luận của phiên họp %(number)s."))
    return locked


@transaction.atomic
def close_session(*, session: CouncilSession, actor: Any, now: dt.datetime) -> CouncilSession:
    """Lock the minutes: nothing that they say changes any more. Raises Refusal `session_not_ready` with every reason."""
    locked = _lock_open(session, actor)
    reasons = closing_blockers(locked, reader=actor)
    if reasons:
        raise Refusal(
            "session_not_ready", _("Chưa khóa biên bản được: %(why)s") % {"why": reasons[0]}, details=tuple(reasons)
        )
    with translation.override("vi"):
        locked.minutes = clean(minutes.written(locked, locked_at=now))
    locked.state, locked.closed_at = SessionState.CLOSED, now
    locked.save()
    _note(
        locked,
        actor,
        "session.close",
        _("Khóa biên bản phiên họp %(number)s của hội đồng, %(verdicts)s ý kiến."),
        verdicts=locked.verdicts.count(),
    )
    return locked


@transaction.atomic
def attach_scan(*, session: CouncilSession, scan: StoredFile, actor: Any, now: dt.datetime) -> CouncilSession:
    """Keep the signed minutes. Only of a closed session: what is signed must be what was locked."""
    _lock_round(session.round, actor)
    locked = CouncilSession.objects.select_for_update(of=("self",)).select_related("round").get(pk=session.pk)
    if locked.state != SessionState.CLOSED:
        raise Refusal("session_open", _("Hãy khóa biên bản, in ra ký, rồi tải bản đã ký lên."), field="scan")
    locked.scan = scan
    locked.save()
    _note(
        locked, actor, "session.scan", _("Lưu biên bản đã ký của phiên họp %(number)s."), data={"sha256": scan.sha256}
    )
    return locked


def closing_blockers(session: CouncilSession, *, reader: Any = None) -> list[str]:
    """Everything that speaks against locking the minutes; dossiers from which the reader stands aside are not named.
    Ten queries at most."""
    room = council_queries.room_of(session)
    found = [] if room.is_quorate else [quorum_words(room)]
    if session.chaired_by is None:
        found.append(_("Chưa ghi người chủ trì phiên họp."))
    elif session.chaired_by.user_id not in room.present:
        found.append(_("Người chủ trì chưa được ghi là có mặt."))
    if not session.conclusion.strip():
        found.append(_("Chưa ghi kết luận của phiên họp."))
    hidden = _hidden_from(reader, session.round)
    found += _broken_votes(session, room, hidden)
    entries = council_queries.entries_of(session.round)
    mine = set(session.verdicts.values_list("dossier__entry_code", flat=True))
    for code, better in council_queries.unexplained(entries).items():
        if code in mine & hidden:
            found.append(str(NOT_FOR_READER))
        elif code in mine:
            found.append(_("Hồ sơ %(code)s. %(why)s") % {"code": code, "why": departure_words(better, hidden)})
    return list(dict.fromkeys(map(str, found)))


def _hidden_from(reader: Any, round_: Round) -> frozenset[str]:
    """Entry codes from which the reader stands aside; none for the system. One query."""
    if reader is None:
        return frozenset()
    whole = Dossier.objects.filter(round=round_)
    aside = whole.exclude(pk__in=whole.without_conflict(reader).values("pk"))
    return frozenset(aside.values_list("entry_code", flat=True))


def _broken_votes(session: CouncilSession, room: Room, hidden: frozenset[str] = frozenset()) -> list[str]:
    """Words of this session whose votes are no longer possible with those present. One query."""
    found = []
    for verdict in session.verdicts.select_related("dossier").order_by("dossier__entry_code"):
        try:
            refuse_votes(verdict.dossier, word_of(verdict), room)
        except Refusal as refusal:
            code = verdict.dossier.entry_code
            found.append(str(NOT_FOR_READER if code in hidden else refusal.sentence))
    return found


def _lock_round(round_: Round, actor: Any) -> Round:
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    rules.may_record_verdicts.require(actor, locked)
    return locked


def _lock_open(session: CouncilSession, actor: Any) -> CouncilSession:
    round_ = _lock_round(session.round, actor)
    locked = CouncilSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    locked.round = round_
    if locked.state != SessionState.OPEN:
        raise Refusal("session_closed", _("Biên bản phiên họp này đã khóa nên không sửa được nữa."))
    return locked


def _set_facts(
    session: CouncilSession,
    *,
    held_at: dt.datetime,
    place: str,
    chaired_by: Seat | None,
    minuted_by: Any,
    now: dt.datetime,
) -> None:
    if not place.strip():
        raise Refusal("place_missing", _("Hãy ghi địa điểm họp."), field="place")
    if held_at > now + EARLIEST:
        raise Refusal(
            "held_too_late", _("Phiên họp mở sớm nhất một ngày trước giờ họp. Hãy kiểm tra lại ngày."), field="held_at"
        )
    seats = queries.active_seats(session.round)
    if chaired_by is not None and not seats.filter(pk=chaired_by.pk, body=Body.COUNCIL).exists():
        raise Refusal("not_a_member", _("Người chủ trì phải là thành viên hội đồng."), field="chaired_by")
    if not seats.filter(user=minuted_by, body__in=[Body.COUNCIL, Body.SUPPORT]).exists():
        raise Refusal(
            "not_a_member", _("Người ghi biên bản phải thuộc hội đồng hoặc tổ giúp việc."), field="minuted_by"
        )
    session.held_at, session.place = held_at, normalise(place)
    session.chaired_by, session.minuted_by = chaired_by, minuted_by


def _list_members(session: CouncilSession) -> None:
    """One row for every member seated now; who was replaced meanwhile leaves the list."""
    seats = set(queries.active_seats(session.round, Body.COUNCIL).values_list("pk", flat=True))
    listed = dict(session.attendances.values_list("seat", "pk"))
    Attendance.objects.bulk_create(Attendance(session=session, seat_id=seat) for seat in sorted(seats - set(listed)))
    session.attendances.filter(pk__in=[pk for seat, pk in listed.items() if seat not in seats]).delete()


def _note(
    session: CouncilSession,
    actor: Any,
    action: str,
    sentence: str,
    *,
    data: dict[str, Any] | None = None,
    **words: Any,
) -> None:
    said = {"number": session.number, "round": session.round.title, **words}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=session,
        territory=session.round.territory,
        data={"held_at": timezone.localtime(session.held_at).isoformat(), **(data or {})},
    )
