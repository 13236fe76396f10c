"""A judge's phone in a hall with a bad network: what is typed is never lost, and the page says where it is."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from rounds.enums import SheetState
from rounds.models import Score, ScoreSheet
from rounds.services import scoring
from tests.rounds.test_scoring import Bench

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bench():
    return Bench(scoring_until=timezone.now() + dt.timedelta(hours=3))


@pytest.fixture
def sheet(bench, person):
    page = person(viewport=PHONE, user=bench.judge)
    page.goto(f"/cham-diem/{bench.dossier.uuid}/")
    return page


def box(page: Page, bench: Bench, code: str):
    return page.locator(f"#diem-{bench.leaf(code).pk}")


def line(page: Page):
    return page.locator("[data-state]")


def saved(page: Page) -> None:
    expect(line(page)).to_contain_text("Đã lưu trên máy chủ")


KEPT = """async () => {
    const { outbox, unsent } = await import("/static/js/outbox.js");
    return (await outbox().all()).reduce((sum, record) => sum + unsent(record).length, 0);
}"""


def kept(page: Page) -> int:
    """How many texts stand on this device and not on the server."""
    return page.evaluate(KEPT)


def test_list_sheet_and_receipt_are_accessible_on_a_phone(bench, sheet):
    assert_accessible(sheet)
    sheet.goto("/cham-diem/")
    assert_accessible(sheet)
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=timezone.now())
    sheet.goto(f"/cham-diem/{bench.dossier.uuid}/")
    assert_accessible(sheet)


def test_the_buttons_step_a_figure_and_never_score_an_empty_box(bench, sheet):
    row = sheet.locator(f"#muc-{bench.leaf('1.1').pk}")
    row.locator("[data-by='1']").click()
    expect(box(sheet, bench, "1.1")).to_have_value("")
    expect(box(sheet, bench, "1.1")).to_be_focused()
    box(sheet, bench, "1.1").fill("15,5")
    row.locator("[data-by='1']").click()
    row.locator("[data-by='1']").click()
    expect(box(sheet, bench, "1.1")).to_have_value("16")
    saved(sheet)
    assert bench.points() == {"1.1": Decimal(16)}


def test_a_figure_above_the_maximum_stays_in_its_box_and_is_not_saved(bench, sheet):
    box(sheet, bench, "2.4").fill("7")
    expect(sheet.get_by_text("Điểm cao nhất của mục này là 6. Hãy nhập từ 0 đến 6.")).to_be_visible()
    box(sheet, bench, "1.1").fill("8,5")
    expect(line(sheet)).to_contain_text("trừ 1 ô cần sửa")
    expect(sheet.locator(".dock [data-total]")).to_have_text("8,5")
    assert bench.points() == {"1.1": Decimal("8.5")}


def test_without_a_network_points_stay_on_the_device_and_go_out_when_it_is_back(bench, sheet):
    sheet.context.set_offline(True)
    box(sheet, bench, "1.1").fill("8,5")
    expect(line(sheet)).to_contain_text("Đang giữ trên máy này, sẽ gửi khi có mạng")
    assert (kept(sheet), bench.points()) == (1, {})
    sheet.context.set_offline(False)
    saved(sheet)
    assert (kept(sheet), bench.points()) == (0, {"1.1": Decimal("8.5")})


def test_a_page_closed_without_a_network_brings_its_points_back(bench, sheet):
    sheet.context.set_offline(True)
    box(sheet, bench, "1.1").fill("8,5")
    expect(line(sheet)).to_contain_text("Đang giữ trên máy này")
    sheet.close(run_before_unload=False)
    sheet.context.set_offline(False)
    again = sheet.context.new_page()
    again.goto(f"/cham-diem/{bench.dossier.uuid}/")
    saved(again)
    expect(box(again, bench, "1.1")).to_have_value("8,5")
    assert (kept(again), bench.points()) == (0, {"1.1": Decimal("8.5")})


def test_two_devices_that_touch_other_boxes_do_not_quarrel(bench, sheet, person):
    desk = person(viewport=DESK, user=bench.judge)
    desk.goto(f"/cham-diem/{bench.dossier.uuid}/")
    box(sheet, bench, "1.1").fill("8")
    saved(sheet)
    box(desk, bench, "1.2").fill("20")
    saved(desk)
    expect(box(desk, bench, "1.1")).to_have_value("8")
    assert bench.points() == {"1.1": Decimal(8), "1.2": Decimal(20)}


@pytest.mark.parametrize(("side", "points"), [("mine", 8), ("theirs", 5)])
def test_of_two_figures_for_one_box_the_judge_chooses(bench, sheet, person, side, points):
    desk = person(viewport=DESK, user=bench.judge)
    desk.goto(f"/cham-diem/{bench.dossier.uuid}/")
    box(desk, bench, "1.1").fill("5")
    saved(desk)
    box(sheet, bench, "1.1").fill("8")
    expect(line(sheet)).to_contain_text("Mục 1.1 đã được sửa trên máy khác")
    assert bench.points() == {"1.1": Decimal(5)}
    sheet.locator(f"[data-side={side}]").click()
    saved(sheet)
    expect(box(sheet, bench, "1.1")).to_have_value(str(points))
    assert bench.points() == {"1.1": Decimal(points)}


def test_a_server_that_fails_is_named_and_asked_again(bench, sheet):
    sheet.route("**/luu/", lambda route: route.fulfill(status=500, body=""))
    box(sheet, bench, "1.1").fill("8")
    expect(line(sheet)).to_contain_text("Máy chủ chưa nhận được 1 mục.")
    sheet.unroute("**/luu/")
    sheet.get_by_role("button", name="Gửi lại").click()
    saved(sheet)
    assert bench.points() == {"1.1": Decimal(8)}


def test_enter_leads_through_the_sheet_and_one_question_hands_it_in(bench, sheet):
    box(sheet, bench, "1.1").focus()
    for _leaf in bench.leaves():
        sheet.keyboard.type("4")
        sheet.keyboard.press("Enter")
    expect(sheet.locator("[data-left]")).to_have_text("đã chấm đủ 9 mục")
    sheet.locator("[data-submit]").click()
    asked = sheet.get_by_role("dialog")
    expect(asked).to_contain_text("36/100")
    asked.get_by_role("link", name="Quay lại sửa").click()
    expect(asked).to_be_hidden()
    assert ScoreSheet.objects.get().state == SheetState.DRAFT
    sheet.locator("[data-submit]").click()
    asked.get_by_role("button", name="Nộp và khóa phiếu").click()
    expect(sheet.get_by_text("Phiếu đã nộp lúc")).to_be_visible()
    assert (ScoreSheet.objects.get().total, Score.objects.count()) == (Decimal(36), 9)


def test_handing_in_waits_for_what_is_still_on_its_way(bench, sheet):
    for leaf in bench.leaves():
        sheet.locator(f"#diem-{leaf.pk}").fill("4")
        sheet.locator(f"#diem-{leaf.pk}").blur()
    sheet.locator("[data-submit]").click()
    sheet.get_by_role("dialog").get_by_role("button", name="Nộp và khóa phiếu").click()
    expect(sheet.get_by_text("Phiếu đã nộp lúc")).to_be_visible()
    assert (ScoreSheet.objects.get().total, Score.objects.count()) == (Decimal(36), 9)


def test_complete_without_a_network_it_says_what_is_needed(bench, sheet):
    for leaf in bench.leaves():
        sheet.locator(f"#diem-{leaf.pk}").fill("4")
    saved(sheet)
    sheet.context.set_offline(True)
    button = sheet.locator("[data-submit]")
    expect(button).to_have_text("Cần mạng để nộp")
    expect(button).to_be_disabled()
