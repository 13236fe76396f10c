"""Every public page in both languages, at three widths, by axe; none ever scrolls sideways."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.test import override_settings
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import AXE
from tests.portal.test_language import PUBLIC, addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["addresses"]
WIDTHS = (360, 768, 1280)
# A phone of the narrowest kind, words twice as large on a desk, and the portal's own largest size on a phone.
REFLOWS = (("320", 320, "100%"), ("desk, words at 200 %", 1280, "200%"), ("phone, largest size", 360, "137.5%"))
RUN = "async options => (await axe.run(document, options)).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A reader without script errors, and with axe on every page."""
    context = browser.new_context(base_url=live_server.url, locale="vi-VN")
    context.add_init_script(path=AXE_FILE_PATH)
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    yield opened
    context.close()


def faults(page: Page) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        yield from (
            f"{width}: {rule} {[html[:160] for html in nodes[:3]]}"
            for rule, nodes in page.evaluate(RUN, {**AXE, "resultTypes": ["violations"]})
        )
        if wider := page.evaluate(WIDER):
            yield f"{width}: scrolls sideways by {wider} px"
    for words, width, size in REFLOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        if wider := page.evaluate(WIDER):
            yield f"{words}: scrolls sideways by {wider} px"


@override_settings(DEMO=True)
def test_every_public_page_is_accessible_at_every_width_in_both_languages(page, addresses):
    found = {}
    for english in addresses.values():
        for address in (english, english.removeprefix("/en")):
            response = page.goto(address)
            assert response is not None
            assert response.status == 200, address
            found |= {address: list(faults(page))}
    assert {address: said for address, said in found.items() if said} == {}
    assert len(found) == 2 * len(PUBLIC)


@override_settings(DEMO=True)
def test_a_reader_makes_the_words_larger_and_the_contrast_higher_without_script(browser, live_server, addresses):
    """Pages kept for everyone are kept apart by how they are shown."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    catalogue = addresses["catalogue"].removeprefix("/en")
    page.goto(f"{catalogue}?q=nong")
    page.locator("header").get_by_role("link", name="Cỡ chữ rất lớn").click()
    page.locator("header").get_by_role("link", name="Tương phản cao").click()
    assert page.url.endswith(f"{catalogue}?q=nong")
    assert page.locator("html").get_attribute("class") == "hien-thi-rat-lon hien-thi-tuong-phan"
    assert page.locator("body").evaluate("body => getComputedStyle(body).fontSize") == "22px"
    page.locator("header").get_by_role("link", name="Tương phản thường").click()
    page.locator("header").get_by_role("link", name="Cỡ chữ thường").click()
    assert page.locator("html").get_attribute("class") is None
    context.close()
