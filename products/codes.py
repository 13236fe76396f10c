"""Public codes of certificates: a level letter, eight random characters, one check character.

The alphabet is Crockford's base 32 without B (read as 8), which leaves 31 characters, a prime. A
weighted sum modulo a prime, with a different weight at each place, notices every single wrong
character and every swap of two.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence

from .enums import LEVEL_LETTER, Level

ALPHABET = "0123456789ACDEFGHJKMNPQRSTVWXYZ"
BODY_LENGTH = 8
LENGTH = BODY_LENGTH + 2
LEVEL_OF_LETTER = {letter: level for level, letter in LEVEL_LETTER.items()}

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "B": "8"})
_SEPARATORS = re.compile(r"[\W_]+")
# Of each place, what its character is multiplied with. The check character itself weighs 1, so that the
# whole sum is 0 modulo 31.
_WEIGHTS = (*range(2, BODY_LENGTH + 3), 1)
# A Vietnamese keyboard (Telex) writes DD as Đ, AW as Ă, AS as Á: the keys that were pressed for each mark.
_PRESSED = {
    "\u0302": None,
    "\u0306": "W",
    "\u031b": "W",
    "\u0301": "S",
    "\u0300": "F",
    "\u0309": "R",
    "\u0303": "X",
    "\u0323": "J",
}

Choose = Callable[[Sequence[str]], str]


def normalise(text: str) -> str:
    """The code as stored: upper case, no separators, look-alikes (O, I, L, B) read as the digits they resemble.

    Accepts anything a person may type or paste; what it returns need not be a valid code.
    """
    composed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())
    return "".join(_keys_of(letter) for letter in composed).translate(_ALIKE)


def _keys_of(letter: str) -> str:
    """The keys that a Telex keyboard turned into this letter; the letter itself where none did."""
    if letter.isascii():
        return letter
    if letter == "Đ":
        return "DD"
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], parts[1:]
    if not marks or not base.isascii() or any(mark not in _PRESSED for mark in marks):
        return letter
    keys = "".join(_PRESSED[mark] or base for mark in sorted(marks, key=_tone_last))
    return keys if base == "U" and keys.startswith("W") else base + keys


def _tone_last(mark: str) -> bool:
    return mark not in {"\u0302", "\u0306", "\u031b"}


def check_character(payload: str) -> str:
    """The character that follows the level letter and the random part.

    Raises ValueError when the payload holds a character outside the alphabet.
    """
    try:
        total = sum(weight * _VALUE[character] for weight, character in zip(_WEIGHTS, payload, strict=False))
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not a character of a certificate code.") from None
    return ALPHABET[-total % len(ALPHABET)]


def is_valid(code: str) -> bool:
    """Whether a stored (normalised) code has the right form and check character."""
    if len(code) != LENGTH or code[0] not in LEVEL_OF_LETTER or any(character not in _VALUE for character in code):
        return False
    return check_character(code[:-1]) == code[-1]


def near(code: str) -> list[str]:
    """Every valid code that differs from a whole, wrong one in one character, or by two neighbours swapped.

    At most nineteen; which of them were given out, if any, only the register knows.
    """
    if len(code) != LENGTH or is_valid(code):
        return []
    changed = [_mended(code, place) for place in range(LENGTH)]
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(LENGTH - 1)]
    return list(dict.fromkeys(found for found in [*changed, *swapped] if is_valid(found)))


def _mended(code: str, place: int) -> str:
    """The code with the one character at a place that makes the sum right; empty when another is wrong too."""
    others = [
        (weight, character) for i, (weight, character) in enumerate(zip(_WEIGHTS, code, strict=True)) if i != place
    ]
    if any(character not in _VALUE for _weight, character in others):
        return ""
    total = sum(weight * _VALUE[character] for weight, character in others)
    value = -total * pow(_WEIGHTS[place], -1, len(ALPHABET)) % len(ALPHABET)
    return code[:place] + ALPHABET[value] + code[place + 1 :]


def generate(level: str, *, choose: Choose = secrets.choice) -> str:
    """A new code for a level, as stored. Raises ValueError for an unknown level."""
    payload = LEVEL_LETTER[Level(level)] + "".join(choose(ALPHABET) for _ in range(BODY_LENGTH))
    return payload + check_character(payload)


def level_of(code: str) -> Level | None:
    """The level that a stored code names by its first letter."""
    return LEVEL_OF_LETTER.get(code[:1])


def display(code: str) -> str:
    """The code as printed, in groups that can be read aloud: Q-7K2M-9XTA-3."""
    if len(code) != LENGTH:
        return code
    return "-".join((code[0], code[1:5], code[5:9], code[9]))
