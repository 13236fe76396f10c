"""Published totals of selections beside what the register counts for the same place, period, level and group."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.territory.enums import Basis
from portal.territory.queries import register
from portal.text.folding import sort_key
from portal.text.formats import day, number
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES, FigureMeasure
from products.models import PublishedFigure

from . import charts
from .answers import Answer, Cell, Line, Table
from .figures import Counted, compared
from .figures import Line as Compared
from .statistics_query import Question

DRAWN_ROWS = 12
VIEWS: dict[str, dict[str, str]] = {
    FigureMeasure.RECOGNISED: {},
    FigureMeasure.RECOGNISED_CUMULATIVE: {},
    FigureMeasure.RECOGNISED_SETS: {"set": "yes"},
    FigureMeasure.FACILITIES_RECOGNISED: {"view": "facilities"},
}


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Seven queries, however many figures."""
    figures = PublishedFigure.objects.filter(measure__in=SELECTION_MEASURES).select_related("territory")
    lines = compared(sorted(figures, key=lambda figure: (sort_key(figure.place), figure.year_from or 0, figure.pk)))
    return [
        Answer(
            key="doi-chieu",
            title=_("Số đã công bố và số đếm được"),
            sentence=_sentence(lines),
            chart=_chart(lines),
            table=_table(lines),
            method=(
                _(
                    "Số đã công bố ghi nguyên văn như nguồn, không cộng vào số đếm và không cộng với nhau, vì các kỳ trùng nhau."
                ),
                _(
                    "Số đếm lấy từ sổ ngày %(day)s cho đúng nơi, các năm, cấp và nhóm của số đã công bố, theo tỉnh khi "
                    "công nhận và theo tỉnh hiện nay."
                )
                % {"day": day(clock.on)},
                _(
                    "Số nguồn viết gần đúng được coi là khớp khi lệch không quá một phần mười về phía mà chữ của nguồn cho phép."
                ),
            ),
            path=reverse("statistics_published"),
            on=clock.on,
        )
    ]


def _sentence(lines: Sequence[Compared]) -> str:
    if not lines:
        return _("Chưa có số liệu nào đã công bố được ghi vào cổng.")
    listed = [line for line in lines if any(side and side.agrees is not None for side in line.bases)]
    agreeing = sum(any(side and side.agrees for side in line.bases) for line in listed)
    clashes = sum(line.figure.is_contradiction for line in lines)
    words = ngettext(
        "Cổng ghi %(all)s số đã công bố về bình chọn: %(agreeing)s khớp với danh sách trong sổ, %(differing)s chưa khớp, "
        "%(unlisted)s chưa có danh sách để đếm",
        "Cổng ghi %(all)s số đã công bố về bình chọn: %(agreeing)s khớp với danh sách trong sổ, %(differing)s chưa khớp, "
        "%(unlisted)s chưa có danh sách để đếm",
        len(lines),
    ) % {
        "all": number(len(lines)),
        "agreeing": number(agreeing),
        "differing": number(len(listed) - agreeing),
        "unlisted": number(len(lines) - len(listed)),
    }
    more = _("; %(clashes)s số có nguồn tự mâu thuẫn") % {"clashes": number(clashes)} if clashes else ""
    return f"{words}{more}."


def _chart(lines: Sequence[Compared]) -> charts.Chart:
    """The largest totals of recognitions that are single numbers, each with the part that the register counts."""
    known = [
        line
        for line in lines
        if line.figure.measure == FigureMeasure.RECOGNISED and line.figure.value is not None and not line.figure.group
    ]
    known.sort(key=lambda line: -(line.figure.value or 0))
    items = tuple(
        charts.Item(
            f"{line.figure.place}, {line.figure.period}: {line.figure.what}",
            max((side.value for side in line.bases if side), default=0),
            _("đếm được %(n)s") % {"n": number(max((side.value for side in line.bases if side), default=0))},
            note=_("công bố %(n)s") % {"n": line.figure.value_text},
            published=int(line.figure.value or 0),
            published_shown=line.figure.value_text,
        )
        for line in known[:DRAWN_ROWS]
    )
    return charts.Chart("bars", _("Sản phẩm được công nhận: công bố và đếm được"), items, published=_("Số đã công bố"))


def _table(lines: Sequence[Compared]) -> Table:
    headings = (
        _("Nơi, kỳ"), _("Số liệu"), _("Đã công bố"), _("Đếm theo tỉnh khi đó"), _("Đếm theo tỉnh hiện nay"),
        _("Nguồn, ghi chú"),
    )  # fmt: skip
    apart = {_where(line.figure) for line in lines if line.figure.measure == FigureMeasure.RECOGNISED_SETS}
    return Table(headings, tuple(_line(line, is_singles=_where(line.figure) in apart) for line in lines))


def _where(figure: PublishedFigure) -> tuple[str, str, str, str]:
    return figure.place, figure.period, figure.level, figure.source


def _line(line: Compared, *, is_singles: bool) -> Line:
    """`is_singles`: the source names its sets apart, so its products are counted without them."""
    figure = line.figure
    note = f"{figure.source}. {figure.note}" if figure.note else figure.source
    return Line(
        (
            Cell(f"{figure.place}, {figure.period}"),
            Cell(figure.what),
            Cell(f"{figure.value_text} {figure.unit}".strip()),
            _counted(figure, line.at_the_time, Basis.AT_THE_TIME, is_singles=is_singles),
            _counted(figure, line.current, Basis.CURRENT, is_singles=is_singles),
            Cell(note),
        )
    )


def _counted(figure: PublishedFigure, side: Counted | None, basis: str, *, is_singles: bool) -> Cell:
    if side is None:
        return Cell("")
    url = _listed(figure, basis, is_singles=is_singles) if side.value else ""
    return Cell(side.value, url, words=f"{number(side.value)} ({side.word})")


def _listed(figure: PublishedFigure, basis: str, *, is_singles: bool) -> str:
    """The list of what was counted, where the public has one."""
    more = VIEWS.get(figure.measure)
    if more is None:
        return ""
    if is_singles and figure.measure == FigureMeasure.RECOGNISED:
        more = {"set": "no"}
    slug = ""
    if figure.territory_id:
        known = register()
        pk = figure.territory_id if basis == Basis.AT_THE_TIME else known.current_id(figure.territory_id)
        slug = known.units[pk].slug
    question = Question(
        level=(figure.level,) if figure.level else (),
        group=(figure.group,) if figure.group else (),
        province=(slug,) if slug else (),
        basis=basis if slug else Basis.CURRENT,
        year_from=figure.year_from,
        year_to=figure.year_to,
    )
    return question.listed(**more)
