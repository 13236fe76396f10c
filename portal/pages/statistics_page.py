"""The page of statistics: what its charts and tables show, and the table as a file."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from portal.territory.queries import current_id
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES, Level
from products.kept_pages import kept_page
from products.models import PublishedFigure
from products.serializers import clock_of_today

from . import statistics
from .statistics import Asked, ProvinceRow

TALL = 160
LOW = 56
SHOWN_ROWS = 9
LEVELS = (Level.DISTRICT, Level.COMMUNE, Level.PROVINCE, Level.REGION, Level.NATIONAL)
SMALL_LEVELS = (Level.REGION, Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
FIRST_YEAR = 2015


@dataclass(frozen=True)
class Column:
    """One column of a chart. `height` and `solid` are pixels; `published` is None where no total was published."""

    year: int
    name: str
    count: int
    published: PublishedFigure | None
    height: int
    solid: int

    @property
    def rest(self) -> int:
        """Where the solid part begins, from the top."""
        return self.height - self.solid

    @property
    def value(self) -> int:
        return int(self.published.value or 0) if self.published else self.count


@dataclass(frozen=True)
class Chart:
    level: str
    title: str
    columns: list[Column]


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    share: int
    width: int


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Figures of the register beside what was published. Eight queries, however large the register."""
    basis = request.GET.get("basis", Basis.CURRENT)
    asked = Asked(basis=basis if basis in Basis.values else Basis.CURRENT)
    clock = clock_of_today()
    if request.GET.get("tai") == "csv":
        rows = statistics.provinces(asked, clock)
        return _as_csv(rows, _levels_present(rows), clock)
    return kept_page(request, clock, lambda _mark: _page(request, asked, clock))


def _page(request: HttpRequest, asked: Asked, clock: Clock) -> HttpResponse:
    rows = statistics.provinces(asked, clock)
    levels = _levels_present(rows)
    basis = request.GET.get("basis", "")
    groups = statistics.recognitions(by="group", asked=asked, clock=clock)
    by_year = _by_level_and_year(asked, clock)
    shown = rows if "du" in request.GET else rows[:SHOWN_ROWS]
    figures = statistics.published(asked, SELECTION_MEASURES)
    told = _told(figures, asked.basis)
    return render(
        request,
        "pages/statistics.html",
        {
            "nav": "statistics",
            "on": clock.on,
            "basis": asked.basis,
            "bad_basis": basis if basis not in Basis.values else "",
            "total": groups.total,
            "illustrative": statistics.illustrative(asked, clock),
            "national": _national(by_year.get(Level.NATIONAL, {}), groups.published),
            "lower": _small_charts(by_year),
            "groups": _bars(groups),
            "funnel": statistics.funnel(),
            "figures": _groups(figures),
            "group_figures": [figure for figure in figures if figure.group],
            "levels": [(level, _short(level)) for level in levels],
            "rows": [_cells(row, levels, told) for row in shown],
            "hidden_rows": len(rows) - len(shown),
            "row_count": len(rows),
            "sums": [sum(row.by_level.get(level, 0) for row in rows) for level in levels],
        },
    )


def _short(level: str) -> str:
    return str(
        {
            Level.DISTRICT: _("Huyện"),
            Level.COMMUNE: _("Xã"),
            Level.PROVINCE: _("Tỉnh"),
            Level.REGION: _("Khu vực"),
            Level.NATIONAL: _("Quốc gia"),
        }[Level(level)]
    )


def _levels_present(rows: Iterable[ProvinceRow]) -> list[str]:
    """District and commune only where the register holds any; the others always."""
    held = {level for row in rows for level in row.by_level}
    return [level.value for level in LEVELS if level in held or level not in {Level.DISTRICT, Level.COMMUNE}]


@dataclass(frozen=True)
class TableRow:
    label: str
    slug: str
    cells: list[int]
    total: int
    former: list["TableRow"]
    is_told: bool  # totals were published about it


def _told(figures: Iterable[PublishedFigure], basis: str) -> frozenset[int]:
    """The units about which totals were published, as the table's rows mean them."""
    named = {figure.territory_id for figure in figures if figure.territory_id}
    return frozenset(named | {current_id(pk) for pk in named} if basis == Basis.CURRENT else named)


def _cells(row: ProvinceRow, levels: list[str], told: frozenset[int]) -> TableRow:
    return TableRow(
        label=row.label,
        slug=row.unit.slug,
        cells=[row.by_level.get(level, 0) for level in levels],
        total=row.total,
        former=[_cells(part, levels, frozenset()) for part in row.former],
        is_told=row.unit.pk in told,
    )


def _by_level_and_year(asked: Asked, clock: Clock) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for level, year, number in statistics.by_level_and_year(asked, clock):
        found.setdefault(level, {})[year] = number
    return found


def _national(counted: Mapping[int, int], figures: Iterable[PublishedFigure]) -> Chart | None:
    """Published totals of the national rounds, each with the part the register can open."""
    totals = {
        figure.year_from: figure
        for figure in figures
        if figure.measure == "recognised"
        and figure.level == Level.NATIONAL
        and not figure.group
        and figure.territory_id is None
        and figure.value is not None
        and figure.year_from == figure.year_to
    }
    years = sorted({*(year for year in totals if year is not None), *counted})
    if not years:
        return None
    top = max([*counted.values(), *(int(figure.value or 0) for figure in totals.values())])
    columns = [_column(year, counted.get(year, 0), totals.get(year), top=top, tall=TALL) for year in years]
    title = _("Công nhận cấp quốc gia, %(first)s – %(last)s") % {"first": years[0], "last": years[-1]}
    return Chart(Level.NATIONAL, title, columns)


def _small_charts(by_year: Mapping[str, Mapping[int, int]]) -> list[Chart]:
    """The lower levels on one scale and one run of years."""
    lower = {level: by_year[level] for level in SMALL_LEVELS if level in by_year}
    if not lower:
        return []
    years = [year for counted in by_year.values() for year in counted]
    top = max(number for counted in lower.values() for number in counted.values())
    run = range(min([FIRST_YEAR + 1, *years]), max(years) + 1)
    return [
        Chart(
            level,
            str(Level(level).label),
            [_column(year, counted.get(year, 0), None, top=top, tall=LOW) for year in run],
        )
        for level, counted in lower.items()
    ]


def _column(year: int, count: int, figure: PublishedFigure | None, *, top: int, tall: int) -> Column:
    def pixels(value: int) -> int:
        return max(value * tall // top, 2) if value else 0

    return Column(
        year=year,
        name=_ordinal_words(figure),
        count=count,
        published=figure,
        height=pixels(int(figure.value or 0)) if figure else pixels(count),
        solid=pixels(count),
    )


@dataclass(frozen=True)
class FigureGroup:
    """Published totals of one place and period, as their source wrote them."""

    place: str
    period: str
    source: str
    figures: list[PublishedFigure]


def _groups(figures: Iterable[PublishedFigure]) -> list[FigureGroup]:
    found: dict[tuple[str, str, str], list[PublishedFigure]] = {}
    for figure in figures:
        found.setdefault((figure.place, figure.period, figure.source), []).append(figure)
    return [FigureGroup(*key, figures=rows) for key, rows in found.items()]


def _ordinal_words(figure: PublishedFigure | None) -> str:
    """The words "lần VI", as the period of the published total says it."""
    if figure is None or "(lần " not in figure.period:
        return ""
    return _("lần %(ordinal)s") % {"ordinal": figure.period.split("(lần ", 1)[1].rstrip(")")}


def _bars(figures: statistics.Figures) -> list[Bar]:
    rows = sorted(figures.rows, key=lambda row: -row.numbers.recognitions)
    total = figures.total.recognitions
    top = max((row.numbers.recognitions for row in rows), default=0)
    return [
        Bar(
            label=row.label,
            count=row.numbers.recognitions,
            share=round(row.numbers.recognitions * 100 / total),
            width=row.numbers.recognitions * 100 // top,
        )
        for row in rows
    ]


def _as_csv(rows: Iterable[ProvinceRow], levels: list[str], clock: Clock) -> HttpResponse:
    """The province table, former units below today's, as Excel opens it: UTF-8 with a mark at the start."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="thong-ke-cong-nhan-{clock.on:%Y-%m-%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("Tỉnh, thành phố"), _("Mã"), _("Thuộc tỉnh hiện nay"), *map(_short, levels), _("Tổng")])
    for row in rows:
        _write(writer, row, "", levels)
        for part in row.former:
            _write(writer, part, row.unit.slug, levels)
    return response


def _write(writer: Any, row: ProvinceRow, parent: str, levels: list[str]) -> None:
    writer.writerow([row.label, row.unit.slug, parent, *(row.by_level.get(level, 0) for level in levels), row.total])
