"""Answers about rounds: what was entered, admitted, scored, passed and recognised; and about industrial extension."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.text.formats import day, number
from products.catalogue import Clock
from products.models import PublishedFigure, Recognition
from rounds.models import Round

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Table, percent
from .statistics import ANNOUNCED, RoundFigures
from .statistics_query import Question

SHOWN_ROUNDS = 100
STEPS = ("dossiers", "eligible", "scored", "passed", "recognised")


def rounds_of(question: Question) -> QuerySet[Round]:
    """Public rounds within the question, the newest first. One query when read."""
    found = Round.objects.public().select_related("territory")
    if question.level:
        found = found.filter(level__in=question.level)
    if question.unit_ids is not None:
        found = found.filter(territory__in=question.unit_ids)
    if question.year_from is not None:
        found = found.filter(year__gte=question.year_from)
    if question.year_to is not None:
        found = found.filter(year__lte=question.year_to)
    return found.order_by("-year", "-pk")


def told_rounds(question: Question) -> QuerySet[Round]:
    """Those whose result is announced. One query when read."""
    return rounds_of(question).filter(state__in=ANNOUNCED)


def given_by(rounds: QuerySet[Round]) -> QuerySet[Recognition]:
    """The recognitions in public view that rounds gave: those of their dossiers, or of their decisions where dossiers
    are kept in another portal. One query when read.
    """
    rounds = rounds.order_by()
    carried = rounds.filter(counts__group="", decision=OuterRef("decision"), level=OuterRef("level"))
    given = Q(dossier__round__in=rounds.values("pk")) | Exists(carried)
    return Recognition.objects.published().filter(given).order_by()


@dataclass(frozen=True)
class Listed:
    """How many of a round's recognitions, of singles and of sets, a list opens."""

    recognised: int = 0
    singles: int = 0
    sets: int = 0


Lists = Mapping[int, Listed]


def listed(figures: Sequence[RoundFigures]) -> dict[int, Listed]:
    """What the lists of rounds hold, by the round's key. Two queries at most."""
    told = [one for one in figures if one.round.state in ANNOUNCED]
    here = {one.round.pk: one.round.pk for one in told if not one.carried_on}
    elsewhere = {one.round.pk: (one.round.decision_id, one.round.level) for one in told if one.carried_on}
    return _listed(here, "dossier__round") | (_listed(elsewhere, "decision", "level") if elsewhere else {})


def _listed(keys: Mapping[int, Any], *columns: str) -> dict[int, Listed]:
    """By the round's key, of the recognitions whose columns are as the round's."""
    firsts = {key[0] if isinstance(key, tuple) else key for key in keys.values()}
    rows = Recognition.objects.published().filter(**{f"{columns[0]}__in": firsts}).order_by()
    found: dict[Any, Counter[bool]] = {}
    for *key, is_set, count in rows.values_list(*columns, "product__is_set").annotate(n=Count("pk")):
        found.setdefault(tuple(key) if len(key) > 1 else key[0], Counter())[is_set] += count
    counted = {pk: found.get(key, Counter()) for pk, key in keys.items()}
    return {pk: Listed(of[True] + of[False], of[False], of[True]) for pk, of in counted.items()}


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Five queries and one for the published totals."""
    figures = statistics.rounds(list(rounds_of(question)))
    lists = listed(figures)
    told = [
        figure
        for figure in statistics.published(
            question.asked, ("registered", "facilities_registered", "first_time", "rounds")
        )
        if not figure.group
    ]
    return [_together(question, clock, figures, lists), _each(question, clock, figures, lists, told)]


def _words() -> dict[str, str]:
    return {
        "dossiers": _("hồ sơ đăng ký"),
        "eligible": _("đủ điều kiện"),
        "scored": _("đã chấm"),
        "passed": _("đạt điểm"),
        "recognised": _("được công nhận"),
    }


def _is_whole(one: RoundFigures, lists: Lists) -> bool:
    """Whether the lists of a round hold exactly what it counts."""
    numbers = one.numbers
    return lists.get(one.round.pk) == Listed(numbers.recognised or 0, numbers.singles or 0, numbers.sets or 0)


def _together(question: Question, clock: Clock, figures: Sequence[RoundFigures], lists: Lists) -> Answer:
    """All rounds whose result is announced, step by step: only there is every number known."""
    announced = [one for one in figures if one.round.state in ANNOUNCED]
    done = [one.numbers for one in announced]
    whole_list = question.listed(round="all") if all(_is_whole(one, lists) for one in announced) else ""
    sums = {name: sum(getattr(one, name) or 0 for one in done) for name in (*STEPS, "singles", "sets", "first_time")}
    words, whole = _words(), sums["dossiers"]
    items = [
        charts.Item(words[name], sums[name], number(sums[name]), note="" if place == 0 else _share(sums[name], whole))
        for place, name in enumerate(STEPS)
    ]
    facts = {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question),
        "rounds": number(len(done)),
        "dossiers": number(whole),
        "recognised": number(sums["recognised"]),
        "sets": number(sums["sets"]),
        "share": percent(sums["recognised"], whole),
    }
    sentence = _(
        "%(period)s, %(place)s có %(rounds)s kỳ bình chọn%(scope)s đã công bố kết quả: %(dossiers)s hồ sơ, %(recognised)s được "
        "công nhận (%(share)s%%), trong đó %(sets)s là bộ sản phẩm."
    )
    if not done:
        sentence = _("%(period)s, %(place)s chưa có kỳ bình chọn%(scope)s nào công bố kết quả trên cổng.")
    return Answer(
        key="ky-binh-chon",
        title=_("Từ hồ sơ đến công nhận"),
        sentence=sentence % facts,
        chart=charts.Chart("funnel", _("Hồ sơ của các kỳ đã công bố kết quả"), tuple(items) if done else ()),
        table=Table(
            (_("Bước"), _("Số"), _("Trên số hồ sơ")),
            tuple(
                Line(
                    (
                        Cell(words[name]),
                        Cell(sums[name], whole_list if name == "recognised" and sums[name] else ""),
                        Cell(percent(sums[name], whole), words=f"{percent(sums[name], whole)}%"),
                    )
                )
                for name in STEPS
            ),
        ),
        method=(
            _("Chỉ cộng các kỳ đã công bố kết quả: trước đó, số chấm, đạt và công nhận là việc của hội đồng."),
            _(
                "Hồ sơ được gộp thành bộ trước khi chấm thì vẫn đếm từng hồ sơ ở bước đăng ký và đếm một bộ ở bước công "
                "nhận, nên bước sau có thể ít hơn số hồ sơ đạt."
            ),
            _("Số được công nhận mở ra danh sách; hồ sơ dự kỳ không công khai từng tên, nên các bước trước không mở."),
            *_not_listed(announced, lists),
            _("Lấy số từ các kỳ có trên cổng ngày %(day)s.") % {"day": day(clock.on)},
        ),
        path=f"{reverse('statistics_rounds')}{question.query}",
        on=clock.on,
    )


def _share(part: int, whole: int) -> str:
    return _("%(share)s%% số hồ sơ") % {"share": percent(part, whole)}


def _not_listed(figures: Sequence[RoundFigures], lists: Lists) -> list[str]:
    """That the lists of some rounds hold less than was counted then."""
    if all(_is_whole(one, lists) for one in figures if one.round.state in ANNOUNCED):
        return []
    return [
        _(
            "Số công nhận không mở danh sách là số của kỳ có công nhận chưa hoặc không còn hiện công khai: danh sách của "
            "kỳ ấy khác số đã đếm."
        )
    ]


def _each(
    question: Question,
    clock: Clock,
    figures: Sequence[RoundFigures],
    lists: Lists,
    told: Sequence[PublishedFigure],
) -> Answer:
    """One row for each round, the newest first."""
    shown = figures[:SHOWN_ROUNDS]
    drawn = [one for one in shown if one.numbers.dossiers][:12]
    series = (_("được công nhận"), _("còn lại"))
    items = tuple(
        charts.Item(
            str(one.round),
            one.numbers.dossiers,
            number(one.numbers.dossiers),
            parts=(one.numbers.recognised or 0, max(one.numbers.dossiers - (one.numbers.recognised or 0), 0)),
        )
        for one in drawn
    )
    facts = {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question),
        "rounds": number(len(figures)),
        "dossiers": number(sum(one.numbers.dossiers for one in figures)),
        "first": number(sum(one.numbers.first_time for one in figures)),
    }
    sentence = _(
        "%(period)s, %(place)s có %(rounds)s kỳ bình chọn%(scope)s trên cổng với %(dossiers)s hồ sơ, %(first)s hồ sơ của sản "
        "phẩm tham gia lần đầu."
    )
    return Answer(
        key="tung-ky",
        title=_("Từng kỳ bình chọn"),
        sentence=sentence % facts,
        chart=charts.Chart("bars", _("Hồ sơ của từng kỳ"), items, series),
        table=_table_of(shown, lists),
        method=(
            _("Lần đầu: hồ sơ khai sản phẩm tham gia bình chọn lần đầu. Cơ sở: đếm một lần trong mỗi kỳ."),
            _("Ô có gạch ngang: kỳ chưa công bố kết quả."),
            _("Tên kỳ mở trang của kỳ, nơi có danh sách được công nhận. Hồ sơ dự kỳ không công khai từng tên."),
            *_not_listed(shown, lists),
            *_told_elsewhere(figures),
            *([_("Bảng có %(n)s kỳ mới nhất.") % {"n": SHOWN_ROUNDS}] if len(figures) > SHOWN_ROUNDS else []),
        ),
        path=f"{reverse('statistics_rounds')}{question.query}",
        on=clock.on,
        notes=tuple(statistics_words.published(figure) for figure in told),
    )


def _told_elsewhere(figures: Sequence[RoundFigures]) -> list[str]:
    """That some numbers come from another portal, and of which day at the earliest."""
    days = [one.carried_on for one in figures if one.carried_on]
    if not days:
        return []
    words = _("%(n)s kỳ có hồ sơ lưu ở cổng khác: số lấy từ dữ liệu mở của cổng ấy, từ ngày %(day)s.")
    return [words % {"n": number(len(days)), "day": day(min(days))}]


def _table_of(figures: Sequence[RoundFigures], lists: Lists) -> Table:
    headings = (
        _("Kỳ"), _("Hồ sơ"), _("Cơ sở"), _("Lần đầu"), _("Đủ điều kiện"), _("Đã chấm"), _("Đạt điểm"), _("Công nhận"),
        _("Sản phẩm đơn"), _("Bộ sản phẩm"),
    )  # fmt: skip
    return Table(headings, tuple(_line(one, is_whole=_is_whole(one, lists)) for one in figures))


_COLUMNS = ("dossiers", "facilities", "first_time", "eligible", "scored", "passed", "recognised", "singles", "sets")
_LISTED: dict[str, dict[str, str]] = {"recognised": {}, "singles": {"set": "no"}, "sets": {"set": "yes"}}


def _line(one: RoundFigures, *, is_whole: bool) -> Line:
    """`is_whole`: the lists hold exactly what is counted, so the numbers open them."""
    name = f"{one.round} ({_('minh họa')})" if one.round.is_illustrative else str(one.round)
    cells = []
    for column in _COLUMNS:
        value = getattr(one.numbers, column)
        opens = is_whole and value and column in _LISTED
        cells.append(Cell(value, Question().listed(round=one.round.slug, **_LISTED[column]) if opens else ""))
    return Line((Cell(name, reverse("round", args=[one.round.slug])), *cells))
