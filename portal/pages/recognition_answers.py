"""Answers about recognitions: by level, group, province, year or kind of maker, on either basis."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.territory.enums import Basis
from portal.territory.queries import Unit, family_ids, register
from portal.text.formats import day, number
from products import columns
from products.catalogue import Clock
from products.columns import Shelf
from products.enums import LEVEL_RANK, Level, Status
from products.models import PublishedFigure

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Side, Table, percent
from .statistics import Figures, Row
from .statistics_query import Question

DRAWN_ROWS = 12
DRAWN_PAIRS = 8
BY_LABELS = {
    "level": gettext_lazy("Cấp"),
    "group": gettext_lazy("Nhóm sản phẩm"),
    "province": gettext_lazy("Tỉnh, thành phố"),
    "year": gettext_lazy("Năm"),
    "facility_kind": gettext_lazy("Loại hình cơ sở"),
}
TITLES = {
    "level": gettext_lazy("Lượt công nhận theo cấp"),
    "group": gettext_lazy("Lượt công nhận theo nhóm sản phẩm"),
    "province": gettext_lazy("Lượt công nhận theo tỉnh, thành phố"),
    "year": gettext_lazy("Lượt công nhận theo năm"),
    "facility_kind": gettext_lazy("Lượt công nhận theo loại hình cơ sở"),
}
Split = dict[str, dict[str, int]]  # row, level, how many


def by_of(question: Question) -> str:
    """How to divide where the reader did not say: by what the question leaves open."""
    if question.by:
        return question.by
    if not question.level:
        return "level"
    return "year" if question.province else "province"


def answer(question: Question, clock: Clock, *, shelf: Shelf | None = None, found: Figures | None = None) -> Answer:
    """The answer to a question about recognitions; `found` are its figures where they are known. Two queries."""
    by, shelf = by_of(question), shelf or columns.shelf()
    found = found or statistics.recognitions(by=by, asked=question.asked, clock=clock, shelf=shelf)
    years = statistics.years_known(shelf) if _dated(question, by) else []
    split = _split(question, by, clock, shelf)
    return Answer(
        key="cong-nhan",
        title=_title(question, by),
        sentence=statistics_words.recognised(question, found.total.recognitions, found.rows, by=by),
        chart=_chart(question, by, found, split),
        table=_table(question, by, found, years),
        method=method(question, clock),
        path=f"{_home()}{question.query}",
        on=clock.on,
        sides=_sides(question, clock, shelf),
        sides_title=_("Cùng câu hỏi, tính theo cả hai cách"),
    )


def answers(question: Question, clock: Clock, *, shelf: Shelf | None = None) -> list[Answer]:
    """The answer, and where provinces of today are compared, what the merger made of them. Two queries."""
    shelf = shelf or columns.shelf()
    return [answer(question, clock, shelf=shelf), *_merged(question, clock, shelf)]


def _home() -> str:
    return reverse("statistics")


def _dated(question: Question, by: str) -> bool:
    """Whether links to the catalogue need the years that the register knows."""
    return question.year_from is not None or question.year_to is not None or by == "year"


def _title(question: Question, by: str) -> str:
    told = statistics_words.scope(question).strip()
    where = statistics_words.place(question) if question.province else ""
    more = ", ".join(filter(None, [told, where]))
    return f"{TITLES[by]}: {more}" if more else str(TITLES[by])


def method(question: Question, clock: Clock) -> tuple[str, ...]:
    """How it was counted, on which day, on which basis."""
    return statistics_words.told(
        [
            _(
                "Đếm lượt công nhận đã công bố trong sổ ngày %(day)s. Một sản phẩm được công nhận hai lần là hai lượt; "
                "cột “sản phẩm khác nhau” chỉ đếm một."
            )
            % {"day": day(clock.on)},
            statistics_words.basis_words(question.basis),
            _("Năm là năm công nhận, kể cả năm đầu và năm cuối. Bộ sản phẩm là một lượt, thành phần của bộ không đếm."),
            _(
                "Số cơ sở chỉ gồm cơ sở đã rõ tên. Sản phẩm và cơ sở được đếm một lần trong mỗi dòng, nên các dòng "
                "cộng lại có thể hơn dòng tổng."
            ),
            _("Hiệu lực là của ngày %(day)s.") % {"day": day(clock.on)} if question.status else "",
        ]
    )


# --- the two bases side by side -------------------------------------------------------------------------------


def _sides(question: Question, clock: Clock, shelf: Shelf) -> tuple[Side, ...]:
    """The one province asked for, as it is today and as each unit it came from was, whichever basis was asked; none
    where it never changed."""
    if len(question.province) != 1:
        return ()
    known = register()
    now = known.units[known.current_id(question.units[0].pk)]
    family = family_ids(now.pk)
    if len(family) == 1:
        return ()
    asked = replace(question.asked, territory_ids=family, basis=Basis.AT_THE_TIME)
    counts = {row.unit.pk: row.total for row in statistics.provinces(asked, clock, shelf=shelf)}
    today, then = (question.but(basis=basis, by="") for basis in (Basis.CURRENT, Basis.AT_THE_TIME))
    parts = sorted((known.units[pk] for pk in family), key=lambda unit: (-counts.get(unit.pk, 0), unit.slug))
    whole = _side_cell(sum(counts.values()), today.but(province=(now.slug,)))
    return (
        Side(_("%(name)s hiện nay") % {"name": now.name}, whole, _("gồm cả các tỉnh đã nhập vào")),
        *(
            Side(
                statistics.dated(unit),
                _side_cell(counts.get(unit.pk, 0), then.but(province=(unit.slug,))),
                _("tỉnh khi công nhận"),
            )
            for unit in parts
        ),
    )


def _side_cell(value: int, asked: Question) -> Cell:
    return Cell(value, asked.listed() if value else "")


# --- the chart ----------------------------------------------------------------------------------------------


def _split(question: Question, by: str, clock: Clock, shelf: Shelf) -> Split:
    """Rows by level where the chart can show both."""
    if len(question.level) == 1 or by not in {"year", "province"}:
        return {}
    found: Split = {}
    if by == "year":
        for level, year, count in statistics.by_level_and_year(question.asked, clock, shelf=shelf):
            found.setdefault(str(year), {})[level] = count
    else:
        for row in statistics.provinces(question.asked, clock, shelf=shelf):
            found[row.unit.slug] = row.by_level
    return found


def levels_of(split: Split) -> list[str]:
    """The levels that occur, the highest first."""
    known = {level for levels in split.values() for level in levels}
    return sorted(known, key=lambda level: (-LEVEL_RANK[Level(level)], level))


def _chart(question: Question, by: str, found: Figures, split: Split) -> charts.Chart:
    levels = levels_of(split)
    series = tuple(str(Level(level).label) for level in levels)
    total = found.total.recognitions
    if by == "year":
        items = _years(question, found, split, levels)
        hatch = _("Tổng đã công bố của kỳ") if any(item.published for item in items) else ""
        return charts.Chart("columns", str(TITLES[by]), items, series, published=hatch)
    rows = sorted(found.rows, key=lambda row: -row.numbers.recognitions) if by != "level" else found.rows
    items = tuple(_bar(row, total, split.get(row.key, {}), levels) for row in rows[:DRAWN_ROWS])
    return charts.Chart("bars", str(TITLES[by]), items, series)


def _bar(row: Row, total: int, by_level: dict[str, int], levels: Sequence[str]) -> charts.Item:
    count = row.numbers.recognitions
    return charts.Item(
        row.label,
        count,
        number(count),
        note=f"{percent(count, total)}%",
        parts=tuple(by_level.get(level, 0) for level in levels),
    )


def _years(question: Question, found: Figures, split: Split, levels: Sequence[str]) -> tuple[charts.Item, ...]:
    counted = {int(row.key): row.numbers.recognitions for row in found.rows}
    told = published_by_year(question, found.published)
    return tuple(
        charts.Item(
            str(year),
            counted.get(year, 0),
            number(counted.get(year, 0)),
            parts=tuple(split.get(str(year), {}).get(level, 0) for level in levels),
            published=int(told[year].value or 0) if year in told else 0,
            published_shown=told[year].value_text if year in told else "",
        )
        for year in charts.years([*counted, *told])
    )


def published_by_year(question: Question, figures: Iterable[PublishedFigure]) -> dict[int, PublishedFigure]:
    """Published totals of single years that count just what the question asks: the whole country at one level."""
    if len(question.level) != 1 or question.province or question.group or question.kind or question.status:
        return {}
    return {
        figure.year_from: figure
        for figure in figures
        if figure.measure == "recognised"
        and figure.territory_id is None
        and not figure.group
        and figure.level == question.level[0]
        and figure.value is not None
        and figure.year_from is not None
        and figure.year_from == figure.year_to
    }


# --- the table ------------------------------------------------------------------------------------------------


def _table(question: Question, by: str, found: Figures, years: Sequence[int]) -> Table:
    headings = (
        str(BY_LABELS[by]),
        _("Lượt công nhận"),
        _("Sản phẩm đơn"),
        _("Bộ sản phẩm"),
        _("Sản phẩm khác nhau"),
        _("Cơ sở"),
    )
    lines = tuple(_line(question.narrowed(by, row.key), Cell(row.label), row.numbers, years) for row in found.rows)
    foot = _line(question.but(by=""), Cell(_("Tất cả")), found.total, years) if len(lines) > 1 else None
    return Table(headings, lines, foot)


def _line(asked: Question, label: Cell, numbers: statistics.Numbers, years: Sequence[int]) -> Line:
    def cell(value: int, url: str) -> Cell:
        return Cell(value, url if value else "")

    return Line(
        (
            label,
            cell(numbers.recognitions, asked.listed()),
            cell(numbers.singles, asked.listed(set="no")),
            cell(numbers.sets, asked.listed(set="yes")),
            cell(numbers.products, asked.in_catalogue(years)),
            cell(numbers.facilities, asked.listed(view="facilities")),
        )
    )


# --- before and after the merger ------------------------------------------------------------------------------------


def _merged(question: Question, clock: Clock, shelf: Shelf) -> list[Answer]:
    """Each merged province beside the former one of its name."""
    if by_of(question) != "province" or question.province or question.basis != Basis.CURRENT:
        return []
    rows = statistics.provinces(question.asked, clock, shelf=shelf)
    pairs = [(row, *_namesake(row)) for row in rows if len(family_ids(row.unit.pk)) > 1]
    pairs = [(row, slug, before) for row, slug, before in pairs if before != row.total]
    if not pairs:
        return []
    first, _slug, before = pairs[0]
    then, now = question.but(basis=Basis.AT_THE_TIME, by=""), question.but(by="")
    sentence = _(
        "%(name)s hiện nay có %(now)s lượt công nhận%(scope)s; riêng các lượt mang tên %(name)s trước sáp nhập là %(before)s."
    ) % {
        "name": first.unit.name,
        "now": number(first.total),
        "before": number(before),
        "scope": statistics_words.scope(question),
    }
    series = (_("Tỉnh cùng tên trước sáp nhập"), _("Tỉnh hiện nay"))
    return [
        Answer(
            key="sap-nhap",
            title=_("Cùng một tên, trước và sau sáp nhập"),
            sentence=sentence,
            chart=charts.Chart(
                "slope",
                _("Lượt công nhận của tỉnh cùng tên, trước và sau sáp nhập"),
                tuple(
                    charts.Item(row.unit.name, row.total, number(row.total), parts=(old, row.total))
                    for row, _slug, old in pairs[:DRAWN_PAIRS]
                ),
                series,
            ),
            table=Table(
                (_("Tỉnh, thành phố"), *series),
                tuple(
                    Line(
                        (
                            Cell(row.unit.name),
                            Cell(old, then.but(province=(slug,)).listed() if old else ""),
                            Cell(row.total, now.but(province=(row.unit.slug,)).listed()),
                        )
                    )
                    for row, slug, old in pairs
                ),
            ),
            method=(
                _("Cột đầu: lượt công nhận của tỉnh mang đúng tên ấy đến ngày sáp nhập; tên mới thì cột này là 0."),
                _("Cột sau: mọi lượt của tỉnh hiện nay, gồm cả các tỉnh đã nhập vào và các lượt sau sáp nhập."),
                _("Chỉ có tỉnh mà hai số khác nhau. Đếm từ sổ ngày %(day)s.") % {"day": day(clock.on)},
            ),
            path=f"{_home()}{question.but(by='province').query}",
            on=clock.on,
        )
    ]


def _namesake(row: statistics.ProvinceRow) -> tuple[str, int]:
    """The ended unit of the same name that went into a unit, and how many recognitions it has."""
    known = register()
    ended = [known.units[pk] for pk in family_ids(row.unit.pk) if known.units[pk].until]
    same = next((unit for unit in ended if unit.name == row.unit.name), None)
    if same is None:
        return "", 0
    parts = {part.unit.pk: part.total for part in (row.former or [])}
    if not row.former:  # all of its recognitions are of one unit, and only the register knows of which
        return same.slug, row.total if row.only_unit == same.pk else 0
    return same.slug, parts.get(same.pk, 0)


def ready_questions(top: Unit | None) -> list[tuple[str, str]]:
    """Questions that are asked often, each with its address."""
    in_force = (Status.VALID.value, Status.EXPIRING.value)
    known = [
        (_("Mỗi năm có bao nhiêu lượt công nhận?"), Question(by="year")),
        (_("Tỉnh nào có nhiều sản phẩm cấp quốc gia nhất?"), Question(level=("national",), by="province")),
        (_("Hôm nay bao nhiêu công nhận còn hiệu lực?"), Question(status=in_force, by="level")),
    ]
    if top:
        words = _("%(name)s có bao nhiêu sản phẩm cấp quốc gia?") % {"name": top.name}
        known.insert(0, (words, Question(level=("national",), province=(top.slug,))))
    return [(words, f"{_home()}{question.query}") for words, question in known]
