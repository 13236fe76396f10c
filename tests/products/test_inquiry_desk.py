"""Readers' letters at the desk and in the maker's inbox: who sees whom, and what may be done."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from products.enums import InquiryKind, InquiryState
from products.models import Inquiry
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, RepresentativeFactory, staff

pytestmark = pytest.mark.django_db
SENDER = "hoi@example.vn"


@pytest.fixture
def product(province):
    made = ProductFactory(name="Sản phẩm mẫu", facility=FacilityFactory(territory=province), territory=province)
    RecognitionFactory(product=made, territory=province)
    return made


def letter(product, kind=InquiryKind.ERROR, state=InquiryState.NEW, **more):
    facts = {"territory": product.territory, "email": SENDER, "message": "Sai tên.", "received_at": timezone.now()}
    facts |= {"facility": product.facility} if kind != InquiryKind.ERROR else {}
    facts |= {"passed_on_at": facts["received_at"]} if state == InquiryState.PASSED_ON else {}
    return Inquiry.objects.create(kind=kind, product=product, state=state, **(facts | more))


def page(client, user, row):
    client.force_login(user)
    return client.get(reverse("admin:inquiry", args=[row.uuid])).content.decode()


def act(client, user, row, key, **facts):
    client.force_login(user)
    return client.post(reverse("admin:inquiry", args=[row.uuid]), {"act": key, **facts})


def test_only_who_must_answer_sees_who_wrote(client, officer, leader, product):
    row = letter(product)
    extension = staff(Role.EXTENSION_OFFICER, product.territory)
    assert SENDER in page(client, officer, row)
    assert [SENDER in page(client, user, row) for user in (leader, extension)] == [False, False]
    at_the_maker = letter(product, InquiryKind.QUESTION, InquiryState.PASSED_ON)
    assert SENDER not in page(client, officer, at_the_maker)


def test_a_report_of_an_error_leads_to_the_product_and_is_closed_with_what_was_mended(client, officer, product):
    row = letter(product)
    assert reverse("admin:products_product_change", args=[product.pk]) in page(client, officer, row)
    assert act(client, officer, row, "xong", **{"xong-note": "Đã sửa tên."}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == (InquiryState.CLOSED, "Đã sửa tên.")


def test_an_empty_answer_is_said_at_its_field_and_leaders_only_read(client, officer, leader, product):
    row = letter(product)
    answer = act(client, officer, row, "tra-loi", **{"tra-loi-text": " "})
    assert answer.status_code == 400
    assert "Chưa có câu trả lời" in answer.content.decode()
    assert act(client, leader, row, "tra-loi", **{"tra-loi-text": "x"}).status_code == 403
    assert act(client, officer, row, "tra-loi", **{"tra-loi-text": "Đã sửa."}).status_code == 302
    assert act(client, officer, row, "tra-loi", **{"tra-loi-text": "Lần nữa."}).status_code == 409


def test_the_list_costs_the_same_for_any_number(client, officer, product):
    client.force_login(officer)
    client.get(reverse("admin:inquiries"))
    costs = []
    for number in (1, 2, 47):
        for _each in range(number):
            letter(product)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("admin:inquiries"))
        costs.append(len(found))
    assert len(set(costs)) == 1


def test_the_maker_reads_answers_and_settles_own_letters_only(client, product):
    speaker = RepresentativeFactory(facility=product.facility, territory=product.territory).user
    client.force_login(speaker)
    row, settled, junk = (letter(product, InquiryKind.QUESTION, InquiryState.PASSED_ON) for _each in range(3))
    foreign = letter(ProductFactory(facility=FacilityFactory()), InquiryKind.QUESTION, InquiryState.PASSED_ON)
    assert client.get(reverse("own_letter", args=[foreign.uuid])).status_code == 404
    assert "3 thư chờ trả lời" in client.get(reverse("my_facility")).content.decode()
    own = reverse("own_letter", args=[row.uuid])
    assert SENDER in client.get(own).content.decode()
    assert client.post(own, {"act": "tra-loi", "text": ""}).status_code == 400
    assert client.post(own, {"act": "tra-loi", "text": "Có giao."}).status_code == 302
    assert client.post(reverse("own_letter", args=[settled.uuid]), {"act": "ngoai-cong"}).status_code == 302
    assert client.post(reverse("own_letter", args=[junk.uuid]), {"act": "thu-rac"})["Location"] == reverse(
        "own_letters"
    )
    states = Inquiry.objects.filter(facility=product.facility).order_by("pk").values_list("state", flat=True)
    assert list(states) == [InquiryState.ANSWERED, InquiryState.CLOSED, InquiryState.REJECTED]


def test_the_inbox_costs_the_same_for_any_number(client, product):
    client.force_login(RepresentativeFactory(facility=product.facility, territory=product.territory).user)
    client.get(reverse("own_letters"))
    costs = []
    for number in (1, 2, 47):
        for _each in range(number):
            letter(product, InquiryKind.PURCHASE, InquiryState.PASSED_ON)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("own_letters"))
        costs.append(len(found))
    assert len(set(costs)) == 1


def test_what_the_maker_left_too_long_shows_the_sender_to_the_province(client, officer, product):
    long_ago = timezone.now() - dt.timedelta(days=30)
    row = letter(product, InquiryKind.QUESTION, InquiryState.PASSED_ON, passed_on_at=long_ago, received_at=long_ago)
    body = page(client, officer, row)
    assert SENDER in body
    assert "Cơ sở chưa trả lời trong 7 ngày làm việc" in body
