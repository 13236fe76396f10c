import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extension.markets.disclosure import COUNT_STEP, FEWEST, MONEY_STEP, Given, Told, rounded, together, told

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
    assert told(closed(0, 5, 6, 7), step=1) == Told(18, 4, 0, about=True)
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
    others = (43 * million, 51 * million)
    before, after = (
        told(opened(17 * million) + closed(*others, 29 * million)),
        told(closed(*others, 29 * million, 17 * million)),
    )
    assert (before.total, after.total) == (137 * million, 140 * million)
    later = told(closed(*others, 29 * million, 17 * million, 3 * million))
    assert later.total == after.total
    # Three closed, one of them known from an old copy: what is left is not the sum of the other two.
    assert told(closed(17 * million, *others)).total - 17 * million != sum(others)


@pytest.mark.parametrize(
    ("amounts", "step"),
    [
        ((900, 20, 30), 1),  # nearly all is one's
        ((900, 140, 5, 5), 1),  # it is, once the second takes its own out
        ((850, 75, 75, 0), 1),
        ((0, 0, 0), 1),
        ((4, 5, 5), 10),  # told as 10, and who has 5 knows that the rest is another's
    ],
)
def test_a_sum_that_is_nearly_one_facility_s_figure_is_told_of_the_open_ones_alone(amounts, step):
    assert told(closed(*amounts), step=step) == Told(None, 0, len(amounts))
    assert told(opened(100) + closed(*amounts), step=step) == Told(100, 1, len(amounts))


def test_a_sum_of_figures_near_one_another_is_told():
    assert told(closed(500, 300, 250), step=1) == Told(1_100, 3, 0, about=True)


# Figures of one size or of very different sizes, so that now and then one holds nearly all.
SIZES = st.integers(0, 12).map(lambda digits: 10**digits)
HIDDEN = st.lists(st.builds(lambda size, times: size * times, SIZES, st.integers(0, 30)), min_size=3, max_size=8)


@settings(max_examples=1000)
@given(
    HIDDEN | st.lists(st.integers(0, 10**9), min_size=3, max_size=8),
    st.lists(st.integers(0, 10**12), max_size=3),
    st.sampled_from([1, COUNT_STEP, MONEY_STEP]),
)
def test_nobody_who_knows_the_sum_the_open_figures_and_its_own_tells_another_s_within_15_percent(hidden, known, step):
    found = told(opened(*known) + closed(*hidden), step=step)
    if not found.about:
        assert (found.total or 0) == sum(known)
        return
    for reader in (None, *range(len(hidden))):
        left = found.total - sum(known) - (hidden[reader] if reader is not None else 0)
        others = [amount for place, amount in enumerate(hidden) if place != reader]
        assert all(left * 100 > 115 * amount for amount in others)


NEAR = st.integers(7, 12).flatmap(
    lambda digits: st.lists(st.integers(10**digits, 2 * 10**digits), min_size=3, max_size=8)
)


@settings(max_examples=200)
@given(NEAR)
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
