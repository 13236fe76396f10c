"""Sessions of the council: who is there, votes against those present, reasons against the ranking, locked minutes."""

import datetime as dt
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from docx import Document

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds import council_queries
from rounds.deliberation import Votes
from rounds.enums import Body, RoundState, SeatRole, SessionState, VerdictChoice
from rounds.models import Attendance, CouncilSession, Seat, Verdict
from rounds.official.rendering import render_minutes
from rounds.services import council, guards, lifecycle, sessions
from rounds.services.council import Faults, Word
from tests import factories

from . import helpers
from .helpers import AFTER, COUNCIL_SIZE
from .test_official import pdf_text, word_text

pytestmark = pytest.mark.django_db
RECOGNISE, DECLINE = VerdictChoice.RECOGNISE, VerdictChoice.DECLINE
ALL = Votes(7, 0, 0)


@pytest.fixture
def sitting(province, officer):
    """Three that passed, in the order of their numbers, and one that did not."""
    return helpers.deliberating_round(province, officer, shares=("0.9", "0.85", "0.8", "0.6"))


def seats(round_):
    return list(Seat.objects.filter(round=round_, body=Body.COUNCIL).order_by("pk"))


def opened(round_, actor, **changes):
    chair, secretary = seats(round_)[:2]
    facts = {"held_at": AFTER, "place": "Phòng họp tầng 3", "chaired_by": chair, "minuted_by": secretary.user}
    return sessions.open_session(round_=round_, actor=actor, now=AFTER, **{**facts, **changes})


def attend(session, actor, present=COUNCIL_SIZE, **notes):
    rows = {seat.pk: (place < present, "") for place, seat in enumerate(seats(session.round))}
    return sessions.record_attendance(session=session, rows=rows, actor=actor, now=AFTER)


def met(round_, actor, present=COUNCIL_SIZE):
    session = opened(round_, actor)
    attend(session, actor, present)
    return session


def dossier(round_, code):
    return round_.dossiers.get(entry_code=code)


def say(round_, actor, code, choice=RECOGNISE, votes=ALL, **facts):
    return council.record_verdict(
        dossier=dossier(round_, code),
        choice=choice,
        votes_for=votes.for_,
        votes_against=votes.against,
        votes_abstain=votes.abstain,
        actor=actor,
        now=AFTER,
        **facts,
    )


def say_all(round_, actor, **words):
    """`c001=Word(…)`: by number of the dossier."""
    said = {dossier(round_, code[1:]).pk: word for code, word in words.items()}
    return council.record_verdicts(round_=round_, words=said, actor=actor, now=AFTER)


def refused(act, *args, **facts):
    with pytest.raises(Refusal) as found:
        act(*args, **facts)
    return found.value


def closed(session, actor):
    sessions.record_words(session=session, discussion="Đã xem mẫu.", conclusion="Nhất trí.", actor=actor, now=AFTER)
    return sessions.close_session(session=session, actor=actor, now=AFTER)


# --- opening and presence --------------------------------------------------------------------------------------


def test_an_opened_session_lists_every_member_and_nobody_present(sitting, leader):
    session = opened(sitting, leader)
    assert (session.number, session.attendances.count()) == (1, COUNCIL_SIZE)
    assert not session.attendances.filter(present=True).exists()
    assert refused(opened, sitting, leader).code == "session_open"


@pytest.mark.parametrize("state", [RoundState.SCORING, RoundState.PROVISIONAL])
def test_a_session_opens_only_while_the_council_deliberates(state, sitting, leader):
    sitting.state = state
    sitting.save()
    assert refused(opened, sitting, leader).code == "round_state"


def test_only_secretary_and_leader_keep_a_session(sitting, officer, leader):
    assert refused(opened, sitting, officer).code == "not_allowed"
    secretary = seats(sitting)[1].user
    assert opened(sitting, secretary).minuted_by == secretary


def test_chair_and_scribe_are_of_the_council(sitting, leader):
    stranger = factories.SeatFactory()
    assert refused(opened, sitting, leader, chaired_by=stranger).field == "chaired_by"
    judge = Seat.objects.filter(round=sitting, body=Body.JURY).first().user
    assert refused(opened, sitting, leader, minuted_by=judge).field == "minuted_by"
    assert refused(opened, sitting, leader, held_at=AFTER + dt.timedelta(days=3)).field == "held_at"


@pytest.mark.parametrize("present,quorum,decides", [(3, None, False), (4, None, True), (4, 5, False), (5, 5, True)])
def test_without_a_quorum_nothing_is_decided(present, quorum, decides, sitting, leader):
    sitting.council_quorum = quorum
    sitting.save()
    session = met(sitting, leader, present)
    votes = Votes(present, 0, 0)
    if decides:
        assert say(sitting, leader, "001", votes=votes).session == session
    else:
        assert refused(say, sitting, leader, "001", votes=votes).code == "no_quorum"


def test_the_quorum_is_told_in_words(sitting, leader):
    room = attend(opened(sitting, leader), leader, 3)
    assert council.quorum_words(room) == "Có mặt 3 trên 7 thành viên, cần ít nhất 4 mới họp và biểu quyết được."


def test_presence_does_not_fall_below_votes_already_recorded(sitting, leader):
    session = met(sitting, leader)
    say(sitting, leader, "001")
    refusal = refused(attend, session, leader, 5)
    assert refusal.code == "votes_exceed_presence"
    assert refusal.details == ("Hồ sơ 001: 5 thành viên có mặt được biểu quyết, không thể có 7 phiếu.",)
    assert session.attendances.filter(present=True).count() == COUNCIL_SIZE


def test_a_member_replaced_meanwhile_leaves_the_list(sitting, leader):
    session = met(sitting, leader)
    gone = seats(sitting)[-1]
    Seat.objects.filter(pk=gone.pk).update(until=AFTER.date(), until_reason="Chuyển công tác.")
    new = factories.SeatFactory(round=sitting, body=Body.COUNCIL, role=SeatRole.MEMBER)
    rows = {one.pk: (True, "") for one in seats(sitting) if one.pk != gone.pk}
    sessions.record_attendance(session=session, rows=rows, actor=leader, now=AFTER)
    assert set(session.attendances.values_list("seat", flat=True)) == set(rows)
    assert new.pk in rows


# --- votes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "votes,code",
    [
        (Votes(), "votes_missing"),
        (Votes(7, 1, 0), "too_many_votes"),
        (Votes(4, 2, 2), "too_many_votes"),
        (Votes(3, 1, 1), "no_majority"),
        (Votes(3, 0, 0), "no_majority"),
        (Votes(0, 0, 7), "no_majority"),
    ],
)
def test_votes_fit_those_present_and_carry_by_more_than_half_of_them(votes, code, sitting, leader):
    met(sitting, leader)
    assert refused(say, sitting, leader, "001", votes=votes).code == code
    assert say(sitting, leader, "001", votes=Votes(4, 2, 1)).votes_abstain == 1


def test_who_stands_aside_does_not_count(sitting, leader):
    met(sitting, leader, 4)
    factories.ConflictFactory(dossier=dossier(sitting, "001"), user=seats(sitting)[2].user)
    assert refused(say, sitting, leader, "001", votes=Votes(4, 0, 0)).code == "too_many_votes"
    assert say(sitting, leader, "001", votes=Votes(2, 1, 0)).votes_for == 2


def test_a_declined_dossier_needs_a_reason_and_no_votes(sitting, leader):
    met(sitting, leader)
    assert refused(say, sitting, leader, "004", DECLINE, Votes()).field == "reason"
    assert say(sitting, leader, "004", DECLINE, Votes(), reason="Chưa đạt điểm.").votes_for is None


# --- the ranking -----------------------------------------------------------------------------------------------


def test_a_departure_is_asked_for_where_it_arises_and_names_who_is_left_out(sitting, leader):
    met(sitting, leader)
    say(sitting, leader, "001", DECLINE, reason="Trùng sản phẩm.")
    refusal = refused(say, sitting, leader, "002")
    assert (refusal.code, refusal.field) == ("departure_unexplained", "reason")
    assert str(refusal.sentence) == (
        "Hồ sơ xếp trên không được đề nghị: 001 (hạng 1). Hãy ghi lý do đề nghị hồ sơ này."
    )
    assert say(sitting, leader, "002", reason="Cân đối cơ cấu nhóm.").choice == RECOGNISE


def test_a_departure_does_not_name_what_the_scribe_stands_aside_from(sitting, leader):
    met(sitting, leader)
    say(sitting, leader, "001", DECLINE, reason="Trùng sản phẩm.")
    factories.ConflictFactory(dossier=dossier(sitting, "001"), user=leader)
    assert "1 hồ sơ mà bạn không xem" in str(refused(say, sitting, leader, "002").sentence)


# --- many at once ----------------------------------------------------------------------------------------------


def test_many_words_are_recorded_at_once_and_again_without_a_trace(sitting, leader):
    session = met(sitting, leader)
    words = {
        "c001": Word(RECOGNISE, ALL, prize="Giải A"),
        "c002": Word(RECOGNISE, ALL),
        "c004": Word(DECLINE, reason="Chưa đạt."),
    }
    assert say_all(sitting, leader, **words) == 3
    assert (say_all(sitting, leader, **words), Verdict.history.count()) == (0, 3)
    assert set(Verdict.objects.values_list("session", flat=True)) == {session.pk}


def test_one_wrong_row_keeps_all_of_them_out_and_every_fault_is_told(sitting, leader):
    met(sitting, leader)
    with pytest.raises(Faults) as found:
        say_all(
            sitting,
            leader,
            c001=Word(DECLINE),
            c002=Word(RECOGNISE, Votes(9, 0, 0)),
            c003=Word(RECOGNISE, ALL),
            c004=Word(RECOGNISE, ALL),
        )
    told = {dossier_of(pk): [one.code for one in rows] for pk, rows in found.value.rows.items()}
    assert told == {
        "001": ["reason_missing"],
        "002": ["too_many_votes"],
        "003": ["departure_unexplained"],
        "004": ["dossier_not_passed"],
    }
    assert not Verdict.objects.exists()


def dossier_of(pk):
    from rounds.models import Dossier

    return Dossier.objects.get(pk=pk).entry_code


def test_many_words_need_a_session(sitting, leader):
    with pytest.raises(Refusal) as found:
        say_all(sitting, leader, c001=Word(RECOGNISE, ALL))
    assert found.value.code == "no_session"


def test_a_scribe_says_nothing_of_what_he_stands_aside_from(sitting, leader):
    met(sitting, leader)
    factories.ConflictFactory(dossier=dossier(sitting, "001"), user=leader)
    with pytest.raises(Faults) as found:
        say_all(sitting, leader, c001=Word(RECOGNISE, ALL))
    assert [one.code for one in found.value.rows.popitem()[1]] == ["conflict"]


# --- closing, deciding again -----------------------------------------------------------------------------------


def test_closing_says_everything_that_is_missing(sitting, leader):
    session = opened(sitting, leader)
    refusal = refused(sessions.close_session, session=session, actor=leader, now=AFTER)
    assert refusal.details == (
        "Có mặt 0 trên 7 thành viên, cần ít nhất 4 mới họp và biểu quyết được.",
        "Người chủ trì chưa được ghi là có mặt.",
        "Chưa ghi kết luận của phiên họp.",
    )


def test_closed_minutes_do_not_change_and_a_later_session_decides_again_with_a_reason(sitting, leader):
    first = met(sitting, leader)
    say(sitting, leader, "001")
    first = closed(first, leader)
    assert (first.state, first.closed_at) == (SessionState.CLOSED, AFTER)
    assert refused(say, sitting, leader, "001", DECLINE, reason="Đổi ý.").code == "no_session"
    assert refused(attend, first, leader).code == "session_closed"
    second = met(sitting, leader)
    assert refused(say, sitting, leader, "001", votes=Votes(6, 1, 0)).field == "reason"
    again = say(sitting, leader, "001", DECLINE, Votes(2, 5, 0), reason="Có kết quả kiểm nghiệm mới.")
    assert (again.session, again.history.count()) == (second, 2)
    kept = CouncilSession.objects.get(pk=first.pk).minutes["groups"][0]["rows"]
    assert [(row["code"], row["for"], row["result"]) for row in kept] == [("001", "7", "Đề nghị")]


def test_an_open_session_stands_in_the_way_of_submission(sitting, leader):
    session = met(sitting, leader)
    facts = guards.Facts(AFTER, submission_number="1", submitted_on=AFTER.date())
    for code, choice in (("001", RECOGNISE), ("002", RECOGNISE), ("003", RECOGNISE), ("004", DECLINE)):
        say(sitting, leader, code, choice, reason="" if choice == RECOGNISE else "Chưa đạt.")
    assert guards.check(sitting, RoundState.SUBMITTED, facts).blockers == [
        "Phiên họp 1 của hội đồng chưa khóa biên bản."
    ]
    closed(session, leader)
    assert guards.check(sitting, RoundState.SUBMITTED, facts).blockers == []


def test_words_without_any_session_still_count_and_are_warned_of(sitting, leader):
    say(sitting, leader, "001")
    found = guards.check(sitting, RoundState.SUBMITTED, guards.Facts(AFTER))
    assert "Ý kiến hội đồng ghi ngoài phiên họp nên không có biên bản họp hội đồng." in found.warnings


def test_every_act_is_in_the_audit(sitting, leader):
    closed(met(sitting, leader), leader)
    acts = AuditEntry.objects.filter(subject_type="rounds.councilsession").order_by("pk")
    assert [entry.action for entry in acts] == [
        "session.open",
        "session.attendance",
        "session.words",
        "session.close",
    ]


# --- the database itself ---------------------------------------------------------------------------------------


def test_the_database_keeps_locked_minutes(sitting, leader):
    session = met(sitting, leader)
    verdict = say(sitting, leader, "001")
    closed(session, leader)
    acts = (
        lambda: Verdict.objects.filter(pk=verdict.pk).update(choice=DECLINE, reason="x"),
        lambda: Verdict.objects.filter(pk=verdict.pk).update(session=None),
        lambda: Verdict.objects.filter(pk=verdict.pk).delete(),
        lambda: CouncilSession.objects.filter(pk=session.pk).update(conclusion="Khác."),
        lambda: CouncilSession.objects.filter(pk=session.pk).update(state="open", closed_at=None),
        lambda: Attendance.objects.filter(session=session).update(present=False),
        lambda: Attendance.objects.filter(session=session).delete(),
    )
    for act in acts:
        with pytest.raises(IntegrityError, match="Biên bản phiên họp đã khóa"), transaction.atomic():
            act()


def test_the_database_takes_no_word_into_a_session_of_another_round(sitting, leader, province, officer):
    session = met(sitting, leader)
    other = helpers.deliberating_round(province, officer, shares=("0.9",), ordinal=2)
    verdict = say(other, leader, "001")
    with pytest.raises(IntegrityError, match="Biên bản"), transaction.atomic():
        Verdict.objects.filter(pk=verdict.pk).update(session=session)


def test_opening_scoring_again_lets_the_words_go(sitting, leader, officer):
    session = met(sitting, leader)
    say(sitting, leader, "001")
    closed(session, leader)
    sitting.refresh_from_db()
    sitting.scoring_until = AFTER + dt.timedelta(days=2)
    sitting.save()
    lifecycle.advance(round_=sitting, to=RoundState.SCORING, actor=leader, now=AFTER, reason="Sửa phiếu sai.")
    assert not Verdict.objects.exists()
    assert Verdict.history.filter(history_type="-").count() == 1


# --- minutes ---------------------------------------------------------------------------------------------------


def test_the_minutes_say_who_what_why_in_word_and_pdf(sitting, leader):
    session = opened(sitting, leader)
    rows = {seat.pk: (place < 6, "" if place < 6 else "Đi công tác") for place, seat in enumerate(seats(sitting))}
    sessions.record_attendance(session=session, rows=rows, actor=leader, now=AFTER)
    aside = seats(sitting)[2].user
    factories.ConflictFactory(dossier=dossier(sitting, "002"), user=aside)
    say(sitting, leader, "001", DECLINE, Votes(1, 4, 1), reason="Trùng sản phẩm.")
    say(sitting, leader, "002", votes=Votes(5, 0, 0), reason="Cân đối <cơ cấu> & nhóm.", prize="Giải A")
    draft = word_text(render_minutes(session, fmt="docx")[0])
    assert "DỰ THẢO, CHƯA KHÓA" in draft
    session = closed(session, leader)
    for fmt, text_of in (("docx", word_text), ("pdf", pdf_text)):
        data, name = render_minutes(session, fmt=fmt)
        text = text_of(data)
        assert name.startswith("bien-ban-hoi-dong-")
        assert name.endswith(f"-phien-1.{fmt}")
        for words in (
            "BIÊN BẢN",
            "tại Phòng họp tầng 3",
            "Có mặt 06 trên 07 thành viên, đủ số thành viên",
            "Vắng (Đi công tác)",
            f"{aside}: không biểu quyết hồ sơ 002.",
            "Đề nghị, Giải A",
            "Đề nghị hồ sơ 002, trong khi không đề nghị hồ sơ 001 (hạng 1). Lý do: Cân đối <cơ cấu> & nhóm.",
            "Đã xem mẫu.",
            "Nhất trí.",
            "Mã niêm phong điểm",
        ):
            assert words in text, (fmt, words)
        assert "DỰ THẢO" not in text
    assert Document(BytesIO(render_minutes(session, fmt="docx")[0])).tables


def test_minutes_are_read_in_few_queries(sitting, leader, django_assert_max_num_queries):
    session = met(sitting, leader)
    for code in ("001", "002", "003"):
        say(sitting, leader, code)
    with django_assert_max_num_queries(20):
        render_minutes(CouncilSession.objects.select_related("round__territory").get(pk=session.pk), fmt="docx")


def test_the_quota_is_counted_over_all_sessions(sitting, leader):
    met(sitting, leader)
    say_all(sitting, leader, c001=Word(RECOGNISE, ALL), c002=Word(RECOGNISE, ALL))
    assert council_queries.proposed_count(sitting) == 2
