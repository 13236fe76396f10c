"""Public codes: what is generated can be read aloud, typed badly, and never mistaken for another."""

import re
from itertools import product as pairs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products import codes
from products.enums import Level

bodies = st.text(alphabet=codes.ALPHABET, min_size=8, max_size=8)
levels = st.sampled_from(list(Level))


def code_of(level: Level, body: str) -> str:
    characters = iter(body)
    return codes.generate(level, choose=lambda _alphabet: next(characters))


def test_alphabet_is_crockford_without_letters_that_look_like_digits() -> None:
    assert codes.ALPHABET == "0123456789ACDEFGHJKMNPQRSTVWXYZ"
    assert len(codes.ALPHABET) == 31


def test_generated_code_has_level_letter_eight_characters_and_a_check() -> None:
    for level, letter in zip(Level, "HXTKQ", strict=True):
        assert re.fullmatch(f"{letter}[{codes.ALPHABET}]{{9}}", codes.generate(level))


def test_two_generated_codes_differ() -> None:
    assert len({codes.generate(Level.NATIONAL) for _ in range(200)}) == 200


def test_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="galaxy"):
        codes.generate("galaxy")


@given(levels, bodies)
def test_generated_code_is_valid_and_names_its_level(level: Level, body: str) -> None:
    code = code_of(level, body)
    assert codes.is_valid(code)
    assert codes.level_of(code) == level


@given(levels, bodies)
def test_every_single_wrong_character_is_noticed(level: Level, body: str) -> None:
    code = code_of(level, body)
    for place, other in pairs(range(codes.LENGTH), codes.ALPHABET):
        wrong = code[:place] + other + code[place + 1 :]
        assert codes.is_valid(wrong) == (wrong == code)


@given(levels, bodies)
def test_every_swap_of_two_characters_is_noticed(level: Level, body: str) -> None:
    code = code_of(level, body)
    for first, second in pairs(range(codes.LENGTH), repeat=2):
        swapped = list(code)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        wrong = "".join(swapped)
        assert codes.is_valid(wrong) == (wrong == code)


def test_no_wrong_character_and_no_swapped_neighbours_pass_for_any_values() -> None:
    """The proof for all codes: the checksum is linear, so weights decide. 31 is prime and no two weights agree."""
    size = len(codes.ALPHABET)
    weights = [*range(2, codes.LENGTH + 1), 1]
    assert all(size % divisor for divisor in range(2, size))
    assert len({weight % size for weight in weights}) == codes.LENGTH
    for weight, change in pairs(weights, range(1, size)):
        assert weight * change % size != 0
    for left, right, change in zip(weights, weights[1:], range(1, size), strict=False):
        assert (left - right) * change % size != 0


@given(levels, bodies)
def test_displayed_code_reads_back(level: Level, body: str) -> None:
    code = code_of(level, body)
    shown = codes.display(code)
    assert re.fullmatch(r"\w-\w{4}-\w{4}-\w", shown)
    assert codes.normalise(shown) == code


@given(levels, bodies, st.sampled_from([" ", "-", "–", ".", "\u00a0", "_", " / ", "\n"]))
def test_separators_and_case_do_not_matter(level: Level, body: str, separator: str) -> None:
    code = code_of(level, body)
    assert codes.normalise(separator.join(code.lower())) == code


@given(st.text(max_size=30))
def test_normalising_anything_never_fails_and_is_stable(text: str) -> None:
    once = codes.normalise(text)
    assert codes.normalise(once) == once
    assert codes.is_valid(once) in {True, False}


def test_look_alikes_are_read_as_digits() -> None:
    assert codes.normalise("oO-iI-lL-bB") == "00111188"


def test_full_width_and_decomposed_input_is_composed_first() -> None:
    assert codes.normalise("Ｑ７Ｋ２") == "Q7K2"


@pytest.mark.parametrize("text", ["", "Q", "QQQQQQQQQQQ", "A000000000", "Q-U7KM-9XTA-3", "Q000000ữ00"])
def test_what_is_no_code_is_not_valid(text: str) -> None:
    assert not codes.is_valid(codes.normalise(text))


def test_check_character_of_a_foreign_character_is_refused() -> None:
    with pytest.raises(ValueError, match="'U'"):
        codes.check_character("QU")


def test_short_text_is_displayed_as_it_is() -> None:
    assert codes.display("Q7K") == "Q7K"
