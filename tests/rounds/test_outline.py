"""The tree of the score sheet: what is an input, what is a sum, what is guidance."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rounds.outline import Outline, Row, build

FIVE = Decimal(5)


def row(pk, parent=None, maximum=None):
    return Row(pk=pk, parent=parent, code=str(pk), name=f"Mục {pk}", maximum=maximum)


def test_a_row_with_a_maximum_and_none_below_is_an_input():
    outline = build([row(1, maximum=Decimal(10)), row(2, 1, FIVE), row(3, 1), row(4, 3, FIVE), row(5, 4)])
    assert [r.pk for r in outline.inputs] == [2, 4]
    assert outline.heads[0].maximum == 10


def test_a_head_whose_children_have_no_maximum_is_the_input_itself():
    outline = build([row(1, maximum=Decimal(40)), row(2, 1), row(3, 1)])
    assert [r.pk for r in outline.inputs] == [1]
    assert [node.row.pk for node in outline.heads[0].walk()] == [2, 3]


def test_nothing_scored_is_a_sum_of_zero_and_everything_missing():
    outline = build([row(1, maximum=Decimal(10)), row(2, 1, FIVE), row(3, 1, FIVE)])
    assert (outline.total({}), [r.pk for r in outline.missing({})]) == (0, [2, 3])
    assert [r.pk for r in outline.missing({2: Decimal(0)})] == [3]


def test_an_empty_set_has_no_inputs():
    assert (build([]).inputs, Outline().total({}), Outline().maximum) == ((), 0, 0)


@given(st.lists(st.integers(min_value=0, max_value=2000).map(lambda n: Decimal(n) / 100), min_size=1, max_size=30))
def test_the_total_is_the_sum_of_the_heads_and_of_the_inputs(points):
    rows = [row(1, maximum=Decimal(50)), row(2, maximum=Decimal(50))]
    rows += [row(10 + n, 1 + n % 2, Decimal(20)) for n in range(len(points))]
    outline = build(rows)
    given_points = {10 + n: value for n, value in enumerate(points)}
    mine = {pk: value for pk, value in given_points.items() if pk in outline.maxima}
    assert outline.total(given_points) == sum(mine.values()) == sum(h.total(given_points) for h in outline.heads)
