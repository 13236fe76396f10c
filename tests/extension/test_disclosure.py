from hypothesis import given, settings
from hypothesis import strategies as st

from extension.markets.disclosure import FEWEST, Given, Told, together, told

FIGURES = st.lists(st.builds(Given, st.none() | st.integers(0, 10**12), st.booleans()), max_size=8)


def closed(*amounts):
    return [Given(amount, is_open=False) for amount in amounts]


def opened(*amounts):
    return [Given(amount, is_open=True) for amount in amounts]


def test_two_closed_figures_enter_no_sum_and_three_do():
    assert told(closed(10, 20)) == Told(None, 0, 2)
    assert told(closed(10, 20, 30)) == Told(60, 3, 0)


def test_a_sum_with_open_figures_leaves_out_two_closed_ones_lest_the_rest_tell_them():
    assert told(opened(100) + closed(10, 20)) == Told(100, 1, 2)


def test_zero_is_a_figure_and_silence_is_none():
    assert told(closed(0, 5, 7)) == Told(12, 3, 0)
    assert told(closed(5, 7, None)) == Told(None, 0, 2)


def test_while_figures_come_in_only_open_ones_are_added():
    assert told(opened(4) + closed(1, 2, 3), with_closed=False) == Told(4, 1, 3)


def test_a_sum_of_sums_holds_only_what_was_told():
    assert together([Told(60, 3, 0), Told(None, 0, 2), Told(5, 1, 1)]) == Told(65, 4, 3)


@settings(max_examples=200)
@given(FIGURES)
def test_what_is_left_of_a_sum_without_the_open_figures_is_nothing_or_of_at_least_three(figures):
    found = told(figures)
    of_open = sum(f.amount for f in figures if f.is_open and f.amount is not None)
    number = sum(1 for f in figures if f.is_open and f.amount is not None)
    assert found.of - number == 0 or found.of - number >= FEWEST
    if found.of == number:
        assert (found.total or 0) == of_open
