"""How a page asks for a picture no larger than it shows it."""

from django import template

from portal.files.models import StoredFile
from portal.files.thumbnails import sources

register = template.Library()


@register.simple_tag
def srcset(url: str, stored: StoredFile) -> str:
    """Every width in which the picture at `url` is offered."""
    return sources(url, stored)
