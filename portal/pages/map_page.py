"""The map page: where recognised products are made, on both bases, as a map and as a table of the same numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from portal.territory.queries import Unit, register, unit_by_slug
from portal.text import sheets
from portal.text.folding import sort_key
from products.catalogue import Clock
from products.enums import Level, ProductGroup, Status
from products.facets import status_label
from products.kept_pages import kept_page
from products.models import Recognition
from products.views import clock

from . import map as drawing
from . import statistics
from .map_query import MapQuery, parse
from .statistics import Numbers

STATUSES = (Status.VALID, Status.EXPIRING, Status.EXPIRED, Status.REVOKED)
COLUMNS = {
    "name": gettext_lazy("Tỉnh, thành phố"),
    "recognitions": gettext_lazy("Lượt công nhận"),
    "products": gettext_lazy("Sản phẩm"),
    "facilities": gettext_lazy("Cơ sở"),
}


@dataclass(frozen=True)
class Row:
    """One unit of the table, with its page and the lists its numbers stand for; no list for a 0."""

    unit: Unit
    numbers: Numbers
    link: str
    recognitions_link: str
    products_link: str
    facilities_link: str
    former: str
    is_drawn: bool


@dataclass(frozen=True)
class Heading:
    name: str
    label: str
    query: str
    sorted: str


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@require_safe
def map_page(request: HttpRequest) -> HttpResponseBase:
    """The map with its table. A visitor who is not logged in gets the page kept under the register's mark."""
    now = clock()
    if request.GET.get("tai") == "csv":
        return _file(parse(request.GET), now)
    return kept_page(request, now, lambda _mark: _page(request, now))


def _page(request: HttpRequest, now: Clock) -> HttpResponse:
    asked = parse(request.GET)
    figures = statistics.recognitions(by="province", asked=asked.asked, clock=now)
    years = years_of_register()
    rows = rows_of(figures, asked, years)
    steps = drawing.steps_for(max((row.numbers.recognitions for row in rows), default=0))
    counts = {row.unit.pk: row.numbers.recognitions for row in rows}
    facts = {
        "nav": "map",
        "asked": asked,
        "total": figures.total,
        "total_links": {view: asked.listed(view=view) for view in ("recognitions", "products", "facilities")},
        "rows": rows,
        "undrawn": [row for row in rows if not row.is_drawn and asked.basis == Basis.AT_THE_TIME],
        "with_any": sum(bool(row.numbers.recognitions) for row in rows),
        "map": drawing.draw(
            counts, {row.unit.pk: row.link for row in rows}, basis=asked.basis, steps=steps, inset=True
        ),
        "legend": drawing.legend(steps),
        "headings": _headings(asked),
        "levels": _choices(reversed(Level), asked.level),
        "groups": _choices(ProductGroup, asked.group),
        "statuses": [Choice(s.value, status_label(s, now.expiring_days), s.value in asked.status) for s in STATUSES],
        "years": sorted({*years, *(year for year in (asked.year_from, asked.year_to) if year)}, reverse=True),
        "bases": [(b.value, b.label, asked.query(basis=b.value), b.value == asked.basis) for b in Basis],
        "file": f"{asked.query()}&tai=csv",
        "feed": reverse("feed_recognitions"),
    }
    return render(request, "pages/map.html", facts)


def years_of_register() -> list[int]:
    """Every year in which something was recognised. One query."""
    found = Recognition.objects.published().order_by().values_list("year", flat=True).distinct()
    return sorted(found)


def rows_of(figures: statistics.Figures, asked: MapQuery, years: list[int]) -> list[Row]:
    """A row for every unit of the basis, counted or not, in the order asked for. No query when units are cached."""
    drawn = drawing.units_drawn(asked.basis)
    counted = {unit.pk: row.numbers for row in figures.rows if (unit := unit_by_slug(row.key))}
    former = _former_names() if asked.basis == Basis.CURRENT else {}

    def row_of(unit: Unit, numbers: Numbers) -> Row:
        return Row(
            unit=unit,
            numbers=numbers,
            link=reverse("province", args=[unit.slug]),
            recognitions_link=asked.listed(unit.slug) if numbers.recognitions else "",
            facilities_link=asked.listed(unit.slug, view="facilities") if numbers.facilities else "",
            products_link=reverse("catalogue") + asked.catalogue(unit.slug, years) if numbers.products else "",
            former=former.get(unit.pk, ""),
            is_drawn=unit.pk in drawn,
        )

    units = (register().units[pk] for pk in {*drawn, *counted, *_standing(asked.basis)})
    rows = [row_of(unit, counted.get(unit.pk, Numbers())) for unit in units]
    return sorted(sorted(rows, key=_by_name), key=_order(asked.sort))


def _standing(basis: str) -> set[int]:
    """The units of today on their basis; on the other only what is drawn or counted."""
    return {unit.pk for unit in register().units.values() if unit.until is None} if basis == Basis.CURRENT else set()


def _former_names() -> dict[int, str]:
    """Of every unit of today the units that went into it: "Hà Nam, Nam Định, Ninh Bình"."""
    found = register()
    parts: dict[int, list[str]] = {}
    for unit in sorted(found.units.values(), key=lambda unit: sort_key(unit.name)):
        if unit.until is not None:
            parts.setdefault(found.current_id(unit.pk), []).append(unit.name)
    return {pk: ", ".join(names) for pk, names in parts.items()}


def _by_name(row: Row) -> tuple[str, str]:
    return sort_key(row.unit.name), row.unit.slug


def _order(sort: str) -> Any:
    if sort == "name":
        return _by_name
    return lambda row: -getattr(row.numbers, sort)


def _headings(asked: MapQuery) -> list[Heading]:
    return [
        Heading(name, str(label), asked.query(sort=name), _direction(name, asked.sort))
        for name, label in COLUMNS.items()
    ]


def _direction(name: str, sort: str) -> str:
    """As `aria-sort` says it: names from A, numbers from the largest."""
    if name != sort:
        return ""
    return "ascending" if name == "name" else "descending"


def _choices(values: Any, chosen: tuple[str, ...]) -> list[Choice]:
    return [Choice(value.value, str(value.label), value.value in chosen) for value in values]


def _file(asked: MapQuery, now: Clock) -> StreamingHttpResponse:
    """The table as a file, every unit of the basis in it."""
    rows = rows_of(statistics.recognitions(by="province", asked=asked.asked, clock=now), asked, [])
    headings = [_("Tỉnh, thành phố"), _("Mã"), _("Đến ngày"), _("Lượt công nhận"), _("Sản phẩm đơn"), _("Bộ sản phẩm")]
    headings += [_("Sản phẩm"), _("Cơ sở")]
    response = StreamingHttpResponse(sheets.csv_lines(headings, _lines(rows)), content_type=sheets.CSV)
    response["Content-Disposition"] = f'attachment; filename="ban-do-{asked.basis}-{now.on:%Y-%m-%d}.csv"'
    return response


def _lines(rows: list[Row]) -> Iterator[list[Any]]:
    for row in rows:
        n = row.numbers
        yield [
            row.unit.name, row.unit.slug, row.unit.until, n.recognitions, n.singles, n.sets, n.products, n.facilities,
        ]  # fmt: skip
