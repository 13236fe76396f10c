"""Each kind of task on the desk's first page: its exact number, its day, who sees it and where it leads."""

import datetime as dt
import re

import pytest
import time_machine

from extension.enums import Funding, ProjectState
from extension.models import Plan
from extension.services import plans
from extension.steps.reference import load as load_steps
from facilities.enums import RepresentativeState
from portal.accounts.enums import Role
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.pages import todo
from rounds.enums import Addressee, Body, DocumentKind, DossierState, Origin, RoundState, SeatRole, SheetState
from rounds.intake_board import ONCE_FOR_ALL
from rounds.models import CommuneReturn, DossierDocument, SupplementRequest

from ..factories import (
    CommuneFactory,
    ConflictFactory,
    DossierFactory,
    FacilityFactory,
    ProductFactory,
    ProjectFactory,
    RecognitionFactory,
    RepresentativeFactory,
    RoundFactory,
    ScoreSheetFactory,
    SeatFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)


PENDING = {
    "state": RepresentativeState.PENDING,
    "facility": None,
    "claimed_name": "Cơ sở mẫu",
    "claimed_kind": "household",
    "decided_at": None,
}


def at(days, hour=10):
    return NOW + dt.timedelta(days=days, hours=hour - 9)


def day(days):
    return TODAY + dt.timedelta(days=days)


def tasks(user, now=NOW):
    return [row.task for group in todo.board(user, now=now).groups for row in group.rows]


def said(user, now=NOW):
    return [(task.what, task.due) for task in tasks(user, now)]


@pytest.fixture
def round_(province):
    return RoundFactory(territory=province, state=RoundState.SCREENING, receiving_until=at(-3), year=2026)


@pytest.fixture
def strangers(other_province, round_):
    """People without the role here: of another province, judges, agencies, administrators, producers."""
    return [
        staff(Role.OFFICER, other_province),
        staff(Role.EXTENSION_OFFICER, other_province),
        staff(Role.AGENCY_NATIONAL),
        staff(Role.AGENCY_REGIONAL, None, region="north"),
        staff(Role.ADMINISTRATOR),
        SeatFactory(round=round_).user,
        SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.MEMBER, declared=True).user,
        RepresentativeFactory().user,
        UserFactory(),
    ]


def nobody_else(strangers):
    assert [said(person) for person in strangers] == [[] for _person in strangers]


# --- dossiers -----------------------------------------------------------------------------------------------


def test_supplements_past_their_day_are_settled(round_, officer, leader, strangers):
    lacking = {"round": round_, "state": DossierState.NEEDS_SUPPLEMENT}
    DossierFactory(**lacking, supplement_until=at(-5))
    DossierFactory(**lacking, supplement_until=at(-2))
    DossierFactory(**lacking, supplement_until=at(2))
    support = SeatFactory(round=round_, body=Body.SUPPORT, role=SeatRole.SUPPORT_LEAD, declared=True).user
    for person in (officer, leader, support):
        assert said(person) == [("Xử lý 2 hồ sơ quá hạn bổ sung", day(-5))]
    nobody_else(strangers)


def test_a_supplement_is_late_from_the_very_instant_of_its_deadline(round_, officer):
    DossierFactory(round=round_, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=NOW)
    assert said(officer) == []
    assert said(officer, NOW + dt.timedelta(seconds=1)) == [("Xử lý 1 hồ sơ quá hạn bổ sung", TODAY)]


def test_drafts_of_the_staff_wait_while_dossiers_come_in(round_, officer, strangers):
    for origin in (Origin.PAPER, Origin.PUBLIC_SERVICE, Origin.ONLINE, Origin.COMMUNE):
        DossierFactory(round=round_, state=DossierState.DRAFT, origin=origin, submitted_at=None)
    assert said(officer) == []
    round_.state, round_.receiving_until = RoundState.RECEIVING, at(4)
    round_.save()
    assert said(officer) == [
        ("Hoàn thành 2 hồ sơ đang lập", day(4)),
        ("Khóa nhận hồ sơ, chuyển sang kiểm tra", day(4)),
    ]
    nobody_else(strangers)


@pytest.mark.parametrize(("days", "shown"), [(-2, True), (30, True), (31, False)])
def test_results_promised_elsewhere_wait_until_there_is_a_conclusion(round_, officer, days, shown):
    promised = {"round": round_, "public_service_due_on": day(days)}
    DossierFactory(**promised, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=at(3))
    DossierFactory(**promised, state=DossierState.ELIGIBLE)
    expected = [("Trả kết quả 1 hồ sơ dịch vụ công", day(days))] if shown else []
    assert said(officer) == expected


def test_papers_nobody_asked_for_are_asked_for(round_, officer, leader, strangers):
    lacking, complete = DossierFactory.create_batch(2, round=round_, state=DossierState.SUBMITTED)
    for kind in ONCE_FOR_ALL:
        DossierDocument.objects.create(dossier=complete, kind=kind, on_paper=True)
    for kind in (DocumentKind.COVER_LETTER, DocumentKind.STATEMENT):
        DossierDocument.objects.create(dossier=complete, kind=kind, on_paper=True)
    for person in (officer, leader):
        assert said(person) == [
            ("Kiểm tra 2 hồ sơ đã nộp", None),
            ("Yêu cầu bổ sung cho 1 hồ sơ thiếu giấy tờ", None),
        ]
    nobody_else(strangers)
    lacking.state, lacking.supplement_until = DossierState.NEEDS_SUPPLEMENT, at(3)
    lacking.save()
    assert said(officer) == [("Kiểm tra 1 hồ sơ đã nộp", None)]


def test_what_is_asked_waits_for_others_by_who_owes_it(round_, officer, strangers):
    dossiers = DossierFactory.create_batch(3, round=round_, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=at(5))
    facts = {"words": "Thiếu ảnh", "requested_at": NOW, "requested_by": officer}
    for dossier, addressee, days in (
        (dossiers[0], Addressee.FACILITY, 6),
        (dossiers[1], Addressee.FACILITY, 4),
        (dossiers[2], Addressee.COMMUNE, 5),
    ):
        SupplementRequest.objects.create(dossier=dossier, addressee=addressee, until=at(days), **facts)
    SupplementRequest.objects.create(
        dossier=dossiers[2], addressee=Addressee.LOWER_AUTHORITY, until=at(1), closed_at=NOW, **facts
    )
    assert [(row.what, row.when) for row in todo.board(officer, now=NOW).waiting] == [
        ("Cơ sở bổ sung 2 hồ sơ", "sớm nhất hạn 25/11/2026"),
        ("Ủy ban nhân dân cấp xã bổ sung 1 hồ sơ", "sớm nhất hạn 26/11/2026"),
    ]
    assert all(todo.board(person, now=NOW).waiting == () for person in strangers[:5])


# --- complaints ---------------------------------------------------------------------------------------------


def test_complaints_run_fifteen_working_days_from_the_announcement(round_, officer, leader, strangers):
    from ..factories import DecisionFactory

    round_.state, round_.decision, round_.announced_at = RoundState.ANNOUNCED, DecisionFactory(), at(-1)
    round_.save()
    last = dt.date(2026, 12, 14)  # 24 November is a public holiday
    for person in (officer, leader):
        assert said(person) == [("Theo dõi khiếu nại đến hết hạn nhận", last)]
    later = dt.datetime(2026, 12, 14, 16, 59, tzinfo=dt.UTC)
    assert said(officer, later) == [("Theo dõi khiếu nại đến hết hạn nhận", last)]
    assert said(officer, later + dt.timedelta(minutes=2)) == [("Kết thúc kỳ: đã hết hạn khiếu nại", None)]
    nobody_else(strangers)


# --- communes -----------------------------------------------------------------------------------------------


@pytest.fixture
def receiving(province):
    return RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=at(10), year=2025)


def communes_waiting(user):
    return [task.what for task in tasks(user) if "xã chưa nộp" in task.what]


def test_communes_that_said_nothing_are_reminded_of(client, receiving, province, other_province, officer):
    communes = CommuneFactory.create_batch(5, territory=province)
    CommuneFactory(territory=province, valid_to=day(-1))
    CommuneFactory(territory=other_province)
    for state in (DossierState.SUBMITTED, DossierState.ELIGIBLE):
        product = ProductFactory(facility=FacilityFactory(territory=province, commune=communes[0]))
        DossierFactory(round=receiving, state=state, product=product)
    draft = ProductFactory(facility=FacilityFactory(territory=province, commune=communes[1]))
    DossierFactory(round=receiving, state=DossierState.DRAFT, product=draft, submitted_at=None, origin=Origin.ONLINE)
    CommuneReturn.objects.create(round=receiving, commune=communes[2], reported_at=NOW, reported_by=officer)
    assert communes_waiting(officer) == ["Nhắc 2 xã chưa nộp hồ sơ, chưa báo cáo"]
    client.force_login(officer)
    (url,) = [task.url for task in tasks(officer) if "xã chưa nộp" in task.what]
    shown = client.get(url)
    assert (shown.context["intake"].silent, len(shown.context["rows"])) == (2, 2)
    assert communes_waiting(staff(Role.OFFICER, other_province)) == []
    assert communes_waiting(staff(Role.COMMUNE_OFFICER, province, commune=communes[3])) == []


def test_communes_are_left_in_peace_until_a_month_before(receiving, province, officer):
    CommuneFactory(territory=province)
    receiving.receiving_until = at(31)
    receiving.save()
    assert communes_waiting(officer) == []


def test_a_commune_officer_sees_what_the_own_commune_owes(receiving, province, officer):
    commune, other = CommuneFactory.create_batch(2, territory=province)
    person = staff(Role.COMMUNE_OFFICER, province, commune=commune)
    elsewhere = staff(Role.COMMUNE_OFFICER, province, commune=other)
    assert said(person) == said(elsewhere) == [("Nộp hồ sơ hoặc báo cáo không có", day(10))]
    for days in (4, 6):
        product = ProductFactory(facility=FacilityFactory(territory=province, commune=commune))
        dossier = DossierFactory(
            round=receiving, product=product, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=at(days)
        )
        SupplementRequest.objects.create(
            dossier=dossier,
            addressee=Addressee.COMMUNE,
            words="Thiếu giấy ủy quyền",
            until=at(days),
            requested_at=NOW,
            requested_by=officer,
        )
    assert said(person) == [("Bổ sung giấy tờ cho 2 hồ sơ", day(4))]
    assert said(elsewhere) == [("Nộp hồ sơ hoặc báo cáo không có", day(10))]


# --- people and lists ---------------------------------------------------------------------------------------


def test_registrations_wait_for_the_officer_of_the_province(officer, leader, province, other_province, strangers):
    RepresentativeFactory(territory=province, applied_at=at(-3), **PENDING)
    RepresentativeFactory(territory=province, applied_at=at(-1), **PENDING)
    RepresentativeFactory(territory=province)
    assert [(task.what, task.why) for task in tasks(officer)] == [
        ("Duyệt 2 đăng ký đại diện cơ sở", "Chờ sớm nhất từ 18/11/2026")
    ]
    assert said(leader) == []
    nobody_else(strangers)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def batch(actor, state, province):
    from django.core.files.base import ContentFile

    from portal.files.models import StoredFile

    file, _made = StoredFile.objects.get_or_create(
        sha256="0" * 64, defaults={"content_type": "x", "size": 1, "content": ContentFile(b"x", name="x")}
    )
    return ImportBatch.objects.create(
        kind="products",
        filename="a.xlsx",
        file=file,
        territory=province,
        scope="x",
        scope_label="x",
        actor=actor,
        state=state,
        uploaded_at=NOW,
        previewed_at=None if state == BatchState.UPLOADED else NOW,
        discarded_at=NOW if state == BatchState.DISCARDED else None,
    )


def test_a_list_not_yet_confirmed_waits_for_who_brought_it(officer, leader, province, strangers):
    for state in (BatchState.UPLOADED, BatchState.PREVIEWED, BatchState.DISCARDED):
        batch(officer, state, province)
    assert said(officer) == [("Xác nhận hoặc bỏ 2 danh sách đang nhập", None)]
    assert said(leader) == []
    nobody_else(strangers)


def test_sheets_still_owed_wait_for_who_judges_and_works_at_the_desk(province, officer, leader):
    round_ = RoundFactory(territory=province, state=RoundState.SCORING, scoring_until=at(3), year=2026)
    dossiers = DossierFactory.create_batch(4, round=round_)
    SeatFactory(round=round_, user=officer, role=SeatRole.HEAD_JUDGE)
    ConflictFactory(dossier=dossiers[0], user=officer)
    ScoreSheetFactory(dossier=dossiers[1], judge=officer, state=SheetState.SUBMITTED, submitted_at=NOW, total=80)
    assert ("Chấm và nộp phiếu của 2 hồ sơ", day(3)) in said(officer)
    assert not any("Chấm và nộp" in what for what, _due in said(leader))


# --- support ------------------------------------------------------------------------------------------------


@pytest.fixture
def extension_officer(province):
    return staff(Role.EXTENSION_OFFICER, province)


def test_an_accepted_project_is_settled_and_a_settled_one_liquidated_by_the_days_of_the_rules(
    extension_officer, officer, province
):
    load_steps()
    facts = {"territory": province, "funding": Funding.NATIONAL, "name": "Máy sao chè"}
    ProjectFactory(state=ProjectState.ACCEPTED, year=2026, phase_since=day(-10), **facts)
    ProjectFactory(state=ProjectState.SETTLED, year=2025, slug="khac", **facts)
    late = [row for row in said(extension_officer) if row[0] == "Thanh lý hợp đồng"]
    assert late == []
    assert ("Nộp hồ sơ quyết toán", day(5)) in said(extension_officer)
    january = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    assert ("Thanh lý hợp đồng", dt.date(2026, 1, 22)) in said(extension_officer, january)
    assert said(officer) == []


def test_a_submitted_plan_waits_for_the_leader_who_did_not_submit_it(extension_officer, leader, province):
    plan = Plan.objects.create(
        territory=province, year=2027, funding=Funding.LOCAL, name="Kế hoạch 2027", planned_funds=1
    )
    plans.submit(plan=plan, actor=extension_officer, now=NOW)
    assert ("Ghi quyết định hoặc trả lại kế hoạch “Kế hoạch 2027”", None) in said(leader)
    assert said(extension_officer) == []


# --- the machine --------------------------------------------------------------------------------------------


def test_a_silent_virus_scanner_waits_for_the_administrator(administrator, officer, settings):
    assert said(administrator) == []
    settings.CLAMAV_URL = "unix:///khong/co/clamd.ctl"
    assert said(administrator) == [("Khởi động lại máy quét vi-rút", None)]
    assert said(officer) == []


# --- every line leads to what it counts ---------------------------------------------------------------------


def everything(province, officer, extension_officer):
    """Some of each kind, for the officer and the extension officer."""
    receiving = RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=at(10), year=2025)
    screening = RoundFactory(territory=province, state=RoundState.SCREENING, receiving_until=at(-10), year=2026)
    DossierFactory.create_batch(2, round=receiving, state=DossierState.DRAFT, submitted_at=None)
    DossierFactory(round=receiving, state=DossierState.DRAFT, submitted_at=None, origin=Origin.ONLINE)
    for round_ in (receiving, screening):
        DossierFactory.create_batch(3, round=round_, state=DossierState.SUBMITTED)
        lacking = {"round": round_, "state": DossierState.NEEDS_SUPPLEMENT}
        DossierFactory(**lacking, supplement_until=at(-5), public_service_due_on=day(3))
        DossierFactory(**lacking, supplement_until=at(5), public_service_due_on=day(40))
    ProductFactory.create_batch(2, facility=None, territory=province)
    RecognitionFactory(product=ProductFactory(facility__territory=province), expires_on=day(40))
    for funding in (Funding.NATIONAL, Funding.LOCAL):
        facts = {"territory": province, "funding": funding}
        ProjectFactory.create_batch(2, state=ProjectState.RUNNING, year=2026, **facts)
        ProjectFactory.create_batch(2, state=ProjectState.ACCEPTED, year=2025, **facts)
        ProjectFactory(state=ProjectState.ACCEPTED, year=2026, **facts)


def test_a_list_shows_exactly_as_many_rows_as_the_task_counts(client, province, officer, extension_officer):
    everything(province, officer, extension_officer)
    counted = 0
    for person in (officer, extension_officer):
        client.force_login(person)
        for task in tasks(person):
            with time_machine.travel(NOW, tick=False):
                page = client.get(task.url)
            assert page.status_code == 200, task
            if page.context and "cl" in page.context:
                number = int(re.search(r"\d+", task.what)[0])
                assert page.context["cl"].result_count == number, task
                counted += 1
    assert counted >= 9


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_page_costs_the_same_for_any_number_of_rows(
    province, officer, extension_officer, django_assert_num_queries, number
):
    for year in range(min(number, 5)):
        RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=at(4), year=2020 + year)
    round_ = RoundFactory(territory=province, state=RoundState.SCREENING, receiving_until=at(-3), year=2026)
    for _each in range(number):
        commune = CommuneFactory(territory=province)
        product = ProductFactory(facility=FacilityFactory(territory=province, commune=commune))
        dossier = DossierFactory(
            round=round_, product=product, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=at(-1)
        )
        SupplementRequest.objects.create(
            dossier=dossier,
            addressee=Addressee.FACILITY,
            words="Thiếu",
            until=at(-1),
            requested_at=at(-9),
            requested_by=officer,
        )
        RecognitionFactory(product=product, expires_on=TODAY)
        ProjectFactory(territory=province, state=ProjectState.RUNNING)
        RepresentativeFactory(territory=province, applied_at=at(-3), **PENDING)
    with time_machine.travel(NOW, tick=False):
        for person, queries in ((officer, 46), (extension_officer, 29)):
            todo.board(person, now=NOW)
            with django_assert_num_queries(queries):
                todo.board(person, now=NOW)


def test_a_commune_officers_page_costs_the_same_for_any_number_of_rows(receiving, province, officer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    commune = CommuneFactory(territory=province)
    person = staff(Role.COMMUNE_OFFICER, province, commune=commune)
    costs = []
    for number in (1, 2, 47):
        for _each in range(number):
            product = ProductFactory(facility=FacilityFactory(territory=province, commune=commune))
            DossierFactory(round=receiving, product=product, state=DossierState.SUBMITTED, origin=Origin.COMMUNE)
        with time_machine.travel(NOW, tick=False):
            todo.board(person, now=NOW)
            with CaptureQueriesContext(connection) as caught:
                todo.board(person, now=NOW)
        costs.append(len(caught))
    assert len(set(costs)) == 1, costs


def test_entries_that_may_be_twice_and_old_addresses_lead_to_their_lists(client, officer, province, strangers):
    for branch in ("001", "002"):
        FacilityFactory(territory=province, tax_code=f"0100109106-{branch}")
    client.force_login(officer)
    (task,) = [task for task in tasks(officer) if task.icon == "copy"]
    assert (task.what, task.due) == ("Xem 1 cặp cơ sở nghi trùng", None)
    page = client.get(task.url)
    assert (page.status_code, page.context["shown"], page.context["page"].paginator.count) == (200, "co-so-trung", 1)
    assert not any(row.icon == "copy" for person in strangers for row in tasks(person))
