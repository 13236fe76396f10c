"""No reception, a dead battery, an ended session, two tabs: what a judge has typed reaches the server once."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from rounds.models import Dossier, Round, Score, ScoreSheet
from rounds.services import conflicts, scoring
from tests import factories
from tests.factories import DossierFactory
from tests.rounds.test_scoring import Bench

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORKER_READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
CACHED = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        if (name === "cham-diem-tinh") continue;
        for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
    }
    return found.sort();
}"""


@pytest.fixture
def bench():
    return Bench(scoring_until=timezone.now() + dt.timedelta(hours=3))


@pytest.fixture
def phone(bench, person):
    return person(viewport=PHONE, user=bench.judge)


def address(dossier: Dossier) -> str:
    return f"/cham-diem/{dossier.uuid}/"


def box(page: Page, bench: Bench, code: str):
    return page.locator(f"#diem-{bench.leaf(code).pk}")


def line(page: Page):
    return page.locator("[data-state]")


def saved(page: Page) -> None:
    expect(line(page)).to_contain_text("Đã lưu trên máy chủ")


def with_worker(page: Page, path: str) -> None:
    """Open a page and wait until the device holds it."""
    page.goto(path)
    page.wait_for_function(WORKER_READY)
    page.wait_for_function(f"async () => (await ({CACHED})()).includes({json.dumps(path)})")


def no_session(context: BrowserContext) -> None:
    Session.objects.all().delete()


def test_points_typed_offline_survive_reload_battery_and_session_and_arrive_once(bench, phone):
    with_worker(phone, address(bench.dossier))
    box(phone, bench, "1.1").fill("8")
    saved(phone)
    phone.context.set_offline(True)
    box(phone, bench, "1.2").fill("20")
    expect(line(phone)).to_contain_text("Đang giữ trên máy này")
    phone.reload()
    expect(box(phone, bench, "1.1")).to_have_value("8")
    expect(box(phone, bench, "1.2")).to_have_value("20")
    box(phone, bench, "2.1").fill("4")
    expect(line(phone)).to_contain_text("Đang giữ trên máy này")
    context = phone.context
    phone.close(run_before_unload=False)
    no_session(context)
    again = context.new_page()
    again.goto(address(bench.dossier))
    expect(box(again, bench, "2.1")).to_have_value("4")
    context.set_offline(False)
    expect(line(again)).to_contain_text("Phiên đăng nhập đã hết")
    assert bench.points() == {"1.1": Decimal(8)}
    again.get_by_role("link", name="Đăng nhập lại").click()
    again.get_by_label("Tên đăng nhập").fill(bench.judge.username)
    again.get_by_label("Mật khẩu").fill(factories.PASSWORD)
    again.get_by_role("button", name="Đăng nhập").click()
    again.wait_for_url(f"**{address(bench.dossier)}")
    saved(again)
    assert bench.points() == {"1.1": Decimal(8), "1.2": Decimal(20), "2.1": Decimal(4)}
    assert ScoreSheet.objects.get().revision == Score.objects.count()


def test_two_tabs_of_one_sheet_are_one_sheet(bench, phone):
    phone.goto(address(bench.dossier))
    other = phone.context.new_page()
    other.goto(address(bench.dossier))
    box(phone, bench, "1.1").fill("8")
    expect(box(other, bench, "1.1")).to_have_value("8")
    box(other, bench, "1.2").fill("20")
    expect(box(phone, bench, "1.2")).to_have_value("20")
    for page in (phone, other):
        saved(page)
    assert bench.points() == {"1.1": Decimal(8), "1.2": Decimal(20)}


def test_the_list_sends_what_a_closed_sheet_left_behind(bench, phone):
    with_worker(phone, address(bench.dossier))
    phone.context.set_offline(True)
    box(phone, bench, "1.1").fill("8")
    expect(line(phone)).to_contain_text("Đang giữ trên máy này")
    # A sheet that is left behind tries once more: it must not slip out while the reception comes back.
    phone.context.route("**/luu/", lambda route: route.abort())
    phone.goto("about:blank")
    phone.context.set_offline(False)
    phone.goto("/cham-diem/")
    expect(phone.get_by_text("Chờ gửi: 1 mục ở 1 hồ sơ, đang giữ trên máy này.")).to_be_visible()
    expect(phone.get_by_text("1 mục đang giữ trên máy này", exact=True)).to_be_visible()
    assert_accessible(phone)
    phone.context.unroute("**/luu/")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.get_by_text("Mọi mục đã gõ đều đã lưu trên máy chủ.")).to_be_visible()
    assert bench.points() == {"1.1": Decimal(8)}


def test_texts_kept_before_there_was_an_outbox_are_taken_over_once(bench, phone):
    bench.save(bench.open(), {"1.1": (Decimal(8), "")})
    key = f"phieu:{bench.dossier.uuid}:{bench.judge.uuid}"
    old = {"1.1": ("7", ""), "1.2": ("20", "")}  # 1.1 has been scored elsewhere since
    texts = {f"points{bench.leaf(code).pk}": {"text": text, "base": base} for code, (text, base) in old.items()}
    phone.goto("/cham-diem/")
    phone.evaluate("([key, texts]) => localStorage.setItem(key, JSON.stringify(texts))", [key, texts])
    phone.goto(address(bench.dossier))
    expect(line(phone)).to_contain_text("Chọn bản giữ lại")
    phone.get_by_role("button", name="Giữ 7").click()
    saved(phone)
    assert bench.points() == {"1.1": Decimal(7), "1.2": Decimal(20)}
    assert phone.evaluate("key => localStorage.getItem(key)", key) is None


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key(bench, phone):
    phone.goto(address(bench.dossier))
    sent = []

    def swallow(route):
        sent.append(route.request.post_data)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.route("**/luu/", swallow)
    box(phone, bench, "1.1").fill("8")
    expect(line(phone)).to_contain_text("Đang giữ trên máy này")
    phone.evaluate("dispatchEvent(new Event('online'))")
    saved(phone)
    assert sent[0] == sent[1]
    assert (bench.points(), ScoreSheet.objects.get().revision) == ({"1.1": Decimal(8)}, 1)


def test_after_the_deadline_points_stay_on_the_device_until_the_judge_lets_go(bench, phone):
    phone.goto(address(bench.dossier))
    Round.objects.update(scoring_until=timezone.now())
    box(phone, bench, "1.1").fill("8")
    expect(line(phone)).to_contain_text("Đã hết hạn nộp phiếu")
    expect(line(phone)).to_contain_text("vẫn giữ trên máy này")
    phone.goto("/cham-diem/")
    expect(phone.get_by_text("Mục 1.1: 8")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Bỏ khỏi máy này").click()
    expect(phone.get_by_text("Mục 1.1: 8")).to_be_hidden()
    assert bench.points() == {}


def test_points_of_one_person_never_go_out_under_anothers_login(bench, phone):
    phone.goto(address(bench.dossier))
    colleague = Client()
    colleague.force_login(factories.SeatFactory(round=bench.round).user)
    session = colleague.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.clear_cookies()
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": phone.url}])
    box(phone, bench, "1.1").fill("8")
    expect(line(phone)).to_contain_text("Phiên đăng nhập đã hết")
    assert Score.objects.count() == 0


def test_every_own_sheet_can_be_taken_along_and_logging_out_leaves_none(bench, phone):
    others = DossierFactory.create_batch(2, round=bench.round)
    phone.goto("/cham-diem/")
    phone.get_by_role("button", name="Tải về để chấm khi mất sóng").click()
    expect(phone.get_by_text("Đã tải 3 phiếu về máy")).to_be_visible()
    phone.context.set_offline(True)
    phone.goto(address(others[1]))
    expect(phone.get_by_role("heading", name=others[1].product.name)).to_be_visible()
    phone.goto("/cham-diem/")
    expect(phone.get_by_text("Không có mạng. Trang này lưu trên máy")).to_be_visible()
    phone.goto("/cham-diem/xung-dot/")
    expect(phone.get_by_text("trang này chưa có trên máy")).to_be_visible()
    phone.goto(address(others[1]))
    box(phone, bench, "1.1").fill("8,5")
    expect(line(phone)).to_contain_text("Đang giữ trên máy này")
    phone.context.set_offline(False)
    conflicts.declare(dossier=others[0], user=bench.judge, reason="Góp vốn", now=timezone.now())
    phone.goto("/cham-diem/")
    phone.wait_for_function(f"async () => !(await ({CACHED})()).includes({json.dumps(address(others[0]))})")
    assert address(others[1]) in phone.evaluate(CACHED)
    phone.locator(".account summary").click()
    phone.get_by_role("button", name="Đăng xuất").click()
    phone.wait_for_url(lambda url: "/cham-diem/" not in url)
    assert phone.evaluate(CACHED) == []


def test_a_sheet_is_scored_and_handed_in_with_the_keyboard_alone(bench, person):
    desk = person(viewport=DESK, user=bench.judge)
    desk.goto(address(bench.dossier))
    box(desk, bench, "1.1").focus()
    for _leaf in bench.leaves():
        desk.keyboard.type("4")
        desk.keyboard.press("Enter")
    saved(desk)
    desk.locator("[data-submit]").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog")).to_contain_text("36/100")
    desk.get_by_role("button", name="Nộp và khóa phiếu").press("Enter")
    expect(desk.get_by_text("Phiếu đã nộp lúc")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESK, {"width": 640, "height": 450}], ids=["phone", "desk", "zoomed"])
def test_own_scores_side_by_side_are_accessible(bench, person, viewport):
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=timezone.now())
    page = person(viewport=viewport, user=bench.judge)
    for path in ("/cham-diem/", address(bench.dossier), f"/cham-diem/so-sanh/{bench.round.uuid}/"):
        page.goto(path)
        assert_accessible(page)
    expect(page.locator(".compare__total")).to_have_text("36")
