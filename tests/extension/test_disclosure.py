import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extension.markets.disclosure import FEWEST, MONEY_STEP, Given, Told, rounded, together, told

FIGURES = st.lists(st.builds(Given, st.none() | st.integers(0, 10**12), st.booleans()), max_size=8)


def closed(*amounts):
    return [Given(amount, is_open=False) for amount in amounts]


def opened(*amounts):
    return [Given(amount, is_open=True) for amount in amounts]


def test_two_closed_figures_enter_no_sum_and_three_do():
    assert told(closed(10, 20)) == Told(None, 0, 2)
    assert told(closed(10, 20, 30), step=1) == Told(60, 3, 0, about=True)


def test_a_sum_with_open_figures_leaves_out_two_closed_ones_lest_the_rest_tell_them():
    assert told(opened(100) + closed(10, 20)) == Told(100, 1, 2)


def test_zero_is_a_figure_and_silence_is_none():
    assert told(closed(0, 5, 7), step=1) == Told(12, 3, 0, about=True)
    assert told(closed(5, 7, None)) == Told(None, 0, 2)


def test_while_figures_come_in_only_open_ones_are_added():
    assert told(opened(4) + closed(1, 2, 3), with_closed=False) == Told(4, 1, 3)


def test_a_sum_of_sums_holds_only_what_was_told():
    assert together([Told(60, 3, 0, about=True), Told(None, 0, 2), Told(5, 1, 1)]) == Told(65, 4, 3, about=True)
    assert not together([Told(5, 1, 1)]).about


@pytest.mark.parametrize(
    ("amount", "step", "said"),
    [(0, 10, 0), (4, 10, 0), (5, 10, 10), (153, 10, 150), (155, 1, 160), (1_234, 1_000, 1_000), (98_700, 1, 99_000)],
)
def test_a_sum_is_rounded_to_two_digits_and_never_finer_than_its_step(amount, step, said):
    assert rounded(amount, step) == said


def test_who_takes_a_consent_back_or_comes_late_is_not_the_difference_of_two_copies():
    million = 1_000_000
    others = (43 * million, 61 * million)
    before, after = (
        told(opened(17 * million) + closed(*others, 9 * million)),
        told(closed(*others, 9 * million, 17 * million)),
    )
    assert (before.total, after.total) == (127 * million, 130 * million)
    later = told(closed(*others, 9 * million, 17 * million, 3 * million))
    assert later.total == after.total
    # Three closed, one of them known from an old copy: what is left is not the sum of the other two.
    assert told(closed(17 * million, *others)).total - 17 * million != sum(others)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 10**12), min_size=3, max_size=8))
def test_a_closed_sum_keeps_no_more_than_two_digits_and_whole_steps(amounts):
    total = told(closed(*amounts)).total
    assert total % MONEY_STEP == 0
    assert len(str(total).rstrip("0")) <= 2 or total < 100 * MONEY_STEP
    assert abs(total - sum(amounts)) * 2 <= max(MONEY_STEP, sum(amounts) // 10)


@settings(max_examples=200)
@given(FIGURES)
def test_what_is_left_of_a_sum_without_the_open_figures_is_nothing_or_of_at_least_three(figures):
    found = told(figures)
    of_open = sum(f.amount for f in figures if f.is_open and f.amount is not None)
    number = sum(1 for f in figures if f.is_open and f.amount is not None)
    assert found.of - number == 0 or found.of - number >= FEWEST
    if found.of == number:
        assert (found.total or 0) == of_open
