"""Published totals on English pages: told in English, or marked as the Vietnamese words of their source."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from portal.pages.statistics_words import meaning
from products.models import PublishedFigure
from tests import factories as make

pytestmark = pytest.mark.django_db
SOURCE = "Báo Cao Bằng điện tử"
CONTRADICTION = "Nguồn mâu thuẫn: 850 + 900 = 1.750."
FIGURES: list[dict[str, Any]] = [
    {"what": "đề án khuyến công", "measure": "projects", "value": 44, "unit": "đề án"},
    {"what": "đề án khuyến công cấp tỉnh", "measure": "projects", "value": 24, "unit": "đề án"},
    {"what": "đề án khuyến công quốc gia", "measure": "projects", "value": 20, "unit": "đề án"},
    {"what": "tổng kinh phí", "measure": "funds", "value": "12.31", "value_text": "12,31", "unit": "tỷ đồng"},
    {"what": "kinh phí", "measure": "funds", "value": 1075, "unit": "triệu đồng", "note": CONTRADICTION},
    {"what": "đề nghị khuyến công quốc gia", "measure": "funds", "value": 700, "unit": "triệu đồng"},
    {"what": "kinh phí máy móc", "measure": "funds", "value": "11.8", "value_text": "gần 11,8", "precision": "almost",
     "unit": "tỷ đồng"},
    {"what": "sản phẩm đạt", "measure": "recognised", "level": "national", "place": "Cả nước", "period": "2021 (lần IV)",
     "value": 200, "unit": "sản phẩm", "year_from": 2021, "year_to": 2021},
    {"what": "tỷ lệ sản phẩm được hỗ trợ sau công nhận", "measure": "other", "place": "Cả nước", "period": "10 năm",
     "value": 80, "value_text": "trên 80", "precision": "over", "unit": "%", "year_from": None, "year_to": None},
]  # fmt: skip
WAY = (("registered", "province", 353), ("recognised", "province", 189), ("recognised", "region", 35),
       ("recognised", "national", 14))  # fmt: skip
ADDRESSES = ("khuyen-cong", "da-cong-bo", "tu-tinh-len-quoc-gia", "ho-tro-va-phan-phoi", "ky-binh-chon")
VIETNAMESE = (
    "tỷ đồng", "triệu đồng", "đề án", "gần", "Nguồn", SOURCE, "(cũ)", "lần IV", "10 năm", "sản phẩm", "kinh phí",
)  # fmt: skip


@pytest.fixture(autouse=True)
def figures() -> None:
    plain = {"place": "Cao Bằng", "period": "2018-2022", "year_from": 2018, "year_to": 2022, "source": SOURCE}
    for facts in FIGURES:
        told = plain | {"value_text": str(facts["value"])} | facts
        PublishedFigure.objects.create(**told | {"value": Decimal(facts["value"])})
    way = plain | {"place": "Đồng Tháp (cũ)", "note": "Hai nguồn khác nhau."}
    for measure, level, value in WAY:
        PublishedFigure.objects.create(
            **way, measure=measure, level=level, value=value, value_text=str(value), what=f"sản phẩm {level} {measure}"
        )
    make.RecognitionFactory()


def own_words(page: str) -> str:
    """A page without the parts that it marks as Vietnamese, of its main part."""
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    assert main
    return unescape(re.sub(r"<(\w+)[^>]*\slang=\"vi\"[^>]*>.*?</\1>", "", main[0], flags=re.DOTALL))


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_vietnamese_words_of_a_source_stand_unmarked_on_an_english_page(client: Client, address: str) -> None:
    text = own_words(client.get(f"/en/thong-ke/{address}/").content.decode())
    assert [words for words in VIETNAMESE if words in text] == []


def test_amounts_are_told_in_the_words_of_the_page(client: Client) -> None:
    text = own_words(client.get("/en/thong-ke/khuyen-cong/").content.decode())
    for amount in ("VND 12.31 billion", "VND 1,075 million", "almost VND 11.8 billion", "44 projects"):
        assert amount in text
    assert f'<span lang="vi">{CONTRADICTION}</span>' in client.get("/en/thong-ke/khuyen-cong/").content.decode()
    vietnamese = client.get("/thong-ke/khuyen-cong/").content.decode()
    assert f"tổng kinh phí 12,31 tỷ đồng. Nguồn: {SOURCE}." in vietnamese
    assert "kinh phí máy móc gần 11,8 tỷ đồng" in vietnamese


def test_totals_of_one_place_and_period_are_told_apart_by_their_funding() -> None:
    found = PublishedFigure.objects.filter(place="Cao Bằng").order_by("pk")
    assert [meaning(figure) for figure in found] == [figure.what for figure in found]
    with translation.override("en"):
        told = [meaning(figure) for figure in found]
    assert told[1:3] == [f"{told[0]}, local industrial extension", f"{told[0]}, national industrial extension"]
    assert told[5] == f"{told[3]}, requested, national industrial extension"
    assert len(set(told)) == len(told) - 1
