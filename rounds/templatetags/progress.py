"""`{% marks line numbers names %}`: the sheets of one dossier as a row of small marks, one per judge."""

from collections.abc import Mapping
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from ..progress import DossierLine
from ..progress_words import STATE_WORDS

register = template.Library()


@register.simple_tag
def marks(line: DossierLine, numbers: Mapping[int, int], names: Mapping[int, str]) -> SafeString:
    """Thousands of them stand on one page, so each is made once and the row is a mere join."""
    language = get_language()
    found = sorted((numbers[judge], state, names[judge]) for judge, state in line.states.items())
    cells = "".join(_mark(number, state, name, language) for number, state, name in found)
    return mark_safe(f'<ul class="marks">{cells}</ul>')  # noqa: S308, made of escaped pieces


@lru_cache(maxsize=4096)
def _mark(number: int, state: str, name: str, _language: str | None) -> SafeString:
    words = f"{name}: {str(STATE_WORDS[state]).lower()}"
    return format_html(
        '<li class="mark mark--{}" title="{}"><span aria-hidden="true">{}</span><span class="sr">{}</span></li>',
        state,
        words,
        number,
        words,
    )


@register.simple_tag
def mark(state: str, number: str = "") -> SafeString:
    """One mark without a judge, for the legend."""
    return format_html('<span class="mark mark--{}" aria-hidden="true">{}</span>', state, number)


@register.filter
def state_words(state: str) -> str:
    return str(STATE_WORDS[state])
