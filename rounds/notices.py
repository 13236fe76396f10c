"""What a round tells people about: supplements, conclusions, receipts, results; and who has a seat."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.notices import people
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register
from portal.text.clock import today

from . import rules
from .models import Complaint, Dossier, Seat

CONCERNED = frozenset({Audience.FACILITY, Audience.COMMUNE, Audience.STAFF})


def _seated(user_ids: Collection[int], on: dt.date) -> set[int]:
    seats = Seat.objects.filter(user__in=user_ids, until__isnull=True)
    return set(seats.values_list("user_id", flat=True))


def dossier_page(user: Any, subject_id: UUID) -> str:
    """Who fills the dossier comes to its steps, who represents the facility to its own pages, staff to the desk."""
    dossier = Dossier.objects.select_related("round", "product__facility").filter(uuid=subject_id).first()
    if dossier is None:
        return ""
    represented = rules.represents(user, dossier.product.facility_id)
    if represented or rules.may_fill(user, dossier):
        return _address("my_dossier", dossier.uuid)
    reached = Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists()
    return _address("admin:rounds_dossier_change", dossier.pk) if reached else ""


def _request_page(user: Any, subject_id: UUID) -> str:
    """From a request, or from the dossier it belongs to."""
    dossier = Dossier.objects.filter(requests__uuid=subject_id).first()
    return dossier_page(user, dossier.uuid if dossier else subject_id)


def _commune_page(user: Any, subject_id: UUID) -> str:
    return _address("commune_entrance") if Role.COMMUNE_OFFICER in staff_reach(user).roles else ""


def _scoring_page(user: Any, subject_id: UUID) -> str:
    """A judge comes to the own list."""
    return _address("judge_home") if _seated([user.pk], today()) else ""


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _complaint_page(user: Any, subject_id: UUID) -> str:
    """Whoever sent it comes back to its dossier, whoever answers it to the desk."""
    found = Complaint.objects.select_related("dossier", "round").filter(uuid=subject_id).first()
    if found is None:
        return ""
    if found.dossier is not None and rules.represents(user, found.facility_id):
        return _address("my_complaints", found.dossier.uuid)
    return _address("admin:rounds_round_complaint", found.round_id, found.pk)


people.register_standing(Audience.SEATED, _seated)
SUPPLEMENT = register(
    Kind(code="supplement_requested", label=_("Yêu cầu bổ sung hồ sơ"), legal=True, whom=CONCERNED, link=_request_page)
)
CONCLUDED = register(
    Kind(code="dossier_concluded", label=_("Kết luận về hồ sơ"), legal=True, whom=CONCERNED, link=dossier_page)
)
RECEIVED = register(
    Kind(
        code="dossier_received",
        label=_("Hồ sơ đã được tiếp nhận"),
        whom=CONCERNED,
        by_consent=True,
        link=dossier_page,
    )
)
RESULT = register(
    Kind(code="round_result", label=_("Kết quả bình chọn"), whom=CONCERNED, by_consent=True, link=dossier_page)
)
COMMUNE_REMINDED = register(
    Kind(
        code="commune_reminded",
        label=_("Nhắc xã nộp hồ sơ hoặc báo cáo không có"),
        whom=frozenset({Audience.COMMUNE}),
        link=_commune_page,
    )
)
COMPLAINT_ASSIGNED = register(
    Kind(
        code="complaint_assigned",
        label=_("Kiến nghị được giao trả lời"),
        legal=True,
        whom=frozenset({Audience.SEATED, Audience.STAFF}),
        link=_complaint_page,
    )
)
COMPLAINT_ANSWERED = register(
    Kind(
        code="complaint_answered",
        label=_("Trả lời kiến nghị"),
        legal=True,
        whom=frozenset({Audience.FACILITY}),
        link=_complaint_page,
    )
)
SCORING_NUDGE = register(
    Kind(
        code="scoring_nudge",
        label=_("Nhắc giám khảo còn phiếu chưa nộp"),
        whom=frozenset({Audience.SEATED}),
        link=_scoring_page,
    )
)
