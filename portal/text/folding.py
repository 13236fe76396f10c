"""Vietnamese text made comparable: identity keys, search folding, alphabetical order.

`name_key`  same name, other spelling habit: NFC/NFD, case, spacing, punctuation, tone placement
            (hòa/hoà) and y/i (mỳ/mì) are unified, diacritics stay ("mứt dừa" is not "mứt dứa").
`fold`      the same without diacritics, for search ("mi chu" finds "Mỳ Chũ").
`sort_key`  orders by the Vietnamese alphabet under any database collation.
"""

import re
import unicodedata
from functools import lru_cache

# Combining grave, hook above, tilde, acute, dot below: the order in which dictionaries list the tones.
TONES = "\u0300\u0309\u0303\u0301\u0323"
_TONE = re.compile(f"[{TONES}]")
# A tone on a letter that has no composed form stays with its syllable, so that a key's key is itself.
_NOT_WORD = re.compile(rf"(?:[^\w{TONES}]|_)+")
# "y" that is only a habit for "i": after a consonant, or after "qu", at the end of a syllable.
_Y_FOR_I = re.compile(r"(?:(?<=[bcdđghklmnpqrstvx])|(?<=qu))y$")
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{20 + position:02}" for position, letter in enumerate(_ALPHABET)}
_RANK |= {digit: f"1{digit}" for digit in "0123456789"}
SORT_KEY_LENGTH = 240


def normalise(text: str) -> str:
    """NFC, with runs of white space made one space and none at the ends; without NUL, which no database keeps."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\x00", "")).split())


def name_key(text: str) -> str:
    """Identity key of a name; equal for spellings that differ only by habit."""
    return " ".join(_syllable_key(word) for word in _words(text))


def fold(text: str) -> str:
    """Search form: lower-case ASCII words, no diacritics, y/i unified."""
    folded = " ".join(_strip(_syllable_key(word)) for word in _words(text))
    return folded.replace("đ", "d")


def sort_key(text: str) -> str:
    """Digits only, so that every collation agrees; syllable by syllable, letters before tone."""
    return "00".join(_syllable_rank(word) for word in _words(text))[:SORT_KEY_LENGTH]


def _words(text: str) -> list[str]:
    composed = unicodedata.normalize("NFC", text).lower()
    return [word for word in _NOT_WORD.split(composed) if word]


def _split_tone(word: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(_TONE.findall(decomposed))
    return unicodedata.normalize("NFC", _TONE.sub("", decomposed)), tones


@lru_cache(maxsize=4096)  # a list of ten thousand names is made of a thousand syllables
def _syllable_key(word: str) -> str:
    letters, tones = _split_tone(word)
    return _Y_FOR_I.sub("i", letters) + unicodedata.normalize("NFD", tones)


def _strip(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _syllable_rank(word: str) -> str:
    letters, tones = _split_tone(word)
    ranks = "".join(_RANK.get(letter, "60") for letter in letters)
    tone = TONES.index(tones[0]) + 1 if tones else 0
    return f"{ranks}{tone + 1:02}"
