"""The page of statistics: a question, its answer, and what the register holds beside what was published."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from portal.territory.queries import current_id
from products import columns
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES
from products.kept_pages import kept_page
from products.models import PublishedFigure
from products.serializers import clock_of_today

from . import charts, recognition_answers, statistics
from .answers import Answer, Cell, file_of
from .overview_answers import Overview, levels_of, overview
from .statistics import Asked, Figures, ProvinceRow
from .statistics_form import form
from .statistics_query import Question, Read, read
from .statistics_topics import topics_menu

FIELDS = ("level", "group", "kind", "status", "province", "basis", "from", "to", "by")
PATTERNS = mark_safe(charts.PATTERNS)  # noqa: S308  our own drawing
SHOWN_ROWS = 9


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponseBase:
    """A question and its answer, and below, while nothing is asked, the figures of the register beside what was
    published. Constant queries, however large the register."""
    clock = clock_of_today()
    if "tai" in request.GET:
        file = file_of(request, Found(read(request.GET, fields_read=FIELDS).question, clock).all_answers)
        if file is not None:
            return file
    # The question is read only where the page is not kept: that takes longer than to give out a page that is.
    return kept_page(request, clock, lambda _mark: _page(request, read(request.GET, fields_read=FIELDS), clock))


class Found:
    """What the register says to a question, each thing counted once and only where it is wanted."""

    def __init__(self, question: Question, clock: Clock) -> None:
        self.question, self.clock = question, clock
        self.shelf = columns.shelf()

    @cached_property
    def groups(self) -> Figures:
        return statistics.recognitions(by="group", asked=Asked(), clock=self.clock, shelf=self.shelf)

    @cached_property
    def provinces(self) -> list[ProvinceRow]:
        return statistics.provinces(Asked(basis=self.question.basis), self.clock, shelf=self.shelf)

    @cached_property
    def answers(self) -> list[Answer]:
        return recognition_answers.answers(self.question, self.clock, shelf=self.shelf)

    @cached_property
    def overview(self) -> Overview | None:
        """Only while nothing is asked."""
        if not self.question.is_plain:
            return None
        return overview(self.question, self.clock, shelf=self.shelf, groups=self.groups, provinces=self.provinces)

    @property
    def all_answers(self) -> list[Answer]:
        """Those whose files this page gives out."""
        return [*self.answers, *(self.overview.own if self.overview else [])]


def _page(request: HttpRequest, asked: Read, clock: Clock) -> HttpResponse:
    question = asked.question
    found, is_plain = Found(question, clock), question.is_plain
    rows = found.provinces if is_plain else []
    facts = {
        "nav": "statistics",
        "on": clock.on,
        "told": asked.told,
        "question": question,
        "is_open": not is_plain,
        "total": found.groups.total,
        "illustrative": statistics.illustrative(Asked(), clock, shelf=found.shelf),
        "form": form(question, FIELDS, year=clock.on.year, by=recognition_answers.BY_LABELS),
        "ready": recognition_answers.ready_questions(rows[0].unit if rows else None),
        "answers": found.answers if found.groups.total.recognitions else [],
        "overview": found.overview,
        "patterns": PATTERNS,
        "topics": topics_menu("statistics"),
    }
    if is_plain:
        facts |= _provinces(request, question, rows)
    elif question.but(by="").query:
        facts["published"] = _groups(statistics.published(question.asked, SELECTION_MEASURES))
    return render(request, "pages/statistics.html", facts)


def _provinces(request: HttpRequest, question: Question, rows: list[ProvinceRow]) -> dict[str, Any]:
    """The table of provinces, and what was published."""
    levels = levels_of(rows)
    shown = rows if "du" in request.GET else rows[:SHOWN_ROWS]
    figures = statistics.published(Asked(), SELECTION_MEASURES)
    told = _told(figures, question.basis)
    return {
        "figures": len(figures),
        "group_figures": [figure for figure in figures if figure.group],
        "levels": levels,
        "rows": [_cells(row, question, levels, told) for row in shown],
        "hidden_rows": len(rows) - len(shown),
        "row_count": len(rows),
        "sums": [
            Cell(sum(row.by_level.get(level, 0) for row in rows), question.but(level=(level,)).listed())
            for level, _name in levels
        ],
        "whole": question.listed(),
    }


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


def _cells(row: ProvinceRow, question: Question, levels: list[tuple[str, str]], told: frozenset[int]) -> TableRow:
    asked = question.but(province=(row.unit.slug,))
    then = question.but(basis=Basis.AT_THE_TIME)
    return TableRow(
        label=row.label,
        cells=[_cell(row.by_level.get(level, 0), asked.but(level=(level,))) for level, _name in levels],
        total=_cell(row.total, asked),
        former=[_cells(part, then, levels, frozenset()) for part in row.former],
        is_told=row.unit.pk in told,
    )


def _cell(value: int, asked: Question) -> Cell:
    return Cell(value or None, asked.listed() if value else "")


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
