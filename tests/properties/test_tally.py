"""What must hold of every tally, whatever the sheets."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rounds.enums import SheetState
from rounds.manifest import head_sums
from rounds.tally import HEADS, Entry, Sheet, mean, passes, shown_mean, tally

MAXIMA = (40, 40, 10, 10)


def points(maximum):
    return st.decimals(min_value=0, max_value=maximum, places=2, allow_nan=False, allow_infinity=False)


heads = st.tuples(*(points(maximum) for maximum in MAXIMA)).map(lambda given: dict(zip(HEADS, given, strict=True)))
valid = heads.map(lambda given: Sheet(SheetState.SUBMITTED, given))
sheets = st.builds(Sheet, st.sampled_from(list(SheetState)), heads)
groups = st.sampled_from(["handicraft", "processing"])
thresholds = st.decimals(min_value=0, max_value=100, places=2)


@st.composite
def entries(draw):
    found = draw(st.lists(st.tuples(groups, st.lists(sheets, max_size=7)), max_size=6))
    return [Entry(f"{number:03}", group, tuple(given)) for number, (group, given) in enumerate(found, start=1)]


def count(given, threshold=Decimal(70), quorum=1):
    return {outcome.code: outcome for outcome in tally(given, threshold=threshold, quorum=quorum)}


@given(entries())
def test_a_mean_lies_between_0_and_100(given):
    for outcome in count(given).values():
        assert 0 <= outcome.points <= 100 * outcome.sheets
        shown = shown_mean(points=outcome.points, sheets=outcome.sheets, threshold=Decimal(70))
        assert shown is None or 0 <= shown <= 100


@given(st.lists(valid, min_size=1, max_size=7), st.data())
def test_more_points_never_lower_the_mean_or_turn_a_pass_into_a_fail(given, data):
    place = data.draw(st.integers(0, len(given) - 1))
    head = data.draw(st.sampled_from(HEADS))
    more = data.draw(points(MAXIMA[HEADS.index(head)] - given[place].heads[head]))
    raised = list(given)
    raised[place] = Sheet(SheetState.SUBMITTED, {**given[place].heads, head: given[place].heads[head] + more})
    before = count([Entry("001", "other", tuple(given))])["001"]
    after = count([Entry("001", "other", tuple(raised))])["001"]
    assert mean(points=after.points, sheets=after.sheets) >= mean(points=before.points, sheets=before.sheets)
    assert after.passed >= before.passed


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_of_judges_and_of_dossiers_changes_nothing(given, random):
    shuffled = []
    for entry in given:
        order = list(entry.sheets)
        random.shuffle(order)
        shuffled.append(Entry(entry.code, entry.group, tuple(order)))
    random.shuffle(shuffled)
    assert count(shuffled) == count(given)


@given(entries(), st.permutations(HEADS))
def test_the_order_of_criteria_inside_a_sheet_changes_nothing(given, order):
    turned = [
        Entry(e.code, e.group, tuple(Sheet(s.state, {head: s.heads[head] for head in order}) for s in e.sheets))
        for e in given
    ]
    assert count(turned) == count(given)


@given(st.lists(st.tuples(st.sampled_from(HEADS), points(40)), max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_no_sum(given, random):
    scores = {f"{head}.{number}": str(value) for number, (head, value) in enumerate(given)}
    top = {code: code.split(".")[0] for code in scores}
    turned = list(scores.items())
    random.shuffle(turned)
    assert head_sums(dict(turned), top) == head_sums(scores, top)


@given(entries(), st.integers(1, 5))
def test_sheets_that_do_not_count_change_nothing(given, quorum):
    bare = [Entry(e.code, e.group, tuple(s for s in e.sheets if s.state == SheetState.SUBMITTED)) for e in given]
    assert count(bare, quorum=quorum) == count(given, quorum=quorum)


@given(entries())
def test_a_better_mean_never_stands_behind(given):
    found = [outcome for outcome in count(given).values() if outcome.rank is not None]
    for one in found:
        for other in found:
            if one.group == other.group and one.rank < other.rank:
                assert mean(points=one.points, sheets=one.sheets) >= mean(points=other.points, sheets=other.sheets)


@given(st.decimals(min_value=0, max_value=900, places=2), st.integers(1, 9), thresholds)
def test_what_is_shown_never_crosses_the_threshold(total, number, threshold):
    shown = shown_mean(points=total, sheets=number, threshold=threshold)
    assert (shown >= threshold) == passes(points=total, sheets=number, threshold=threshold)
