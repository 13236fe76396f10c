"""Published totals beside what the register counts for the same place, period, level and group.

A total is shown as its source wrote it, on its own line: totals are never added to each other, since their
periods overlap, nor to what is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.territory.queries import family_ids
from portal.text.formats import number
from products.enums import SELECTION_MEASURES, SUPPORT_MEASURES, FigureMeasure, FigurePrecision
from products.models import PublishedFigure, Recognition
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier, Round

from .support_figures import SupportCounts, scale

ON_A_PAGE = 100
M, P = FigureMeasure, FigurePrecision
# How far an approximate total may lie from the true number.
NEAR = Decimal("0.1")


@dataclass(frozen=True)
class Cell:
    """How many there are of one place, level, group and year. `flag` parts sets from single products, and first-time
    entries from the others; `who` is the maker where makers are counted."""

    territory_id: int | None
    level: str
    group: str
    year: int
    flag: bool
    rows: int
    who: int | None = None


@dataclass(frozen=True)
class Counted:
    """What the register counts on one basis, in the unit of the published total, and how the two stand."""

    value: int | Decimal
    word: str
    agrees: bool | None

    @property
    def shown(self) -> str:
        return number(self.value)


@dataclass(frozen=True)
class Line:
    """One published total and the register's count on both bases; None where the register counts no such thing."""

    figure: PublishedFigure
    at_the_time: Counted | None
    current: Counted | None

    @property
    def bases(self) -> tuple[Counted | None, Counted | None]:
        return self.at_the_time, self.current


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Eleven queries, however many figures and recognitions, and the person's reach."""
    figures = PublishedFigure.objects.select_related("territory").order_by("place", "year_from", "pk")
    found = Paginator(figures, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = compared(found.object_list)
    context = {
        **site.each_context(request),
        "title": _("Đối chiếu số liệu đã công bố"),
        "page": found,
        "groups": _by_source(lines),
    }
    return render(request, "admin/quality/figures.html", context)


def compared(figures: Iterable[PublishedFigure]) -> list[Line]:
    """Each total with the counts it can be held against. At most nine queries."""
    counts, support = _Counts(), SupportCounts()
    return [_line(figure, counts, support) for figure in figures]


def _by_source(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.figure.place, []).append(line)
    return list(found.items())


def _line(figure: PublishedFigure, counts: "_Counts", support: SupportCounts) -> Line:
    place = figure.territory_id
    then = None if place is None else frozenset({place})
    now = None if place is None else family_ids(place)
    if figure.measure in SUPPORT_MEASURES:
        return Line(figure, *(_in_its_unit(figure, support.of(figure, units)) for units in (then, now)))
    if figure.measure not in SELECTION_MEASURES:
        return Line(figure, None, None)
    return Line(figure, *(_held_against(figure, counts.of(figure, units)) for units in (then, now)))


def _in_its_unit(figure: PublishedFigure, counted: int | None) -> Counted | None:
    return None if counted is None else _held_against(figure, counted / scale(figure))


def _held_against(figure: PublishedFigure, value: int | Decimal) -> Counted:
    if not value:
        return Counted(value, _("chưa nhập danh sách"), None)
    if figure.value is None:
        return Counted(value, _("nguồn ghi bằng chữ"), None)
    if agrees(figure.precision, figure.value, value):
        return Counted(value, _("khớp"), True)
    away = value - figure.value
    return Counted(value, _("lệch %(number)s") % {"number": f"{'+' if away > 0 else '−'}{number(abs(away))}"}, False)


def agrees(precision: str, published: Decimal, counted: int | Decimal) -> bool:
    """Whether the count is what the total says: exactly, or within a tenth on the side the word allows."""
    low = published if precision in {P.EXACT, P.OVER} else published * (1 - NEAR)
    high = published if precision in {P.EXACT, P.ALMOST} else published * (1 + NEAR)
    return low <= counted <= high


class _Counts:
    """The register counted once by place, level, group and year, to be summed as each figure asks. Six queries."""

    def __init__(self) -> None:
        entered = Dossier.objects.exclude(state=DossierState.DRAFT).exclude(is_gathered_set=True)
        entered = entered.annotate(place=Coalesce("round__territory_id", "product__territory_id"))
        entry = ("place", "round__level", "product__group", "round__year", "first_time")
        held = Round.objects.exclude(state__in=[RoundState.DRAFT, RoundState.CANCELLED])
        recognised = Recognition.objects.published().order_by()
        as_recognised = ("territory_id", "level", "product__group", "year", "product__is_set")
        self._recognised = _cells(recognised, *as_recognised)
        self._makers = _cells(recognised.exclude(product__facility=None), *as_recognised, who="product__facility_id")
        self._entered = _cells(entered, *entry)
        self._entrants = _cells(entered.exclude(product__facility=None), *entry, who="product__facility_id")
        self._rounds = [
            Cell(place, level, "", year, False, 1)
            for place, level, year in held.values_list("territory_id", "level", "year")
        ]
        self._sets_apart = set(
            PublishedFigure.objects.filter(measure=M.RECOGNISED_SETS).values_list("place", "period", "level", "source")
        )

    def of(self, figure: PublishedFigure, places: frozenset[int] | None) -> int:
        """What the register counts of the figure's own place, level, group and years."""
        cells = [cell for cell in self._about(figure) if _within(cell, figure, places)]
        if figure.measure in {M.FACILITIES_RECOGNISED, M.FACILITIES_REGISTERED}:
            return len({cell.who for cell in cells})
        return sum(cell.rows for cell in cells)

    def _about(self, figure: PublishedFigure) -> list[Cell]:
        match figure.measure:
            case M.RECOGNISED_SETS:
                return [cell for cell in self._recognised if cell.flag]
            case M.RECOGNISED if self._counts_singles(figure):
                return [cell for cell in self._recognised if not cell.flag]
            case M.FACILITIES_RECOGNISED:
                return self._makers
            case M.REGISTERED:
                return self._entered
            case M.FIRST_TIME:
                return [cell for cell in self._entered if cell.flag]
            case M.FACILITIES_REGISTERED:
                return self._entrants
            case M.ROUNDS:
                return self._rounds
            case _:
                return self._recognised

    def _counts_singles(self, figure: PublishedFigure) -> bool:
        """A source that names sets apart does not count them among its products."""
        return (figure.place, figure.period, figure.level, figure.source) in self._sets_apart


def _cells(found: QuerySet[Any], *by: str, who: str = "") -> list[Cell]:
    columns = [*by, *([who] if who else [])]
    rows = found.order_by().values_list(*columns).annotate(rows=Count("pk")).values_list(*by, "rows", *columns[5:])
    return [Cell(*row) for row in rows]


def _within(cell: Cell, figure: PublishedFigure, places: frozenset[int] | None) -> bool:
    return (
        (places is None or cell.territory_id in places)
        and figure.level in {"", cell.level}
        and figure.group in {"", cell.group}
        and (figure.year_from is None or cell.year >= figure.year_from)
        and (figure.year_to is None or cell.year <= figure.year_to)
    )
