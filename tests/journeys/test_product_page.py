"""A buyer on a product's page: large pictures by keyboard and by finger, both languages, a phone and a desk."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from portal.files.services import store
from products.models import Product, ProductPhoto, ProductStandard, TradeFacts
from tests import factories

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What the page moved by itself after it was first painted (Core Web Vitals call up to 0.1 good).
SHIFTS = """() => new Promise(done => new PerformanceObserver(list => done(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: 'layout-shift', buffered: true})
    || setTimeout(() => done(0), 300))"""


@pytest.fixture
def tea(settings: Any, tmp_path: Any) -> Product:
    settings.MEDIA_ROOT = tmp_path
    row = factories.RecognitionFactory(
        product__name="Chè móc câu đặc biệt hộp thiếc", level="national", year=2025, expires_on=date(2099, 12, 31)
    )
    product: Product = row.product
    Product.objects.filter(pk=product.pk).update(story="Chuyện của chè", name_en="Hook tea")
    TradeFacts.objects.create(product=product, gtin="8934563138165", shelf_life_days=730, declared_on=date(2026, 1, 5))
    ProductStandard.objects.create(product=product, kind="food_safety", expires_on=date(2020, 1, 1))
    for position, angle in enumerate(("front", "side", "top")):
        ProductPhoto.objects.create(
            product=product, file=store(_photo(position)), angle=angle, is_public=True, position=position
        )
    return product


def _photo(which: int) -> ContentFile:
    picture = Image.new("RGB", (1800, 1200), (120 + 40 * which, 140, 100))
    ImageDraw.Draw(picture).ellipse((300, 200, 1500, 1000), fill=(230, 220, 190))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return ContentFile(out.getvalue(), name="anh.jpg")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1280"])
def test_a_page_in_both_languages_without_a_fault_or_a_jump(person: Any, tea: Product, viewport: Any) -> None:
    page = person(viewport=viewport)
    page.goto(f"/san-pham/{tea.slug}/")
    expect(page.get_by_text("8 934563 138165")).to_be_visible()
    expect(page.get_by_text("Đã hết hạn ngày 01/01/2020")).to_be_visible()
    first = page.locator("[data-gallery-open] img").first
    page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=first.element_handle())
    assert first.evaluate("img => img.currentSrc.includes('dang=avif')")
    assert page.evaluate(SHIFTS) < 0.1
    assert_accessible(page)
    page.goto(f"/en/san-pham/{tea.slug}/")
    expect(page.get_by_role("heading", level=1, name="Hook tea")).to_be_visible()
    expect(page.locator("[lang=vi]", has_text="Chuyện của chè").first).to_be_visible()
    assert_accessible(page)


def test_a_tablet_shows_the_life_as_a_list_whose_words_it_can_read(person: Any, tea: Product) -> None:
    page = person(viewport={"width": 768, "height": 1024})
    page.goto(f"/san-pham/{tea.slug}/")
    drawing, moments = page.locator(".life-svg"), page.locator(".life-list--phone")
    expect(drawing).to_be_hidden()
    assert moments.bounding_box()["width"] > 300
    page.set_viewport_size(DESK)
    expect(drawing).to_be_visible()
    assert moments.bounding_box()["width"] <= 1


def test_large_pictures_by_keyboard(person: Any, tea: Product) -> None:
    page = person()
    page.goto(f"/san-pham/{tea.slug}/")
    opener = page.locator("[data-gallery-open]").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("1 / 3. Chính diện")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("2 / 3. Mặt bên")).to_be_visible()
    page.keyboard.press("+")
    expect(dialog.locator("[data-viewer-zoom]")).to_have_attribute("aria-pressed", "true")
    _tab_stays_inside(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert opener.evaluate("link => link === document.activeElement")


def _tab_stays_inside(page: Page) -> None:
    for _step in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")


def test_a_finger_swipes_to_the_next_picture(browser: Any, live_server: Any, tea: Product) -> None:
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"/san-pham/{tea.slug}/")
    page.locator("[data-gallery-open]").first.tap()
    stage = page.locator("[data-viewer-stage]")
    for kind, x in (("pointerdown", 300), ("pointerup", 60)):
        stage.dispatch_event(kind, {"clientX": x, "clientY": 300, "pointerType": "touch", "bubbles": True})
    expect(page.get_by_text("2 / 3. Mặt bên")).to_be_visible()
    context.close()
    # Without scripts the large picture is a link.
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/san-pham/{tea.slug}/")
    with page.expect_navigation():
        page.locator("[data-gallery-open]").first.click()
    assert "rong=1600" in page.url
    context.close()
