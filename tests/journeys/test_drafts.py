"""What is typed at the desk survives a reload, a lost session and a closed tab, and goes with the logout."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from facilities.models import Facility
from portal.accounts.enums import Role
from tests.factories import PASSWORD, FacilityFactory, TerritoryFactory, staff

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "Làng chè ba đời, đang gõ dở"


@pytest.fixture
def desk(person):
    """An officer with a facility's page open."""
    province = TerritoryFactory(name="Thái Nguyên")
    officer = staff(Role.OFFICER, province)
    facility = FacilityFactory(territory=province, name="Cơ sở mẫu")
    page = person(viewport=DESK, user=officer)
    page.goto(reverse("admin:facilities_facility_change", args=[facility.pk]))
    return page, officer, facility


def introduction(page):
    return page.locator("#id_introduction")


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length")


def typed(page):
    """Leaving or sending the page keeps what is typed at once, without waiting for a pause."""
    introduction(page).fill(WORDS)


def test_a_reload_offers_what_was_typed(desk):
    page, officer, _facility = desk
    typed(page)
    page.reload()
    assert str(officer.uuid) in page.evaluate("Object.keys(localStorage).find((key) => key.startsWith('draft:'))")
    assert introduction(page).input_value() == ""
    offer = page.locator(".draft")
    offer.wait_for()
    assert "Trang đã được sửa từ khi đó" not in offer.inner_text()
    page.get_by_role("button", name="Dùng bản đang gõ dở").click()
    assert introduction(page).input_value() == WORDS
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url(lambda url: "change" not in url)
    assert Facility.objects.get().introduction == WORDS
    assert kept(page) == 0


def test_what_was_typed_can_be_dropped(desk):
    page, _officer, _facility = desk
    typed(page)
    page.reload()
    page.get_by_role("button", name="Bỏ", exact=True).click()
    assert kept(page) == 0
    page.reload()
    assert page.locator(".draft").count() == 0


def test_a_page_changed_meanwhile_says_so(desk):
    page, _officer, facility = desk
    typed(page)
    Facility.objects.filter(pk=facility.pk).update(introduction="Người khác đã sửa")
    page.reload()
    assert "Trang đã được sửa từ khi đó" in page.locator(".draft").inner_text()
    assert introduction(page).input_value() == "Người khác đã sửa"


def test_a_lost_session_loses_nothing(desk):
    page, officer, facility = desk
    typed(page)
    Session.objects.all().delete()
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_text("Nội dung vẫn còn").wait_for()
    assert_accessible(page)
    page.get_by_label("Tên đăng nhập").fill(officer.username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("heading", name="Nội dung đã nhập còn đây").wait_for()
    assert WORDS in page.locator(".kept").inner_text()
    assert_accessible(page)
    page.get_by_role("button", name="Gửi tiếp").click()
    page.wait_for_url(lambda url: "/facilities/facility/" in url and "change" not in url)
    assert Facility.objects.get(pk=facility.pk).introduction == WORDS
    assert kept(page) == 0


def test_logging_out_takes_the_drafts_along(desk):
    page, _officer, _facility = desk
    typed(page)
    page.goto("/dang-xuat/")
    page.locator("form.form[data-logout] button").click()
    page.wait_for_url(lambda url: "/dang-xuat/" not in url)
    assert kept(page) == 0


def test_another_account_is_offered_nothing(desk):
    page, _officer, facility = desk
    typed(page)
    other = staff(Role.OFFICER, facility.territory)
    page.context.clear_cookies()
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(other.username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)
    page.goto(reverse("admin:facilities_facility_change", args=[facility.pk]))
    assert introduction(page).input_value() == ""
    assert page.locator(".draft").count() == 0


def test_the_offer_fits_a_phone(desk):
    page, _officer, _facility = desk
    page.set_viewport_size(PHONE)
    typed(page)
    page.reload()
    page.locator(".draft").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
