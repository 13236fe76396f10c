"""Answers about industrial extension: projects, facilities, turns, money and counterpart."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extension.queries import Totals
from portal.text.formats import day, money, number
from products.catalogue import Clock
from products.enums import FigureMeasure

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Table
from .statistics import ExtensionRow
from .statistics_list import Narrow, projects_of
from .statistics_query import Question

BY_LABELS = {
    "year": gettext_lazy("Năm"),
    "funding": gettext_lazy("Nguồn kinh phí"),
    "head": gettext_lazy("Nội dung"),
    "province": gettext_lazy("Tỉnh, thành phố"),
    "region": gettext_lazy("Khu vực"),
}
DRAWN_ROWS = 12
MEASURES = (FigureMeasure.PROJECTS, FigureMeasure.FUNDS, FigureMeasure.FACILITIES_SUPPORTED, FigureMeasure.FAIR_SALES)


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Four queries, and one for the published totals."""
    by = question.by or "year"
    total, rows = statistics.support_of(projects_of(question, Narrow()), by=by, basis=question.basis)
    if by in {"province", "region"}:
        rows.sort(key=lambda row: -row.totals.extension_funds)
    told = statistics.published(question.but(level=()).asked, MEASURES)
    return [
        Answer(
            key="khuyen-cong",
            title=_("Hỗ trợ khuyến công"),
            sentence=_sentence(question, total),
            chart=_chart(rows, by),
            table=_table(question, by, total, rows),
            method=_method(question, clock),
            path=f"{reverse('statistics_extension')}{question.query}",
            on=clock.on,
            notes=tuple(statistics_words.published(figure) for figure in told),
        )
    ]


def _sentence(question: Question, total: Totals) -> str:
    facts = {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "projects": number(total.projects),
        "facilities": number(total.facilities),
        "turns": number(total.turns),
        "funds": money(total.extension_funds),
        "counterpart": money(total.counterpart_funds),
    }
    if not total.projects:
        return _("%(period)s, %(place)s chưa có đề án khuyến công nào đã duyệt và công bố trên cổng.") % facts
    return (
        _(
            "%(period)s, %(place)s có %(projects)s đề án hỗ trợ %(facilities)s cơ sở (%(turns)s lượt) với %(funds)s kinh phí "
            "khuyến công và %(counterpart)s vốn đối ứng."
        )
        % facts
    )


def _chart(rows: Sequence[ExtensionRow], by: str) -> charts.Chart:
    drawn = rows if by == "year" else sorted(rows, key=lambda row: -row.totals.extension_funds)
    items = tuple(
        charts.Item(
            row.label,
            row.totals.extension_funds + row.totals.counterpart_funds,
            money(row.totals.extension_funds + row.totals.counterpart_funds),
            parts=(row.totals.extension_funds, row.totals.counterpart_funds),
        )
        for row in drawn[:DRAWN_ROWS]
    )
    return charts.Chart(
        "bars", _("Kinh phí khuyến công và vốn đối ứng"), items, (_("kinh phí khuyến công"), _("vốn đối ứng"))
    )


def _table(question: Question, by: str, total: Totals, rows: Sequence[ExtensionRow]) -> Table:
    headings = (
        str(BY_LABELS[by]), _("Đề án"), _("Cơ sở"), _("Lượt"), _("Kinh phí khuyến công (đồng)"), _("Vốn đối ứng (đồng)"),
        _("Đã giải ngân (đồng)"),
    )  # fmt: skip
    lines = tuple(_line(*_asked(question, by, row.key), row.label, row.totals) for row in rows)
    foot = _line(question, {}, _("Tất cả"), total) if len(lines) > 1 else None
    return Table(headings, lines, foot)


def _asked(question: Question, by: str, key: str) -> tuple[Question, dict[str, str]]:
    """The question of one row, and what its lists ask besides."""
    return (question.narrowed(by, key), {}) if by in {"year", "province"} else (question, {by: key})


def _line(question: Question, more: dict[str, str], label: str, totals: Totals) -> Line:
    """Money opens the projects whose sums it is, turns the facilities that had them."""
    projects = question.listed(view="projects", **more)
    facilities = question.listed(view="supported", **more)
    money = (totals.extension_funds, totals.counterpart_funds, totals.disbursed)
    return Line(
        (
            Cell(label),
            _linked(totals.projects, projects),
            _linked(totals.facilities, facilities),
            _linked(totals.turns, facilities),
            *(_linked(amount, projects) for amount in money),
        )
    )


def _linked(value: int, url: str) -> Cell:
    return Cell(value, url if value else "")


def _method(question: Question, clock: Clock) -> tuple[str, ...]:
    return (
        _("Chỉ đề án đã duyệt và công bố, đếm ngày %(day)s; đề án mới đăng ký, đã ngừng và đề án minh họa không tính.")
        % {"day": day(clock.on)},
        _("Năm là năm đầu của đề án. Cơ sở đếm một lần trong mỗi dòng, lượt đếm mọi lần."),
        _("Tiền là số nguyên đồng. Kinh phí mà nguồn chỉ viết gần đúng thì hiện ở trang đề án, không cộng vào đây."),
        _("Số đề án và số tiền mở ra các đề án cộng nên số đó; số cơ sở và số lượt mở ra các cơ sở được hỗ trợ."),
        _("Hộ kinh doanh không còn hiện công khai vẫn được đếm, và có một dòng không nêu tên trong danh sách cơ sở."),
        statistics_words.basis_words(question.basis),
    )
