"""What is typed, pasted or scanned into the box, and the day that is copied from a pack."""

import datetime as dt
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.errors import Refusal
from products import asking, codes
from products.asking import Kind
from products.making_day import Span, read_span

HOSTS = {"cong.vn", "127.0.0.1"}
CODE = "T7K2M9XTA" + codes.check_character("T7K2M9XTA")
TODAY = dt.date(2026, 11, 21)
bodies = st.text(alphabet=codes.ALPHABET, min_size=8, max_size=8)
letters = st.sampled_from("HXTKQ")


def kind(text: str) -> tuple[str, str]:
    found = asking.read(text, hosts=HOSTS)
    return found.kind.value, found.code


def a_code(letter: str, body: str) -> str:
    return letter + body + codes.check_character(letter + body)


@given(letters, bodies, st.sampled_from(["", "-", " ", ".", "_", "–"]), st.booleans())
def test_a_code_is_read_whatever_its_separators_and_case(letter: str, body: str, between: str, small: bool) -> None:
    code = a_code(letter, body)
    typed = between.join(code.lower() if small else code)
    found = asking.read(typed, hosts=HOSTS)
    assert found.code == code
    assert found.kind in {Kind.CODE, Kind.PERHAPS}


@given(letters, bodies)
def test_letters_that_look_like_digits_are_read_as_digits(letter: str, body: str) -> None:
    code = a_code(letter, body)
    typed = code[0] + code[1:].translate(str.maketrans({"0": "O", "1": "l", "8": "b"}))
    assert asking.of_path(typed).code == code


@given(letters, bodies)
def test_what_a_vietnamese_keyboard_made_of_a_code_is_read_back(letter: str, body: str) -> None:
    code = a_code(letter, body)
    typed = code.replace("DD", "Đ").replace("AA", "Â").replace("EE", "Ê").replace("AW", "Ă")
    for vowel in "AEY":
        for key, mark in {"S": "\u0301", "F": "\u0300", "R": "\u0309", "X": "\u0303", "J": "\u0323"}.items():
            typed = typed.replace(vowel + key, unicodedata.normalize("NFC", vowel + mark))
    assert codes.normalise(typed) == code


@given(letters, bodies, st.integers(0, 9), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_leaves_the_right_code_among_the_near_ones(
    letter: str, body: str, place: int, other: str
) -> None:
    code = a_code(letter, body)
    wrong = code[:place] + other + code[place + 1 :]
    found = codes.near(wrong)
    assert (code in found) == (wrong != code)
    assert all(codes.is_valid(one) for one in found)
    assert len(found) <= 19


@given(letters, bodies, st.integers(0, 8))
def test_two_swapped_neighbours_leave_the_right_code_among_the_near_ones(letter: str, body: str, place: int) -> None:
    code = a_code(letter, body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (code in codes.near(wrong)) == (wrong != code)


@given(letters, bodies, st.integers(0, 9))
def test_a_character_that_no_code_has_is_mended_too(letter: str, body: str, place: int) -> None:
    code = a_code(letter, body)
    assert code in codes.near(code[:place] + "U" + code[place + 1 :])


@pytest.mark.parametrize("text", ["", "T7K2M", "UU" + CODE[2:], CODE, CODE + "1"])
def test_nothing_is_near_a_part_a_right_code_or_one_with_two_faults(text: str) -> None:
    assert CODE not in codes.near(text)


@given(st.text(max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    assert asking.read(text, hosts=HOSTS).kind in Kind
    assert asking.of_path(text).kind in {Kind.CODE, Kind.MISTYPED, Kind.CUT}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  ", ("nothing", "")),
        (CODE, ("code", CODE)),
        (f"https://cong.vn/tra-cuu/{codes.display(CODE)}/", ("code", CODE)),
        (f"https://cong.vn/en/tra-cuu/{CODE}/?tu=ma#x", ("code", CODE)),
        (f"HTTPS://CONG.VN/tra-cuu/{CODE}", ("code", CODE)),
        (f"cong.vn:8000/tra-cuu/{CODE}/", ("code", CODE)),
        (f"/tra-cuu/{CODE}/", ("code", CODE)),
        (f"https://cong.vn/tra-cuu/?ma={CODE}", ("code", CODE)),
        ("https://cong.vn/tra-cuu/T-7K2M-9X", ("cut", "T7K2M9X")),
        ("https://cong.vn/tra-cuu/", ("cut", "")),
        ("https://cong.vn/tra-c", ("cut", "")),
        ("https://cong.v/tra-cuu/" + CODE, ("elsewhere", CODE)),
        ("https", ("cut", "")),
        ("https://[::1/tra-cuu/" + CODE, ("cut", "")),
        (f"https://gia.vn/tra-cuu/{CODE}/", ("elsewhere", CODE)),
        ("https://gia.vn/khuyen-mai", ("elsewhere", "")),
        (f"https://cong.vn@gia.vn/tra-cuu/{CODE}/", ("elsewhere", CODE)),
        ("https://cong.vn/san-pham/che-moc-cau/", ("page", "")),
        ("https://cong.vn//gia.vn/", ("cut", "")),
        ("T-7K2M-9XTA-Z", ("mistyped", "T7K2M9XTAZ")),
        ("T-7K2M", ("cut", "T7K2M")),
        ("chè móc câu", ("name", "")),
        ("t0000 0000 0", ("name", "")),
        ("OCOP2025", ("name", "")),
        ("S5", ("name", "")),
        ("HTX 19/5", ("name", "")),
    ],
)
def test_each_thing_is_taken_for_what_it_is(text: str, expected: tuple[str, str]) -> None:
    assert kind(text) == expected


def test_a_name_that_happens_to_check_is_only_perhaps_a_code() -> None:
    letters_only = [c for c in codes.ALPHABET if c.isalpha()]
    found = next(f"TRA XANH {c}{d}{e}" for c in letters_only for d in letters_only for e in letters_only
                 if codes.is_valid(f"TRAXANH{c}{d}{e}"))  # fmt: skip
    assert asking.read(found, hosts=HOSTS).kind == Kind.PERHAPS


# --- the day of production --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("03/02/2025", "2025-02-03", "2025-02-03"),
        ("3.2.2025", "2025-02-03", "2025-02-03"),
        ("NSX: 03-02-25", "2025-02-03", "2025-02-03"),
        ("03022025", "2025-02-03", "2025-02-03"),
        ("2025-02-03", "2025-02-03", "2025-02-03"),
        ("２０２５", "2025-01-01", "2025-12-31"),
        ("29/02/2024", "2024-02-29", "2024-02-29"),
        ("02/2024", "2024-02-01", "2024-02-29"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("11/2026", "2026-11-01", "2026-11-21"),
        ("2026", "2026-01-01", "2026-11-21"),
        ("21/11/2026", "2026-11-21", "2026-11-21"),
    ],
)
def test_a_day_a_month_or_a_year_is_read_as_packs_print_it(text: str, first: str, last: str) -> None:
    assert read_span(text, on=TODAY) == Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_date"),
        ("NSX:", "no_date"),
        ("hôm qua", "unknown_date"),
        ("03/02", "unknown_date"),
        ("29/02/2025", "no_such_date"),
        ("31/04/2025", "no_such_date"),
        ("13/2025", "no_such_date"),
        ("0000", "no_such_date"),
        ("22/11/2026", "future_date"),
        ("12/2026", "future_date"),
        ("2027", "future_date"),
    ],
)
def test_what_is_no_day_or_still_to_come_is_refused_in_a_sentence(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_span(text, on=TODAY)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


@given(st.dates(dt.date(1990, 1, 1), TODAY), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d%m%Y"]))
def test_every_day_up_to_today_is_read_back(day: dt.date, form: str) -> None:
    assert read_span(day.strftime(form), on=TODAY) == Span(day, day)


@given(st.text(max_size=60))
def test_no_text_makes_the_day_fail_but_in_words(text: str) -> None:
    with suppress(Refusal):
        span = read_span(text, on=TODAY)
        assert span.first <= span.last <= TODAY
