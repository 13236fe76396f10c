"""The desk's page of a project's money and the money book: acts, rights, sums that open to their lines."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from extension.enums import ActivityHead, Funding, PaymentKind, PaymentState, ProjectState
from extension.models import Payment, Project, Settlement
from extension.money.book import payments_of
from extension.money.rollup import Figures, Picked, of_stopped, roll_up
from portal.accounts.enums import Role
from portal.text.clock import today
from portal.text.formats import UNBROKEN
from tests import factories as make

from .money_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(province) -> World:
    return world(province, 100_000_000, 50_000_001)


def page(made: World) -> str:
    return reverse("admin:project_money", args=[made.project.uuid])


def send(client, made, user, **data):
    client.force_login(user)
    return client.post(page(made), data)


def proposal(made: World, *amounts: str, kind: str = "payment") -> dict[str, str]:
    lines = {f"line_{line.pk}": amount for line, amount in zip(made.lines, amounts, strict=False)}
    key = "0d5a2a3e-0000-4000-8000-000000000001"
    return {"act": "propose", "kind": kind, "reason": "Đợt 1", "request_key": key, **lines}


def test_three_people_take_a_payment_through_the_page(client, made):
    assert send(client, made, made.asks, **proposal(made, "60 triệu", "")).status_code == 302
    payment = Payment.objects.get()
    assert payment.amount == 60_000_000
    named = {"payment": str(payment.uuid)}
    assert send(client, made, made.leads, act="approve", **named).status_code == 302
    voucher = {f"p{payment.pk}-paid_on": today().isoformat(), f"p{payment.pk}-document": "PC-7"}
    assert send(client, made, made.pays, act="pay", **named, **voucher).status_code == 302
    payment.refresh_from_db()
    assert (payment.state, payment.document, made.disbursed()) == (PaymentState.PAID, "PC-7", 60_000_000)


def test_one_dong_too_much_is_said_on_the_page_and_kept_in_the_boxes(client, made):
    answer = send(client, made, made.asks, **proposal(made, "100.000.001"))
    assert answer.status_code == 409
    said = "“Máy số 1”: ghi 100.000.001 đồng, chỉ còn được chi 100.000.000 đồng, vượt 1 đồng."
    assert said in answer.text.replace(UNBROKEN, " ")
    assert 'value="100.000.001"' in answer.text
    assert not Payment.objects.exists()


def test_who_only_reads_sees_the_sums_and_no_forms(client, made, officer):
    made.propose(1_000)
    client.force_login(officer)
    text = client.get(page(made)).text
    assert 'name="act"' not in text
    assert "Chờ lãnh đạo duyệt." in text
    assert send(client, made, officer, act="approve").status_code == 403


def test_an_unknown_act_payment_or_project_is_refused(client, made, other_province):
    assert send(client, made, made.asks, act="nothing").status_code == 400
    for payment in ("", "khong-co", "0d5a2a3e-0000-4000-8000-000000000001"):
        assert send(client, made, made.leads, act="approve", payment=payment).status_code == 404
    assert send(client, made, make.staff(Role.LEADER, other_province), act="approve").status_code == 404


def test_settlement_and_liquidation_go_through_the_page(client, province):
    made = world(province, 100_000_000, state=ProjectState.ACCEPTED)
    made.paid(100_000_000)
    day = today().isoformat()
    sums = {"settle-extension_funds": "100 triệu", "settle-counterpart_funds": "40 triệu"}
    assert send(client, made, made.asks, act="settle", **sums, **{"settle-submitted_on": day}).status_code == 302
    approval = {"approve-number": "9/QĐ", "approve-signed_on": day}
    assert send(client, made, made.asks, act="approve_settlement", **approval).status_code == 403
    assert send(client, made, made.leads, act="approve_settlement", **approval).status_code == 302
    assert Settlement.objects.get().total == 140_000_000
    made.project.state = ProjectState.SETTLED
    made.project.disbursed = 100_000_000
    made.project.save()
    ending = {"liquidate-number": "BB 3", "liquidate-signed_on": day}
    assert send(client, made, made.asks, act="liquidate", **ending).status_code == 302
    assert "Biên bản BB 3" in client.get(page(made)).text


def test_a_page_read_before_the_settlement_changed_does_not_approve_it(client, province):
    made = world(province, 100_000_000, state=ProjectState.ACCEPTED)
    made.paid(100_000_000)
    day = today().isoformat()
    row = Settlement.objects.create(
        project=made.project, submitted_on=today(), total=9, extension_funds=9, submitted_by=made.asks
    )
    client.force_login(made.leads)
    read = client.get(page(made)).context["settlement_read"]
    Settlement.objects.filter(pk=row.pk).update(total=8, extension_funds=8)
    approval = {"act": "approve_settlement", "approve-number": "9/QĐ", "approve-signed_on": day}
    refused = send(client, made, made.leads, **approval, read=read)
    assert refused.status_code == 409
    assert "Nội dung đã được trình lại sau khi bạn mở trang." in refused.text
    again = send(client, made, made.leads, **approval, read=refused.context["settlement_read"])
    assert again.status_code == 302


def queries(client, url) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_page_costs_the_same_for_one_and_many_lines_and_payments(client, province):
    counts = []
    for n in (1, 3, 6):
        made = world(province, *[1_000_000] * n)
        for _payment in range(n):
            made.paid(*[1] * n)
        client.force_login(made.leads)
        queries(client, page(made))
        counts.append(queries(client, page(made)))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 20


# --- the money book ---------------------------------------------------------------------------------------


@pytest.fixture
def book(made, province):
    """One project with lines and payments, one known as a sum only, and what does not count."""
    made.paid(40_000_000, 10_000_000)
    made.paid(5_000_000, kind=PaymentKind.RECOVERY)
    plain = {"territory": province, "year": 2025, "counterpart_funds": 290_000_000, "head": ActivityHead.PRODUCTS}
    make.ProjectFactory(**plain, extension_funds=120_000_000, disbursed=120_000_000, funding=Funding.NATIONAL)
    make.ProjectFactory(territory=province, state=ProjectState.REGISTERED)
    make.ProjectFactory(territory=province, is_illustrative=True)
    stopped = {"territory": province, "state": ProjectState.STOPPED, "year": 2024, "counterpart_funds": None}
    make.ProjectFactory(**stopped, extension_funds=9, disbursed=0)
    make.ProjectFactory(**stopped, extension_funds=9, disbursed=4)
    return made


def test_the_book_adds_up_by_year_and_knows_what_is_lines_and_what_is_sums(book):
    assert roll_up(Picked(), "year") == [
        (
            2025,
            Figures(
                projects=2,
                extension_funds=270_000_001,
                counterpart_funds=590_000_000,
                disbursed=165_000_000,
                lines=2,
                line_funds=150_000_001,
                payments=2,
                settled=50_000_000,
                recovered=5_000_000,
                told_funds=270_000_001,
                told_drawn=590_000_000,
                paid_told=2,
            ),
        ),
        (2024, Figures(projects=1, extension_funds=9, disbursed=4, paid_told=1)),
    ]
    whole = sum((figures for _key, figures in roll_up(Picked(funding=("national",)), "head")), Figures())
    assert (whole.seed, whole.only_sums) == ("2,42", 120_000_000)


def test_what_a_source_does_not_say_is_no_nought_in_the_book(client, book, province):
    silent = {"territory": province, "year": 2022, "counterpart_funds": None, "other_funds": None, "disbursed": None}
    make.ProjectFactory(**silent, extension_funds=400_000_000)
    figures = dict(roll_up(Picked(), "year"))
    assert (figures[2022].ratio, figures[2022].paid_told) == (None, 0)
    assert sum(figures.values(), Figures()).ratio == figures[2025].ratio
    client.force_login(book.leads)
    said = client.get(f"{reverse('admin:money_book')}?nam=2022")
    assert said.context["whole"].seed == ""
    assert said.content.decode().count("<b>chưa rõ</b>") == 2


def test_the_book_tells_stopped_projects_apart_and_keeps_what_was_paid_and_given_back(client, book):
    book.paid(35_000_000, 10_000_000, kind=PaymentKind.RECOVERY)
    Project.objects.filter(pk=book.project.pk).update(state=ProjectState.STOPPED)
    assert of_stopped(Picked()) == Figures(projects=1, extension_funds=9, disbursed=4)
    assert payments_of(Picked()).count() == 3
    client.force_login(book.leads)
    assert "Trong đó 1 đề án đã ngừng" in client.get(reverse("admin:money_book")).content.decode()


def test_a_former_province_counts_under_the_one_of_today(book, other_province):
    make.SuccessionFactory(predecessor=book.province, successor=other_province)
    assert [key for key, _figures in roll_up(Picked(), "province")] == [other_province.pk]


def test_every_figure_of_the_book_opens_to_the_rows_it_is_made_of(client, book):
    client.force_login(book.leads)
    url = reverse("admin:money_book")
    text = client.get(url).text
    assert "270.000.001" in text
    assert "?theo=year&amp;xem=dong&amp;nam=2025" in text
    lines = client.get(url, {"nam": "2025", "xem": "dong"}).context["page"].object_list
    assert sum(line.approved for line in lines) == 150_000_001
    paid = client.get(url, {"nam": "2025", "xem": "chi"}).context["page"].object_list
    assert sum(-row.amount if row.kind == "recovery" else row.amount for row in paid) == 45_000_000
    projects = client.get(url, {"nam": "2025", "xem": "de-an"}).context["page"].object_list
    assert sum(project.extension_funds for project in projects) == 270_000_001


def test_the_book_as_a_spreadsheet_holds_whole_numbers(client, book):
    client.force_login(book.leads)
    for view, column, total in (("", 2, 270_000_010), ("dong", 8, 150_000_001), ("chi", 6, 45_000_000)):
        answer = client.get(reverse("admin:money_book_export"), {"xem": view})
        rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        *sums, whole = [row[column] for row in rows if isinstance(row[column], int)]
        assert (sum(sums), whole, rows[-1][0]) == (total, total, "Cộng")
    assert f"so-kinh-phi-{view}.xlsx" in answer["Content-Disposition"]
    answer = client.get(reverse("admin:money_book_export"))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[-1][9] == 2.19
    assert "so-kinh-phi-nam.xlsx" in answer["Content-Disposition"]


def test_another_province_and_bad_filters_show_nothing_foreign(client, book, other_province):
    client.force_login(make.staff(Role.LEADER, other_province))
    url = reverse("admin:money_book")
    bad = {
        "nam": "٢٠٢٥",
        "nguon": "x",
        "noi-dung": "99",
        "tinh": book.province.slug,
        "theo": "x",
        "xem": "x",
        "page": "-",
    }
    for query in ({}, bad, {"xem": "cho"}, {"xem": "de-an"}, {"nganh": "\0"}):
        answer = client.get(url, query)
        assert answer.status_code == 200
        assert "Hỗ trợ máy sấy" not in answer.text


def test_the_book_costs_the_same_for_few_and_many(client, province):
    reader = make.staff(Role.LEADER, province)
    client.force_login(reader)
    counts: dict[str, list[int]] = {"": [], "de-an": [], "dong": [], "chi": [], "cho": []}
    for n in (1, 2, 4):
        for year in range(n):
            made = world(province, 1_000, year=2010 + year)
            made.paid(10)
            made.propose(1)
        for view, found in counts.items():
            found.append(queries(client, f"{reverse('admin:money_book')}?xem={view}"))
    assert all(len(set(found[1:])) == 1 for found in counts.values())
    assert max(max(found) for found in counts.values()) <= 20


def test_what_waits_is_on_the_to_do_of_who_may_act(made):
    from portal.accounts.queries import staff_reach
    from portal.pages.todo.extension_money import money_tasks

    def told(user) -> list[str]:
        return [task.what for task in money_tasks(user, staff_reach(user))]

    made.propose(1)
    made.approved(1)
    Settlement.objects.create(
        project=made.project, submitted_on=dt.date(2025, 6, 2), total=0, extension_funds=0, submitted_by=made.asks
    )
    assert told(made.leads) == ["Duyệt 1 khoản đề nghị chi", "Phê duyệt 1 hồ sơ quyết toán"]
    assert told(made.pays) == ["Ghi chi 1 khoản đã duyệt"]
    assert told(made.asks) == []
