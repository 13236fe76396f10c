"""In which language a part of a page is, where that is not the page's own."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def spoken(*in_english: object) -> SafeString:
    """` lang="vi"` for a part that shows Vietnamese words on an English page because none of these texts is there."""
    return SafeString(' lang="vi"' if get_language() == "en" and not any(in_english) else "")


@register.filter
def vietnamese(words: str) -> SafeString:
    """Vietnamese words within a sentence of the page's language, marked as such where that is another."""
    if not words or get_language() != "en":
        return SafeString(conditional_escape(words))
    return format_html('<span lang="vi">{}</span>', words)
