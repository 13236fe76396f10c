"""A buyer in a shop, on a small phone without scripts and with large letters: from the box to the slip."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, expect

from products import codes
from products.models import Certificate
from tests import factories

from .conftest import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 640}
# Twice as large, as the phone's own setting makes it.
LARGE_LETTERS = "document.documentElement.style.fontSize = '200%'"


@pytest.fixture
def paper() -> Certificate:
    call_command("load_reference", "--apply", verbosity=0)
    row = factories.RecognitionFactory(
        product__name="Miến dong Bình Liêu", level="district", locality="Huyện Bình Liêu", expires_on=date(2099, 12, 31)
    )
    factories.RecognitionFactory(product=row.product, level="national", year=2025, expires_on=date(2099, 12, 31))
    return factories.CertificateFactory(recognition=row, code=codes.generate("district"))


def test_a_buyer_checks_a_label(browser: Browser, live_server: Any, paper: Certificate) -> None:
    context = browser.new_context(viewport=SMALL, base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/tra-cuu/")
    box = page.get_by_label("Mã giấy chứng nhận, tên sản phẩm hoặc tên cơ sở")

    wrong = paper.code[:5] + next(c for c in codes.ALPHABET if c != paper.code[5]) + paper.code[6:]
    box.fill(wrong)
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.get_by_role("heading", name="Không có mã này")).to_be_visible()
    expect(page.get_by_text("Ký tự thứ 6: bạn gõ")).to_be_visible()
    page.get_by_role("link", name=f"Tra mã {codes.display(paper.code)}").click()
    expect(page.get_by_text("Còn hiệu lực", exact=True)).to_be_visible()
    expect(page.get_by_text("Nay hỏi Sở Công Thương")).to_be_visible()

    page.get_by_label("Ngày sản xuất in trên bao bì").fill("NSX: 03/02/2025")
    page.get_by_role("button", name="Xem ngày đó").click()
    expect(page.get_by_text("Sản xuất ngày 03/02/2025: sản phẩm đang được công nhận cấp huyện.")).to_be_visible()
    page.get_by_role("link", name="Phiếu kết quả để in").click()
    expect(page.get_by_role("img", name="Mã QR dẫn tới kết quả hôm nay")).to_be_visible()
    context.close()


@pytest.mark.parametrize("letters", ["as set", "large"])
def test_every_answer_reads_on_a_small_phone(person: Any, paper: Certificate, letters: str) -> None:
    page = person(viewport=SMALL)
    code = codes.display(paper.code)
    revoked = factories.CertificateFactory(
        recognition=factories.RecognitionFactory(revoked_on=date(2026, 1, 5), status_reason="Mẫu vi phạm"),
        code=codes.generate("province"),
    )
    for address in (
        "/tra-cuu/",
        "/tra-cuu/?ma=mien dong",
        "/tra-cuu/?ma=zzzz",
        "/tra-cuu/?ma=https://gia.vn/tra-cuu/" + paper.code,
        f"/tra-cuu/{code}/",
        f"/tra-cuu/{code}/?ngay=11/2024",
        f"/tra-cuu/{code}/?ngay=32/13/2024",
        f"/tra-cuu/{code}/?phieu=1",
        f"/tra-cuu/{revoked.code}/",
        f"/tra-cuu/{code[:6]}/",
    ):
        page.goto(address)
        if letters == "large":
            page.evaluate(LARGE_LETTERS)
        assert_accessible(page)
