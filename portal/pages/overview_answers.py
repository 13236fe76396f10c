"""The answers of the overview, while nothing is asked: national rounds, lower levels, groups, the way up, provinces."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.territory.enums import Basis
from portal.text.formats import day, number
from portal.text.templatetags.look import LEVEL_IN_WORDS
from products.catalogue import Clock
from products.columns import Numbers, Shelf
from products.enums import Level
from products.models import PublishedFigure

from . import charts, recognition_answers, statistics, statistics_words, ways_up
from .answers import Answer, Cell, Line, Table
from .statistics import Figures, ProvinceRow, Row
from .statistics_query import Question

LEVELS = (Level.DISTRICT, Level.COMMUNE, Level.PROVINCE, Level.REGION, Level.NATIONAL)
SMALL_LEVELS = (Level.REGION, Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
FIRST_YEAR = 2016
Counted = Mapping[str, Mapping[int, int]]  # level, year, how many


@dataclass(frozen=True)
class Overview:
    """`way` is kept under the address of its own page; the others under the overview's."""

    national: Answer | None
    lower: Sequence[Answer]
    groups: Answer
    way: Answer | None
    provinces: Answer

    @property
    def own(self) -> list[Answer]:
        """Those whose files the overview's address gives out."""
        return [*([self.national] if self.national else []), *self.lower, self.groups, self.provinces]


def overview(
    question: Question, clock: Clock, *, shelf: Shelf, groups: Figures, provinces: Sequence[ProvinceRow]
) -> Overview:
    """`groups` and `provinces` are the recognitions counted so. One query."""
    counted: dict[str, dict[int, int]] = {}
    for level, year, count in statistics.by_level_and_year(question.asked, clock, shelf=shelf):
        counted.setdefault(level, {})[year] = count
    ways = ways_up.published_answers(question, clock)
    return Overview(
        national=_national(counted.get(Level.NATIONAL, {}), groups.published, question, clock),
        lower=_lower(counted, question, clock),
        groups=replace(
            recognition_answers.answer(question.but(by="group"), clock, shelf=shelf, found=groups),
            key="theo-nhom",
            path=_path(question),
        ),
        way=ways[0] if ways else None,
        provinces=_provinces(provinces, groups.total, question, clock),
    )


def _path(question: Question) -> str:
    return f"{reverse('statistics')}{question.query}"


def _method(clock: Clock) -> tuple[str, ...]:
    return (
        _counted_on(clock),
        _("Năm là năm công nhận, kể cả năm đầu và năm cuối. Bộ sản phẩm là một lượt, thành phần của bộ không đếm."),
    )


def _counted_on(clock: Clock) -> str:
    return _("Đếm từ sổ ngày %(day)s.") % {"day": day(clock.on)}


def _of_year(level: str, year: int, count: int) -> Cell:
    """So many, and the list of them."""
    asked = Question(level=(level,), year_from=year, year_to=year)
    return Cell(count, asked.listed() if count else "")


# --- levels and years -----------------------------------------------------------------------------------------------


def _national(
    counted: Mapping[int, int], figures: Iterable[PublishedFigure], question: Question, clock: Clock
) -> Answer | None:
    """Published totals of the national rounds, each with the part that the register can open."""
    asked = question.but(level=(Level.NATIONAL.value,))
    totals = recognition_answers.published_by_year(asked, figures)
    years = sorted({*totals, *counted})
    if not years:
        return None
    title = _("Công nhận cấp quốc gia, %(first)s – %(last)s") % {"first": years[0], "last": years[-1]}
    items = tuple(_of_round(year, counted.get(year, 0), totals.get(year)) for year in years)
    series = (_("Đã có trang trên cổng, số ghi dưới năm"),)
    return Answer(
        key="quoc-gia",
        title=title,
        sentence=_said(asked, counted, totals),
        chart=charts.Chart("columns", title, items, series, published=_("Tổng đã công bố của kỳ") if totals else ""),
        table=Table(
            (_("Năm"), _("Tổng đã công bố"), _("Có trang trên cổng"), _("Nguồn của tổng")),
            tuple(
                Line(
                    (
                        Cell(_round_name(year, totals.get(year))),
                        _told(totals.get(year)),
                        _of_year(Level.NATIONAL, year, counted.get(year, 0)),
                        Cell(totals[year].source, quoted=True) if year in totals else Cell(""),
                    )
                )
                for year in years
            ),
        ),
        method=_method(clock),
        path=_path(question),
        on=clock.on,
        notes=(
            _(
                "Tổng của từng kỳ là số đã công bố; phần tô đậm là lượt mở ra xem được. Hai loại số không cộng lẫn nhau."
            ),
        ),
    )


def _said(asked: Question, counted: Mapping[int, int], totals: Mapping[int, PublishedFigure]) -> str:
    """Of the last round of which a total was published; where none was, of all that is counted."""
    if not totals:
        return _counted_words(asked, counted)
    year = max(totals)
    return _("Năm %(year)s, kỳ cấp quốc gia công bố %(told)s lượt công nhận; cổng có trang của %(count)s lượt.") % {
        "year": year,
        "told": statistics_words.value(totals[year]),
        "count": number(counted.get(year, 0)),
    }


def _counted_words(asked: Question, counted: Mapping[int, int]) -> str:
    rows = [Row(str(year), str(year), Numbers(recognitions=count)) for year, count in counted.items()]
    return statistics_words.recognised(asked, sum(counted.values()), rows, by="year")


def _of_round(year: int, count: int, figure: PublishedFigure | None) -> charts.Item:
    return charts.Item(
        _round_name(year, figure),
        count,
        number(count),
        note=_("%(n)s có trang") % {"n": number(count)} if count else "–",
        published=int(figure.value or 0) if figure else 0,
        published_shown=figure.display_value if figure else "",
    )


def _told(figure: PublishedFigure | None) -> Cell:
    return Cell(int(figure.value or 0), words=figure.display_value) if figure else Cell(None)


def _round_name(year: int, figure: PublishedFigure | None) -> str:
    """The year, and "lần VI" where the period of the published total says so."""
    if figure is None or "(lần " not in figure.period:
        return str(year)
    ordinal = figure.period.split("(lần ", 1)[1].rstrip(")")
    return f"{year}, {_('lần %(ordinal)s') % {'ordinal': ordinal}}"


def _lower(by_level: Counted, question: Question, clock: Clock) -> list[Answer]:
    """The lower levels on one scale and one run of years."""
    known = {level: by_level[level] for level in SMALL_LEVELS if level in by_level}
    if not known:
        return []
    held = [year for counted in by_level.values() for year in counted]
    years = range(min([FIRST_YEAR, *held]), max(held) + 1)
    top = max(count for counted in known.values() for count in counted.values())
    return [
        _small(question, clock, level=level, counted=counted, years=years, top=top) for level, counted in known.items()
    ]


def _small(
    question: Question, clock: Clock, *, level: str, counted: Mapping[int, int], years: Sequence[int], top: int
) -> Answer:
    title = _("Công nhận %(level)s theo năm") % {"level": LEVEL_IN_WORDS[level]}
    asked = question.but(level=(str(level),))
    items = tuple(charts.Item(str(year), counted.get(year, 0), number(counted.get(year, 0))) for year in years)
    lines = tuple(Line((Cell(str(year)), _of_year(level, year, counted[year]))) for year in sorted(counted))
    foot = Line((Cell(_("Tất cả")), Cell(sum(counted.values()), Question(level=(level,)).listed())))
    return Answer(
        key=f"cap-{level}",
        title=title,
        sentence=_counted_words(asked, counted),
        chart=charts.Chart("columns", title, items, top=top),
        table=Table((_("Năm"), _("Lượt công nhận")), lines, foot if len(lines) > 1 else None),
        method=_method(clock),
        path=_path(question),
        on=clock.on,
    )


# --- provinces ------------------------------------------------------------------------------------------------------


def levels_of(rows: Iterable[ProvinceRow]) -> list[tuple[str, str]]:
    """Each level of the table, and its short name. District and commune only where the register holds any."""
    held = {level for row in rows for level in row.by_level}
    short = {
        Level.DISTRICT: _("Huyện"),
        Level.COMMUNE: _("Xã"),
        Level.PROVINCE: _("Tỉnh"),
        Level.REGION: _("Khu vực"),
        Level.NATIONAL: _("Quốc gia"),
    }
    always = {Level.PROVINCE, Level.REGION, Level.NATIONAL}
    return [(level.value, short[level]) for level in LEVELS if level in held or level in always]


def _provinces(rows: Sequence[ProvinceRow], total: Numbers, question: Question, clock: Clock) -> Answer:
    """Every province, not only the first; those that went into one are in its row."""
    levels = levels_of(rows)
    counts = [Row(row.unit.slug, row.label, Numbers(recognitions=row.total)) for row in rows]
    title = (
        _("Lượt công nhận theo tỉnh, thành phố hiện nay và theo cấp")
        if question.basis == Basis.CURRENT
        else _("Lượt công nhận theo tỉnh, thành phố khi công nhận và theo cấp")
    )
    items = tuple(
        charts.Item(
            row.label, row.total, number(row.total), parts=tuple(row.by_level.get(key, 0) for key, _n in levels)
        )
        for row in rows[: recognition_answers.DRAWN_ROWS]
    )
    return Answer(
        key="tinh",
        title=title,
        sentence=statistics_words.recognised(question, total.recognitions, counts, by="province"),
        chart=charts.Chart("bars", title, items, tuple(str(Level(level).label) for level, _name in levels)),
        table=Table(
            (_("Tỉnh, thành phố"), *(name for _level, name in levels), _("Tổng")),
            tuple(_of_province(row, levels) for row in rows),
        ),
        method=(statistics_words.basis_words(question.basis), _counted_on(clock)),
        path=_path(question),
        on=clock.on,
    )


def _of_province(row: ProvinceRow, levels: Iterable[tuple[str, str]]) -> Line:
    return Line((Cell(row.label), *(Cell(row.by_level.get(level, 0)) for level, _name in levels), Cell(row.total)))
