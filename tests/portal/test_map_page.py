"""The map page and the page of a province say what the statistics say, on both bases."""

import csv
import datetime as dt
import io
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.territory.models import Territory
from portal.territory.reference_data import load
from products.enums import FigureMeasure, Level, ProductGroup
from products.models import PublishedFigure
from rounds.enums import RoundState
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel("2026-11-21 09:00:00+07:00", tick=False):
        yield


@pytest.fixture
def country(db: None) -> dict[str, Territory]:
    """The whole register of units, with recognitions in a merged unit, in its former parts, and of a district."""
    load()
    units = {unit.slug: unit for unit in Territory.objects.all()}
    maker = factories.FacilityFactory(territory=units["ha-nam-2025"])
    silk = factories.ProductFactory(name="Lụa Nha Xá", slug="lua-nha-xa", facility=maker, group=ProductGroup.HANDICRAFT)
    recognised(silk, units["ha-nam-2025"], level=Level.DISTRICT, year=2019)
    recognised(silk, units["ha-nam-2025"], level=Level.PROVINCE, year=2024)
    recognised(made(units["ninh-binh-2025"]), units["ninh-binh-2025"], year=2022)
    recognised(made(units["ninh-binh"], is_set=True), units["ninh-binh"], year=2026)
    recognised(made(units["ha-noi"]), units["ha-noi"], level=Level.NATIONAL, year=2025)
    return units


def made(unit: Territory, **values: Any) -> Any:
    return factories.ProductFactory(facility=factories.FacilityFactory(territory=unit), territory=unit, **values)


def recognised(product: Any, unit: Territory, *, year: int, **values: Any) -> Any:
    dates = {"issued_on": dt.date(year, 6, 1), "expires_on": dt.date(year + 3, 12, 31)}
    return factories.RecognitionFactory(product=product, territory=unit, year=year, **dates, **values)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(html: str) -> dict[str, int]:
    """What the map tells to ears: each unit's page with its number."""
    found = re.findall(
        r'<a href="/ban-do/([^"/]+)/" aria-label="[^":]+: ([0-9.]+) lượt', html.partition("map-inset")[0]
    )
    return {slug: int(number) for slug, number in found}


def tabled(client: Client, query: str) -> dict[str, list[str]]:
    text = b"".join(client.get(f"/ban-do/?{query}&tai=csv").streaming_content).decode("utf-8-sig")
    return {row[1]: row[3:] for row in list(csv.reader(io.StringIO(text)))[1:]}


@pytest.mark.parametrize("basis", ["current", "at_the_time"])
@pytest.mark.parametrize("narrowed", ["", "level=district", "group=handicraft", "status=valid", "from=2022&to=2024"])
def test_map_table_and_statistics_tell_the_same_numbers(client: Client, country, basis, narrowed):
    query = f"basis={basis}&{narrowed}"
    told = client.get(f"/api/v1/statistics/recognitions/?by=province&{query}").json()
    keys = ("recognitions", "singles", "sets", "products", "facilities")
    counted = {row["key"]: [str(row[key]) for key in keys] for row in told["rows"]}
    table = tabled(client, query)
    assert {slug: numbers for slug, numbers in table.items() if numbers[0] != "0"} == counted
    assert len(table) == (34 if basis == "current" else 63 + ("ninh-binh" in counted))
    on_map = {slug: number for slug, number in drawn(page(client, f"/ban-do/?{query}")).items() if number}
    assert on_map == {
        slug: int(numbers[0]) for slug, numbers in counted.items() if basis == "current" or slug != "ninh-binh"
    }


def test_every_unit_is_one_link_in_the_order_of_names_counted_or_not(client: Client, country):
    slugs = list(drawn(page(client, "/ban-do/?basis=at_the_time")))
    assert len(slugs) == len(set(slugs)) == 63
    assert slugs[:3] == ["an-giang-2025", "ba-ria-vung-tau-2025", "bac-lieu-2025"]
    assert "bac-ninh-2025" in slugs


def test_a_unit_of_after_the_merger_is_named_where_the_old_map_cannot_draw_it(client: Client, country):
    html = page(client, "/ban-do/?basis=at_the_time")
    assert re.search(r'chỉ có trong bảng:.*?<a href="/ban-do/ninh-binh/">Ninh Bình</a> \(1\)', html, re.DOTALL)
    assert "chỉ có trong bảng:" not in page(client, "/ban-do/")


def test_the_number_of_products_opens_their_list(client: Client, country):
    html = page(client, "/ban-do/?from=2024&level=province")
    link = re.search(r'href="([^"]+)" aria-label="Xem 2 sản phẩm của Ninh Bình"', html)
    assert link
    assert ">2<" in page(client, link[1].replace("&amp;", "&")) or "2 sản phẩm" in page(
        client, link[1].replace("&amp;", "&")
    )


@pytest.mark.parametrize("basis", ["current", "at_the_time"])
def test_every_number_of_the_table_opens_a_list_of_exactly_so_many(client: Client, country, basis):
    html = page(client, f"/ban-do/?from=2020&basis={basis}").partition('<table class="table table--map"')[2]
    links = re.findall(r'<a href="(/thong-ke/danh-sach/[^"]+)">([0-9.]+)</a>', html)
    assert len(links) == (7 if basis == "current" else 11)
    for link, number in links:
        assert client.get(unescape(link)).context["found"].total == int(number), link


@pytest.mark.parametrize("slug", ["ninh-binh", "ha-nam-2025"])
def test_numbers_of_a_province_open_lists_of_exactly_so_many(client: Client, country, slug):
    links = re.findall(r'<a href="(/thong-ke/danh-sach/[^"]+)">([0-9.]+)</a>', page(client, f"/ban-do/{slug}/"))
    assert links
    for link, number in links:
        assert client.get(unescape(link)).context["found"].total == int(number), link


def test_an_english_page_writes_to_the_department_by_its_english_name(client: Client, country):
    assert "Write to Department of Industry and Trade of Ninh Bình" in page(client, "/en/ban-do/ninh-binh/")
    assert "Viết cho Sở Công Thương Ninh Bình" in page(client, "/ban-do/ninh-binh/")


def test_what_makes_no_sense_is_left_out_and_said(client: Client, country):
    html = page(client, "/ban-do/?level=x&from=99999&to=2020&status=&basis=y&sort=z")
    assert html.count("được bỏ qua") == 4
    assert "từ 2020 đến 2024" in page(client, "/ban-do/?from=2024&to=2020")


def test_sorting_by_link_says_its_direction(client: Client, country):
    html = page(client, "/ban-do/?sort=name")
    assert re.search(r'aria-sort="ascending"><a href="\?sort=name#bang"', html)
    assert next(iter(tabled(client, "sort=name"))) == "an-giang"


@pytest.mark.parametrize("address", ["/ban-do/", "/en/ban-do/?basis=at_the_time"])
def test_the_whole_country_stands_there_without_any_data(client: Client, address):
    html = page(client, address)
    assert "Hoàng Sa" in html
    assert "Trường Sa" in html


# --- one province -------------------------------------------------------------------------------------------


def test_a_province_of_today_counts_what_went_into_it_and_names_it(client: Client, country):
    html = page(client, "/ban-do/ninh-binh/")
    assert "4 lượt công nhận của 3 sản phẩm" in html
    for slug, number in (("ha-nam-2025", 2), ("nam-dinh-2025", 0), ("ninh-binh-2025", 1)):
        assert re.search(
            rf'href="/ban-do/{slug}/">[^<]+</a></th><td>30/06/2025</td>.*?<td class="num">(?:<a href="[^"]+">)?{number}<',
            html,
        )
    assert "/lich/ninh-binh.ics" in html
    assert "/tin/cong-nhan.atom?province=ninh-binh" in html
    assert "2 sản phẩm còn hiệu lực" in html


def test_a_province_that_ended_says_what_it_became_and_counts_what_was_its_own(client: Client, country):
    html = page(client, "/ban-do/ha-nam-2025/")
    assert "2 lượt công nhận của 1 sản phẩm" in html
    assert re.search(r'Từ ngày 01/07/2025, đơn vị này thuộc\s+<a href="/ban-do/ninh-binh/">Ninh Bình</a>', html)
    assert 'href="/ban-do/?basis=at_the_time"' in html


def test_the_plain_name_of_a_province_that_ended_leads_to_its_page(client: Client, country):
    answer = client.get("/en/ban-do/ha-nam/")
    assert (answer.status_code, answer["Location"]) == (301, "/en/ban-do/ha-nam-2025/")
    assert client.get("/ban-do/khong-co/").status_code == 404


def test_a_province_shows_its_public_rounds_and_what_others_published(client: Client, country):
    unit = country["ninh-binh"]
    factories.RoundFactory(territory=unit, name="Kỳ kín", state=RoundState.DRAFT)
    factories.RoundFactory(territory=country["ha-nam-2025"], name="Kỳ mở", year=2024, state=RoundState.SCREENING)
    PublishedFigure.objects.create(
        place="Ninh Bình", territory=unit, period="2025", year_from=2025, year_to=2025, what="Sản phẩm được công nhận",
        measure=FigureMeasure.RECOGNISED, level="province", value=77, value_text="77", source="Báo cáo mẫu",
    )  # fmt: skip
    html = page(client, "/ban-do/ninh-binh/")
    assert "Kỳ mở" in html
    assert "Kỳ kín" not in html
    assert "77" in html
    assert "Báo cáo mẫu" in html


@pytest.mark.parametrize(
    "address", ["/ban-do/", "/ban-do/?basis=at_the_time", "/ban-do/ninh-binh/", "/ban-do/ha-nam-2025/"]
)
def test_more_products_cost_no_more_queries(client: Client, country, address, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            page(client, address)
        counts.append(len(asked))
        for _number in range(3):
            recognised(made(country["ha-nam-2025"]), country["ha-nam-2025"], year=2024)
    assert counts[0] >= counts[1]
