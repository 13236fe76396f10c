"""Where a province lies, as a small drawing."""

from django import template
from django.utils.safestring import SafeString

from portal.pages import map as drawing

register = template.Library()


@register.simple_tag
def locator(unit_id: int) -> SafeString:
    """The country in outline with the unit in colour."""
    return drawing.locator(unit_id)
