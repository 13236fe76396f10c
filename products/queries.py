"""Reads of the public register: one product, one certificate, what is new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from portal.territory.queries import family_ids

from . import columns
from .cards import Card, Standing, cards_of, standing, telling_first
from .catalogue import Clock
from .column_reads import Item, Row
from .models import Certificate, Product, ProductPhoto, Recognition, SetMember
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
    product = (
        Product.objects.filter(slug=slug)
        .select_related("facility", "territory", "trade")
        .prefetch_related(
            Prefetch("members", members(clock)),
            Prefetch("photos", ProductPhoto.objects.filter(is_public=True).select_related("file")),
            "standards",
            "sales_links",
            "channels",
            "properties",
        )
        .first()
    )
    if product is None:
        return None
    rows = (
        product.recognitions.published()
        .select_related("territory", "decision", "validity_rule")
        .prefetch_related(Prefetch("certificates", Certificate.objects.filter(superseded_on=None)))
    )
    shown = [row for row in rows if not is_withheld(row, maker=product.facility, on=clock.on)]
    if not shown:
        return None
    found = [standing(row, on=clock.on, expiring_days=clock.expiring_days) for row in shown]
    return Detail(product, telling_first(found), list(product.photos.all()))


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
    public = Product.objects.public().exclude(pk=place.pk)
    here = _next_to(place, public.filter(territory__in=place.units), number // 2)
    alike = _next_to(place, public.filter(group=place.group), number * 2)
    return list(dict.fromkeys([*here, *alike]))[:number]


def may_be_similar(place: Place, ids: Sequence[int]) -> bool:
    """Whether one of some products is of the same province of today, or of the group. One query."""
    beside = Q(territory__in=place.units) | Q(group=place.group)
    return Product.objects.filter(beside, pk__in=ids).exists()


def public_cards(ids: Sequence[int], clock: Clock) -> list[Card]:
    """Cards with the most telling of all their published recognitions. Three queries."""
    return cards_of(ids, Recognition.objects.published(), on=clock.on, expiring_days=clock.expiring_days)


def of_other_makers(product: Product, number: int, clock: Clock) -> list[Card]:
    """What other makers of a product's province of today make, the next in the alphabet. Five queries at most."""
    others = Product.objects.public().filter(territory__in=family_ids(product.territory_id))
    return public_cards(_next_to(place_of(product), others.exclude(facility=product.facility_id), number), clock)


def _next_to(place: Place, others: QuerySet[Product], number: int) -> list[int]:
    """Keys of those that follow in the alphabet, and from its beginning where it ends. One query, two near its end."""
    ordered = others.order_by("sort_key", "pk").values_list("pk", flat=True)
    following = list(ordered.filter(sort_key__gte=place.sort_key)[:number])
    if len(following) < number:
        following += ordered.filter(sort_key__lt=place.sort_key)[: number - len(following)]
    return following
