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

Choose = Callable[[Sequence[str]], str]


def normalise(text: str) -> str:
    """The code as stored: upper case, no separators, look-alikes (O, I, L, B) read as the digits they resemble.

    Accepts anything a person may type or paste; what it returns need not be a valid code.
    """
    composed = unicodedata.normalize("NFKC", text).upper()
    return _SEPARATORS.sub("", composed).translate(_ALIKE)


def check_character(payload: str) -> str:
    """The character that follows the level letter and the random part.

    Raises ValueError when the payload holds a character outside the alphabet.
    """
    try:
        total = sum(weight * _VALUE[character] for weight, character in enumerate(payload, start=2))
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not a character of a certificate code.") from None
    # The check character itself weighs 1, so that the whole sum is 0 modulo 31.
    return ALPHABET[-total % len(ALPHABET)]


def is_valid(code: str) -> bool:
    """Whether a stored (normalised) code has the right form and check character."""
    if len(code) != LENGTH or code[0] not in LEVEL_OF_LETTER or any(character not in _VALUE for character in code):
        return False
    return check_character(code[:-1]) == code[-1]


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
