from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.errors import Refusal
from products import numbering

YEAR = 2026
literal = st.text(st.characters(categories=("Lu", "Ll"), include_characters="/- ."), max_size=12)


@st.composite
def patterns(draw) -> str:
    number = draw(st.sampled_from(["{number}", "{number:02d}", "{number:03d}", "{number:05d}"]))
    year = draw(st.sampled_from(["", "{year}"]))
    parts = draw(st.permutations([number, year]))
    return draw(literal) + parts[0] + draw(literal) + parts[1] + draw(literal)


@given(patterns(), st.sets(st.integers(1, numbering.HIGHEST), min_size=2, max_size=20))
def test_within_a_year_different_numbers_read_differently(pattern, numbers):
    numbering.check_pattern(pattern, year=YEAR)
    found = {numbering.written(pattern, number=number, year=YEAR) for number in numbers}
    assert len(found) == len(numbers)
    assert max(map(len, found)) <= numbering.LONGEST


@given(st.text(max_size=80))
def test_whatever_is_typed_is_refused_in_words_or_can_be_written(pattern):
    with suppress(Refusal):
        numbering.check_pattern(pattern, year=YEAR)
        assert "7" in numbering.written(pattern, number=7, year=YEAR)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("GCN-CNNTTB", "đúng một lần"),
        ("{number}/{number}", "đúng một lần"),
        ("{number", "chưa đóng"),
        ("{so}/GCN", "không hiểu “so”"),
        ("{number.real}/GCN", "không hiểu"),
        ("{number!r}/GCN", "Sau {number"),
        ("{number:>9}/GCN", "Sau {number"),
        ("{number:099d}/GCN", "Sau {number"),
        ("{number}/GCN{year:03d}", "Sau {number"),
        ("{}/GCN", "không hiểu"),
        ("{number}/2026/GCN", "viết {year} ở chỗ của năm"),
        ("{number}/" + "x" * 60, "dài quá"),
    ],
)
def test_a_pattern_that_cannot_number_is_refused_in_words(pattern, words):
    with pytest.raises(Refusal, match=r"Mẫu số|Sau") as caught:
        numbering.check_pattern(pattern, year=YEAR)
    assert words in str(caught.value)


def test_the_usual_pattern_writes_three_figures_and_the_year_where_it_stands():
    assert numbering.written(numbering.DEFAULT_PATTERN, number=7, year=YEAR) == "007/GCN-CNNTTB"
    assert numbering.written("{number}/{year}/GCN", number=1234, year=YEAR) == "1234/2026/GCN"


@pytest.mark.parametrize("last", [0, -1, numbering.HIGHEST + 1])
def test_a_paper_book_ends_at_a_number_it_can_have(last):
    with pytest.raises(Refusal) as caught:
        numbering.check_last_number(last)
    assert caught.value.field == "paper_number"
