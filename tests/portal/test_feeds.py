"""Atom: well formed, with identities that last, right in both languages, cheap for who has it already."""

import datetime as dt
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from facilities.enums import FacilityKind
from products.enums import Level, ProductGroup
from products.models import Product, RegisterMark
from rounds.enums import RoundState
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
NEWS, ROUNDS = "/tin/cong-nhan.atom", "/tin/ky-binh-chon.atom"


def read(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.content)


def titles(feed: Any) -> list[str]:
    return [entry.findtext("a:title", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]


def published(name: str, days_ago: int, **values: Any) -> Any:
    product = factories.ProductFactory(name=name, **values.pop("product", {}))
    return factories.RecognitionFactory(
        product=product, published_at=timezone.now() - dt.timedelta(days=days_ago), **values
    )


def test_newest_first_escaped_and_under_an_identity_that_outlives_the_address(client: Client, settings):
    settings.SITE_URL = "https://cong.example.vn"
    row = published("Bún <khô> & “miến”", 1, level=Level.NATIONAL, year=2025)
    published("Chè", 2)
    feed = read(client, NEWS)
    assert titles(feed) == [
        "Bún <khô> & “miến”, công nhận cấp quốc gia năm 2025", "Chè, công nhận cấp tỉnh năm 2024",
    ]  # fmt: skip
    first = feed.find("a:entry", ATOM)
    assert first.findtext("a:id", namespaces=ATOM) == f"urn:uuid:{row.uuid}"
    assert first.find("a:link", ATOM).get("href") == f"https://cong.example.vn/san-pham/{row.product.slug}/"
    Product.objects.filter(pk=row.product_id).update(slug="ten-khac")
    assert read(client, NEWS).find("a:entry", ATOM).findtext("a:id", namespaces=ATOM) == f"urn:uuid:{row.uuid}"


def test_narrowed_by_province_group_and_level(client: Client):
    row = published("Gốm", 1, level=Level.REGION, product={"group": ProductGroup.HANDICRAFT})
    published("Chè", 2, product={"group": ProductGroup.PROCESSING})
    for query in (f"province={row.territory.slug}", "group=handicraft", "level=region"):
        assert len(titles(read(client, f"{NEWS}?{query}"))) == 1, query
    assert client.get(f"{NEWS}?province=khong-co").status_code == 404
    own = read(client, f"{NEWS}?xau=1&level=region").find("a:id", ATOM).text
    assert own.endswith("/tin/cong-nhan.atom?level=region")


def test_what_the_public_may_not_see_is_no_news(client: Client):
    household = factories.FacilityFactory(kind=FacilityKind.HOUSEHOLD)
    published(
        "Hộ mẫu",
        1,
        product={"facility": household},
        year=2018,
        issued_on=dt.date(2018, 5, 1),
        revoked_on=dt.date(2020, 1, 1),
        status_reason="Mẫu",
        expires_on=dt.date(2021, 5, 1),
    )
    published("Bản nháp", 1).__class__.objects.filter(product__name="Bản nháp").update(published_at=None)
    assert titles(read(client, NEWS)) == []


def test_in_english_it_speaks_english_and_leads_to_english_pages(client: Client):
    row = published("Chè", 1, product={"name_en": "Tea"})
    feed = read(client, f"/en{NEWS}")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert feed.find("a:entry/a:link", ATOM).get("href").endswith(f"/en/san-pham/{row.product.slug}/")
    assert titles(feed)[0].startswith("Tea, ")


@pytest.mark.parametrize("address", [NEWS, ROUNDS])
def test_who_has_it_gets_304_until_something_is_published(client: Client, address):
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    published("Chè", 0)
    factories.RoundFactory(state=RoundState.RECEIVING, receiving_from=timezone.now(), name="Kỳ mới")
    assert client.get(address, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("address", [NEWS, ROUNDS])
def test_a_copy_is_asked_about_each_time(client: Client, address):
    answer = client.get(address)
    assert answer["Cache-Control"] == "public, no-cache"
    seen = client.get(address, headers={"if-none-match": answer["ETag"]})
    assert (seen.status_code, seen.content, seen["Cache-Control"]) == (304, b"", "public, no-cache")


def test_a_round_is_news_the_minute_it_opens(client: Client):
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "a" * 32, "number": 0})
    opens = dt.datetime(2026, 11, 21, 2, 30, tzinfo=dt.UTC)
    factories.RoundFactory(name="Kỳ mới", state=RoundState.RECEIVING, receiving_from=opens)
    told = []
    for moment in (opens - dt.timedelta(seconds=1), opens):
        with time_machine.travel(moment, tick=False):
            told.append(titles(read(client, ROUNDS)))
    assert told == [[], ["Nhận hồ sơ: Kỳ mới"]]


def test_a_round_is_news_when_it_opens_and_when_it_tells_its_result(client: Client):
    now = timezone.now()
    factories.RoundFactory(name="Kỳ kín", state=RoundState.DRAFT, receiving_from=now)
    factories.RoundFactory(name="Kỳ sắp mở", state=RoundState.RECEIVING, receiving_from=now + dt.timedelta(days=1))
    decision = factories.DecisionFactory()
    factories.RecognitionFactory(decision=decision)
    done = factories.RoundFactory(
        name="Kỳ xong", state=RoundState.ANNOUNCED, decision=decision,
        receiving_from=now - dt.timedelta(days=99), announced_at=now - dt.timedelta(days=1),
    )  # fmt: skip
    feed = read(client, ROUNDS)
    assert titles(feed) == ["Kết quả: Kỳ xong", "Nhận hồ sơ: Kỳ xong"]
    assert feed.find("a:entry/a:summary", ATOM).text == "1 sản phẩm được công nhận."
    ids = {entry.findtext("a:id", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)}
    assert len(ids) == 2
    assert f"urn:uuid:{done.uuid}" not in ids
