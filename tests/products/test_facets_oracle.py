"""Facet counts and pages of the catalogue against a naive count in Python, on random registers."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.folding import fold
from products.catalogue import FACETS, PER_PAGE, Clock, counts, matching, page_of
from products.enums import ChannelKind, Level, ProductGroup, Status
from products.filters import SORTS, Filters
from products.models import DistributionChannel, Product, ProductStandard, Recognition, SalesLink, TradeFacts
from products.traits import CHANNELS, STARS, ocop_holds
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, SuccessionFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
CLOCK = Clock(on=dt.date(2026, 11, 21), expiring_days=90)
WORDS = ("Chè", "Gốm", "Miến dong", "Mật ong")
ENDS = (dt.date(2026, 11, 20), dt.date(2026, 11, 21), dt.date(2027, 2, 19), dt.date(2027, 2, 20), dt.date(2029, 12, 31))


@pytest.fixture
def provinces(db) -> list[Territory]:
    """Two that merged into a third, one of them by way of another, and one that nothing happened to."""
    ended, began = dt.date(2025, 6, 30), dt.date(2025, 7, 1)
    oldest = TerritoryFactory(name="Hà Tây", slug="ha-tay-2008", valid_to=dt.date(2008, 7, 31))
    former = TerritoryFactory(name="Vĩnh Phúc", slug="vinh-phuc-2025", valid_to=ended)
    twin = TerritoryFactory(name="Hòa Bình", slug="hoa-binh-2025", valid_to=ended)
    today = TerritoryFactory(name="Phú Thọ", slug="phu-tho", valid_from=began)
    other = TerritoryFactory(name="Cao Bằng", slug="cao-bang")
    SuccessionFactory(predecessor=oldest, successor=former, on=dt.date(2008, 8, 1))
    for unit in (former, twin):
        SuccessionFactory(predecessor=unit, successor=today)
    return [oldest, former, twin, today, other]


def fill(dice: random.Random, provinces: list[Territory]) -> None:
    """Products with none to five recognitions, each of any place, level, year and validity."""
    facilities = [None, *(FacilityFactory(territory=unit, kind=dice.choice(FacilityKind.values)) for unit in provinces)]
    for number in range(30):
        name = f"{dice.choice(WORDS)} {number:02}"
        facility = dice.choice(facilities)
        place = facility.territory if facility else dice.choice(provinces)
        product = ProductFactory(name=name, group=dice.choice(ProductGroup.values), facility=facility, territory=place)
        trade(dice, product)
        for ordinal in range(dice.choice([0, 1, 1, 1, 2, 3, 5])):
            RecognitionFactory(
                product=product,
                level=dice.choice(Level.values),
                year=dice.choice([2023, 2024, 2025]),
                round_ordinal=ordinal,
                territory=dice.choice(provinces),
                issued_on=None,
                expires_on=dice.choice(ENDS),
                **dice.choice([{}, {}, {}, ended(dice), {"published_at": None}]),
            )


def trade(dice: random.Random, product: Product) -> None:
    """Stars whose end is known by the day, by the year or not at all, places to buy, and readiness to export."""
    for stars in some(dice, list(STARS)):
        end = dice.choice([{"expires_on": CLOCK.on}, {"expires_on": CLOCK.on - dt.timedelta(days=1), "issued_year": 2026},
                           {"issued_year": 2022}, {"issued_year": 2023}, {}])  # fmt: skip
        ProductStandard.objects.create(product=product, kind="ocop", stars=int(stars), **end)
    for kind in some(dice, ChannelKind.values):
        DistributionChannel.objects.create(product=product, kind=kind, name="Nơi bán")
    if dice.random() < 0.3:
        SalesLink.objects.create(product=product, channel="voso", url="https://ban.example.vn/")
    if dice.random() < 0.5:
        TradeFacts.objects.create(product=product, export_ready=dice.random() < 0.5, declared_on=CLOCK.on)


def ended(dice: random.Random) -> dict[str, object]:
    name = dice.choice(["revoked_on", "withdrawn_on", "suspended_from"])
    return {name: CLOCK.on + dt.timedelta(days=dice.choice([-1, 0, 1])), "status_reason": "Vi phạm"}


def questions(dice: random.Random, provinces: list[Territory]) -> Iterator[Filters]:
    yield Filters()
    for _number in range(25):
        basis = dice.choice([Basis.CURRENT, Basis.AT_THE_TIME])
        places = [unit.slug for unit in provinces if basis == Basis.AT_THE_TIME or unit.valid_to is None]
        yield Filters(
            q=dice.choice(["", "", "che", "mien dong"]),
            group=some(dice, ProductGroup.values),
            level=some(dice, Level.values),
            province=some(dice, places),
            basis=basis,
            year=some(dice, ["2023", "2024", "2025"]),
            status=some(dice, Status.values),
            kind=some(dice, FacilityKind.values),
            stars=some(dice, list(STARS)),
            channel=some(dice, list(CHANNELS)),
            export=some(dice, ["ready"]),
            sort=dice.choice(SORTS),
        )


def some(dice: random.Random, values: list[str]) -> tuple[str, ...]:
    return tuple(dice.sample(values, min(dice.choice([0, 0, 0, 1, 2]), len(values))))


# --- the naive count ------------------------------------------------------------------------------------------


Values = dict[str, set[str]]


def values_of(row: Recognition, basis: str) -> Values:
    """What a published recognition has of each facet."""
    unit = row.territory_id if basis == Basis.AT_THE_TIME else current_id(row.territory_id)
    product = row.product
    titles = product.standards.filter(kind="ocop")
    holding = [t for t in titles if ocop_holds(issued_year=t.issued_year, expires_on=t.expires_on, on=CLOCK.on)]
    trade = TradeFacts.objects.filter(product=product, export_ready=True)
    return {
        "level": {str(row.level)},
        "status": {str(row.status(on=CLOCK.on, expiring_days=CLOCK.expiring_days))},
        "province": {str(Territory.objects.get(pk=unit).slug)},
        "year": {str(row.year)},
        "group": {str(product.group)},
        "kind": {str(product.facility.kind if product.facility else FacilityKind.UNKNOWN)},
        "stars": {str(title.stars) for title in holding},
        "channel": {c.kind for c in product.channels.all()} | ({"online"} if product.sales_links.exists() else set()),
        "export": {"ready"} if trade.exists() else set(),
    }


Known = list[tuple[Recognition, Values]]


def known_of(basis: str) -> Known:
    rows = Recognition.objects.filter(stage="recognised").exclude(published_at=None).select_related("product__facility")
    return [(row, values_of(row, basis)) for row in rows]


def meets(row: Recognition, values: Values, asked: Filters, leave_out: str = "") -> bool:
    return all(word in row.product.search_text for word in asked.words) and all(
        values[facet] & set(getattr(asked, facet)) for facet in FACETS if facet != leave_out and getattr(asked, facet)
    )


def naive(facet: str, asked: Filters, known: Known) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for row, values in known:
        if meets(row, values, asked, leave_out=facet):
            for value in values[facet] & (set(CHANNELS) if facet == "channel" else values[facet]):
                found.setdefault(value, set()).add(row.product_id)
    return {value: len(products) for value, products in found.items()}


def how_well(product: Product, words: list[str]) -> int:
    name, together = fold(product.name), " ".join(words)
    tests = [name.startswith(together), together in name, all(word in name for word in words), True]
    return tests.index(True)


def ordered(asked: Filters, known: Known) -> list[str]:
    """The names of the products found, in the order that is asked for."""
    rows: dict[Product, list[tuple[Recognition, Values]]] = {}
    for row, values in known:
        if meets(row, values, asked):
            rows.setdefault(row.product, []).append((row, values))

    def key(product: Product) -> Any:
        of_it = rows[product]
        ends = [r.expires_on for r, values in of_it if values["status"] & {"valid", "expiring"} and r.expires_on]
        rank: tuple[Any, ...] = {
            "match": (how_well(product, asked.words),),
            "name": (),
            "newest": (-max(r.year for r, _values in of_it),),
            "expiring": (min(ends, default=dt.date.max),),
        }[asked.order]
        return (*rank, product.sort_key, product.pk)

    return [product.name for product in sorted(rows, key=key)]


@pytest.mark.parametrize("seed", range(4))
def test_facets_total_and_page_agree_with_a_naive_count(provinces, seed):
    dice = random.Random(seed)
    fill(dice, provinces)
    known = {basis: known_of(basis) for basis in Basis.values}
    for asked in questions(dice, provinces):
        counted = counts(asked, CLOCK, mark="")
        for facet in FACETS:
            assert counted.by[facet] == naive(facet, asked, known[asked.basis]), (facet, asked)
        expected = ordered(asked, known[asked.basis])
        assert counted.total == len(expected) == len(set(matching(asked, CLOCK).values_list("product", flat=True))), (
            asked
        )
        assert [card.name for card in page_of(asked, CLOCK)] == expected[:PER_PAGE], asked
