"""`{% score_row box show_missing %}`: one box of the score sheet.

A row differs from sheet to sheet only by what stands in its box. It is drawn once from its template and kept,
cut at the place of the figure; rows that have something to say are drawn each time.
"""

from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from ..judge_page import Box
from ..outline import Row

register = template.Library()
TEMPLATE = "rounds/_score_row.html"
# Nobody can type it: a box takes twelve signs.
_HERE = "here-stands-what-was-typed"


@register.simple_tag
def score_row(box: Box, show_missing: bool = False) -> SafeString:
    if box.fault or box.theirs or (show_missing and not box.text):
        return render_to_string(TEMPLATE, {"box": box, "show_missing": show_missing})
    before, after = _cut(box.row, box.maximum, box.guidance, get_language())
    return mark_safe(f"{before}{escape(box.text)}{after}")  # noqa: S308


@lru_cache(maxsize=2048)
def _cut(row: Row, maximum: Decimal, guidance: tuple[Row, ...], _language: str | None) -> tuple[str, str]:
    drawn = render_to_string(TEMPLATE, {"box": Box(row=row, maximum=maximum, text=_HERE, guidance=guidance)})
    before, _here, after = drawn.partition(_HERE)
    return before, after
