"""A producer on a phone: from registering to the receipt, with a dead network and an ended session on the way."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from facilities.models import Representative
from portal.accounts.enums import Role
from portal.territory.models import Territory
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier
from tests import factories

from .conftest import PHONE, assert_accessible
from .test_provincial_round import photograph

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "che-tom-non-2026"
LOGIN = "0912345678"
ANGLES = ("photo_front", "photo_side", "photo_top")


@pytest.fixture(autouse=True)
def register(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("load_reference", "--apply", verbosity=0)


def log_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Tên đăng nhập").fill("0912 345 678")
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)


def registers(page: Page) -> None:
    page.goto("/dang-ky/")
    assert_accessible(page)
    page.get_by_label("Họ và tên").fill("Chủ nhiệm hợp tác xã")
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("0912 345 678")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_label("Hiện mật khẩu").check()
    assert page.locator("#id_password").get_attribute("type") == "text"
    page.get_by_label("Tên cơ sở").fill("Hợp tác xã chè mẫu Tân Cương")
    page.get_by_label("Loại hình").select_option("cooperative")
    page.get_by_label("Tỉnh, thành phố").select_option(label="Thái Nguyên")
    page.get_by_label("Xã, phường").fill("Tân Cương")
    page.get_by_label("Chức vụ").fill("Chủ nhiệm")
    page.get_by_label("Số điện thoại để Sở gọi lại").fill("0912 345 678")
    page.get_by_text("Tôi đồng ý").click()
    page.get_by_role("button", name="Gửi đăng ký").click()
    expect(page.get_by_role("heading", name="Đã gửi đăng ký")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Đăng nhập").last.click()
    log_in(page)
    expect(page.get_by_role("heading", name="Sở đang xác nhận")).to_be_visible()
    assert_accessible(page)


def approves(page: Page) -> None:
    claim = Representative.objects.get()
    page.goto(f"/quan-tri/facilities/representative/{claim.pk}/change/")
    assert_accessible(page)
    page.get_by_role("button", name="Ghi cơ sở mới và xác nhận").click()
    expect(page.get_by_text("Cho thôi đại diện").first).to_be_visible()


def starts(page: Page) -> Dossier:
    page.goto("/co-so-cua-toi/")
    assert_accessible(page)
    page.get_by_role("link", name="Lập hồ sơ").click()
    page.get_by_label("Tên sản phẩm").fill("Chè tôm nõn hữu cơ hộp 200 g")
    page.get_by_text("Chế biến nông, lâm, thủy sản").click()
    assert_accessible(page)
    page.get_by_role("button", name="Lập hồ sơ và tiếp").click()
    page.wait_for_url(re.compile("/thuyet-minh/$"))
    return Dossier.objects.get()


def writes(page: Page, dossier: Dossier) -> None:
    """Typing is saved by itself; without a network, and after the session ended, nothing typed is lost."""
    line = page.locator("[data-save-line]")
    market = page.get_by_label(re.compile("hị trường"))
    market.fill("Bán ở ba tỉnh, mỗi tháng 400 hộp.")
    market.blur()
    expect(line).to_contain_text("Đã lưu lúc")
    assert_accessible(page)

    page.context.set_offline(True)
    page.get_by_label(re.compile("inh tế, kỹ thuật")).fill("Sao bằng máy, bốn mươi người có việc.")
    page.get_by_label(re.compile("inh tế, kỹ thuật")).blur()
    expect(line).to_contain_text("Chưa lưu, mất mạng")
    page.context.set_offline(False)
    expect(line).to_contain_text("Đã lưu lúc", timeout=15000)
    dossier.refresh_from_db()
    assert dossier.statement_technology == "Sao bằng máy, bốn mươi người có việc."

    Session.objects.all().delete()
    page.get_by_label(re.compile("ăn hóa")).fill("Nghề chè của làng từ trăm năm.")
    page.get_by_label(re.compile("ăn hóa")).blur()
    expect(line).to_contain_text("phiên đăng nhập đã hết")
    page.get_by_role("link", name="Đăng nhập lại").click()
    log_in(page)
    page.wait_for_url(re.compile("/thuyet-minh/$"))
    expect(page.get_by_label(re.compile("ăn hóa"))).to_have_value("Nghề chè của làng từ trăm năm.")
    expect(line).to_contain_text("Đã lưu lúc", timeout=10000)
    dossier.refresh_from_db()
    assert dossier.statement_culture == "Nghề chè của làng từ trăm năm."
    page.get_by_role("button", name="Lưu và tiếp").click()
    page.wait_for_url(re.compile("/anh/$"))


def photographs(page: Page) -> None:
    for angle in ANGLES:
        picture = {"name": f"{angle}.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
        page.locator(f"#{angle} input[name=file]").set_input_files(picture)
        expect(page.locator(f"#{angle}")).to_contain_text("Đã có ảnh", timeout=15000)
    assert_accessible(page)
    page.get_by_role("link", name="Tiếp").click()


def sends_papers(page: Page) -> None:
    row = page.locator("#business_registration")
    expect(row).to_contain_text("Chưa có")
    assert_accessible(page)
    paper = {"name": "dkkd.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    row.locator("input[type=file]").set_input_files(paper)
    expect(row).to_contain_text("Đã có", timeout=15000)
    page.get_by_role("link", name="Tiếp").click()


def hands_in(page: Page) -> None:
    expect(page.get_by_text("Đã đủ để nộp")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Tiếp: nộp hồ sơ").click()
    page.get_by_text("Tôi cam đoan").click()
    assert_accessible(page)
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_role("heading", name="Biên nhận hồ sơ")).to_be_visible(timeout=20000)


def test_a_producer_hands_in_a_dossier_on_a_phone(person: Any) -> None:
    province = Territory.objects.get(slug="thai-nguyen")
    now = timezone.now()
    factories.RoundFactory(
        territory=province,
        state=RoundState.RECEIVING,
        receiving_from=now - dt.timedelta(days=1),
        receiving_until=now + dt.timedelta(days=20),
    )
    officer = factories.staff(Role.OFFICER, province)
    phone = person(viewport=PHONE)
    registers(phone)
    approves(person(user=officer))

    dossier = starts(phone)
    writes(phone, dossier)
    photographs(phone)
    sends_papers(phone)
    hands_in(phone)
    assert_accessible(phone)

    dossier.refresh_from_db()
    assert (dossier.state, dossier.version, dossier.entry_code) == (DossierState.SUBMITTED, 1, "001")
    expect(phone.locator(".receipt__code")).to_have_text(f"{dossier.receipt_code[:4]}-{dossier.receipt_code[4:]}")
    phone.get_by_role("link", name="Hồ sơ này đang ở đâu").click()
    expect(phone.get_by_text("Đã nộp, đang được kiểm tra")).to_be_visible()
    assert_accessible(phone)
