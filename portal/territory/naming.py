"""How people write the name of a province, made comparable. Pure.

Officers type "Tỉnh Thái Nguyên", "TP. Huế", "TPHCM", "Thừa Thiên - Huế", "Đắc Lắc"; all mean one name.
"""

import difflib
from collections.abc import Iterable

from portal.text.folding import fold, name_key

_PREFIXES = ("tỉnh", "thành phố trực thuộc trung ương", "thành phố", "tp", "t p")
# Short forms and older spellings in general use, by folded key, with the official name.
ALIASES = {
    "tphcm": "Hồ Chí Minh",
    "hcm": "Hồ Chí Minh",
    "hcmc": "Hồ Chí Minh",
    "ho chi minh city": "Hồ Chí Minh",
    "tphn": "Hà Nội",
    "tt hue": "Thừa Thiên Huế",
    "dac lac": "Đắk Lắk",
    "dac nong": "Đắk Nông",
    "kontum": "Kon Tum",
    "brvt": "Bà Rịa - Vũng Tàu",
    "br vt": "Bà Rịa - Vũng Tàu",
}
_SEVERAL = 3


def bare(text: str) -> str:
    """The identity key of a province's name without "tỉnh", "thành phố", "TP.", its short forms spelled out.

    A name written without any diacritics is recognised as a short form too; otherwise diacritics are kept.
    """
    key = name_key(text)
    for prefix in _PREFIXES:
        for written in (name_key(prefix), fold(prefix)):
            rest = key.removeprefix(f"{written} ")
            if rest != key:
                return _spelled_out(rest)
    return _spelled_out(key)


def _spelled_out(key: str) -> str:
    official = ALIASES.get(fold(key))
    return name_key(official) if official else key


def nearest(text: str, names: Iterable[str]) -> list[str]:
    """Up to three of `names` that look most like the text, best first."""
    by_fold = {fold(name): name for name in names}
    found = difflib.get_close_matches(fold(bare(text)), by_fold, n=_SEVERAL, cutoff=0.6)
    return [by_fold[key] for key in found]
