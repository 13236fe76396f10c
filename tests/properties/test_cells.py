"""What officers type into cells: whatever it is, it is understood or refused in a sentence."""

import datetime as dt
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text import cells
from portal.text.errors import Refusal

VIETNAMESE = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậéẹềểễếệíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ ", max_size=40
)
READERS: list[Callable[[str, str], Any]] = [cells.number_of, cells.whole_of, cells.day_of, cells.year_of, cells.yes_of]
DAYS = st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2099, 12, 31))


def asked(read: Callable[[str, str], Any], text: str) -> Refusal | None:
    try:
        read(text, "Cột")
    except Refusal as refusal:
        return refusal
    return None


def refused(read: Callable[[str, str], Any], text: str) -> str:
    with pytest.raises(Refusal) as caught:
        read(text, "Cột")
    assert caught.value.code == "bad_cell"
    return str(caught.value)


@pytest.mark.parametrize("read", READERS)
@given(text=st.one_of(st.text(max_size=60), st.text(alphabet="0123456789.,/- đ%", max_size=40)))
def test_a_reader_answers_or_refuses_in_words_and_raises_nothing_else(read: Any, text: str) -> None:
    refusal = asked(read, text)
    if refusal is not None:
        assert (refusal.code, str(refusal)[:3], str(refusal)[-1]) == ("bad_cell", "Cột", ".")


@given(
    cell=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes(), st.dates(), st.times()
    )
)
def test_any_cell_becomes_tidy_text(cell: Any) -> None:
    text = cells.text_of(cell)
    assert text == unicodedata.normalize("NFC", text)
    assert text == " ".join(text.split())


@given(text=VIETNAMESE)
def test_composed_and_decomposed_text_are_one(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert cells.text_of(composed) == cells.text_of(decomposed)


@given(text=VIETNAMESE, around=st.text(alphabet=" \t\n\u00a0\u2003\u200b\ufeff", max_size=6))
def test_blanks_of_every_kind_around_a_text_say_nothing(text: str, around: str) -> None:
    assert cells.text_of(around + text + around) == cells.text_of(text)


@given(number=st.integers(min_value=-(10**12), max_value=10**12))
def test_a_whole_number_comes_back_from_every_way_of_writing_it(number: int) -> None:
    dotted = f"{number:,}".replace(",", ".")
    spaced = f"{number:,}".replace(",", " ")
    for text in (str(number), dotted, spaced, f"{dotted} đồng", f"\u00a0{dotted} "):
        assert cells.number_of(text, "Cột") == number
    assert cells.number_of(cells.text_of(float(number)), "Cột") == number


@given(number=st.decimals(min_value=0, max_value=10**9, places=2))
def test_decimals_stand_after_a_comma(number: Decimal) -> None:
    text = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    assert cells.number_of(text, "Cột") == number
    assert cells.number_of(cells.text_of(float(number)), "Cột") == pytest.approx(number)


@given(number=st.floats(min_value=0, max_value=10**6, allow_nan=False))
def test_a_number_of_excel_is_never_read_as_thousands(number: float) -> None:
    assert float(cells.number_of(cells.text_of(number), "Cột") or 0) == pytest.approx(number, abs=1e-10)


@given(day=DAYS)
def test_a_day_comes_back_from_every_way_of_writing_it(day: dt.date) -> None:
    serial = (day - cells.EXCEL_EPOCH).days
    ways = [
        day.isoformat(),
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d/%m/%Y}",
        f"{day:%d.%m.%Y}",
        f"{day:%d-%m-%Y} 08:30",
        f"ngày {day.day} tháng {day.month} năm {day.year}",
        unicodedata.normalize("NFD", f"Ngày {day.day:02} tháng {day.month:02} năm {day.year}"),
        str(serial),
        f"{serial},5",
        cells.text_of(dt.datetime.combine(day, dt.time(8, 30))),
    ]
    assert {cells.day_of(text, "Cột") for text in ways} == {day}


@given(day=DAYS)
def test_a_year_of_two_digits_is_refused(day: dt.date) -> None:
    assert "năm bốn chữ số" in refused(cells.day_of, f"{day.day}/{day.month}/{day:%y}")


@pytest.mark.parametrize(
    "text", ["30/2/2023", "12/13/2023", "3/2023", "tháng 3 năm 2023", "hôm qua", "1", "0000-01-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    refused(cells.day_of, text)


@pytest.mark.parametrize(("text", "number"), [("1.075", 1075), ("1.075,5", Decimal("1075.5")), ("12,5", Decimal("12.5")), ("1.5", Decimal("1.5")), ("75%", 75), ("-", None), ("", None)])  # fmt: skip
def test_numbers_are_read_as_written_in_vietnam(text: str, number: Any) -> None:
    assert cells.number_of(text, "Cột") == number


@pytest.mark.parametrize("text", ["1.07.5", "1.075.5", "1,075,000", "12 triệu", "1e5", "٣", "=1+1", "--1", "9" * 40])
def test_what_is_no_number_is_refused(text: str) -> None:
    refused(cells.number_of, text)


def test_a_fraction_is_no_whole_number() -> None:
    assert "phần lẻ" in refused(cells.whole_of, "1,5")


@pytest.mark.parametrize(("text", "answer"), [("x", True), ("Có", True), ("✓", True), ("1", True), ("không", False), ("0", False), ("", None), ("–", None)])  # fmt: skip
def test_yes_and_no_in_the_ways_officers_tick(text: str, answer: bool | None) -> None:
    assert cells.yes_of(text, "Cột") is answer


@given(text=st.text(max_size=80))
def test_a_text_fits_or_is_refused(text: str) -> None:
    kept: list[str] = []
    refusal = asked(lambda given, what: kept.append(cells.short(given, what, 20)), text)
    assert refusal.code == "bad_cell" if refusal else len(kept[0]) <= 20


@pytest.mark.parametrize(("cell", "text"), [("'=SUM(A1)", "=SUM(A1)"), ("'-12", "-12"), ("'@chợ", "@chợ"), ("'Bánh tẻ'", "'Bánh tẻ'"), ("'", "'")])  # fmt: skip
def test_the_apostrophe_that_guards_an_exported_cell_is_taken_off(cell: str, text: str) -> None:
    assert cells.text_of(cell) == text
