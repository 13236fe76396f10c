"""What a province tells of a period: counted once, by day, frozen when sent, closed when locked."""

import datetime as dt
import itertools
import json

import pytest

from extension.enums import Cycle, Funding, PaymentKind, PlanState, ProjectState, ReportState
from extension.models import Plan, PlanLine, Project, ReportPeriod
from extension.money.rollup import Figures, Picked, roll_up
from extension.reports import reporting
from extension.reports.periods import Period, periods_of, read_code
from extension.services import reports
from portal.accounts.enums import Role
from portal.pages import extension_report_paper
from portal.pages.extension_reports import tables_of, work_of
from portal.text.errors import Refusal
from tests import factories as make

from .money_world import World, world

THIRD = Period(Cycle.QUARTER, 2025, 3)
NOW = dt.datetime(2025, 10, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def made(province) -> World:
    """100 + 50 million approved in 2025; 40 million paid in the second quarter, 30 in the third, 5 taken back."""
    found = world(province, 100_000_000, 50_000_000, year=2025, trade="Chế biến chè", counterpart_funds=180_000_000)
    found.pay(found.approved(40_000_000), on=dt.date(2025, 6, 30), now=NOW)
    found.pay(found.approved(30_000_000), on=dt.date(2025, 7, 1), now=NOW)
    found.pay(found.approved(5_000_000, kind=PaymentKind.RECOVERY), on=dt.date(2025, 8, 2), now=NOW)
    return found


def figures(province, period=THIRD, *, samples=False):
    return reporting.figures_of({province.pk}, period, samples=samples)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("thang-2-2024", (2024, 2, 1), (2024, 2, 29)),
        ("quy-4-2025", (2025, 10, 1), (2025, 12, 31)),
        ("nua-nam-2-2025", (2025, 7, 1), (2025, 12, 31)),
        ("nam-1-2025", (2025, 1, 1), (2025, 12, 31)),
    ],
)
def test_a_period_is_read_from_its_code_with_its_days(code, first, last):
    found = read_code(code)
    assert (found.starts_on, found.ends_on, found.code) == (dt.date(*first), dt.date(*last), code)


@pytest.mark.parametrize(
    "code", ["quy-5-2025", "thang-0-2025", "nam-2-2025", "tuan-1-2025", "quy-1-1999", "quy-٣-2025", ""]
)
def test_no_such_period_is_said(code):
    with pytest.raises(Refusal, match="Hãy chọn một kỳ"):
        read_code(code)


def test_the_periods_of_a_year_leave_no_day_out():
    for cycle in Cycle:
        found = periods_of(cycle, 2025)
        assert (found[0].starts_on, found[-1].ends_on) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
        for one, following in itertools.pairwise(found):
            assert following.starts_on - one.ends_on == dt.timedelta(days=1)


@pytest.mark.django_db
def test_money_counts_by_the_day_of_its_document_less_what_came_back(made, province):
    total = figures(province)["total"]
    assert (total["disbursed_in_period"], total["disbursed"]) == (25_000_000, 65_000_000)
    second = figures(province, Period(Cycle.QUARTER, 2025, 2))["total"]
    assert (second["disbursed_in_period"], second["disbursed"]) == (40_000_000, 40_000_000)
    assert reporting.seed_ratio(total) == reporting.Decimal("1.20")


@pytest.mark.django_db
def test_a_silent_source_is_no_nought_in_the_ratio_which_is_the_books(made, province):
    silent = {"territory": province, "year": 2025, "state": ProjectState.RUNNING}
    make.ProjectFactory(**silent, extension_funds=400_000_000, counterpart_funds=None, other_funds=None)
    make.ProjectFactory(**silent, extension_funds=None, counterpart_funds=70_000_000, other_funds=None)
    make.ProjectFactory(**silent, extension_funds=50_000_000, counterpart_funds=None, other_funds=20_000_000)
    told = figures(province)
    assert told["total"]["extension_funds"] == 600_000_000
    assert reporting.seed_ratio(told["total"]) == reporting.Decimal("1.00")
    book = sum((row for _key, row in roll_up(Picked(years=(2025,)), "year")), Figures())
    assert book.ratio == reporting.seed_ratio(told["total"])
    assert reporting.seed_ratio(reporting.rolled_up([told, told])["total"]) == book.ratio


@pytest.mark.django_db
def test_a_report_frozen_before_the_ratio_was_counted_so_goes_without_it(made, province):
    told = figures(province)
    old = json.loads(json.dumps(told))
    for numbers in (old["total"], *(row for rows in old["by"].values() for row in rows.values())):
        del numbers["told_funds"], numbers["told_drawn"]
    assert reporting.seed_ratio(old["total"]) is None
    whole = reporting.rolled_up([old, told])["total"]
    assert whole["extension_funds"] == 300_000_000
    assert reporting.seed_ratio(whole) == reporting.Decimal("1.20")


@pytest.mark.django_db
def test_money_of_a_stopped_project_stays_in_the_periods_in_which_it_moved_and_is_told_apart(made, province):
    Project.objects.filter(pk=made.project.pk).update(state=ProjectState.STOPPED)
    make.ProjectFactory(territory=province, year=2025, extension_funds=9, disbursed=4, state=ProjectState.STOPPED)
    make.ProjectFactory(territory=province, year=2025, extension_funds=9, state=ProjectState.STOPPED)
    told = figures(province)
    total, work = told["total"], told["work"]
    assert (total["disbursed_in_period"], total["disbursed"]) == (25_000_000, 65_000_004)
    assert (work["stopped_paid"], work["stopped_disbursed"]) == (2, 65_000_004)
    assert {total[name] for name in ("projects", "carried", "accepted", "extension_funds", "facilities")} == {0}
    assert sum(row["disbursed"] for row in told["by"]["head"].values()) == total["disbursed"]
    assert ("Chi từ đầu năm của đề án đã ngừng, đã trừ thu hồi (đồng)", 65_000_004) in work_of(told)
    later = figures(province, Period(Cycle.YEAR, 2026, 1))["total"]
    assert later["disbursed"] == 0


@pytest.mark.django_db
def test_money_given_back_in_a_later_year_counts_in_that_year(made, province):
    made.pay(
        made.approved(65_000_000, kind=PaymentKind.RECOVERY),
        on=dt.date(2026, 1, 5),
        now=dt.datetime(2026, 1, 6, tzinfo=dt.UTC),
    )
    Project.objects.filter(pk=made.project.pk).update(state=ProjectState.STOPPED)
    told = figures(province, Period(Cycle.QUARTER, 2026, 1))
    assert (told["total"]["disbursed_in_period"], told["work"]["stopped_disbursed"]) == (-65_000_000, -65_000_000)


@pytest.mark.django_db
def test_a_report_frozen_before_a_figure_was_counted_is_still_read(made, province):
    old = figures(province)
    del old["work"]["stopped_paid"], old["work"]["stopped_disbursed"]
    assert len(work_of(old)) == len(work_of(figures(province))) - 2


@pytest.mark.django_db
def test_what_is_divided_adds_up_to_the_whole(made, province):
    make.ProjectFactory(
        territory=province, year=2025, funding=Funding.NATIONAL, extension_funds=7, state=ProjectState.ACCEPTED
    )
    told = figures(province)
    for by, rows in told["by"].items():
        for name in ("projects", "accepted", "extension_funds", "counterpart_funds", "disbursed", "turns"):
            assert sum(row[name] for row in rows.values()) == told["total"][name], (by, name)
    assert set(told["by"]["trade"]) == {"Chế biến chè", ""}


@pytest.mark.django_db
def test_a_project_counts_once_where_it_began_and_is_carried_over_after(province):
    make.ProjectFactory(
        territory=province, year=2024, year_to=2025, extension_funds=9, disbursed=4, state=ProjectState.RUNNING
    )
    make.ProjectFactory(territory=province, year=2025, extension_funds=5, state=ProjectState.REGISTERED)
    total = figures(province)["total"]
    assert (total["projects"], total["carried"], total["extension_funds"]) == (0, 1, 0)


@pytest.mark.django_db
def test_a_facility_supported_twice_is_two_turns_of_one_facility(province):
    facility = make.FacilityFactory(territory=province)
    for _time in range(2):
        project = make.ProjectFactory(territory=province, year=2025, state=ProjectState.RUNNING)
        make.BeneficiaryFactory(project=project, facility=facility, turns=1)
    total = figures(province)["total"]
    assert (total["facilities"], total["turns"]) == (1, 2)


@pytest.mark.django_db
def test_samples_are_counted_only_when_asked_for(province):
    make.ProjectFactory(territory=province, year=2025, state=ProjectState.RUNNING, is_illustrative=True)
    assert figures(province)["total"]["projects"] == 0
    assert figures(province, samples=True)["total"]["projects"] == 1


@pytest.mark.django_db
def test_an_approved_plan_stands_beside_what_was_done(made, province):
    facts = {"territory": province, "year": 2025, "funding": Funding.LOCAL}
    plan = Plan.objects.create(
        **facts,
        name="Kế hoạch 2025",
        planned_funds=200,
        state=PlanState.APPROVED,
        number="1/QĐ",
        signed_on=dt.date(2025, 1, 2),
    )
    Plan.objects.create(**facts, name="Bản nháp", planned_funds=999)
    PlanLine.objects.create(plan=plan, head=3, projects=4, funds=150)
    told = figures(province)
    assert (told["total"]["planned_projects"], told["total"]["planned_funds"]) == (4, 200)
    assert told["by"]["head"]["3"]["planned_funds"] == 150


@pytest.mark.django_db
def test_a_report_costs_the_same_for_1_3_and_50_projects(province, django_assert_num_queries):
    for count in (1, 2, 47):
        for _one in range(count):
            project = make.ProjectFactory(territory=province, year=2025, state=ProjectState.RUNNING)
            make.BeneficiaryFactory(project=project, facility=make.FacilityFactory(territory=province))
        with django_assert_num_queries(10):
            figures(province)


def refused(code, act):
    with pytest.raises(Refusal) as said:
        act()
    assert said.value.code == code


@pytest.fixture
def people(province):
    return make.staff(Role.EXTENSION_OFFICER, province), make.staff(Role.AGENCY_NATIONAL)


def send(province, actor, period=THIRD, **more):
    return reports.send_report(
        territory=province, period=period, words="Đúng tiến độ.", figures=figures(province, period), actor=actor,
        now=NOW, **more,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_report_is_sent_when_its_period_is_over_and_then_stands(made, province, people):
    officer, agency = people
    refused("not_over", lambda: send(province, officer, Period(Cycle.QUARTER, 2025, 4)))
    refused("not_allowed", lambda: send(province, agency))
    row = send(province, officer)
    made.pay(made.approved(1_000_000), on=dt.date(2025, 9, 30), now=NOW)
    row.refresh_from_db()
    assert row.figures["total"]["disbursed_in_period"] == 25_000_000
    assert row.sha256 == reports.fingerprint(row.figures)
    refused("handed_in", lambda: send(province, officer))
    refused("reason_missing", lambda: reports.return_report(report=row, reason=" ", actor=agency))
    refused("not_allowed", lambda: reports.lock_report(report=row, actor=officer, now=NOW))
    reports.return_report(report=row, reason="Thiếu nhận xét", actor=agency)
    assert send(province, officer).figures["total"]["disbursed_in_period"] == 26_000_000


@pytest.mark.django_db
def test_a_locked_period_keeps_its_figures_and_takes_no_payment_of_its_days(made, province, people):
    officer, agency = people
    reports.lock_report(report=send(province, officer), actor=agency, now=NOW)
    refused("locked", lambda: send(province, officer))
    waiting = made.approved(1_000_000)
    with pytest.raises(Refusal):
        made.pay(waiting, on=THIRD.ends_on, now=NOW)
    made.pay(waiting, on=dt.date(2025, 10, 1), now=NOW)


@pytest.mark.django_db
def test_a_report_is_not_locked_over_what_was_paid_since_it_was_sent(made, province, people):
    officer, agency = people
    row, later = send(province, officer), NOW + dt.timedelta(days=3)
    made.pay(made.approved(1_000_000), on=THIRD.ends_on, now=later)
    refused("moved", lambda: reports.lock_report(report=row, actor=agency, now=later))
    row.refresh_from_db()
    assert row.state == ReportState.SENT


@pytest.mark.django_db
def test_provinces_add_up_to_what_they_sent(made, province, other_province, people):
    officer, _agency = people
    make.ProjectFactory(
        territory=other_province, year=2025, extension_funds=3, counterpart_funds=4, state=ProjectState.RUNNING
    )
    send(province, officer)
    send(other_province, make.staff(Role.LEADER, other_province))
    whole = reporting.rolled_up(row.figures for row in ReportPeriod.objects.filter(state=ReportState.SENT))
    assert (whole["total"]["projects"], whole["total"]["extension_funds"]) == (2, 150_000_003)
    assert whole["by"]["funding"].keys() == {"local"}
    json.dumps(whole)


@pytest.mark.django_db
@pytest.mark.parametrize("fmt", ["docx", "pdf"])
def test_the_paper_is_drawn(made, province, fmt):
    told = figures(province)
    paper = extension_report_paper.render(
        province,
        THIRD,
        tables_of(told),
        work_of(told),
        told["results"],
        words="Một.\nHai.",
        on=dt.date(2025, 7, 1),
        fmt=fmt,
    )
    assert paper[:4] == (b"%PDF" if fmt == "pdf" else b"PK\x03\x04")
