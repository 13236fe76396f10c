"""The first formula: what was sealed under it is counted again as it was then."""

from decimal import Decimal

import pytest

from rounds.enums import SheetState
from rounds.tally_mean_1 import Entry, Sheet, passes, tally

D = Decimal


def sheet(*heads, state=SheetState.SUBMITTED):
    return Sheet(state, {str(number): D(points) for number, points in enumerate(heads, start=1)})


def entry(code, *sheets, group="processing"):
    return Entry(code, group, sheets)


def count(*entries, threshold="70", quorum=1):
    return tally(entries, threshold=D(threshold), quorum=quorum)


def ranks(outcomes):
    return [(outcome.code, outcome.rank) for outcome in outcomes]


@pytest.mark.parametrize(
    "points,sheets,passed",
    [("489.99", 7, False), ("490.00", 7, True), ("490.01", 7, True), ("69.99", 1, False), ("70", 1, True)],
)
def test_a_mean_is_compared_without_dividing(points, sheets, passed):
    assert passes(points=D(points), sheets=sheets, threshold=D(70)) is passed


def test_no_sheet_has_no_mean_and_does_not_pass():
    (outcome,) = count(entry("001"), quorum=0)
    assert (outcome.sheets, outcome.passed, outcome.rank) == (0, False, None)


@pytest.mark.parametrize("state", [SheetState.DRAFT, SheetState.CANNOT_ASSESS, SheetState.VOIDED])
def test_what_is_not_submitted_is_left_out_and_never_zero(state):
    (outcome,) = count(entry("001", sheet(30, 30, 8, 8), sheet(0, 0, 0, 0, state=state)))
    assert (outcome.sheets, outcome.points, outcome.passed) == (1, D(76), True)


def test_a_typed_zero_counts():
    (outcome,) = count(entry("001", sheet(40, 40, 10, 10), sheet(0, 0, 0, 0)))
    assert (outcome.sheets, outcome.passed) == (2, False)


def test_without_a_quorum_there_is_neither_pass_nor_rank():
    one, two = count(
        entry("001", sheet(40, 40, 10, 10)), entry("002", sheet(30, 30, 8, 8), sheet(30, 30, 8, 8)), quorum=2
    )
    assert (one.code, one.rank, one.passed) == ("002", 1, True)
    assert (two.code, two.rank, two.passed, two.quorate) == ("001", None, False, False)


def test_groups_are_ranked_apart():
    outcomes = count(
        entry("001", sheet(30, 30, 8, 8)),
        entry("002", sheet(31, 31, 8, 8), group="handicraft"),
        entry("003", sheet(35, 35, 8, 8)),
    )
    assert ranks(outcomes) == [("002", 1), ("003", 1), ("001", 2)]


def test_equal_means_are_told_apart_by_criterion_1_then_2_then_3_then_4():
    outcomes = count(
        entry("001", sheet(30, 36, 7, 7)),
        entry("002", sheet(31, 35, 7, 7)),
        entry("003", sheet(30, 35, 8, 7)),
        entry("004", sheet(30, 36, 8, 6)),
    )
    assert ranks(outcomes) == [("002", 1), ("004", 2), ("001", 3), ("003", 4)]


def test_what_is_equal_in_all_shares_the_rank_and_the_next_leaves_a_gap():
    outcomes = count(
        entry("003", sheet(30, 30, 8, 8)), entry("001", sheet(30, 30, 8, 8)), entry("002", sheet(20, 30, 8, 8))
    )
    assert ranks(outcomes) == [("001", 1), ("003", 1), ("002", 3)]


def test_one_more_sheet_is_no_advantage_in_a_tie():
    outcomes = count(entry("001", sheet(30, 30, 8, 8), sheet(30, 30, 8, 8)), entry("002", sheet(31, 29, 8, 8)))
    assert ranks(outcomes) == [("002", 1), ("001", 2)]
