"""A province's report at the desk: every refusal in words and nothing typed lost; the figures as a workbook."""

import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from extension.enums import Cycle, ProjectState, ReportState
from extension.models import ReportPeriod
from extension.reports import reporting
from extension.reports.periods import Period
from portal.accounts.enums import Role
from portal.text.clock import today
from tests import factories as make

pytestmark = pytest.mark.django_db
LAST_YEAR = today().year - 1
PERIOD = Period(Cycle.QUARTER, LAST_YEAR, 3)
S = ReportState
RATIO = "Đồng vốn khác trên mỗi đồng khuyến công, tính ở đề án đã ghi vốn khác"
TYPED = "Điều đã gõ, không được mất."


@pytest.fixture
def project(province):
    return make.ProjectFactory(
        territory=province, year=LAST_YEAR, extension_funds=450_000_000, counterpart_funds=12_310_000_000,
        state=ProjectState.RUNNING,
    )  # fmt: skip


@pytest.fixture
def officer(client, province):
    client.force_login(make.staff(Role.EXTENSION_OFFICER, province))
    return client


def address(province, period=PERIOD, name="extension_report"):
    return reverse(f"admin:{name}", args=[period.code, province.slug])


def test_a_report_goes_from_draft_to_locked_and_what_is_typed_after_is_refused_and_kept(
    client, officer, province, project
):
    here = address(province)
    assert officer.post(here, {"act": "save", "words": "Nháp"}).status_code == 302
    assert officer.post(here, {"act": "send", "words": "Đúng tiến độ."}).status_code == 302
    for act in ("save", "send"):
        answer = officer.post(here, {"act": act, "words": TYPED})
        assert answer.status_code == 409
        assert "Báo cáo đã gửi Cục nên không sửa được. Cần sửa, hãy nhờ Cục trả lại." in answer.content.decode()
        assert TYPED in answer.content.decode()
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    assert client.post(here, {"act": "lock"}).status_code == 302
    for facts in ({"act": "lock"}, {"act": "return", "reason": TYPED}):
        answer = client.post(here, facts)
        assert answer.status_code == 409
        assert "Báo cáo đã khóa nên không khóa lại, không trả lại." in answer.content.decode()
    assert TYPED in answer.content.decode()
    row = ReportPeriod.objects.get()
    assert (row.state, row.words) == (ReportState.LOCKED, "Đúng tiến độ.")


def test_a_period_to_come_takes_no_report_and_too_long_a_remark_is_said(officer, province):
    next_year = Period(Cycle.YEAR, today().year + 1, 1)
    for act, said in (("save", "Báo cáo lập được từ ngày đó."), ("send", "Báo cáo gửi được từ ngày hôm sau.")):
        answer = officer.post(address(province, next_year), {"act": act, "words": TYPED})
        assert answer.status_code == 409
        assert said in answer.content.decode()
        assert TYPED in answer.content.decode()
    answer = officer.post(address(province), {"act": "save", "words": "x" * 10_001})
    assert answer.status_code == 400
    assert "Nhận xét dài 10001 ký tự, hơn 10000. Hãy rút gọn." in answer.content.decode()
    assert "x" * 10_001 in answer.content.decode()
    assert not ReportPeriod.objects.exists()


def test_no_such_period_and_another_province_are_not_there(officer, province, other_province):
    wrong = address(province).replace(PERIOD.code, "quy-9-2025")
    for path in (wrong, address(other_province), address(province).removesuffix("/") + "/bao-cao.odt"):
        assert officer.get(path).status_code == 404


@pytest.mark.parametrize("name", ["extension_report", "extension_report_export"])
@pytest.mark.parametrize("code", ["quy-9-2025", "nam-1-1999", "tuan-1-2025"])
def test_a_period_that_is_none_is_answered_with_those_there_are(officer, province, name, code):
    for answer in (
        officer.get(address(province, name=name).replace(PERIOD.code, code)),
        officer.post(address(province).replace(PERIOD.code, code), {"act": "send"}),
    ):
        page = answer.content.decode()
        assert answer.status_code == 404
        assert "Không có kỳ báo cáo này. Một kỳ là một tháng, một quý, nửa năm hoặc một năm" in page
        assert f'href="{reverse("admin:extension_reports")}?ky=month&amp;nam={today().year}"' in page
        assert f"Quý I/{today().year}" in page


def test_the_workbook_holds_numbers_in_the_same_columns_and_names_its_days(officer, province, project):
    answer = officer.get(address(province, name="extension_report_export"))
    figures, work = load_workbook(io.BytesIO(answer.content)).worksheets[:2]
    headings, *rows = figures.iter_rows(min_row=4, values_only=True)
    assert figures["A2"].value == f"Từ ngày {PERIOD.starts_on:%d/%m/%Y} đến hết ngày 30/09/{LAST_YEAR}"
    totals = [dict(zip(headings, row, strict=True)) for row in rows if row[0] == "Tổng cộng"]
    assert len(totals) == 4
    assert {row["Khuyến công được duyệt (đồng)"] for row in totals} == {450_000_000}
    assert {row["Đối ứng, nguồn khác (đồng)"] for row in totals} == {12_310_000_000}
    assert [row["Đề án theo kế hoạch"] for row in totals] == [0, 0, None, None]
    assert figures.column_dimensions["I"].width > len("12.310.000.000")
    assert work["A4"].value == "Công việc trong kỳ"
    assert {cell.data_type for cell in work["B"][4:]} == {"n"}
    assert [cell.value for cell in work[work.max_row]] == [RATIO, 27.36]


def test_the_ratio_says_of_which_projects_it_is_on_the_page_and_in_the_paper(officer, province, project):
    silent = {"counterpart_funds": None, "other_funds": None, "state": ProjectState.RUNNING}
    make.ProjectFactory(territory=province, year=LAST_YEAR, extension_funds=900_000_000, **silent)
    page = officer.get(address(province))
    assert page.context["ratio"] == Decimal("27.36")
    assert RATIO[0].lower() + RATIO[1:] in page.content.decode()
    link = reverse("admin:extension_report_paper", args=[PERIOD.code, province.slug, "docx"])
    table = next(
        table for table in Document(io.BytesIO(officer.get(link).content)).tables if table.rows[-1].cells[0].text == RATIO
    )  # fmt: skip
    assert table.rows[-1].cells[1].text == "27,36"


def test_the_agency_finds_on_top_what_waits_for_it(client):
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    here = reverse("admin:extension_rollup", args=[PERIOD.code])
    costs = []
    for states in ((S.LOCKED, S.SENT), (None, S.RETURNED, S.DRAFT, S.SENT, S.LOCKED, S.SENT)):
        for state in states:
            one = make.TerritoryFactory()
            if state:
                figures = reporting.figures_of({one.pk}, PERIOD, samples=False)
                ReportPeriod.objects.create(
                    territory=one, cycle=PERIOD.cycle, year=PERIOD.year, ordinal=PERIOD.ordinal,
                    starts_on=PERIOD.starts_on, ends_on=PERIOD.ends_on, state=state, figures=figures,
                    sent_at=timezone.now(), locked_at=timezone.now() if state == S.LOCKED else None,
                )  # fmt: skip
        client.get(here)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(here)
        costs.append(len(asked))
        found = [report.state if report else None for _province, report in page.context["rows"]]
        rank = [0 if state == S.SENT else 1 if state == S.LOCKED else 2 for state in found]
        assert rank == sorted(rank)
        for place in set(rank):
            keys = [one.sort_key for (one, _r), n in zip(page.context["rows"], rank, strict=True) if n == place]
            assert keys == sorted(keys)
    assert rank.count(0) == 3
    assert costs[0] == costs[1]
    assert f"5 trên {len(rank)} Sở đã gửi, 3 chờ Cục tiếp nhận." in page.content.decode()
