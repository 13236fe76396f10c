"""What facilities with recognised products report every year, and by when."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Dated

from ..enums import Reporter, YearlyReportState
from .facility import Facility


class ReportingRule(Dated):
    """By when a year is reported on: the day and month of the year that follows."""

    reporter = models.CharField(_("ai báo cáo"), max_length=10, choices=Reporter)
    month = models.PositiveSmallIntegerField(_("tháng"))
    day = models.PositiveSmallIntegerField(_("ngày"))
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    is_certain = models.BooleanField(_("đã có văn bản"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("hạn báo cáo năm")
        verbose_name_plural = _("hạn báo cáo năm")
        ordering = ["reporter", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "valid_from"],
                name="reporting_rule_start_once",
                violation_error_message=_("Đã có một hạn báo cáo bắt đầu từ cùng ngày."),
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12, day__gte=1, day__lte=31),
                name="reporting_rule_day_plausible",
                violation_error_message=_("Ngày phải từ 1 đến 31, tháng từ 1 đến 12."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reporter_display()}: {self.day:02d}/{self.month:02d}"


class YearlyReportQuerySet(ProvinceScopedQuerySet["YearlyReport"]):
    province_path = "facility__territory"


class YearlyReport(models.Model):
    """What a facility with a recognised product reports of a year: results and support received. Money in đồng.

    Owed by TT 26/2014/TT-BCT, Điều 20 while a recognition holds. Shown to the facility and the staff only.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="reports", verbose_name=_("cơ sở"))
    year = models.PositiveSmallIntegerField(_("năm"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=YearlyReportState, default=YearlyReportState.DRAFT)
    revenue = models.BigIntegerField(_("doanh thu (đồng)"), null=True, blank=True)
    export_value = models.BigIntegerField(_("trị giá xuất khẩu (đồng)"), null=True, blank=True)
    budget_paid = models.BigIntegerField(_("nộp ngân sách (đồng)"), null=True, blank=True)
    invested = models.BigIntegerField(_("đầu tư trong năm (đồng)"), null=True, blank=True)
    workers = models.PositiveIntegerField(_("số lao động"), null=True, blank=True)
    markets = models.TextField(_("thị trường, kênh bán"), blank=True)
    support_received = models.TextField(_("hỗ trợ đã nhận"), blank=True)
    difficulties = models.TextField(_("khó khăn"), blank=True)
    proposals = models.TextField(_("đề nghị"), blank=True)
    on_paper = models.BooleanField(_("cán bộ nhập từ bản giấy"), default=False)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nộp")
    )
    decided_at = models.DateTimeField(_("xử lý lúc"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người xử lý")
    )
    returned_reason = models.CharField(_("lý do trả lại"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(_("lần sửa"), default=0, editable=False)
    history = HistoricalRecords()

    objects = YearlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("báo cáo năm của cơ sở")
        verbose_name_plural = _("báo cáo năm của cơ sở")
        ordering = ["-year", "facility"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "year"],
                name="yearly_report_once",
                violation_error_message=_("Cơ sở đã có báo cáo của năm này. Hãy mở báo cáo đã có."),
            ),
            models.CheckConstraint(
                condition=Q(state=YearlyReportState.DRAFT, submitted_at__isnull=True)
                | (~Q(state=YearlyReportState.DRAFT) & Q(submitted_at__isnull=False)),
                name="yearly_report_state_agrees",
            ),
            models.CheckConstraint(
                condition=(Q(revenue__isnull=True) | Q(revenue__gte=0))
                & (Q(export_value__isnull=True) | Q(export_value__gte=0))
                & (Q(budget_paid__isnull=True) | Q(budget_paid__gte=0))
                & (Q(invested__isnull=True) | Q(invested__gte=0)),
                name="yearly_report_money_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=~Q(state=YearlyReportState.RETURNED) | ~Q(returned_reason=""),
                name="yearly_report_returned_has_reason",
                violation_error_message=_("Hãy ghi điều cần sửa."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.year}"
