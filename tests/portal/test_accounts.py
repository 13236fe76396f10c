import datetime as dt
from binascii import unhexlify

import pytest
import time_machine
from axes.utils import reset as forget_failures
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.asserts import assertContains

from facilities.models import Facility
from portal.accounts import services
from portal.accounts.admin_forms import GrantForm
from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import Body, SeatRole

from ..factories import (
    PASSWORD,
    CommuneFactory,
    FacilityFactory,
    GrantFactory,
    SeatFactory,
    SuccessionFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def judge():
    return SeatFactory().user


def log_in(client, user, **more):
    return client.post(reverse("login"), {"username": user.username, "password": PASSWORD, **more})


# --- what a grant reaches --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "reaches"),
    [
        (dt.date(2026, 1, 1), None, True),
        (dt.date(2026, 1, 1), TODAY, True),
        (dt.date(2026, 1, 1), TODAY - dt.timedelta(days=1), False),
        (TODAY, None, True),
        (TODAY + dt.timedelta(days=1), None, False),
    ],
    ids=["open", "ends today", "ended yesterday", "begins today", "begins tomorrow"],
)
def test_a_grant_reaches_from_its_first_to_its_last_day(province, valid_from, valid_to, reaches):
    grant = GrantFactory(territory=province, valid_from=valid_from, valid_to=valid_to)
    FacilityFactory(territory=province)
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False):
        assert Facility.objects.visible_to(grant.user).exists() is reaches


@pytest.mark.parametrize(("hour", "reaches"), [(16, True), (17, False)])
def test_a_day_ends_at_midnight_in_vietnam(province, hour, reaches):
    grant = GrantFactory(territory=province, valid_to=TODAY)
    with time_machine.travel(dt.datetime(2026, 11, 21, hour, 30, tzinfo=dt.UTC), tick=False):
        assert bool(staff_reach(grant.user).roles) is reaches


def test_a_person_who_left_reaches_nothing(officer):
    officer.is_active = False
    assert staff_reach(officer).roles == frozenset()


def test_a_grant_on_an_ended_unit_follows_its_successor(province):
    former = SuccessionFactory(successor=province).predecessor
    sibling = SuccessionFactory(successor=province).predecessor
    reach = staff_reach(staff(Role.OFFICER, former))
    assert reach.territory_ids == {province.pk, former.pk, sibling.pk}


def test_a_region_reaches_the_provinces_of_today_and_their_former_ones():
    north = TerritoryFactory(region="north")
    former = SuccessionFactory(successor=north, predecessor__region="central").predecessor
    TerritoryFactory(region="south")
    user = GrantFactory(role=Role.AGENCY_REGIONAL, territory=None, region="north").user
    assert staff_reach(user).territory_ids == {north.pk, former.pk}


def test_a_role_in_one_province_is_none_in_another(province, other_province):
    user = staff(Role.OFFICER, province)
    GrantFactory(user=user, role=Role.LEADER, territory=other_province)
    reach = staff_reach(user)
    assert reach.holds(Role.OFFICER, province.pk)
    assert not reach.holds(Role.OFFICER, other_province.pk)


def test_two_roles_in_one_province_make_no_one_an_administrator(officer, province):
    assert not staff_reach(officer).holds(Role.LEADER, province.pk)


def test_reach_costs_one_query_and_is_asked_once(officer, django_assert_num_queries):
    staff_reach(officer)
    del officer._reach
    with django_assert_num_queries(1):
        staff_reach(officer)
        staff_reach(officer)


@pytest.mark.parametrize(
    "grant",
    [
        {"role": Role.OFFICER, "territory": None},
        {"role": Role.AGENCY_REGIONAL, "territory": None, "region": ""},
        {"valid_from": TODAY, "valid_to": TODAY - dt.timedelta(days=1)},
    ],
    ids=["a province's role without a province", "a region's role without a region", "ends before it begins"],
)
def test_a_grant_that_makes_no_sense_is_refused_by_form_and_database(grant):
    user = UserFactory()
    row = Grant(user=user, **{"role": Role.OFFICER, "territory": TerritoryFactory(), "valid_from": TODAY, **grant})
    with pytest.raises(ValidationError, match=r"Hãy chọn phạm vi|không được trước"):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# --- coming in and going out -----------------------------------------------------------------------


def test_the_login_page_speaks_vietnamese(client):
    page = client.get("/dang-nhap/")
    assert page.status_code == 200
    assert "Tên đăng nhập" in page.text
    assert "Mật khẩu" in page.text


def test_a_wrong_password_is_told_in_one_sentence_and_the_name_stays(client, officer):
    page = client.post("/dang-nhap/", {"username": officer.username, "password": "sai"})
    assert page.status_code == 200
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in page.text
    assert f'value="{officer.username}"' in page.text


@pytest.mark.parametrize("unsafe", ["https://noi-khac.example/", "//noi-khac.example/", "javascript:alert(1)"])
def test_login_never_leads_out_of_the_portal(client, officer, unsafe):
    assert log_in(client, officer, next=unsafe).url == reverse("after_login")


def test_login_leads_back_to_the_page_that_asked(client, officer):
    assert log_in(client, officer, next="/quan-tri/").url == "/quan-tri/"


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda: staff(Role.OFFICER, TerritoryFactory()), "admin:index"),
        (lambda: staff(Role.COMMUNE_OFFICER, TerritoryFactory()), "commune_entrance"),
        (lambda: SeatFactory(body=Body.COUNCIL, role=SeatRole.SECRETARY).user, "admin:index"),
        (lambda: SeatFactory().user, "judge_home"),
        (lambda: SeatFactory(role=SeatRole.HEAD_JUDGE).user, "judge_home"),
        (lambda: SeatFactory(user=staff(Role.OFFICER, TerritoryFactory())).user, "admin:index"),
        (lambda: SeatFactory(until=TODAY, until_reason="Thay người").user, "home"),
        (UserFactory, "home"),
    ],
    ids=[
        "officer",
        "commune officer",
        "secretary",
        "judge",
        "head judge",
        "officer who judges",
        "ended seat",
        "nobody",
    ],
)
def test_each_role_is_sent_to_its_place(client, make, place):
    client.force_login(make())
    assert client.get("/vao-viec/").url == reverse(place)


def test_leaving_is_an_act_not_a_link(client, officer):
    client.force_login(officer)
    asked = client.get("/dang-xuat/")
    assert (asked.status_code, "_auth_user_id" in client.session) == (200, True)
    assertContains(asked, '<button class="btn" type="submit">Đăng xuất</button>', html=True)
    assert client.post("/dang-xuat/").url == reverse("home")
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_the_door_is_shut_and_says_until_when(client, officer, settings):
    settings.AXES_ENABLED = True
    with time_machine.travel(dt.datetime(2026, 11, 21, 7, 0, tzinfo=dt.UTC), tick=False):
        wrong = {"username": officer.username, "password": "sai"}
        answers = [client.post("/dang-nhap/", wrong).status_code for _ in range(5)]
        assert answers == [200, 200, 200, 200, 429]
        page = log_in(client, officer)
    assert page.status_code == 429
    assert page["Retry-After"] == "900"
    assert "Hãy thử lại sau 14:15" in page.text
    forget_failures()


def test_an_administrator_unlocks_at_once(client, officer, administrator, settings):
    settings.AXES_ENABLED = True
    for _ in range(5):
        client.post("/dang-nhap/", {"username": officer.username, "password": "sai"})
    assert services.unlock(user=officer, actor=administrator) is True
    assert AuditEntry.objects.get().action == "account.unlocked"
    assert log_in(client, officer).status_code == 302
    assert services.unlock(user=officer, actor=administrator) is False


def test_a_person_changes_the_password_and_stays_logged_in(client, officer):
    client.force_login(officer)
    form = {
        "old_password": PASSWORD,
        "new_password1": "mat-khau-hoan-toan-moi",
        "new_password2": "mat-khau-hoan-toan-moi",
    }
    page = client.post("/doi-mat-khau/", form, follow=True)
    assert "Đã đổi mật khẩu." in page.text
    assert page.context["user"] == officer


def test_a_short_password_is_refused_at_its_field(client, officer):
    client.force_login(officer)
    page = client.post("/doi-mat-khau/", {"old_password": PASSWORD, "new_password1": "ngan", "new_password2": "ngan"})
    assert page.status_code == 200
    assert "new_password2" in page.context["form"].errors


# --- second factor ---------------------------------------------------------------------------------


@pytest.fixture
def strict(settings):
    settings.REQUIRE_TOTP = True


def code(device, *, later=0):
    return f"{totp(unhexlify(device.key), drift=later):06}"


@pytest.fixture
def enrolled(officer):
    return TOTPDevice.objects.create(user=officer, name="điện thoại", confirmed=True)


def test_without_the_setting_nobody_is_asked(client, officer):
    client.force_login(officer)
    assert client.get("/vao-viec/").url == "/quan-tri/"


def test_whoever_is_logged_in_owes_the_second_factor_everywhere(client, officer, strict):
    client.force_login(officer)
    assert client.get("/quan-tri/?x=1").url == "/xac-thuc/?next=%2Fquan-tri%2F%3Fx%3D1"
    assert client.post("/quan-tri/").url == "/xac-thuc/"
    assert client.get("/api/schema/").status_code == 403
    assert client.post("/dang-xuat/").status_code == 302


def test_the_public_is_not_asked(client, strict):
    assert client.get("/dang-nhap/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_phone_is_enrolled_once_with_its_first_code(client, judge, strict):
    client.force_login(judge)
    assert client.get("/xac-thuc/?next=/cham-diem/").url == "/xac-thuc/gan-dien-thoai/?next=%2Fcham-diem%2F"
    page = client.get("/xac-thuc/gan-dien-thoai/?next=/cham-diem/")
    device = TOTPDevice.objects.get(user=judge)
    assert not device.confirmed
    assert page.context["picture"].startswith("data:image/svg+xml")
    assert client.get("/xac-thuc/gan-dien-thoai/").context["key"] == page.context["key"]
    answer = client.post("/xac-thuc/gan-dien-thoai/", {"token": code(device), "next": "/cham-diem/"})
    assert answer.url == "/cham-diem/"
    device.refresh_from_db()
    assert device.confirmed
    assert AuditEntry.objects.get().action == "account.second_factor_added"
    assert client.get("/xac-thuc/gan-dien-thoai/").url.startswith("/xac-thuc/?")


def test_a_right_code_opens_the_portal_once(client, officer, enrolled, strict):
    client.force_login(officer)
    token = code(enrolled)
    assert client.post("/xac-thuc/", {"token": f"{token[:3]} {token[3:]}"}).url == reverse("after_login")
    assert client.get("/vao-viec/").url == "/quan-tri/"
    with pytest.raises(Refusal, match="Mã không đúng"):
        services.check_token(device=enrolled, token=token)


def test_a_wrong_code_is_told_at_its_field_and_slows_the_next_try(client, officer, enrolled, strict):
    client.force_login(officer)
    wrong = code(enrolled, later=100)
    assert "Mã không đúng" in client.post("/xac-thuc/", {"token": wrong}).text
    assert "Hãy đợi 1 giây" in client.post("/xac-thuc/", {"token": wrong}).text
    assert "Mã gồm đúng 6 chữ số" in client.post("/xac-thuc/", {"token": "12345"}).text


def test_the_second_factor_never_leads_out_of_the_portal(client, officer, enrolled, strict):
    client.force_login(officer)
    answer = client.post("/xac-thuc/", {"token": code(enrolled), "next": "https://noi-khac.example/"})
    assert answer.url == reverse("after_login")


def test_an_administrator_takes_a_lost_phone_off(officer, enrolled, administrator):
    assert services.remove_second_factor(user=officer, actor=administrator) is True
    assert not TOTPDevice.objects.exists()
    assert services.remove_second_factor(user=officer, actor=administrator) is False
    assert AuditEntry.objects.get().action == "account.second_factor_removed"


# --- the demo's accounts ---------------------------------------------------------------------------


def test_the_page_of_demo_accounts_exists_only_in_the_demo(client, settings):
    assert client.get("/tai-khoan-mau/").status_code == 404
    settings.DEMO = True
    page = client.get("/tai-khoan-mau/")
    assert page.status_code == 200
    for username in ("canbo.thainguyen", "lanhdao.thainguyen", "giamkhao7.thainguyen", "xa.tancuong", "quantri"):
        assert username in page.text
    assert all(does for _account, does in page.context["rows"])


# --- the scope a form gives a role ------------------------------------------------------------------


def scope_errors(**scope):
    form = GrantForm({"user": UserFactory().pk, "valid_from": "2026-11-01", **scope})
    form.is_valid()
    return dict(form.errors)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER])
def test_a_role_of_a_province_needs_it_and_no_region(role, province):
    assert scope_errors(role=role) == {"territory": ["Vai trò của tỉnh cần chọn tỉnh."]}
    assert scope_errors(role=role, territory=province.pk) == {}
    errors = scope_errors(role=role, territory=province.pk, region="north")
    assert errors == {"region": ["Vai trò này không theo khu vực. Hãy bỏ trống."]}


def test_a_commune_officer_needs_a_commune_of_the_province(province, other_province):
    here, elsewhere = CommuneFactory(territory=province), CommuneFactory(territory=other_province)
    errors = scope_errors(role=Role.COMMUNE_OFFICER, territory=province.pk)
    assert errors == {"commune": ["Vai trò này cần chọn xã."]}
    errors = scope_errors(role=Role.COMMUNE_OFFICER, territory=province.pk, commune=elsewhere.pk)
    assert errors == {"commune": ["Xã này không thuộc tỉnh đã chọn."]}
    assert scope_errors(role=Role.COMMUNE_OFFICER, territory=province.pk, commune=here.pk) == {}


def test_a_regional_role_takes_a_region_alone(province):
    assert scope_errors(role=Role.AGENCY_REGIONAL) == {"region": ["Vai trò này cần chọn khu vực."]}
    errors = scope_errors(role=Role.AGENCY_REGIONAL, region="north", territory=province.pk)
    assert errors == {"territory": ["Vai trò này không theo tỉnh. Hãy bỏ trống."]}


@pytest.mark.parametrize("role", [Role.AGENCY_NATIONAL, Role.ADMINISTRATOR])
def test_a_national_role_takes_no_scope_lest_it_reach_more_than_was_meant(role, province):
    assert scope_errors(role=role) == {}
    errors = scope_errors(role=role, territory=province.pk)
    assert errors == {"territory": ["Vai trò này không theo tỉnh. Hãy bỏ trống."]}
