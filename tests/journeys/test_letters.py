"""A reader with a phone and without scripts finds an error, writes, and reads what became of it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from portal.accounts.enums import Role
from products import robots
from products.models import Inquiry, PageRating
from products.services import inquiries as services
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, TerritoryFactory, staff

from .conftest import PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "Bộ sản phẩm mẫu đông trùng hạ thảo sấy khô dạng sợi, cao đặc, mật ong ngâm đông trùng hạ thảo"


def _sum(asked: str) -> str:
    words = [str(word) for word in robots.NUMBERS]
    first, second = re.fullmatch(r"(.+) cộng (.+) bằng mấy\?", asked.lower()).groups()
    return words[words.index(first) + words.index(second)]


def test_a_reader_reports_an_error_without_scripts_and_reads_the_answer(browser: Browser, person, live_server):
    unit = TerritoryFactory(name="Thái Nguyên")
    product = ProductFactory(name=NAME, facility=FacilityFactory(territory=unit), territory=unit)
    RecognitionFactory(product=product, territory=unit)
    plain = browser.new_context(viewport=PHONE, base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    form = f"/san-pham/{product.slug}/bao-sai/"

    page.goto(f"/san-pham/{product.slug}/")
    page.get_by_role("button", name="Chưa có ích").click()
    page.get_by_label("Điều nên sửa").fill("Ảnh nhỏ quá.")
    page.get_by_role("button", name="Gửi góp ý").click()
    expect(page.get_by_role("heading", name="Đã ghi góp ý của bạn")).to_be_visible()
    assert list(PageRating.objects.values_list("useful", "comment")) == [(False, "Ảnh nhỏ quá.")]

    page.goto(form)
    page.get_by_role("button", name="Gửi báo sai sót").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa gửi được: có 2 mục cần sửa.")
    page.get_by_label("Ảnh").check()
    page.get_by_label("Thông tin đúng là gì").fill("Ảnh này là của sản phẩm khác.")
    page.get_by_role("button", name="Gửi báo sai sót").click()
    # Sent within a second or two of opening the page: asked a sum, with everything still there.
    expect(page.get_by_label("Thông tin đúng là gì")).to_have_value("Ảnh này là của sản phẩm khác.")
    asked = page.locator("label[for=id_ket_qua]")
    page.locator("#id_ket_qua").fill(_sum(asked.inner_text().strip()))
    page.get_by_role("button", name="Gửi báo sai sót").click()
    expect(page.get_by_role("heading", name="Đã nhận thư của bạn")).to_be_visible()

    letter = Inquiry.objects.get()
    officer = staff(Role.OFFICER, unit)
    services.close_inquiry(inquiry=letter, note="Đã thay ảnh.", actor=officer, now=timezone.now())
    page.reload()
    expect(page.get_by_text("Đã thay ảnh.")).to_be_visible()
    plain.close()

    seen = person(viewport=PHONE)
    seen.goto(form)
    seen.get_by_role("button", name="Gửi báo sai sót").click()
    for address in ("", f"/thu/{letter.uuid}/"):
        if address:
            seen.goto(address)
        assert_accessible(seen)
        assert seen.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
