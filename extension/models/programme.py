"""Programmes of industrial extension, their yearly plans, and the steps and due dates that staff may change as data."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.queries import staff_reach
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Dated, Territory
from portal.text.formats import percent

from ..enums import (
    ActivityHead,
    AdjustmentKind,
    Authority,
    Cycle,
    DueCode,
    Funding,
    PlanState,
    ProjectKind,
    ProjectState,
    ReportState,
    StepDue,
)


class ProgrammeQuerySet(ProvinceScopedQuerySet["Programme"]):
    province_path = "territory"

    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Those of the person's provinces, and the nation's, which every project may belong to."""
        reach = staff_reach(user)
        if reach.everything:
            return self
        national = Q(territory__isnull=True) if reach.roles else Q(pk__in=[])
        return self.filter(Q(territory__in=reach.territory_ids) | national)


class Programme(models.Model):
    """Chương trình khuyến công: of the nation, or of one province, over some years."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("tên chương trình"), max_length=250)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("tỉnh"),
        help_text=_("Bỏ trống với chương trình quốc gia."),
    )
    year_from = models.PositiveSmallIntegerField(_("từ năm"))
    year_to = models.PositiveSmallIntegerField(_("đến năm"))
    legal_basis = models.CharField(_("quyết định phê duyệt"), max_length=250, blank=True)
    history = HistoricalRecords()
    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("chương trình khuyến công")
        verbose_name_plural = _("chương trình khuyến công")
        ordering = ["-year_from", "name"]
        constraints = [
            models.UniqueConstraint(fields=["name", "year_from"], name="programme_unique"),
            models.CheckConstraint(
                condition=Q(year_to__gte=F("year_from")),
                name="programme_years_in_order",
                violation_error_message=_("Năm kết thúc không được trước năm bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanQuerySet(ProvinceScopedQuerySet["Plan"]):
    province_path = "territory"


class Plan(models.Model):
    """Kế hoạch khuyến công of one province, year and funding source: what projects are measured against."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name=_("chương trình")
    )
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="extension_plans", verbose_name=_("tỉnh"))
    year = models.PositiveSmallIntegerField(_("năm"))
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding)
    name = models.CharField(_("tên kế hoạch"), max_length=250)
    planned_funds = models.BigIntegerField(_("kinh phí kế hoạch (đồng)"), null=True, blank=True)
    state = models.CharField(_("trạng thái"), max_length=9, choices=PlanState, default=PlanState.DRAFT, editable=False)
    number = models.CharField(_("số quyết định giao kế hoạch"), max_length=60, blank=True)
    signed_on = models.DateField(_("ngày quyết định"), null=True, blank=True)
    issuer = models.CharField(_("cơ quan quyết định"), max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản quyết định")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(_("trình lúc"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(_("quyết định lúc"), null=True, blank=True, editable=False)
    answer = models.TextField(_("lý do trả lại"), blank=True, editable=False)
    note = models.TextField(_("ghi chú"), blank=True)
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    history = HistoricalRecords()
    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("kế hoạch khuyến công")
        verbose_name_plural = _("kế hoạch khuyến công")
        ordering = ["-year", "territory", "funding"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "year", "funding", "name"],
                name="plan_unique",
                violation_error_message=_("Tỉnh đã có kế hoạch cùng tên, cùng năm và cùng nguồn kinh phí."),
            ),
            models.CheckConstraint(
                condition=Q(planned_funds__isnull=True) | Q(planned_funds__gte=0),
                name="plan_funds_not_negative",
                violation_error_message=_("Kinh phí kế hoạch không được âm."),
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.APPROVED) | (~Q(number="") & Q(signed_on__isnull=False)),
                name="plan_approved_has_decision",
                violation_error_message=_("Kế hoạch được duyệt phải có số và ngày quyết định."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="plan_two_people",
                violation_error_message=_("Người trình kế hoạch không được tự duyệt."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanLine(models.Model):
    """What a plan foresees for one head of content."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="lines", verbose_name=_("kế hoạch"))
    head = models.PositiveSmallIntegerField(_("nội dung khuyến công"), choices=ActivityHead)
    projects = models.PositiveIntegerField(_("số đề án"), null=True, blank=True)
    funds = models.BigIntegerField(_("kinh phí khuyến công (đồng)"), null=True, blank=True)
    targets = models.CharField(_("mục tiêu"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("dòng kế hoạch")
        verbose_name_plural = _("các dòng kế hoạch")
        ordering = ["plan", "head"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "head"],
                name="plan_line_head_once",
                violation_error_message=_("Kế hoạch đã có dòng của nội dung này."),
            ),
            models.CheckConstraint(
                condition=Q(funds__isnull=True) | Q(funds__gte=0),
                name="plan_line_funds_not_negative",
                violation_error_message=_("Kinh phí không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.get_head_display()}"


class Workflow(Dated):
    """Trình tự thực hiện: the steps of projects of one funding source, of one province or of all that have no own."""

    name = models.CharField(_("tên trình tự"), max_length=200)
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tỉnh"),
        help_text=_("Bỏ trống khi dùng cho mọi tỉnh không có trình tự riêng."),
    )
    legal_basis = models.CharField(_("căn cứ"), max_length=250, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("trình tự thực hiện đề án")
        verbose_name_plural = _("trình tự thực hiện đề án")
        ordering = ["funding", "territory", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["funding", "valid_from"],
                condition=Q(territory__isnull=True),
                name="workflow_start_once",
                violation_error_message=_("Nguồn kinh phí này đã có một trình tự bắt đầu từ cùng ngày."),
            ),
            models.UniqueConstraint(
                fields=["funding", "territory", "valid_from"],
                condition=Q(territory__isnull=False),
                name="workflow_start_once_in_province",
                violation_error_message=_("Tỉnh đã có một trình tự của nguồn này bắt đầu từ cùng ngày."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkflowStep(models.Model):
    """One step within a phase. A required one must be done before the project leaves the phase."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="steps", verbose_name=_("trình tự"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    phase = models.CharField(_("giai đoạn"), max_length=10, choices=ProjectState)
    name = models.CharField(_("bước, nói với cán bộ"), max_length=200)
    for_beneficiary = models.CharField(_("nói với cơ sở thụ hưởng"), max_length=200, blank=True)
    for_public = models.CharField(_("nói với công chúng"), max_length=200, blank=True)
    for_public_en = models.CharField(_("nói với công chúng, tiếng Anh"), max_length=200, blank=True)
    who = models.CharField(_("ai làm"), max_length=120, blank=True)
    is_required = models.BooleanField(_("bắt buộc trước khi sang giai đoạn sau"), default=True)
    due = models.CharField(_("hạn"), max_length=6, choices=StepDue, default=StepDue.NONE)
    due_month = models.PositiveSmallIntegerField(_("tháng"), null=True, blank=True)
    due_day = models.PositiveSmallIntegerField(_("ngày"), null=True, blank=True)
    due_year_offset = models.SmallIntegerField(
        _("so với năm đề án"), default=0, help_text=_("-1: năm trước; 0: cùng năm; 1: năm sau.")
    )
    due_days = models.PositiveSmallIntegerField(_("số ngày sau khi vào giai đoạn"), null=True, blank=True)
    due_working_days = models.BooleanField(_("tính ngày làm việc"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bước")
        verbose_name_plural = _("các bước")
        ordering = ["workflow", "ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "ordinal"],
                name="workflow_step_ordinal_once",
                violation_error_message=_("Trình tự đã có bước mang số thứ tự này."),
            ),
            models.CheckConstraint(
                condition=Q(due=StepDue.NONE)
                | Q(due=StepDue.DATE, due_month__gte=1, due_month__lte=12, due_day__gte=1, due_day__lte=31)
                | Q(due=StepDue.AFTER, due_days__isnull=False),
                name="workflow_step_due_complete",
                violation_error_message=_("Hạn theo ngày cần ngày và tháng; hạn tính từ đầu giai đoạn cần số ngày."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DueRule(Dated):
    """A day by which something is due every year, every month, or after an event (20/5, 15/6, the 25th, 15 days, 22/01)."""

    code = models.CharField(_("việc"), max_length=20, choices=DueCode)
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    month = models.PositiveSmallIntegerField(_("tháng"), null=True, blank=True)
    day = models.PositiveSmallIntegerField(_("ngày"), null=True, blank=True)
    year_offset = models.SmallIntegerField(_("so với năm kế hoạch"), default=0)
    days = models.PositiveSmallIntegerField(_("số ngày sau sự kiện"), null=True, blank=True)
    working_days = models.BooleanField(_("tính ngày làm việc"), default=False)
    legal_basis = models.CharField(_("căn cứ"), max_length=250)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("hạn trong năm khuyến công")
        verbose_name_plural = _("các hạn trong năm khuyến công")
        ordering = ["code", "funding", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "funding", "valid_from"],
                condition=Q(territory__isnull=True),
                name="due_rule_start_once",
                violation_error_message=_("Đã có một hạn của việc này bắt đầu từ cùng ngày."),
            ),
            models.UniqueConstraint(
                fields=["code", "funding", "territory", "valid_from"],
                condition=Q(territory__isnull=False),
                name="due_rule_start_once_in_province",
                violation_error_message=_("Tỉnh đã có một hạn của việc này bắt đầu từ cùng ngày."),
            ),
            models.CheckConstraint(
                condition=(Q(days__isnull=False) & Q(day__isnull=True))
                | (Q(days__isnull=True) & Q(day__gte=1, day__lte=31)),
                name="due_rule_day_or_days",
                violation_error_message=_("Hãy ghi ngày (từ 1 đến 31), hoặc số ngày sau sự kiện, không ghi cả hai."),
            ),
            models.CheckConstraint(
                condition=Q(month__isnull=True) | Q(month__gte=1, month__lte=12),
                name="due_rule_month_plausible",
                violation_error_message=_("Tháng phải từ 1 đến 12."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_code_display())


class AuthorityRule(Dated):
    """Who decides on an adjustment or a stop of projects of a funding source."""

    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    act = models.CharField(_("việc"), max_length=12, choices=AdjustmentKind)
    authority = models.CharField(_("cấp quyết định"), max_length=10, choices=Authority)
    legal_basis = models.CharField(_("căn cứ"), max_length=250)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("thẩm quyền điều chỉnh, ngừng")
        verbose_name_plural = _("thẩm quyền điều chỉnh, ngừng")
        ordering = ["funding", "act", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["funding", "act", "valid_from"],
                condition=Q(territory__isnull=True),
                name="authority_rule_start_once",
                violation_error_message=_("Đã có một dòng thẩm quyền bắt đầu từ cùng ngày."),
            ),
            models.UniqueConstraint(
                fields=["funding", "act", "territory", "valid_from"],
                condition=Q(territory__isnull=False),
                name="authority_rule_start_once_in_province",
                violation_error_message=_("Tỉnh đã có một dòng thẩm quyền bắt đầu từ cùng ngày."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_funding_display()}: {self.get_act_display()}"


class AdvanceRule(Dated):
    """How much of the approved sum may be advanced in all, by kind of project (30 %, 70 %, 100 %)."""

    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding, blank=True)
    kind = models.CharField(_("loại đề án"), max_length=6, choices=ProjectKind, blank=True)
    head = models.PositiveSmallIntegerField(_("nội dung"), choices=ActivityHead, null=True, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    percent = models.PositiveSmallIntegerField(_("tạm ứng tối đa (%)"))
    note = models.CharField(_("điều kiện"), max_length=300, blank=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=250)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("mức tạm ứng")
        verbose_name_plural = _("mức tạm ứng")
        ordering = ["funding", "kind", "head", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100),
                name="advance_rule_percent",
                violation_error_message=_("Mức tạm ứng phải từ 1 đến 100 phần trăm."),
            )
        ]

    def __str__(self) -> str:
        return percent(self.percent)


class ReportPeriodQuerySet(ProvinceScopedQuerySet["ReportPeriod"]):
    province_path = "territory"


class ReportPeriod(models.Model):
    """A province's extension report of a month, quarter, half-year or year. A locked one keeps its figures and closes its days."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="extension_reports", verbose_name=_("tỉnh"))
    cycle = models.CharField(_("kỳ"), max_length=7, choices=Cycle)
    year = models.PositiveSmallIntegerField(_("năm"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự kỳ trong năm"), default=1)
    starts_on = models.DateField(_("từ ngày"))
    ends_on = models.DateField(_("đến hết ngày"))
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=ReportState, default=ReportState.DRAFT, editable=False
    )
    words = models.TextField(_("nhận xét, kiến nghị"), blank=True)
    figures = models.JSONField(_("số liệu khi gửi"), default=dict, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveSmallIntegerField(_("lần gửi"), default=0, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    sent_at = models.DateTimeField(_("gửi lúc"), null=True, blank=True, editable=False)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    locked_at = models.DateTimeField(_("khóa lúc"), null=True, blank=True, editable=False)
    answer = models.TextField(_("lý do trả lại"), blank=True, editable=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    history = HistoricalRecords(excluded_fields=["figures"])
    objects = ReportPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("báo cáo khuyến công")
        verbose_name_plural = _("báo cáo khuyến công")
        ordering = ["-ends_on", "territory"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "cycle", "year", "ordinal"],
                name="report_period_once",
                violation_error_message=_("Tỉnh đã có báo cáo của kỳ này."),
            ),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="report_period_in_order"),
            models.CheckConstraint(
                condition=~Q(state="locked") | Q(locked_at__isnull=False, sent_at__isnull=False),
                name="report_period_locked_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cycle_display()} {self.ordinal}/{self.year}, {self.territory}"
