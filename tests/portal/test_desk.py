import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.notices.models import Notice, NoticeState
from portal.pages import todo
from portal.pages.todo.tasks import Task, grouped
from portal.text.workdays import is_working_day, next_working_day, working_days_until
from products.services import answer_renewal
from rounds.enums import Addressee, Body, DossierState, RoundState, SeatRole, SheetState
from rounds.models import SupplementRequest

from ..factories import (
    ConflictFactory,
    DecisionFactory,
    DossierFactory,
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    RoundFactory,
    ScoreSheetFactory,
    SeatFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db

# A Saturday, as in the pictures.
TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)


def at(days, hour=10):
    return NOW + dt.timedelta(days=days, hours=hour - 9)


def tasks(user):
    return [row.task for group in todo.board(user, now=NOW).groups for row in group.rows]


def sentences(user):
    return [task.what for task in tasks(user)]


# --- who may enter ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: staff(Role.OFFICER, TerritoryFactory()), 200),
        (lambda: staff(Role.LEADER, TerritoryFactory()), 200),
        (lambda: staff(Role.EXTENSION_OFFICER, TerritoryFactory()), 200),
        (lambda: staff(Role.COMMUNE_OFFICER, TerritoryFactory()), 200),
        (lambda: staff(Role.AGENCY_REGIONAL, region="north"), 200),
        (lambda: staff(Role.AGENCY_NATIONAL), 200),
        (lambda: staff(Role.ADMINISTRATOR), 200),
        (lambda: SeatFactory(body=Body.COUNCIL, role=SeatRole.SECRETARY).user, 200),
        (lambda: SeatFactory(body=Body.SUPPORT, role=SeatRole.SUPPORT_MEMBER).user, 200),
        (lambda: SeatFactory(role=SeatRole.HEAD_JUDGE).user, 200),
        (lambda: SeatFactory().user, 403),
        (lambda: staff(Role.OFFICER, TerritoryFactory(), valid_to=dt.date(2021, 1, 1)), 403),
        (UserFactory, 403),
        (lambda: UserFactory(is_staff=True), 403),
    ],
)
def test_the_desk_opens_by_role_or_seat_and_not_by_a_flag(client, make, status):
    client.force_login(make())
    assert client.get("/quan-tri/").status_code == status


def test_a_judge_is_told_where_to_go(client):
    client.force_login(SeatFactory().user)
    assert "Giám khảo chấm ở trang Chấm điểm." in client.get("/quan-tri/").text


@pytest.mark.parametrize("path", ["/quan-tri/", "/quan-tri/facilities/facility/?q=ch%C3%A8", "/quan-tri/tim/"])
def test_a_stranger_is_asked_to_log_in_and_comes_back(client, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith("/dang-nhap/?next=/quan-tri/")


def test_the_admins_own_doors_lead_to_the_portals(client, officer):
    assert client.get("/quan-tri/login/?next=/quan-tri/tim/").url == "/dang-nhap/?next=/quan-tri/tim/"
    client.force_login(officer)
    assert client.get("/quan-tri/password_change/").url == "/doi-mat-khau/"
    assert client.get("/quan-tri/logout/").url == "/dang-xuat/"
    assert client.get("/quan-tri/facilities/").url == "/quan-tri/"


# --- what one reaches ------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["change", "history"])
def test_an_object_of_another_province_does_not_exist_here(client, officer, other_province, door):
    facility = FacilityFactory(territory=other_province)
    facility.save()
    client.force_login(officer)
    assert client.get(reverse(f"admin:facilities_facility_{door}", args=[facility.pk])).status_code == 404


def test_an_old_version_of_an_object_of_another_province_does_not_exist_here(client, officer, other_province):
    facility = FacilityFactory(territory=other_province)
    version = facility.history.first().pk
    client.force_login(officer)
    page = reverse("admin:facilities_facility_simple_history", args=[facility.pk, version])
    assert client.get(page).status_code == 404


def test_the_log_shows_the_acts_of_ones_province(client, officer, province, other_province, administrator):
    for unit in (province, other_province, None):
        record(actor=officer, action="test", sentence=f"Việc ở {unit}.", subject=officer, territory=unit)
    client.force_login(officer)
    page = client.get(reverse("admin:audit_auditentry_changelist")).text
    assert "Việc ở Thái Nguyên." in page
    assert "Việc ở Cao Bằng." not in page
    assert "Việc ở None." not in page
    client.force_login(administrator)
    page = client.get(reverse("admin:audit_auditentry_changelist")).text
    assert all(f"Việc ở {unit}." in page for unit in ("Thái Nguyên", "Cao Bằng", "None"))


def test_the_log_is_narrowed_by_what_was_worked_on_in_words(client, officer, province):
    facility = FacilityFactory(territory=province, name="Cơ sở mẫu")
    product = ProductFactory(territory=province, name="Chè mẫu")
    for subject in (facility, product):
        record(actor=officer, action="x.y", sentence=f"Sửa {subject.name}.", subject=subject, territory=province)
    client.force_login(officer)
    address = reverse("admin:audit_auditentry_changelist")
    page = client.get(address)
    assert page.context["cl"].filter_specs[1].lookup_choices == [
        ("facilities.facility", "Cơ sở"),
        ("products.product", "Sản phẩm"),
    ]
    narrowed = client.get(address, {"subject": "facilities.facility"}).text
    assert ("Sửa Cơ sở mẫu." in narrowed, "Sửa Chè mẫu." in narrowed) == (True, False)


def test_nobody_writes_in_the_log(client, administrator):
    entry = record(actor=administrator, action="test", sentence="Việc.", subject=administrator)
    client.force_login(administrator)
    change = reverse("admin:audit_auditentry_change", args=[entry.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"sentence": "Khác"}).status_code == 403
    assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
    assert client.get(reverse("admin:audit_auditentry_delete", args=[entry.pk])).status_code == 403


def menu(client, user):
    client.force_login(user)
    groups = client.get("/quan-tri/").context["desk_menu"]
    return {str(group.label): [str(item.label) for item in group.items] for group in groups}


def test_the_menu_is_grouped_by_task(client, officer):
    found = menu(client, officer)
    assert next(iter(found)) == "Bình chọn"
    assert "Cơ sở" in found["Sổ công nhận"]
    assert "Đề án" in found["Khuyến công"]
    assert "Mức chi" in found["Quy định khuyến công"]
    assert "Nhật ký" in found["Hệ thống"]
    assert "Tài khoản" not in found["Hệ thống"]


def test_administrators_keep_people_roles_and_offices(client, administrator):
    assert {"Tài khoản", "Vai trò", "Đơn vị"} <= set(menu(client, administrator)["Hệ thống"])


def test_every_page_of_the_desk_has_its_place_in_the_menu(client, administrator):
    from portal.pages.desk_menu import MENU

    placed = {words for _group, rows in MENU for _name, words, _icon in rows}
    client.force_login(administrator)
    for group in client.get("/quan-tri/").context["desk_menu"]:
        assert {item.label for item in group.items} <= placed


# --- people and roles ------------------------------------------------------------------------------


def test_an_administrator_gives_a_role_with_its_dates(client, administrator, province):
    person = UserFactory()
    client.force_login(administrator)
    form = {"user": person.pk, "role": Role.OFFICER, "territory": province.pk, "region": "", "valid_from": "2026-01-01"}
    assert client.post(reverse("admin:accounts_grant_add"), form).status_code == 302
    assert Grant.objects.get(user=person).territory == province


def test_a_role_without_its_scope_is_refused_in_a_sentence(client, administrator):
    client.force_login(administrator)
    form = {"user": UserFactory().pk, "role": Role.OFFICER, "region": "", "valid_from": "2026-01-01"}
    page = client.post(reverse("admin:accounts_grant_add"), form)
    assert page.status_code == 200
    assert "Vai trò của tỉnh cần chọn tỉnh" in page.text


def test_an_administrator_makes_an_account_and_ends_it(client, administrator):
    client.force_login(administrator)
    form = {
        "username": "moi",
        "full_name": "Cán bộ mới",
        "email": "moi@example.vn",
        "password1": "mat-khau-rat-dai",
        "password2": "mat-khau-rat-dai",
        "grants-TOTAL_FORMS": 0,
        "grants-INITIAL_FORMS": 0,
    }
    answer = client.post(reverse("admin:accounts_user_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    page = client.get(answer.url)
    assert page.status_code == 200
    assert "is_superuser" not in page.text


def test_an_administrator_hands_out_a_new_password_and_the_log_knows(client, administrator, officer):
    client.force_login(administrator)
    page = reverse("admin:auth_user_password_change", args=[officer.pk])
    assert "mật khẩu" in client.get(page).text
    assert client.post(page, {"password1": "ngan", "password2": "ngan"}).status_code == 200
    answer = client.post(page, {"password1": "mat-khau-trao-tay", "password2": "mat-khau-trao-tay"})
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert officer.check_password("mat-khau-trao-tay")
    entry = AuditEntry.objects.get()
    assert entry.sentence == f"Sửa tài khoản: {officer}."
    assert "mat-khau" not in str(entry.data)


@pytest.mark.parametrize(
    ("model", "query", "count"),
    [
        ("user", "role=officer", 1),
        ("user", "role=none", 2),
        ("user", "", 4),
        ("grant", "holds=now", 2),
        ("grant", "holds=past", 1),
        ("grant", "holds=later", 1),
    ],
)
def test_people_and_roles_are_found_by_what_holds_today(client, administrator, model, query, count):
    province = TerritoryFactory()
    staff(Role.OFFICER, province)
    staff(Role.LEADER, province, valid_to=dt.date(2021, 1, 1))
    UserFactory()
    if model == "grant":
        staff(Role.OFFICER, province, valid_from=dt.date(2099, 1, 1))
    client.force_login(administrator)
    page = client.get(reverse(f"admin:accounts_{model}_changelist") + f"?{query}")
    assert page.context["cl"].result_count == count


@pytest.mark.parametrize("act", ["unlock", "remove_second_factor"])
def test_an_administrator_helps_people_in_from_the_list(client, administrator, officer, act):
    client.force_login(administrator)
    page = reverse("admin:accounts_user_changelist")
    answer = client.post(page, {"action": act, "_selected_action": [officer.pk]}, follow=True)
    assert "0 tài khoản." in answer.text


@pytest.mark.parametrize("model", ["user", "grant", "organisation"])
def test_only_administrators_open_accounts(client, officer, leader, model):
    for person in (officer, leader):
        client.force_login(person)
        assert client.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 403


def test_a_list_of_people_costs_the_same_for_any_number(client, administrator, django_assert_max_num_queries):
    client.force_login(administrator)
    page = reverse("admin:accounts_user_changelist")
    for number in (1, 3, 50):
        for _ in range(number):
            staff(Role.OFFICER, TerritoryFactory())
        with django_assert_max_num_queries(14):
            assert client.get(page).status_code == 200


# --- letters ---------------------------------------------------------------------------------------


@pytest.fixture
def stuck(province):
    return Notice.objects.create(
        kind="test",
        subject_type="facilities.facility",
        subject_id="0f0e0d0c-0000-4000-8000-000000000000",
        recipient="a@example.vn",
        due_on=TODAY,
        territory=province,
        title="Thư",
        body="Nội dung",
        state=NoticeState.SENDING,
        claimed_at=timezone.now() - dt.timedelta(hours=1),
    )


def test_an_officer_settles_a_stuck_letter(client, officer, stuck):
    client.force_login(officer)
    page = reverse("admin:notices_notice_changelist")
    answer = client.post(page, {"action": "send_again", "_selected_action": [stuck.pk]}, follow=True)
    assert "Đã ghi cho 1 thư." in answer.text
    stuck.refresh_from_db()
    assert stuck.state == NoticeState.PLANNED
    answer = client.post(page, {"action": "confirm_sent", "_selected_action": [stuck.pk]}, follow=True)
    assert "không còn ở trạng thái đang gửi dở" in answer.text


def test_a_leader_may_read_letters_but_not_settle_them(client, leader, stuck):
    client.force_login(leader)
    page = reverse("admin:notices_notice_changelist")
    assert "Thư" in client.get(page).text
    client.post(page, {"action": "send_again", "_selected_action": [stuck.pk]})
    stuck.refresh_from_db()
    assert stuck.state == NoticeState.SENDING


# --- what waits ------------------------------------------------------------------------------------


def test_working_days_skip_weekends_and_holidays():
    assert not is_working_day(TODAY)
    assert next_working_day(TODAY) == dt.date(2026, 11, 23)
    assert working_days_until(dt.date(2026, 11, 23), on=TODAY) == 1
    assert working_days_until(dt.date(2026, 9, 3), on=dt.date(2026, 8, 28)) == 1
    assert working_days_until(dt.date(2026, 11, 19), on=TODAY) == -1
    assert working_days_until(TODAY, on=TODAY) == 0
    assert is_working_day(dt.date(2026, 8, 22))


def test_tasks_stand_in_groups_by_the_day_they_are_due():
    def due(day):
        return Task("Làm", "", "bell", "Mở", "/", day)

    days = [None, dt.date(2026, 12, 31), dt.date(2026, 11, 25), dt.date(2026, 11, 23), TODAY, dt.date(2026, 11, 19)]
    found = {group.label: [row.task.due for row in group.rows] for group in grouped([due(d) for d in days], on=TODAY)}
    assert found == {
        "Quá hạn": [dt.date(2026, 11, 19)],
        "Hôm nay": [TODAY],
        "Thứ Hai, 23/11": [dt.date(2026, 11, 23)],
        "Trong tuần": [dt.date(2026, 11, 25)],
        "Sau đó": [dt.date(2026, 12, 31)],
        "Không có hạn": [None],
    }


def test_what_is_late_says_by_how_many_working_days():
    (group,) = grouped([Task("Làm", "", "bell", "Mở", "/", dt.date(2026, 11, 19))], on=TODAY)
    assert group.late
    assert group.rows[0].left == "trễ 1 ngày làm việc"


@pytest.fixture
def round_(province):
    return RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=at(4), year=2026)


def test_nothing_to_do_is_said_so(client, officer):
    client.force_login(officer)
    assert "Không còn việc nào chờ bạn." in client.get("/quan-tri/").text


def test_dossiers_to_check_wait_for_officers_and_the_support_team(round_, officer, leader, other_province):
    DossierFactory.create_batch(2, round=round_, state=DossierState.SUBMITTED)
    support = SeatFactory(round=round_, body=Body.SUPPORT, role=SeatRole.SUPPORT_MEMBER).user
    judge = SeatFactory(round=round_).user
    elsewhere = staff(Role.OFFICER, other_province)
    for person in (officer, leader, support):
        assert "Kiểm tra 2 hồ sơ đã nộp" in sentences(person)
    for person in (judge, elsewhere, staff(Role.AGENCY_NATIONAL)):
        assert sentences(person) == []


def test_an_extension_officer_checks_where_the_centre_receives(round_, province):
    from ..factories import OrganisationFactory

    DossierFactory(round=round_, state=DossierState.SUBMITTED)
    person = staff(Role.EXTENSION_OFFICER, province)
    assert sentences(person) == []
    person.organisation = OrganisationFactory(territory=province)
    person.save()
    round_.receiving_unit = person.organisation
    round_.save()
    assert sentences(person) == ["Kiểm tra 1 hồ sơ đã nộp", "Yêu cầu bổ sung cho 1 hồ sơ thiếu giấy tờ"]


@pytest.mark.parametrize(("days", "shown"), [(-1, True), (30, True), (31, False)])
def test_a_deadline_waits_from_a_month_before_it(round_, officer, days, shown):
    round_.receiving_until = at(days)
    round_.save()
    assert ("Khóa nhận hồ sơ, chuyển sang kiểm tra" in sentences(officer)) is shown


def test_a_round_in_scoring_says_how_many_sheets_are_in(round_, officer):
    round_.state, round_.scoring_until = RoundState.SCORING, at(2)
    round_.save()
    dossiers = DossierFactory.create_batch(3, round=round_)
    judges = [seat.user for seat in SeatFactory.create_batch(2, round=round_)]
    ConflictFactory(dossier=dossiers[0], user=judges[0])
    ConflictFactory(dossier=dossiers[0])
    done = {"state": SheetState.SUBMITTED, "submitted_at": NOW, "total": 80}
    ScoreSheetFactory(dossier=dossiers[1], judge=judges[0], **done)
    assert sentences(officer) == [
        "Theo dõi chấm điểm: đã nộp 1 trên 5 phiếu",
        "Nhắc 2 giám khảo còn phiếu chưa nộp",
    ]
    for dossier, judge in ((dossiers[0], judges[1]), (dossiers[1], judges[1])):
        ScoreSheetFactory(dossier=dossier, judge=judge, **done)
    for judge in judges:
        ScoreSheetFactory(dossier=dossiers[2], judge=judge, **done)
    assert sentences(officer) == ["Khép chấm điểm: đã đủ 5 phiếu"]


def test_the_council_word_waits_for_its_secretary_and_the_leader(round_, officer, leader):
    round_.state = RoundState.DELIBERATION
    round_.save()
    DossierFactory(round=round_)
    secretary = SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.SECRETARY).user
    member = SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    assert sentences(secretary) == sentences(leader) == ["Ghi ý kiến hội đồng cho 1 hồ sơ"]
    assert sentences(member) == sentences(officer) == []


def test_a_signed_decision_is_announced_by_the_leader(round_, officer, leader):
    round_.state, round_.decision = RoundState.DECIDED, DecisionFactory()
    round_.save()
    assert sentences(leader) == ["Công bố kết quả"]
    assert sentences(officer) == []


def test_what_waits_for_others_stands_beside(round_, officer):
    dossier = DossierFactory(round=round_, state=DossierState.NEEDS_SUPPLEMENT, supplement_until=at(5))
    SupplementRequest.objects.create(
        dossier=dossier,
        addressee=Addressee.FACILITY,
        words="Thiếu ảnh",
        until=at(5),
        requested_at=NOW,
        requested_by=officer,
    )
    submitted = RoundFactory(
        territory=round_.territory, state=RoundState.SUBMITTED, submitted_on=dt.date(2026, 11, 18), year=2025
    )
    waiting = todo.board(officer, now=NOW).waiting
    assert [(row.what, row.when) for row in waiting] == [
        ("Cơ sở bổ sung 1 hồ sơ", "sớm nhất hạn 26/11/2026"),
        ("Cấp có thẩm quyền ký quyết định công nhận", "gửi trình 18/11/2026"),
    ]
    assert submitted.pk


def test_recognitions_that_end_and_nobody_answered_for_are_one_task_per_month(officer, province):
    def recognise(days, **facts):
        product = facts.pop("product", None) or ProductFactory(facility__territory=province)
        return RecognitionFactory(product=product, expires_on=TODAY + dt.timedelta(days=days), **facts)

    recognise(40), recognise(40), recognise(90)
    recognise(91)
    recognise(40, revoked_on=TODAY, status_reason="Vi phạm")
    renewed = recognise(40)
    recognise(400, product=renewed.product, year=2026)
    answered = recognise(40)
    answer_renewal(recognition=answered, choice="undecided", actor=officer, now=NOW, by_maker=False)
    entered = recognise(40, year=2024)
    DossierFactory(product=entered.product, round__territory=province, round__year=2026, state=DossierState.DRAFT)
    found = [(task.what, task.due) for task in tasks(officer) if "hết hiệu lực" in task.what]
    assert found == [
        ("2 giấy chứng nhận hết hiệu lực tháng 12/2026 chưa có trả lời", TODAY + dt.timedelta(days=40)),
        ("1 giấy chứng nhận hết hiệu lực tháng 02/2027 chưa có trả lời", TODAY + dt.timedelta(days=90)),
    ]


def test_what_old_lists_left_out_waits_without_a_day(officer, province):
    ProductFactory(facility=None, territory=province)
    assert [(task.what, task.due) for task in tasks(officer)] == [("Bổ sung thông tin cho 1 sản phẩm", None)]


def test_stuck_and_failed_letters_become_a_persons_task(officer, leader, stuck):
    with time_machine.travel(timezone.now(), tick=False):
        now = timezone.now()
        found = [row.task.what for group in todo.board(officer, now=now).groups for row in group.rows]
    assert found == ["Xác nhận 1 thư gửi dở"]
    Notice.objects.update(state=NoticeState.FAILED)
    assert sentences(officer) == []
    Notice.objects.update(due_on=TODAY - dt.timedelta(days=1), created_at=NOW - dt.timedelta(days=1))
    assert sentences(officer) == ["Kiểm tra 1 thư chờ gửi quá một ngày"]
    assert sentences(leader) == []


def test_roles_that_run_out_wait_for_the_administrator(administrator, province):
    staff(Role.OFFICER, province, valid_to=TODAY + dt.timedelta(days=10))
    staff(Role.OFFICER, province, valid_to=TODAY + dt.timedelta(days=31))
    staff(Role.OFFICER, province, valid_to=TODAY - dt.timedelta(days=1))
    assert [(task.what, task.due) for task in tasks(administrator)] == [
        ("Gia hạn hoặc thôi 1 vai trò", TODAY + dt.timedelta(days=10))
    ]


def test_what_one_did_lately_is_remembered(officer, leader):
    with time_machine.travel(NOW, tick=False):
        record(actor=officer, action="test", sentence="Tiếp nhận 6 hồ sơ.", subject=officer)
        record(actor=leader, action="test", sentence="Việc của người khác.", subject=officer)
    assert [entry.sentence for entry in todo.board(officer, now=NOW).done] == ["Tiếp nhận 6 hồ sơ."]


@pytest.mark.parametrize("number", [1, 3, 20])
def test_the_first_page_costs_the_same_for_any_number_of_rows(
    officer, province, administrator, django_assert_num_queries, number
):
    for year in range(number):
        round_ = RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=at(4), year=2020 + year)
        DossierFactory(round=round_, state=DossierState.SUBMITTED)
        RecognitionFactory(product=ProductFactory(facility__territory=province), expires_on=TODAY)
        ProductFactory(facility=None, territory=province)
    with time_machine.travel(NOW, tick=False):
        todo.board(officer, now=NOW)
        with django_assert_num_queries(45):
            assert todo.board(officer, now=NOW).total == 3 * number + 2


@pytest.mark.usefixtures("stuck")
def test_every_task_opens_a_page(client, officer, leader, province, round_):
    DossierFactory(round=round_, state=DossierState.SUBMITTED)
    ProductFactory(facility=None, territory=province)
    RecognitionFactory(product=ProductFactory(facility__territory=province), expires_on=TODAY)
    for person in (officer, leader):
        client.force_login(person)
        for task in tasks(person):
            assert client.get(task.url).status_code == 200, task


# --- search ----------------------------------------------------------------------------------------


def hits(client, user, query):
    client.force_login(user)
    found = client.get("/quan-tri/tim/", {"q": query}).context["found"]
    return {str(section.label): [hit.name for hit in section.hits] for section in found}


def test_one_search_finds_what_the_person_reaches_with_or_without_diacritics(client, officer, province, other_province):
    mine = ProductFactory(name="Mỳ Chũ", facility__territory=province, facility__name="Hợp tác xã Mỳ Chũ")
    ProductFactory(name="Mỳ Chũ ngon", facility__territory=other_province)
    DossierFactory(round=RoundFactory(territory=province), product=mine, entry_code="0037")
    found = hits(client, officer, "mi chu")
    assert found["Sản phẩm"] == ["Mỳ Chũ"]
    assert found["Cơ sở"] == ["Hợp tác xã Mỳ Chũ"]
    assert found["Hồ sơ"] == ["Hồ sơ 0037: Mỳ Chũ"]
    assert list(hits(client, officer, "0037")) == ["Hồ sơ"]


def test_a_decision_is_found_by_its_number(client, officer, province):
    DecisionFactory(number="1997", symbol="QĐ-BCT", territory=province)
    assert hits(client, officer, "1997/QĐ-BCT")["Quyết định"] == ["1997/QĐ-BCT"]


@pytest.mark.parametrize(("query", "words"), [("", "Chưa có từ nào để tìm."), ("không có đâu", "Không có gì khớp")])
def test_an_empty_search_says_what_to_do(client, officer, query, words):
    client.force_login(officer)
    assert words in client.get("/quan-tri/tim/", {"q": query}).text


def test_every_hit_opens(client, officer, province):
    product = ProductFactory(name="Chè Tân Cương", facility__territory=province)
    DossierFactory(round=RoundFactory(territory=province), product=product)
    client.force_login(officer)
    for section in client.get("/quan-tri/tim/?q=che").context["found"]:
        assert client.get(section.more_url).status_code == 200
        for hit in section.hits:
            assert client.get(hit.url).status_code == 200
