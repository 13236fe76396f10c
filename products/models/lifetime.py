"""What befalls a recognition while it lives: suspensions, its public trace, the maker's word on renewal, yearly figures."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.enums import YearlyReportState
from facilities.models import YearlyReport
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Territory

from ..enums import EventKind, RenewalChoice, WithdrawalState
from .product import Product
from .recognition import Certificate, Decision, Recognition


class Suspension(models.Model):
    """Tạm dừng, from a day to the end of another or until further notice. Only where a basis is recorded.

    `Recognition.suspended_from/_to` repeat the latest one, so that today's status is read from one row.
    """

    recognition = models.ForeignKey(
        Recognition, models.PROTECT, related_name="suspensions", verbose_name=_("công nhận")
    )
    begins_on = models.DateField(_("tạm dừng từ"))
    ends_on = models.DateField(_("đến hết ngày"), null=True, blank=True)
    basis = models.CharField(_("căn cứ"), max_length=300)
    reason = models.CharField(_("lý do"), max_length=300)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("văn bản")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lần tạm dừng")
        verbose_name_plural = _("các lần tạm dừng")
        ordering = ["recognition", "begins_on"]
        constraints = [
            models.UniqueConstraint(fields=["recognition", "begins_on"], name="suspension_start_once"),
            models.CheckConstraint(
                condition=~Q(basis="") & ~Q(reason=""),
                name="suspension_has_basis",
                violation_error_message=_("Hãy ghi căn cứ và lý do tạm dừng."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("begins_on")),
                name="suspension_in_order",
                violation_error_message=_("Ngày kết thúc tạm dừng không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition}: {self.begins_on}"


class RecognitionEvent(models.Model):
    """One entry of the public trace of a recognition, written with the act and never changed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="events", verbose_name=_("công nhận"))
    kind = models.CharField(_("việc"), max_length=16, choices=EventKind)
    on = models.DateField(_("có hiệu lực từ ngày"))
    until = models.DateField(_("đến hết ngày"), null=True, blank=True)
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    basis = models.CharField(_("căn cứ, văn bản đề nghị"), max_length=300, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("quyết định")
    )
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("giấy chứng nhận")
    )
    before = models.DateField(_("trước là đến hết"), null=True, blank=True)
    after = models.DateField(_("nay là đến hết"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("ghi lúc"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("người ghi")
    )

    class Meta:
        verbose_name = _("diễn biến của công nhận")
        verbose_name_plural = _("diễn biến của công nhận")
        ordering = ["recognition", "on", "pk"]

    def __str__(self) -> str:
        return f"{self.recognition}: {self.get_kind_display()} {self.on}"


class WithdrawalRequestQuerySet(ProvinceScopedQuerySet["WithdrawalRequest"]):
    province_path = "recognition__territory"


class WithdrawalRequest(models.Model):
    """The maker asks to give a recognition back; it counts only once the officer has confirmed it with a day."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recognition = models.ForeignKey(
        Recognition, models.PROTECT, related_name="withdrawal_requests", verbose_name=_("công nhận")
    )
    reason = models.CharField(_("lý do xin rút"), max_length=300)
    asked_at = models.DateTimeField(_("gửi lúc"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người gửi")
    )
    state = models.CharField(_("trạng thái"), max_length=10, choices=WithdrawalState, default=WithdrawalState.ASKED)
    answer = models.CharField(_("trả lời"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người trả lời"),
    )

    objects = WithdrawalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("đề nghị rút công nhận")
        verbose_name_plural = _("đề nghị rút công nhận")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recognition"],
                condition=Q(state=WithdrawalState.ASKED),
                name="withdrawal_request_one_open",
                violation_error_message=_("Công nhận này đã có đề nghị rút đang chờ trả lời."),
            ),
            models.CheckConstraint(
                condition=Q(state=WithdrawalState.ASKED, answered_at__isnull=True)
                | (~Q(state=WithdrawalState.ASKED) & Q(answered_at__isnull=False)),
                name="withdrawal_request_state_agrees",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition}: {self.get_state_display()}"


class RenewalAnswerQuerySet(ProvinceScopedQuerySet["RenewalAnswer"]):
    province_path = "recognition__territory"


class RenewalAnswer(models.Model):
    """What the maker said about entering again. The latest row counts; earlier ones are kept."""

    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="answers", verbose_name=_("công nhận"))
    choice = models.CharField(_("trả lời"), max_length=12, choices=RenewalChoice)
    reason = models.CharField(_("lý do, ghi chú"), max_length=300, blank=True)
    by_maker = models.BooleanField(_("cơ sở tự trả lời trên cổng"), default=False)
    answered_at = models.DateTimeField(_("lúc"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người ghi")
    )

    objects = RenewalAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("trả lời về gia hạn")
        verbose_name_plural = _("trả lời về gia hạn")
        ordering = ["-answered_at", "-pk"]
        indexes = [models.Index(fields=["recognition", "-answered_at"], name="renewal_answer_latest")]

    def __str__(self) -> str:
        return f"{self.recognition}: {self.get_choice_display()}"


class ProductYear(models.Model):
    """One product's line in its maker's yearly report. Money in whole đồng."""

    report = models.ForeignKey(YearlyReport, models.CASCADE, related_name="lines", verbose_name=_("báo cáo"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="years", verbose_name=_("sản phẩm"))
    quantity = models.DecimalField(_("sản lượng"), max_digits=16, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("đơn vị tính"), max_length=30, blank=True)
    revenue = models.BigIntegerField(_("doanh thu (đồng)"), null=True, blank=True)
    export_value = models.BigIntegerField(_("trị giá xuất khẩu (đồng)"), null=True, blank=True)
    logo_packs = models.PositiveBigIntegerField(_("số bao bì in biểu trưng"), null=True, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("kết quả của sản phẩm")
        verbose_name_plural = _("kết quả của các sản phẩm")
        ordering = ["report", "product"]
        constraints = [
            models.UniqueConstraint(fields=["report", "product"], name="product_year_once"),
            models.CheckConstraint(
                condition=(Q(quantity__isnull=True) | Q(quantity__gte=0))
                & (Q(revenue__isnull=True) | Q(revenue__gte=0))
                & (Q(export_value__isnull=True) | Q(export_value__gte=0)),
                name="product_year_not_negative",
                violation_error_message=_("Số lượng và số tiền không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.report.year}"


class DepartmentReportQuerySet(ProvinceScopedQuerySet["DepartmentReport"]):
    province_path = "territory"


class DepartmentReport(models.Model):
    """The department's yearly report to the agency. Its figures are frozen when it is submitted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("tỉnh"))
    year = models.PositiveSmallIntegerField(_("năm"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=YearlyReportState, default=YearlyReportState.DRAFT)
    number = models.CharField(_("số văn bản"), max_length=60, blank=True)
    remarks = models.TextField(_("nhận xét, kiến nghị"), blank=True)
    figures = models.JSONField(_("số liệu đã khóa"), default=dict, blank=True)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nộp")
    )
    decided_at = models.DateTimeField(_("xử lý lúc"), null=True, blank=True)
    returned_reason = models.CharField(_("lý do trả lại"), max_length=500, blank=True)
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản đã ký")
    )
    history = HistoricalRecords()

    objects = DepartmentReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("báo cáo của Sở gửi Cục")
        verbose_name_plural = _("báo cáo của Sở gửi Cục")
        ordering = ["-year", "territory"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "year"],
                name="department_report_once",
                violation_error_message=_("Năm này đã có báo cáo. Hãy mở báo cáo đã có."),
            ),
            models.CheckConstraint(
                condition=Q(state=YearlyReportState.DRAFT, submitted_at__isnull=True)
                | (~Q(state=YearlyReportState.DRAFT) & Q(submitted_at__isnull=False)),
                name="department_report_state_agrees",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory}, {self.year}"
