"""The public catalogue: which products a query finds, in which order, and what each filter would leave.

One recognition must meet level, province, year and status together. A facet's counts leave its own
filter out, and they are of products, however many recognitions a product holds.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Case, Count, Exists, F, Max, Min, OuterRef, Q, Value, When

from portal.territory.enums import Basis
from portal.territory.queries import Unit
from portal.territory.queries import register as territory_register

from .cards import Card, cards_of
from .enums import Status
from .filters import Filters
from .models import Product, Recognition, RecognitionQuerySet
from .register import kept
from .traits_sql import channel_condition, export_condition, kind_condition, stars_condition
from .validity_sql import status_condition

PER_PAGE = 12
FACETS = ("level", "status", "group", "province", "year")
ENDS = ("lowest", "highest")
IN_FORCE = (Status.VALID, Status.EXPIRING)


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


def found_by(filters: Filters, clock: Clock) -> int:
    """How many products a query finds. One query."""
    return matching(filters, clock).order_by().values("product_id").distinct().count()


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
        part &= Q(**{f"{prefix}search_text__contains": word})
    return part


# --- one page of products -----------------------------------------------------------------------------


def page_of(filters: Filters, clock: Clock) -> list[Card]:
    """The cards of one page. Four queries for any number of rows."""
    start = (filters.page - 1) * PER_PAGE
    ids = list(_ORDERS[filters.sort](filters, clock)[start : start + PER_PAGE])
    return cards_of(ids, matching(filters, clock), on=clock.on, expiring_days=clock.expiring_days)


def _products(filters: Filters, clock: Clock) -> Any:
    """Products with a recognition that meets the query."""
    rows = Recognition.objects.published().filter(_recognition_part(filters, clock), product=OuterRef("pk"))
    return Product.objects.filter(_product_part(filters, clock)).filter(Exists(rows))


def _by_name(filters: Filters, clock: Clock) -> Any:
    return _products(filters, clock).order_by("sort_key", "pk").values_list("pk", flat=True)


def _by_newest(filters: Filters, clock: Clock) -> Any:
    rows = _per_product(filters, clock).annotate(newest=Max("year"), issued=Max("issued_on"))
    return rows.order_by("-newest", F("issued").desc(nulls_last=True), "product__sort_key", "product_id")


def _by_end(filters: Filters, clock: Clock) -> Any:
    """What ends soonest first; what no longer holds comes last."""
    rows = _per_product(filters, clock).annotate(end=Min("expires_on", filter=_any_status(IN_FORCE, clock)))
    return rows.order_by(F("end").asc(nulls_last=True), "product__sort_key", "product_id")


def _per_product(filters: Filters, clock: Clock) -> Any:
    return matching(filters, clock).order_by().values_list("product_id", flat=True)


_ORDERS: dict[str, Callable[[Filters, Clock], Any]] = {"name": _by_name, "newest": _by_newest, "expiring": _by_end}


# --- facets -------------------------------------------------------------------------------------------


def counts(filters: Filters, clock: Clock, *, mark: str) -> Counts:
    """Counts of all facets under the register's mark. Six queries at most, or none when kept."""
    asked = filters.but(sort="name")
    name = sha256(f"{asked.query}{clock.on}{clock.expiring_days}".encode()).hexdigest()
    return kept(mark, f"counts:{name}", lambda: _counts(asked, clock))


def _counts(filters: Filters, clock: Clock) -> Counts:
    rows = {name: matching(filters, clock, leave_out=name) for name in FACETS}
    by = {
        "level": _products_by(rows["level"], F("level")),
        "status": _products_by_status(rows["status"], clock),
        "group": _products_by(rows["group"], F("product__group")),
        "province": _products_by_province(rows["province"], filters.basis),
        "year": _products_by(rows["year"], F("year")),
    }
    # A product is of one group only, so the groups that are asked for add up to the whole.
    total = sum(number for group, number in by["group"].items() if not filters.group or group in filters.group)
    return Counts(by=by, total=total)


def _products_by(rows: RecognitionQuerySet, value: Any) -> dict[str, int]:
    """Distinct products per value of an expression. One query.

    Pairs first, then counted: PostgreSQL reads the pairs in the order of an index that begins with the
    product, where COUNT(DISTINCT) would sort every row.
    """
    pairs = rows.order_by().annotate(facet_value=value).values_list("product_id", "facet_value").distinct()
    return {str(found): number for found, number in _counted(pairs, "facet_value")}


def _counted(found: Any, columns: str) -> list[Any]:
    """How many rows of a query have the same values in some of its columns: the ORM has no words for that."""
    try:
        sql, params = found.query.sql_with_params()
    except EmptyResultSet:  # a filter that no row can meet
        return []
    with connection.cursor() as cursor:
        # The columns are named in this file, never by a visitor.
        cursor.execute(f"SELECT {columns}, COUNT(*) FROM ({sql}) AS found GROUP BY {columns}", params)  # noqa: S608
        return list(cursor.fetchall())


def _products_by_status(rows: RecognitionQuerySet, clock: Clock) -> dict[str, int]:
    """Distinct products per validity; few values, so one pass counts each by itself. One query."""
    each = {s.value: Count("product_id", distinct=True, filter=_any_status((s,), clock)) for s in Status}
    return {status: number for status, number in rows.order_by().aggregate(**each).items() if number}


def _products_by_province(rows: RecognitionQuerySet, basis: str) -> dict[str, int]:
    """Distinct products per province, by its slug. One query; two where a product was recognised here and there."""
    found = territory_register()
    counted = _products_by_unit_of_today(rows) if basis == Basis.CURRENT else _products_by(rows, F("territory_id"))
    return {found.units[int(pk)].slug: number for pk, number in counted.items()}


def _products_by_unit_of_today(rows: RecognitionQuerySet) -> dict[str, int]:
    """Distinct products per unit of today.

    The lowest and highest key of a product's units tell all of them, unless it has two and three
    recognitions or more; so the succession of units is applied to a few groups, not to every row.
    """
    today = territory_register().current_id
    ends = (
        rows.order_by()
        .values("product_id")
        .annotate(lowest=Min("territory_id"), highest=Max("territory_id"), times=Count("*"))
    )
    counted: Counter[str] = Counter()
    told_by_ends = True
    for lowest, highest, times, number in _counted(ends, ", ".join((*ENDS, "times"))):
        if lowest != highest and times > len(ENDS):
            told_by_ends = False
        else:
            counted.update({str(unit): number for unit in {today(lowest), today(highest)}})
    if not told_by_ends:
        others = ends.filter(lowest__lt=F("highest"), times__gt=len(ENDS)).values("product_id")
        counted.update(_products_by(rows.filter(product__in=others), _unit_of_today()))
    return counted


def _unit_of_today() -> Any:
    found = territory_register()
    former: dict[int, list[int]] = {}
    for pk in found.units:
        if found.current_id(pk) != pk:
            former.setdefault(found.current_id(pk), []).append(pk)
    if not former:
        return F("territory_id")
    whens = (When(territory__in=pks, then=Value(now)) for now, pks in former.items())
    return Case(*whens, default=F("territory_id"), output_field=BigIntegerField())


# --- when nothing is found ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """A wider query near the one that found nothing: which field it gives up, and what it finds."""

    dropped: str
    filters: Filters
    total: int


def proposals(filters: Filters, clock: Clock) -> list[Proposal]:
    """Queries less one field that do find something, the closest (fewest products) first. At most six queries."""
    fields = [name for name in FACETS if getattr(filters, name)]
    wider = [(name, filters.without(name)) for name in [*fields, *(["q"] if filters.words else [])]]
    tried = [Proposal(name, asked, found_by(asked, clock)) for name, asked in wider if asked.narrowed]
    return sorted((found for found in tried if found.total), key=lambda found: found.total)[:3]
