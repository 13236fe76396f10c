"""What a maker may print and enter while a recognition stands as it does: pure, each answer with its sentence.

During validity the logo of the programme may be printed on the product, and the product may be entered at the
level above (TT 26/2014/TT-BCT, as consolidated). A suspension stops both for as long as it lasts.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.formats import day

from .enums import DatePrecision, Level, Status
from .validity import Facts, first_stop, holds_on, status_of, suspension_on

LEVEL_ABOVE = {
    Level.DISTRICT: Level.PROVINCE,
    Level.COMMUNE: Level.PROVINCE,
    Level.PROVINCE: Level.REGION,
    Level.REGION: Level.NATIONAL,
}


@dataclass(frozen=True)
class Permit:
    """Whether something may be done on a day, the last day on which it may as far as is known, and why."""

    allowed: bool
    until: dt.date | None
    sentence: str


def may_print(facts: Facts, on: dt.date) -> Permit:
    """Whether the logo may be put on packs made on the day."""
    if holds_on(facts, on):
        until = first_stop(facts, after=on)
        return Permit(True, until, _("Được in biểu trưng trên bao bì đến hết %(end)s.") % {"end": _end(facts, until)})
    why = why_not(facts, on)
    return Permit(False, None, _("%(why)s Không in biểu trưng trên bao bì làm trong thời gian này.") % {"why": why})


def may_enter_above(facts: Facts, level: str, on: dt.date) -> Permit:
    """Whether the product, recognised at `level`, may be entered at the level above on the day."""
    above = LEVEL_ABOVE.get(Level(level))
    if above is None:
        return Permit(False, None, _("Cấp quốc gia là cấp cao nhất, không còn cấp trên để đăng ký."))
    words = {"above": str(above.label).lower()}
    if holds_on(facts, on):
        until = first_stop(facts, after=on)
        words["end"] = _end(facts, until)
        return Permit(
            True, until, _("Được đăng ký bình chọn %(above)s, khi công nhận còn hiệu lực đến hết %(end)s.") % words
        )
    words["why"] = why_not(facts, on)
    return Permit(False, None, _("%(why)s Không đăng ký bình chọn %(above)s được.") % words)


def _end(facts: Facts, until: dt.date | None) -> str:
    if until is None or (facts.precision == DatePrecision.YEAR and until == facts.expires_on):
        return _("năm %(year)s") % {"year": until.year} if until else "–"
    return _("ngày %(day)s") % {"day": day(until)}


def why_not(facts: Facts, on: dt.date) -> str:
    """One sentence on why a recognition does not hold on a day."""
    status = status_of(facts, on=on, expiring_days=0)
    if status == Status.REVOKED and facts.revoked_on:
        return _("Công nhận đã bị thu hồi từ %(day)s.") % {"day": day(facts.revoked_on)}
    if status == Status.WITHDRAWN and facts.withdrawn_on:
        return _("Cơ sở đã xin rút công nhận từ %(day)s.") % {"day": day(facts.withdrawn_on)}
    paused = suspension_on(facts, on)
    if paused and paused[1]:
        return _("Công nhận đang tạm dừng từ %(first)s đến hết %(last)s.") % {
            "first": day(paused[0]),
            "last": day(paused[1]),
        }
    if paused:
        return _("Công nhận đang tạm dừng từ %(first)s, đến khi có thông báo mới.") % {"first": day(paused[0])}
    if facts.begins_on and on < facts.begins_on:
        return _("Công nhận bắt đầu có hiệu lực từ %(day)s.") % {"day": day(facts.begins_on)}
    if facts.expires_on is None:
        return _("Sản phẩm mới được đề nghị, chưa được công nhận.")
    return _("Công nhận đã hết hiệu lực sau %(end)s.") % {"end": _end(facts, facts.expires_on)}
