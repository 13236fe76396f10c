"""What people hear of needs: who registered one hears what the centre answered."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.representing import represented
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register

from ..models import Need
from .rules import speaks_for_commune


def _page(user: Any, subject_id: UUID) -> str:
    """The need where this person reads it: the facility's own page, the commune's, the desk; else nowhere."""
    need = Need.objects.select_related("commune", "facility__commune").filter(uuid=subject_id).first()
    if need is None:
        return ""
    if need.facility_id and represented(user).filter(pk=need.facility_id).exists():
        return reverse("own_need", args=[need.uuid])
    commune = need.commune or (need.facility.commune if need.facility else None)
    if commune is not None and speaks_for_commune(user, commune):
        return reverse("commune_need", args=[commune.pk, need.uuid])
    reached = Need.objects.visible_to(user).filter(pk=need.pk).exists()
    return reverse("admin:extension_need", args=[need.uuid]) if reached else ""


NEED_ANSWERED = register(
    Kind(
        code="extension_need",
        label=_("Trả lời về nhu cầu hỗ trợ khuyến công"),
        whom=frozenset({Audience.FACILITY, Audience.COMMUNE, Audience.STAFF}),
        link=_page,
    )
)
