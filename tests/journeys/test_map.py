"""Somebody without a mouse finds a province on the map, hears what it has and opens its page."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.territory.models import Territory
from portal.territory.reference_data import load
from tests import factories

from .conftest import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_STOPS = 80


@pytest.fixture
def country() -> None:
    load()
    maker = factories.FacilityFactory(territory=Territory.objects.get(slug="ca-mau"))
    factories.RecognitionFactory(product__name="Tôm khô Rạch Gốc", product__facility=maker, territory=maker.territory)


@pytest.mark.parametrize("start", ["", "/en"], ids=["vi", "en"])
def test_arrow_keys_lead_to_a_province_and_enter_opens_it(person: Any, country: None, start: str) -> None:
    page = person()
    page.goto(f"{start}/ban-do/")
    tab_to_the_map(page)
    for key, name in (("End", "Vĩnh Long"), ("ArrowDown", "Cần Thơ"), ("ArrowDown", "Cà Mau: 1")):
        page.keyboard.press(key)
        expect(province(page, name)).to_be_focused()
    expect(page.locator("[data-map-told]")).to_contain_text("Cà Mau: 1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{start}/ban-do/ca-mau/")
    expect(page.get_by_role("heading", level=1, name="Cà Mau")).to_be_visible()
    expect(page.get_by_role("link", name="Tôm khô Rạch Gốc")).to_be_visible()
    assert_accessible(page)


def province(page: Page, words: str) -> Any:
    return page.locator(f"[data-map] svg a[aria-label^='{words}']:not([aria-hidden])")


def tab_to_the_map(page: Page) -> None:
    for _step in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('[data-map] svg'))"):
            return
    pytest.fail("The map is no stop in the order of tabs.")
