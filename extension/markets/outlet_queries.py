"""Reading outlets: which products are at them, what the register says of sales that no outlet knows, who is nowhere."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from facilities.models import Facility
from products.enums import ChannelKind
from products.models import DistributionChannel, Product, SalesLink
from products.ready import Ready

from ..enums import OutletKind
from ..models import Listing, Outlet
from .outlet_matching import same_place, same_site

# What a product calls the place it is sold at, and what the programme calls it.
CHANNELS = {OutletKind.SUPERMARKET: ChannelKind.SUPERMARKET, OutletKind.SHOWROOM: ChannelKind.SHOWROOM}


@dataclass(frozen=True)
class Shelf:
    """An outlet with the public products that are there."""

    outlet: Outlet
    products: tuple[Product, ...]


@dataclass(frozen=True)
class Group:
    kind: str
    label: str
    shelves: tuple[Shelf, ...]


@dataclass(frozen=True)
class Hint:
    """A product that says it is sold at an outlet where it is not listed yet."""

    outlet: Outlet
    product: Product
    said: str


def current(on: dt.date) -> Q:
    """Listings that hold on a day."""
    return (Q(since__isnull=True) | Q(since__lte=on)) & (Q(until__isnull=True) | Q(until__gte=on))


def open_on(on: dt.date) -> Q:
    """Outlets that are open on a day."""
    return (Q(opened_on__isnull=True) | Q(opened_on__lte=on)) & (Q(closed_on__isnull=True) | Q(closed_on__gte=on))


def public_groups(on: dt.date) -> list[Group]:
    """Open public outlets by kind, each with its public products of today. Three queries."""
    rows = Listing.objects.filter(current(on), product__in=Product.objects.public(on=on)).select_related(
        "product__facility"
    )
    held = Outlet.objects.public().filter(open_on(on)).select_related("territory")
    shelves = [
        Shelf(outlet, tuple(row.product for row in outlet.here))  # type: ignore[attr-defined]
        for outlet in held.order_by("is_illustrative", "name").prefetch_related(
            Prefetch("listings", rows.order_by("product__sort_key"), to_attr="here")
        )
    ]
    return [
        Group(kind.value, str(kind.label), found)
        for kind in OutletKind
        if (found := tuple(shelf for shelf in shelves if shelf.outlet.kind == kind))
    ]


def outlets_of_product(product: Product, on: dt.date) -> list[Listing]:
    """Open public outlets where a product is today. One query."""
    return _OF_PRODUCT(product.pk, on=on)


def _listings(product: int, *, on: dt.date) -> QuerySet[Listing]:
    places = Outlet.objects.public().filter(open_on(on)).values("pk")
    rows = Listing.objects.filter(current(on), product=product, outlet__in=places).select_related("outlet")
    return rows.order_by("outlet__kind", "outlet__name")


_OF_PRODUCT = Ready(_listings)


def outlets_of_facility(facility: Facility, on: dt.date) -> list[Outlet]:
    """Open public outlets where a facility's products are today, each once. One query."""
    rows = Listing.objects.filter(current(on), product__facility=facility, product__in=Product.objects.public(on=on))
    found = Outlet.objects.public().filter(open_on(on), pk__in=rows.values("outlet"))
    return list(found.order_by("kind", "name"))


# --- the desk -------------------------------------------------------------------------------------------------------


def outlets_here(user: Any, on: dt.date) -> list[Shelf]:
    """Outlets that the person's roles reach, each with what is there today. Two queries."""
    rows = Listing.objects.filter(current(on)).select_related("product__facility").order_by("product__sort_key")
    found = Outlet.objects.visible_to(user).select_related("territory").order_by("kind", "name")
    return [
        Shelf(outlet, tuple(row.product for row in outlet.here))  # type: ignore[attr-defined]
        for outlet in found.prefetch_related(Prefetch("listings", rows, to_attr="here"))
    ]


def hints(shelves: Iterable[Shelf], products: QuerySet[Product], on: dt.date) -> list[Hint]:
    """What products of the register say of sales, matched against outlets that do not list them. Two queries."""
    open_ = [shelf for shelf in shelves if _is_open(shelf.outlet, on)]
    listed = {(shelf.outlet.pk, product.pk) for shelf in open_ for product in shelf.products}
    found: dict[tuple[int, int], Hint] = {}
    channels = DistributionChannel.objects.filter(product__in=products, kind__in=CHANNELS.values())
    links = SalesLink.objects.filter(product__in=products)
    for channel in channels.select_related("product__facility").order_by("product__sort_key", "pk"):
        for shelf in open_:
            if CHANNELS.get(OutletKind(shelf.outlet.kind)) == channel.kind and same_place(
                channel.name, shelf.outlet.name
            ):
                found.setdefault(
                    (shelf.outlet.pk, channel.product_id), Hint(shelf.outlet, channel.product, channel.name)
                )
    for link in links.select_related("product__facility").order_by("product__sort_key", "pk"):
        for shelf in open_:
            if shelf.outlet.kind == OutletKind.ECOMMERCE and same_site(link.url, shelf.outlet.url):
                found.setdefault((shelf.outlet.pk, link.product_id), Hint(shelf.outlet, link.product, link.url))
    return [hint for key, hint in found.items() if key not in listed]


def _is_open(outlet: Outlet, on: dt.date) -> bool:
    return (outlet.opened_on is None or outlet.opened_on <= on) and (outlet.closed_on is None or outlet.closed_on >= on)


def reach_of(products: QuerySet[Product], on: dt.date) -> dict[str, int]:
    """How many of the products are at each kind of outlet today, and how many at none ("none"). One query."""
    rows = Listing.objects.filter(current(on), outlet__in=Outlet.objects.filter(open_on(on)), product__in=products)
    at: dict[str, set[int]] = defaultdict(set)
    for kind, product_id in rows.values_list("outlet__kind", "product_id"):
        at[kind].add(product_id)
    return {kind.value: len(at[kind.value]) for kind in OutletKind} | {"any": len(set().union(*at.values()))}


def nowhere(products: QuerySet[Product], on: dt.date) -> QuerySet[Product]:
    """Products at no outlet today. One query when read."""
    rows = Listing.objects.filter(current(on), outlet__in=Outlet.objects.filter(open_on(on)), product=OuterRef("pk"))
    return products.filter(~Exists(rows)).select_related("facility").order_by("sort_key")
