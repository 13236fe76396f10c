"""No reception, a dead battery, an ended session, two tabs: what a judge has typed reaches the server once."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from rounds.models import Dossier, Round, Score, ScoreSheet
from rounds.services import conflicts, scoring
from tests import factories
from tests.factories import DossierFactory
from tests.rounds.test_scoring import Bench

from .conftest import DESK, PHONE, assert_accessible, log_in

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
