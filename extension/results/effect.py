"""What support did for recognised products: supported before or after, recognised again, raised a level, on new markets.

A product counts as supported when a granted project names it, or names its facility as a whole. Support in the year of
the first recognition or earlier is "before", later support "after". Samples and what is real are never counted together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from products.enums import LEVEL_RANK, Level
from products.models import Product, Recognition

from ..models import Beneficiary, Listing, Project

WHEN = ("before", "after", "both", "never")


@dataclass(frozen=True)
class Life:
    """What is known of one recognised product, in years."""

    product_id: int
    recognised: tuple[tuple[str, int], ...]
    supported: tuple[int, ...] = ()
    listed: tuple[int | None, ...] = ()

    @property
    def first(self) -> int:
        return min(year for _level, year in self.recognised)

    @property
    def when(self) -> str:
        """ "before", "after", "both" or "never" supported, against the first recognition."""
        before = any(year <= self.first for year in self.supported)
        after = any(year > self.first for year in self.supported)
        return ("both" if after else "before") if before else ("after" if after else "never")

    @property
    def renewed(self) -> bool:
        """Recognised again at a level that it had already."""
        levels = [level for level, _year in set(self.recognised)]
        return len(levels) > len(set(levels))

    @property
    def raised(self) -> bool:
        """Later recognised at a higher level than at first."""
        lowest = min(LEVEL_RANK[Level(level)] for level, year in self.recognised if year == self.first)
        return any(year > self.first and LEVEL_RANK[Level(level)] > lowest for level, year in self.recognised)

    @property
    def on_markets(self) -> bool:
        """On show or on sale somewhere; of a supported product, since the support or from an unknown day."""
        since = min(self.supported, default=0)
        return any(year is None or year >= since for year in self.listed)


@dataclass
class Sum:
    """Products of one kind, and what became of them."""

    products: int = 0
    renewed: int = 0
    raised: int = 0
    on_markets: int = 0

    def add(self, life: Life) -> None:
        self.products += 1
        self.renewed += life.renewed
        self.raised += life.raised
        self.on_markets += life.on_markets


@dataclass(frozen=True)
class Effect:
    """Sums by when the support came, and the products behind them."""

    by_when: dict[str, Sum]
    lives: list[Life] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(one.products for one in self.by_when.values())

    @property
    def supported(self) -> Sum:
        return _added(self.by_when[when] for when in WHEN if when != "never")

    @property
    def share(self) -> int | None:
        """Of a hundred recognised products, how many were supported; None when there is none. Rounded half up."""
        return (200 * self.supported.products + self.total) // (2 * self.total) if self.total else None


def effect_of(recognitions: QuerySet[Recognition], *, samples: bool = False) -> Effect:
    """The effect on the products of these recognitions. Four queries, whatever the rows."""
    lives = _lives(recognitions, samples)
    sums = {when: Sum() for when in WHEN}
    for life in lives:
        sums[life.when].add(life)
    return Effect(sums, lives)


def named(lives: Iterable[Life]) -> list[tuple[Life, Product]]:
    """The lives with their products, for one page of a list. One query."""
    rows = list(lives)
    products = Product.objects.select_related("facility").in_bulk([life.product_id for life in rows])
    return [(life, products[life.product_id]) for life in rows if life.product_id in products]


def _lives(recognitions: QuerySet[Recognition], samples: bool) -> list[Life]:
    chosen = recognitions.order_by().values("product")
    every = Recognition.objects.published().filter(product__in=chosen, is_illustrative=samples)
    recognised: dict[int, list[tuple[str, int]]] = {}
    makers: dict[int, int | None] = {}
    for product_id, facility_id, level, year in every.order_by("product").values_list(
        "product", "product__facility", "level", "year"
    ):
        recognised.setdefault(product_id, []).append((level, year))
        makers[product_id] = facility_id
    by_product, by_facility = _support(chosen, samples)
    listed = _listed(chosen)
    return [
        Life(
            product_id,
            tuple(rows),
            tuple(sorted({*by_product.get(product_id, ()), *by_facility.get(makers[product_id] or 0, ())})),
            tuple(listed.get(product_id, ())),
        )
        for product_id, rows in recognised.items()
    ]


def _support(chosen: Any, samples: bool) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Years of support by product, and by facility where it was for the facility as a whole. Two queries."""
    granted = Project.objects.granted().filter(is_illustrative=samples)
    rows = Beneficiary.objects.filter(project__in=granted).order_by()
    by_product: dict[int, set[int]] = {}
    for product_id, year in rows.filter(product__in=chosen).values_list("product", "project__year"):
        by_product.setdefault(product_id, set()).add(year)
    by_facility: dict[int, set[int]] = {}
    whole = rows.filter(product__isnull=True, facility__products__in=chosen)
    for facility_id, year in whole.values_list("facility", "project__year").distinct():
        by_facility.setdefault(facility_id, set()).add(year)
    return by_product, by_facility


def _listed(chosen: Any) -> dict[int, list[int | None]]:
    found: dict[int, list[int | None]] = {}
    for product_id, since in Listing.objects.filter(product__in=chosen).order_by().values_list("product", "since"):
        found.setdefault(product_id, []).append(since.year if since else None)
    return found


def _added(sums: Iterable[Sum]) -> Sum:
    total = Sum()
    for one in sums:
        total.products += one.products
        total.renewed += one.renewed
        total.raised += one.raised
        total.on_markets += one.on_markets
    return total
