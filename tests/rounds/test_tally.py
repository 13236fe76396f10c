"""Exact sums, valid sheets only, two passes, dropped extremes, an order that never ties."""

import hashlib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from rounds.enums import SheetState, TieBreak
from rounds.tally import (
    DOSSIER_ONLY,
    Entry,
    Rules,
    Sheet,
    Standing,
    combined,
    departures,
    draw,
    hangs_on_heads,
    line_means,
    mean,
    passes,
    severities,
    shown,
    shown_mean,
    tally,
    tied,
)
from rounds.tally import count as count_one

D = Decimal
RULES = Rules(threshold=D(70), quorum=1, draw_seed="a1")
BOTH = (("dossier", 60), ("site", 40))


def sheet(*heads, state=SheetState.SUBMITTED, on="dossier", key=None, lines=None):
    return Sheet(state, tuple(D(points) for points in heads), on, key, lines or {})


def entry(code, *sheets, group="processing"):
    return Entry(code, group, sheets)


def total(points, **more):
    """A sheet of that total, its points filling the heads in their order."""
    left, heads = D(points), []
    for most in (40, 40, 10, 10):
        heads.append(min(left, D(most)))
        left -= heads[-1]
    return sheet(*heads, **more)


def count(*entries, **changes):
    return tally(entries, replace(RULES, **changes))


def one(*sheets, **changes):
    (outcome,) = count(entry("001", *sheets), **changes)
    return outcome


def ranks(outcomes):
    return [(outcome.code, outcome.rank) for outcome in outcomes]


@pytest.mark.parametrize(
    "points,sheets,passed",
    [
        ("489.99", 7, False),
        ("490.00", 7, True),
        ("490.01", 7, True),
        ("69.99", 1, False),
        ("70", 1, True),
        ("0", 0, False),
    ],
)
def test_a_mean_is_compared_without_dividing(points, sheets, passed):
    assert passes(points=D(points), divisor=sheets, threshold=D(70)) is passed


def test_nothing_passes_without_a_sheet_even_where_the_threshold_is_zero():
    assert not passes(points=D(0), divisor=0, threshold=D(0))
    assert passes(points=D(0), divisor=1, threshold=D(0))


def test_69_9986_is_not_70_and_does_not_look_like_it():
    assert shown_mean(points=D("489.99"), divisor=7, threshold=D(70)) == D("69.999")
    assert shown_mean(points=D("489.94"), divisor=7, threshold=D(70)) == D("69.99")
    assert shown_mean(points=D("69999999.99"), divisor=1_000_000, threshold=D(70)) == D("69.999999")
    assert shown_mean(points=D("6999999999.99"), divisor=100_000_000, threshold=D(70)) == D("69.999999")


@pytest.mark.parametrize(
    "points,sheets,text",
    [
        ("210.00", 3, "70.00"),
        ("250.00", 3, "83.33"),
        ("250.01", 3, "83.34"),
        ("100", 3, "33.33"),
        ("160.01", 2, "80.01"),
    ],
)
def test_a_mean_is_shown_with_two_decimals_half_up(points, sheets, text):
    assert str(shown_mean(points=D(points), divisor=sheets, threshold=D(70))) == text


@pytest.mark.parametrize("value,text", [("1/3", "0.33"), ("1/200", "0.01"), ("-1/200", "-0.01"), ("-5/4", "-1.25")])
def test_an_exact_value_is_shown_with_two_decimals(value, text):
    assert str(shown(Fraction(value))) == text


def test_no_sheet_has_no_mean_and_does_not_pass():
    found = one(quorum=0)
    assert (found.sheets, found.divisor, found.mean, found.heads, found.spread) == (0, 0, None, (), None)
    assert (found.passed, found.quorate, found.disagrees, found.rank) == (False, False, False, None)
    assert mean(points=D(0), divisor=0) is None
    assert shown_mean(points=D(0), divisor=0, threshold=D(70)) is None


@pytest.mark.parametrize("state", [state for state in SheetState if state != SheetState.SUBMITTED])
def test_what_is_not_submitted_is_left_out_and_never_zero(state):
    found = one(sheet(30, 30, 8, 8), sheet(0, 0, 0, 0, state=state))
    assert (found.sheets, found.points, found.divisor, found.passed, found.spread) == (1, D(76), 1, True, D(0))


def test_a_typed_zero_counts():
    found = one(sheet(40, 40, 10, 10), sheet(0, 0, 0, 0))
    assert (found.sheets, found.mean, found.passed) == (2, 50, False)


def test_the_means_of_heads_and_of_inputs_are_exact():
    found = one(
        sheet(30, 30, 8, 8, lines={"1.1": D(10), "1.2": D(20)}),
        sheet(31, 30, 8, 8, lines={"1.1": D(11), "1.2": D(20)}),
        sheet(33, 30, 8, 8, lines={"1.1": D(13)}),
    )
    assert found.heads == (Fraction(94, 3), 30, 8, 8)
    assert line_means(found) == {"1.1": Fraction(34, 3), "1.2": 20}


def test_the_threshold_is_reached_by_equality():
    assert one(total(70)).passed
    assert not one(total("69.99")).passed


def test_without_a_quorum_there_is_neither_pass_nor_rank():
    first, second, third = count(
        entry("003", sheet(40, 40, 10, 10)),
        entry("002", sheet(30, 30, 8, 8), sheet(30, 30, 8, 8)),
        entry("001", sheet(40, 40, 10, 10)),
        quorum=2,
    )
    assert (first.code, first.rank, first.passed) == ("002", 1, True)
    assert [(o.code, o.rank, o.passed, o.quorate) for o in (second, third)] == [
        ("001", None, False, False),
        ("003", None, False, False),
    ]


def test_groups_are_ranked_apart_and_stand_in_their_order():
    outcomes = count(entry("001", total(76)), entry("002", total(78), group="handicraft"), entry("003", total(86)))
    assert ranks(outcomes) == [("002", 1), ("003", 1), ("001", 2)]


# Dropped extremes


def test_the_highest_and_the_lowest_sheet_are_left_out_of_everything_but_the_quorum_and_the_spread():
    found = one(*(total(points) for points in (60, 70, 72, 80, 100)), drop=1, drop_from=5, quorum=5)
    (counted,) = found.passes
    assert (found.points, found.divisor, found.sheets) == (D(222), 3, 5)
    assert [kept.points for kept in counted.kept] == [70, 72, 80]
    assert (counted.valid, counted.lowest, counted.highest, found.spread) == (5, 60, 100, 40)
    assert found.quorate


def test_below_the_written_number_of_sheets_nothing_is_dropped():
    found = one(*(total(points) for points in (60, 70, 72, 80)), drop=1, drop_from=5)
    assert (found.points, found.divisor) == (D(282), 4)


def test_two_are_dropped_at_each_end_where_two_are_written():
    found = one(*(total(points) for points in (10, 20, 70, 71, 72, 90, 100)), drop=2, drop_from=5)
    assert (found.points, found.divisor) == (D(213), 3)


def test_dropping_never_leaves_nothing():
    found = one(total(60), total(80), drop=1, drop_from=2)
    assert (found.points, found.divisor) == (D(140), 2)
    found = one(*(total(points) for points in (60, 70, 80)), drop=1, drop_from=2)
    assert (found.points, found.divisor) == (D(70), 1)


def test_of_equal_extremes_the_weaker_in_criterion_1_is_the_lower():
    sheets = [sheet(30, 35, 5, 5), sheet(35, 30, 5, 5), sheet(32, 33, 5, 5)]
    for order in (sheets, sheets[::-1]):
        found = one(*order, drop=1, drop_from=3)
        assert found.heads == (32, 33, 5, 5)


def test_of_sheets_alike_in_every_head_the_key_says_which_stays():
    alike = [sheet(30, 30, 5, 5, key=key, lines={"1.1": D(len(key))}) for key in ("b", "aa", "ccc")]
    for order in (alike, alike[::-1]):
        found = one(*order, drop=1, drop_from=3)
        assert [kept.key for kept in found.passes[0].kept] == ["b"]
        assert line_means(found) == {"1.1": 1}


# Two passes


def test_two_passes_are_weighed_exactly():
    found = one(total(70), total(71), total(73), total(90, on="site"), weights=BOTH)
    assert found.mean == Fraction(214, 3) * Fraction(60, 100) + 90 * Fraction(40, 100)
    assert (found.sheets, found.points, found.divisor) == (4, D(23640), 300)
    assert found.heads == (40, Fraction(94, 3) * Fraction(3, 5) + 16, 4, 0)


def test_a_weighted_mean_is_held_against_the_threshold_without_rounding():
    sheets = [total("69.99"), total("69.99"), total("69.99"), total("70.01", on="site"), total("70.02", on="site")]
    assert one(*sheets, weights=(("dossier", 50), ("site", 50))).passed
    assert not one(*sheets, weights=(("dossier", 99), ("site", 1))).passed


def test_each_pass_needs_the_quorum():
    sheets = [total(70), total(71), total(90, on="site")]
    assert not one(*sheets, weights=BOTH, quorum=2).quorate
    assert one(*sheets, total(80, on="site"), weights=BOTH, quorum=2).quorate


def test_half_a_score_is_no_score():
    found = one(total(90), weights=BOTH, quorum=0)
    assert (found.divisor, found.mean, found.quorate, found.passed, found.rank) == (0, None, False, False, None)
    assert found.heads == ()


@pytest.mark.parametrize(
    "weights,mean_", [((("dossier", 0), ("site", 100)), 90), ((("dossier", 100), ("site", 0)), 60)]
)
def test_a_pass_without_weight_decides_nothing(weights, mean_):
    found = one(total(60), total(90, on="site"), weights=weights)
    assert (found.mean, found.sheets, found.divisor, found.spread) == (mean_, 1, 1, 0)
    assert len(found.passes) == 1


def test_extremes_are_dropped_in_each_pass_by_itself():
    dossier = [total(points) for points in (10, 70, 100)]
    site = [total(points, on="site") for points in (80, 81)]
    found = one(*dossier, *site, weights=BOTH, drop=1, drop_from=3)
    assert found.mean == 70 * Fraction(6, 10) + Fraction(161, 2) * Fraction(4, 10)


def test_the_means_of_inputs_are_weighed_and_want_both_passes():
    found = one(
        sheet(30, 30, 5, 5, lines={"1.1": D(10), "1.2": D(8)}),
        sheet(30, 30, 5, 5, on="site", lines={"1.1": D(20)}),
        weights=BOTH,
    )
    assert line_means(found) == {"1.1": 14}


def test_combined_is_a_common_denominator():
    assert combined([(60, D(140), 2), (40, D(270), 3)]) == (D(60 * 140 * 3 + 40 * 270 * 2), 600)
    assert combined([(60, D(140), 2)]) == (D(140), 2)
    assert combined([(60, D(140), 2), (40, D(0), 0)]) == (D(0), 0)


# Spread


def test_a_spread_from_the_written_points_on_is_flagged():
    assert one(total(60), total(80), disagreement=D(20)).disagrees
    found = one(total(60), total("79.99"), disagreement=D(20))
    assert (found.spread, found.disagrees) == (D("19.99"), False)


def test_the_spread_is_that_of_the_pass_that_differs_most():
    sheets = [total(60), total(90), total(10, on="site"), total(15, on="site")]
    assert one(*sheets, weights=BOTH).spread == 30


# The chain


def test_equal_means_are_told_apart_by_criterion_1_then_2_then_3_then_4():
    outcomes = count(
        entry("001", sheet(30, 36, 7, 7)),
        entry("002", sheet(31, 35, 7, 7)),
        entry("003", sheet(30, 35, 8, 7)),
        entry("004", sheet(30, 36, 8, 6)),
        entry("005", sheet(30, 35, 7, 8)),
    )
    assert ranks(outcomes) == [("002", 1), ("004", 2), ("001", 3), ("003", 4), ("005", 5)]
    assert [outcome.decided_by for outcome in outcomes] == ["1", "1", "3", "2", "3"]


def test_the_order_of_the_chain_is_the_rounds_own():
    entries = entry("001", sheet(30, 36, 7, 7)), entry("002", sheet(31, 35, 7, 7))
    assert ranks(count(*entries, tie_break=("2", "1"))) == [("001", 1), ("002", 2)]


def test_then_the_higher_lowest_sheet_stands_first():
    outcomes = count(
        entry("001", sheet(30, 30, 5, 5), sheet(20, 20, 5, 5)),
        entry("002", sheet(28, 28, 5, 5), sheet(22, 22, 5, 5)),
    )
    assert ranks(outcomes) == [("002", 1), ("001", 2)]
    assert {outcome.decided_by for outcome in outcomes} == {TieBreak.LOWEST}


def test_the_lowest_sheet_is_the_lowest_of_those_that_are_kept():
    first = [total(points) for points in (0, 50, 60, 70, 100)]
    second = [total(points) for points in (40, 59, 60, 61, 70)]
    outcomes = count(entry("001", *first), entry("002", *second), drop=1, drop_from=5, tie_break=("lowest",))
    assert ranks(outcomes) == [("002", 1), ("001", 2)]


def test_what_is_equal_in_all_is_drawn_by_the_published_seed():
    codes = ["001", "002", "003"]
    for seed in ("a1", "b2", "c3"):
        outcomes = count(*(entry(code, sheet(30, 30, 8, 8)) for code in codes), draw_seed=seed)
        lots = {code: hashlib.sha256((seed + code).encode()).hexdigest() for code in codes}
        assert [outcome.code for outcome in outcomes] == sorted(codes, key=lots.get)
        assert [outcome.rank for outcome in outcomes] == [1, 2, 3]
        assert {outcome.decided_by for outcome in outcomes} == {TieBreak.DRAW}
    assert draw("a1", "001") == hashlib.sha256(b"a1001").hexdigest()


def test_a_chain_without_a_draw_ends_in_one_all_the_same():
    assert Rules(threshold=D(70), quorum=1, tie_break=("draw", "2")).chain == ("2", "draw")
    assert Rules(threshold=D(70), quorum=1, tie_break=()).chain == ("draw",)
    assert Rules(threshold=D(70), quorum=1).chain == ("1", "2", "3", "4", "lowest", "draw")
    outcomes = count(entry("001", sheet(30, 30, 8, 8)), entry("002", sheet(30, 30, 8, 8)), tie_break=())
    assert sorted(outcome.rank for outcome in outcomes) == [1, 2]


def test_a_mean_of_its_own_needs_no_step():
    assert [outcome.decided_by for outcome in count(entry("001", total(80)), entry("002", total(81)))] == ["", ""]


def test_one_more_sheet_is_no_advantage_in_a_tie():
    outcomes = count(entry("001", sheet(30, 30, 8, 8), sheet(30, 30, 8, 8)), entry("002", sheet(31, 29, 8, 8)))
    assert ranks(outcomes) == [("002", 1), ("001", 2)]


def test_equal_means_in_different_groups_or_without_a_quorum_are_no_tie():
    rules = replace(RULES, quorum=2)
    pair = (total(80), total(80))
    counted = [
        count_one(entry("001", *pair), rules),
        count_one(entry("002", *pair, group="handicraft"), rules),
        count_one(entry("003", total(80)), rules),
    ]
    assert tied(counted) == frozenset()
    assert tied([*counted, count_one(entry("004", *pair), rules)]) == {"001", "004"}


# What is written by default


def test_the_usual_rules_are_one_pass_and_every_sheet():
    rules = Rules(threshold=D(70), quorum=3)
    assert (rules.weights, rules.counted) == (DOSSIER_ONLY, (("dossier", 100),))
    assert (rules.drop, rules.drop_from, rules.draw_seed, rules.disagreement) == (0, 3, "", D(20))
    assert Sheet("submitted", (D(1),)) == ("submitted", (D(1),), "dossier", None, {})


# Severity


def judged(*totals):
    """(judge, dossier, total) from a table of judges × dossiers."""
    return [(judge, dossier, D(points)) for judge, row in enumerate(totals) for dossier, points in enumerate(row)]


def test_severity_is_the_mean_of_own_total_minus_the_mean_of_the_others():
    found = severities(judged([70] * 5, [80] * 5, [90] * 5))
    assert [found[judge].difference for judge in range(3)] == [-15, 0, 15]
    assert found[0].dossiers == 5


def test_severity_is_refused_below_five_dossiers():
    found = severities(judged([70] * 4, [80] * 4, [90] * 4))
    assert {(one.dossiers, one.difference) for one in found.values()} == {(4, None)}


def test_severity_needs_two_others_on_a_dossier():
    found = severities(judged([70] * 5, [80] * 5))
    assert {(one.dossiers, one.difference) for one in found.values()} == {(0, None)}
    assert severities([("a", 1, D(5))], least_dossiers=0, least_others=1)["a"].difference is None


def test_severity_is_exact_over_dossiers_with_different_numbers_of_judges():
    given = [
        *judged([70] * 4, [80] * 4, [91] * 4),
        ("a", "more", D(60)),
        (0, "more", D(50)),
        (1, "more", D(71)),
        (2, "more", D(90)),
    ]
    found = severities(given)
    assert found[0].difference == (4 * (70 - Fraction(171, 2)) + 50 - Fraction(221, 3)) / 5
    assert (found["a"].dossiers, found["a"].difference) == (1, None)
    assert severities(given, least_dossiers=1)["a"].difference == 60 - Fraction(211, 3)


# The council


def test_a_departure_is_a_proposal_past_a_better_one_of_its_group():
    standings = [
        Standing("001", "processing", 1, proposed=False),
        Standing("002", "processing", 2, proposed=True),
        Standing("003", "handicraft", 3, proposed=True),
        Standing("004", "processing", 1, proposed=True),
        Standing("005", "processing", 3, proposed=False),
        Standing("006", "processing", 4, proposed=True),
    ]
    assert departures(standings) == ("002", "006")


def test_leaving_out_the_last_is_no_departure():
    standings = [Standing("001", "other", 1, proposed=True), Standing("002", "other", 2, proposed=False)]
    assert departures(standings) == ()


# Totals alone


def test_totals_alone_do_not_say_which_of_equal_extremes_was_dropped():
    rules = replace(RULES, drop=1, drop_from=3)
    sure = count_one(entry("001", total(60), total(70), total(80)), rules)
    unsure = count_one(entry("002", total(60), total(60), total(80)), rules)
    assert not hangs_on_heads(sure)
    assert hangs_on_heads(unsure)
    assert not hangs_on_heads(count_one(entry("003", total(60), total(60), total(80)), RULES))


def test_what_is_dropped_is_kept_in_sight():
    (counted,) = one(*(total(points) for points in (60, 70, 80)), drop=1, drop_from=3).passes
    assert sorted(sheet.points for sheet in counted.dropped) == [60, 80]
    assert (counted.size, counted.floor) == (1, 70)
    (counted,) = one(total(60), total(70)).passes
    assert (counted.dropped, counted.size, counted.floor) == ((), 2, 60)


def test_the_lowest_sheet_is_looked_for_in_both_passes():
    half = (("dossier", 50), ("site", 50))
    first = entry("001", total(60), total(80), total(70, on="site"))
    second = entry("002", total(69), total(71), total(68, on="site"), total(72, on="site"))
    assert ranks(count(first, second, weights=half, tie_break=("lowest",))) == [("002", 1), ("001", 2)]


def test_one_pass_that_hangs_on_heads_is_enough():
    rules = replace(RULES, weights=BOTH, drop=1, drop_from=3)
    clear = [total(points) for points in (60, 70, 80)]
    unclear = [total(points, on="site") for points in (60, 60, 80)]
    assert hangs_on_heads(count_one(entry("001", *clear, *unclear), rules))


def test_a_dossier_with_one_other_sheet_adds_nothing_to_severity():
    given = [*judged([70] * 5, [80] * 5, [90] * 5), (0, "pair", D(10)), (1, "pair", D(100))]
    found = severities(given)
    assert (found[0].dossiers, found[0].difference) == (5, -15)


def test_proposing_the_first_ones_in_their_order_is_no_departure():
    standings = [
        Standing("001", "other", 1, proposed=True),
        Standing("002", "other", 2, proposed=True),
        Standing("003", "other", 3, proposed=False),
    ]
    assert departures(standings) == ()
