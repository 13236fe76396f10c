"""The signature of a certificate, for templates that show a certificate."""

from django import template

from portal.text.clock import today
from products.models import Certificate
from products.signed_file import Shown, shown_signature

register = template.Library()


@register.simple_tag
def signature_of(certificate: Certificate) -> Shown | None:
    """Who signed the file of a certificate; None when there is none for the public. One query."""
    return shown_signature(certificate, on=today())
