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
# Colours are the same in both languages and change with the layout, not with every width.
CONTRAST_AT = (360, 1280)
RUN = "async options => (await axe.run(document, options)).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
FORM_WIDTHS = (360, 600, 768, 820, 900, 1024, 1280)
CRAMPED = """() => {
  const parts = [...document.querySelectorAll(".ask select, .ask button")].map(e => [e, e.getBoundingClientRect()]);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  return parts.filter(([e, box], n) => (e.matches("select") && box.width < 140)
    || parts.slice(n + 1).some(([, other]) => !apart(box, other))).map(([e, box]) => `${e.name || e.type} ${box.width}`);
}"""
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


def faults(page: Page, language: str) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        contrast = {"color-contrast": {"enabled": language == "vi" and width in CONTRAST_AT}}
        asked = {**AXE, "resultTypes": ["violations"], "rules": contrast, "preload": False, "iframes": False}
        yield from (
            f"{width}: {rule} {[html[:160] for html in nodes[:3]]}" for rule, nodes in page.evaluate(RUN, asked)
        )
        if wider := page.evaluate(WIDER):
            yield f"{width}: scrolls sideways by {wider} px"
    for words, width, size in REFLOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        if wider := page.evaluate(WIDER):
            yield f"{words}: scrolls sideways by {wider} px"


def walked(page: Page, paths: list[str], language: str) -> dict[str, list[str]]:
    """What is wrong, by address; every page must come at all."""
    found = {}
    for path in paths:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        found[path] = list(faults(page, language))
    assert len(found) == len(PUBLIC)
    return {path: said for path, said in found.items() if said}


# A class each, so that two processes may share the walk.
class TestVietnamese:
    @override_settings(DEMO=True)
    def test_every_public_page_is_accessible_at_every_width(self, page, addresses):
        assert walked(page, [path.removeprefix("/en") for path in addresses.values()], "vi") == {}


class TestEnglish:
    @override_settings(DEMO=True)
    def test_every_public_page_is_accessible_at_every_width(self, page, addresses):
        assert walked(page, list(addresses.values()), "en") == {}


@override_settings(DEMO=True)
def test_the_question_form_of_every_page_of_statistics_fits_when_it_is_open(page, addresses):
    """Every field wide enough to read and none over another; nor does an opened table make a page scroll."""
    found = {}
    for name in [name for name in addresses if name.startswith("statistics") and name != "statistics_list"]:
        page.goto(addresses[name].removeprefix("/en"))
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        for width in FORM_WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if said := page.evaluate(CRAMPED):
                found[f"{name} at {width}"] = said
            if wider := page.evaluate(WIDER):
                found[f"{name} at {width}"] = f"scrolls sideways by {wider} px"
    assert found == {}


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
