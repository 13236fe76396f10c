import datetime as dt

import pytest
from django.utils.module_loading import import_string

from extension import asked, due, guards, reminders
from extension.due_rules import rules
from extension.enums import DueCode, Funding, ProjectState
from extension.models import DueRule, Project, ReportPeriod
from extension.services import projects
from extension.steps.due import YearMatter, project_matters, year_matters
from extension.steps.reference import load
from portal.accounts.enums import Role
from portal.notices import reference_data
from portal.notices.models import Notice, ReminderRule
from tests.factories import OrganisationFactory, ProjectFactory, UserFactory, staff

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def law(db):
    load()
    reference_data.load()


@pytest.fixture
def clerk(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def accepted(province, clerk):
    unit = OrganisationFactory(territory=province)
    UserFactory(organisation=unit)
    return ProjectFactory(
        territory=province,
        funding=Funding.NATIONAL,
        state=ProjectState.ACCEPTED,
        phase_since=dt.date(2026, 10, 1),
        implementing_unit=unit,
    )


def only(source):
    return [source]


def test_the_days_of_the_law_are_rows():
    known = rules()
    place = {"funding": Funding.NATIONAL, "territory_id": None}
    on = dt.date(2026, 1, 5)
    assert known.in_year(DueCode.REGISTER, year=2027, on=on, **place) == dt.date(2026, 5, 20)
    assert known.in_year(DueCode.TO_AGENCY, year=2027, on=on, **place) == dt.date(2026, 6, 15)
    assert known.in_month(DueCode.PROGRESS, month=dt.date(2026, 2, 1), **place) == dt.date(2026, 2, 25)
    assert known.after(DueCode.SETTLEMENT, event=dt.date(2026, 10, 1), **place) == dt.date(2026, 10, 16)
    assert known.in_year(DueCode.LIQUIDATION, year=2026, on=on, **place) == dt.date(2027, 1, 22)


def test_a_provinces_own_day_stands_in_for_the_general_one(province):
    DueRule.objects.create(
        code=DueCode.REGISTER,
        funding=Funding.NATIONAL,
        territory=province,
        month=4,
        day=31,
        year_offset=-1,
        legal_basis="Công văn của Sở",
    )
    on = dt.date(2026, 1, 5)
    own = rules().in_year(DueCode.REGISTER, year=2027, funding=Funding.NATIONAL, territory_id=province.pk, on=on)
    assert own == dt.date(2026, 4, 30)


def test_a_settlement_that_waits_is_told_to_the_unit_then_to_the_officer_and_once(monkeypatch, accepted, clerk):
    monkeypatch.setattr(due, "SOURCES", only("extension.steps.due.project_matters"))
    assert reminders.plan(dt.date(2026, 10, 9)) == 1
    letter = Notice.objects.get()
    assert letter.user.organisation == accepted.implementing_unit
    assert letter.title == "Nộp hồ sơ quyết toán trước hết ngày 16/10/2026"
    assert reminders.plan(dt.date(2026, 10, 9)) == 0
    assert reminders.plan(dt.date(2026, 10, 14)) == 1
    assert Notice.objects.filter(user=clerk).count() == 1
    late = dt.date(2026, 10, 17)
    reminders.plan(late)
    assert Notice.objects.get(user=clerk, due_on=late).title.startswith("Đã quá hạn")


def test_a_letter_whose_matter_is_done_is_taken_back(monkeypatch, accepted):
    monkeypatch.setattr(due, "SOURCES", only("extension.steps.due.project_matters"))
    reminders.plan(dt.date(2026, 10, 9))
    Project.objects.update(state=ProjectState.LIQUIDATED)
    reminders.plan(dt.date(2026, 10, 9))
    assert Notice.objects.get().state == "dropped"


def test_a_step_falls_due_by_the_row_that_staff_keep(province, clerk):
    projects.create_project(
        actor=clerk,
        territory=province,
        name="Máy sao chè",
        funding=Funding.NATIONAL,
        head=3,
        year=2027,
        on=dt.date(2026, 5, 1),
    )
    found = list(project_matters(dt.date(2026, 5, 2)))
    assert [(row.due_on, row.title) for row in found] == [
        (dt.date(2026, 5, 20), "Nhận đủ hồ sơ đăng ký đề án trước hết ngày 20/05/2026")
    ]


def test_the_year_asks_a_province_for_its_plan_and_reports_until_they_are_sent(province, clerk):
    on = dt.date(2026, 6, 20)
    kinds = {row.subject.uuid for row in year_matters(on)}
    assert YearMatter.of(DueCode.TO_AGENCY, province, 2027).uuid in kinds
    quarter = YearMatter.of(DueCode.REPORT_QUARTER, province, 2026, 2).uuid
    assert quarter in kinds
    ReportPeriod.objects.create(
        territory=province,
        cycle="quarter",
        year=2026,
        ordinal=2,
        starts_on=dt.date(2026, 4, 1),
        ends_on=dt.date(2026, 6, 30),
        state="sent",
    )
    assert quarter not in {row.subject.uuid for row in year_matters(on)}


def test_staff_change_when_the_letters_leave(monkeypatch, accepted):
    monkeypatch.setattr(due, "SOURCES", only("extension.steps.due.project_matters"))
    ReminderRule.objects.filter(kind="extension_settlement").update(is_active=False)
    assert reminders.plan(dt.date(2026, 10, 9)) == 0


def test_a_morning_costs_the_same_for_one_project_and_for_many(
    monkeypatch, accepted, django_assert_max_num_queries, province
):
    monkeypatch.setattr(due, "SOURCES", only("extension.steps.due.project_matters"))
    list(reminders.letters(dt.date(2026, 10, 9)))
    with django_assert_max_num_queries(60) as before:
        list(reminders.letters(dt.date(2026, 10, 9)))
    for _each in range(20):
        ProjectFactory(
            territory=province,
            funding=Funding.NATIONAL,
            state=ProjectState.ACCEPTED,
            phase_since=dt.date(2026, 10, 1),
            implementing_unit=accepted.implementing_unit,
        )
    with django_assert_max_num_queries(len(before)):
        found = list(reminders.letters(dt.date(2026, 10, 9)))
    assert len(found) == 21


def test_every_source_is_there_and_runs():

    for name in (*due.SOURCES, *asked.SOURCES, *(one for row in guards.MISSING.values() for one in row)):
        assert callable(import_string(name)), name
    assert list(due.due(dt.date(2026, 10, 9))) == []
