"""The public page of industrial extension: what was supported, where, with how much, and what is open now."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from extension import filters, queries
from extension.enums import ActivityHead, Funding
from extension.filters import Asked
from extension.markets.fair_queries import fairs_to_come
from extension.needs import queries as need_queries
from extension.reports.summary import Summary, Sums, summarise
from portal.territory.enums import Basis
from portal.territory.queries import Unit, register
from portal.text.folding import sort_key
from portal.text.formats import money, number
from products.kept_pages import kept_page
from products.views import clock

from . import charts
from . import map as drawing

PER_PAGE = 20
FAIRS_SHOWN = 4
PATTERNS = mark_safe(charts.PATTERNS)  # noqa: S308  our own drawing


@dataclass(frozen=True)
class Drawn:
    """One chart with the rows it is made of: each leads to the list that it counts."""

    key: str
    title: str
    chart: charts.Chart
    rows: tuple["Row", ...]

    @property
    def wide(self) -> SafeString:
        return mark_safe(charts.svg(self.chart, name=self.key))  # noqa: S308  every text in it is escaped

    @property
    def phone(self) -> SafeString:
        return mark_safe(charts.svg(self.chart, name=self.key, width=charts.PHONE))  # noqa: S308  the same


@dataclass(frozen=True)
class Row:
    """One line of a table: what it counts, and the address of the page narrowed to it."""

    label: str
    sums: Sums
    link: str
    unit: Unit | None = None
    is_drawn: bool = True


@require_safe
def extension_page(request: HttpRequest) -> HttpResponse:
    """Projects that were published, with filters; sums, charts and a map of what the filters leave. Constant queries."""
    now = clock()
    return kept_page(request, now, lambda _mark: _page(request, now.on))


def _page(request: HttpRequest, on: dt.date) -> HttpResponse:
    asked = filters.read(request.GET)
    projects = queries.public_projects(asked.chosen)
    page = Paginator(projects, PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "nav": "extension",
        "asked": asked,
        "ignored": filters.said(asked.ignored),
        "page": page,
        "is_first": page.number == 1,
        "fundings": Funding.choices,
        "heads": ActivityHead.choices,
        "years": queries.years_on_offer(),
        "provinces": queries.provinces_on_offer(asked.basis),
        "bases": [(basis.value, _query(asked, province="", basis=basis.value)) for basis in Basis],
    }
    if page.number == 1:
        context |= _overview(asked, projects)
        context |= {"figures": queries.published_figures(asked.chosen)}
    if page.number == 1 and not asked.is_filtered:
        context |= {
            "calls": list(need_queries.calls_open(on).prefetch_related("items")),
            "calls_to_come": list(need_queries.calls_to_come(on)),
            "fairs": fairs_to_come(on, FAIRS_SHOWN),
        }
    return render(request, "extension/project_list.html", context)


def _overview(asked: Asked, projects: Any) -> dict[str, Any]:
    """Sums, charts and map of everything the filters leave. Three queries."""
    found = summarise(projects, basis=asked.basis)
    rows = _province_rows(found, asked)
    return {
        "totals": found.total,
        "registered": queries.registered_count(projects),
        "drawn": [drawn for drawn in _charts(found, asked) if drawn.chart.items],
        "patterns": PATTERNS,
        "rows": rows,
        "map": _map(rows, asked) if rows else "",
        "legend": drawing.legend(_steps(rows), _voice()),
        "undrawn": [row for row in rows if not row.is_drawn],
    }


def _query(asked: Asked, **changes: Any) -> str:
    """The address's query with other values where given; the page starts over."""
    pairs: list[tuple[str, Any]] = [("q", asked.q), ("basis", asked.basis if asked.basis != Basis.CURRENT else "")]
    pairs += [("province", asked.province)]
    pairs += [("year", value) for value in asked.chosen.years]
    pairs += [("funding", value) for value in asked.chosen.funding]
    pairs += [("head", value) for value in asked.chosen.heads]
    kept = [(name, value) for name, value in pairs if value and name not in changes]
    changed = [(name, "" if name == "basis" and value == Basis.CURRENT else value) for name, value in changes.items()]
    return "?" + urlencode([*kept, *((name, value) for name, value in changed if value)])


# --- charts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Division:
    """One way to divide the sums: the name of its filter, its words, how a value is called."""

    key: str
    title: str
    by: str
    label: Callable[[Any], str]
    kind: charts.Kind = "bars"


def _charts(found: Summary, asked: Asked) -> list[Drawn]:
    """By year, by head, by funding. Where one value was asked for, that chart has nothing to divide and is left out."""
    years = {year: found.by_year.get(year, Sums()) for year in charts.years(found.by_year)}
    heads = dict(sorted(found.by_head.items()))
    fundings = {one.value: found.by_funding[one.value] for one in Funding if one.value in found.by_funding}
    drawn = [
        _drawn(Division("nam", _("Theo năm bắt đầu"), "year", str, "columns"), years, asked),
        _drawn(Division("noi-dung", _("Theo nội dung"), "head", _head), heads, asked),
        _drawn(Division("nguon", _("Theo nguồn kinh phí"), "funding", _funding), fundings, asked),
    ]
    return [one for one in drawn if len(one.rows) > 1]


def _head(value: Any) -> str:
    return str(ActivityHead(value).label)


def _funding(value: Any) -> str:
    return str(Funding(value).label)


def _drawn(by: Division, sums: Mapping[Any, Sums], asked: Asked) -> Drawn:
    rows = tuple(Row(by.label(value), row, _query(asked, **{by.by: value})) for value, row in sums.items())
    # Where no source names a counterpart there is one kind of money, and nothing to tell apart.
    both = any(row.counterpart_funds for row in sums.values())
    series = (_("kinh phí khuyến công"), _("vốn đối ứng")) if both else ()
    chart = charts.Chart(by.kind, by.title, tuple(_item(row) for row in rows), series)
    return Drawn(by.key, by.title, chart, tuple(row for row in rows if row.sums.projects))


def _item(row: Row) -> charts.Item:
    parts = (row.sums.extension_funds, row.sums.counterpart_funds)
    held, whole = row.sums.projects, sum(parts)
    note = ngettext("%(n)s đề án", "%(n)s đề án", held) % {"n": number(held)} if held else ""
    return charts.Item(row.label, whole, money(whole) if whole else _("không nêu"), note=note, parts=parts)


# --- the map -----------------------------------------------------------------------------------------------------


def _province_rows(found: Summary, asked: Asked) -> list[Row]:
    """A row for every unit with a project, the one with most projects first. No query when units are cached."""
    units, drawn = register().units, drawing.units_drawn(asked.basis)
    rows = [
        Row(units[key].name, sums, _query(asked, province=units[key].slug), unit=units[key], is_drawn=key in drawn)
        for key, sums in found.by_province.items()
    ]
    return sorted(rows, key=lambda row: (-row.sums.projects, sort_key(row.label)))


def _steps(rows: list[Row]) -> tuple[int, ...]:
    return drawing.steps_for(max((row.sums.projects for row in rows), default=0))


def _map(rows: list[Row], asked: Asked) -> SafeString:
    counts = {row.unit.pk: row.sums.projects for row in rows if row.unit}
    links = {row.unit.pk: f"{reverse('extension')}{row.link}" for row in rows if row.unit}
    return drawing.draw(counts, links, basis=asked.basis, steps=_steps(rows), inset=True, voice=_voice())


def _voice() -> drawing.Voice:
    return drawing.Voice(
        label=_("Bản đồ Việt Nam theo số đề án khuyến công; số liệu nằm trong bảng bên cạnh."),
        said=_said,
        most=_("từ %(least)s đề án trở lên"),
        between=_("%(first)s đến %(last)s đề án"),
        none=_("chưa có đề án công bố"),
    )


def _said(name: str, count: int) -> str:
    words = ngettext("%(name)s: %(count)s đề án", "%(name)s: %(count)s đề án", count)
    return words % {"name": name, "count": number(count)}
