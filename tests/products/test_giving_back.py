"""The maker's page to ask that a recognition be withdrawn."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from products import services
from products.models import Recognition, WithdrawalRequest
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 20, 3, tzinfo=dt.UTC)


@pytest.fixture
def row() -> Recognition:
    return factories.RecognitionFactory(expires_on=dt.date(2099, 12, 31))


@pytest.fixture
def maker(client: Client, row: Recognition) -> Client:
    client.force_login(factories.RepresentativeFactory(facility=row.product.facility).user)
    return client


def address(row: Recognition) -> str:
    return reverse("ask_withdrawal", args=[row.uuid])


def test_it_says_what_follows_and_sends_the_request(maker: Client, row: Recognition) -> None:
    assert "Không khôi phục được." in maker.get(address(row)).content.decode()
    empty = maker.post(address(row), {"reason": ""})
    assert (empty.status_code, empty.context["form"].errors["reason"]) == (
        400,
        ["Việc này cần lý do. Hãy ghi lý do."],
    )
    sent = maker.post(address(row), {"reason": "Ngừng làm"}, follow=True)
    assert "đang chờ cán bộ xác nhận" in sent.content.decode()
    asked = WithdrawalRequest.objects.get()
    assert (asked.recognition, asked.reason, asked.state) == (row, "Ngừng làm", "asked")
    row.refresh_from_db()
    assert row.withdrawn_on is None


def test_a_second_press_takes_the_request_back(maker: Client, row: Recognition) -> None:
    maker.post(address(row), {"reason": "Ngừng làm"})
    maker.post(address(row))
    assert WithdrawalRequest.objects.get().state == "taken_back"


def test_the_officers_no_is_shown_with_its_reason(maker: Client, row: Recognition, officer: object) -> None:
    asked = services.ask_withdrawal(recognition=row, reason="Nhầm", actor=factories.UserFactory(), now=NOW)
    services.answer_withdrawal(request=asked, confirm=False, reason="Chưa đủ giấy", actor=officer, now=NOW)
    assert "Chưa đủ giấy" in maker.get(address(row)).content.decode()


def test_what_has_ended_is_not_asked_for(maker: Client, row: Recognition, officer: object) -> None:
    services.withdraw(recognition=row, on=dt.date(2025, 1, 1), reason="x", actor=officer)
    assert "Công nhận này đã rút từ 01/01/2025." in maker.get(address(row)).content.decode()
    late = maker.post(address(row), {"reason": "Lần nữa"})
    assert (late.status_code, WithdrawalRequest.objects.count()) == (400, 0)


def test_anothers_recognition_does_not_exist(client: Client, row: Recognition) -> None:
    client.force_login(factories.RepresentativeFactory().user)
    assert client.get(address(row)).status_code == 404
