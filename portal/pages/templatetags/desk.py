"""Lists of the desk on a phone: each row a card, each value beside the name of its column."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

register = template.Library()
# The label of a cell that says nothing: a phone leaves it out.
EMPTY = "-"


@register.filter
def in_words(value: Any) -> Any:
    """A yes or no of the history, which Django writes as a word of Python."""
    return {"True": _("Có"), "False": _("Không"), "None": ""}.get(str(value), value)


@register.simple_tag
def labelled(cells: Iterable[Any], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of one row as Django drew them, each saying its column's name."""
    return list(_labelled(cells, headers))


def _labelled(cells: Iterable[Any], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    for cell, header in zip(cells, headers, strict=False):
        name = "" if "action-checkbox" in header.get("class_attrib", "") else capfirst(str(header["text"]))
        tag, rest = str(cell)[:3], str(cell)[3:]
        name = name if not rest.endswith((">-</td>", "></td>", ">&nbsp;</td>")) else EMPTY
        yield mark_safe(f'{tag} data-label="{escape(name)}"{rest}')  # noqa: S308  the cell is Django's own markup
