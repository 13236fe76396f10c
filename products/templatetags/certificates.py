"""Certificates in templates."""

from django import template

from .. import codes

register = template.Library()


@register.filter
def certificate_code(stored: str) -> str:
    """The public code as it is printed and read aloud: Q-7K2M-9XTA-3."""
    return codes.display(stored)
