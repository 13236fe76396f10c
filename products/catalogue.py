"""The public catalogue: which products a query finds, in which order, and what each filter would leave.

One recognition must meet level, province, year and status together. A facet's counts leave its own
filter out, and they are of products, however many recognitions a product holds. Lists for software are read by
the same conditions in SQL (`matching`); pages are counted and put in order by the columns in memory.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, When

from portal.territory.enums import Basis
from portal.territory.queries import Unit, current_ids
from portal.territory.queries import register as territory_register

from . import columns
from .cards import Card, cards_of
from .column_reads import GROUPS, KINDS, LEVELS, Item, Row
from .columns import Mask, among, both, either
from .filters import Filters
from .models import Product, Recognition, RecognitionQuerySet
from .ready import Ready
from .register import kept
from .searching import meaning, units_named, word_condition
from .traits import CHANNELS, EXPORT, STARS
from .traits_sql import channel_condition, export_condition, kind_condition, stars_condition
from .validity_sql import status_condition

PER_PAGE = 12
SEARCHES_HELD = 4
ENOUGH = 100
OF_RECOGNITIONS = ("level", "status", "province", "year")
OF_PRODUCTS: dict[str, tuple[str, ...]] = {
    "group": GROUPS,
    "kind": KINDS,
    "stars": STARS,
    "channel": tuple(CHANNELS),
    "export": tuple(EXPORT),
}
FACETS = (*OF_RECOGNITIONS, *OF_PRODUCTS)


@dataclass(frozen=True)
class Clock:
    """The day of the question, and how many days before its end a recognition counts as expiring."""

    on: dt.date
    expiring_days: int


@dataclass(frozen=True)
class Counts:
    """Products per value of every facet, and how many the whole query finds."""

    by: dict[str, dict[str, int]]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def units_by_slug() -> dict[str, Unit]:
    """Every unit, then and now. No query when the territory register is cached."""
    return {unit.slug: unit for unit in territory_register().units.values()}


def settled(filters: Filters) -> Filters:
    """The query with each ended unit replaced by its unit of today, where provinces of today are asked for."""
    if filters.basis != Basis.CURRENT or not filters.province:
        return filters
    found, units = territory_register(), units_by_slug()
    today = (found.units[found.current_id(units[slug].pk)].slug for slug in filters.province)
    return filters.but(province=tuple(dict.fromkeys(today)), page=filters.page)


# --- which recognitions and products ----------------------------------------------------------------


def matching(filters: Filters, clock: Clock, *, leave_out: str = "") -> RecognitionQuerySet:
    """Published recognitions that meet the whole query, less one facet's own filter."""
    rows = Recognition.objects.published().filter(_recognition_part(filters, clock, leave_out))
    return rows.filter(_product_part(filters, clock, "product__", leave_out))


def _recognition_part(filters: Filters, clock: Clock, leave_out: str = "") -> Q:
    part = Q()
    if filters.level and leave_out != "level":
        part &= Q(level__in=filters.level)
    if filters.year and leave_out != "year":
        part &= Q(year__in=[int(year) for year in filters.year])
    if filters.province and leave_out != "province":
        part &= Q(territory__in=territory_ids(filters))
    if filters.status and leave_out != "status":
        part &= _any_status(filters.status, clock)
    return part


def _any_status(statuses: tuple[str, ...], clock: Clock) -> Q:
    part = Q(pk__in=[])
    for status in statuses:
        part |= status_condition(status, on=clock.on, expiring_days=clock.expiring_days)
    return part


def territory_ids(filters: Filters) -> list[int]:
    """The units a query's provinces mean on its basis. No query when the territory register is cached."""
    asked = {unit.pk for slug, unit in units_by_slug().items() if slug in filters.province}
    if filters.basis == Basis.AT_THE_TIME:
        return sorted(asked)
    found = territory_register()
    return sorted(pk for pk in found.units if found.current_id(pk) in asked)


def _product_part(filters: Filters, clock: Clock, prefix: str = "", leave_out: str = "") -> Q:
    part = Q()
    if filters.group and leave_out != "group":
        part &= Q(**{f"{prefix}group__in": filters.group})
    if filters.kind and leave_out != "kind":
        part &= kind_condition(filters.kind, prefix)
    if filters.stars and leave_out != "stars":
        part &= stars_condition(filters.stars, clock.on, prefix)
    if filters.channel and leave_out != "channel":
        part &= channel_condition(filters.channel, prefix)
    if filters.export and leave_out != "export":
        part &= export_condition(prefix)
    for word in filters.words:
        part &= word_condition(word, prefix)
    return part


# --- the same put to the columns in memory -----------------------------------------------------------


class _Question:
    """A query put to the shelf: which recognitions and which products meet it, less one facet's own filter."""

    def __init__(self, filters: Filters, clock: Clock, *, shown: bool = False) -> None:
        self.filters, self.clock, self.shelf = filters, clock, columns.shelf()
        self._of_rows = {name: mask for name in OF_RECOGNITIONS if (mask := self._row_part(name)) is not None}
        self._of_items = {name: mask for name in OF_PRODUCTS if (mask := self._item_part(name)) is not None}
        if filters.words:
            self.matches = _matches(tuple(filters.words), self.shelf)
            self._of_items["q"] = self.shelf.items_of(list(self.matches))
        if shown:
            self._of_rows["shown"] = ~self.shelf.due_to_be_withheld(clock.on)

    def rows(self, leave_out: str = "") -> Mask | None:
        """Recognitions that meet the query; None where all do."""
        items = both(self._of_items.values())
        return both([self._less(self._of_rows, leave_out), None if items is None else self.shelf.of_items(items)])

    def items(self, leave_out: str = "") -> Mask:
        """Products that meet the query and have a recognition that does."""
        having = self.shelf.items_with(self._less(self._of_rows, leave_out))
        asked = self._less(self._of_items, leave_out)
        return having if asked is None else having & asked

    def asks(self, name: str) -> bool:
        """Whether the query has a condition of this field."""
        return name in self._of_rows or name in self._of_items

    def met(self, name: str) -> Mask:
        """The recognitions that meet the condition of one field."""
        return self._of_rows[name] if name in self._of_rows else self.shelf.of_items(self._of_items[name])

    @staticmethod
    def _less(parts: dict[str, Mask], leave_out: str) -> Mask | None:
        return both(mask for name, mask in parts.items() if name != leave_out)

    def _row_part(self, name: str) -> Mask | None:
        asked, shelf = getattr(self.filters, name), self.shelf
        if not asked:
            return None
        if name == "level":
            return among(shelf.row(Row.LEVEL), map(LEVELS.index, asked))
        if name == "year":
            return among(shelf.row(Row.YEAR), map(int, asked))
        if name == "province":
            return among(shelf.row(Row.UNIT), territory_ids(self.filters))
        return shelf.with_status(asked, self.clock)

    def _item_part(self, name: str) -> Mask | None:
        asked = getattr(self.filters, name)
        return either(self.with_trait(name, value) for value in asked) if asked else None

    def with_trait(self, name: str, value: str) -> Mask:
        """Products with one value of a facet of products."""
        shelf = self.shelf
        if name == "group":
            return among(shelf.item(Item.GROUP), [GROUPS.index(value)])
        if name == "kind":
            return among(shelf.item(Item.KIND), [KINDS.index(value)])
        if name == "stars":
            return shelf.stars(int(value), self.clock.on)
        if name == "channel":
            return shelf.sold_through(value)
        return shelf.item(Item.EXPORT_READY) == 1


def _matches(words: tuple[str, ...], shelf: columns.Shelf) -> dict[int, int]:
    """The products that every word means; of the last few searches held as long as the register stays as it is."""
    if not columns.is_held(shelf):
        return _with_words(words)
    found = _held.get(words)
    if found is None or found[0] != shelf.word:
        if len(_held) >= SEARCHES_HELD:
            _held.clear()
        found = _held[words] = shelf.word, _with_words(words)
    return found[1]


_held: dict[tuple[str, ...], tuple[str, dict[int, int]]] = {}


def _with_words(words: Sequence[str]) -> dict[int, int]:
    """The products that every word means, each with how well: 0 for a name that begins with the words as they stand.

    One query, answered by the index of the texts' trigrams.
    """
    found, together = Product.objects.order_by(), " ".join(words)
    every_word = Q()
    for word in words:
        found = found.filter(word_condition(word))
        every_word &= Q(folded__contains=word)
    how_well = Case(
        When(folded__startswith=together, then=0),
        When(folded__contains=together, then=1),
        When(every_word, then=2),
        default=3,
        output_field=IntegerField(),
    )
    # Whole numbers as the database gives them: there may be tens of thousands.
    with connection.cursor() as cursor:
        cursor.execute(*found.values_list("pk", how_well).query.sql_with_params())
        return dict(cursor.fetchall())


def found_by(filters: Filters, clock: Clock) -> int:
    """How many products a query finds. One query, two with words."""
    return int(_Question(filters, clock).items().sum())


def finds_words(words: Sequence[str]) -> bool:
    """Whether a search without any other condition finds something. One query.

    It is asked for more than one row: for a single one the database would rather look through everything than ask
    the index.
    """
    return len(_MEANT(words=tuple((word, tuple(units_named(word))) for word in words))) > 0


def _meant(*, words: Iterable[tuple[str, tuple[int, ...]]]) -> QuerySet[Any, int]:
    found = Product.objects.public().order_by()
    for word, units in words:
        found = found.filter(meaning(word, units))
    return found.values_list("pk", flat=True)[:ENOUGH]


# The home page tries the same few searches again after each change.
_MEANT = Ready(_meant)


class ListOfToday:
    """What a list for software shows: without what is due to be withheld today. One query, two with words."""

    def __init__(self, filters: Filters, clock: Clock) -> None:
        self._asked = _Question(filters, clock, shown=True)
        self._items = self._asked.items()

    @property
    def products(self) -> int:
        """How many products it shows."""
        return int(np.count_nonzero(self._items))

    @property
    def recognitions(self) -> int:
        """How many recognitions it shows."""
        rows = self._asked.rows()
        assert rows is not None, "What is due to be withheld is left out."
        return int(np.count_nonzero(rows))

    def first_products(self, number: int) -> list[int]:
        """The keys of its first products, in the order of the alphabet."""
        found: list[int] = self._asked.shelf.keys[np.flatnonzero(self._items)[:number]].tolist()
        return found


# --- one page of products -----------------------------------------------------------------------------


def page_of(filters: Filters, clock: Clock) -> list[Card]:
    """The cards of one page, however deep. Four queries for any number of rows, five with words."""
    start = (filters.page - 1) * PER_PAGE
    ids = ids_of(filters, clock, start, start + PER_PAGE)
    return cards_of(ids, matching(filters, clock), on=clock.on, expiring_days=clock.expiring_days)


def ids_of(filters: Filters, clock: Clock, start: int = 0, stop: int | None = None) -> list[int]:
    """The keys of the products a query finds, in its order. One query, two with words."""
    asked = _Question(filters, clock)
    places = _ORDERS[filters.order](asked)
    found: list[int] = asked.shelf.keys[places[start:stop]].tolist()
    return found


def _by_name(asked: _Question) -> Any:
    return np.flatnonzero(asked.items())


def _by_match(asked: _Question) -> Any:
    """The names that match the words best first, then by name."""
    places = np.flatnonzero(asked.items())
    ranks = [asked.matches[key] for key in asked.shelf.keys[places].tolist()]
    return places[np.argsort(np.asarray(ranks), kind="stable")]


def _by_newest(asked: _Question) -> Any:
    return asked.shelf.by_newest(asked.rows(), asked.items())


def _by_end(asked: _Question) -> Any:
    """What ends soonest first; what no longer holds comes last."""
    return asked.shelf.by_end(asked.rows(), asked.items(), asked.clock)


_ORDERS: dict[str, Callable[[_Question], Any]] = {
    "match": _by_match,
    "name": _by_name,
    "newest": _by_newest,
    "expiring": _by_end,
}


# --- facets -------------------------------------------------------------------------------------------


def counts(filters: Filters, clock: Clock, *, mark: str) -> Counts:
    """Counts of all facets under the register's mark. Two queries at most, or none when kept."""
    asked = filters.but(sort="", exact="")
    name = sha256(f"{asked.query}{clock.on}{clock.expiring_days}".encode()).hexdigest()
    return kept(mark, f"counts:{name}", lambda: _counts(asked, clock))


def _counts(filters: Filters, clock: Clock) -> Counts:
    asked = _Question(filters, clock)
    by = {name: _by_recognitions(asked, name) for name in OF_RECOGNITIONS}
    by |= {name: _by_products(asked, name, values) for name, values in OF_PRODUCTS.items()}
    return Counts(by=by, total=int(asked.items().sum()))


def _by_recognitions(asked: _Question, name: str) -> dict[str, int]:
    """Distinct products per value of a facet of recognitions."""
    rows = asked.rows(leave_out=name)
    if name != "province":
        return {str(value): number for value, number in asked.shelf.products_by(name, rows, asked.clock).items()}
    found = territory_register()
    today = current_ids() if asked.filters.basis == Basis.CURRENT else None
    counted = asked.shelf.products_by("unit", rows, today=today)
    return {found.units[pk].slug: number for pk, number in counted.items()}


def _by_products(asked: _Question, name: str, values: Iterable[str]) -> dict[str, int]:
    """Products per value of a facet of products."""
    found = asked.items(leave_out=name)
    counted = {value: int((found & asked.with_trait(name, value)).sum()) for value in values}
    return {value: number for value, number in counted.items() if number}


# --- when nothing is found ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """A wider query near the one that found nothing: which fields it gives up, and how many products it finds."""

    dropped: tuple[str, ...]
    filters: Filters
    total: int


def proposals(filters: Filters, clock: Clock) -> list[Proposal]:
    """Queries with as few fields given up as find something, the closest (fewest products) first. Two queries at most.

    Every recognition is looked at once: which of the conditions it meets. Those that meet most say what to keep.
    """
    asked = _Question(filters, clock)
    names = [name for name in (*FACETS, "q") if asked.asks(name)]
    met = np.zeros(asked.shelf.row(Row.LEVEL).shape, dtype=np.int32)
    for place, name in enumerate(names):
        met |= asked.met(name).astype(np.int32) << place
    kinds = [int(kind) for kind in np.unique(met)]
    most = max((kind.bit_count() for kind in kinds), default=0)
    found = [_proposal(asked, names, met, kind) for kind in kinds if kind.bit_count() == most]
    return sorted(found, key=lambda one: one.total)[:3]


def _proposal(asked: _Question, names: Sequence[str], met: Any, kept: int) -> Proposal:
    dropped = tuple(name for place, name in enumerate(names) if not kept >> place & 1)
    wider = asked.filters
    for name in dropped:
        wider = wider.without(name)
    return Proposal(dropped, wider, int(asked.shelf.items_with((met & kept) == kept).sum()))


def counted(filters: Filters, clock: Clock, name: str) -> dict[str, int]:
    """Products per value of a facet of recognitions, its own filter left out. One query, two with words."""
    return _by_recognitions(_Question(filters, clock), name)
