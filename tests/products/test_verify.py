"""The certificate check: what a code says today, on the poorest phone."""

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from products import codes
from products.enums import Stage
from products.models import Certificate
from tests.factories import CertificateFactory, DecisionFactory, RecognitionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def on_the_day():
    with time_machine.travel(dt.datetime(2026, 11, 21, 9, 52, tzinfo=dt.UTC), tick=False):
        yield


def certificate(**recognition: Any) -> Certificate:
    row = RecognitionFactory(**recognition)
    return CertificateFactory(recognition=row, code=codes.generate(row.level))


def checked(client: Client, code: str, status: int = 200) -> str:
    response = client.get(f"/tra-cuu/{code}/")
    assert response.status_code == status
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


@pytest.mark.parametrize(
    ("recognition", "slab", "words"),
    [
        ({}, "valid", "đến hết ngày 31/12/2027"),
        ({"expires_on": dt.date(2026, 12, 31)}, "expiring", "còn 40 ngày, đến hết ngày 31/12/2026"),
        ({"expires_on": dt.date(2026, 11, 21)}, "expiring", "hôm nay là ngày cuối"),
        ({"expires_on": dt.date(2024, 12, 31)}, "expired", "từ ngày 01/01/2025"),
        ({"expires_on": dt.date(2027, 12, 31), "expiry_precision": "year"}, "valid", "đến năm 2027"),
        ({"expires_on": dt.date(2024, 12, 31), "expiry_precision": "year"}, "expired", "từ năm 2025"),
        (
            {"revoked_on": dt.date(2026, 6, 15), "status_reason": "Vi phạm"},
            "revoked",
            "không còn giá trị từ 15/06/2026",
        ),
        ({"withdrawn_on": dt.date(2026, 6, 15), "status_reason": "Xin rút"}, "withdrawn", "từ ngày 15/06/2026"),
        ({"suspended_from": dt.date(2026, 11, 1), "status_reason": "Chờ"}, "suspended", "từ ngày 01/11/2026"),
        (
            {"suspended_from": dt.date(2026, 11, 1), "suspended_to": dt.date(2026, 12, 1), "status_reason": "Chờ"},
            "suspended",
            "từ 01/11/2026 đến hết 01/12/2026",
        ),
    ],
)
def test_each_state_has_its_slab_and_its_date(client, recognition: dict[str, Any], slab: str, words: str):
    text = checked(client, certificate(**recognition).code)
    assert f'class="slab slab--{slab}"' in text
    assert words in text


def test_it_shows_product_maker_level_decision_and_the_time_of_the_check(client):
    found = certificate(
        level="national", year=2025, round_ordinal=6, decision=DecisionFactory(number="2568", symbol="QĐ-BCT")
    )
    text = checked(client, found.code)
    product = found.recognition.product
    for said in (
        product.name,
        product.facility.name,
        "Cấp quốc gia, lần thứ VI, năm 2025",
        "2568/QĐ-BCT",
        codes.display(found.code),
        "Tra lúc 16:52 ngày 21/11/2026, giờ Việt Nam.",
    ):
        assert said in text


@pytest.mark.parametrize("typed", [str.lower, codes.display, lambda c: c.replace("0", "O"), " ".join])
def test_a_code_is_understood_however_it_is_typed(client, typed):
    found = CertificateFactory(recognition=RecognitionFactory(), code="T00000000" + codes.check_character("T00000000"))
    assert "slab--valid" in checked(client, typed(found.code))


def test_a_reissued_paper_points_to_the_one_in_use(client):
    old = certificate()
    old.superseded_on, old.superseded_reason = dt.date(2026, 1, 5), "Mất bản gốc"
    old.save()
    new = CertificateFactory(recognition=old.recognition, code=codes.generate("province"))
    text = checked(client, old.code)
    assert "slab--superseded" in text
    assert f"/tra-cuu/{codes.display(new.code)}/" in text
    assert "slab--valid" in checked(client, new.code)


def test_a_revocation_says_more_than_a_reissue(client):
    old = certificate(revoked_on=dt.date(2026, 6, 15), status_reason="Vi phạm")
    old.superseded_on, old.superseded_reason = dt.date(2026, 1, 5), "Mất bản gốc"
    old.save()
    assert "slab--revoked" in checked(client, old.code)


@pytest.mark.parametrize("code", ["khong-co", "Q-0000-0000-1", "%00", "a" * 300, "\u202e", "Q-7K2M-9XTA-3"])
def test_an_unknown_code_is_404_and_explains_mistyping(client, code):
    text = checked(client, code, 404)
    assert "Không có mã này" in text
    assert "Hãy xem lại các ký tự dễ lẫn." in text
    assert re.search(r"\bgiả\b", text) is None


@pytest.mark.parametrize(
    "recognition",
    [{"published_at": None}, {"stage": Stage.PROPOSED, "published_at": None, "issued_on": None, "expires_on": None}],
    ids=["not published", "only proposed"],
)
def test_what_is_not_published_is_unknown(client, recognition: dict[str, Any]):
    checked(client, certificate(**recognition).code, 404)


def test_what_looks_like_a_code_is_checked_and_anything_else_is_a_name(client):
    assert client.get("/tra-cuu/?ma=t0000 0000 0").url.startswith("/san-pham/?q=")
    assert client.get("/tra-cuu/?ma=Q-7K2M-9XTA-3").url == "/tra-cuu/Q-7K2M-9XTA-3/"
    assert client.get("/tra-cuu/?ma=q7k2m9xta3").url == "/tra-cuu/Q-7K2M-9XTA-3/"
    assert client.get("/tra-cuu/?ma=https://cong.vn/tra-cuu/Q-7K2M-9XTA-3/").url == "/tra-cuu/Q-7K2M-9XTA-3/"
    assert client.get("/tra-cuu/?ma=chè móc câu").url == "/san-pham/?q=ch%C3%A8+m%C3%B3c+c%C3%A2u"


def test_nothing_typed_is_said_at_the_field(client):
    assert "Chưa có mã." in unescape(client.get("/tra-cuu/?ma=").content.decode())
    assert "Chưa có mã." not in unescape(client.get("/tra-cuu/").content.decode())


def test_it_is_light_and_needs_no_script(client):
    response = client.get(f"/tra-cuu/{certificate().code}/")
    assert len(response.content) < 30_000
    assert b"hidden" in re.search(rb"<button[^>]*data-print[^>]*>", response.content).group()
