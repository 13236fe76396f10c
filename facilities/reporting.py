"""By when a year is reported on: dated rules, the day and month of the year that follows."""

import calendar
import datetime as dt
from collections.abc import Iterable

from .models import ReportingRule


def due_on(rules: Iterable[ReportingRule], *, reporter: str, year: int) -> dt.date | None:
    """The last day for the report on `year`, by the rule in force on the last day of that year; None without one.

    A day that the month does not have (31/02) is its last day.
    """
    end = dt.date(year, 12, 31)
    rule = next((row for row in rules if row.reporter == reporter and row.holds_on(end)), None)
    if rule is None:
        return None
    last = calendar.monthrange(year + 1, rule.month)[1]
    return dt.date(year + 1, rule.month, min(rule.day, last))


def due_day(*, reporter: str, year: int) -> dt.date | None:
    """The same from the rules as recorded. One query."""
    return due_on(ReportingRule.objects.order_by("-valid_from"), reporter=reporter, year=year)
