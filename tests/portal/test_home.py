"""The home page."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from products import register
from products.models import Product, PublishedFigure
from rounds.enums import RoundState
from tests.factories import (
    DecisionFactory,
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    RoundFactory,
    SuccessionFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def home(client: Client, query: str = "") -> str:
    response = client.get(f"/{query}")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def figure(year: int, value: int, **changes: object) -> PublishedFigure:
    facts = {
        "place": "Cả nước",
        "period": str(year),
        "year_from": year,
        "year_to": year,
        "what": "sản phẩm đạt cấp quốc gia",
        "measure": "recognised",
        "level": "national",
        "value": value,
        "value_text": str(value),
        "source": "Bản tin",
    }
    return PublishedFigure.objects.create(**{**facts, **changes})


def test_an_empty_portal_still_opens_and_says_what_to_do(client):
    text = home(client)
    assert "Chưa có sản phẩm nào được công bố." in text
    assert "Chưa có kỳ bình chọn nào được công khai." in text


def test_published_totals_of_single_rounds_are_added_and_named_as_published(client):
    figure(2023, 173)
    figure(2025, 108)
    figure(2015, 800, year_to=2025, period="2015-2025", measure="recognised_cumulative")
    figure(2025, 9, place="Cao Bằng", territory=TerritoryFactory())
    text = home(client)
    assert '<p class="figure__value">281</p>' in text
    assert '<p class="figure__value">108</p>' in text
    assert "qua 2 kỳ, từ 2023 đến 2025" in text
    assert "Cộng số đã công bố của từng kỳ. 0 lượt trong số đó đã có trang riêng trên cổng." in text


def test_without_published_totals_the_register_counts_itself(client, province):
    RecognitionFactory(product__facility__territory=province)
    assert "Đếm từ sổ công nhận của cổng." in home(client)


def test_groups_show_how_many_products_they_hold(client, province):
    for _ in range(2):
        RecognitionFactory(product=ProductFactory(group="machinery", facility=FacilityFactory(territory=province)))
    RecognitionFactory(published_at=None, product=ProductFactory(group="machinery"))
    assert re.search(r'href="/san-pham/\?group=machinery">2 sản phẩm', home(client))


def test_where_it_is_made_follows_the_basis(client):
    former = TerritoryFactory(name="Bến Tre", slug="ben-tre-2025", valid_to="2025-06-30")
    today = TerritoryFactory(name="Vĩnh Long", slug="vinh-long", valid_from="2025-07-01")
    SuccessionFactory(predecessor=former, successor=today)
    RecognitionFactory(product=ProductFactory(facility=FacilityFactory(territory=former)))
    assert 'href="/san-pham/?province=vinh-long">Vĩnh Long' in home(client)
    cache.clear()
    assert 'href="/san-pham/?province=ben-tre-2025&basis=at_the_time">Bến Tre (đến ' in home(
        client, "?basis=at_the_time"
    )


def test_recent_rounds_are_public_ones_and_tell_their_result_only_after_the_announcement(client, province):
    decision = DecisionFactory(number="77")
    RecognitionFactory(decision=decision, product__facility__territory=province)
    RoundFactory(
        name="Kỳ đã công bố",
        territory=province,
        year=2024,
        state=RoundState.CLOSED,
        decision=decision,
        announced_at="2024-12-01T00:00Z",
    )
    RoundFactory(
        name="Kỳ mới ký", territory=province, year=2025, state=RoundState.DECIDED, decision=DecisionFactory(number="88")
    )
    RoundFactory(name="Kỳ nháp", territory=province, year=2026)
    text = home(client)
    assert "Kỳ nháp" not in text
    assert "Quyết định 77/QĐ-UBND" in text
    assert "1 sản phẩm được công nhận" in text
    assert "88/QĐ-UBND" not in text


def test_only_searches_that_find_something_are_proposed(client, province):
    RecognitionFactory(product=ProductFactory(name="Miến dong Bình Liêu", facility=FacilityFactory(territory=province)))
    text = home(client)
    assert ">miến dong</a>" in text
    assert ">dừa sáp</a>" not in text


@pytest.mark.django_db(transaction=True)
def test_it_costs_the_same_number_of_queries_for_1_3_and_50_products(client, django_assert_num_queries):
    maker = FacilityFactory(territory=TerritoryFactory(name="Thái Nguyên"))
    for total in (1, 3, 50):
        while Product.objects.count() < total:
            RecognitionFactory(product=ProductFactory(facility=maker), level="national")
        client.get("/")
        register.touch()
        with django_assert_num_queries(21):
            client.get("/")


def test_the_picture_beside_the_headline_stands_nowhere_else(client, province):
    maker = FacilityFactory(territory=province)
    for name in ("Nong tre", "Nia tre"):
        RecognitionFactory(product=ProductFactory(name=name, group="handicraft", facility=maker), level="national")
    newest = home(client).split('id="moi"')[1]
    assert newest.count("card__name") == 1


def test_buyers_are_offered_only_what_finds_something_in_force(client, province):
    made = ProductFactory(facility=FacilityFactory(territory=province))
    RecognitionFactory(product=made)
    made.standards.create(kind="ocop", stars=4)
    text = home(client)
    assert 'href="/san-pham/?status=valid&status=expiring&stars=4">OCOP 4 sao' in text
    assert "OCOP 5 sao" not in text
    assert "Sẵn sàng xuất khẩu" not in text


def test_healthz_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}
