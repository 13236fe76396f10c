"""The council at work: what set it up, its sessions, the sets it forms, the seal on the scores, complaints."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.files.models import StoredFile
from products.enums import ProductGroup

from ..enums import (
    Body,
    ComplaintAbout,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    ProposalKind,
    ProposalState,
    SessionState,
    SetBasis,
)
from .dossier import Dossier
from .round import Round, Seat


class EstablishingDecision(models.Model):
    """The paper that set up a body of a round, or changed who sits in it; a body may have several."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="establishing", verbose_name=_("kỳ bình chọn"))
    body = models.CharField(_("tổ chức"), max_length=8, choices=Body)
    title = models.CharField(
        _("quyết định"),
        max_length=200,
        help_text=_("Ví dụ: 1125/QĐ-UBND ngày 12 tháng 8 năm 2026 của Chủ tịch UBND tỉnh."),
    )
    signed_on = models.DateField(_("ngày ký"), null=True, blank=True)
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp")
    )
    recorded_at = models.DateTimeField(_("ghi lúc"), auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("quyết định thành lập")
        verbose_name_plural = _("quyết định thành lập")
        ordering = ["body", "signed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "body", "title"],
                name="establishing_once",
                violation_error_message=_("Quyết định này đã ghi cho tổ chức đó."),
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="establishing_has_title",
                violation_error_message=_("Hãy ghi số, ngày và nơi ra quyết định."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CouncilSession(models.Model):
    """A meeting of the council: who was there, what was said; its minutes are made from it and then locked."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="sessions", verbose_name=_("kỳ bình chọn"))
    number = models.PositiveSmallIntegerField(_("phiên họp thứ"))
    state = models.CharField(_("trạng thái"), max_length=6, choices=SessionState, default=SessionState.OPEN)
    held_at = models.DateTimeField(_("họp lúc"))
    place = models.CharField(_("địa điểm"), max_length=200)
    chaired_by = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chủ trì")
    )
    minuted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người ghi biên bản")
    )
    discussion = models.TextField(_("ý kiến thảo luận"), blank=True)
    conclusion = models.TextField(_("kết luận"), blank=True)
    closed_at = models.DateTimeField(_("khóa biên bản lúc"), null=True, blank=True)
    # What the minutes said when they were locked: a later session may decide again, they stay as they were.
    minutes = models.JSONField(_("nội dung biên bản"), null=True, blank=True, editable=False)
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("biên bản đã ký")
    )
    history = HistoricalRecords(excluded_fields=["minutes"])

    class Meta:
        verbose_name = _("phiên họp hội đồng")
        verbose_name_plural = _("phiên họp hội đồng")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="session_number_unique"),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state=SessionState.OPEN),
                name="session_one_open",
                violation_error_message=_("Phiên họp trước chưa khóa biên bản. Hãy khóa phiên đó trước."),
            ),
            models.CheckConstraint(
                condition=Q(state=SessionState.OPEN, closed_at__isnull=True)
                | Q(state=SessionState.CLOSED, closed_at__isnull=False),
                name="session_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, phiên họp {self.number}"


class Attendance(models.Model):
    """Whether a member of the council was at a session."""

    session = models.ForeignKey(CouncilSession, models.CASCADE, related_name="attendances", verbose_name=_("phiên họp"))
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="attendances", verbose_name=_("thành viên"))
    present = models.BooleanField(_("có mặt"), default=False)
    note = models.CharField(_("ghi chú"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("có mặt")
        verbose_name_plural = _("có mặt")
        constraints = [models.UniqueConstraint(fields=["session", "seat"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.seat}: {self.present}"


class SetProposal(models.Model):
    """The support team proposes to gather entries of one facility into a set, or to split one; the council decides."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="set_proposals", verbose_name=_("kỳ bình chọn"))
    kind = models.CharField(_("đề xuất"), max_length=6, choices=ProposalKind)
    dossiers = models.ManyToManyField(Dossier, related_name="set_proposals", verbose_name=_("các hồ sơ"))
    set_dossier = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hồ sơ bộ")
    )
    name = models.CharField(_("tên bộ"), max_length=250, blank=True)
    basis = models.CharField(_("căn cứ gộp bộ"), max_length=10, choices=SetBasis, blank=True)
    # Only where the parts are of several groups.
    group = models.CharField(_("nhóm của bộ"), max_length=12, choices=ProductGroup, blank=True)
    reason = models.CharField(_("lý do đề xuất"), max_length=300, blank=True)
    state = models.CharField(_("trạng thái"), max_length=8, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người đề xuất")
    )
    proposed_at = models.DateTimeField(_("đề xuất lúc"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người quyết định"),
    )
    decided_at = models.DateTimeField(_("quyết định lúc"), null=True, blank=True)
    decided_reason = models.CharField(_("lý do quyết định"), max_length=300, blank=True)
    session = models.ForeignKey(
        CouncilSession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="set_proposals",
        verbose_name=_("phiên họp hội đồng"),
    )

    class Meta:
        verbose_name = _("đề xuất về bộ sản phẩm")
        verbose_name_plural = _("đề xuất về bộ sản phẩm")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.SPLIT, set_dossier__isnull=False)
                | (Q(kind=ProposalKind.GATHER) & ~Q(name="") & ~Q(basis="")),
                name="set_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.PROPOSED, decided_at__isnull=True, decided_by__isnull=True)
                | (
                    ~Q(state=ProposalState.PROPOSED)
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="set_proposal_decided_by_another",
                violation_error_message=_("Người đề xuất không tự quyết định được."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.REFUSED) | ~Q(decided_reason=""),
                name="set_proposal_refusal_has_reason",
                violation_error_message=_("Hãy ghi lý do không đồng ý."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name or self.set_dossier}"


class RoundSeal(models.Model):
    """The manifest of a round's scores with its hash, written when scoring closed; never changed (a trigger refuses).

    Scoring re-opened by the chair keeps it, with the reason; closing again writes the next number.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="seals", verbose_name=_("kỳ bình chọn"))
    number = models.PositiveSmallIntegerField(_("lần khóa"))
    manifest = models.JSONField(_("bản niêm phong điểm"))
    sha256 = models.CharField(_("mã niêm phong"), max_length=64)
    sealed_at = models.DateTimeField(_("khóa lúc"))
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người khóa")
    )
    reopened_at = models.DateTimeField(_("mở lại lúc"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người mở lại"),
    )
    reopened_reason = models.CharField(_("lý do mở lại"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("niêm phong điểm")
        verbose_name_plural = _("niêm phong điểm")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="seal_number_unique"),
            models.UniqueConstraint(fields=["round"], condition=Q(reopened_at__isnull=True), name="seal_one_in_force"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True) | ~Q(reopened_reason=""),
                name="seal_reopened_has_reason",
                violation_error_message=_("Hãy ghi lý do mở lại chấm điểm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.sha256[:12]}"


class Complaint(models.Model):
    """Khiếu nại, kiến nghị: within 15 working days of the announcement, answered within 10 (TT 26/2014/TT-BCT, Điều 20).

    Comments on the provisional list are kept here too. While an open one holds a dossier, what is contested waits.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="complaints", verbose_name=_("kỳ bình chọn"))
    number = models.PositiveSmallIntegerField(_("số thứ tự"))
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("hồ sơ bị kiến nghị")
    )
    about = models.CharField(_("về việc"), max_length=10, choices=ComplaintAbout)
    channel = models.CharField(_("cách gửi"), max_length=8, choices=ComplaintChannel)
    complainant = models.CharField(_("người gửi"), max_length=200)
    contact = models.CharField(_("địa chỉ nhận trả lời"), max_length=250, blank=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("cơ sở gửi")
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nhập")
    )
    content = models.TextField(_("nội dung"))
    attachment = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tệp kèm theo")
    )
    received_at = models.DateTimeField(_("nhận lúc"))
    is_provisional = models.BooleanField(_("góp ý danh sách dự kiến"), default=False)
    is_late = models.BooleanField(_("gửi sau hạn"), default=False)
    answer_due_on = models.DateField(_("hạn trả lời"))
    holds = models.BooleanField(_("tạm dừng việc bị kiến nghị"), default=True)
    state = models.CharField(_("trạng thái"), max_length=10, choices=ComplaintState, default=ComplaintState.RECEIVED)
    answerer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("người xem xét"),
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người giao")
    )
    assigned_at = models.DateTimeField(_("giao lúc"), null=True, blank=True)
    outcome = models.CharField(_("kết quả"), max_length=8, choices=ComplaintOutcome, blank=True)
    answer = models.TextField(_("trả lời"), blank=True)
    correction = models.TextField(_("điều đã sửa"), blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    answer_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("văn bản trả lời")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("khiếu nại, kiến nghị")
        verbose_name_plural = _("khiếu nại, kiến nghị")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="complaint_number_unique"),
            models.CheckConstraint(
                condition=~Q(content="") & ~Q(complainant=""),
                name="complaint_is_written",
                violation_error_message=_("Hãy ghi người gửi và nội dung."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ComplaintState.ASSIGNED) | Q(answerer__isnull=False, assigned_at__isnull=False),
                name="complaint_assigned_to_someone",
            ),
            models.CheckConstraint(
                condition=(Q(state=ComplaintState.ANSWERED, answered_at__isnull=False) & ~Q(outcome="") & ~Q(answer=""))
                | (~Q(state=ComplaintState.ANSWERED) & Q(answered_at__isnull=True, outcome="")),
                name="complaint_answered_in_words",
                violation_error_message=_("Hãy chọn kết quả và ghi nội dung trả lời."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=[ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY]) | ~Q(correction=""),
                name="complaint_upheld_says_what_changed",
                violation_error_message=_("Chấp nhận kiến nghị thì hãy ghi điều đã sửa."),
            ),
        ]
        indexes = [models.Index(fields=["state", "answer_due_on"], name="complaint_due")]

    def __str__(self) -> str:
        return f"Kiến nghị số {self.number}, {self.round}"
