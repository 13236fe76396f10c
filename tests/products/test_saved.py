"""The saved list: its cookie, its page, its address, its files."""

import csv
import io
from html import unescape

import pytest
from django.test import Client

from products import saved
from products.models import Product
from tests.factories import ProductFactory, RecognitionFactory

ADD = "/da-luu/doi/"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.mark.parametrize(
    ("text", "keys"),
    [("", ()), ("3.1.2", (3, 1, 2)), ("1.1.2", (1, 2)), ("x.-1.0.5.٣.1e3", (5,)), ("9" * 19, ()), ("..", ())],
)
def test_reading_a_list_leaves_out_what_is_no_key(text, keys):
    assert saved.read(text) == keys


def test_a_list_is_written_as_it_is_read_and_never_longer_than_sixty():
    keys = tuple(range(1, 100))
    assert saved.read(saved.write(keys)) == keys[: saved.LONGEST]
    assert saved.read(saved.write((7, 3))) == (7, 3)


@pytest.fixture
def made(db) -> list[Product]:
    found = [ProductFactory(name=name) for name in ("Chè", "Gốm", "Miến dong")]
    for product in found:
        RecognitionFactory(product=product)
    return found


def page(client: Client, path: str = "/da-luu/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return unescape(answer.content.decode())


def test_saving_and_taking_out_without_scripts(client, made):
    answer = client.post(ADD, {"sp": made[1].pk, "act": "add"}, headers={"referer": "http://testserver/san-pham/?q=g"})
    assert answer.status_code == 303
    shown = page(client, answer["Location"])
    assert "Đã lưu. Danh sách có 1 sản phẩm." in shown
    assert 'href="/san-pham/?q=g">Về trang vừa xem' in shown
    assert "Gốm" in shown
    client.post(ADD, {"sp": made[0].pk})
    assert client.cookies[saved.COOKIE].value == f"{made[1].pk}.{made[0].pk}"
    client.post(ADD, {"sp": made[1].pk, "act": "remove"})
    assert client.cookies[saved.COOKIE].value == str(made[0].pk)
    client.post(ADD, {"act": "clear"})
    assert "Bạn chưa lưu sản phẩm nào." in page(client)


def test_scripts_are_told_in_words(client, made):
    answer = client.post(ADD, {"sp": made[0].pk}, **JSON)
    assert answer.json() == {"keys": str(made[0].pk), "sentence": "Đã lưu. Danh sách có 1 sản phẩm."}


def test_the_sixty_first_is_refused_in_words_and_the_list_stays(client, made):
    client.cookies[saved.COOKIE] = full = saved.write(range(10**9, 10**9 + 60))
    answer = client.post(ADD, {"sp": made[0].pk}, **JSON)
    assert answer.status_code == 409
    assert "nhiều nhất 60 sản phẩm" in answer.json()["sentence"]
    assert client.cookies[saved.COOKIE].value == full
    assert "nhiều nhất 60 sản phẩm" in client.post(ADD, {"sp": made[0].pk}).content.decode()


def test_only_public_products_can_be_saved(client, made):
    hidden = ProductFactory(name="Chưa công bố")
    answer = client.post(ADD, {"sp": hidden.pk}, **JSON)
    assert (answer.status_code, answer.json()["keys"]) == (409, "")


def test_another_site_cannot_change_the_list(client, made):
    answer = client.post(ADD, {"sp": made[0].pk}, headers={"origin": "https://khac.example"})
    assert answer.status_code == 403
    assert saved.COOKIE not in client.cookies
    assert client.post(ADD, {"sp": made[0].pk}, headers={"origin": "http://testserver"}).status_code == 303


def test_an_address_shows_the_list_of_whoever_sent_it_and_says_what_is_gone(client, made):
    client.cookies[saved.COOKIE] = str(made[0].pk)
    shown = page(client, f"/da-luu/?ds={made[2].pk}.{made[1].pk}.999999999")
    assert "Danh sách sản phẩm được gửi cho bạn" in shown
    assert shown.index("Miến dong</a>") < shown.index("Gốm</a>")
    assert "1 sản phẩm không còn trên cổng" in shown
    assert "Lưu cả danh sách này" in shown
    assert "không nêu sản phẩm nào" in page(client, "/da-luu/?ds=%00,x")


def test_the_way_back_never_leads_to_another_site(client, made):
    for path in ("//khac.example/", "https://khac.example/", "javascript:alert(1)", "/\\khac.example"):
        assert "Về trang vừa xem" not in page(client, f"/da-luu/?da=add&ve={path}")


def test_the_list_as_a_table_in_its_order(client, made, django_assert_max_num_queries):
    made[2].standards.create(kind="ocop", stars=4)
    client.cookies[saved.COOKIE] = f"{made[2].pk}.{made[0].pk}"
    with django_assert_max_num_queries(14):
        answer = client.get("/da-luu/?tai=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row["Tên sản phẩm"] for row in rows] == ["Miến dong", "Chè"]
    assert rows[0]["Hạng sao OCOP"] == "4"
    assert b"".join(client.get("/da-luu/?tai=xlsx")).startswith(b"PK")


def test_the_page_costs_the_same_for_1_and_50_products(client, db, django_assert_num_queries):
    keys = []
    for _number in range(50):
        product = ProductFactory()
        RecognitionFactory(product=product)
        keys.append(product.pk)
    for number in (1, 50):
        client.cookies[saved.COOKIE] = saved.write(keys[:number])
        client.get("/da-luu/")
        with django_assert_num_queries(3):
            client.get("/da-luu/")


def test_the_letter_that_is_offered_fits_a_mail_program(client, made):
    for product in made:
        product.name = f"{product.name} {'tên rất dài ' * 20}".strip()
        product.save()
    client.cookies[saved.COOKIE] = saved.write(product.pk for product in made)
    address = page(client).split('href="mailto:')[1].split('"')[0]
    assert len(address) < 1800
    assert f"ds%3D{made[0].pk}.{made[1].pk}.{made[2].pk}" in address
