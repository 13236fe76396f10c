"""What a visitor meets who writes: the forms, what stops a program, the sender's own page."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from portal.audit.models import AuditEntry
from products import robots
from products.enums import InquiryKind, InquiryState
from products.models import Inquiry
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory

pytestmark = pytest.mark.django_db
ERROR = {"about": "name", "message": "Tên đúng là Mỳ Chũ Nam Dương.", "source": "Nhãn sản phẩm"}
QUESTION = {"message": "Có giao đi Huế không?", "name": "Người hỏi mẫu", "email": "hoi@example.vn", "consent": "on"}
PURCHASE = {
    "quantity": "500 hộp",
    "destination": "Nhật Bản",
    "name": "Người mua mẫu",
    "email": "mua@example.vn",
    "consent": "on",
}


@pytest.fixture
def product():
    maker = FacilityFactory(name="Cơ sở mẫu An Bình")
    made = ProductFactory(name="Sản phẩm mẫu Mỳ Chũ", facility=maker, territory=maker.territory)
    RecognitionFactory(product=made, territory=maker.territory)
    return made


def seal(*, ago: dt.timedelta = dt.timedelta(minutes=1)) -> str:
    return robots.sealed(robots.new_ticket(timezone.now() - ago))


def send(client, url, facts, **more):
    return client.post(url, {robots.SEAL: seal(), **facts, **more})


def sum_of(body: str) -> tuple[str, str]:
    """The seal on a page that asks a sum, and the right answer in words."""
    sealed = re.search(rf'name="{robots.SEAL}" value="([^"]+)"', body)[1]
    ticket = robots.unsealed(sealed)
    return sealed, str(robots.NUMBERS[ticket.first + ticket.second])


def test_a_report_of_an_error_becomes_one_letter_and_leads_to_its_own_page(client, product):
    answer = send(client, reverse("report_error", args=[product.slug]), ERROR)
    letter = Inquiry.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("inquiry_sent", args=[letter.uuid]))
    assert (letter.kind, letter.about, letter.state) == (InquiryKind.ERROR, "name", InquiryState.NEW)
    assert letter.message == "Tên đúng là Mỳ Chũ Nam Dương.\n\nNguồn: Nhãn sản phẩm"
    page = client.get(answer["Location"])
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "Tên đúng là Mỳ Chũ" in page.content.decode()


def test_one_form_sent_twice_is_one_letter(client, product):
    url, facts = reverse("request_purchase", args=[product.slug]), PURCHASE | {robots.SEAL: seal()}
    first, second = client.post(url, facts), client.post(url, facts)
    assert first["Location"] == second["Location"]
    assert Inquiry.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("report_error", ERROR | {"about": "x"}, "about"),
        ("report_error", ERROR | {"message": " \n "}, "message"),
        ("report_error", ERROR | {"message": "a\x00b"}, "message"),
        ("ask_maker", QUESTION | {"email": "khong-phai-thu"}, "email"),
        ("ask_maker", QUESTION | {"email": "", "phone": ""}, "email"),
        ("ask_maker", QUESTION | {"phone": "không có"}, "phone"),
        ("ask_maker", QUESTION | {"consent": ""}, "consent"),
        ("ask_maker", QUESTION | {"message": "dài " * 1000}, "message"),
        ("request_purchase", PURCHASE | {"wanted_by": "2001-01-01"}, "wanted_by"),
        ("request_purchase", PURCHASE | {"wanted_by": "31/02/2027"}, "wanted_by"),
        ("request_purchase", PURCHASE | {"quantity": "x" * 121}, "quantity"),
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(client, product, wrong, language):
    name, facts, field = wrong
    with translation.override(language):
        url = reverse(name, args=[product.slug])
    answer = send(client, url, facts)
    body = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in body
    typed = [value for key, value in facts.items() if key in {"message", "name", "quantity"} and value.strip()]
    assert all(value.strip() in body for value in typed)
    assert not Inquiry.objects.exists()


def test_personal_data_needs_consent_and_a_report_without_any_needs_none(client, product):
    url = reverse("report_error", args=[product.slug])
    assert send(client, url, ERROR | {"email": "toi@example.vn"}).status_code == 400
    assert send(client, url, ERROR | {"email": "toi@example.vn", "consent": "on"}).status_code == 302
    assert send(client, url, ERROR).status_code == 302


def test_a_letter_to_the_portal_goes_to_the_province_that_was_chosen(client, product):
    url = reverse("contact")
    send(client, url, {"message": "Góp ý cho tỉnh.", "territory": product.territory.slug})
    send(client, url, {"message": "Góp ý cho cổng.", "territory": ""})
    assert list(Inquiry.objects.order_by("pk").values_list("territory", flat=True)) == [product.territory_id, None]
    assert send(client, url, {"message": "x", "territory": "khong-co"}).status_code == 400


@pytest.mark.parametrize("name", ["report_error", "ask_maker", "request_purchase", "write_facility"])
def test_nobody_writes_about_what_the_public_does_not_see(client, name):
    hidden = ProductFactory(facility=FacilityFactory())
    slug = hidden.facility.slug if name == "write_facility" else hidden.slug
    assert client.get(reverse(name, args=[slug])).status_code == 404


def test_a_page_open_since_the_token_ended_brings_back_what_was_typed(product):
    guarded = Client(enforce_csrf_checks=True)
    facts = QUESTION | {robots.SEAL: seal()}
    answer = guarded.post(reverse("ask_maker", args=[product.slug]), facts, HTTP_ORIGIN="http://testserver")
    body = answer.content.decode()
    assert answer.status_code == 403
    assert all(f'value="{value}"' in body for value in facts.values())


# --- what stops a program, each with its control ------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "control"),
    [
        ({robots.SEAL: ""}, {}),
        ({robots.SEAL: "made:up"}, {}),
        ({"too_fast": dt.timedelta(seconds=1)}, {"too_fast": robots.FASTEST + dt.timedelta(seconds=1)}),
        ({robots.TRAP: "https://example.org"}, {robots.TRAP: ""}),
        ({"message": "http://a.vn http://b.vn http://c.vn"}, {"message": "http://a.vn http://b.vn"}),
    ],
)
def test_what_looks_like_a_program_is_asked_a_sum_and_goes_on_with_it(client, product, sign, control):
    url = reverse("ask_maker", args=[product.slug])

    def form(more):
        ago = more.get("too_fast", dt.timedelta(minutes=1))
        return {robots.SEAL: seal(ago=ago), **QUESTION, **more}

    asked = client.post(url, form(sign))
    body = asked.content.decode()
    assert asked.status_code == 400
    assert not Inquiry.objects.exists()
    assert QUESTION["name"] in body
    sealed, total = sum_of(body)
    wrong = client.post(url, form(sign) | {robots.SEAL: sealed, robots.SUM: "99"})
    assert wrong.status_code == 400
    sealed, total = sum_of(wrong.content.decode())
    assert client.post(url, form(sign) | {robots.SEAL: sealed, robots.SUM: total}).status_code == 302
    cache.clear()
    assert client.post(url, form(control)).status_code == 302
    assert Inquiry.objects.count() == 2


def test_a_page_left_open_for_a_day_is_sent_by_pressing_once_more(client, product):
    url = reverse("ask_maker", args=[product.slug])
    asked = client.post(url, QUESTION | {robots.SEAL: seal(ago=robots.OLDEST + dt.timedelta(minutes=1))})
    body = asked.content.decode()
    assert asked.status_code == 400
    assert QUESTION["message"] in body
    assert robots.SUM not in body
    sealed = re.search(rf'name="{robots.SEAL}" value="([^"]+)"', body)[1]
    assert client.post(url, QUESTION | {robots.SEAL: sealed}).status_code == 302


@pytest.mark.parametrize("limit", ["FROM_ONE", "TO_ONE", "SAME_TEXT"])
def test_more_than_the_limit_is_asked_a_sum_and_others_are_spared(client, product, monkeypatch, limit):
    same_address, same_target, same_text = limit == "FROM_ONE", limit == "TO_ONE", limit == "SAME_TEXT"
    for name in ("FROM_ONE", "TO_ONE", "SAME_TEXT"):
        monkeypatch.setattr(robots, name, 2 if name == limit else 100)
    ask, tell = reverse("ask_maker", args=[product.slug]), reverse("contact")

    def nth(number):
        url = ask if same_target or number % 2 else tell
        words = "Cùng một nội dung" if same_text else f"Nội dung thứ {number}"
        address = "10.0.0.1" if same_address else f"10.0.0.{number}"
        facts = QUESTION | {"message": words, robots.SEAL: seal()}
        return client.post(url, facts, REMOTE_ADDR=address).status_code

    assert [nth(number) for number in (1, 2, 3)] == [302, 302, 400]
    other = QUESTION | {"message": "Người khác viết.", robots.SEAL: seal()}
    assert client.post(reverse("contact"), other, REMOTE_ADDR="10.9.9.9").status_code == 302
    monkeypatch.setattr(robots, limit, 100)
    assert nth(4) == 302


def test_hundreds_from_one_address_wait_with_their_words_kept(client, product, monkeypatch):
    monkeypatch.setattr(robots, "MOST_FROM_ONE", 1)
    url = reverse("ask_maker", args=[product.slug])
    assert send(client, url, QUESTION).status_code == 302
    answer = send(client, url, QUESTION)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= robots.HOUR
    assert QUESTION["message"] in answer.content.decode()
    other = QUESTION | {"message": "Người khác viết.", robots.SEAL: seal()}
    assert client.post(url, other, REMOTE_ADDR="10.1.1.1").status_code == 302


def test_letters_come_when_the_cache_does_not_answer(client, product, monkeypatch):
    monkeypatch.setattr(robots, "cache", None)
    assert send(client, reverse("ask_maker", args=[product.slug]), QUESTION).status_code == 302


@pytest.mark.parametrize(("answer", "solved"), [("12", True), ("mười hai", True), ("Muoi Hai", True), ("13", False)])
def test_a_sum_is_answered_in_figures_or_words(answer, solved):
    ticket = robots.Ticket(robots.uuid4(), timezone.now(), 5, 7)
    assert ticket.is_solved(answer) is solved


# --- the sender's own page ------------------------------------------------------------------------------------


def test_the_sender_erases_the_letter_at_once(client, product):
    page = send(client, reverse("ask_maker", args=[product.slug]), QUESTION)["Location"]
    assert client.post(page)["Location"] == page
    letter = Inquiry.objects.get()
    assert (letter.name, letter.email, letter.message, letter.state) == ("", "", "", InquiryState.CLOSED)
    assert letter.erased_at is not None
    assert QUESTION["message"] not in client.get(page).content.decode()


def test_nothing_of_who_wrote_stands_in_the_audit(client, product):
    page = send(client, reverse("ask_maker", args=[product.slug]), QUESTION)["Location"]
    client.post(page)
    rows = AuditEntry.objects.filter(action__startswith="inquiry.")
    assert [row.action for row in rows.order_by("pk")] == ["inquiry.received", "inquiry.taken_back"]
    told = " ".join(f"{row.sentence} {row.subject_label} {row.reason} {row.data} {row.ip}" for row in rows)
    assert not any(word in told for word in ("Người hỏi mẫu", "example.vn", "Huế", "127.0.0.1"))


def test_a_letter_nobody_wrote_is_not_there(client):
    assert client.get(reverse("inquiry_sent", args=[robots.uuid4()])).status_code == 404
