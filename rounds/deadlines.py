"""How a deadline is said: the hour, the day, and what is left of it. Pure."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.formats import day

CALM_FROM = dt.timedelta(days=2)


@dataclass(frozen=True)
class Deadline:
    """A deadline seen from an instant; both local. Half-open: at the very second it is over."""

    until: dt.datetime
    now: dt.datetime

    @property
    def over(self) -> bool:
        return self.now >= self.until

    @property
    def calm(self) -> bool:
        return self.until - self.now >= CALM_FROM

    @property
    def when(self) -> str:
        """ "17:00 hôm nay", "17:00 ngày mai", "17:00 ngày 25/11/2026"."""
        hour = f"{self.until:%H:%M}"
        days = (self.until.date() - self.now.date()).days
        if days == 0:
            return _("%(hour)s hôm nay") % {"hour": hour}
        if days == 1:
            return _("%(hour)s ngày mai") % {"hour": hour}
        return _("%(hour)s ngày %(day)s") % {"hour": hour, "day": day(self.until.date())}

    @property
    def left(self) -> str:
        """ "2 giờ 28 phút", "3 ngày 4 giờ"; whole minutes, rounded down."""
        minutes = max(0, int((self.until - self.now).total_seconds()) // 60)
        days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
        if days:
            return _("%(days)d ngày %(hours)d giờ") % {"days": days, "hours": hours}
        if hours:
            return _("%(hours)d giờ %(minutes)d phút") % {"hours": hours, "minutes": rest}
        return _("%(minutes)d phút") % {"minutes": rest}

    @property
    def sentence(self) -> str:
        if self.over:
            return _("Đã hết hạn nộp phiếu lúc %(when)s") % {"when": self.when}
        return _("Hạn nộp %(when)s, còn %(left)s") % {"when": self.when, "left": self.left}


def seen_from(until: dt.datetime | None, now: dt.datetime) -> Deadline | None:
    """A deadline and an instant of any zone in Vietnam's time; None without a deadline."""
    return Deadline(timezone.localtime(until), timezone.localtime(now)) if until else None
