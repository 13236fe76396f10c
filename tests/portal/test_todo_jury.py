"""What the jury and the council wait for: each line's exact number, who sees it, and the list it opens."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse

from portal.accounts.enums import Role
from portal.audit.services import record
from portal.files.services import store
from portal.pages import todo
from rounds.enums import (
    AssignmentMode,
    Body,
    ComplaintAbout,
    ComplaintChannel,
    ComplaintState,
    ConflictBasis,
    ConflictOrigin,
    CriteriaState,
    PlanMethod,
    ProposalKind,
    RoundState,
    ScoringPass,
    SeatRole,
    SetBasis,
    SheetState,
)
from rounds.models import Assignment, AssignmentPlan, Complaint, CouncilSession, Sample, SetProposal

from .. import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def round_(province):
    soon = NOW + dt.timedelta(days=2)
    return make.RoundFactory(territory=province, state=RoundState.SCORING, quorum=2, scoring_until=soon, year=2026)


@pytest.fixture
def judges(round_):
    return [make.SeatFactory(round=round_).user for _each in range(3)]


def seat(round_, role):
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=role, declared=True).user


@pytest.fixture
def chair(round_):
    return seat(round_, SeatRole.CHAIR)


@pytest.fixture
def secretary(round_):
    return seat(round_, SeatRole.SECRETARY)


@pytest.fixture
def staff_of_round(officer, leader, chair, secretary):
    return officer, leader, chair, secretary


def tasks(user):
    return [row.task for group in todo.board(user, now=NOW).groups for row in group.rows]


def said(user):
    return [task.what for task in tasks(user)]


def submitted(dossier, judge, **more):
    return make.ScoreSheetFactory(
        dossier=dossier, judge=judge, state=SheetState.SUBMITTED, submitted_at=NOW, total=80, **more
    )


def test_judges_are_nudged_when_the_deadline_is_near(client, round_, judges, staff_of_round):
    officer, leader, chair, secretary = staff_of_round
    one, two = make.DossierFactory.create_batch(2, round=round_)
    for dossier in (one, two):
        submitted(dossier, judges[0])
    for person in (officer, leader, chair, secretary):
        (task,) = [task for task in tasks(person) if "Nhắc" in task.what]
        assert (task.what, task.due) == ("Nhắc 2 giám khảo còn phiếu chưa nộp", TODAY + dt.timedelta(days=2))
        client.force_login(person)
        assert len(client.get(task.url).context["judges"]) == 2
    assert "Theo dõi chấm điểm: đã nộp 2 trên 6 phiếu" in said(officer)
    round_.scoring_until = NOW + dt.timedelta(days=5)
    round_.save()
    assert not [what for what in said(chair) if "Nhắc" in what]


def test_each_pass_has_a_line_of_its_own(client, round_, judges, chair):
    round_.has_site_pass, round_.site_scoring_until = True, NOW + dt.timedelta(days=1)
    round_.save()
    dossier = make.DossierFactory(round=round_)
    submitted(dossier, judges[0], scoring_pass=ScoringPass.SITE)
    assert said(chair) == [
        "Nhắc 2 giám khảo còn phiếu tại chỗ chưa nộp",
        "Nhắc 3 giám khảo còn phiếu chưa nộp",
    ]
    for task in tasks(chair):
        client.force_login(chair)
        assert len(client.get(task.url).context["judges"]) == int(re.search(r"\d+", task.what)[0])


def test_dossiers_that_cannot_reach_the_quorum_are_listed_exactly(client, round_, judges, chair):
    short, hidden, fine = make.DossierFactory.create_batch(3, round=round_)
    for dossier in (short, hidden):
        for judge in judges[:2]:
            make.ConflictFactory(dossier=dossier, user=judge)
    make.ConflictFactory(dossier=hidden, user=chair)
    (task,) = [task for task in tasks(chair) if "Xử lý" in task.what]
    assert task.what == "Xử lý 1 hồ sơ không thể đủ phiếu"
    client.force_login(chair)
    page = client.get(task.url)
    assert page.context["shown"] == 1
    assert short.product.name in page.content.decode()
    assert fine.state == "eligible"


def test_found_conflicts_wait_for_who_settles_them_and_never_for_the_person(round_, judges, chair, officer, leader):
    found = {"origin": ConflictOrigin.DETECTED, "basis": ConflictBasis.NAME, "evidence_key": "k"}
    for judge in (judges[0], chair):
        make.ConflictFactory(dossier=make.DossierFactory(round=round_), user=judge, **found)
    make.ConflictFactory(dossier=make.DossierFactory(round=round_), user=judges[1])
    assert "Xác nhận hoặc gỡ 1 xung đột cổng phát hiện" in said(chair)
    assert "Xác nhận hoặc gỡ 2 xung đột cổng phát hiện" in said(leader)
    assert not [what for what in said(officer) if "xung đột" in what]


def test_declarations_are_collected_before_and_while_scoring(round_, judges, chair, officer):
    make.SeatFactory(round=round_, declared=False)
    for person in (chair, officer):
        assert "Nhắc 1 giám khảo chưa ký bản cam kết" in said(person)
    round_.state = RoundState.RECEIVING
    round_.save()
    assert not [what for what in said(chair) if "cam kết" in what]


def test_proposed_criteria_and_sets_wait_for_another_person(round_, chair, leader, officer):
    proposed = {"state": CriteriaState.PROPOSED, "proposed_at": NOW, "change_reason": "Thêm mục."}
    make.CriteriaSetFactory(round=round_, proposed_by=chair, **proposed)
    gathered = {"kind": ProposalKind.GATHER, "name": "Bộ ấm chén", "basis": SetBasis.FITTING}
    for person in (chair, officer):
        SetProposal.objects.create(round=round_, proposed_by=person, proposed_at=NOW, **gathered)
    assert said(leader)[-2:] == ["Duyệt 1 bộ tiêu chí", "Quyết định 2 đề xuất về bộ sản phẩm"]
    assert "Quyết định 1 đề xuất về bộ sản phẩm" in said(chair)
    assert not [what for what in said(chair) if "Duyệt" in what]
    assert not [what for what in said(officer) if "Duyệt" in what or "Quyết định" in what]


def test_signatures_wait_for_the_secretary_and_the_page_lists_them_all(client, round_, judges, secretary, chair):
    one, two = make.DossierFactory.create_batch(2, round=round_)
    for judge in judges:
        submitted(one, judge)
    submitted(two, judges[0], signed_on=TODAY, signed_recorded_by=secretary)
    (task,) = [task for task in tasks(secretary) if "bản ký" in task.what]
    assert task.what == "Nhận bản ký của 3 phiếu đã nộp"
    client.force_login(secretary)
    assert client.get(task.url).context["unsigned"] == 3
    assert not [what for what in said(chair) if "bản ký" in what]


def test_requests_to_open_a_sheet_again_wait_for_the_chair(client, round_, judges, chair, officer):
    dossier = make.DossierFactory(round=round_)
    asked, other = submitted(dossier, judges[0]), submitted(dossier, judges[1])
    record(actor=judges[0], action="sheet.ask_reopen", sentence="Đề nghị.", subject=asked, reason="Chấm nhầm.")
    (task,) = [task for task in tasks(chair) if "mở lại" in task.what]
    assert task.what == "Trả lời 1 đề nghị mở lại phiếu"
    client.force_login(chair)
    page = client.get(task.url)
    assert [one.pk for one in page.context["requests"]] == [asked.pk]
    assert "Chấm nhầm." in page.content.decode()
    record(actor=chair, action="sheet.decline_reopen", sentence="Không.", subject=asked, reason="Không cần.")
    assert not [what for what in said(chair) if "mở lại" in what]
    record(actor=judges[0], action="sheet.ask_reopen", sentence="Đề nghị.", subject=asked, reason="Vẫn nhầm.")
    assert [what for what in said(chair) if "mở lại" in what]
    assert not [what for what in said(officer) if "mở lại" in what]
    assert other.pk


def test_dossiers_given_to_too_few_judges_wait_for_a_division(round_, judges, chair):
    round_.assignment = AssignmentMode.ASSIGNED
    round_.save()
    enough, few, none = make.DossierFactory.create_batch(3, round=round_)
    plan = AssignmentPlan.objects.create(
        round=round_, number=1, method=PlanMethod.BY_HAND, seed="a", made_by=chair, made_at=NOW
    )
    gone = make.UserFactory()
    for dossier, judge in [(enough, judges[0]), (enough, judges[1]), (few, judges[0]), (few, gone)]:
        Assignment.objects.create(dossier=dossier, judge=judge, plan=plan, assigned_at=NOW)
    assert "Phân giám khảo cho 2 hồ sơ chưa đủ người" in said(chair)
    assert none.pk


def test_an_open_session_waits_for_its_minutes(round_, secretary, chair):
    round_.state = RoundState.DELIBERATION
    round_.save()
    CouncilSession.objects.create(round=round_, number=1, held_at=NOW, place="Sở", minuted_by=secretary)
    assert "Khóa biên bản 1 phiên họp đang mở" in said(secretary)
    assert not [what for what in said(chair) if "biên bản" in what]


def test_complaints_are_given_to_someone_and_answered_by_their_day(client, round_, judges, staff_of_round):
    officer, _leader, chair, secretary = staff_of_round
    round_.state, round_.announced_at = RoundState.ANNOUNCED, NOW - dt.timedelta(days=3)
    round_.decision = make.DecisionFactory()
    round_.save()
    facts = {
        "round": round_,
        "about": ComplaintAbout.RESULT,
        "channel": ComplaintChannel.PAPER,
        "complainant": "Cơ sở mẫu",
        "content": "Xem lại.",
        "received_at": NOW,
    }
    for number in (1, 2):
        Complaint.objects.create(number=number, answer_due_on=TODAY + dt.timedelta(days=number), **facts)
    given = {"state": ComplaintState.ASSIGNED, "answerer": chair, "assigned_at": NOW, "assigned_by": officer}
    Complaint.objects.create(number=3, answer_due_on=TODAY - dt.timedelta(days=1), **given, **facts)
    for person in (chair, officer, secretary):
        (task,) = [task for task in tasks(person) if "Giao" in task.what]
        assert (task.what, task.due) == ("Giao người xem xét 2 kiến nghị", TODAY + dt.timedelta(days=1))
    (mine,) = [task for task in tasks(chair) if "Trả lời" in task.what]
    assert (mine.what, mine.due) == ("Trả lời kiến nghị số 3", TODAY - dt.timedelta(days=1))
    client.force_login(chair)
    assert client.get(mine.url).status_code == 200
    assert not [what for what in said(officer) if "Trả lời" in what]


@pytest.mark.parametrize("state", [RoundState.ANNOUNCED, RoundState.CLOSED])
def test_samples_go_back_also_after_the_round_is_over(client, round_, officer, chair, state):
    round_.state, round_.announced_at = state, NOW - dt.timedelta(days=60)
    round_.decision = make.DecisionFactory()
    round_.save()
    dossier = make.DossierFactory(round=round_)
    here = {"dossier": dossier, "received_at": NOW - dt.timedelta(days=90), "received_by": officer}
    for number in (1, 2):
        Sample.objects.create(description=f"Hộp {number}", **here)
    Sample.objects.create(description="Ăn thử", to_be_returned=False, **here)
    Sample.objects.create(description="Đã trả", returned_at=NOW, returned_by=officer, returned_to="Bà chủ", **here)
    (task,) = [task for task in tasks(officer) if "mẫu" in task.what]
    assert task.what == "Trả 2 mẫu sản phẩm cho cơ sở"
    assert task.due < TODAY
    client.force_login(officer)
    assert len(client.get(task.url).context["samples"]) == 2
    assert not [what for what in said(chair) if "mẫu" in what]


def test_paper_sheets_wait_for_their_judge(round_, judges, secretary, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scan = store(ContentFile(b"%PDF-1.7\n%%EOF\n", name="a.pdf"))
    entered = {"state": SheetState.ENTERED, "entered_by": secretary, "entered_at": NOW, "paper_scan": scan, "total": 70}
    make.ScoreSheetFactory(dossier=make.DossierFactory(round=round_), judge=judges[0], **entered)
    task = next(task for task in tasks(judges[0]) if "phiếu giấy" in task.what)
    assert (task.what, task.url) == ("Xác nhận 1 phiếu giấy thư ký đã nhập", reverse("judge_home"))
    assert not [what for what in said(judges[0]) if what.startswith("Chấm")]


@pytest.mark.parametrize("body", [Body.JURY, Body.COUNCIL, Body.SUPPORT])
def test_a_member_who_has_not_signed_is_led_to_the_declaration(client, round_, body):
    role = (
        SeatRole.SUPPORT_MEMBER if body == Body.SUPPORT else SeatRole.MEMBER if body == Body.COUNCIL else SeatRole.JUDGE
    )
    member = make.SeatFactory(round=round_, body=body, role=role, declared=False).user
    (task,) = [task for task in tasks(member) if "bản cam kết" in task.what]
    assert task.url == reverse("judge_declaration", args=[round_.uuid])
    assert ("hồ sơ mở ra" in task.why) is (body == Body.JURY)
    client.force_login(member)
    assert client.get(task.url).status_code == 200
    make.DeclarationFactory(round=round_, user=member)
    assert not [what for what in said(member) if "bản cam kết" in what]


@pytest.mark.parametrize("state", [RoundState.DRAFT, RoundState.DELIBERATION])
def test_nobody_signs_before_dossiers_come_in_nor_after_the_scoring(round_, state):
    round_.state = state
    round_.save()
    member = make.SeatFactory(round=round_, declared=False).user
    assert not [what for what in said(member) if "bản cam kết" in what]


def test_the_councils_word_is_given_in_its_sessions(client, round_, secretary):
    round_.state = RoundState.DELIBERATION
    round_.save()
    make.DossierFactory(round=round_)
    (task,) = [task for task in tasks(secretary) if "ý kiến hội đồng" in task.what]
    client.force_login(secretary)
    assert task.url == reverse("admin:rounds_round_sessions", args=[round_.pk])
    assert client.get(task.url).status_code == 200


def test_a_closed_round_without_samples_asks_for_nothing(round_, officer):
    round_.state, round_.announced_at = RoundState.CLOSED, NOW
    round_.decision = make.DecisionFactory()
    round_.save()
    assert said(officer) == []


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_board_costs_the_same_for_any_number_of_rows(province, officer, django_assert_num_queries, number):
    rounds = [
        make.RoundFactory(
            territory=province, state=RoundState.SCORING, year=2020 + each, scoring_until=NOW + dt.timedelta(days=1)
        )
        for each in range(min(number, 4))
    ]
    for round_ in rounds:
        judge = make.SeatFactory(round=round_).user
        make.SeatFactory(round=round_, declared=False)
    for each in range(number):
        submitted(make.DossierFactory(round=rounds[each % len(rounds)]), judge)
    todo.board(officer, now=NOW)
    with django_assert_num_queries(QUERIES):
        todo.board(officer, now=NOW)


QUERIES = 52


def test_strangers_see_none_of_it(round_, judges, other_province):
    dossier = make.DossierFactory(round=round_)
    submitted(dossier, judges[0])
    for person in (make.staff(Role.OFFICER, other_province), make.staff(Role.ADMINISTRATOR), make.UserFactory()):
        assert said(person) == []
