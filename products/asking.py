"""What was typed, pasted or scanned into the box of the certificate check. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from portal.text.folding import normalise

from . import codes

LONGEST = 500
# Shorter than this, a word with a digit in it is a name ("S5"), not the beginning of a code.
FEWEST_OF_A_CODE = 5
MOST_OF_A_CODE = 16
_ADDRESS = re.compile(r"^(?:[a-z]+:?/+|www\.)|^https?(?::|$)|(?:^|/)tra-c", re.IGNORECASE)
_CHECK = re.compile(r"(?:^|/)tra-cuu(?:/(?P<code>[^/]*))?")
_PUBLIC = re.compile(r"^(?:/en)?/(?:san-pham|co-so)/[\w-]+/?$", re.ASCII)


class Kind(StrEnum):
    NOTHING = "nothing"
    CODE = "code"  # whole, and its check character agrees
    PERHAPS = "perhaps"  # the same, but as likely a name written in capitals
    MISTYPED = "mistyped"  # whole, and its check character says that something is wrong
    CUT = "cut"  # the beginning of a code, or of an address of this portal
    ELSEWHERE = "elsewhere"  # the address of another site
    PAGE = "page"  # the address of another page of this portal
    NAME = "name"


@dataclass(frozen=True)
class Asked:
    """What it is; `code` as stored and as far as it goes, `host` of an address, `words` as typed."""

    kind: Kind
    code: str = ""
    host: str = ""
    words: str = ""


def read(text: str, *, hosts: Collection[str]) -> Asked:
    """Understand what was asked. `hosts` are the names under which this portal answers."""
    words = normalise(text[:LONGEST])
    if not words:
        return Asked(Kind.NOTHING)
    if _ADDRESS.search(words) and " " not in words:
        return _of_address(words, hosts)
    return _of_words(words)


def of_path(text: str) -> Asked:
    """Understand the part of the check's own address that stands for the code; never a name."""
    code = codes.normalise(text[:LONGEST])
    words = normalise(text[:LONGEST])
    if codes.is_valid(code):
        return Asked(Kind.CODE, code, words=words)
    is_part = not code or (code[0] in codes.LEVEL_OF_LETTER and len(code) <= MOST_OF_A_CODE)
    is_cut = is_part and len(code) != codes.LENGTH
    return Asked(Kind.CUT if is_cut else Kind.MISTYPED, code, words=words)


def _of_address(words: str, hosts: Collection[str]) -> Asked:
    host, path, typed = _parts(words)
    code = codes.normalise(typed)
    if host and host not in hosts:
        return Asked(Kind.ELSEWHERE, code if codes.is_valid(code) else "", host, words)
    if not typed and _PUBLIC.match(path):
        return Asked(Kind.PAGE, host=host, words=path)
    found = of_path(typed)
    return Asked(found.kind, found.code, host, words)


def _parts(words: str) -> tuple[str, str, str]:
    """Host, path, and the part that stands for a code, of what may be a cut-off address."""
    text = words if "//" in words else f"//{words}" if "." in words.partition("/")[0] else words
    try:
        address = urlsplit(text)
        host = (address.hostname or "").lower()
    except ValueError:  # brackets that do not match
        return "", "", ""
    path = unquote(address.path)
    found = _CHECK.search(path)
    asked = parse_qs(address.query).get("ma", [""])[-1]
    return host, path, (found["code"] or "" if found else "") or asked


def _of_words(words: str) -> Asked:
    code = codes.normalise(words)
    if codes.is_valid(code):
        looks = words.isascii() and any(c.isdigit() for c in code)
        return Asked(Kind.CODE if looks or " " not in words else Kind.PERHAPS, code, words=words)
    if not _like_a_code(words, code):
        return Asked(Kind.NAME, words=words)
    return Asked(Kind.MISTYPED if len(code) == codes.LENGTH else Kind.CUT, code, words=words)


def _like_a_code(words: str, code: str) -> bool:
    """Whether words without a right check character were rather meant as a code than as a name."""
    if " " in words or not words.isascii() or not any(c.isdigit() for c in words):
        return False
    if len(code) == codes.LENGTH:
        return True
    return FEWEST_OF_A_CODE <= len(code) <= MOST_OF_A_CODE and code[0] in codes.LEVEL_OF_LETTER
