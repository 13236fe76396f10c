"""What must hold of every tally, whatever the sheets and whatever the round's settings."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rounds.enums import SheetState, TieBreak
from rounds.manifest import head_sums
from rounds.tally import HEADS, Entry, Rules, Sheet, line_means, mean, passes, severities, shown_mean, tally

MAXIMA = (40, 40, 10, 10)
SUBMITTED = SheetState.SUBMITTED


def points(maximum):
    return st.decimals(min_value=0, max_value=maximum, places=2, allow_nan=False, allow_infinity=False)


heads = st.tuples(*(points(maximum) for maximum in MAXIMA))
which = st.sampled_from(["dossier", "site"])
sheets = st.builds(Sheet, st.sampled_from(list(SheetState)), heads, which, st.uuids())
valid = st.builds(Sheet, st.just(SUBMITTED), heads, which, st.uuids())
groups = st.sampled_from(["handicraft", "processing"])
thresholds = st.decimals(min_value=0, max_value=100, places=2)


@st.composite
def settings(draw):
    site = draw(st.sampled_from([0, 0, 1, 33, 50, 100]))
    drop = draw(st.integers(0, 2))
    return Rules(
        threshold=draw(thresholds),
        quorum=draw(st.integers(0, 4)),
        weights=(("dossier", 100 - site), ("site", site)),
        drop=drop,
        drop_from=draw(st.integers(2 * drop + 1, 8)),
        tie_break=tuple(draw(st.lists(st.sampled_from(list(TieBreak.values)), unique=True))),
        draw_seed=draw(st.text("0123456789abcdef", min_size=4, max_size=8)),
    )


@st.composite
def entries(draw):
    """Of few different sheets, so that equal means and equal extremes are common."""
    pool = draw(st.lists(sheets, min_size=1, max_size=6))
    lists = st.lists(st.sampled_from(pool), max_size=8)
    found = draw(st.lists(st.tuples(groups, lists), max_size=6))
    return [Entry(f"{number:03}", group, tuple(given)) for number, (group, given) in enumerate(found, start=1)]


def count(given_, rules):
    return {outcome.code: outcome for outcome in tally(given_, rules)}


@given(entries(), settings())
def test_a_mean_lies_between_0_and_100(given_, rules):
    for outcome in count(given_, rules).values():
        assert 0 <= outcome.points <= 100 * outcome.divisor
        assert all(0 <= value <= maximum for value, maximum in zip(outcome.heads, MAXIMA, strict=False))
        shown = shown_mean(points=outcome.points, divisor=outcome.divisor, threshold=rules.threshold)
        assert shown is None or 0 <= shown <= 100


@given(entries(), settings())
def test_the_heads_of_criteria_add_up_to_the_mean(given_, rules):
    for outcome in count(given_, rules).values():
        assert outcome.divisor == 0 or sum(outcome.heads) == outcome.mean


@given(st.lists(valid, min_size=1, max_size=8), settings(), st.data())
def test_more_points_never_lower_the_mean_or_turn_a_pass_into_a_fail(given_, rules, data):
    place = data.draw(st.integers(0, len(given_) - 1))
    head = data.draw(st.integers(0, 3))
    old = given_[place]
    more = data.draw(points(MAXIMA[head] - old.heads[head]))
    raised = list(given_)
    raised[place] = old._replace(heads=(*old.heads[:head], old.heads[head] + more, *old.heads[head + 1 :]))
    before = count([Entry("001", "other", tuple(given_))], rules)["001"]
    after = count([Entry("001", "other", tuple(raised))], rules)["001"]
    assert (after.mean is None) == (before.mean is None)
    assert after.mean is None or after.mean >= before.mean
    assert after.passed >= before.passed


@given(entries(), settings(), st.randoms(use_true_random=False))
def test_the_order_of_judges_and_of_dossiers_changes_nothing(given_, rules, random):
    shuffled = []
    for entry in given_:
        order = list(entry.sheets)
        random.shuffle(order)
        shuffled.append(Entry(entry.code, entry.group, tuple(order)))
    random.shuffle(shuffled)
    assert [said(outcome) for outcome in tally(shuffled, rules)] == [said(outcome) for outcome in tally(given_, rules)]


def said(outcome):
    """All that an outcome says, the kept sheets as a set."""
    kept = [sorted(str(sheet.key) for sheet in one.kept) for one in outcome.passes]
    return replace(outcome, passes=()), outcome.heads, kept


@given(st.lists(st.tuples(st.sampled_from(HEADS), points(40)), max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_criteria_changes_no_sum(given_, random):
    scores = {f"{head}.{number}": str(value) for number, (head, value) in enumerate(given_)}
    top = {code: code.split(".")[0] for code in scores}
    turned = list(scores.items())
    random.shuffle(turned)
    assert head_sums(dict(turned), top) == head_sums(scores, top)


@given(st.lists(heads, min_size=1, max_size=8), settings(), st.permutations(range(4)))
def test_reordering_the_criteria_inside_every_sheet_leaves_mean_and_pass_and_rank(given_, rules, order):
    rules = replace(rules, tie_break=("lowest",))

    def read(turn):
        made = [
            Sheet(SUBMITTED, tuple(one[place] for place in turn), "dossier", number)
            for number, one in enumerate(given_)
        ]
        first = count([Entry("001", "other", tuple(made)), Entry("002", "other", tuple(made[:3]))], rules)
        return [(one.mean, one.passed, one.rank, one.spread) for one in first.values()]

    assert read(range(4)) == read(order)


@given(entries(), settings())
def test_sheets_that_do_not_count_change_nothing(given_, rules):
    bare = [Entry(e.code, e.group, tuple(s for s in e.sheets if s.state == SUBMITTED)) for e in given_]
    assert tally(bare, rules) == tally(given_, rules)


@given(st.lists(valid, min_size=1, max_size=6), settings(), heads, which)
def test_cannot_assess_is_never_a_zero(given_, rules, ignored, on):
    unable = Sheet(SheetState.CANNOT_ASSESS, ignored, on)
    with_it = count([Entry("001", "other", (*given_, unable))], rules)["001"]
    assert said(with_it) == said(count([Entry("001", "other", tuple(given_))], rules)["001"])


@given(entries(), settings())
def test_a_better_mean_never_stands_behind_and_no_two_share_a_rank(given_, rules):
    found = [outcome for outcome in tally(given_, rules) if outcome.rank is not None]
    for group in ("handicraft", "processing"):
        ranked = [outcome for outcome in found if outcome.group == group]
        assert [outcome.rank for outcome in ranked] == list(range(1, len(ranked) + 1))
        means = [outcome.mean for outcome in ranked]
        assert means == sorted(means, reverse=True)


@given(entries(), settings())
def test_ranks_are_the_same_when_counted_again_and_when_others_withdraw(given_, rules):
    """A total order: who stands before whom does not depend on third dossiers."""
    full = count(given_, rules)
    for left_out in given_:
        rest = count([entry for entry in given_ if entry is not left_out], rules)
        order = sorted((one for one in rest.values() if one.rank), key=lambda one: (one.group, one.rank))
        before = sorted(
            (one for one in full.values() if one.rank and one.code != left_out.code),
            key=lambda one: (one.group, one.rank),
        )
        assert [one.code for one in order] == [one.code for one in before]


@given(st.lists(valid.map(lambda one: one._replace(scoring_pass="dossier")), min_size=3, max_size=9), st.integers(1, 2))
def test_a_trimmed_mean_stays_between_the_sheets_that_are_kept(given_, drop):
    rules = Rules(threshold=Decimal(70), quorum=1, drop=drop, drop_from=2 * drop + 1)
    outcome = count([Entry("001", "other", tuple(given_))], rules)["001"]
    kept = outcome.passes[0].kept
    assert len(kept) == (len(given_) - 2 * drop if len(given_) > 2 * drop else len(given_))
    assert min(one.points for one in kept) <= outcome.mean <= max(one.points for one in kept)


@given(st.lists(valid, min_size=2, max_size=8), st.integers(1, 99))
def test_two_passes_give_a_mean_between_those_of_each(given_, site):
    rules = Rules(threshold=Decimal(70), quorum=0, weights=(("dossier", 100 - site), ("site", site)))
    outcome = count([Entry("001", "other", tuple(given_))], rules)["001"]
    if outcome.divisor:
        each = [Fraction(one.points) / one.size for one in outcome.passes]
        assert min(each) <= outcome.mean <= max(each)
        assert outcome.mean == sum(mean * one.weight for mean, one in zip(each, outcome.passes, strict=True)) / 100


@given(st.lists(st.dictionaries(st.sampled_from(["1.1", "1.2"]), points(20), min_size=1), min_size=1, max_size=6))
def test_an_input_that_was_not_scored_is_left_out_of_its_mean(given_):
    made = tuple(
        Sheet(SUBMITTED, (sum(one.values(), Decimal(0)),) * 4, "dossier", n, one) for n, one in enumerate(given_)
    )
    found = line_means(count([Entry("001", "other", made)], Rules(threshold=Decimal(70), quorum=1))["001"])
    for code in ("1.1", "1.2"):
        values = [Fraction(one[code]) for one in given_ if code in one]
        assert found.get(code) == (sum(values) / len(values) if values else None)


@given(st.decimals(min_value=0, max_value=900, places=2), st.integers(1, 9), thresholds)
def test_what_is_shown_never_crosses_the_threshold(total, number, threshold):
    shown = shown_mean(points=total, divisor=number, threshold=threshold)
    assert (shown >= threshold) == passes(points=total, divisor=number, threshold=threshold)
    assert mean(points=total, divisor=number) == Fraction(total) / number


@given(st.lists(st.lists(points(100), min_size=3, max_size=3), min_size=5, max_size=8))
def test_the_severities_of_judges_of_the_same_dossiers_add_up_to_nothing(table):
    given_ = [(judge, dossier, value) for dossier, row in enumerate(table) for judge, value in enumerate(row)]
    assert sum(one.difference for one in severities(given_).values()) == 0
