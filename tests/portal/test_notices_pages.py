"""The box of notices, the choices, and the one click that stops letters."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from facilities.models import Contact
from portal.audit.models import AuditEntry
from portal.notices import kinds, letters, queries, services
from portal.notices.enums import Channel
from portal.notices.models import Notice, NoticePreference, NoticeState
from rounds.enums import DossierState
from tests.factories import ContactFactory, DossierFactory, FacilityFactory, RepresentativeFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 7, 0, tzinfo=dt.UTC)
EXPIRY = "recognition_expiry"


@pytest.fixture(autouse=True)
def at(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def tell(*users, kind=EXPIRY, title="Tiêu đề", recipients=(), subject=None):
    services.plan(
        kind=kind,
        subject=subject or FacilityFactory(),
        users=users,
        recipients=recipients,
        due_on=TODAY,
        title=title,
        body="Nội dung.\n\nXem https://example.vn/x",
    )
    return Notice.objects.latest("pk")


# --- the box ----------------------------------------------------------------------------------------------------


def test_unread_notices_come_first_then_the_newest(signed_in, officer):
    for title in ("một", "hai", "ba"):
        tell(officer, title=title)
    Notice.objects.filter(title="ba").update(read_at=NOW)
    page = signed_in.get("/thong-bao/").content.decode()
    assert re.findall(r'notices__title">(\w+)<', page) == ["hai", "một", "ba"]
    assert "2 thông báo chưa đọc." in page


def test_an_empty_box_says_so(signed_in):
    assert "Chưa có thông báo nào cho bạn." in signed_in.get("/thong-bao/").content.decode()


def test_nobody_sees_anothers_notices(signed_in):
    person = RepresentativeFactory().user
    notice = tell(person, title="chuyện riêng")
    assert "chuyện riêng" not in signed_in.get("/thong-bao/").content.decode()
    assert signed_in.post(f"/thong-bao/{notice.uuid}/mo/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_given_up_is_not_shown(signed_in, officer):
    tell(officer)
    Notice.objects.update(state=NoticeState.DROPPED)
    assert "Tiêu đề" not in signed_in.get("/thong-bao/").content.decode()


def test_one_notice_is_marked_read(signed_in, officer):
    notice = tell(officer)
    assert signed_in.post(f"/thong-bao/{notice.uuid}/mo/").url == "/thong-bao/"
    assert queries.unread_count(officer, on=TODAY) == 0


def test_all_are_marked_read_at_once(signed_in, officer):
    for title in ("một", "hai"):
        tell(officer, title=title)
    page = signed_in.post("/thong-bao/da-doc/", follow=True).content.decode()
    assert "Đã đánh dấu 2 thông báo là đã đọc." in page
    assert queries.unread_count(officer, on=TODAY) == 0


def test_opening_leads_to_the_thing(client):
    dossier = DossierFactory(state=DossierState.SUBMITTED)
    person = RepresentativeFactory(facility=dossier.product.facility).user
    notice = tell(person, kind="dossier_concluded", subject=dossier)
    client.force_login(person)
    assert client.post(f"/thong-bao/{notice.uuid}/mo/", {"open": "1"}).url == f"/ho-so-cua-toi/{dossier.uuid}/"


def test_opening_what_is_out_of_reach_says_so(signed_in, officer):
    notice = tell(officer, kind="dossier_concluded", subject=DossierFactory())
    response = signed_in.post(f"/thong-bao/{notice.uuid}/mo/", {"open": "1"}, follow=True)
    assert "Việc này không còn mở được bằng tài khoản của bạn." in response.content.decode()


def test_the_header_says_how_many_are_unread(signed_in, officer):
    tell(officer)
    assert "1 chưa đọc" in signed_in.get("/thong-bao/lua-chon/").content.decode()


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_box_costs_the_same_for_any_number(signed_in, officer, django_assert_num_queries, number):
    for each in range(number):
        tell(officer, title=f"tin {each}")
    signed_in.get("/thong-bao/")  # the register of provinces is kept from here on
    with django_assert_num_queries(8):  # session, user, grants, seats, facilities; count, rows, unread
        signed_in.get("/thong-bao/")


# --- the choices -------------------------------------------------------------------------------------------------


def test_choices_are_saved_and_legal_kinds_are_locked(client):
    person = RepresentativeFactory().user
    client.force_login(person)
    page = client.get("/thong-bao/lua-chon/").content.decode()
    assert "Yêu cầu bổ sung hồ sơ" in page
    assert 'name="supplement_requested"' not in page
    offered = {choice.kind.code: choice.channel for choice in queries.choices_of(person, on=TODAY) if not choice.locked}
    response = client.post("/thong-bao/lua-chon/", {**offered, EXPIRY: Channel.DIGEST}, follow=True)
    assert "Đã lưu cách nhận thông báo." in response.content.decode()
    assert list(NoticePreference.objects.values_list("kind", "channel")) == [(EXPIRY, Channel.DIGEST)]


def test_a_wrong_choice_is_refused_in_words(signed_in):
    response = signed_in.post("/thong-bao/lua-chon/", {EXPIRY: "bồ câu"})
    assert response.status_code == 400
    assert "Không có cách nhận này." in response.content.decode()
    assert not NoticePreference.objects.exists()


def test_who_has_no_address_is_told_that_nothing_is_mailed(client):
    client.force_login(UserFactory(email=""))
    assert "chưa có địa chỉ thư điện tử" in client.get("/thong-bao/lua-chon/").content.decode()


# --- letters ----------------------------------------------------------------------------------------------------


def letter_to(*users, recipients=(), kind=EXPIRY):
    notice = tell(*users, kind=kind, recipients=recipients)
    services.send_due(now=NOW)
    return notice, mail.outbox[-1]


def stop_path(letter):
    return re.search(r"<https?://[^/]+(/thong-bao/ngung/[^>]+)>", letter.extra_headers["List-Unsubscribe"])[1]


def test_a_letter_is_text_and_html_without_pictures(officer):
    _notice, letter = letter_to(officer)
    assert letter.body.startswith("Nội dung.\n")
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert '<a href="https://example.vn/x"' in html
    assert "<img" not in html


def test_what_people_wrote_cannot_break_the_html(officer):
    services.plan(
        kind=EXPIRY,
        subject=FacilityFactory(),
        users=[officer],
        due_on=TODAY,
        title="<b>x</b>",
        body="<script>y</script>",
    )
    services.send_due(now=NOW)
    html = mail.outbox[-1].alternatives[0].content
    assert "<script>" not in html
    assert "<b>x</b>" not in html
    assert "<script>y</script>" in mail.outbox[-1].body


def test_a_letter_names_its_way_out(officer):
    _notice, letter = letter_to(officer)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop_path(letter) in letter.body
    assert officer.email not in stop_path(letter)


@pytest.mark.parametrize("kind", ["supplement_requested", "representative_approved"])
def test_a_legal_letter_has_no_way_out(officer, kind):
    notice, letter = letter_to(officer, kind=kind)
    assert "List-Unsubscribe" not in letter.extra_headers
    assert "không tắt được" in letter.body
    assert Client().get(reverse("notices_stop", args=[letters.token_of(notice)])).status_code == 404


# --- the way out --------------------------------------------------------------------------------------------------


def test_opening_the_way_out_changes_nothing_and_says_whose_nothing(client, officer):
    _notice, letter = letter_to(officer)
    page = client.get(stop_path(letter))
    assert page.status_code == 200
    assert officer.email not in page.content.decode()
    assert str(officer) not in page.content.decode()
    assert not NoticePreference.objects.exists()


def test_one_click_stops_letters_without_login_or_form_token(officer):
    _notice, letter = letter_to(officer)
    machine = Client(enforce_csrf_checks=True)
    response = machine.post(stop_path(letter), {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert NoticePreference.objects.get().channel == Channel.PORTAL
    tell(officer)
    assert services.send_due(now=NOW).sent == 0


def test_stopping_twice_is_stopping_once(client, officer):
    _notice, letter = letter_to(officer)
    for _each in range(2):
        assert client.post(stop_path(letter)).status_code == 200
    assert AuditEntry.objects.filter(action="notice.choice").count() == 1


def test_a_facility_without_an_account_stops_letters_too(client):
    contact = ContactFactory(value="CoSo@example.vn", may_publish=True)
    other = ContactFactory(value="khac@example.vn")
    _notice, letter = letter_to(recipients=["coso@example.vn"])
    waiting = tell(recipients=["coso@example.vn"])
    client.post(stop_path(letter))
    contact.refresh_from_db()
    assert (contact.may_notify, contact.may_publish) == (False, True)
    assert list(Contact.objects.filter(may_notify=True)) == [other]
    entry = AuditEntry.objects.get(action="facility.letters_stopped")
    assert entry.sentence == f"Người nhận của cơ sở {contact.facility.name} bấm ngừng nhận thư nhắc."
    waiting.refresh_from_db()
    assert waiting.state == NoticeState.DROPPED


def test_from_a_digest_every_kind_in_it_stops(client, officer):
    from portal.notices import digests

    NoticePreference.objects.create(user=officer, kind=EXPIRY, channel=Channel.DIGEST, changed_at=NOW)
    tell(officer)
    digests.gather(on=TODAY)
    services.send_due(now=NOW)
    client.post(stop_path(mail.outbox[-1]))
    assert NoticePreference.objects.get().channel == Channel.PORTAL


@pytest.mark.parametrize("change", [lambda token: token[:-1] + "x", lambda _token: "khong-co", lambda token: token[1:]])
def test_a_token_the_portal_did_not_sign_opens_nothing(client, officer, change):
    notice = tell(officer)
    address = reverse("notices_stop", args=[change(letters.token_of(notice))])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_a_bare_address_of_an_unnamed_kind_gets_no_way_out():
    notice = tell(kind="other", recipients=["a@example.vn"])
    services.send_due(now=NOW)
    assert "List-Unsubscribe" not in mail.outbox[-1].extra_headers
    assert kinds.get(notice.kind).label == "other"
