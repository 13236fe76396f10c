"""A visitor's saved list: product keys in a cookie or in an address, both written the same way. Pure."""

import re
from collections.abc import Iterable

COOKIE = "da-luu"
PARAMETER = "ds"
LONGEST = 60
_KEY = re.compile(r"[1-9][0-9]{0,17}")

Keys = tuple[int, ...]


def read(text: str) -> Keys:
    """The keys in a text such as "12.7.45", each once, sixty at most; what is no key is left out."""
    found = (int(part) for part in text.split(".") if _KEY.fullmatch(part))
    return tuple(dict.fromkeys(found))[:LONGEST]


def write(keys: Iterable[int]) -> str:
    return ".".join(str(key) for key in keys)


def with_added(keys: Keys, added: Iterable[int]) -> Keys:
    """The list with more at its end. May be longer than the longest allowed: the caller asks with `is_too_long`."""
    return tuple(dict.fromkeys([*keys, *added]))


def without(keys: Keys, removed: Iterable[int]) -> Keys:
    gone = set(removed)
    return tuple(key for key in keys if key not in gone)


def is_too_long(keys: Keys) -> bool:
    return len(keys) > LONGEST
