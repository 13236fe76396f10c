"""Complaints: taken in to the second, answered by someone who did not score, holding what is contested meanwhile."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from products.models import Recognition
from rounds.answering import answer_may_be_given_by
from rounds.enums import Body, ComplaintOutcome, ComplaintState, RoundState, SeatRole, SheetState
from rounds.models import Complaint, Dossier, ScoreSheet
from rounds.services import complaints, lifecycle, supplementing
from rounds.services.holding import held
from tests import factories

from .helpers import AFTER, DECIDE, deliberating_round, speak, validity_rule

pytestmark = pytest.mark.django_db
LATER = AFTER + dt.timedelta(days=1)
WORDS = "Đề nghị xem lại điểm tiêu chí 2, sản phẩm đã có giấy chứng nhận HACCP."
ANSWER = "Hội đồng đã xem lại phiếu chấm và thấy điểm được chấm đúng hướng dẫn."


@pytest.fixture
def announced(province, officer, leader):
    """Two scored dossiers, one recognised and one declined, announced."""
    round_ = deliberating_round(province, officer)
    speak(round_, leader, ["recognise", "decline"], ["", "Chưa đủ hồ sơ môi trường."])
    submit(round_, officer)
    validity_rule()
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    round_.refresh_from_db()
    return lifecycle.announce(round_=round_, actor=leader, now=LATER)


def submit(round_, officer):
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    return lifecycle.advance(round_=round_, to="submitted", actor=officer, now=AFTER, **facts)


def complain(round_, actor, *, dossier=None, at=LATER, **facts):
    return complaints.file(
        round_=round_,
        dossier=dossier,
        content=WORDS,
        about="result",
        channel="paper",
        complainant="Cơ sở mẫu Tân Cương",
        actor=actor,
        now=at,
        **facts,
    )


def declined(round_):
    return Dossier.objects.get(round=round_, verdict__choice="decline")


def member(round_):
    """Someone of the council who did not score."""
    return factories.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.MEMBER).user


def given_to(round_, officer, dossier=None, **facts):
    row, who = complain(round_, officer, dossier=dossier, **facts), member(round_)
    return complaints.assign(complaint=row, answerer=who, actor=officer, now=LATER), who


def refused(code, call, **facts):
    with pytest.raises(Refusal) as found:
        call(**facts)
    assert found.value.code == code
    assert str(found.value.sentence).endswith(".")


def last_second(round_):
    last = complaints.last_day(round_)
    return timezone.make_aware(dt.datetime.combine(last, dt.time(23, 59, 59)))


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)], ids=["before", "last", "after"])
def test_the_term_runs_to_the_last_second_of_the_fifteenth_working_day(announced, officer, seconds, late):
    at = last_second(announced) + dt.timedelta(seconds=seconds)
    assert complain(announced, officer, at=at).is_late is late


def test_the_term_of_the_answer_is_ten_working_days(announced, officer):
    came = dt.datetime(2026, 4, 28, 9, tzinfo=AFTER.tzinfo)
    Complaint.objects.all().delete()
    lifecycle.Round.objects.filter(pk=announced.pk).update(announced_at=came)
    row = complain(announced, officer, at=came)
    assert row.answer_due_on == dt.date(2026, 5, 14)  # 30 April and 1 May are holidays


def test_numbers_run_on_within_the_round(announced, officer):
    assert [complain(announced, officer).number for _each in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("state", [RoundState.SCORING, RoundState.DELIBERATION, RoundState.CLOSED])
def test_outside_its_time_nothing_is_taken_in(announced, officer, state):
    lifecycle.Round.objects.filter(pk=announced.pk).update(state=state)
    refused("not_heard_now", complain, round_=announced, actor=officer)


def test_what_is_not_written_is_not_taken_in(announced, officer):
    facts = {"round_": announced, "about": "result", "channel": "paper", "actor": officer, "now": LATER}
    refused("complainant_missing", complaints.file, complainant=" ", content=WORDS, **facts)
    refused("too_short", complaints.file, complainant="Cơ sở mẫu", content="Sai", **facts)
    assert not Complaint.objects.exists()


def test_a_stranger_sends_nothing_in_the_name_of_a_facility(announced):
    facility = declined(announced).product.facility
    refused("not_allowed", complain, round_=announced, actor=factories.UserFactory(), facility=facility)


def test_the_facility_itself_sends_and_takes_back(announced):
    dossier = declined(announced)
    person = factories.RepresentativeFactory(facility=dossier.product.facility).user
    row = complain(announced, person, dossier=dossier, facility=dossier.product.facility)
    gone = complaints.withdraw(complaint=row, reason="Đã rõ lý do.", actor=person, now=LATER)
    assert gone.state == ComplaintState.WITHDRAWN
    assert held(announced) == set()


def test_whoever_scored_it_does_not_answer(announced, officer):
    dossier = declined(announced)
    judge = dossier.sheets.first().judge
    factories.SeatFactory(round=announced, user=judge, body=Body.COUNCIL, role=SeatRole.MEMBER)
    row = complain(announced, officer, dossier=dossier)
    refused("scored_it", complaints.assign, complaint=row, answerer=judge, actor=officer, now=LATER)
    assert judge not in answer_may_be_given_by(row)


def test_the_database_refuses_an_answerer_who_scored_it(announced, officer):
    dossier = declined(announced)
    row = complain(announced, officer, dossier=dossier)
    judge = dossier.sheets.first().judge
    with pytest.raises(IntegrityError, match="đã chấm hồ sơ"), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(answerer=judge, state="assigned", assigned_at=LATER)


def test_a_voided_sheet_still_keeps_its_judge_from_answering(announced, officer):
    dossier = declined(announced)
    judge = dossier.sheets.first().judge
    ScoreSheet.objects.filter(dossier=dossier, judge=judge).update(state=SheetState.VOIDED, voided_reason="Khai muộn.")
    factories.SeatFactory(round=announced, user=judge, body=Body.COUNCIL, role=SeatRole.MEMBER)
    row = complain(announced, officer, dossier=dossier)
    refused("scored_it", complaints.assign, complaint=row, answerer=judge, actor=officer, now=LATER)


def test_whoever_has_a_conflict_or_speaks_for_the_facility_does_not_answer(announced, officer):
    dossier = declined(announced)
    row = complain(announced, officer, dossier=dossier)
    torn, party = member(announced), member(announced)
    factories.ConflictFactory(dossier=dossier, user=torn)
    factories.RepresentativeFactory(facility=dossier.product.facility, user=party)
    for who in (torn, party):
        refused("conflict", complaints.assign, complaint=row, answerer=who, actor=officer, now=LATER)
    assert not {torn, party} & set(answer_may_be_given_by(row))


def test_someone_from_outside_does_not_answer(announced, officer):
    row = complain(announced, officer)
    who = factories.UserFactory()
    refused("not_of_the_council", complaints.assign, complaint=row, answerer=who, actor=officer, now=LATER)


def test_a_judge_answers_nothing_about_the_whole_round(announced, officer):
    judge = announced.seats.filter(body=Body.JURY).first().user
    factories.SeatFactory(round=announced, user=judge, body=Body.COUNCIL, role=SeatRole.MEMBER)
    Dossier.objects.filter(round=announced)  # the complaint is about none of them
    row = complain(announced, officer)
    with pytest.raises(Refusal) as found:
        complaints.assign(complaint=row, answerer=judge, actor=officer, now=LATER)
    assert found.value.code in {"scored_it", "in_the_jury"}


def test_only_the_person_it_was_given_to_answers(announced, officer):
    row, who = given_to(announced, officer)
    facts = {"complaint": row, "outcome": "rejected", "words": ANSWER, "now": LATER}
    refused("not_yours", complaints.answer, actor=officer, **facts)
    assert complaints.answer(actor=who, **facts).state == ComplaintState.ANSWERED


def test_the_answerer_is_looked_at_again_when_answering(announced, officer):
    dossier = declined(announced)
    row, who = given_to(announced, officer, dossier)
    factories.ConflictFactory(dossier=dossier, user=who)
    refused("conflict", complaints.answer, complaint=row, outcome="rejected", words=ANSWER, actor=who, now=LATER)


def test_an_accepted_complaint_says_what_was_corrected(announced, officer):
    row, who = given_to(announced, officer)
    facts = {"complaint": row, "outcome": "upheld", "words": ANSWER, "actor": who, "now": LATER}
    refused("correction_missing", complaints.answer, **facts)
    done = complaints.answer(correction="Đã sửa tên cơ sở trong danh sách.", **facts)
    assert (done.outcome, done.correction) == (ComplaintOutcome.UPHELD, "Đã sửa tên cơ sở trong danh sách.")


def test_what_came_in_time_is_not_put_aside_as_late(announced, officer):
    row, who = given_to(announced, officer)
    refused("not_late", complaints.answer, complaint=row, outcome="late", words=ANSWER, actor=who, now=LATER)


def test_an_answer_stands(announced, officer):
    row, who = given_to(announced, officer)
    facts = {"complaint": row, "words": ANSWER, "actor": who, "now": LATER}
    complaints.answer(outcome="rejected", **facts)
    refused("answered", complaints.answer, outcome="upheld", correction="Khác.", **facts)
    refused("answered", complaints.withdraw, complaint=row, reason="Thôi.", actor=officer, now=LATER)


def test_the_facility_hears_the_answer(announced, officer):
    dossier = declined(announced)
    person = factories.RepresentativeFactory(facility=dossier.product.facility).user
    row = complain(announced, person, dossier=dossier, facility=dossier.product.facility)
    who = member(announced)
    complaints.assign(complaint=row, answerer=who, actor=officer, now=LATER)
    complaints.answer(complaint=row, outcome="rejected", words=ANSWER, actor=who, now=LATER)
    assert Notice.objects.get(kind="complaint_answered").user == person
    assert Notice.objects.get(kind="complaint_assigned").user == who


def test_the_round_does_not_close_before_every_complaint_is_answered(announced, officer, leader):
    row, who = given_to(announced, officer)
    refused("transition_not_ready", lifecycle.advance, round_=announced, to="closed", actor=leader, now=LATER)
    complaints.answer(complaint=row, outcome="rejected", words=ANSWER, actor=who, now=LATER)
    assert lifecycle.advance(round_=announced, to="closed", actor=leader, now=LATER).state == RoundState.CLOSED


@pytest.fixture
def provisional(province, officer, leader):
    round_ = deliberating_round(province, officer)
    speak(round_, leader, ["recognise", "recognise"])
    lifecycle.update_round(round_=round_, actor=officer, publish_provisional=True)
    return lifecycle.advance(round_=round_, to="provisional", actor=officer, now=AFTER)


def test_a_contested_dossier_is_not_submitted_until_the_answer(provisional, officer):
    dossier = provisional.dossiers.order_by("entry_code").first()
    row, who = given_to(provisional, officer, dossier, at=AFTER)
    assert row.is_provisional
    with pytest.raises(Refusal) as found:
        submit(provisional, officer)
    assert any(dossier.entry_code in str(sentence) for sentence in found.value.details)
    complaints.answer(complaint=row, outcome="rejected", words=ANSWER, actor=who, now=AFTER)
    assert submit(provisional, officer).state == RoundState.SUBMITTED


def test_a_complaint_let_go_on_holds_nothing(provisional, officer):
    row, _who = given_to(provisional, officer, provisional.dossiers.first(), at=AFTER)
    complaints.set_hold(complaint=row, holds=False, reason="Không ảnh hưởng kết quả.", actor=officer)
    assert submit(provisional, officer).state == RoundState.SUBMITTED


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_submitting_before_the_window_of_comments_ends_needs_a_reason(provisional, officer, seconds):
    until = AFTER + dt.timedelta(days=5)
    lifecycle.update_round(round_=provisional, actor=officer, provisional_until=until)
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    at = until + dt.timedelta(seconds=seconds)
    call = {"round_": provisional, "to": "submitted", "actor": officer, "now": at, **facts}
    if seconds < 0:
        refused("transition_not_ready", lifecycle.advance, **call)
        call["reason"] = "Chủ tịch hội đồng yêu cầu trình sớm."
    assert lifecycle.advance(**call).state == RoundState.SUBMITTED


def test_the_recognition_of_a_contested_dossier_goes_out_after_the_answer(provisional, officer, leader):
    submit(provisional, officer)
    validity_rule()
    lifecycle.record_decision(round_=provisional, actor=leader, now=AFTER, **DECIDE)
    contested, other = provisional.dossiers.order_by("entry_code")
    row, who = given_to(provisional, officer, contested)
    provisional.refresh_from_db()
    lifecycle.announce(round_=provisional, actor=leader, now=LATER)
    published = Recognition.objects.filter(published_at__isnull=False).values_list("dossier", flat=True)
    assert list(published) == [other.pk]
    complaints.answer(complaint=row, outcome="rejected", words=ANSWER, actor=who, now=LATER)
    assert set(published.all()) == {contested.pk, other.pk}


def test_a_supplementary_decision_recognises_what_a_complaint_won(announced, officer, leader):
    dossier = declined(announced)
    row, who = given_to(announced, officer, dossier)
    facts = {**DECIDE, "number": "2999", "actor": leader, "now": LATER}
    refused("not_accepted", supplementing.record_supplementary_decision, complaint=row, **facts)
    row = complaints.answer(
        complaint=row, outcome="upheld", words=ANSWER, correction="Công nhận bổ sung.", actor=who, now=LATER
    )
    made = supplementing.record_supplementary_decision(complaint=row, **facts)
    assert made.published_at == LATER
    assert made.decision.number == "2999"
    refused("recognised_already", supplementing.record_supplementary_decision, complaint=row, **facts)


def test_a_complaint_recognises_nothing_that_did_not_pass(announced, officer, leader):
    dossier = declined(announced)
    type(dossier.result).objects.filter(pk=dossier.result.pk).update(passed=False)
    row, who = given_to(announced, officer, dossier)
    row = complaints.answer(
        complaint=row, outcome="partly", words=ANSWER, correction="Ghi lại nhận xét.", actor=who, now=LATER
    )
    facts = {**DECIDE, "number": "2999", "actor": leader, "now": LATER}
    refused("dossier_not_passed", supplementing.record_supplementary_decision, complaint=row, **facts)


def test_every_act_on_a_complaint_is_in_the_audit(announced, officer):
    row, who = given_to(announced, officer, declined(announced))
    complaints.set_hold(complaint=row, holds=False, reason="Không ảnh hưởng.", actor=officer)
    complaints.answer(complaint=row, outcome="rejected", words=ANSWER, actor=who, now=LATER)
    acts = AuditEntry.objects.filter(subject_type="rounds.complaint", subject_id=str(row.pk)).order_by("pk")
    assert list(acts.values_list("action", flat=True)) == [
        "complaint.file",
        "complaint.assign",
        "complaint.hold",
        "complaint.answer",
    ]
