"""Answers about survival: how many recognitions were renewed when they ended, and how long products hold."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.territory.queries import current_ids
from portal.text.formats import day, number
from products import columns
from products.as_of import area_of, in_force
from products.catalogue import Clock
from products.column_reads import GROUPS, KINDS, LEVELS, LONG_AGO, NEVER, Item, Row
from products.columns import Shelf
from products.day_query import DayQuery
from products.enums import LEVEL_RANK, Level
from products.models import Recognition
from products.validity_sql import due_to_be_withheld

from . import charts, renewals, statistics, statistics_words
from .answers import Answer, Cell, Line, Table, percent
from .recognition_answers import BY_LABELS, DRAWN_ROWS
from .renewals import Flags, Ints, Lives
from .statistics_query import Question

BY = ("year", "level", "group", "province")
OUTCOMES = {
    "renewed": (renewals.RENEWED,),
    "lapsed": (renewals.LAPSED,),
    "ended": (renewals.RENEWED, renewals.LAPSED),
    "early": (renewals.EARLY,),
    "open": (renewals.OPEN,),
    "stopped": (renewals.STOPPED,),
}
OUTCOME_LABELS = {
    "renewed": gettext_lazy("được công nhận lại"),
    "lapsed": gettext_lazy("không được công nhận lại"),
    "ended": gettext_lazy("hết hiệu lực đã quá 12 tháng"),
    "early": gettext_lazy("hết hiệu lực chưa đủ 12 tháng, đã được công nhận lại"),
    "open": gettext_lazy("hết hiệu lực chưa đủ 12 tháng, chưa được công nhận lại"),
    "stopped": gettext_lazy("bị thu hồi hoặc đã xin rút trong thời hạn"),
}
DAYS_OF_YEAR = 365.25
# The rank of a level by its place in the columns.
_RANKS = np.array([LEVEL_RANK[Level(level)] for level in LEVELS], dtype=np.int64)


@dataclass(frozen=True)
class Ended:
    """Every published recognition in columns, with what became of it."""

    lives: Lives
    outcome: Ints
    end_year: Ints
    level: Ints
    group: Ints
    kind: Ints
    territory: Ints


def ended(clock: Clock) -> Ended:
    """The register's recognitions, those that may be named, and what became of each. One query."""
    shelf = columns.shelf()
    on, item = clock.on.toordinal(), shelf.row(Row.ITEM)
    level, ends, revoked = (shelf.row(column) for column in (Row.LEVEL, Row.EXPIRES, Row.REVOKED))
    kind = shelf.item(Item.KIND)[item]
    # What a household business lost leaves public view at its end (validity_sql.due_to_be_withheld).
    named = ~((kind == KINDS.index(FacilityKind.HOUSEHOLD)) & (revoked <= on) & (ends < on))
    stopped = np.minimum(revoked, shelf.row(Row.WITHDRAWN))
    lives = Lives(
        pk=shelf.row(Row.KEY)[named].astype(np.int64),
        product=shelf.keys[item][named],
        rank=_RANKS[level][named],
        begins=_begins(shelf)[named],
        ends=ends[named].astype(np.int64),
        stopped=np.where(stopped == NEVER, 0, stopped)[named].astype(np.int64),
    )
    return Ended(
        lives=lives,
        outcome=renewals.outcomes(lives, on=on),
        end_year=_years_of(lives.ends),
        level=level[named],
        group=shelf.item(Item.GROUP)[item][named],
        kind=kind[named],
        territory=shelf.row(Row.UNIT)[named],
    )


def _begins(shelf: Shelf) -> Ints:
    """The first day of each recognition, as `validity.begins_on` says."""
    issued, decided, year = (shelf.row(column) for column in (Row.ISSUED, Row.DECIDED, Row.YEAR))
    known = np.where(issued > LONG_AGO, issued, decided)
    firsts = {int(one): dt.date(int(one), 1, 1).toordinal() for one in np.unique(year)}
    first = np.array([firsts[int(one)] for one in np.unique(year)], dtype=np.int64)
    return np.where(known > LONG_AGO, known, first[np.unique(year, return_inverse=True)[1]]).astype(np.int64)


def _years_of(days: Ints) -> Ints:
    """The calendar year of each ordinal."""
    since_1970 = days - dt.date(1970, 1, 1).toordinal()
    return since_1970.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def chosen(found: Ended, question: Question) -> Flags:
    """Which of them a question means; its years are those in which a recognition ended."""
    mask = np.ones(found.outcome.shape, dtype=np.bool_)
    for values, known, column in (
        (question.level, LEVELS, found.level),
        (question.group, GROUPS, found.group),
        (question.kind, KINDS, found.kind),
    ):
        if values:
            mask &= np.isin(column, [known.index(value) for value in values])
    if question.unit_ids is not None:
        mask &= np.isin(found.territory, sorted(question.unit_ids))
    if question.year_from is not None:
        mask &= found.end_year >= question.year_from
    if question.year_to is not None:
        mask &= found.end_year <= question.year_to
    return mask


def listed_pks(question: Question, outcome: str, clock: Clock) -> list[int]:
    """The recognitions behind one number, those that ended last first. One query."""
    found = ended(clock)
    mask = chosen(found, question) & np.isin(found.outcome, OUTCOMES[outcome])
    pks, ends = found.lives.pk[mask], found.lives.ends[mask]
    return [int(pk) for pk in pks[np.lexsort((pks, -ends))]]


# --- counts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Survival:
    """How many of one row came to which end; the share is of those whose twelve months are over."""

    renewed: int = 0
    lapsed: int = 0
    early: int = 0
    open: int = 0
    stopped: int = 0

    @property
    def ended(self) -> int:
        return self.renewed + self.lapsed

    @property
    def share(self) -> int | None:
        return percent(self.renewed, self.ended) if self.ended else None

    @property
    def is_nothing(self) -> bool:
        return not (self.ended or self.early or self.open or self.stopped)


@dataclass(frozen=True)
class SurvivalRow:
    key: str
    label: str
    counted: Survival


def survival(question: Question, clock: Clock, *, by: str) -> tuple[Survival, list[SurvivalRow]]:
    """What became of the recognitions a question means, in all and by one of `BY`. One query."""
    found = ended(clock)
    mask = chosen(found, question)
    keys = _keys(found, by, question.basis)
    rows = []
    for value in np.unique(keys[mask]):
        key, label = _label(by, int(value))
        counted = _survival(found.outcome[mask & (keys == value)])
        if not counted.is_nothing:
            rows.append(SurvivalRow(key, label, counted))
    return _survival(found.outcome[mask]), _ordered(by, rows)


def _survival(outcome: Ints) -> Survival:
    return Survival(**{name: int((outcome == OUTCOMES[name][0]).sum()) for name in vars(Survival())})


def _keys(found: Ended, by: str, basis: str) -> Ints:
    if by == "province" and basis == Basis.CURRENT:
        today = current_ids()
        units, place = np.unique(found.territory, return_inverse=True)
        return np.array([today[int(pk)] for pk in units], dtype=np.int64)[place] if units.size else found.territory
    return {"year": found.end_year, "level": found.level, "group": found.group, "province": found.territory}[by]


def _label(by: str, value: int) -> tuple[str, str]:
    if by == "level":
        return statistics.key_and_label(by, LEVELS[value])
    if by == "group":
        return statistics.key_and_label(by, GROUPS[value])
    return statistics.key_and_label(by, value)


def _ordered(by: str, rows: list[SurvivalRow]) -> list[SurvivalRow]:
    if by == "year":
        return sorted(rows, key=lambda row: row.key)
    if by == "level":
        return sorted(rows, key=lambda row: (-LEVEL_RANK[Level(row.key)], row.key))
    if by == "group":
        return sorted(rows, key=lambda row: GROUPS.index(row.key))
    return sorted(rows, key=lambda row: (-row.counted.ended, -row.counted.open, row.key))


# --- answers ----------------------------------------------------------------------------------------------------


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Renewal by one of `BY`, what was in force at the end of each year, how long products hold. Four queries."""
    by = question.by or "year"
    total, rows = survival(question, clock, by=by)
    return [_renewal(question, clock, by, (total, rows)), *_at_year_ends(question, clock), _held(question, clock)]


def _renewal(question: Question, clock: Clock, by: str, found: tuple[Survival, list[SurvivalRow]]) -> Answer:
    total, rows = found
    return Answer(
        key="cong-nhan-lai",
        title=_("Công nhận lại sau khi hết hiệu lực"),
        sentence=_sentence(question, total),
        chart=_chart(by, rows),
        table=_table(question, by, total, rows),
        method=(
            _(
                "Được công nhận lại: cùng sản phẩm có công nhận khác, cùng cấp hoặc cấp cao hơn, bắt đầu trong 12 tháng "
                "(365 ngày) trước hoặc sau ngày cuối còn hiệu lực."
            ),
            _(
                "Tỷ lệ chỉ tính trên những lượt đã hết hiệu lực quá 12 tháng vào ngày %(day)s. Lượt chưa đủ 12 tháng "
                "đứng riêng, kể cả khi đã được công nhận lại."
            )
            % {"day": day(clock.on)},
            _("Lượt bị thu hồi hoặc đã xin rút trong thời hạn không tính vào tỷ lệ."),
            _("Nơi chỉ biết năm công nhận thì tính từ 01/01 của năm đó. Năm ở đây là năm hết hiệu lực."),
            statistics_words.basis_words(question.basis),
        ),
        path=f"{reverse('statistics_renewals')}{question.query}",
        on=clock.on,
    )


def _sentence(question: Question, total: Survival) -> str:
    facts = {
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question),
        "period": statistics_words.period(question),
        "ended": number(total.ended),
        "renewed": number(total.renewed),
        "share": total.share,
    }
    if not total.ended:
        words = _("%(period)s, %(place)s chưa có lượt công nhận nào%(scope)s hết hiệu lực đã quá 12 tháng.") % facts
    else:
        words = (
            ngettext(
                "%(period)s, trong %(ended)s lượt công nhận%(scope)s của %(place)s đã hết hiệu lực quá 12 tháng, "
                "%(renewed)s lượt (%(share)s%%) được công nhận lại.",
                "%(period)s, trong %(ended)s lượt công nhận%(scope)s của %(place)s đã hết hiệu lực quá 12 tháng, "
                "%(renewed)s lượt (%(share)s%%) được công nhận lại.",
                total.ended,
            )
            % facts
        )
    waiting = total.open + total.early
    if not waiting:
        return words
    more = _("Thêm %(waiting)s lượt chưa đủ 12 tháng nên chưa kết luận được.") % {"waiting": number(waiting)}
    return f"{words} {more}"


def _chart(by: str, rows: Sequence[SurvivalRow]) -> charts.Chart:
    title = _("Lượt công nhận đã hết hiệu lực, theo kết cục")
    series = (_("được công nhận lại"), _("không được công nhận lại"), _("chưa đủ 12 tháng"))

    def item(label: str, counted: Survival) -> charts.Item:
        waiting = counted.open + counted.early
        known = counted.ended + waiting
        note = f"{counted.share}%" if counted.share is not None else ""
        return charts.Item(label, known, number(known), note=note, parts=(counted.renewed, counted.lapsed, waiting))

    shown = [row for row in rows if row.counted.ended or row.counted.open or row.counted.early]
    if by != "year":
        return charts.Chart("bars", title, tuple(item(row.label, row.counted) for row in shown[:DRAWN_ROWS]), series)
    known = {int(row.key): row.counted for row in shown}
    run = charts.years(known)
    return charts.Chart("columns", title, tuple(item(str(year), known.get(year, Survival())) for year in run), series)


def _table(question: Question, by: str, total: Survival, rows: Sequence[SurvivalRow]) -> Table:
    headings = (
        _("Năm hết hiệu lực") if by == "year" else str(BY_LABELS[by]),
        _("Đã quá 12 tháng"),
        _("Được công nhận lại"),
        _("Tỷ lệ"),
        _("Không được công nhận lại"),
        _("Chưa đủ 12 tháng, đã công nhận lại"),
        _("Chưa đủ 12 tháng, chưa công nhận lại"),
        _("Thu hồi, xin rút"),
    )
    lines = tuple(_line(question.narrowed(by, row.key), Cell(row.label), row.counted) for row in rows)
    return Table(headings, lines, _line(question, Cell(_("Tất cả")), total) if len(lines) > 1 else None)


def _line(asked: Question, label: Cell, counted: Survival) -> Line:
    def cell(name: str) -> Cell:
        value = getattr(counted, name)
        return Cell(value, asked.listed(outcome=name) if value else "")

    share = Cell(counted.share, words=f"{counted.share}%" if counted.share is not None else "")
    return Line((label, cell("ended"), cell("renewed"), share, *map(cell, ("lapsed", "early", "open", "stopped"))))


# --- how long products hold -------------------------------------------------------------------------------------

# From how many years on; each reaches to the next.
STEPS = (0, 2, 4, 6, 8)


def step_label(first: int) -> str:
    """The words of one step of `STEPS`."""
    place = STEPS.index(first)
    if place == len(STEPS) - 1:
        return _("từ %(first)s năm") % {"first": first}
    if not first:
        return _("dưới %(last)s năm") % {"last": STEPS[1]}
    return _("%(first)s đến dưới %(last)s năm") % {"first": first, "last": STEPS[place + 1]}


def held(question: Question, clock: Clock) -> tuple[Ints, Any]:
    """The products a question means, and the years each has held a recognition up to the day. One query."""
    found = ended(clock)
    mask = chosen(found, question.but(year_from=None, year_to=None))
    columns = {name: getattr(found.lives, name)[mask] for name in Lives.__dataclass_fields__}
    years = renewals.days_held(Lives(**columns), on=clock.on.toordinal()) / DAYS_OF_YEAR
    return np.unique(found.lives.product[mask]), years


def held_for(question: Question, first: int, clock: Clock) -> list[int]:
    """The products of one step of `STEPS`. One query."""
    products, years = held(question, clock)
    return [int(pk) for pk in products[_step_of(years) == STEPS.index(first)]]


def _step_of(years: Any) -> Ints:
    return np.searchsorted(np.array(STEPS), years, side="right") - 1


def _held(question: Question, clock: Clock) -> Answer:
    products, years = held(question, clock)
    counts = np.bincount(_step_of(years), minlength=len(STEPS)).tolist()
    asked = question.but(year_from=None, year_to=None)
    return Answer(
        key="so-nam-giu",
        title=_("Số năm giữ danh hiệu"),
        sentence=_held_sentence(question, years),
        chart=charts.Chart(
            "bars",
            _("Sản phẩm theo số năm đã giữ danh hiệu"),
            tuple(charts.Item(step_label(step), n, number(n)) for step, n in zip(STEPS, counts, strict=True))
            if products.size
            else (),
        ),
        table=Table(
            (_("Thời gian giữ danh hiệu"), _("Sản phẩm khác nhau")),
            tuple(
                Line((Cell(step_label(step)), Cell(n, asked.listed(view="products", held=str(step)) if n else "")))
                for step, n in zip(STEPS, counts, strict=True)
            ),
            Line((Cell(_("Tất cả")), Cell(int(products.size), asked.in_catalogue(())))),
        ),
        method=(
            _(
                "Mỗi sản phẩm một số: tổng thời gian còn hiệu lực đến ngày %(day)s ở mọi lượt công nhận được hỏi, "
                "những ngày trùng nhau tính một lần. Tạm dừng không trừ. Khoảng năm của câu hỏi không dùng ở đây."
            )
            % {"day": day(clock.on)},
            _("Trung vị là số đứng giữa khi xếp các sản phẩm theo thời gian."),
        ),
        path=f"{reverse('statistics_renewals')}{question.query}",
        on=clock.on,
    )


def _held_sentence(question: Question, years: Any) -> str:
    if not years.size:
        return _("Chưa có sản phẩm nào để tính.")
    middle = Decimal(str(np.median(years))).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    words = ngettext(
        "%(products)s sản phẩm từng được công nhận%(scope)s ở %(place)s đã giữ danh hiệu %(years)s năm, tính theo trung vị.",
        "%(products)s sản phẩm từng được công nhận%(scope)s ở %(place)s đã giữ danh hiệu %(years)s năm, tính theo trung vị.",
        int(years.size),
    )
    return words % {
        "products": number(int(years.size)),
        "scope": statistics_words.scope(question),
        "place": statistics_words.place(question),
        "years": number(middle),
    }


# --- in force at the end of each year -----------------------------------------------------------------------------

DRAWN_YEARS = 12


def in_force_on(question: Question, days: Sequence[dt.date], clock: Clock) -> list[int]:
    """How many recognitions were in force on each day, as the list of the day counts them. One query."""
    if not days:
        return []
    rows = Recognition.objects.published().exclude(due_to_be_withheld(clock.on)).order_by()
    if question.level:
        rows = rows.filter(level__in=question.level)
    unit = question.units[0].pk if question.province else None
    counts = {}
    for place, on in enumerate(days):
        condition = in_force(on)
        if unit is not None:
            condition &= Q(territory__in=area_of(unit, on, basis=question.basis))
        counts[f"day_{place}"] = Count("pk", filter=condition)
    return list(rows.aggregate(**counts).values())


def _at_year_ends(question: Question, clock: Clock) -> list[Answer]:
    """The stock over the years; only where the list of a day can be asked the same. Two queries."""
    if len(question.level) > 1 or len(question.province) > 1 or question.group or question.kind:
        return []
    years = [year for year in statistics.years_known() if year < clock.on.year][:1]
    first = max(*years, clock.on.year - DRAWN_YEARS + 1) if years else clock.on.year
    days = [dt.date(year, 12, 31) for year in range(first, clock.on.year)] + [clock.on]
    counts = in_force_on(question, days, clock)
    facts = {
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question),
        "now": number(counts[-1]),
        "most": number(max(counts)),
        "day": day(days[counts.index(max(counts))]),
    }
    sentence = _(
        "Hôm nay %(place)s có %(now)s công nhận%(scope)s còn hiệu lực; cao nhất trong các mốc là %(most)s, vào ngày %(day)s."
    )
    return [
        Answer(
            key="con-hieu-luc",
            title=_("Còn hiệu lực vào cuối mỗi năm"),
            sentence=sentence % facts,
            chart=charts.Chart(
                "steps",
                _("Công nhận còn hiệu lực vào ngày 31/12 và hôm nay"),
                tuple(charts.Item(str(on.year), count, number(count)) for on, count in zip(days, counts, strict=True))
                if any(counts)
                else (),
            ),
            table=Table(
                (_("Ngày"), _("Công nhận còn hiệu lực")),
                tuple(
                    Line((Cell(day(on)), Cell(count, _list_of(question, on) if count else "")))
                    for on, count in zip(days, counts, strict=True)
                ),
            ),
            method=(
                _(
                    "Đếm như trang danh mục theo ngày: đã công bố, từ ngày cấp đến hết hiệu lực, trừ tạm dừng, xin rút, thu hồi."
                ),
                _("Mốc là ngày 31/12 mỗi năm, mốc cuối là ngày %(day)s.") % {"day": day(clock.on)},
                _("Tính theo tỉnh khi công nhận là theo tỉnh đứng tên vào chính ngày đó."),
            ),
            path=f"{reverse('statistics_renewals')}{question.query}",
            on=clock.on,
        )
    ]


def _list_of(question: Question, on: dt.date) -> str:
    unit = question.units[0] if question.province else None
    level = question.level[0] if question.level else ""
    return f"{reverse('day_list')}{DayQuery(on, unit, question.basis, level).query()}"
