"""The yearly report: who owes it, how it is filled in, handed in and decided; the department's report; reminders."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities.enums import Reporter, YearlyReportState
from facilities.models import FacilityYear, ReportingRule, YearlyReport
from facilities.reference_data import load
from facilities.reporting import due_day
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.notices.reference_data import load as load_schedule
from portal.pages import todo
from portal.text.errors import Refusal
from portal.text.formats import money
from products import reminders, report_reminders, yearly
from products.models import DepartmentReport
from products.services import department_reports, yearly_reports
from tests import factories

NEW_YEAR = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
S = YearlyReportState


@pytest.fixture
def maker(province):
    """A facility with one product whose recognition holds to the end of 2027, and its representative."""
    facility = factories.FacilityFactory(name="Hợp tác xã mẫu Tân Cương", territory=province)
    product = factories.ProductFactory(name="Chè mẫu", facility=facility, territory=province)
    factories.RecognitionFactory(product=product)
    factories.RepresentativeFactory(facility=facility, user__email="coso@example.vn")
    return facility


@pytest.fixture
def producer(maker):
    return maker.representatives.get().user


def filled(maker, producer, **facts):
    report = yearly_reports.open_report(facility=maker, year=2025, actor=producer, on=NEW_YEAR)
    line = report.lines.get()
    return yearly_reports.save_report(
        report=report,
        facts={"revenue": 5_000_000_000, "workers": 12, "export_value": 0, **facts},
        lines={line.product_id: {"revenue": 3_000_000_000, "logo_packs": 20_000}},
        actor=producer,
    )


@pytest.mark.parametrize(
    ("expires", "issued", "owes"),
    [
        (dt.date(2024, 12, 31), dt.date(2021, 5, 1), False),
        (dt.date(2025, 1, 1), dt.date(2022, 5, 1), True),
        (dt.date(2027, 12, 31), dt.date(2025, 12, 31), True),
        (dt.date(2028, 1, 1), dt.date(2026, 1, 1), False),
    ],
)
def test_a_facility_owes_a_year_when_its_recognition_held_on_one_of_its_days(province, expires, issued, owes):
    product = factories.ProductFactory(territory=province, facility=factories.FacilityFactory(territory=province))
    factories.RecognitionFactory(product=product, issued_on=issued, year=issued.year, expires_on=expires)
    assert yearly.owing(2025).filter(pk=product.facility_id).exists() is owes


@pytest.mark.parametrize(("revoked", "owes"), [(dt.date(2025, 1, 1), False), (dt.date(2025, 1, 2), True)])
def test_what_was_revoked_before_the_year_owes_nothing(maker, revoked, owes):
    maker.products.get().recognitions.update(revoked_on=revoked, status_reason="lý do")
    assert yearly.owing(2025).exists() is owes


def test_what_was_never_published_owes_nothing(maker):
    maker.products.get().recognitions.update(published_at=None)
    assert not yearly.owing(2025).exists()


def test_the_deadline_is_the_day_of_the_rule_in_force_at_the_end_of_the_year(db):
    load()
    assert due_day(reporter=Reporter.FACILITY, year=2025) == dt.date(2026, 1, 15)
    ReportingRule.objects.filter(reporter="facility").update(valid_to=dt.date(2025, 12, 30))
    assert due_day(reporter=Reporter.FACILITY, year=2025) is None
    ReportingRule.objects.create(
        reporter="facility", valid_from=dt.date(2025, 12, 31), month=2, day=31, legal_basis="mẫu"
    )
    assert due_day(reporter=Reporter.FACILITY, year=2025) == dt.date(2026, 2, 28)
    assert due_day(reporter=Reporter.FACILITY, year=2027) == dt.date(2028, 2, 29)


def test_loading_the_rules_again_keeps_what_staff_changed(db):
    assert load()["reporting_rules_created"] == 2
    ReportingRule.objects.filter(reporter="facility").update(day=20)
    assert load() == {"reporting_rules_created": 0, "reporting_rules_kept": 2}
    assert ReportingRule.objects.get(reporter="facility").day == 20


def test_a_report_handed_in_and_taken_in_becomes_the_figures_of_the_year(maker, producer, officer):
    report = yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    assert report.state == S.SUBMITTED
    yearly_reports.accept_report(report=report, actor=officer, now=NOW)
    figures = FacilityYear.objects.get(facility=maker, year=2025)
    assert (figures.revenue, figures.workers) == (5_000_000_000, 12)
    acts = AuditEntry.objects.filter(action__startswith="yearly_report.").order_by("pk")
    assert [entry.action for entry in acts] == [
        "yearly_report.open", "yearly_report.save", "yearly_report.submit", "yearly_report.accept",
    ]  # fmt: skip


def test_a_report_that_lacks_sums_says_which_and_keeps_what_was_typed(maker, producer):
    report = yearly_reports.open_report(facility=maker, year=2025, actor=producer, on=NEW_YEAR)
    yearly_reports.save_report(report=report, facts={"markets": "Chợ tỉnh"}, lines={}, actor=producer)
    with pytest.raises(Refusal) as refused:
        yearly_reports.submit_report(report=report, actor=producer, now=NOW)
    assert [str(one) for one in refused.value.details] == [
        "Doanh thu của cơ sở.", "Số lao động của cơ sở.", "Doanh thu của “Chè mẫu”.",
    ]  # fmt: skip
    report.refresh_from_db()
    assert (report.state, report.markets) == (S.DRAFT, "Chợ tỉnh")


def test_zero_is_an_answer(maker, producer):
    report = filled(maker, producer, revenue=0, workers=0)
    assert yearly_reports.submit_report(report=report, actor=producer, now=NOW).state == S.SUBMITTED


def test_what_is_handed_in_stays_until_it_is_given_back(maker, producer, officer):
    report = yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    with pytest.raises(Refusal, match="đã nộp"):
        yearly_reports.save_report(report=report, facts={"revenue": 1}, lines={}, actor=producer)
    with pytest.raises(Refusal, match="cần sửa"):
        yearly_reports.give_back_report(report=report, reason=" ", actor=officer, now=NOW)
    yearly_reports.give_back_report(report=report, reason="Thiếu xuất khẩu", actor=officer, now=NOW)
    told = Notice.objects.get(user=producer)
    assert "Thiếu xuất khẩu" in told.body
    report = yearly_reports.save_report(report=report, facts={"revenue": 1}, lines={}, actor=producer)
    assert yearly_reports.submit_report(report=report, actor=producer, now=NOW).returned_reason == ""


def test_a_second_telephone_does_not_write_over_the_first(maker, producer):
    report = filled(maker, producer)
    with pytest.raises(Refusal, match="sửa ở nơi khác"):
        yearly_reports.save_report(report=report, facts={"revenue": 1}, lines={}, actor=producer, revision=0)
    report.refresh_from_db()
    assert report.revenue == 5_000_000_000


def test_only_the_facility_writes_and_only_its_province_decides(maker, producer, officer, other_province):
    stranger = factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=other_province)).user
    elsewhere = factories.staff(Role.OFFICER, other_province)
    for person in (stranger, officer, elsewhere):
        with pytest.raises(Refusal) as refused:
            yearly_reports.open_report(facility=maker, year=2025, actor=person, on=NEW_YEAR)
        assert refused.value.code == "not_allowed"
    report = yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    for person in (producer, elsewhere):
        with pytest.raises(Refusal):
            yearly_reports.accept_report(report=report, actor=person, now=NOW)


def test_an_officer_enters_a_report_that_came_on_paper(maker, officer):
    report = yearly_reports.open_report(facility=maker, year=2025, actor=officer, on=NEW_YEAR, on_paper=True)
    line = report.lines.get()
    yearly_reports.save_report(
        report=report, facts={"revenue": 1, "workers": 1}, lines={line.product_id: {"revenue": 1}}, actor=officer
    )
    yearly_reports.submit_report(report=report, actor=officer, now=NOW)
    assert YearlyReport.objects.get().on_paper


@pytest.mark.parametrize(("day", "opens"), [(dt.date(2025, 11, 30), False), (dt.date(2025, 12, 1), True)])
def test_a_report_opens_in_december_of_its_year(maker, producer, day, opens):
    if opens:
        assert yearly_reports.open_report(facility=maker, year=2025, actor=producer, on=day).lines.count() == 1
        return
    with pytest.raises(Refusal) as refused:
        yearly_reports.open_report(facility=maker, year=2025, actor=producer, on=day)
    assert refused.value.code == "too_early"


def test_a_facility_without_a_recognition_in_the_year_has_nothing_to_report(maker, producer):
    with pytest.raises(Refusal) as refused:
        yearly_reports.open_report(facility=maker, year=2023, actor=producer, on=NEW_YEAR)
    assert refused.value.code == "nothing_recognised"


# --- pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def in_january(time_machine_at):
    time_machine_at(NOW)


@pytest.fixture
def time_machine_at():
    import time_machine

    travels = []

    def go(moment):
        travel = time_machine.travel(moment, tick=False)
        travel.start()
        travels.append(travel)

    yield go
    for travel in travels:
        travel.stop()


def posted(maker, **more):
    product = maker.products.get()
    facts = {"revenue": "5 tỷ", "workers": "1.200", "export_value": "0", f"p{product.pk}-revenue": "3.000.000.000"}
    facts |= {f"p{product.pk}-quantity": "1.250,5", f"p{product.pk}-unit": "kg", f"p{product.pk}-logo_packs": "20.000"}
    return facts | {"act": "nop"} | more


@pytest.mark.usefixtures("in_january")
def test_the_facility_fills_in_its_report_and_reads_it_afterwards(client, maker, producer):
    client.force_login(producer)
    listed = client.get(reverse("my_reports")).content.decode()
    page = reverse("my_report", args=[maker.uuid, 2025])
    assert page in listed
    assert client.get(page).status_code == 200
    assert not YearlyReport.objects.exists()
    assert client.post(page, posted(maker)).status_code == 302
    report = YearlyReport.objects.get()
    assert (report.state, report.revenue, report.workers) == (S.SUBMITTED, 5_000_000_000, 1200)
    assert str(report.lines.get().quantity) == "1250.50"
    read = client.get(page).content.decode()
    assert money(5_000_000_000) in read
    assert "<form" not in read.split("</header>")[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"revenue": "năm tỷ"}, "năm tỷ"), ({"workers": "-3"}, "Số lao động"), ({"revenue": ""}, "không có thì ghi 0")],
)
@pytest.mark.usefixtures("in_january")
def test_a_wrong_figure_is_said_in_words_and_nothing_typed_is_lost(client, maker, producer, typed, said):
    client.force_login(producer)
    answer = client.post(reverse("my_report", args=[maker.uuid, 2025]), posted(maker, markets="Chợ Thái", **typed))
    html = answer.content.decode()
    assert answer.status_code in {400, 409}
    assert said in html
    assert "Chợ Thái" in html
    assert "20.000" in html


@pytest.mark.usefixtures("in_january")
def test_a_draft_may_leave_open_what_handing_in_asks_for(client, maker, producer):
    client.force_login(producer)
    page = reverse("my_report", args=[maker.uuid, 2025])
    assert client.post(page, {"act": "luu", "markets": "Chợ Thái"}).status_code == 302
    assert "Chợ Thái" in client.get(page).content.decode()
    assert YearlyReport.objects.get().state == S.DRAFT


@pytest.mark.usefixtures("in_january")
def test_another_facility_s_report_does_not_exist(client, maker, other_province):
    stranger = factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=other_province)).user
    client.force_login(stranger)
    assert client.get(reverse("my_report", args=[maker.uuid, 2025])).status_code == 404


@pytest.mark.usefixtures("in_january")
def test_the_desk_sees_who_owes_and_decides(client, maker, producer, officer):
    client.force_login(officer)
    board = client.get(reverse("admin:yearly_reports")).content.decode()
    assert "Hợp tác xã mẫu Tân Cương" in board
    assert "Chưa nộp" in board
    report = yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    page = reverse("admin:yearly_report", args=[2025, maker.uuid])
    assert client.post(page, {"act": "return", "reason": ""}).status_code == 400
    assert client.post(page, {"act": "accept"}).status_code == 302
    report.refresh_from_db()
    assert report.state == S.ACCEPTED
    assert client.post(page, {"act": "accept"}).status_code == 409
    assert client.get(reverse("admin:yearly_reports") + "?tinh-trang=chua").content.decode().count("Tân Cương") == 0


@pytest.mark.parametrize(
    "query", ["?nam=99999", "?nam=x", "?nam=２０２５", "?tinh-trang=xyz", "?page=-1", "?page=9999"]
)
@pytest.mark.usefixtures("in_january")
def test_the_board_ignores_what_it_cannot_read(client, maker, officer, query):
    client.force_login(officer)
    assert client.get(reverse("admin:yearly_reports") + query).status_code == 200


@pytest.mark.parametrize("number", [1, 3, 50])
@pytest.mark.usefixtures("in_january")
def test_the_boards_take_as_many_queries_for_one_facility_as_for_fifty(
    client, province, officer, number, django_assert_max_num_queries
):
    for _one in range(number):
        facility = factories.FacilityFactory(territory=province)
        factories.RecognitionFactory(product=factories.ProductFactory(facility=facility, territory=province))
        YearlyReport.objects.create(facility=facility, year=2025)
    client.force_login(officer)
    client.get(reverse("admin:yearly_reports"))
    with django_assert_max_num_queries(20):
        assert client.get(reverse("admin:yearly_reports")).status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get(reverse("admin:department_report", args=[2025, province.slug])).status_code == 200


@pytest.mark.usefixtures("in_january")
def test_the_list_as_a_spreadsheet_is_an_act(client, maker, producer, officer):
    filled(maker, producer)
    client.force_login(officer)
    answer = client.get(reverse("admin:yearly_reports_export") + "?nam=2025")
    assert answer.content.startswith(b"PK")
    assert AuditEntry.objects.filter(action="yearly_report.export", actor=officer).exists()


# --- the department's own report --------------------------------------------------------------------------


@pytest.mark.usefixtures("in_january")
def test_the_department_sends_its_figures_frozen_and_the_agency_takes_them_in(
    client, maker, producer, officer, province
):
    yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    client.force_login(officer)
    page = reverse("admin:department_report", args=[2025, province.slug])
    assert client.post(page, {"act": "send", "remarks": "Tốt"}).status_code == 400
    assert client.post(page, {"act": "send", "remarks": "Tốt", "number": "5/BC-SCT"}).status_code == 302
    report = DepartmentReport.objects.get()
    assert (report.figures["owing"], report.figures["reported"], report.figures["revenue"]) == (1, 1, 5_000_000_000)
    assert report.figures["in_force"] == 1
    YearlyReport.objects.all().delete()
    assert "5.000.000.000" in client.get(page).content.decode()
    assert client.post(page, {"act": "accept"}).status_code == 403
    agency = factories.staff(Role.AGENCY_NATIONAL)
    client.force_login(agency)
    assert client.post(page, {"act": "return", "reason": "Bổ sung"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.returned_reason) == (S.RETURNED, "Bổ sung")


@pytest.mark.parametrize("year", [2024, 2025, 2026])
@pytest.mark.parametrize("fmt", ["docx", "pdf"])
def test_the_department_s_report_prints(client, officer, province, fmt, year):
    start = b"PK" if fmt == "docx" else b"%PDF"
    client.force_login(officer)
    answer = client.get(reverse("admin:department_report_paper", args=[year, province.slug, fmt]))
    assert answer.content.startswith(start)
    assert AuditEntry.objects.filter(action="department_report.print").exists()


def test_a_department_s_report_is_written_by_its_own_staff_only(province, other_province, producer):
    for person in (factories.staff(Role.OFFICER, other_province), producer):
        with pytest.raises(Refusal):
            department_reports.save_department_report(territory=province, year=2025, remarks="", actor=person)


# --- reminders --------------------------------------------------------------------------------------------


@pytest.fixture
def rules(db):
    load()
    load_schedule()


def test_a_facility_that_owes_is_reminded_once_per_day_of_the_schedule(maker, producer, rules):
    day = dt.date(2026, 1, 8)
    assert report_reminders.plan(day) == 1
    assert report_reminders.plan(day) == 0
    told = Notice.objects.get(user=producer, kind="yearly_report")
    assert "15/01/2026" in told.title
    assert "năm 2025" in told.body


@pytest.mark.usefixtures("rules")
def test_the_morning_s_run_reminds_of_reports_too(maker, producer):
    day = dt.date(2026, 1, 8)
    waiting = reminders.preview(on=day)
    assert waiting >= 1
    assert reminders.run(on=day, now=timezone.now()).planned == waiting
    assert Notice.objects.filter(user=producer, kind="yearly_report").count() == 1


def test_a_report_that_came_takes_the_waiting_letter_back(maker, producer, rules):
    report_reminders.plan(dt.date(2026, 1, 8))
    yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    report_reminders.plan(dt.date(2026, 1, 9))
    assert Notice.objects.get(user=producer, kind="yearly_report").state == "dropped"


def test_the_department_is_reminded_until_its_report_is_sent(maker, officer, leader, province, rules):
    assert report_reminders.plan(dt.date(2026, 1, 28)) >= 2
    told = Notice.objects.filter(kind="department_report")
    assert {notice.user_id for notice in told} == {officer.pk, leader.pk}
    report = department_reports.save_department_report(
        territory=province, year=2025, remarks="", number="5/BC-SCT", actor=officer
    )
    department_reports.submit_department_report(report=report, figures={}, actor=officer, now=timezone.now())
    assert report_reminders.plan(dt.date(2026, 2, 1)) == 0


@pytest.mark.parametrize("number", [1, 3, 50])
def test_reminding_takes_as_many_queries_for_one_facility_as_for_fifty(
    province, rules, number, django_assert_max_num_queries
):
    for _one in range(number):
        facility = factories.FacilityFactory(territory=province)
        factories.RecognitionFactory(product=factories.ProductFactory(facility=facility, territory=province))
        factories.RepresentativeFactory(facility=facility)
    with django_assert_max_num_queries(24):
        assert report_reminders.plan(dt.date(2026, 1, 8)) == number


# --- what waits for whom ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("rules")
def test_what_waits_stands_on_the_desk_until_it_is_done(client, maker, producer, officer, province):
    yearly_reports.submit_report(report=filled(maker, producer), actor=producer, now=NOW)
    said = [row.task.what for group in todo.board(officer, now=NOW).groups for row in group.rows]
    assert "Tiếp nhận 1 báo cáo năm của cơ sở" in said
    assert "Gửi Cục báo cáo năm 2025 của Sở Công Thương Thái Nguyên" in said
    yearly_reports.accept_report(report=maker.reports.get(), actor=officer, now=NOW)
    report = department_reports.save_department_report(
        territory=province, year=2025, remarks="", number="5/BC-SCT", actor=officer
    )
    department_reports.submit_department_report(report=report, figures={}, actor=officer, now=NOW)
    said = [row.task.what for group in todo.board(officer, now=NOW).groups for row in group.rows]
    assert not [what for what in said if "báo cáo năm" in what]
    agency = factories.staff(Role.AGENCY_NATIONAL)
    waiting = [row.task.what for group in todo.board(agency, now=NOW).groups for row in group.rows]
    assert "Tiếp nhận báo cáo năm của 1 Sở" in waiting
