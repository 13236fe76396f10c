"""Published totals, of selections and of support, beside what the register counts for the same place and period."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.territory.enums import Basis
from portal.territory.queries import register
from portal.text.folding import sort_key
from portal.text.formats import day, number
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES, SUPPORT_MEASURES, FigureMeasure
from products.models import PublishedFigure

from . import charts, statistics_words
from .answers import Answer, Cell, Line, Table
from .figures import Counted, compared
from .figures import Line as Compared
from .statistics_query import Question
from .support_figures import read

DRAWN_ROWS = 12
VIEWS: dict[str, dict[str, str]] = {
    FigureMeasure.RECOGNISED: {},
    FigureMeasure.RECOGNISED_CUMULATIVE: {},
    FigureMeasure.RECOGNISED_SETS: {"set": "yes"},
    FigureMeasure.FACILITIES_RECOGNISED: {"view": "facilities"},
}


def answers(question: Question, clock: Clock) -> list[Answer]:
    """At most ten queries, however many figures."""
    told = PublishedFigure.objects.filter(measure__in=(*SELECTION_MEASURES, *SUPPORT_MEASURES))
    found = sorted(
        told.select_related("territory"), key=lambda figure: (sort_key(figure.place), figure.year_from or 0, figure.pk)
    )
    lines = compared(found)
    of_support = [line for line in lines if line.figure.measure in SUPPORT_MEASURES]
    of_selections = [line for line in lines if line.figure.measure in SELECTION_MEASURES]
    return [_selections(of_selections, clock), _support(of_support, clock)]


def _selections(lines: Sequence[Compared], clock: Clock) -> Answer:
    return Answer(
        key="doi-chieu",
        title=_("Bình chọn: số đã công bố và số đếm được"),
        sentence=_sentence(lines),
        chart=_chart(lines, FigureMeasure.RECOGNISED, _("Sản phẩm được công nhận: công bố và đếm được")),
        table=_table(lines),
        method=(
            *_method(clock),
            _("Số bình chọn đếm cho đúng nơi, các năm, cấp và nhóm của số đã công bố."),
        ),
        path=reverse("statistics_published"),
        on=clock.on,
    )


def _support(lines: Sequence[Compared], clock: Clock) -> Answer:
    return Answer(
        key="khuyen-cong",
        title=_("Khuyến công: số đã công bố và số đếm được"),
        sentence=_sentence(lines),
        chart=_chart(lines, FigureMeasure.PROJECTS, _("Đề án khuyến công: công bố và đếm được")),
        table=_table(lines),
        method=(
            *_method(clock),
            _(
                "Số khuyến công đếm từ đề án đã duyệt và đã công khai. Số của kế hoạch, của một phần năm, hoặc chỉ nói "
                "điều mong muốn thì không so với số đếm."
            ),
        ),
        path=reverse("statistics_published"),
        on=clock.on,
    )


def _method(clock: Clock) -> tuple[str, ...]:
    return (
        _(
            "Số đã công bố ghi nguyên văn như nguồn, không cộng vào số đếm và không cộng với nhau, vì các kỳ trùng nhau."
        ),
        _("Số đếm lấy từ sổ ngày %(day)s, theo tỉnh khi đó và theo tỉnh hiện nay.") % {"day": day(clock.on)},
        _(
            "Số nguồn viết gần đúng được coi là khớp khi lệch không quá một phần mười về phía mà chữ của nguồn cho phép."
        ),
    )


def _sentence(lines: Sequence[Compared]) -> str:
    if not lines:
        return _("Chưa có số liệu nào đã công bố được ghi vào cổng.")
    listed = [line for line in lines if any(side and side.agrees is not None for side in line.bases)]
    agreeing = sum(any(side and side.agrees for side in line.bases) for line in listed)
    clashes = sum(line.figure.is_contradiction for line in lines)
    words = ngettext(
        "Cổng ghi %(all)s số đã công bố: %(agreeing)s khớp với danh sách trong sổ, %(differing)s chưa khớp, "
        "%(unlisted)s chưa có danh sách để đếm",
        "Cổng ghi %(all)s số đã công bố: %(agreeing)s khớp với danh sách trong sổ, %(differing)s chưa khớp, "
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


def _chart(lines: Sequence[Compared], measure: str, title: str) -> charts.Chart:
    """The largest totals of one measure that are single numbers, each with the part that the register counts."""
    known = [
        line
        for line in lines
        if line.figure.measure == measure and line.figure.value is not None and not line.figure.group
    ]
    known.sort(key=lambda line: -(line.figure.value or 0))
    items = tuple(
        charts.Item(
            f"{line.figure.display_place}, {line.figure.display_period}: {statistics_words.meaning(line.figure)}",
            int(max((side.value for side in line.bases if side), default=0)),
            _("đếm được %(n)s") % {"n": number(max((side.value for side in line.bases if side), default=0))},
            note=_("công bố %(n)s") % {"n": line.figure.display_value},
            published=int(line.figure.value or 0),
            published_shown=line.figure.display_value,
        )
        for line in known[:DRAWN_ROWS]
    )
    return charts.Chart("bars", title, items, published=_("Số đã công bố"))


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
    return Line(
        (
            quoted(f"{figure.place}, {figure.period}", f"{figure.display_place}, {figure.display_period}"),
            named(figure),
            quoted(f"{figure.value_text} {figure.unit}".strip(), figure.display_amount),
            _counted(figure, line.at_the_time, Basis.AT_THE_TIME, is_singles=is_singles),
            _counted(figure, line.current, Basis.CURRENT, is_singles=is_singles),
            source(figure),
        )
    )


def named(figure: PublishedFigure) -> Cell:
    """What a published total counts."""
    return quoted(figure.what, statistics_words.meaning(figure))


def source(figure: PublishedFigure) -> Cell:
    """Who published it, and what is said against it."""
    return Cell(f"{figure.source}. {figure.note}" if figure.note else figure.source, quoted=True)


def quoted(words: str, meaning: str) -> Cell:
    """The words of a source; above them what they mean on a page in another language."""
    return Cell(words, quoted=True, meaning=meaning if meaning != words else "")


def _counted(figure: PublishedFigure, side: Counted | None, basis: str, *, is_singles: bool) -> Cell:
    if side is None:
        return Cell("")
    url = _listed(figure, basis, is_singles=is_singles) if side.value else ""
    value = int(side.value) if side.value == int(side.value) else str(side.value)
    return Cell(value, url, words=f"{side.shown} ({side.word})")


def _listed(figure: PublishedFigure, basis: str, *, is_singles: bool) -> str:
    """The list of what was counted, where the public has one."""
    if figure.measure in SUPPORT_MEASURES:
        return _projects(figure, basis)
    more = VIEWS.get(figure.measure)
    if more is None:
        return ""
    if is_singles and figure.measure == FigureMeasure.RECOGNISED:
        more = {"set": "no"}
    slug = _slug(figure, basis)
    question = Question(
        level=(figure.level,) if figure.level else (),
        group=(figure.group,) if figure.group else (),
        province=(slug,) if slug else (),
        basis=basis if slug else Basis.CURRENT,
        year_from=figure.year_from,
        year_to=figure.year_to,
    )
    return question.listed(**more)


def _slug(figure: PublishedFigure, basis: str) -> str:
    if not figure.territory_id:
        return ""
    known = register()
    pk = figure.territory_id if basis == Basis.AT_THE_TIME else known.current_id(figure.territory_id)
    return known.units[pk].slug


def _projects(figure: PublishedFigure, basis: str) -> str:
    """The list of projects of the figure's place, years, funding and head."""
    meant = read(figure)
    if meant is None or figure.year_from is None or figure.year_to is None:
        return ""
    asked: dict[str, Any] = {"year": list(range(figure.year_from, figure.year_to + 1))}
    if slug := _slug(figure, basis):
        asked |= {"province": slug, "basis": basis}
    if meant.funding:
        asked["funding"] = meant.funding
    if meant.head:
        asked["head"] = meant.head
    return f"{reverse('extension')}?{urlencode(asked, doseq=True)}"
