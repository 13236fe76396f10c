"""Survival against an oracle in plain Python, on small random registers."""

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from portal.pages import renewals
from portal.pages.renewals import EARLY, IN_FORCE, LAPSED, OPEN, RENEWED, STOPPED, Lives

TODAY = dt.date(2026, 11, 21)
YEAR = dt.timedelta(days=365)
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2027, 12, 31))


class One(NamedTuple):
    product: int
    rank: int
    begins: dt.date
    ends: dt.date
    stopped: dt.date | None


ONES = st.builds(
    lambda product, rank, begins, days, stopped: One(product, rank, begins, begins + dt.timedelta(days=days), stopped),
    st.integers(1, 4), st.integers(1, 4), DAYS, st.integers(0, 1500), st.none() | DAYS,
)  # fmt: skip


def lives(rows: list[One]) -> Lives:
    def column(values):
        return np.array(list(values), dtype=np.int64)

    return Lives(
        pk=column(range(len(rows))),
        product=column(row.product for row in rows),
        rank=column(row.rank for row in rows),
        begins=column(row.begins.toordinal() for row in rows),
        ends=column(row.ends.toordinal() for row in rows),
        stopped=column(row.stopped.toordinal() if row.stopped else 0 for row in rows),
    )


def said(one: One, rows: list[One]) -> int:
    if one.stopped and one.stopped <= min(one.ends, TODAY):
        return STOPPED
    if one.ends >= TODAY:
        return IN_FORCE
    again = any(
        other.product == one.product
        and other.rank >= one.rank
        and other.begins > one.begins
        and one.ends - YEAR <= other.begins <= one.ends + YEAR
        for other in rows
    )
    if one.ends + YEAR < TODAY:
        return RENEWED if again else LAPSED
    return EARLY if again else OPEN


@given(st.lists(ONES, max_size=14))
def test_what_became_of_each_recognition_is_what_a_reader_of_the_list_would_say(rows):
    found = renewals.outcomes(lives(rows), on=TODAY.toordinal())
    assert found.tolist() == [said(one, rows) for one in rows]


@given(st.lists(ONES, max_size=14))
def test_days_held_are_counted_once_however_many_recognitions_cover_them(rows):
    held = defaultdict(set)
    for one in rows:
        last = min(one.ends, TODAY)
        if one.stopped:
            last = min(last, one.stopped - dt.timedelta(days=1))
        held[one.product].update(range(one.begins.toordinal(), last.toordinal() + 1))
    found = renewals.days_held(lives(rows), on=TODAY.toordinal())
    assert found.tolist() == [len(held[product]) for product in sorted(held)]
