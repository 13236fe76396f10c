"""What a norm lets through, whatever is asked."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extension.norms.allowance import Allowance, allow

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
