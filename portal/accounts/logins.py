"""Login names of people who registered themselves: an e-mail address or a phone number. Pure."""

import re

_SEPARATORS = re.compile(r"[\s().-]+")
_PHONE = re.compile(r"(?:\+84|84|0)([1-9]\d{8,9})")


def as_phone(text: str) -> str | None:
    """A Vietnamese phone number in the form in which it is kept ("0912345678"), or None."""
    found = _PHONE.fullmatch(_SEPARATORS.sub("", text))
    return f"0{found[1]}" if found else None


def tidy(text: str) -> str:
    """A login as stored: addresses in lower case, phone numbers as digits; any other name as typed."""
    bare = text.strip()
    if "@" in bare:
        return bare.lower()
    return as_phone(bare) or bare
