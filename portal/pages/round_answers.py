"""Answers about rounds: what was entered, admitted, scored, passed and recognised; and about industrial extension."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.text.formats import day, number
from products.catalogue import Clock
from products.models import PublishedFigure
from rounds.models import Round

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Table, percent
from .statistics import ANNOUNCED, RoundFigures, RoundNumbers
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


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Three queries and one for the published totals."""
    figures = statistics.rounds(list(rounds_of(question)))
    told = [
        figure
        for figure in statistics.published(
            question.asked, ("registered", "facilities_registered", "first_time", "rounds")
        )
        if not figure.group
    ]
    return [_together(question, clock, figures), _each(question, clock, figures, told)]


def _words() -> dict[str, str]:
    return {
        "dossiers": _("hồ sơ đăng ký"),
        "eligible": _("đủ điều kiện"),
        "scored": _("đã chấm"),
        "passed": _("đạt điểm"),
        "recognised": _("được công nhận"),
    }


def _together(question: Question, clock: Clock, figures: Sequence[RoundFigures]) -> Answer:
    """All rounds whose result is announced, step by step: only there is every number known."""
    done = [one.numbers for one in figures if one.round.state in ANNOUNCED]
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
                        Cell(sums[name]),
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
            _("Lấy số từ các kỳ có trên cổng ngày %(day)s.") % {"day": day(clock.on)},
        ),
        path=f"{reverse('statistics_rounds')}{question.query}",
        on=clock.on,
    )


def _share(part: int, whole: int) -> str:
    return _("%(share)s%% số hồ sơ") % {"share": percent(part, whole)}


def _each(question: Question, clock: Clock, figures: Sequence[RoundFigures], told: Sequence[PublishedFigure]) -> Answer:
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
        table=_table_of(shown),
        method=(
            _("Lần đầu: hồ sơ khai sản phẩm tham gia bình chọn lần đầu. Cơ sở: đếm một lần trong mỗi kỳ."),
            _("Ô có gạch ngang: kỳ chưa công bố kết quả."),
            _("Tên kỳ mở trang của kỳ, nơi có danh sách được công nhận. Hồ sơ dự kỳ không công khai từng tên."),
            *([_("Bảng có %(n)s kỳ mới nhất.") % {"n": SHOWN_ROUNDS}] if len(figures) > SHOWN_ROUNDS else []),
        ),
        path=f"{reverse('statistics_rounds')}{question.query}",
        on=clock.on,
        notes=tuple(statistics_words.published(figure) for figure in told),
    )


def _table_of(figures: Sequence[RoundFigures]) -> Table:
    headings = (
        _("Kỳ"), _("Hồ sơ"), _("Cơ sở"), _("Lần đầu"), _("Đủ điều kiện"), _("Đã chấm"), _("Đạt điểm"), _("Công nhận"),
        _("Sản phẩm đơn"), _("Bộ sản phẩm"),
    )  # fmt: skip
    return Table(headings, tuple(_line(one) for one in figures))


_COLUMNS = ("dossiers", "facilities", "first_time", "eligible", "scored", "passed", "recognised", "singles", "sets")


def _line(one: RoundFigures) -> Line:
    numbers: RoundNumbers = one.numbers
    name = f"{one.round} ({_('minh họa')})" if one.round.is_illustrative else str(one.round)
    here = reverse("round", args=[one.round.slug])
    cells = [
        Cell(getattr(numbers, column), here if column == "recognised" and numbers.recognised else "")
        for column in _COLUMNS
    ]
    return Line((Cell(name, here), *cells))
