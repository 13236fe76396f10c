"""Which project to look at first: points for what makes a project go wrong, each with its reason. Plain values only.

The points are a working order for a centre with few hands, no judgement of the unit: they decide nothing but the
order of a list, and every one of them is shown with the fact it comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.formats import money
from portal.text.formats import percent as said_percent

from ..enums import ProjectKind

MOST = 100
HIGH, MEDIUM = 50, 25
MILLION = 1_000_000
LARGE_SUMS = ((1_000 * MILLION, 20), (300 * MILLION, 12), (100 * MILLION, 6))
KINDS = {ProjectKind.POINT: 10, ProjectKind.GROUP: 6}
# Paid ahead of the work, in hundredths: the share of the money that is out less the share of the work that is done.
AHEAD = ((30, 20), (10, 10))
NEVER_SEEN, LONG_UNSEEN, LONG_DAYS = 15, 10, 180
ONE_REPORT, MORE_REPORTS = 8, 15
OPEN_FINDING, LATE_FINDING, SERIOUS_FINDING = 6, 15, 10
PAST_END, NEAR_END, NEAR_DAYS, NEARLY_DONE = 15, 10, 30, 80


@dataclass(frozen=True)
class Facts:
    """What is known of one project on a day. Money in whole đồng, work in hundredths; None is "not known"."""

    kind: str
    funds: int | None = None
    paid: int | None = None
    percent: int | None = None
    is_running: bool = True
    days_unseen: int | None = None
    reports_missing: int = 0
    findings_open: int = 0
    findings_late: int = 0
    findings_serious: int = 0
    days_left: int | None = None


@dataclass(frozen=True)
class Reason:
    """One fact that raises the risk, in words, and by how much."""

    points: int
    words: str


@dataclass(frozen=True)
class Risk:
    """Points from 0 to 100 with the reasons, the heaviest first."""

    points: int
    reasons: tuple[Reason, ...]

    @property
    def is_high(self) -> bool:
        return self.points >= HIGH

    @property
    def is_medium(self) -> bool:
        return MEDIUM <= self.points < HIGH

    @property
    def words(self) -> str:
        return _("Rủi ro cao") if self.is_high else _("Rủi ro vừa") if self.is_medium else _("Rủi ro thấp")


def assess(facts: Facts) -> Risk:
    """The risk of one project. More of anything bad never lowers it."""
    reasons = sorted(_reasons(facts), key=lambda reason: -reason.points)
    return Risk(min(MOST, sum(reason.points for reason in reasons)), tuple(reasons))


def _reasons(facts: Facts) -> Iterator[Reason]:
    yield from _size(facts)
    yield from _findings(facts)
    if facts.is_running:
        yield from _pace(facts)
        yield from _sight(facts)


def _size(facts: Facts) -> Iterator[Reason]:
    for least, points in LARGE_SUMS:
        if (facts.funds or 0) >= least:
            said = _("Kinh phí khuyến công từ %(sum)s") % {"sum": money(least)}
            yield Reason(points, said)
            break
    if facts.kind in KINDS:
        yield Reason(KINDS[ProjectKind(facts.kind)], str(ProjectKind(facts.kind).label))


def _findings(facts: Facts) -> Iterator[Reason]:
    if facts.findings_late:
        said = ngettext("%(n)d tồn tại quá hạn khắc phục", "%(n)d tồn tại quá hạn khắc phục", facts.findings_late)
        yield Reason(LATE_FINDING, said % {"n": facts.findings_late})
    elif facts.findings_open:
        said = ngettext("%(n)d tồn tại chưa khắc phục", "%(n)d tồn tại chưa khắc phục", facts.findings_open)
        yield Reason(OPEN_FINDING, said % {"n": facts.findings_open})
    if facts.findings_serious:
        yield Reason(SERIOUS_FINDING, _("Có tồn tại nghiêm trọng"))


def _pace(facts: Facts) -> Iterator[Reason]:
    paid, percent = _share(facts), facts.percent or 0
    for least, points in AHEAD:
        if paid - percent >= least:
            said = _("Đã chi %(paid)s kinh phí, mới làm %(done)s") % {
                "paid": said_percent(paid),
                "done": said_percent(percent),
            }
            yield Reason(points, said)
            break
    if facts.days_left is None:
        return
    if facts.days_left < 0:
        yield Reason(PAST_END, _("Quá ngày kết thúc theo hợp đồng"))
    elif facts.days_left <= NEAR_DAYS and percent < NEARLY_DONE:
        said = _("Còn %(days)d ngày hợp đồng, mới làm %(done)s") % {
            "days": facts.days_left,
            "done": said_percent(percent),
        }
        yield Reason(NEAR_END, said)


def _share(facts: Facts) -> int:
    """How many hundredths of the funds are paid out, cut off below."""
    return min(100, (facts.paid or 0) * 100 // facts.funds) if facts.funds else 0


def _sight(facts: Facts) -> Iterator[Reason]:
    if facts.days_unseen is None:
        yield Reason(NEVER_SEEN, _("Chưa kiểm tra lần nào"))
    elif facts.days_unseen > LONG_DAYS:
        yield Reason(LONG_UNSEEN, _("Lần kiểm tra gần nhất cách %(days)d ngày") % {"days": facts.days_unseen})
    if facts.reports_missing:
        said = ngettext("Thiếu báo cáo của %(n)d tháng", "Thiếu báo cáo của %(n)d tháng", facts.reports_missing)
        yield Reason(ONE_REPORT if facts.reports_missing == 1 else MORE_REPORTS, said % {"n": facts.reports_missing})
