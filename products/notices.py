"""What the register of recognitions tells people about."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.representing import represented
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register

from . import inquiry_letters, report_reminders  # noqa: F401
from .models import Recognition
from .reminder_words import KIND


def _page(user: Any, subject_id: UUID) -> str:
    """Where the maker enters again or answers; for everybody else the product's public page, while it has one."""
    found = Recognition.objects.published().filter(uuid=subject_id).select_related("product").first()
    if found is None:
        return ""
    if represented(user).filter(products=found.product_id).exists():
        return reverse("renewal", args=[subject_id])
    return reverse("product", args=[found.product.slug])


EXPIRY = register(
    Kind(
        code=KIND,
        label=_("Giấy chứng nhận sắp hết và đã hết hiệu lực"),
        whom=frozenset({Audience.STAFF, Audience.FACILITY, Audience.COMMUNE}),
        by_consent=True,
        link=_page,
    )
)
