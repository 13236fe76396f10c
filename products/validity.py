"""Validity of a certificate and its status on a day: pure functions (rules.md §8)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .enums import DatePrecision, Level, Status

DISTRICT_LAST_DAY = dt.date(2025, 6, 30)
COMMUNE_FIRST_DAY = dt.date(2025, 7, 1)


# First and last day, both included; without a last day until further notice.
Period = tuple[dt.date, dt.date | None]


@dataclass(frozen=True)
class Rule:
    """A dated validity rule: `years` long, to 31 December (year of issue is the first) or to the same day."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    years: int
    to_end_of_year: bool


@dataclass(frozen=True)
class Facts:
    """What decides the status of a certificate. All dates are the first (or last) day on which it holds.

    `suspended_from` and `suspended_to` are of the latest suspension, enough for today; `suspensions` are all of
    them, which a question about another day needs. `begins_on` and `precision` tell from when, and how exactly
    the end is known; the status itself does not depend on them.
    """

    expires_on: dt.date | None
    suspended_from: dt.date | None = None
    suspended_to: dt.date | None = None
    withdrawn_on: dt.date | None = None
    revoked_on: dt.date | None = None
    superseded: bool = False
    suspensions: tuple[Period, ...] = ()
    begins_on: dt.date | None = None
    precision: str = DatePrecision.DAY

    @property
    def pauses(self) -> list[Period]:
        """Every suspension that is known, in order of time."""
        latest = [(self.suspended_from, self.suspended_to)] if self.suspended_from else []
        return sorted({*self.suspensions, *latest}, key=lambda pause: (pause[0], pause[1] or dt.date.max))


def rule_for(rules: Sequence[Rule], *, decided_on: dt.date) -> Rule | None:
    """The rule in force on the day of the decision, or None before the first one."""
    for rule in rules:
        if rule.valid_from <= decided_on and (rule.valid_to is None or decided_on <= rule.valid_to):
            return rule
    return None


def last_valid_day(rule: Rule, *, issued_on: dt.date) -> dt.date:
    """The last day on which a certificate issued on `issued_on` holds.

    "Two years" ends on the same day two years later, inclusive; 29 February ends on 28 February.
    """
    year = issued_on.year + rule.years
    if rule.to_end_of_year:
        return dt.date(year - 1, 12, 31)
    if (issued_on.month, issued_on.day) == (2, 29):
        try:
            return issued_on.replace(year=year)
        except ValueError:
            return dt.date(year, 2, 28)
    return issued_on.replace(year=year)


def last_valid_day_of_year(rule: Rule, *, year: int) -> dt.date:
    """Where only the year is known: 31 December of the last year the rule reaches (precision "year")."""
    return dt.date(year + rule.years - (1 if rule.to_end_of_year else 0), 12, 31)


@dataclass(frozen=True)
class Term:
    """Until when a certificate holds, how exactly that is known, and by which rule."""

    expires_on: dt.date
    precision: DatePrecision
    rule: Rule


def day_standing_for(year: int, level: str) -> dt.date:
    """The day that stands for a year of which nothing more is known: its last on which the level existed."""
    if level == Level.DISTRICT and year == DISTRICT_LAST_DAY.year:
        return DISTRICT_LAST_DAY
    return dt.date(year, 12, 31)


def level_exists(level: str, *, on: dt.date) -> bool:
    """Districts recognised until 2025-06-30, communes do from 2025-07-01 (TT 38/2025/TT-BCT)."""
    if level == Level.DISTRICT:
        return on <= DISTRICT_LAST_DAY
    if level == Level.COMMUNE:
        return on >= COMMUNE_FIRST_DAY
    return True


def term_of(
    rules: Sequence[Rule],
    *,
    level: str,
    year: int,
    decided_on: dt.date | None = None,
    issued_on: dt.date | None = None,
) -> Term | None:
    """The term of a certificate, or None when no rule was in force yet.

    The day of the decision picks the rule and the day of issue starts it; where one is unknown the other
    stands in. With neither, the rule of the year's last day applies and only the year of the end is known.
    """
    picked_by = decided_on or issued_on or day_standing_for(year, level)
    rule = rule_for(rules, decided_on=picked_by)
    if rule is None:
        return None
    started_on = issued_on or decided_on
    if started_on is None:
        return Term(last_valid_day_of_year(rule, year=year), DatePrecision.YEAR, rule)
    return Term(last_valid_day(rule, issued_on=started_on), DatePrecision.DAY, rule)


def status_of(facts: Facts, *, on: dt.date, expiring_days: int) -> Status:
    """The first status that applies on the day, in the contract's order."""
    if facts.revoked_on and facts.revoked_on <= on:
        return Status.REVOKED
    if facts.withdrawn_on and facts.withdrawn_on <= on:
        return Status.WITHDRAWN
    if suspension_on(facts, on):
        return Status.SUSPENDED
    if facts.superseded:
        return Status.SUPERSEDED
    if facts.expires_on is None or facts.expires_on < on:
        return Status.EXPIRED
    if facts.expires_on <= on + dt.timedelta(days=expiring_days):
        return Status.EXPIRING
    return Status.VALID


def suspension_on(facts: Facts, on: dt.date) -> Period | None:
    """The suspension that covers the day."""
    return next((pause for pause in facts.pauses if pause[0] <= on and (pause[1] is None or on <= pause[1])), None)


def begins_on(*, issued_on: dt.date | None, decided_on: dt.date | None, year: int) -> dt.date:
    """The first day of a recognition: of issue, else of the decision, else of the year where no more is known."""
    return issued_on or decided_on or dt.date(year, 1, 1)


def holds_on(facts: Facts, on: dt.date) -> bool:
    """Whether a recognition is in force on the day: begun, not ended, not suspended. A re-issue changes nothing."""
    if facts.begins_on and on < facts.begins_on:
        return False
    status = status_of(replace(facts, superseded=False), on=on, expiring_days=0)
    return status in {Status.VALID, Status.EXPIRING}


def first_stop(facts: Facts, *, after: dt.date) -> dt.date | None:
    """The last day up to which a recognition in force on `after` stays so, as far as is known."""
    day_before = dt.timedelta(days=1)
    stops = [facts.revoked_on, facts.withdrawn_on, *(pause[0] for pause in facts.pauses)]
    ends = [stop - day_before for stop in stops if stop and stop > after]
    return min([*ends, *([facts.expires_on] if facts.expires_on else [])], default=None)
