"""Reads of the public register: one product, one certificate, what is new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.territory.queries import family_ids

from . import columns
from .cards import Card, Standing, cards_of, standing, telling_first
from .catalogue import Clock
from .column_reads import Item, Row
from .models import (
    Certificate,
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    Recognition,
    SalesLink,
    SetMember,
)
from .ready import Ready, grouped, hold
from .withholding import is_withheld

NEWEST_LOOKED_AT = 60


@dataclass(frozen=True)
class Detail:
    """A public product with everything its page shows of the register."""

    product: Product
    standings: list[Standing]
    photos: list[ProductPhoto]

    @property
    def foremost(self) -> Standing:
        return self.standings[0]

    @property
    def is_illustrative(self) -> bool:
        return self.product.is_illustrative or any(s.row.is_illustrative for s in self.standings)


def product_detail(slug: str, clock: Clock) -> Detail | None:
    """A product with a published recognition, or None. Nine queries."""
    product = next(iter(_PRODUCT(slug)), None)
    if product is None:
        return None
    shown = _shown(product, clock)
    if not shown:
        return None
    hold(
        product,
        members=_MEMBERS(product.pk, clock=clock),
        photos=_PHOTOS(product.pk),
        standards=_STANDARDS(product.pk),
        sales_links=_SALES_LINKS(product.pk),
        channels=_CHANNELS(product.pk),
        properties=_PROPERTIES(product.pk),
    )
    found = [standing(row, on=clock.on, expiring_days=clock.expiring_days) for row in shown]
    return Detail(product, telling_first(found), list(product.photos.all()))


def _shown(product: Product, clock: Clock) -> list[Recognition]:
    """The recognitions the public sees, with their certificates. Two queries, one when there are none."""
    rows = [row for row in _RECOGNITIONS(product.pk) if not is_withheld(row, maker=product.facility, on=clock.on)]
    papers = grouped(_CERTIFICATES([row.pk for row in rows]), "recognition_id")
    for row in rows:
        row.product = product
        hold(row, certificates=papers.get(row.pk, []))
    return rows


_PRODUCT = Ready(
    lambda slug: Product.objects.order_by().filter(slug=slug).select_related("facility", "territory", "trade")
)
_RECOGNITIONS = Ready(
    lambda product: (
        Recognition.objects.published().filter(product=product).select_related("territory", "decision", "validity_rule")
    )
)
_CERTIFICATES = Ready(lambda rows: Certificate.objects.filter(superseded_on=None, recognition__in=rows))
_MEMBERS = Ready(lambda product, *, clock: members(clock).filter(product_set=product))
_PHOTOS = Ready(lambda product: ProductPhoto.objects.filter(is_public=True, product=product).select_related("file"))
_STANDARDS = Ready(lambda product: ProductStandard.objects.filter(product=product))
_SALES_LINKS = Ready(lambda product: SalesLink.objects.filter(product=product))
_CHANNELS = Ready(lambda product: DistributionChannel.objects.filter(product=product))
_PROPERTIES = Ready(lambda product: IntellectualProperty.objects.filter(product=product))


def members(clock: Clock) -> QuerySet[SetMember]:
    """Members of a set; `has_page` when the member is itself in the public register."""
    pages = Product.objects.public(on=clock.on).filter(pk=OuterRef("product"))
    return SetMember.objects.select_related("product").annotate(has_page=Exists(pages))


def public_photo(pk: int, clock: Clock) -> ProductPhoto | None:
    """A photo anyone may see: released, and of a product that stands in the public register. One query."""
    return (
        ProductPhoto.objects.filter(pk=pk, is_public=True, product__in=Product.objects.public(on=clock.on))
        .select_related("file", "product")
        .first()
    )


def newest(number: int, clock: Clock) -> list[Card]:
    """The products recognised last: real ones before made-up ones, every group before a second of one. Four queries."""
    shelf = columns.shelf()
    real = shelf.row(Row.ILLUSTRATIVE) == 0
    last = [*shelf.last_recognised(real, NEWEST_LOOKED_AT), *shelf.last_recognised(~real, NEWEST_LOOKED_AT)]
    items, years = shelf.row(Row.ITEM)[last], shelf.row(Row.YEAR)[last].tolist()
    found = zip(shelf.keys[items].tolist(), shelf.item(Item.GROUP)[items].tolist(), years, strict=True)
    return public_cards(_varied(list(found)[:NEWEST_LOOKED_AT], number), clock)


def _varied(found: Iterable[tuple[int, int, int]], number: int) -> list[int]:
    """The first product of each group of the newest year, then the rest in order."""
    firsts: dict[int, int] = {}
    rest: list[int] = []
    newest_year: int | None = None
    for pk, group, year in found:
        newest_year = newest_year or year
        if year == newest_year and group not in firsts:
            firsts[group] = pk
        else:
            rest.append(pk)
    return list(dict.fromkeys([*firsts.values(), *rest]))[:number]


class Place(NamedTuple):
    """All that decides which products are similar to one, and nothing that says what they are.

    `units` are those that its unit of today was made of.
    """

    pk: int
    units: tuple[int, ...]
    group: str
    sort_key: str


def place_of(product: Product) -> Place:
    return Place(product.pk, tuple(family_ids(product.territory_id)), product.group, product.sort_key)


def similar(place: Place, number: int) -> list[int]:
    """Keys of up to half of the same province of today, then others of the group. Four queries at most.

    Those next in the alphabet, so that every product leads on to others and the index answers.
    """
    here = _next_to(place, _OF_UNITS, place.units, number // 2)
    alike = _next_to(place, _OF_GROUP, place.group, number * 2)
    return list(dict.fromkeys([*here, *alike]))[:number]


def may_be_similar(place: Place, ids: Sequence[int]) -> bool:
    """Whether one of some products is of the same province of today, or of the group. One query."""
    return bool(_BESIDE(place.units, place.group, list(ids)))


_BESIDE = Ready(
    lambda units, group, ids: (
        Product.objects.order_by()
        .filter(Q(territory__in=units) | Q(group=group), pk__in=ids)
        .values_list("pk", flat=True)[:1]
    )
)


def public_cards(ids: Sequence[int], clock: Clock) -> list[Card]:
    """Cards with the most telling of all their published recognitions. Three queries."""
    return cards_of(ids, on=clock.on, expiring_days=clock.expiring_days)


def of_other_makers(product: Product, number: int, clock: Clock) -> list[Card]:
    """What other makers of a product's province of today make, the next in the alphabet. Five queries at most."""
    place = place_of(product)
    return public_cards(_next_to(place, _OF_OTHERS, (*place.units,), number, maker=product.facility_id), clock)


def _next_to(place: Place, others: "Ready[int]", of: Any, number: int, **named: Any) -> list[int]:
    """Keys of those that follow in the alphabet, and from its beginning where it ends. One query, two near its end."""
    following = others(of, place.pk, place.sort_key, number=number, wraps=False, **named)
    if len(following) < number:
        following += others(of, place.pk, place.sort_key, number=number, wraps=True, **named)[: number - len(following)]
    return following


def _others(rows: QuerySet[Product], pk: int, sort_key: str, *, number: int, wraps: bool) -> QuerySet[Any, int]:
    side = Q(sort_key__lt=sort_key) if wraps else Q(sort_key__gte=sort_key)
    return rows.exclude(pk=pk).filter(side).order_by("sort_key", "pk").values_list("pk", flat=True)[:number]


def _in_units(units: Sequence[int]) -> QuerySet[Product]:
    return Product.objects.public().filter(territory__in=units)


_OF_UNITS = Ready(lambda units, *key, **named: _others(_in_units(units), *key, **named))
_OF_GROUP = Ready(lambda group, *key, **named: _others(Product.objects.public().filter(group=group), *key, **named))
_OF_OTHERS = Ready(lambda units, *key, maker, **named: _others(_in_units(units).exclude(facility=maker), *key, **named))
