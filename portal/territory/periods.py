"""Periods of whole days, both ends included; an open end is None. Pure."""

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise

Period = tuple[dt.date, dt.date | None]


def overlapping(periods: Iterable[Period]) -> tuple[Period, Period] | None:
    """The first two periods that share a day, in order of their start; None when all are apart."""
    ordered = sorted(periods, key=lambda period: (period[0], period[1] or dt.date.max))
    for earlier, later in pairwise(ordered):
        if earlier[1] is None or later[0] <= earlier[1]:
            return earlier, later
    return None
