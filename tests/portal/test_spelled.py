import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text import spelled

VALUES = {name: value for value, name in enumerate(spelled._DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}
SCALES = {"nghìn": 1_000, "triệu": 1_000_000}


@pytest.mark.parametrize(
    ("sum_", "words"),
    [
        (0, "Không đồng"),
        (1, "Một đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (14, "Mười bốn đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (200_000_000, "Hai trăm triệu đồng"),
        (1_075_000_000, "Một tỷ không trăm bảy mươi lăm triệu đồng"),
        (12_310_000_000, "Mười hai tỷ ba trăm mười triệu đồng"),
        (1_000_000_001, "Một tỷ không trăm linh một đồng"),
        (100_000_000_000_000, "Một trăm nghìn tỷ đồng"),
        (1_015_000_000_000, "Một nghìn không trăm mười lăm tỷ đồng"),
    ],
)
def test_a_sum_is_spelled_as_a_clerk_writes_it(sum_, words):
    assert spelled.dong(sum_) == words


def test_a_negative_sum_has_no_words():
    with pytest.raises(ValueError, match="negative"):
        spelled.dong(-1)


def heard(words: str) -> int:
    """What a listener writes down, by rules of their own."""
    billions, below, group, digit = 0, 0, 0, None
    for word in words.removesuffix(" đồng").lower().split():
        if word == "tỷ":
            billions, below, group, digit = below + group + (digit or 0), 0, 0, None
        elif word in SCALES:
            below, group, digit = below + (group + (digit or 0)) * SCALES[word], 0, None
        elif word == "trăm":
            group, digit = (digit or 0) * 100, None
        elif word in ("mươi", "mười"):
            group, digit = group + (10 if word == "mười" else (digit or 0) * 10), None
        elif word != "linh":
            digit = VALUES[word]
    return billions * 1_000_000_000 + below + group + (digit or 0)


@given(st.integers(min_value=0, max_value=10**15))
def test_who_hears_the_words_writes_the_same_sum(sum_):
    assert heard(spelled.dong(sum_)) == sum_
