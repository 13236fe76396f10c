"""Reading and judging points: typed by people, exact to the hundredth."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.formats import points as written
from rounds.points import Fault, fault, neighbours, parse, words

HUNDREDTHS = st.integers(min_value=0, max_value=10_000).map(lambda n: Decimal(n) / 100)
STEPS = st.sampled_from([Decimal(s) for s in ("0.01", "0.05", "0.1", "0.25", "0.5", "1", "2")])
MAXIMA = st.integers(min_value=1, max_value=10_000).map(lambda n: Decimal(n) / 100)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("8,5", "8.5"), ("8.5", "8.5"), ("8", "8"), (" 8 , 5 ", "8.5"), ("0", "0"), ("0,0", "0"), ("08", "8"),
        (",5", "0.5"), ("8,", "8"), ("4,25", "4.25"), ("-1", "-1"), ("−1", "-1"), ("999999", "999999"),
    ],
)  # fmt: skip
def test_what_judges_type_is_read(text, points):
    assert parse(text) == Decimal(points)


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_box_is_nothing_and_not_zero(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", ["hai", "8,5,5", "1e3", "1.000", "NaN", "Infinity", "٣", "8,555", ",", "-", "+5", "0x1"]
)
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse(text)


@given(HUNDREDTHS)
def test_what_is_written_is_read_back(points):
    assert parse(written(points)) == parse(str(points)) == points


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        points = parse(text)
    except ValueError:
        return
    assert points is None or (points.is_finite() and -points.as_tuple().exponent <= 2)


@given(HUNDREDTHS, MAXIMA, STEPS)
def test_points_are_right_exactly_when_they_lie_between_and_on_the_step(points, maximum, step):
    right = points <= maximum and (points == maximum or points % step == 0)
    assert (fault(points, maximum, step) is None) == right


@given(HUNDREDTHS, MAXIMA, STEPS)
def test_the_neighbours_named_to_the_judge_are_accepted(points, maximum, step):
    if fault(points, maximum, step) is not Fault.OFF_STEP:
        return
    below, above = neighbours(points, maximum, step)
    assert below < points < above
    assert (fault(below, maximum, step), fault(above, maximum, step)) == (None, None)


def test_sentences_say_what_to_enter():
    five, half = Decimal(5), Decimal("0.5")
    assert words(Fault.OVER, Decimal(9), five, half) == "Điểm cao nhất của mục này là 5. Hãy nhập từ 0 đến 5."
    assert words(Fault.OFF_STEP, Decimal("4.7"), five, half) == "Bước điểm của kỳ này là 0,5. Hãy nhập 4,5 hoặc 5."
