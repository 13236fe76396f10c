"""What the register of recognitions tells people about."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register

from . import report_reminders  # noqa: F401
from .models import Recognition
from .reminder_words import KIND


def _product_page(user: Any, subject_id: UUID) -> str:
    """The product's public page, while it has one."""
    found = Recognition.objects.published().filter(uuid=subject_id).select_related("product").first()
    return reverse("product", args=[found.product.slug]) if found else ""


EXPIRY = register(
    Kind(
        code=KIND,
        label=_("Giấy chứng nhận sắp hết và đã hết hiệu lực"),
        whom=frozenset({Audience.STAFF, Audience.FACILITY, Audience.COMMUNE}),
        by_consent=True,
        link=_product_page,
    )
)
