"""Months of a project's progress reports: which there are, by when each is due. Plain dates only."""

import datetime as dt
from collections.abc import Callable


def month_of(day: dt.date) -> dt.date:
    """The first day of the day's month."""
    return day.replace(day=1)


def next_month(month: dt.date) -> dt.date:
    return month_of(month.replace(day=28) + dt.timedelta(days=4))


def months(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months from one day's to another's, both included; none when they run backwards."""
    found, month = [], month_of(first)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def owed(
    start: dt.date | None, end: dt.date | None, on: dt.date, due: Callable[[dt.date], dt.date | None]
) -> list[dt.date]:
    """Months whose report is due by `on`; `due` gives the last day for a month, None where no rule asks for it.

    A project without a known start owes none, and work that began on or after a month's last day has nothing to
    tell of that month.
    """
    if start is None:
        return []
    days = [(month, due(month)) for month in months(start, min(on, end) if end else on)]
    return [month for month, day in days if day is not None and start < day <= on]
