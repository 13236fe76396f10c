"""Looking for products in a real browser: choosing without reloading, slips of the hand, the way back, the saved list."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from products.models import Product
from tests import factories

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLET = {"width": 768, "height": 1000}
NAMES = ("Miến dong Bình Liêu", "Mỳ Chũ Thủ Dương", "Bộ sản phẩm ấm chén gốm Phù Lãng vẽ tay theo lối cổ truyền")


@pytest.fixture
def shelf() -> list[Product]:
    province = factories.TerritoryFactory(name="Quảng Ninh", slug="quang-ninh")
    makers = [factories.FacilityFactory(name=f"Hợp tác xã mẫu số {n}", territory=province) for n in range(15)]
    made = [factories.ProductFactory(name=name, facility=maker) for name, maker in zip(NAMES, makers, strict=False)]
    made += [factories.ProductFactory(name=f"Chè mẫu {n:02}", facility=makers[n]) for n in range(3, 15)]
    for number, product in enumerate(made):
        factories.RecognitionFactory(product=product, level="national" if number < 2 else "province")
    return made


def names(page: Page) -> list[str]:
    return page.locator(".card__name").all_inner_texts()


def test_choosing_typing_and_going_back_without_reloading(person: Any, shelf: list[Product]) -> None:
    page = person(viewport=DESK)
    page.goto("/san-pham/")
    page.evaluate("window.sameDocument = true")
    count = page.locator(".results__count")
    expect(count).to_have_text("15 sản phẩm")

    national = page.get_by_role("checkbox", name=re.compile("^Quốc gia"))
    national.check()
    expect(count).to_have_text("2 sản phẩm")
    assert page.url.endswith("?level=national")
    expect(national).to_be_checked()
    expect(national).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="2 sản phẩm")).to_have_count(1)

    search = page.get_by_label("Tìm sản phẩm")
    search.press_sequentially("mien dog")
    expect(page.get_by_text("Đang hiện kết quả cho “miến dong”.").first).to_be_visible()
    expect(search).to_have_value("mien dog")
    expect(search).to_be_focused()
    assert names(page) == ["Miến dong Bình Liêu"]
    assert_accessible(page)

    page.go_back()
    expect(count).to_have_text("2 sản phẩm")
    expect(search).to_have_value("")
    page.go_back()
    expect(count).to_have_text("15 sản phẩm")
    expect(national).not_to_be_checked()

    page.get_by_role("link", name="Trang sau").click()
    expect(page.get_by_text("13 đến 15 trên 15 sản phẩm")).to_be_visible()
    expect(page.get_by_role("heading", name="Danh sách sản phẩm")).to_be_focused()
    assert page.evaluate("window.sameDocument")
    page.locator(".card__name a").last.click()
    expect(page.locator("h1")).to_have_text(NAMES[1])
    page.go_back()
    expect(page.get_by_text("13 đến 15 trên 15 sản phẩm")).to_be_visible()
    assert page.url.endswith("?page=2")


def test_the_last_question_wins_over_a_slow_answer(person: Any, shelf: list[Product]) -> None:
    page = person(viewport=DESK)
    page.goto("/san-pham/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/san-pham/?level=national", hold)
    page.get_by_role("checkbox", name=re.compile("^Quốc gia")).check()
    page.get_by_role("checkbox", name=re.compile("^Tỉnh ")).check()
    expect(page).to_have_url(re.compile("level=national&level=province"))
    for route in held:
        route.continue_()
    expect(page.locator(".results__count")).to_have_text("15 sản phẩm")
    assert page.evaluate("location.search") == "?level=national&level=province"


@pytest.mark.parametrize(("path", "words"), [("/san-pham/", "Lưu"), ("/en/san-pham/", "")])
def test_saving_and_sending_a_list(person: Any, shelf: list[Product], path: str, words: str) -> None:
    page = person(viewport=PHONE)
    page.goto(path)
    buttons = page.locator(".card .save__button")
    buttons.nth(0).click()
    expect(page.locator(".save--on")).to_have_count(1)
    buttons.nth(1).click()
    expect(page.locator(".save--on")).to_have_count(2)
    if words:
        expect(buttons.nth(0)).to_have_text(re.compile("^Đã lưu"))
        expect(buttons.nth(2)).to_have_text(re.compile(f"^{words}"))
    page.reload()
    expect(page.locator(".save--on")).to_have_count(2)

    page.goto(path.replace("san-pham", "da-luu"))
    expect(page.locator(".card")).to_have_count(2)
    assert_accessible(page)
    address = page.locator("#dia-chi").input_value()
    page.locator(".card__remove button").first.click()
    expect(page.locator(".card")).to_have_count(1)

    friend = person(viewport=DESK)
    friend.goto(address[address.index("/", 9) :])
    expect(friend.locator(".card")).to_have_count(2)
    if words:
        assert_accessible(friend)


def test_the_sheet_on_a_phone_tells_what_a_choice_would_show(person: Any, shelf: list[Product]) -> None:
    page = person(viewport=PHONE)
    page.goto("/san-pham/")
    page.get_by_role("link", name=re.compile("^Lọc")).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("checkbox", name=re.compile("^Quốc gia")).check()
    expect(sheet.get_by_role("button", name="Xem 2 sản phẩm")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator(".results__count")).to_have_text("15 sản phẩm")
    page.get_by_role("link", name=re.compile("^Lọc")).click()
    expect(sheet.get_by_role("checkbox", name=re.compile("^Quốc gia"))).not_to_be_checked()
    sheet.get_by_role("checkbox", name=re.compile("^Quốc gia")).check()
    sheet.get_by_role("button", name="Xem 2 sản phẩm").click()
    expect(page.locator(".results__count")).to_have_text("2 sản phẩm")
    assert page.url.endswith("?level=national")


def test_the_catalogue_reads_on_every_width_in_both_languages(person: Any, shelf: list[Product]) -> None:
    page = person(viewport=PHONE)
    for path, widths in (("/san-pham/", (PHONE, TABLET)), ("/en/san-pham/?q=mien+dog", (PHONE, TABLET, DESK))):
        page.goto(path)
        for viewport in widths:
            page.set_viewport_size(viewport)
            assert_accessible(page)


def test_without_scripts_the_same_forms_work(browser: Browser, live_server: Any, shelf: list[Product]) -> None:
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/san-pham/")
    page.get_by_role("link", name=re.compile("^Lọc")).click()
    page.get_by_role("checkbox", name=re.compile("^Quốc gia")).check()
    page.get_by_role("button", name=re.compile("^Xem .* sản phẩm$")).click()
    assert sorted(names(page)) == sorted(NAMES[:2])
    page.get_by_role("button", name=re.compile(f"^Lưu.*{NAMES[0]}")).click()
    expect(page.get_by_text("Đã lưu. Danh sách có 1 sản phẩm.")).to_be_visible()
    page.get_by_role("link", name="Về trang vừa xem").click()
    assert page.url.endswith("?level=national")
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_the_bar_at_the_foot_of_a_phone_stays_one_line(
    browser: Browser, live_server: Any, shelf: list[Product], script: bool
) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=PHONE, java_script_enabled=script)
    page = context.new_page()
    for address in ("/san-pham/", "/en/san-pham/?level=province&status=valid"):
        page.goto(address)
        box = page.locator(".filter-bar").bounding_box()
        assert box
        assert box["height"] < 80, address
    context.close()
