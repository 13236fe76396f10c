"""The public catalogue: which products a query finds, in which order, and what each filter would leave.

One recognition must meet level, province, year and status together. A facet's counts leave its own
filter out, and they are of products, however many recognitions a product holds.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Count, Exists, F, Max, Min, OuterRef, Q, Value, When

from portal.territory.enums import Basis
from portal.territory.queries import Unit
from portal.territory.queries import register as territory_register

from .cards import Card, cards_of
from .enums import Status
from .filters import Filters
from .models import Product, Recognition, RecognitionQuerySet
from .register import kept
from .validity_sql import status_condition

PER_PAGE = 12
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
    return rows.filter(_product_part(filters, "product__", leave_out))


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
        part &= Q(territory__in=_territory_ids(filters))
    if filters.status and leave_out != "status":
        part &= _any_status(filters.status, clock)
    return part


def _any_status(statuses: tuple[str, ...], clock: Clock) -> Q:
    part = Q(pk__in=[])
    for status in statuses:
        part |= status_condition(status, on=clock.on, expiring_days=clock.expiring_days)
    return part


def _territory_ids(filters: Filters) -> list[int]:
    asked = {unit.pk for slug, unit in units_by_slug().items() if slug in filters.province}
    if filters.basis == Basis.AT_THE_TIME:
        return sorted(asked)
    found = territory_register()
    return sorted(pk for pk in found.units if found.current_id(pk) in asked)


def _product_part(filters: Filters, prefix: str = "", leave_out: str = "") -> Q:
    part = Q()
    if filters.group and leave_out != "group":
        part &= Q(**{f"{prefix}group__in": filters.group})
    for word in filters.words:
        part &= Q(**{f"{prefix}search_text__contains": word})
    return part


# --- one page of products -----------------------------------------------------------------------------


def page_of(filters: Filters, clock: Clock) -> list[Card]:
    """The cards of one page. Four queries for any number of rows."""
    start = (filters.page - 1) * PER_PAGE
    ids = list(_ORDERS[filters.sort](filters, clock)[start : start + PER_PAGE])
    return cards_of(ids, matching(filters, clock), on=clock.on, expiring_days=clock.expiring_days)


def _products(filters: Filters, clock: Clock, leave_out: str = "") -> Any:
    """Products with a recognition that meets the query, less one facet's own filter."""
    rows = Recognition.objects.published().filter(_recognition_part(filters, clock, leave_out), product=OuterRef("pk"))
    return Product.objects.filter(_product_part(filters, leave_out=leave_out)).filter(Exists(rows))


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
    """Counts of all facets under the register's mark. Five queries, or none when kept."""
    asked = filters.but(sort="name")
    name = sha256(f"{asked.query}{clock.on}{clock.expiring_days}".encode()).hexdigest()
    return kept(mark, f"counts:{name}", lambda: _counts(asked, clock))


def _counts(filters: Filters, clock: Clock) -> Counts:
    by = {
        name: _products_by(matching(filters, clock, leave_out=name), value) for name, value in _values(filters, clock).items()
    }
    slugs = {str(unit.pk): unit.slug for unit in territory_register().units.values()}
    by["province"] = {slugs[pk]: number for pk, number in by["province"].items()}
    by["group"] = _groups(filters, clock)
    # A product is of one group only, so the groups that are asked for add up to the whole.
    total = sum(number for group, number in by["group"].items() if not filters.group or group in filters.group)
    return Counts(by=by, total=total)


def _groups(filters: Filters, clock: Clock) -> dict[str, int]:
    """The group is the product's own: counting products costs half of counting distinct ones. One query."""
    products = _products(filters, clock, leave_out="group").order_by()
    return dict(products.values_list("group").annotate(number=Count("*")))


def _values(filters: Filters, clock: Clock) -> dict[str, Any]:
    return {
        "level": F("level"),
        "status": _status_value(clock),
        "province": F("territory_id") if filters.basis == Basis.AT_THE_TIME else _unit_of_today(),
        "year": F("year"),
    }


def _status_value(clock: Clock) -> Case:
    conditions = ((s, status_condition(s, on=clock.on, expiring_days=clock.expiring_days)) for s in Status)
    return Case(
        *(When(condition, then=Value(status.value)) for status, condition in conditions), output_field=CharField()
    )


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


def _products_by(rows: RecognitionQuerySet, value: Any) -> dict[str, int]:
    """Distinct products per value of an expression. One query."""
    valued = rows.order_by().annotate(facet_value=value).values_list("facet_value")
    return {str(found): number for found, number in valued.annotate(number=Count("product_id", distinct=True))}


# --- when nothing is found ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """A wider query near the one that found nothing: which field it gives up, and what it finds."""

    dropped: str
    filters: Filters
    total: int


def proposals(filters: Filters, clock: Clock) -> list[Proposal]:
    """Queries less one field that do find something, the closest (fewest products) first. At most six queries."""
    fields = [name for name in ("level", "status", "group", "province", "year") if getattr(filters, name)]
    wider = [(name, filters.without(name)) for name in [*fields, *(["q"] if filters.words else [])]]
    tried = [Proposal(name, asked, found_by(asked, clock)) for name, asked in wider if asked.narrowed]
    return sorted((found for found in tried if found.total), key=lambda found: found.total)[:3]
