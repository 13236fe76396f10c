"""What goes wrong is said in words: on a page to people, in JSON to programs."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/gi-do/", "/api/v1/certificates/"])
def test_a_program_that_asks_at_no_address_gets_a_sentence_in_json(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Không có dữ liệu ở địa chỉ này. Hãy xem lại địa chỉ hoặc số trang."}


def test_a_program_that_names_a_wrong_host_gets_a_sentence_in_json(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = client.get("/api/v1/products/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Địa chỉ hoặc dữ liệu gửi lên không đúng.")


def test_a_program_that_wants_no_json_is_told_so(client: Client) -> None:
    answer = client.get("/api/v1/products/", headers={"accept": "application/xml"})
    assert answer.status_code == 406
    assert answer.json() == {"detail": "API chỉ trả lời bằng JSON. Hãy gửi Accept: application/json."}


def test_a_person_at_no_address_gets_a_page(client: Client) -> None:
    answer = client.get("/gi-do/")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.content.decode()


@pytest.mark.parametrize("address", ["/healthz", "/tai-khoan-mau/", "/vao-viec/"])
def test_plain_pages_are_only_read(client: Client, address: str) -> None:
    assert client.options(address).status_code == 405
