"""Watching over projects: inspections and findings, monthly progress, adjustments, acceptance and the papers of the file."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Dated, Territory

from ..enums import (
    AcceptanceOutcome,
    ActivityHead,
    AdjustmentKind,
    Authority,
    ChecklistAnswer,
    CommitteeRole,
    EvidencePlace,
    FindingState,
    Funding,
    InspectionState,
    ProgressState,
    ProjectKind,
    ProjectState,
    ProposalState,
)
from .project import Project

USER = settings.AUTH_USER_MODEL


class EvidenceRule(Dated):
    """A paper that a project's file must hold before a phase (nghiệm thu, quyết toán, thanh lý)."""

    phase = models.CharField(_("cần trước khi chuyển sang"), max_length=10, choices=ProjectState)
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    name = models.CharField(_("giấy tờ"), max_length=250)
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding, blank=True)
    kind = models.CharField(_("loại đề án"), max_length=6, choices=ProjectKind, blank=True)
    head = models.PositiveSmallIntegerField(_("nội dung"), choices=ActivityHead, null=True, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    is_required = models.BooleanField(_("bắt buộc"), default=True)
    place = models.CharField(
        _("cổng đã giữ ở"),
        max_length=11,
        choices=EvidencePlace,
        blank=True,
        help_text=_("Chọn khi giấy tờ này đã có ở trang khác của đề án; khi đó không phải đưa tệp lên lần nữa."),
    )
    legal_basis = models.CharField(_("căn cứ"), max_length=250, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("giấy tờ phải có")
        verbose_name_plural = _("các giấy tờ phải có")
        ordering = ["phase", "ordinal", "pk"]

    def __str__(self) -> str:
        return self.name


class ChecklistItem(Dated):
    """One question of the list that an inspector works through on the spot."""

    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    question = models.CharField(_("nội dung kiểm tra"), max_length=300)
    guidance = models.CharField(_("cách kiểm tra"), max_length=300, blank=True)
    needs_photo = models.BooleanField(_("cần ảnh"), default=False)
    head = models.PositiveSmallIntegerField(_("chỉ với nội dung"), choices=ActivityHead, null=True, blank=True)
    funding = models.CharField(_("chỉ với nguồn"), max_length=8, choices=Funding, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    legal_basis = models.CharField(_("căn cứ"), max_length=250, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("câu kiểm tra")
        verbose_name_plural = _("các câu kiểm tra")
        ordering = ["ordinal", "pk"]

    def __str__(self) -> str:
        return self.question


class InspectionQuerySet(ProvinceScopedQuerySet["Inspection"]):
    province_path = "project__territory"


class Inspection(models.Model):
    """Lần kiểm tra: planned by risk and date, done on the spot with answers, photos and the place.

    `revision` counts what the server has taken in, as with score sheets; a device sends the one it knows.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="inspections", verbose_name=_("đề án"))
    planned_on = models.DateField(_("ngày dự kiến"))
    why = models.CharField(_("vì sao kiểm tra"), max_length=300, blank=True)
    risk = models.PositiveSmallIntegerField(_("điểm rủi ro"), default=0, editable=False)
    inspectors: Any = models.ManyToManyField(USER, related_name="+", verbose_name=_("người kiểm tra"))
    state = models.CharField(
        _("trạng thái"), max_length=9, choices=InspectionState, default=InspectionState.PLANNED, editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    place = models.CharField(_("nơi kiểm tra"), max_length=250, blank=True)
    latitude = models.DecimalField(_("vĩ độ"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("kinh độ"), max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy = models.PositiveIntegerField(_("sai số (m)"), null=True, blank=True)
    conclusion = models.TextField(_("kết luận"), blank=True)
    met = models.CharField(_("làm việc với"), max_length=250, blank=True)
    done_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    done_at = models.DateTimeField(_("kiểm tra xong lúc"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    history = HistoricalRecords()
    objects = InspectionQuerySet.as_manager()

    # True on a row that was already there when it was sent once more.
    repeated = False

    class Meta:
        verbose_name = _("lần kiểm tra")
        verbose_name_plural = _("các lần kiểm tra")
        ordering = ["planned_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=InspectionState.DONE) | Q(done_at__isnull=False, done_by__isnull=False),
                name="inspection_done_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="inspection_place_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.planned_on:%d/%m/%Y}"


class InspectionAnswer(models.Model):
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="answers", verbose_name=_("lần kiểm tra"))
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+", verbose_name=_("câu"))
    answer = models.CharField(_("kết quả"), max_length=3, choices=ChecklistAnswer, blank=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("kết quả một câu")
        verbose_name_plural = _("kết quả các câu")
        ordering = ["item__ordinal", "pk"]
        constraints = [models.UniqueConstraint(fields=["inspection", "item"], name="inspection_answer_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_answer_display()}"


class InspectionPhoto(models.Model):
    """A photo taken on the spot. `key` is made by the device, so that one sent twice is kept once."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="photos", verbose_name=_("lần kiểm tra"))
    item = models.ForeignKey(
        ChecklistItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("câu")
    )
    key = models.UUIDField(unique=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("ảnh"))
    caption = models.CharField(_("chú thích"), max_length=200, blank=True)
    taken_at = models.DateTimeField(_("chụp lúc"))
    latitude = models.DecimalField(_("vĩ độ"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("kinh độ"), max_digits=9, decimal_places=6, null=True, blank=True)
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("ảnh kiểm tra")
        verbose_name_plural = _("ảnh kiểm tra")
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return self.caption or str(self.key)


class FindingQuerySet(ProvinceScopedQuerySet["Finding"]):
    province_path = "project__territory"


class Finding(models.Model):
    """What must be put right, and by when. The implementing unit answers, an officer closes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="findings", verbose_name=_("đề án"))
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("lần kiểm tra")
    )
    text = models.TextField(_("tồn tại"))
    is_serious = models.BooleanField(_("nghiêm trọng: chặn chi và nghiệm thu"), default=False)
    due_on = models.DateField(_("khắc phục trước ngày"))
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=FindingState, default=FindingState.OPEN, editable=False
    )
    answer = models.TextField(_("đã khắc phục thế nào"), blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ảnh, giấy tờ")
    )
    found_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    close_note = models.CharField(_("nhận xét khi đóng"), max_length=300, blank=True)
    history = HistoricalRecords()
    objects = FindingQuerySet.as_manager()

    # True on a row that was already there when it was sent once more.
    repeated = False

    class Meta:
        verbose_name = _("tồn tại phải khắc phục")
        verbose_name_plural = _("tồn tại phải khắc phục")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=FindingState.CLOSED) | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="finding_closed_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ProgressReportQuerySet(ProvinceScopedQuerySet["ProgressReport"]):
    province_path = "project__territory"


class ProgressReport(models.Model):
    """Báo cáo tiến độ tháng by the implementing unit, before the 25th."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="progress_reports", verbose_name=_("đề án"))
    month = models.DateField(_("tháng"), help_text=_("Ngày đầu tháng."))
    percent = models.PositiveSmallIntegerField(_("khối lượng hoàn thành (%)"))
    done = models.TextField(_("đã làm"))
    difficulties = models.TextField(_("khó khăn, kiến nghị"), blank=True)
    spent_extension = models.BigIntegerField(_("khuyến công đã chi (đồng)"), default=0)
    spent_counterpart = models.BigIntegerField(_("đối ứng đã chi (đồng)"), default=0)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ảnh, giấy tờ")
    )
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=ProgressState, default=ProgressState.SENT, editable=False
    )
    sent_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("gửi lúc"))
    seen_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("cần bổ sung gì"), blank=True)
    history = HistoricalRecords()
    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("báo cáo tiến độ")
        verbose_name_plural = _("báo cáo tiến độ")
        ordering = ["project", "-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "month"],
                name="progress_month_once",
                violation_error_message=_("Tháng này đã có báo cáo. Hãy sửa báo cáo đã gửi."),
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, spent_extension__gte=0, spent_counterpart__gte=0),
                name="progress_in_bounds",
                violation_error_message=_("Khối lượng từ 0 đến 100 phần trăm, số tiền không âm."),
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="progress_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.month:%m/%Y}"


class AdjustmentQuerySet(ProvinceScopedQuerySet["Adjustment"]):
    province_path = "project__territory"


class Adjustment(models.Model):
    """A change or a stop of a running project: proposed, then decided by the authority that the rule names."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="adjustments", verbose_name=_("đề án"))
    kind = models.CharField(_("việc"), max_length=12, choices=AdjustmentKind)
    reason = models.TextField(_("lý do"))
    # Facts of the project as they are and as they shall be: {"ends_on": "2026-12-31"}.
    before = models.JSONField(default=dict, blank=True, editable=False)
    after = models.JSONField(default=dict, blank=True, editable=False)
    authority = models.CharField(_("cấp quyết định"), max_length=10, choices=Authority, editable=False)
    legal_basis = models.CharField(_("căn cứ thẩm quyền"), max_length=250, editable=False)
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=ProposalState, default=ProposalState.PROPOSED, editable=False
    )
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    number = models.CharField(_("số văn bản"), max_length=60, blank=True)
    signed_on = models.DateField(_("ngày văn bản"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("văn bản")
    )
    answer = models.TextField(_("lý do không đồng ý"), blank=True)
    history = HistoricalRecords()
    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("điều chỉnh, ngừng")
        verbose_name_plural = _("điều chỉnh, ngừng")
        ordering = ["project", "-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="adjustment_two_people",
                violation_error_message=_("Người đề nghị không được tự quyết định."),
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state=ProposalState.PROPOSED),
                name="adjustment_one_waiting",
                violation_error_message=_("Đề án đang có một đề nghị chờ quyết định."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.APPROVED) | (~Q(number="") & Q(signed_on__isnull=False)),
                name="adjustment_approved_has_paper",
                violation_error_message=_("Hãy ghi số và ngày của văn bản đồng ý."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_kind_display()}"


class ProjectPaper(models.Model):
    """A paper in the project's file. What was taken out stays, marked."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="papers", verbose_name=_("đề án"))
    rule = models.ForeignKey(
        EvidenceRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("giấy tờ phải có")
    )
    title = models.CharField(_("tên giấy tờ"), max_length=250)
    number = models.CharField(_("số"), max_length=60, blank=True)
    dated_on = models.DateField(_("ngày"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("tệp"))
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("giấy tờ của đề án")
        verbose_name_plural = _("giấy tờ của đề án")
        ordering = ["project", "rule__ordinal", "added_at"]

    def __str__(self) -> str:
        return self.title


class Acceptance(models.Model):
    """Nghiệm thu: the committee, its meeting, its record."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="acceptances", verbose_name=_("đề án"))
    ordinal = models.PositiveSmallIntegerField(_("lần"), default=1)
    decision_number = models.CharField(_("số quyết định lập hội đồng"), max_length=60)
    decision_on = models.DateField(_("ngày quyết định"))
    held_on = models.DateField(_("ngày nghiệm thu"), null=True, blank=True)
    place = models.CharField(_("nơi nghiệm thu"), max_length=250, blank=True)
    outcome = models.CharField(_("kết quả"), max_length=8, choices=AcceptanceOutcome, blank=True)
    conclusion = models.TextField(_("kết luận"), blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("biên bản đã ký")
    )
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("nghiệm thu")
        verbose_name_plural = _("nghiệm thu")
        ordering = ["project", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["project", "ordinal"], name="acceptance_ordinal_once"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(held_on__isnull=False),
                name="acceptance_outcome_has_day",
                violation_error_message=_("Có kết quả thì hãy ghi ngày nghiệm thu."),
            ),
            models.CheckConstraint(
                condition=Q(held_on__isnull=True) | Q(held_on__gte=F("decision_on")),
                name="acceptance_after_decision",
                violation_error_message=_("Ngày nghiệm thu không được trước ngày lập hội đồng."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.ordinal}"


class AcceptanceMember(models.Model):
    acceptance = models.ForeignKey(Acceptance, models.CASCADE, related_name="members", verbose_name=_("nghiệm thu"))
    full_name = models.CharField(_("họ và tên"), max_length=120)
    office = models.CharField(_("chức danh, đơn vị"), max_length=200, blank=True)
    role = models.CharField(_("vai trò"), max_length=9, choices=CommitteeRole, default=CommitteeRole.MEMBER)
    agrees = models.BooleanField(_("đồng ý nghiệm thu"), null=True, blank=True)
    remark = models.CharField(_("ý kiến"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("thành viên hội đồng nghiệm thu")
        verbose_name_plural = _("thành viên hội đồng nghiệm thu")
        ordering = ["acceptance", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["acceptance"],
                condition=Q(role=CommitteeRole.CHAIR),
                name="acceptance_one_chair",
                violation_error_message=_("Hội đồng chỉ có một chủ tịch."),
            ),
            models.UniqueConstraint(
                fields=["acceptance", "full_name"],
                name="acceptance_member_once",
                violation_error_message=_("Người này đã có trong hội đồng."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name
