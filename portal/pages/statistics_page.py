"""The page of statistics: a question, its answer, and what the register holds beside what was published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from portal.territory.queries import current_id
from products import columns
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES, Level
from products.kept_pages import kept_page
from products.models import PublishedFigure
from products.serializers import clock_of_today

from . import charts, recognition_answers, statistics
from .answers import Cell, file_of
from .statistics import Asked, ProvinceRow
from .statistics_form import form
from .statistics_query import Question, Read, read
from .statistics_topics import topics_menu

FIELDS = ("level", "group", "kind", "status", "province", "basis", "from", "to", "by")
PATTERNS = mark_safe(charts.PATTERNS)  # noqa: S308  our own drawing
TALL = 160
LOW = 56
SHOWN_ROWS = 9
LEVELS = (Level.DISTRICT, Level.COMMUNE, Level.PROVINCE, Level.REGION, Level.NATIONAL)
SMALL_LEVELS = (Level.REGION, Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
FIRST_YEAR = 2015


@dataclass(frozen=True)
class Column:
    """One column of a chart. `height` and `solid` are pixels; `published` is None where no total was published."""

    level: str
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
    def url(self) -> str:
        """The list of the part that the register can open."""
        return Question(level=(self.level,), year_from=self.year, year_to=self.year).listed() if self.count else ""

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
    url: str


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponseBase:
    """A question and its answer, and below, while nothing is asked, the figures of the register beside what was
    published. Constant queries, however large the register."""
    clock = clock_of_today()
    if "tai" in request.GET:
        asked = read(request.GET, fields_read=FIELDS)
        file = file_of(request, recognition_answers.answers(asked.question, clock))
        if file is not None:
            return file
    # The question is read only where the page is not kept: that takes longer than to give out a page that is.
    return kept_page(request, clock, lambda _mark: _page(request, read(request.GET, fields_read=FIELDS), clock))


def _page(request: HttpRequest, asked: Read, clock: Clock) -> HttpResponse:
    question, shelf = asked.question, columns.shelf()
    found = statistics.recognitions(by="group", asked=Asked(), clock=clock, shelf=shelf)
    rows = statistics.provinces(Asked(basis=question.basis), clock, shelf=shelf)
    facts = {
        "nav": "statistics",
        "on": clock.on,
        "told": asked.told,
        "question": question,
        "is_open": not question.is_plain,
        "total": found.total,
        "illustrative": statistics.illustrative(Asked(), clock, shelf=shelf),
        "form": form(question, FIELDS, year=clock.on.year, by=recognition_answers.BY_LABELS),
        "ready": recognition_answers.ready_questions(rows[0].unit if rows and question.is_plain else None),
        "answers": recognition_answers.answers(question, clock, shelf=shelf) if found.total.recognitions else [],
        "patterns": PATTERNS,
        "topics": topics_menu("statistics"),
    }
    if question.is_plain:
        by_year = statistics.by_level_and_year(Asked(), clock, shelf=shelf)
        facts |= _overview(request, question, found, rows, by_year)
    elif question.but(by="").query:
        facts["published"] = _groups(statistics.published(question.asked, SELECTION_MEASURES))
    return render(request, "pages/statistics.html", facts)


def _overview(
    request: HttpRequest,
    question: Question,
    groups: statistics.Figures,
    rows: list[ProvinceRow],
    counted: list[tuple[str, int, int]],
) -> dict[str, Any]:
    """What stands below the form while nothing is asked: the national rounds, levels, groups, funnel, provinces."""
    levels = _levels_present(rows)
    by_year = _by_level_and_year(counted)
    shown = rows if "du" in request.GET else rows[:SHOWN_ROWS]
    figures = statistics.published(Asked(), SELECTION_MEASURES)
    told = _told(figures, question.basis)
    return {
        "national": _national(by_year.get(Level.NATIONAL, {}), groups.published),
        "lower": _small_charts(by_year),
        "groups": _bars(groups),
        "funnel": statistics.funnel(),
        "figures": len(figures),
        "group_figures": [figure for figure in figures if figure.group],
        "levels": [(level, _short(level)) for level in levels],
        "rows": [_cells(row, question, levels, told) for row in shown],
        "hidden_rows": len(rows) - len(shown),
        "row_count": len(rows),
        "sums": [
            Cell(sum(row.by_level.get(level, 0) for row in rows), question.but(level=(level,)).listed())
            for level in levels
        ],
        "whole": question.listed(),
    }


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
    cells: list[Cell]
    total: Cell
    former: list["TableRow"]
    is_told: bool  # totals were published about it


def _told(figures: Iterable[PublishedFigure], basis: str) -> frozenset[int]:
    """The units about which totals were published, as the table's rows mean them."""
    named = {figure.territory_id for figure in figures if figure.territory_id}
    return frozenset(named | {current_id(pk) for pk in named} if basis == Basis.CURRENT else named)


def _cells(row: ProvinceRow, question: Question, levels: list[str], told: frozenset[int]) -> TableRow:
    asked = question.but(province=(row.unit.slug,))
    then = question.but(basis=Basis.AT_THE_TIME)
    return TableRow(
        label=row.label,
        cells=[_cell(row.by_level.get(level, 0), asked.but(level=(level,))) for level in levels],
        total=_cell(row.total, asked),
        former=[_cells(part, then, levels, frozenset()) for part in row.former],
        is_told=row.unit.pk in told,
    )


def _cell(value: int, asked: Question) -> Cell:
    return Cell(value or None, asked.listed() if value else "")


def _by_level_and_year(counted: Iterable[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for level, year, number in counted:
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
    columns = [
        _column(Level.NATIONAL, year, counted.get(year, 0), totals.get(year), top=top, tall=TALL) for year in years
    ]
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
            [_column(level, year, counted.get(year, 0), None, top=top, tall=LOW) for year in run],
        )
        for level, counted in lower.items()
    ]


def _column(level: str, year: int, count: int, figure: PublishedFigure | None, *, top: int, tall: int) -> Column:
    def pixels(value: int) -> int:
        return max(value * tall // top, 2) if value else 0

    return Column(
        level=level,
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
            url=Question(group=(row.key,)).listed(),
        )
        for row in rows
    ]
