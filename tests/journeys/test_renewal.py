"""A maker on a phone enters a recognised product again; an officer at the desk sees what changed and who is silent."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.accounts.enums import Role
from products.enums import RenewalChoice
from products.models import Recognition, RenewalAnswer
from rounds.enums import DossierState
from rounds.models import Dossier, Round
from tests import factories
from tests.rounds import renewal_world

from .conftest import PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def recognition(province: Any) -> Recognition:
    """Ends in a month; its dossier of two years ago is in the portal."""
    facility = factories.FacilityFactory(territory=province, name="Cơ sở mẫu Tân Cương")
    product = factories.ProductFactory(facility=facility, name="Chè tôm nõn")
    found = renewal_world.ending(product, expires_on=timezone.localdate() + dt.timedelta(days=30))
    renewal_world.earlier_dossier(product, found)
    return found


@pytest.fixture
def maker(recognition: Recognition) -> Any:
    return factories.RepresentativeFactory(facility=recognition.product.facility).user


def open_round(province: Any) -> Round:
    now = timezone.now()
    return renewal_world.receiving_round(
        province, receiving_from=now - dt.timedelta(days=1), receiving_until=now + dt.timedelta(days=20)
    )


def answers_no(page: Page) -> None:
    page.goto("/co-so-cua-toi/")
    expect(page.get_by_role("heading", name="Sắp hết và đã hết hiệu lực")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Trả lời: có đăng ký kỳ tới không").click()
    assert_accessible(page)
    page.get_by_label("Không đăng ký nữa").check()
    page.get_by_role("button", name="Gửi trả lời").click()
    expect(page.get_by_text("Hãy ghi vì sao không đăng ký nữa.").first).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Lý do, ghi chú").fill("Chờ dây chuyền mới")
    page.get_by_role("button", name="Gửi trả lời").click()
    expect(page.get_by_text("Sở Công Thương đã nhận trả lời của bạn.")).to_be_visible()


def enters_again(page: Page, round_: Round) -> Dossier:
    page.goto("/co-so-cua-toi/")
    page.get_by_role("button", name=f"Đăng ký lại: {round_.title}").click()
    expect(page.get_by_role("heading", name="Kiểm tra lại")).to_be_visible()
    expect(page.get_by_text("Chưa có nội dung nào thay đổi so với hồ sơ trước.")).to_be_visible()
    assert_accessible(page)
    return Dossier.objects.get(round=round_)


def rewrites(page: Page, dossier: Dossier) -> None:
    page.goto(f"/ho-so-cua-toi/{dossier.uuid}/thuyet-minh/")
    expect(page.get_by_text("Chưa thay đổi so với hồ sơ trước. Hãy cập nhật số liệu.")).to_have_count(3)
    assert_accessible(page)
    page.locator("#id_statement_market").fill("Năm 2025 bán 9.000 hộp ở ba tỉnh.")
    expect(page.get_by_text("Đã lưu lúc")).to_be_visible()
    page.get_by_role("button", name="Tiếp").click()
    page.wait_for_url("**/anh/")
    assert_accessible(page)
    page.goto(f"/ho-so-cua-toi/{dossier.uuid}/thuyet-minh/")
    page.get_by_text("Đã sửa so với hồ sơ trước").click()
    expect(page.locator("del").first).to_contain_text("2023")
    expect(page.locator("ins").first).to_contain_text("2025")
    assert_accessible(page)


def hands_in(page: Page, dossier: Dossier) -> None:
    page.goto(f"/ho-so-cua-toi/{dossier.uuid}/nop/")
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_url("**/bien-nhan/")


def test_a_maker_answers_then_enters_again_on_a_phone_and_the_officer_sees_it(
    person: Any, province: Any, recognition: Recognition, maker: Any
) -> None:
    phone = person(viewport=PHONE, user=maker)
    answers_no(phone)
    assert RenewalAnswer.objects.get().choice == RenewalChoice.WILL_NOT
    round_ = open_round(province)
    dossier = enters_again(phone, round_)
    rewrites(phone, dossier)
    hands_in(phone, dossier)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.renews) == (DossierState.SUBMITTED, recognition)

    desk = person(user=factories.staff(Role.OFFICER, province))
    month = f"{recognition.expires_on:%Y-%m}"
    desk.goto(f"/quan-tri/dang-ky-lai/?thang={month}")
    expect(desk.get_by_text("Chờ dây chuyền mới")).to_be_visible()
    expect(desk.get_by_role("link", name=round_.title)).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name=round_.title).click()
    expect(desk.get_by_text("1 điều thay đổi so với hồ sơ trước")).to_be_visible()
    assert_accessible(desk)


def test_an_officer_writes_an_answer_down_without_a_script(
    browser: Any, live_server: Any, province: Any, recognition: Recognition
) -> None:
    from .conftest import log_in

    context = browser.new_context(viewport=PHONE, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, factories.staff(Role.OFFICER, province))
    page.goto(f"/quan-tri/dang-ky-lai/?thang={recognition.expires_on:%Y-%m}")
    page.locator(".campaign-answer > summary").first.click()
    page.get_by_label("Sản phẩm có đăng ký kỳ bình chọn tới không").select_option("undecided")
    page.locator(".campaign-answer").get_by_role("button", name="Ghi trả lời").click()
    expect(page.get_by_text("Đã ghi trả lời cho “Chè tôm nõn”.")).to_be_visible()
    expect(page.locator(".campaign-row").get_by_text("Chưa quyết định").first).to_be_visible()
    context.close()
