"""Texts with named placeholders that staff may write: checked when saved, filled in when sent. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

_NAMED = re.compile(r"\{([a-z_]+)\}")


class Words(NamedTuple):
    """What a reminder says: the letter's title and body, and a short text for a messenger."""

    title: str
    body: str
    chat: str


class Field(NamedTuple):
    """One placeholder: what it stands for, and an example to preview with."""

    label: Any
    sample: Any


def fill(text: str, facts: Mapping[str, Any]) -> str:
    """The text with what is known put in; what is not a known placeholder stays as written."""
    return _NAMED.sub(lambda found: str(facts.get(found[1], found[0])), str(text))


def named(allowed: Collection[str]) -> str:
    """The placeholders as they are written: "{product}, {link}"."""
    return ", ".join(f"{{{name}}}" for name in allowed)


def fault(text: str, allowed: Collection[str]) -> str | None:
    """A sentence that says what is wrong with the braces of a text, or None."""
    listed = named(allowed)
    unknown = [name for name in _NAMED.findall(text) if name not in allowed]
    if unknown:
        said = _("Không có ô điền {%(name)s}. Loại nhắc này có các ô: %(named)s.")
        return said % {"name": unknown[0], "named": listed}
    if set(_NAMED.sub("", text)) & {"{", "}"}:
        return _("Dấu { và } chỉ dùng để viết ô điền, như %(named)s.") % {"named": listed}
    return None
