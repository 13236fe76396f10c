"""Facet counts and pages of the catalogue against a naive count in Python, on random registers."""

import datetime as dt
import random
from collections.abc import Iterator

import pytest

from portal.territory.enums import Basis
from portal.territory.models import Territory
from portal.territory.queries import current_id
from products.catalogue import FACETS, PER_PAGE, Clock, counts, page_of
from products.enums import Level, ProductGroup, Status
from products.filters import Filters
from products.models import Product, Recognition
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
    facilities = [FacilityFactory(territory=unit) for unit in provinces]
    for number in range(30):
        name = f"{dice.choice(WORDS)} {number:02}"
        product = ProductFactory(name=name, group=dice.choice(ProductGroup.values), facility=dice.choice(facilities))
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
        )


def some(dice: random.Random, values: list[str]) -> tuple[str, ...]:
    return tuple(dice.sample(values, dice.choice([0, 0, 0, 1, 2])))


# --- the naive count ------------------------------------------------------------------------------------------


def value_of(row: Recognition, facet: str, basis: str) -> str:
    if facet == "province":
        pk = row.territory_id if basis == Basis.AT_THE_TIME else current_id(row.territory_id)
        return str(Territory.objects.get(pk=pk).slug)
    if facet == "status":
        return str(row.status(on=CLOCK.on, expiring_days=CLOCK.expiring_days))
    return str(row.product.group if facet == "group" else getattr(row, facet))


def values_of_all(basis: str) -> list[tuple[Product, dict[str, str]]]:
    """Every published recognition as its product and its value of each facet."""
    rows = Recognition.objects.filter(stage="recognised").exclude(published_at=None).select_related("product")
    return [(row.product, {facet: value_of(row, facet, basis) for facet in FACETS}) for row in rows]


def meets(product: Product, values: dict[str, str], asked: Filters, leave_out: str = "") -> bool:
    return all(word in product.search_text for word in asked.words) and all(
        values[facet] in getattr(asked, facet) for facet in FACETS if facet != leave_out and getattr(asked, facet)
    )


def naive(facet: str, asked: Filters) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for product, values in values_of_all(asked.basis):
        if meets(product, values, asked, leave_out=facet):
            found.setdefault(values[facet], set()).add(product.pk)
    return {value: len(products) for value, products in found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_facets_total_and_page_agree_with_a_naive_count(provinces, seed):
    dice = random.Random(seed)
    fill(dice, provinces)
    for asked in questions(dice, provinces):
        counted = counts(asked, CLOCK, mark="")
        for facet in FACETS:
            assert counted.by[facet] == naive(facet, asked), (facet, asked)
        listed = {p.pk: p for p, values in values_of_all(asked.basis) if meets(p, values, asked)}
        assert counted.total == len(listed), asked
        expected = sorted(listed.values(), key=lambda p: (p.sort_key, p.pk))[:PER_PAGE]
        assert [card.name for card in page_of(asked, CLOCK)] == [p.name for p in expected]
