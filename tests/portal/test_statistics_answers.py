"""Answers of the statistics on a small random register: right by plain Python, open to their lists, readable."""

import csv
import datetime as dt
import io
import random
import re
from collections import Counter
from itertools import cycle
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape
from openpyxl import load_workbook

from extension.enums import Funding
from facilities.enums import FacilityKind
from portal.accounts.enums import Role
from portal.pages import (
    extension_answers,
    recognition_answers,
    renewal_answers,
    round_answers,
    shares,
    statistics,
    ways_up,
)
from portal.pages.answers import Answer, percent
from portal.pages.statistics_query import Question, read
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.formats import number
from products.catalogue import Clock
from products.enums import LEVEL_RANK, ChannelKind, Level, ProductGroup
from products.models import DistributionChannel, PublishedFigure, Recognition, SalesLink
from products.services.merging import merge_products
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)
CLOCK = Clock(TODAY, 90)
IN_FORCE = ("valid", "expiring")
PAGES = {
    "recognitions": (lambda asked: recognition_answers.answers(asked, CLOCK), statistics.BY),
    "renewals": (lambda asked: renewal_answers.answers(asked, CLOCK), renewal_answers.BY),
    "shares": (lambda asked: shares.answers(asked, CLOCK), ("",)),
    "ways": (lambda asked: ways_up.answers(asked, CLOCK), ("",)),
    "extension": (
        lambda asked: extension_answers.answers(asked, CLOCK),
        ("year", "funding", "head", "province", "region"),
    ),
}
ADDRESSES = (
    "/thong-ke/", "/thong-ke/ky-binh-chon/", "/thong-ke/tu-tinh-len-quoc-gia/", "/thong-ke/cong-nhan-lai/",
    "/thong-ke/ho-tro-va-phan-phoi/", "/thong-ke/khuyen-cong/", "/thong-ke/da-cong-bo/", "/thong-ke/danh-sach/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel("2026-11-21 09:00:00+07:00", tick=False):
        yield


@pytest.fixture
def units() -> list[Territory]:
    """Bình Định and the former Gia Lai went into Gia Lai; Cao Bằng stands as it was."""
    ended = dt.date(2025, 6, 30)
    one = make.TerritoryFactory(name="Bình Định", slug="binh-dinh-2025", valid_to=ended, region="central")
    two = make.TerritoryFactory(name="Gia Lai", slug="gia-lai-2025", valid_to=ended, region="central")
    now = make.TerritoryFactory(name="Gia Lai", slug="gia-lai", valid_from=dt.date(2025, 7, 1), region="central")
    for unit in (one, two):
        make.SuccessionFactory(predecessor=unit, successor=now)
    return [one, two, now, make.TerritoryFactory(name="Cao Bằng", slug="cao-bang")]


@pytest.fixture
def register(units: list[Territory]) -> list[Recognition]:
    """Twenty products and what they went through, from a fixed seed; two of them merged."""
    dice = random.Random(6)
    kinds = [*FacilityKind.values, None]
    made = []
    for _n in range(20):
        unit, kind = dice.choice(units), dice.choice(kinds)
        maker = make.FacilityFactory(territory=unit, kind=kind) if kind else None
        product = make.ProductFactory(
            facility=maker, territory=unit, is_set=dice.random() < 0.3, group=dice.choice(ProductGroup.values)
        )
        for year in sorted(dice.sample(range(2016, 2027), dice.randint(1, 3))):
            level = dice.choice([Level.PROVINCE, Level.PROVINCE, Level.REGION, Level.NATIONAL])
            issued = dt.date(year, dice.randint(1, 10), 9)
            ends = dt.date(year + 2, dice.randint(1, 12), 28)
            lost = {"revoked_on": dt.date(year + 1, 6, 1), "status_reason": "Vi phạm"} if dice.random() < 0.1 else {}
            make.RecognitionFactory(
                product=product, level=level, year=year, territory=unit, issued_on=issued, expires_on=ends, **lost
            )
        if dice.random() < 0.4:
            SalesLink.objects.create(product=product, channel="own", url="https://example.vn/")
        if dice.random() < 0.3:
            DistributionChannel.objects.create(product=product, kind=ChannelKind.SHOP, name="Cửa hàng")
        if maker and dice.random() < 0.5:
            project = make.ProjectFactory(
                year=dice.randint(2018, 2026), territory=unit, funding=dice.choice(Funding.values)
            )
            make.BeneficiaryFactory(project=project, facility=maker, product=dice.choice([None, product]))
        made.append(product)
    kept, gone = make.ProductFactory.create_batch(2, facility=make.FacilityFactory(territory=units[0]))
    for product in (kept, gone):
        make.RecognitionFactory(product=product, year=2022, territory=units[0], issued_on=None)
    merge_products(
        survivor=kept, loser=gone, reason="Trùng", actor=make.staff(Role.ADMINISTRATOR), now=dt.datetime.now(dt.UTC)
    )
    return list(Recognition.objects.published().select_related("product__facility", "territory"))


QUESTIONS = [
    Question(),
    Question(level=("province",)),
    Question(level=("national", "region"), province=("gia-lai",)),
    Question(province=("gia-lai-2025",), basis="at_the_time"),
    Question(group=("processing", "other"), year_from=2018, year_to=2023),
    Question(kind=("cooperative", "unknown"), basis="at_the_time"),
    Question(status=IN_FORCE),
]


def meets(row: Recognition, asked: Question) -> bool:
    kind = row.product.facility.kind if row.product.facility else FacilityKind.UNKNOWN
    return (
        (not asked.level or row.level in asked.level)
        and (not asked.group or row.product.group in asked.group)
        and (not asked.kind or kind in asked.kind)
        and (asked.unit_ids is None or row.territory_id in asked.unit_ids)
        and (asked.year_from is None or row.year >= asked.year_from)
        and (asked.year_to is None or row.year <= asked.year_to)
        and (not asked.status or row.status(on=TODAY, expiring_days=90) in asked.status)
    )


def key_of(row: Recognition, by: str, basis: str) -> str:
    if by == "province":
        pk = row.territory_id if basis == "at_the_time" else current_id(row.territory_id)
        return str(Territory.objects.get(pk=pk).slug)
    maker = row.product.facility
    return str(
        {
            "level": row.level,
            "group": row.product.group,
            "year": row.year,
            "facility_kind": maker.kind if maker else FacilityKind.UNKNOWN.value,
        }[by]
    )


def counted(rows: list[Recognition]) -> tuple[int, int, int, int, int]:
    sets = sum(row.product.is_set for row in rows)
    makers = {row.product.facility_id for row in rows} - {None}
    return len(rows), len(rows) - sets, sets, len({row.product_id for row in rows}), len(makers)


def test_every_count_is_what_a_reader_of_the_register_would_count(register: list[Recognition]) -> None:
    for asked in QUESTIONS:
        rows = [row for row in register if meets(row, asked)]
        for by in statistics.BY:
            found = statistics.recognitions(by=by, asked=asked.asked, clock=CLOCK)
            assert tuple(vars(found.total).values()) == counted(rows)
            groups: dict[str, list[Recognition]] = {}
            for row in rows:
                groups.setdefault(key_of(row, by, asked.basis), []).append(row)
            expected = {key: counted(part) for key, part in groups.items()}
            assert {row.key: tuple(vars(row.numbers).values()) for row in found.rows} == expected


def test_shares_and_ways_up_are_what_plain_python_finds(register: list[Recognition]) -> None:
    for asked in QUESTIONS[:-1]:
        products = {row.product for row in register if meets(row, shares.in_force(asked))}
        found = shares.shares(asked, CLOCK)
        sold = [p for p in products if p.sales_links.exists() or p.channels.exists()]
        helped = [p for p in products if p.supports.exists() or _maker_helped(p)]
        assert (found.products, found.sold, found.supported) == (len(products), len(sold), len(helped))
        assert found.supported_since <= found.supported
        up = ways_up.ways(asked, CLOCK)
        first = {level: _first_years(register, level) for level in (Level.PROVINCE, Level.REGION, Level.NATIONAL)}
        begun = [
            row for row in register
            if row.level == Level.PROVINCE
            and first[Level.PROVINCE][row.product_id] == row.year
            and meets(row, asked.but(level=()))
        ]  # fmt: skip
        ripe = {row.product_id: row.year for row in begun if row.year + 5 <= TODAY.year}
        nation = {p for p, year in ripe.items() if year <= first[Level.NATIONAL].get(p, 0) <= year + 5}
        region = {p for p, year in ripe.items() if year <= first[Level.REGION].get(p, 0) <= year + 5}
        assert (up.province, up.higher, up.national) == (len(ripe), len(region | nation), len(nation))
        assert up.too_early == len({row.product_id for row in begun}) - len(ripe)


def _maker_helped(product: Any) -> bool:
    return bool(product.facility_id) and product.facility.supports.filter(product=None).exists()


def _first_years(rows: list[Recognition], level: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows:
        if row.level == level:
            found[row.product_id] = min(row.year, found.get(row.product_id, 9999))
    return found


def test_renewals_read_the_register_as_it_is(register: list[Recognition]) -> None:
    total, rows = renewal_answers.survival(Question(), CLOCK, by="level")
    over = [
        row for row in register
        if row.expires_on + dt.timedelta(days=365) < TODAY and not (row.revoked_on and row.revoked_on <= row.expires_on)
    ]  # fmt: skip
    assert total.ended == len(over)
    again = [
        row for row in over
        if any(
            other.product_id == row.product_id
            and LEVEL_RANK[Level(other.level)] >= LEVEL_RANK[Level(row.level)]
            and other.begins_on > row.begins_on
            and abs((other.begins_on - row.expires_on).days) <= 365
            for other in register
        )
    ]  # fmt: skip
    assert total.renewed == len(again)
    assert {row.key: row.counted.renewed for row in rows} == {
        key: Counter(row.level for row in again)[key] for key in (row.key for row in rows)
    }


@pytest.mark.parametrize("topic", PAGES)
def test_every_number_opens_a_list_of_exactly_so_many(client: Client, register: list[Recognition], topic: str) -> None:
    answers_of, ways = PAGES[topic]
    places = (1, 2, 0, 4, 5) if topic == "recognitions" else (2, 0)
    lengths: dict[str, int] = {}
    seen = 0
    for asked, by in zip((QUESTIONS[place] for place in places), cycle(ways), strict=False):
        for answer in answers_of(asked.but(by=by)):
            headed = [
                pair for line in answer.table.rows for pair in zip(answer.table.headings, line.cells, strict=True)
            ]
            for heading, cell in (*headed, *(("", side.cell) for side in answer.sides)):
                if cell.url and isinstance(cell.value, int):
                    behind = f"{cell.url} {heading if is_sum(heading) else ''}"
                    if behind not in lengths:
                        lengths[behind] = (sum_of if is_sum(heading) else length_of)(client, *behind.split(" ", 1))
                    assert lengths[behind] == cell.value, behind
                    seen += 1
    assert seen


def is_sum(heading: str) -> bool:
    """Whether the numbers of a column are sums of the rows of their list."""
    return heading == "Lượt" or heading.endswith("(đồng)")


def sum_of(client: Client, url: str, heading: str) -> int:
    """What a column of a list adds up to, in its file and in the list's own words."""
    file = b"".join(client.get(f"{url}&tai=csv")).decode("utf-8-sig")
    total = sum(int(row[heading] or 0) for row in csv.DictReader(io.StringIO(file)))
    assert number(total) in client.get(url).context["sentence"]
    return total


def length_of(client: Client, url: str, _heading: str = "") -> int:
    """How many rows a list has, read to its last page."""
    response = client.get(url)
    assert response.status_code == 200, url
    if "/danh-muc/" in url:
        return int(response.context["total"].recognitions)
    if "found" not in response.context:
        return int(re.sub(r"\D", "", response.context["total"]))
    total, shown = response.context["found"].total, len(response.context["lines"])
    while following := response.context["next"]:
        response = client.get(url.split("?", maxsplit=1)[0] + following)
        shown += len(response.context["lines"])
    assert shown == total
    return int(total)


def test_gia_lai_is_counted_as_today_and_as_then_within_one_answer(client: Client, units: list[Territory]) -> None:
    one, two, now, _other = units
    for unit, times in ((one, 2), (two, 3), (now, 1)):
        for product in make.ProductFactory.create_batch(times, facility__territory=unit):
            make.RecognitionFactory(product=product, level=Level.NATIONAL, year=2023)
    page = client.get("/thong-ke/", {"level": "national", "province": "gia-lai"})
    [answer] = page.context["answers"]
    assert answer.sentence == "Đến nay, Gia Lai có 6 lượt công nhận cấp quốc gia."
    assert [(side.label, side.cell.value) for side in answer.sides] == [
        ("Gia Lai hiện nay", 6),
        ("Gia Lai, đến 30/06/2025", 3),
        ("Bình Định, đến 30/06/2025", 2),
        ("Gia Lai, từ 01/07/2025", 1),
    ]
    text = page.content.decode()
    assert text.index("Gia Lai, đến 30/06/2025") < text.index("<table")


def test_sentences_say_what_was_asked(units: list[Territory]) -> None:
    for year, times in ((2019, 1), (2023, 3)):
        for product in make.ProductFactory.create_batch(times, facility__territory=units[3]):
            make.RecognitionFactory(product=product, year=year)
    asked = Question(level=("province",), province=("cao-bang",), year_from=2019, year_to=2025)
    said = recognition_answers.answer(asked, CLOCK).sentence
    assert said == "Từ 2019 đến 2025, Cao Bằng có 4 lượt công nhận cấp tỉnh, nhiều nhất là năm 2023 với 3 lượt."
    none = recognition_answers.answer(asked.but(level=("national",)), CLOCK)
    assert none.sentence == "Từ 2019 đến 2025, Cao Bằng không có lượt công nhận nào cấp quốc gia."


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sentence_is_whole_in_both_languages(register: list[Recognition], language: str) -> None:
    make.RoundFactory()
    with translation.override(language):
        for asked in QUESTIONS[1:6:2]:
            for answers_of, ways in PAGES.values():
                found = [one for by in ways[-2:] for one in answers_of(asked.but(by=by))]
                for answer in (*found, *round_answers.answers(asked, CLOCK)):
                    assert_whole(answer)


def assert_whole(answer: Answer) -> None:
    for sentence in (answer.sentence, *answer.method):
        assert sentence[0] == sentence[0].upper(), sentence
        assert sentence.endswith("."), sentence
        assert not re.search(r"  | ,| \.|,,|%\(|\(\)|None", sentence), sentence
    assert len(answer.table.headings) == len(answer.table.lines[0].cells) if answer.table.lines else True


# --- files ------------------------------------------------------------------------------------------------------


def test_files_hold_the_table_and_run_no_formula(client: Client) -> None:
    make.RoundFactory(name="=HYPERLINK(1)", state="receiving")
    text = taken(client, "csv").decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text))][1].startswith("'=HYPERLINK")
    book = load_workbook(io.BytesIO(taken(client, "xlsx")))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}


def taken(client: Client, kind: str) -> bytes:
    response = client.get("/thong-ke/ky-binh-chon/", {"tai": kind, "muc": "tung-ky"})
    return b"".join(response)


def test_each_format_of_an_answer_is_served_under_the_address_it_names(client: Client) -> None:
    make.RecognitionFactory()
    kinds = {}
    for name, address in recognition_answers.answer(Question(by="year"), CLOCK).files:
        response = client.get(address)
        assert response["Content-Disposition"].startswith("attachment")
        kinds[name] = response["Content-Type"].split(";")[0].rsplit("/")[-1].split(".")[-1]
        assert b"".join(response)
    assert kinds == {"CSV": "csv", "XLSX": "sheet", "SVG": "svg+xml"}


def shown_in_brief(client: Client, **query: str) -> list[Answer]:
    """What the overview shows below its first answer."""
    found = client.get("/thong-ke/", query).context["overview"]
    return [*found.own, found.way]


FUNNEL = (("registered", "province", 353), ("recognised", "province", 189), ("recognised", "region", 35),
          ("recognised", "national", 14))  # fmt: skip


def make_published() -> None:
    """A funnel, and the total of a national round."""
    way = {"place": "Đồng Tháp (cũ)", "period": "2012-2021", "year_from": 2012, "year_to": 2021}
    last = {"place": "Cả nước", "period": "2025 (lần VI)", "year_from": 2025, "year_to": 2025}
    for facts, figures in ((way, FUNNEL), (last, [("recognised", "national", 108)])):
        for measure, level, value in figures:
            PublishedFigure.objects.create(
                **facts, measure=measure, level=level, value=value, value_text=str(value), what=f"{measure} {level}",
                source="Bản tin",
            )  # fmt: skip


@pytest.mark.parametrize("basis", ["current", "at_the_time"])
def test_every_chart_of_the_overview_has_its_table_and_its_files(
    client: Client, register: list[Recognition], basis: str
) -> None:
    make_published()
    text = client.get("/thong-ke/", {"basis": basis}).content.decode()
    keys = ["quoc-gia", "cap-region", "cap-province", "theo-nhom", "tinh", "da-cong-bo-1"]
    answers = shown_in_brief(client, basis=basis)
    assert [answer.key for answer in answers] == keys
    for answer in answers:
        assert answer.chart.items
        assert answer.key == "tinh" or f'aria-labelledby="{answer.key}-bang"' in text
        for _kind, address in answer.files:
            assert f'href="{escape(address)}"' in text
        rows = list(csv.reader(io.StringIO(b"".join(client.get(answer.files[0][1])).decode("utf-8-sig"))))
        assert tuple(rows[0]) == answer.table.headings
        assert len(rows) == 1 + len(answer.table.rows)
        assert answer.chart.title.encode() in b"".join(client.get(answer.files[2][1]))
        assert_whole(answer)
    drawings = re.findall(r'<svg class="draw draw--(\w+)"[^>]* aria-labelledby="([\w-]+)-(?:wide|phone)-t', text)
    assert {key for _shape, key in drawings} == {"cong-nhan", *keys} - {"tinh"}


def test_the_overview_counts_what_plain_python_finds_and_each_number_opens_its_list(
    client: Client, register: list[Recognition]
) -> None:
    make_published()
    national, region, province, groups, provinces, _way = shown_in_brief(client)
    for answer, level in ((region, "region"), (province, "province")):
        years = Counter(row.year for row in register if row.level == level)
        assert {int(str(line.cells[0].value)): line.cells[1].value for line in answer.table.lines} == years
        assert {int(item.label): item.value for item in answer.chart.items if item.value} == years
    assert region.chart.scale == province.chart.scale
    assert [item.label for item in region.chart.items] == [item.label for item in province.chart.items]
    assert sum(int(line.cells[-1].value or 0) for line in provinces.table.lines) == len(register)
    for answer in (national, region, province, groups):
        for cell in (cell for line in answer.table.rows for cell in line.cells if cell.url):
            assert length_of(client, cell.url) == cell.value, cell.url


# --- questions ----------------------------------------------------------------------------------------------------


def test_what_makes_no_sense_is_said_and_left_out(client: Client, units: list[Territory]) -> None:
    hostile = {
        "level": ["x", "national"], "year": "99999", "from": "9" * 5000, "to": "-1", "province": ["\x00", "gia-lai-2025"],
        "by": "colour", "basis": "'", "within": "1e9", "page": "-1", "view": "x", "outcome": "x", "held": "7", "tai": "exe",
    }  # fmt: skip
    for address in (*ADDRESSES, *(f"/en{address}" for address in ADDRESSES)):
        assert client.get(address, hostile).status_code == 200, address
    told = client.get("/thong-ke/", hostile).context["told"]
    assert "Gia Lai nay thuộc Gia Lai" in told[0]
    assert len(told) <= 6


def test_years_in_the_wrong_order_are_turned_round(rf: Any) -> None:
    asked = read(rf.get("/", {"from": "2025", "to": "2019"}).GET).question
    assert (asked.year_from, asked.year_to) == (2019, 2025)


def test_the_form_s_word_for_in_force_means_both_statuses(rf: Any) -> None:
    assert read(rf.get("/", {"status": "in_force"}).GET).question.status == ("valid", "expiring")


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_page_costs_the_same_for_1_3_and_50_rows(client: Client, address: str) -> None:
    costs, made = [], 0
    for total in (1, 3, 50):
        for n in range(made, total):
            product = make.ProductFactory()
            make.RecognitionFactory(product=product, year=2015 + n % 10)
            make.RoundFactory(ordinal=n + 1) if n < 3 else None
            make.BeneficiaryFactory(facility=product.facility)
        made = total
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        costs.append(len(seen))
    assert len(set(costs)) == 1, costs


def test_a_share_is_rounded_half_up_and_of_nothing_it_is_0() -> None:
    assert [percent(*pair) for pair in ((1, 8), (1, 200), (2, 3), (0, 0))] == [13, 1, 67, 0]


@pytest.mark.django_db(transaction=True)
def test_pages_are_right_the_moment_something_they_count_has_changed(client: Client) -> None:
    product = make.ProductFactory()
    make.RecognitionFactory(product=product)
    one = make.RoundFactory(state="receiving")
    said = {address: client.get(address).content.decode() for address in ADDRESSES}
    assert {address: client.get(address).content.decode() for address in ADDRESSES} == said
    make.DossierFactory(round=one, product=product)
    make.RecognitionFactory(year=2018, issued_on=None, expires_on=dt.date(2021, 12, 31))
    SalesLink.objects.create(product=product, channel="own", url="https://example.vn/")
    make.BeneficiaryFactory(facility=product.facility)
    changed = {address for address in ADDRESSES if client.get(address).content.decode() != said[address]}
    assert changed >= set(ADDRESSES) - {"/thong-ke/da-cong-bo/"}
