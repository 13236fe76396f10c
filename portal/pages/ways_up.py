"""The way from province to nation: of products recognised by a province, how many went further within some years.

Counted from the register and from the nominations kept in the portal; published funnels stand beside, hatched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.text.formats import day, number
from portal.text.templatetags.look import LEVEL_IN_WORDS
from products import columns
from products.catalogue import Clock
from products.column_reads import LEVELS, Row
from products.columns import Mask, Shelf
from products.enums import Level
from products.models import PublishedFigure
from rounds import nomination_queries

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Table, percent
from .published_answers import named, quoted, source
from .renewals import Ints
from .statistics_query import Question

WAY = (Level.PROVINCE.value, Level.REGION.value, Level.NATIONAL.value)
STEPS = ("province", "higher", "national")


@dataclass(frozen=True)
class Ways:
    """Products first recognised by a province in the years asked, and how many reached more within the time given.

    `too_early` are those whose time is not over; they are in none of the other numbers.
    """

    province: int = 0
    higher: int = 0
    national: int = 0
    too_early: int = 0


def first_years(shelf: Shelf, level: str) -> Ints:
    """The year in which each product was first recognised at a level, by its place; 0 where it never was."""
    never = np.iinfo(np.int32).max
    found = np.full(shelf.keys.shape, never, dtype=np.int64)
    rows = shelf.row(Row.LEVEL) == LEVELS.index(level)
    np.minimum.at(found, shelf.row(Row.ITEM)[rows], shelf.row(Row.YEAR)[rows])
    return np.where(found == never, 0, found)


def reached(question: Question, clock: Clock) -> dict[str, list[int]]:
    """The products of each number of `Ways`. One query."""
    shelf = columns.shelf()
    province, region, nation = (first_years(shelf, level) for level in WAY)
    begun = _begun(shelf, question, clock) == province

    def within(firsts: Ints) -> Mask:
        return (province <= firsts) & (firsts <= province + question.within)

    begun &= province > 0
    ripe = begun & (province + question.within <= clock.on.year)
    masks = {
        "province": ripe,
        "higher": ripe & (within(region) | within(nation)),
        "national": ripe & within(nation),
        "too_early": begun & ~ripe,
    }
    return {name: [int(pk) for pk in shelf.keys[mask]] for name, mask in masks.items()}


def _begun(shelf: Shelf, question: Question, clock: Clock) -> Ints:
    """The first year in which a province recognised each product as the question asks; -1 where it did not."""
    asked = question.asked
    rows = shelf.mask(
        clock,
        levels=(Level.PROVINCE.value,),
        groups=asked.groups,
        kinds=asked.kinds,
        units=asked.territory_ids,
        year_from=asked.year_from,
        year_to=asked.year_to,
    )
    found = np.full(shelf.keys.shape, -1, dtype=np.int64)
    items, years = shelf.row(Row.ITEM)[rows], shelf.row(Row.YEAR)[rows].astype(np.int64)
    order = np.argsort(-years, kind="stable")
    found[items[order]] = years[order]
    return found


def ways(question: Question, clock: Clock) -> Ways:
    """One query."""
    return Ways(**{name: len(products) for name, products in reached(question, clock).items()})


# --- answers ----------------------------------------------------------------------------------------------------


def answers(question: Question, clock: Clock) -> list[Answer]:
    """The counted funnel, the nominations, and the published funnels. Three queries."""
    return [_counted(question, clock), *_nominated(question, clock), *published_answers(question, clock)]


def _counted(question: Question, clock: Clock) -> Answer:
    found = ways(question, clock)
    labels = {
        "province": _("sản phẩm được công nhận cấp tỉnh lần đầu"),
        "higher": _("được công nhận cấp khu vực hoặc cấp quốc gia"),
        "national": _("được công nhận cấp quốc gia"),
    }
    counts = [(name, labels[name], getattr(found, name)) for name in STEPS]
    items = [
        charts.Item(label, count, number(count), note=_share_words(count, found.province) if place else "")
        for place, (_name, label, count) in enumerate(counts)
    ]
    lines = [
        Line(
            (
                Cell(label),
                _linked(question, name, count),
                Cell(percent(count, found.province), words=f"{percent(count, found.province)}%"),
            )
        )
        for name, label, count in counts
    ]
    lines.append(
        Line((Cell(_("chưa đủ số năm nên chưa tính")), _linked(question, "too_early", found.too_early), Cell(None)))
    )
    return Answer(
        key="tu-tinh-len",
        title=_("Từ cấp tỉnh lên quốc gia, đếm từ sổ"),
        sentence=_sentence(question, found),
        chart=charts.Chart("funnel", _("Sản phẩm đi từ cấp tỉnh lên"), tuple(items) if found.province else ()),
        table=Table((_("Bước"), _("Sản phẩm"), _("Trên số cấp tỉnh")), tuple(lines)),
        method=_method(question, clock),
        path=f"{reverse('statistics_ways')}{question.query}",
        on=clock.on,
    )


def _linked(question: Question, name: str, count: int) -> Cell:
    return Cell(count, question.listed(view="products", way=name, within=str(question.within)) if count else "")


def _share_words(count: int, whole: int) -> str:
    return _("%(share)s%% số cấp tỉnh") % {"share": percent(count, whole)}


def _sentence(question: Question, found: Ways) -> str:
    facts = {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question.but(level=())),
        "province": number(found.province),
        "higher": number(found.higher),
        "national": number(found.national),
        "within": question.within,
    }
    if not found.province:
        return _("%(period)s, %(place)s chưa có sản phẩm cấp tỉnh nào%(scope)s đã qua đủ %(within)s năm.") % facts
    return (
        _(
            "%(period)s, trong %(province)s sản phẩm%(scope)s của %(place)s được công nhận cấp tỉnh lần đầu, %(higher)s sản phẩm "
            "lên cấp khu vực hoặc quốc gia trong %(within)s năm, riêng cấp quốc gia %(national)s."
        )
        % facts
    )


def _method(question: Question, clock: Clock) -> tuple[str, ...]:
    return (
        _(
            "Mỗi sản phẩm tính một lần, vào năm được công nhận cấp tỉnh lần đầu. Lên cấp trên: công nhận đầu tiên ở cấp "
            "đó đến sau không quá %(within)s năm."
        )
        % {"within": question.within},
        _(
            "Chỉ tính sản phẩm đã qua đủ %(within)s năm vào năm %(year)s; sản phẩm mới hơn đứng riêng một dòng. Sản phẩm lên "
            "thẳng cấp quốc gia cũng tính ở bước khu vực hoặc quốc gia, nên bước sau không bao giờ hơn bước trước."
        )
        % {"within": question.within, "year": clock.on.year},
        _("Sản phẩm mà danh sách cấp tỉnh chưa nhập vào sổ thì không có ở đây, dù đã được công nhận cấp trên."),
        statistics_words.basis_words(question.basis),
        _("Đếm từ sổ ngày %(day)s.") % {"day": day(clock.on)},
    )


def _nominated(question: Question, clock: Clock) -> list[Answer]:
    """What became of the lists that provinces sent up through the portal. One query."""
    rows = nomination_queries.funnel(
        year_from=question.year_from, year_to=question.year_to, territory_ids=question.unit_ids
    )
    sums = {
        level: [sum(getattr(row, name) for row in rows if row.level == level) for name in _NOMINATED]
        for level in (Level.REGION.value, Level.NATIONAL.value)
    }
    told = {level: counts for level, counts in sums.items() if any(counts)}
    if not told:
        return []
    headings = (_("Đề cử lên"), _("Đủ điều kiện"), _("Được đề cử"), _("Đã vào kỳ bình chọn"), _("Được công nhận"))
    total = [sum(counts[place] for counts in told.values()) for place in range(len(_NOMINATED))]
    items = [
        charts.Item(label, count, number(count))
        for label, count in zip((h.lower() for h in headings[1:]), total, strict=True)
    ]
    sentence = _(
        "%(period)s, %(place)s đã xét %(eligible)s sản phẩm đủ điều kiện trong các danh sách gửi lên, đề cử %(nominated)s, "
        "và %(recognised)s sản phẩm được công nhận."
    ) % {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "eligible": number(total[0]),
        "nominated": number(total[1]),
        "recognised": number(total[3]),
    }
    return [
        Answer(
            key="de-cu",
            title=_("Danh sách đề cử gửi qua cổng"),
            sentence=sentence,
            chart=charts.Chart("funnel", _("Sản phẩm trong danh sách đề cử"), tuple(items)),
            table=Table(
                headings,
                tuple(
                    Line((Cell(str(LEVEL_IN_WORDS[level])), *(Cell(count) for count in counts)))
                    for level, counts in told.items()
                ),
            ),
            method=(
                _("Chỉ gồm danh sách đã gửi và không bị trả lại; đề cử gửi ngoài cổng không có ở đây."),
                _("Danh sách đề cử không công khai từng tên trước khi có kết quả, nên số ở đây không mở ra danh sách."),
                _("Năm là năm của danh sách đề cử."),
            ),
            path=f"{reverse('statistics_ways')}{question.query}",
            on=clock.on,
        )
    ]


_NOMINATED = ("eligible", "nominated", "entered", "recognised")


def published_answers(question: Question, clock: Clock) -> list[Answer]:
    """Funnels whose four numbers one source published, each apart. One query."""
    return [
        _published(steps, question, clock, place)
        for place, steps in enumerate(_within(statistics.published_funnels(), question))
    ]


def _within(funnels: Iterable[Sequence[PublishedFigure]], question: Question) -> list[Sequence[PublishedFigure]]:
    units = question.unit_ids
    return [steps for steps in funnels if units is None or steps[0].territory_id in units]


def _published(steps: Sequence[PublishedFigure], question: Question, clock: Clock, place: int) -> Answer:
    first, drawn = steps[0], statistics.funnel_steps(list(steps))
    items = tuple(
        charts.Item(
            step.label,
            step.value,
            number(step.value),
            note=_("%(share)s%% %(of)s") % {"share": step.share, "of": step.of} if step.share is not None else "",
        )
        for step in drawn
    )
    facts = {
        "place": first.display_place,
        "period": first.display_period,
        "registered": number(drawn[0].value),
        "province": number(drawn[1].value),
        "region": number(drawn[2].value),
        "national": number(drawn[3].value),
    }
    sentence = _(
        "%(place)s công bố cho %(period)s: %(registered)s sản phẩm đăng ký, %(province)s được công nhận cấp tỉnh, "
        "%(region)s cấp khu vực, %(national)s cấp quốc gia."
    )
    return Answer(
        key=f"da-cong-bo-{place + 1}",
        title=_("Từ đăng ký đến quốc gia: %(place)s, số đã công bố") % {"place": first.display_place},
        sentence=sentence % facts,
        chart=charts.Chart("funnel", _("Từ đăng ký đến quốc gia"), items, published=_("Số đã công bố"), hatched=True),
        table=Table(
            (_("Bước"), _("Đã công bố"), _("Nguồn")),
            tuple(Line((named(f), quoted(f.value_text, f.display_value), source(f))) for f in steps),
        ),
        method=(
            _(
                "Số đã công bố, nguồn ghi ở từng dòng. Cổng không có danh sách đứng sau các số này nên không cộng vào số đếm."
            ),
        ),
        path=f"{reverse('statistics_ways')}{question.query}",
        on=clock.on,
    )
