"""What `columns` reads of the database: the public register as whole numbers, all of it or some products."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from facilities.enums import FacilityKind

from .enums import Level, ProductGroup, StandardKind
from .models import DistributionChannel, Product, ProductStandard, Recognition, SalesLink, TradeFacts
from .ready import Ready
from .traits import CHANNELS, OCOP_YEARS, ONLINE

NEVER = int(np.iinfo(np.int32).max)
LONG_AGO = -NEVER
CHUNK = 20_000
Rows = QuerySet[Any, Any]
LEVELS = tuple(Level.values)
GROUPS = tuple(ProductGroup.values)
KINDS = tuple(FacilityKind.values)
CHANNEL_BITS = {name: 1 << place for place, name in enumerate(CHANNELS)}


class Row(IntEnum):
    """Columns of a recognition. Days are counted from 1 January of year 1, as `date.toordinal` does."""

    ITEM = 0
    LEVEL = 1
    YEAR = 2
    UNIT = 3
    EXPIRES = 4
    REVOKED = 5
    WITHDRAWN = 6
    PAUSED_FROM = 7
    PAUSED_TO = 8
    ISSUED = 9
    ILLUSTRATIVE = 10
    DECIDED = 11
    KEY = 12


class Item(IntEnum):
    """Columns of a product. The maker is -1 where it is not known; stars hold to the end of a day."""

    GROUP = 0
    KIND = 1
    IS_SET = 2
    ILLUSTRATIVE = 3
    FACILITY = 4
    THREE_STARS = 5
    FOUR_STARS = 6
    FIVE_STARS = 7
    CHANNELS = 8
    EXPORT_READY = 9


class Block(NamedTuple):
    """Products in the order of the alphabet, and their recognitions, which name them by their place."""

    keys: NDArray[np.int64]
    items: NDArray[np.int32]
    rows: NDArray[np.int32]


class _Ordinal(Func):
    """A date as the number that `date.toordinal` gives."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) - 1721424.5 AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s - DATE '0001-01-01' + 1)", **context)


def read(products: Sequence[int] | None = None) -> Block:
    """The public register, or some of its products. Six queries for any number."""
    found = _table(_products, 1 + len(_ITEMS), products)
    keys, items = found[0], np.zeros((len(Item), found.shape[1]), dtype=np.int32)
    items[: len(_ITEMS)] = found[1:]
    places = _Places(keys)
    _add_stars(items, places, products)
    _add_channels(items, places, products)
    return Block(keys, items, _rows(places, products))


def following(key: int, exclude: Sequence[int]) -> int | None:
    """The public product next in the order of the alphabet, leaving some out; None behind the last. Two queries."""
    sort_key = _SORT_KEY(key)[0]
    return next(iter(_FOLLOWING(sort_key, key, list(exclude))), None)


def _behind(sort_key: str, key: int, exclude: Sequence[int]) -> QuerySet[Any, int]:
    behind = Q(sort_key__gt=sort_key) | Q(sort_key=sort_key, pk__gt=key)
    others = Product.objects.public().filter(behind, sort_key__gte=sort_key).exclude(pk__in=exclude)
    return others.order_by("sort_key", "pk").values_list("pk", flat=True)[:1]


_SORT_KEY = Ready(lambda key: Product.objects.order_by().filter(pk=key).values_list("sort_key", flat=True))
_FOLLOWING = Ready(_behind)


class _Places:
    """Where products stand, by their keys."""

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self._order = np.argsort(keys)
        self._sorted = keys[self._order]

    def of(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The places, and which of the keys are there at all."""
        if not len(self._sorted):
            return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.bool_)
        at = np.searchsorted(self._sorted, keys).clip(max=len(self._sorted) - 1)
        return self._order[at], self._sorted[at] == keys


_ITEMS = (Item.GROUP, Item.KIND, Item.IS_SET, Item.ILLUSTRATIVE, Item.FACILITY)


def _products(products: Sequence[int] | None = None) -> Rows:
    unknown = Value(KINDS.index(FacilityKind.UNKNOWN.value))
    public = _some(Product.objects.public(), "pk", products).order_by("sort_key", "pk")
    return public.values_list(
        "pk",
        _place("group", GROUPS),
        Coalesce(_place("facility__kind", KINDS), unknown),
        Cast("is_set", IntegerField()),
        Cast("is_illustrative", IntegerField()),
        Coalesce("facility_id", Value(-1)),
    )


def _recognitions(products: Sequence[int] | None = None) -> Rows:
    return (
        _some(Recognition.objects.published(), "product", products)
        .order_by()
        .values_list(
            "product_id",
            _place("level", LEVELS),
            "year",
            "territory_id",
            *(_day(name, missing) for name, missing in _DAYS),
            Cast("is_illustrative", IntegerField()),
            _day("decision__signed_on", LONG_AGO),
            "pk",
        )
    )


def _rows(places: _Places, products: Sequence[int] | None) -> NDArray[np.int32]:
    found = _table(_recognitions, len(Row), products)
    at, known = places.of(found[0])
    rows = found.astype(np.int32)
    rows[Row.ITEM] = at
    # A recognition published while the products were read is left to the next change.
    return np.ascontiguousarray(rows[:, known])


_DAYS = (
    ("expires_on", LONG_AGO),
    ("revoked_on", NEVER),
    ("withdrawn_on", NEVER),
    ("suspended_from", NEVER),
    ("suspended_to", NEVER),
    ("issued_on", LONG_AGO),
)


def _titles(products: Sequence[int] | None = None) -> Rows:
    titles = ProductStandard.objects.filter(kind=StandardKind.OCOP, stars__gte=3).order_by()
    by_year = Case(When(issued_year=None, then=Value(NEVER)), default=_last_day(F("issued_year") + OCOP_YEARS))
    until = Coalesce(_Ordinal("expires_on"), by_year, output_field=IntegerField())
    return _some(titles, "product", products).values_list("product_id", "stars", until)


def _add_stars(items: NDArray[np.int32], places: _Places, products: Sequence[int] | None) -> None:
    """To the end of which day each product holds three, four and five stars; `traits.ocop_holds` says the same."""
    found = _table(_titles, 3, products)
    at, known = places.of(found[0])
    np.maximum.at(items, (Item.THREE_STARS + found[1][known] - 3, at[known]), found[2][known].astype(np.int32))


def _last_day(year: Any) -> Any:
    """The ordinal of 31 December, by the calendar's own sum."""
    whole = IntegerField()
    return Cast(year, whole) * 365 + Cast(year, whole) / 4 - Cast(year, whole) / 100 + Cast(year, whole) / 400


def _sold_by(products: Sequence[int] | None = None) -> Rows:
    sold = _some(DistributionChannel.objects.filter(kind__in=CHANNEL_BITS), "product", products).order_by()
    bits = Case(*(When(kind=name, then=Value(bit)) for name, bit in CHANNEL_BITS.items()), default=Value(0))
    return sold.values_list("product_id", bits)


def _sold_online(products: Sequence[int] | None = None) -> Rows:
    online = Value(CHANNEL_BITS[ONLINE], output_field=IntegerField())
    return _some(SalesLink.objects.all(), "product", products).order_by().values_list("product_id", online)


def _export_ready(products: Sequence[int] | None = None) -> Rows:
    ready = _some(TradeFacts.objects.filter(export_ready=True), "product", products)
    return ready.order_by().values_list("product_id")


def _add_channels(items: NDArray[np.int32], places: _Places, products: Sequence[int] | None) -> None:
    """Where products are sold, a bit for each channel, and which are ready for export."""
    for sold in (_sold_by, _sold_online):
        found = _table(sold, 2, products)
        at, known = places.of(found[0])
        np.bitwise_or.at(items[Item.CHANNELS], at[known], found[1][known].astype(np.int32))
    at, known = places.of(_table(_export_ready, 1, products)[0])
    items[Item.EXPORT_READY, at[known]] = 1


# --- from rows to numbers ----------------------------------------------------------------------------------


def _some(rows: Rows, name: str, products: Sequence[int] | None) -> Rows:
    return rows if products is None else rows.filter(**{f"{name}__in": products})


def _place(name: str, values: Iterable[str]) -> Case:
    """A text as its place among the values it may have."""
    return Case(*(When(**{name: value}, then=Value(place)) for place, value in enumerate(values)))


def _day(name: str, missing: int) -> Coalesce:
    return Coalesce(_Ordinal(name), Value(missing))


_READY = {make: Ready(make) for make in (_products, _recognitions, _titles, _sold_by, _sold_online, _export_ready)}


def _table(make: Callable[..., Rows], width: int, products: Sequence[int] | None) -> NDArray[np.int64]:
    """The rows of a query as columns: of some products at once, of all of them in pieces."""
    if products is not None:
        return _columns([_READY[make](list(products))], width)
    rows = make().iterator(chunk_size=CHUNK)
    return _columns(iter(lambda: list(islice(rows, CHUNK)), []), width)


def _columns(pieces: Iterable[list[Any]], width: int) -> NDArray[np.int64]:
    found = [np.empty((0, width), dtype=np.int64), *(np.array(one, dtype=np.int64) for one in pieces if one)]
    return np.ascontiguousarray(np.concatenate(found).T)
