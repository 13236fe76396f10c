"""What goes wrong is said in words: on a page to people, in JSON to programs."""

import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests import factories

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


# --- an address that leads nowhere ------------------------------------------------------------------------------


def public(name: str, **values: Any) -> Any:
    product = factories.ProductFactory(name=name, **values)
    factories.RecognitionFactory(product=product)
    return product


def offered(client: Client, address: str) -> tuple[list[str], str]:
    """The products and the section that the page offers."""
    answer = client.get(address)
    assert answer.status_code == 404
    html = answer.content.decode()
    section = re.search(r'Có lẽ bạn tìm mục: <a href="([^"]+)"', html)
    return re.findall(r'card__name"><a href="/san-pham/([^/]+)/"', html), section[1] if section else ""


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/san-pham/mien-dong-na-ri-cu/", "/san-pham/"),
        ("/san-pham/mien-dong-na-ri-2/", "/san-pham/"),
        ("/sanpham/Mien-Dong", "/san-pham/"),
        ("/products/mien-dogn-na-ri/", "/san-pham/"),
        ("/mien-dong-na-ri", ""),
    ],
)
def test_products_with_the_words_of_the_address_are_offered(client: Client, address: str, section: str) -> None:
    near = public("Miến dong Na Rì")
    public("Chè Tân Cương")
    assert offered(client, address) == ([near.slug], section)


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/thongke/", "/thong-ke/"),
        ("/ban-do/khong-co/", "/ban-do/"),
        ("/ki-binh-chon/x/", "/ky-binh-chon/"),
        ("/wp-login.php", ""),
        ("/%ff%00/", ""),
        ("/" + "x" * 3000, ""),
    ],
)
def test_a_section_written_wrong_is_named(client: Client, address: str, section: str) -> None:
    assert offered(client, address) == ([], section)


def test_what_left_public_view_is_offered_nowhere_and_answers_like_what_never_was(client: Client) -> None:
    factories.ProductFactory(name="Rượu giấu kín", slug="ruou-giau-kin")
    known, never = client.get("/san-pham/ruou-giau-kin/"), client.get("/san-pham/ruou-nau-kin/")
    assert (known.status_code, never.status_code) == (404, 404)
    assert known.content.replace(b"giau", b"nau") == never.content


def test_the_page_of_a_fault_comes_without_the_database(client: Client) -> None:
    def refuse(*_args: Any) -> Any:
        raise OperationalError("gone")

    client.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        for address, words in (("/", "Hệ thống đang gặp lỗi"), ("/en/", "The system has met an error")):
            answer = client.get(address)
            assert answer.status_code == 500
            assert words in answer.content.decode()
        assert client.get("/san-pham-x/mien/").status_code == 404
