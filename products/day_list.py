"""Danh mục: the recognised products in force on any day, in a unit as it was or is, to read, print and take along."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Prefetch, Value, When
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.exports import as_xlsx
from portal.territory.enums import Basis
from portal.territory.queries import Unit, held_register, register
from portal.text.folding import sort_key
from portal.text.formats import day as day_words

from . import exports
from .as_of import recognitions_on, unit_on
from .catalogue import Clock
from .day_query import NOW, THEN, DayQuery, parse
from .enums import LEVEL_RANK, Level
from .kept_pages import kept_page
from .models import Certificate, Recognition, RecognitionQuerySet
from .views import clock

PER_PAGE = 50
LONGEST_FILE = 20_000


@dataclass(frozen=True)
class Part:
    """Consecutive rows of one unit."""

    name: str
    rows: list[Recognition]


@dataclass(frozen=True)
class Total:
    """How many, in all and per level."""

    recognitions: int
    products: int
    facilities: int
    levels: list[tuple[str, str, int]]


@require_safe
def day_list(request: HttpRequest) -> HttpResponseBase:
    """The list of a day. A visitor who is not logged in gets the page kept under the register's mark."""
    now = clock()
    if request.GET.get("tai") == "xlsx":
        return _file(parse(request.GET, today=now.on), now)
    return kept_page(request, now, lambda _mark: _page(request, now))


def _page(request: HttpRequest, now: Clock) -> HttpResponse:
    asked = parse(request.GET, today=now.on)
    rows = found(asked, at=now.on)
    total = total_of(rows)
    page = _paged(rows, asked, total.recognitions)
    told = list(asked.told)
    if page.number != asked.page:
        told.append(_("Danh sách không có trang %(page)s nên mở trang cuối.") % {"page": asked.page})
    facts = {
        "nav": "catalogue",
        "asked": asked,
        "told": told,
        "total": total,
        "page": page,
        "parts": parts_of(page.object_list, asked),
        "where": asked.unit.name if asked.unit else _("cả nước"),
        "units": units_to_choose(asked, today=now.on),
        "levels": [(level.value, str(level.label)) for level in reversed(Level)],
        "bases": [(NOW, _("Tỉnh hiện nay"), not asked.is_then), (THEN, _("Tỉnh vào ngày đó"), asked.is_then)],
        "previous": asked.query(page=page.number - 1) if page.has_previous() else "",
        "next": asked.query(page=page.number + 1) if page.has_next() else "",
        "file": f"{asked.query()}&tai=xlsx" if 0 < total.recognitions <= LONGEST_FILE else "",
        "longest_file": LONGEST_FILE,
        "is_today": asked.day == now.on,
    }
    return render(request, "products/day_list.html", facts)


def found(asked: DayQuery, *, at: dt.date) -> RecognitionQuerySet:
    """The recognitions a query means."""
    rows = recognitions_on(asked.day, unit=asked.unit, basis=asked.basis, at=at)
    return rows.filter(level=asked.level) if asked.level else rows


def total_of(rows: RecognitionQuerySet) -> Total:
    """Counts of the whole answer. Two queries."""
    levels = dict(rows.order_by().values_list("level").annotate(times=Count("pk")))
    whole = rows.order_by().aggregate(
        products=Count("product", distinct=True), facilities=Count("product__facility", distinct=True)
    )
    shown = sorted(levels, key=lambda level: -LEVEL_RANK[Level(level)])
    return Total(
        recognitions=sum(levels.values()),
        products=whole["products"],
        facilities=whole["facilities"],
        levels=[(level, str(Level(level).label), levels[level]) for level in shown],
    )


def in_order(rows: RecognitionQuerySet, asked: DayQuery) -> RecognitionQuerySet:
    """By unit in the order of names, then the highest level, then the product's name."""
    unit, level = _rank_of_units(asked), _rank_of_levels()
    return rows.order_by(unit, level, "product__sort_key", "year", "pk")


def listed(rows: RecognitionQuerySet) -> RecognitionQuerySet:
    """With everything a line says: two queries when read."""
    in_use = Certificate.objects.filter(superseded_on=None)
    return rows.select_related("product__facility", "territory", "decision", "validity_rule").prefetch_related(
        Prefetch("certificates", in_use, to_attr="in_use")
    )


def parts_of(rows: Any, asked: DayQuery) -> list[Part]:
    with held_register():
        grouped = groupby(rows, key=lambda row: unit_of_row(row.territory_id, asked))
        return [Part(unit_name(pk, asked), list(found)) for pk, found in grouped]


def unit_of_row(territory_id: int, asked: DayQuery) -> int:
    """The unit a row stands under: of the day, an ended one for itself where it was asked for; or of today."""
    known = register()
    if asked.basis == Basis.CURRENT:
        return known.current_id(territory_id)
    until = asked.unit.until if asked.unit else None
    return unit_on(territory_id, min(asked.day, until) if until else asked.day)


def unit_name(pk: int, asked: DayQuery) -> str:
    """What the unit was called on the day, or is today."""
    known = register()
    if asked.basis == Basis.CURRENT:
        return known.units[pk].name
    names = [named for named in known.names if named.unit_id == pk]
    begun = [named for named in names if named.since <= asked.day] or names[:1]
    return begun[-1].name if begun else known.units[pk].name


def units_to_choose(asked: DayQuery, *, today: dt.date) -> list[tuple[str, str, bool]]:
    """Units that stand today, or stood on the day; the one asked for in any case. No query when cached."""
    on = asked.day if asked.is_then else today
    known = [unit for unit in register().units.values() if unit.holds_on(on) or unit == asked.unit]
    names = {unit.pk: unit_name(unit.pk, asked) for unit in known}
    return [(unit.slug, _label(unit, names[unit.pk]), unit == asked.unit) for unit in sorted(known, key=_sort_key)]


def _label(unit: Unit, name: str) -> str:
    return _("%(name)s (đến %(year)s)") % {"name": name, "year": unit.until.year} if unit.until else name


def _sort_key(unit: Unit) -> tuple[str, dt.date]:
    return sort_key(unit.name), unit.since


def _rank_of_units(asked: DayQuery) -> Any:
    known = register()
    order = {unit.pk: rank for rank, unit in enumerate(sorted(known.units.values(), key=_sort_key))}
    ranks: dict[int, list[int]] = {}
    for pk in known.units:
        ranks.setdefault(order[unit_of_row(pk, asked)], []).append(pk)
    whens = [When(territory__in=pks, then=Value(rank)) for rank, pks in ranks.items()]
    return Case(*whens, default=Value(len(order)), output_field=IntegerField())


def _rank_of_levels() -> Any:
    whens = [When(level=level, then=Value(-rank)) for level, rank in LEVEL_RANK.items()]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def _paged(rows: RecognitionQuerySet, asked: DayQuery, total: int) -> "Page[Recognition]":
    """The page asked for, or the last one. The count is known, so one query and one for the certificates."""
    paginator = Paginator(listed(in_order(rows, asked)), PER_PAGE)
    paginator.count = total  # type: ignore[misc]
    return paginator.get_page(asked.page)


def _file(asked: DayQuery, now: Clock) -> HttpResponseBase:
    """The whole list as a workbook; of a list too long for one, the first rows and a line that says so."""
    rows = listed(in_order(found(asked, at=now.on), asked))[:LONGEST_FILE]
    columns = exports.day_list_fields(lambda row: unit_name(unit_of_row(row.territory_id, asked), asked))
    where = asked.unit.name if asked.unit else _("cả nước")
    title = _("Danh mục %(day)s") % {"day": day_words(asked.day).replace("/", "-")}
    about = [
        _("Sản phẩm được công nhận còn hiệu lực ngày %(day)s, %(where)s.")
        % {"day": day_words(asked.day), "where": where},
        _("Tính theo tỉnh vào ngày đó.") if asked.is_then else _("Tính theo tỉnh hiện nay."),
        _("Lập ngày %(day)s từ sổ công nhận.") % {"day": day_words(now.on)},
    ]

    def lines() -> Iterator[list[Any]]:
        with held_register():
            for row in rows.iterator(chunk_size=500):
                yield [column.value(row) for column in columns]

    return as_xlsx(
        title,
        [str(column.heading) for column in columns],
        lines(),
        file_name=f"{title}.xlsx",
        about=about,
        widths=[column.width for column in columns],
    )
