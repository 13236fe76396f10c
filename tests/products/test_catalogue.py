"""The catalogue as its contract says."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.territory.models import Territory
from products import register
from products.catalogue import Clock, counts, page_of, proposals
from products.enums import Stage
from products.filters import Filters
from products.models import Product
from tests.factories import (
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    SuccessionFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
CLOCK = Clock(on=dt.date(2026, 11, 21), expiring_days=90)


def names(client: Client, query: str = "") -> list[str]:
    return [
        unescape(name)
        for name in re.findall(r'card__name"><a[^>]*>([^<]+)', client.get(f"/san-pham/{query}").content.decode())
    ]


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/san-pham/{query}")
    assert response.status_code == 200
    return unescape(response.content.decode())


def product(name: str, province: Territory, **recognition: Any) -> Product:
    made = ProductFactory(name=name, facility=FacilityFactory(territory=province))
    RecognitionFactory(product=made, **recognition)
    return made


def by(filters: Filters = Filters()) -> dict[str, dict[str, int]]:  # noqa: B008
    return counts(filters, CLOCK, mark="").by


# --- what is listed ------------------------------------------------------------------------------------------


def test_only_published_recognitions_are_listed(client, province):
    product("Chè công bố", province)
    product("Chè chưa công bố", province, published_at=None)
    product("Chè đề nghị", province, stage=Stage.PROPOSED, published_at=None, issued_on=None, expires_on=None)
    assert names(client) == ["Chè công bố"]


def test_names_stand_in_the_order_of_the_vietnamese_alphabet_without_the_words_for_a_set(client, province):
    for name in ("Ống hút tre", "Đũa trắc", "Bộ sản phẩm cá kho", "Dầu lạc", "Ấm đất", "An xoa", "Gốm"):
        product(name, province)
    assert names(client) == ["An xoa", "Ấm đất", "Bộ sản phẩm cá kho", "Dầu lạc", "Đũa trắc", "Gốm", "Ống hút tre"]


def test_the_names_that_match_the_words_best_come_first_unless_another_order_is_asked(client, province):
    maker = FacilityFactory(name="HTX chè sen", territory=province)
    RecognitionFactory(product=ProductFactory(name="Bánh in", facility=maker))
    for name in ("Chén sứ", "Trà chè sen", "Sen ướp chè", "Chè sen"):
        product(name, province)
    assert names(client, "?q=chè sen") == ["Chè sen", "Trà chè sen", "Sen ướp chè", "Bánh in"]
    assert names(client, "?q=chè sen&sort=name") == ["Bánh in", "Chè sen", "Sen ướp chè", "Trà chè sen"]


def test_newest_and_expiring_order(client, province):
    product("Cũ", province, year=2020, issued_on=dt.date(2020, 5, 1), expires_on=dt.date(2023, 12, 31))
    product("Sắp hết", province, year=2023, issued_on=dt.date(2023, 5, 1), expires_on=dt.date(2099, 1, 1))
    product("Mới", province, year=2025, issued_on=dt.date(2025, 5, 1), expires_on=dt.date(2099, 12, 31))
    assert names(client, "?sort=newest") == ["Mới", "Sắp hết", "Cũ"]
    assert names(client, "?sort=expiring") == ["Sắp hết", "Mới", "Cũ"]


@pytest.mark.parametrize(
    "typed", ["miến dong", "mien dong", "MIẾN", "dong mien", unicodedata.normalize("NFD", "Miến dong"), "binh lieu"]
)
def test_search_finds_with_and_without_marks_composed_or_not_in_any_order(client, province, typed):
    facility = FacilityFactory(name="Công ty Bình Liêu", territory=province)
    RecognitionFactory(product=ProductFactory(name="Miến dong", facility=facility))
    product("Chè", province)
    assert names(client, f"?q={typed}") == ["Miến dong"]


def test_one_recognition_must_meet_level_province_year_and_status_together(client, province, other_province):
    made = product("Chè", province, level="national", year=2021, issued_on=None, expires_on=dt.date(2024, 12, 31))
    RecognitionFactory(product=made, level="province", year=2024, expires_on=dt.date(2099, 12, 31))
    assert names(client, "?level=national&year=2021&status=expired") == ["Chè"]
    assert names(client, "?level=national&year=2024") == []
    assert names(client, "?level=national&status=valid") == []
    assert names(client, f"?level=province&province={other_province.slug}") == []


def test_a_repeated_key_means_or(client, province):
    product("A", province, level="national")
    product("B", province, level="region")
    product("C", province, level="province")
    assert names(client, "?level=national&level=region") == ["A", "B"]


def test_the_card_shows_in_force_first_then_the_highest_level_then_the_newest(province):
    made = product("Chè", province, level="national", year=2019, issued_on=None, expires_on=dt.date(2022, 12, 31))
    RecognitionFactory(product=made, level="province", year=2024)
    RecognitionFactory(product=made, level="region", year=2024)
    RecognitionFactory(product=made, level="region", year=2025, issued_on=None)
    (card,) = page_of(Filters(), CLOCK)
    assert (card.level, card.year) == ("region", 2025)
    (card,) = page_of(Filters(level=("national",)), CLOCK)
    assert (card.level, card.year, card.status) == ("national", 2019, "expired")


def test_a_card_names_the_province_as_it_was_called_then(province):
    province.names.update(valid_to=dt.date(2024, 12, 31))
    province.names.create(name="Tên mới", full_name="Thành phố Tên mới", kind="city", valid_from=dt.date(2025, 1, 1))
    product("Chè", province, year=2024, issued_on=dt.date(2024, 5, 1))
    (card,) = page_of(Filters(), CLOCK)
    assert card.place == "Thái Nguyên"


# --- provinces then and now ----------------------------------------------------------------------------------


@pytest.fixture
def merger(db) -> tuple[Territory, Territory]:
    former = TerritoryFactory(name="Bình Định", slug="binh-dinh-2025", valid_to=dt.date(2025, 6, 30))
    today = TerritoryFactory(name="Gia Lai", slug="gia-lai", valid_from=dt.date(2025, 7, 1))
    SuccessionFactory(predecessor=former, successor=today)
    return former, today


def test_a_former_province_counts_under_its_successor_by_default_and_apart_on_request(client, merger):
    former, today = merger
    product("Nem", former)
    product("Cà phê", today, year=2025, issued_on=dt.date(2025, 9, 1))
    assert names(client, "?province=gia-lai") == ["Cà phê", "Nem"]
    assert names(client, "?province=gia-lai&basis=at_the_time") == ["Cà phê"]
    assert names(client, "?province=binh-dinh-2025&basis=at_the_time") == ["Nem"]
    assert by()["province"] == {"gia-lai": 2}
    assert by(Filters(basis="at_the_time"))["province"] == {"gia-lai": 1, "binh-dinh-2025": 1}


def test_a_product_recognised_before_and_after_a_merger_is_counted_once(merger):
    former, today = merger
    made = product("Nem", former)
    RecognitionFactory(product=made, territory=today, year=2025, issued_on=None)
    assert by()["province"] == {"gia-lai": 1}


def test_an_ended_province_on_todays_basis_leads_to_its_successor(client, merger):
    _former, today = merger
    product("Cà phê", today, year=2025, issued_on=dt.date(2025, 9, 1))
    text = page(client, "?province=binh-dinh-2025")
    assert "Cà phê" in text
    assert 'value="gia-lai" checked' in text
    assert "Bình Định (đến 2025) nay thuộc Gia Lai nên danh sách lấy cả Gia Lai." in text


# --- facets ----------------------------------------------------------------------------------------------------


def test_a_facets_counts_leave_its_own_filter_out_and_keep_the_others(province):
    product("A", province, level="national", year=2025, issued_on=None)
    product("B", province, level="region", year=2025, issued_on=None)
    product("C", province, level="region", year=2024)
    found = by(Filters(level=("national",), year=("2025",)))
    assert found["level"] == {"national": 1, "region": 1}
    assert found["year"] == {"2025": 1}
    assert found["group"] == {"processing": 1}


def test_counts_are_of_products_not_of_recognitions(province):
    made = product("A", province, level="province", year=2022, issued_on=None)
    RecognitionFactory(product=made, level="province", year=2024)
    assert by()["level"] == {"province": 1}
    assert counts(Filters(), CLOCK, mark="").total == 1


def test_validity_is_counted_by_the_day(province):
    on = CLOCK.on
    product("A", province, expires_on=on + dt.timedelta(days=91))
    product("B", province, expires_on=on + dt.timedelta(days=90))
    product("C", province, expires_on=on)
    product("D", province, expires_on=on - dt.timedelta(days=1))
    product("E", province, revoked_on=on, status_reason="Vi phạm")
    assert by()["status"] == {"valid": 1, "expiring": 2, "expired": 1, "revoked": 1}


def test_the_total_agrees_with_the_list_for_several_groups(province):
    for group in ("handicraft", "handicraft", "machinery", "other"):
        RecognitionFactory(product=ProductFactory(group=group, facility=FacilityFactory(territory=province)))
    filters = Filters(group=("handicraft", "machinery"))
    assert counts(filters, CLOCK, mark="").total == len(page_of(filters, CLOCK)) == 3


def test_zero_counts_stay_in_view(client, province):
    product("A", province)
    text = page(client)
    assert re.search(r'facet__option--none"><input[^>]*value="revoked"', text)


# --- bad values, pages, chips, nothing found -----------------------------------------------------------------------


def test_bad_values_are_ignored_and_the_page_says_so(client, province):
    product("Chè", province)
    text = page(client, "?level=abc&year=20x&page=0")
    assert "Không có cấp “abc” nên điều kiện này được bỏ qua." in text
    assert "Không có năm “20x” nên điều kiện này được bỏ qua." in text
    assert "Không có trang “0” nên điều kiện này được bỏ qua." in text
    assert names(client, "?level=abc&year=20x&page=0") == ["Chè"]


def test_words_that_are_no_words_are_ignored_and_the_page_says_so(client, province):
    product("Chè", province)
    assert "Từ tìm kiếm “😀” không có chữ hay số nên được bỏ qua." in page(client, "?q=%F0%9F%98%80")
    assert names(client, "?q=%F0%9F%98%80") == ["Chè"]


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=%27%22%3Cscript%3E",
        "?page=99999999",
        "?province=%00",
        "?year=%D9%A2%D9%A0%D9%A2%D9%A5",
        "?q=%25_",
        "?view=x",
    ],
)
def test_no_query_breaks_the_page(client, province, query):
    product("Chè", province)
    response = client.get(f"/san-pham/{query}")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


def test_a_page_beyond_the_last_shows_the_first_and_says_so(client, province):
    product("Chè", province)
    assert "Không có trang “400”" in page(client, "?page=400")
    assert names(client, "?page=400") == ["Chè"]


def test_deep_pages_hold_the_rest_in_order(client, province):
    for index in range(26):
        product(f"Chè {index:02}", province)
    assert names(client, "?page=3") == ["Chè 24", "Chè 25"]
    assert "25 đến 26 trên 26 sản phẩm" in page(client, "?page=3")
    assert 'rel="prev" href="?page=2"' in page(client, "?page=3")


def test_every_condition_has_a_chip_that_takes_it_away(client, province):
    product("Chè", province, level="national")
    text = page(client, "?q=che&level=national&sort=newest")
    assert '<a class="chip chip--on" href="?q=che&sort=newest">Cấp quốc gia' in text
    assert '<a class="chip chip--on" href="?level=national&sort=newest">“che”' in text


def test_nothing_found_says_so_and_proposes_what_is_near(client, province):
    product("Bánh tẻ", province, level="province")
    text = page(client, "?q=bánh tẻ&level=national")
    assert "Không có sản phẩm nào khớp “bánh tẻ” ở cấp quốc gia." in text
    assert "Xem 1 sản phẩm khớp ở mọi cấp" in text


def test_nothing_found_in_a_province_leads_to_its_group_and_to_all_of_it(client, province, other_province):
    product("Bánh tẻ", province, level="province", year=2024)
    product("Nón lá", province)
    Product.objects.filter(name="Nón lá").update(group="handicraft")
    product("Chè", other_province, level="national", year=2025)
    text = page(client, f"?q=chè&group=processing&province={province.slug}&year=2025")
    places = re.findall(r"Xem (\d+ sản phẩm (?:nhóm|của) [^<]*)", text)
    assert places == ["1 sản phẩm nhóm Chế biến nông, lâm, thủy sản và thực phẩm của Thái Nguyên",
                      "2 sản phẩm của Thái Nguyên"]  # fmt: skip


def test_proposals_find_something_and_the_closest_comes_first(province):
    product("Bánh tẻ", province, level="province")
    product("Chè", province, level="national")
    product("Gốm", province, level="national")
    found = proposals(Filters(q="bánh tẻ", level=("national",)), CLOCK)
    assert [(p.dropped, p.total) for p in found] == [(("level",), 1), (("q",), 2)]


@pytest.fixture
def three_regions(province) -> dict[str, Territory]:
    """A province without products between one of its extension region and one of another."""
    beside = TerritoryFactory(name="Điện Biên", slug="dien-bien", region=province.region)
    empty = TerritoryFactory(name="Lai Châu", slug="lai-chau", region=province.region)
    far = TerritoryFactory(name="Cà Mau", slug="ca-mau", region="south" if province.region != "south" else "north")
    product("Nem nướng", province, level="province", year=2019)
    product("Mắm chua", province, level="province", year=2020)
    product("Cà phê phin", beside, level="national", year=2019)
    product("Trứng muối Trung Sơn", far, level="district", year=2021)
    return {"beside": beside, "empty": empty, "far": far}


NOTHING = {
    "?q=nem chua": ["?q=nem", "?q=chua"],
    "?q=ca phe trung": ["?q=ca+phe"],
    "?q=nem chua&level=province": ["?q=nem&level=province", "?q=chua&level=province"],
    "?q=nem chua&level=national": ["?q=nem", "?q=chua", "?level=national"],
    "?q=zzqx 99zx": ["?"],
    "?province=lai-chau": ["?province=dien-bien", "?province={province}"],
    "?province=lai-chau&level=province": ["?province={province}&level=province", "?level=province"],
    "?province=lai-chau&level=district": ["?province=dien-bien", "?level=district"],
    "?level=commune": ["?level=district", "?"],
    "?year=2014&level=commune": ["?year=2019", "?level=district", "?"],
    "?level=commune&status=revoked&year=2019": ["?year=2019"],
    "?level=national&status=revoked&year=2019&export=yes": ["?level=national&year=2019"],
}


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("asked", NOTHING)
def test_whatever_finds_nothing_proposes_what_is_near_with_its_count(client, province, three_regions, asked, language):
    said = proposed(client, f"{language}/san-pham/{asked}")
    wanted = [query.format(province=province.slug) for query in NOTHING[asked]]
    assert {sorted_query(query) for query in wanted} <= {sorted_query(query) for query, _words in said}
    for query, words in said:
        total = int(client.get(f"{language}/san-pham/{query}").context["total"])
        assert total > 0, query
        assert str(total) in words, (query, words)
    assert not any("ca-mau" in query for query, _words in said)


def proposed(client: Client, address: str) -> list[tuple[str, str]]:
    """The links that an empty list offers, and their words."""
    text = unescape(client.get(address).content.decode())
    assert 'class="empty"' in text
    [listed] = re.findall(r'class="empty">.*?<ul>(.*?)</ul>', text, re.DOTALL)
    return re.findall(r'<a href="([^"]*)">([^<]*)</a>', listed)


def sorted_query(query: str) -> tuple[str, ...]:
    return tuple(sorted(query.removeprefix("?").split("&")))


def test_what_is_near_costs_the_same_for_1_3_and_50_rows(client, province, three_regions):
    for asked in ("?q=nem chua&level=national", "?province=lai-chau&level=district", "?year=2014&level=commune"):
        spent = []
        for total in (1, 3, 50):
            while Product.objects.filter(name__startswith="Nem").count() < total:
                product(f"Nem {Product.objects.count():02}", province)
            cache.clear()
            with CaptureQueriesContext(connection) as seen:
                client.get(f"/san-pham/{asked}")
            spent.append(len(seen))
        assert len(set(spent)) == 1, spent


def test_an_empty_register_says_what_to_do_next(client, db):
    text = page(client)
    assert "Chưa có sản phẩm nào được công bố." in text
    assert "/ky-binh-chon/" in text


def test_without_scripts_the_filters_are_a_page_of_their_own(client, province):
    product("Chè", province, level="national")
    text = page(client, "?level=national&view=filter")
    assert 'type="checkbox" name="level" value="national" checked' in text
    assert "Xem 1 sản phẩm" in text


# --- cost and keeping --------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_number_of_queries_for_1_3_and_50_rows(client, province, django_assert_num_queries):
    # Within the test's transaction the register is read whole, twice; held by a process it costs one query each time.
    spent = []
    for total in (1, 3, 50):
        while Product.objects.count() < total:
            product(f"Chè {Product.objects.count():02}", province)
        cache.clear()
        with django_assert_num_queries(21) as captured:
            client.get("/san-pham/")
        spent.append(len(captured))
    assert spent == [21, 21, 21]


@pytest.mark.django_db(transaction=True)
def test_a_visitors_page_is_kept_and_right_the_moment_something_changes(client, django_assert_num_queries):
    made = product("Chè", TerritoryFactory(name="Thái Nguyên"))
    assert names(client) == ["Chè"]
    with django_assert_num_queries(1):
        assert names(client) == ["Chè"]
    made.name = "Trà"
    made.save()
    assert names(client) == ["Trà"]
    product("Gốm", TerritoryFactory(name="Cao Bằng"), published_at=timezone.now())
    assert names(client) == ["Gốm", "Trà"]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_the_mark(client):
    product("Chè", TerritoryFactory(name="Thái Nguyên"))
    before = register.mark()
    with pytest.raises(RuntimeError), transaction_that_fails():
        Product.objects.get().save()
    assert register.mark() == before


@contextmanager
def transaction_that_fails() -> Iterator[None]:
    with transaction.atomic():
        yield
        raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_is_never_shown_to_someone_logged_in(client):
    product("Chè", TerritoryFactory(name="Thái Nguyên"))
    page(client)
    client.force_login(UserFactory(full_name="Cán bộ thử"))
    assert "Cán bộ thử" in page(client)
    client.logout()
    assert "Cán bộ thử" not in page(client)
