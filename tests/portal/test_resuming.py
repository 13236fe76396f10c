"""A form posted after the session ended, or from a page left open too long, loses nothing that was typed."""

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from facilities.models import Facility
from portal.accounts import resuming
from portal.accounts.enums import Role

from .. import factories
from ..factories import FacilityFactory, staff

pytestmark = pytest.mark.django_db
SESSION = "sessionid"


@pytest.fixture
def facility(province):
    return FacilityFactory(territory=province, name="Cơ sở mẫu")


def enter(client, user, **more):
    return client.post("/dang-nhap/", {"username": user.username, "password": factories.PASSWORD, **more})


def lose_session(client):
    del client.cookies[SESSION]


def sealed_in(page):
    return page.context["kept"]


def lost_post(client, facility, **fields):
    lose_session(client)
    return client.post(reverse("admin:facilities_facility_change", args=[facility.pk]), fields)


def test_what_was_typed_comes_back_after_the_login_and_is_posted_to_the_same_page(client, officer, facility):
    enter(client, officer)
    address = reverse("admin:facilities_facility_change", args=[facility.pk])
    typed = {"introduction": "Làng chè\nba đời.", "name": "Cơ sở mẫu", "_save": "Lưu"}
    page = lost_post(client, facility, **typed)
    assert page.status_code == 401
    assert "Nội dung vẫn còn" in page.text
    answer = enter(client, officer, kept=sealed_in(page), next=address)
    assert answer.url == "/tiep-tuc/"
    offered = client.get("/tiep-tuc/")
    assert ("Giới thiệu", "Làng chè\nba đời.") in [
        (label[:1].upper() + label[1:], value) for label, value in offered.context["kept"].shown
    ]
    assert offered.context["kept"].path == address
    assert dict(offered.context["kept"].fields) == typed
    for name in typed:
        assert f'<input type="hidden" name="{name}"' in offered.text
    assert "csrfmiddlewaretoken" in offered.text


def test_a_saved_form_is_offered_no_more(client, officer, province):
    enter(client, officer)
    lose_session(client)
    page = client.post("/quan-tri/facilities/facility/add/", {"name": "Hợp tác xã mẫu"})
    enter(client, officer, kept=sealed_in(page))
    assert client.get("/tiep-tuc/").status_code == 200
    empty = {f"{prefix}-{part}": 0 for prefix in ("years", "contacts") for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"name": "Hợp tác xã mẫu", "kind": "cooperative", "territory": province.pk, **empty}
    answer = client.post("/quan-tri/facilities/facility/add/", form)
    assert answer.status_code == 302, answer.context["errors"]
    assert Facility.objects.filter(name="Hợp tác xã mẫu").count() == 1
    assert client.get("/tiep-tuc/").status_code == 302


def test_passwords_tokens_and_files_are_not_kept(client, officer, facility):
    enter(client, officer)
    page = lost_post(
        client,
        facility,
        name="Cơ sở",
        password1="bi-mat-lam",
        csrfmiddlewaretoken="x",
        otp_token="123456",
        file=SimpleUploadedFile("anh.jpg", b"\xff\xd8\xff"),
    )
    kept = resuming.unsealed(sealed_in(page))
    assert kept.fields == (("name", "Cơ sở"),)
    assert kept.files == ("anh.jpg",)
    enter(client, officer, kept=sealed_in(page))
    assert "Tệp anh.jpg không giữ được." in client.get("/tiep-tuc/").text


def test_a_wrong_password_loses_nothing(client, officer, facility):
    enter(client, officer)
    kept = sealed_in(lost_post(client, facility, name="Mới"))
    again = client.post("/dang-nhap/", {"username": officer.username, "password": "sai", "kept": kept})
    assert sealed_in(again) == kept
    assert enter(client, officer, kept=sealed_in(again)).url == "/tiep-tuc/"


def test_another_account_is_told_so_and_sees_nothing(client, officer, facility, province):
    enter(client, officer)
    kept = sealed_in(lost_post(client, facility, introduction="Chuyện riêng của người trước"))
    other = staff(Role.OFFICER, province)
    enter(client, other, kept=kept)
    page = client.get("/tiep-tuc/")
    assert page.status_code == 200
    assert "do một tài khoản khác nhập" in page.text
    assert "Chuyện riêng" not in page.text
    enter(client, officer, kept=sealed_in(page))
    assert "Chuyện riêng" in client.get("/tiep-tuc/").text


def test_what_is_kept_can_be_dropped(client, officer, facility):
    enter(client, officer)
    enter(client, officer, kept=sealed_in(lost_post(client, facility, name="Mới")))
    assert client.post("/tiep-tuc/").url == "/vao-viec/"
    assert client.get("/tiep-tuc/").url == "/vao-viec/"


@pytest.mark.parametrize(
    "forged",
    [
        "khong-phai-chu-ky",
        signing.dumps(["/quan-tri/", [["name", "x"]], [], ""]),
        signing.dumps(["/quan-tri/", [["name", "x"]], [], ""], salt="khác"),
    ],
    ids=["no signature", "no salt", "another salt"],
)
def test_nothing_is_posted_on_that_the_portal_did_not_seal_itself(client, officer, forged):
    assert enter(client, officer, kept=forged).url == "/vao-viec/"
    assert client.get("/tiep-tuc/").status_code == 302


def test_what_is_older_than_a_session_is_not_offered(client, officer, facility, monkeypatch):
    enter(client, officer)
    kept = sealed_in(lost_post(client, facility, name="Mới"))
    monkeypatch.setattr(resuming, "MAX_AGE", -1)
    assert enter(client, officer, kept=kept).url == "/vao-viec/"


def test_more_than_can_be_carried_goes_to_the_plain_login(client, officer, facility):
    enter(client, officer)
    assert lost_post(client, facility, introduction="a" * (resuming.MAX_LENGTH + 1)).status_code == 302


def test_programs_are_answered_as_before(client, facility):
    address = reverse("admin:facilities_facility_change", args=[facility.pk])
    assert client.post(address, {"a": 1}, content_type="application/json").status_code == 302


# --- a stale token ------------------------------------------------------------------------------------------


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def inside(strict, officer):
    strict.force_login(officer)
    strict.cookies["csrftoken"] = "a" * 32
    return strict


def stale_post(client, facility, origin="http://testserver"):
    address = reverse("admin:facilities_facility_change", args=[facility.pk])
    fields = {"introduction": "Làng chè ba đời", "csrfmiddlewaretoken": "b" * 32}
    return client.post(address, fields, headers={"Origin": origin})


def test_a_page_left_open_too_long_comes_back_with_what_was_typed(inside, facility):
    page = stale_post(inside, facility)
    assert page.status_code == 403
    assert "Làng chè ba đời" in page.text
    assert f'action="{reverse("admin:facilities_facility_change", args=[facility.pk])}"' in page.text


@pytest.mark.parametrize("origin", ["https://ke-gian.example", "null", ""])
def test_a_post_from_another_site_is_never_offered_again(inside, facility, origin):
    page = stale_post(inside, facility, origin)
    assert page.status_code == 403
    assert "Làng chè ba đời" not in page.text
    assert "Trang đã mở quá lâu" in page.text


def test_a_login_with_a_stale_token_repeats_no_name(inside):
    page = inside.post("/dang-nhap/", {"username": "canbo", "password": "x"}, headers={"Origin": "http://testserver"})
    assert page.status_code == 403
    assert 'value="canbo"' not in page.text


# --- going out ----------------------------------------------------------------------------------------------


def test_a_look_at_the_way_out_asks_with_a_button(client, officer):
    client.force_login(officer)
    page = client.get("/dang-xuat/")
    assert page.status_code == 200
    assert "data-logout" in page.text
    assert SESSION in client.cookies
    assert client.post("/dang-xuat/").status_code == 302
    assert "Bạn đã đăng xuất." in client.get("/dang-xuat/").text
