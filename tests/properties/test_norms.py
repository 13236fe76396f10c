"""What a norm lets through, whatever is asked."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extension.norms.allowance import Allowance, allow
from extension.norms.lookup_days import days_in

SUMS = st.integers(min_value=0, max_value=10**14)
PERCENTS = st.none() | st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)
CEILINGS = st.none() | st.integers(min_value=1, max_value=10**13)
TIMES = st.none() | st.decimals(min_value=1, max_value=3, places=2)
NORMS = st.fixed_dictionaries(
    {
        "percent": PERCENTS,
        "ceiling": CEILINGS,
        "multiplier": TIMES,
        "units": st.integers(min_value=1, max_value=1_000),
        "counts_units": st.booleans(),
        "already": SUMS,
    }
)


@given(cost=SUMS, asked=SUMS, norm=NORMS)
def test_never_negative_and_never_above_what_the_norm_says(cost, asked, norm):
    found = allow(cost=cost, asked=asked, **norm)
    assert 0 <= found.allowed <= min(asked, cost)
    if norm["percent"] is not None:
        assert found.allowed * 100 <= cost * norm["percent"]
    if norm["ceiling"] is not None:
        units = norm["units"] if norm["counts_units"] else 1
        cap = norm["ceiling"] * units * (norm["multiplier"] or 1)
        assert found.cap is not None
        assert found.cap <= cap
        assert found.allowed + (0 if norm["counts_units"] else norm["already"]) <= max(
            cap, 0 if norm["counts_units"] else norm["already"]
        )


@given(cost=SUMS, more=SUMS, asked=SUMS, norm=NORMS)
def test_a_greater_cost_never_allows_less(cost, more, asked, norm):
    assert allow(cost=cost, asked=asked, **norm).allowed <= allow(cost=cost + more, asked=asked, **norm).allowed


@given(cost=SUMS, asked=SUMS, norm=NORMS)
def test_a_priority_never_allows_less_and_units_count_only_where_they_count(cost, asked, norm):
    plain = norm | {"multiplier": None}
    assert allow(cost=cost, asked=asked, **plain).allowed <= allow(cost=cost, asked=asked, **norm).allowed
    single = norm | {"counts_units": False}
    assert allow(cost=cost, asked=asked, **single) == allow(cost=cost, asked=asked, **(single | {"units": 1}))


@given(cost=SUMS, asked=SUMS, norm=NORMS)
def test_the_whole_numbers_kept_with_a_line_pass_the_checks_of_the_database(cost, asked, norm):
    found: Allowance = allow(cost=cost, asked=asked, **norm)
    assert found.cap is None or found.allowed <= found.cap
    assert found.rate_bp is None or found.allowed <= cost * found.rate_bp // 10_000


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@given(asked=DAYS, today=DAYS)
def test_a_day_written_in_any_way_is_the_day_that_is_taken_and_a_year_gives_a_day_of_its_own(asked, today):
    for text in (f"{asked:%d/%m/%Y}", f"ngày {asked.day} tháng {asked.month} năm {asked:%Y}", f"on {asked:%Y-%m-%d}"):
        found, rest, fault = days_in(f"máy sấy 600 triệu {text} ở Lai Châu")
        assert found is not None
        assert (found.taken(today), " ".join(rest.split()), fault) == (asked, "máy sấy 600 triệu ở Lai Châu", "")
    year = days_in(f"máy sấy năm {asked.year}")[0]
    assert year is not None
    assert year.taken(today).year == asked.year
    assert (year.taken(today) == today) == (asked.year == today.year or today in (year.first, year.last))
