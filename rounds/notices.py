"""What a round tells people about: supplements, conclusions, receipts, results; and who has a seat."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.notices import people
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register
from portal.text.clock import today

from . import rules
from .enums import ScoringPass
from .models import Complaint, CriteriaSet, Dossier, NominationList, Round, ScoreSheet, Seat

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
        return reverse("my_dossier", args=[dossier.uuid])
    reached = Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists()
    return reverse("admin:rounds_dossier_change", args=[dossier.pk]) if reached else ""


def _request_page(user: Any, subject_id: UUID) -> str:
    """From a request, or from the dossier it belongs to."""
    dossier = Dossier.objects.filter(requests__uuid=subject_id).first()
    return dossier_page(user, dossier.uuid if dossier else subject_id)


def _commune_page(user: Any, subject_id: UUID) -> str:
    return reverse("commune_entrance") if Role.COMMUNE_OFFICER in staff_reach(user).roles else ""


def _scoring_page(user: Any, subject_id: UUID) -> str:
    """A judge comes to the own list."""
    return reverse("judge_home") if _seated([user.pk], today()) else ""


def _judge_home(_user: Any, _subject_id: UUID) -> str:
    return reverse("judge_home")


def _complaint_page(user: Any, subject_id: UUID) -> str:
    """Whoever sent it comes back to its dossier, whoever answers it to the desk."""
    found = Complaint.objects.select_related("dossier", "round").filter(uuid=subject_id).first()
    if found is None:
        return ""
    if found.dossier is not None and rules.represents(user, found.facility_id):
        return reverse("my_complaints", args=[found.dossier.uuid])
    return reverse("admin:rounds_round_complaint", args=[found.round_id, found.pk])


def _criteria_page(user: Any, subject_id: UUID) -> str:
    """The page of the version, once it belongs to a round."""
    found = CriteriaSet.objects.filter(uuid=subject_id, round__isnull=False).first()
    return reverse("admin:rounds_round_criteria_set", args=[found.round_id, found.pk]) if found else ""


def _conflicts_page(user: Any, subject_id: UUID) -> str:
    """The declarations and conflicts of the dossier's round, for those who work at the desk."""
    found = Round.objects.visible_to(user).filter(dossiers__uuid=subject_id).first()
    if found is None or not rules.may_reach_desk(user, found):
        return _scoring_page(user, subject_id)
    return reverse("admin:rounds_round_conflicts", args=[found.pk])


def _declaration_page(user: Any, subject_id: UUID) -> str:
    """From a round to its declaration."""
    seated = Seat.objects.filter(round__uuid=subject_id, user=user, until__isnull=True).exists()
    return reverse("judge_declaration", args=[subject_id]) if seated else ""


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
CRITERIA_PROPOSED = register(
    Kind(
        code="criteria_proposed",
        label=_("Bộ tiêu chí chờ duyệt"),
        whom=frozenset({Audience.SEATED, Audience.STAFF}),
        link=_criteria_page,
    )
)
CRITERIA_DECIDED = register(
    Kind(
        code="criteria_decided",
        label=_("Bộ tiêu chí được duyệt hoặc trả lại"),
        whom=frozenset({Audience.SEATED, Audience.STAFF}),
        link=_criteria_page,
    )
)


def _sheet_page(user: Any, subject_id: UUID) -> str:
    """A judge comes to the own sheet, whoever chairs or keeps the minutes to the progress of the round."""
    sheet = ScoreSheet.objects.select_related("dossier").filter(Q(uuid=subject_id) | Q(versions__uuid=subject_id))
    found = sheet.first()
    if found is None:
        return ""
    if found.judge_id == user.pk:
        site = found.scoring_pass == ScoringPass.SITE
        return reverse("judge_site_sheet" if site else "judge_sheet", args=[found.dossier.uuid])
    return reverse("admin:rounds_round_progress", args=[found.dossier.round_id])


SCORING_EXTENDED = register(
    Kind(
        code="scoring_extended",
        label=_("Gia hạn nộp phiếu chấm"),
        legal=True,
        whom=frozenset({Audience.SEATED}),
        link=_scoring_page,
    )
)
SHEET_REOPENED = register(
    Kind(
        code="sheet_reopened",
        label=_("Phiếu chấm được mở lại"),
        legal=True,
        whom=frozenset({Audience.SEATED}),
        link=_sheet_page,
    )
)
REOPENING_ASKED = register(
    Kind(
        code="reopening_asked",
        label=_("Giám khảo đề nghị mở lại phiếu"),
        whom=frozenset({Audience.SEATED}),
        link=_sheet_page,
    )
)
REOPENING_DECLINED = register(
    Kind(
        code="reopening_declined",
        label=_("Đề nghị mở lại phiếu không được chấp nhận"),
        legal=True,
        whom=frozenset({Audience.SEATED}),
        link=_sheet_page,
    )
)
PAPER_ENTERED = register(
    Kind(
        code="paper_entered",
        label=_("Phiếu chấm giấy chờ xác nhận"),
        legal=True,
        whom=frozenset({Audience.SEATED}),
        link=_sheet_page,
    )
)
PAPER_REFUSED = register(
    Kind(
        code="paper_refused",
        label=_("Giám khảo trả lại phiếu giấy đã nhập"),
        whom=frozenset({Audience.SEATED}),
        link=_sheet_page,
    )
)
CONFLICT_LATE = register(
    Kind(
        code="conflict_late",
        label=_("Giám khảo thôi chấm vì xung đột lợi ích"),
        legal=True,
        whom=frozenset({Audience.SEATED, Audience.STAFF}),
        link=_conflicts_page,
    )
)
DECLARATION_DUE = register(
    Kind(
        code="declaration_due",
        label=_("Nhắc ký bản cam kết"),
        whom=frozenset({Audience.SEATED}),
        link=_declaration_page,
    )
)


def _nominations_page(user: Any, subject_id: UUID) -> str:
    """From a round or a list to where the person works on it: a commune on its own pages, the Sở and Cục at the desk."""
    found = NominationList.objects.visible_to(user).filter(uuid=subject_id).first()
    if Role.COMMUNE_OFFICER in staff_reach(user).roles:
        return _commune_page(user, subject_id)
    if found is not None:
        return reverse("admin:nomination_list", args=[found.pk])
    return reverse("admin:nominations") if staff_reach(user).roles else ""


NOMINATION_DUE = register(
    Kind(
        code="nomination_due",
        label=_("Nhắc gửi danh sách đề cử"),
        whom=frozenset({Audience.STAFF, Audience.COMMUNE}),
        link=_nominations_page,
    )
)
NOMINATION_SENT = register(
    Kind(
        code="nomination_sent",
        label=_("Có danh sách đề cử gửi đến"),
        whom=frozenset({Audience.STAFF}),
        link=_nominations_page,
    )
)
NOMINATION_RETURNED = register(
    Kind(
        code="nomination_returned",
        label=_("Danh sách đề cử bị trả lại"),
        legal=True,
        whom=frozenset({Audience.STAFF, Audience.COMMUNE}),
        link=_nominations_page,
    )
)
NOMINATION_RESULT = register(
    Kind(
        code="nomination_result",
        label=_("Kết quả của sản phẩm đã đề cử"),
        whom=frozenset({Audience.STAFF, Audience.COMMUNE}),
        link=_nominations_page,
    )
)
ASSIGNED = register(
    Kind(
        code="dossiers_assigned",
        label=_("Phân công chấm hồ sơ"),
        legal=True,
        whom=frozenset({Audience.SEATED}),
        link=_judge_home,
    )
)
