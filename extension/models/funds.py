"""Money: estimates line by line against norms, payments, settlement, liquidation. Whole đồng; the database holds the limits."""

import uuid
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.text.fields import DerivedCharField
from portal.text.folding import name_key
from products.models import Product

from ..enums import AlarmKind, AlarmState, EstimateState, PaymentKind, PaymentState
from .norm import NormItem, PriorityRule, SupportNorm
from .project import Project

USER = settings.AUTH_USER_MODEL
STANDING = (EstimateState.PROPOSED, EstimateState.APPROVED)


class EstimateQuerySet(ProvinceScopedQuerySet["Estimate"]):
    province_path = "project__territory"


class Estimate(models.Model):
    """Dự toán of a project: one edition, checked against the norms in force on `on`. Who proposes does not approve."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="estimates", verbose_name=_("đề án"))
    version = models.PositiveSmallIntegerField(_("bản"), default=1)
    on = models.DateField(_("áp dụng mức chi ngày"))
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=EstimateState, default=EstimateState.DRAFT, editable=False
    )
    proposed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    proposed_at = models.DateTimeField(_("trình lúc"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    decided_at = models.DateTimeField(_("quyết định lúc"), null=True, blank=True, editable=False)
    number = models.CharField(_("số quyết định phê duyệt"), max_length=60, blank=True)
    signed_on = models.DateField(_("ngày quyết định"), null=True, blank=True)
    issuer = models.CharField(_("cơ quan phê duyệt"), max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản quyết định")
    )
    answer = models.TextField(_("lý do trả lại"), blank=True)
    history = HistoricalRecords()
    objects = EstimateQuerySet.as_manager()

    class Meta:
        verbose_name = _("dự toán")
        verbose_name_plural = _("dự toán")
        ordering = ["project", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="estimate_version_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state=EstimateState.APPROVED),
                name="estimate_one_approved",
                violation_error_message=_("Đề án đã có một dự toán được duyệt."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="estimate_two_people",
                violation_error_message=_("Người trình dự toán không được tự duyệt."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[EstimateState.APPROVED, EstimateState.REPLACED])
                | Q(proposed_by__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="estimate_approved_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.version}"


class EstimateLine(models.Model):
    """One expense. `allowed` is what the norm lets through and `why` says it; `approved` is never above it.

    `rate_bp` (hundredths of a percent) and `cap` (đồng, units and priority counted in) repeat the norm as it was
    applied, so that whole numbers alone decide: approved ≤ allowed ≤ cap, allowed × 10.000 ≤ cost × rate.
    """

    # One expense keeps it through every edition of the estimate, so that what was paid counts against the edition in force.
    lineage = models.UUIDField(default=uuid4, editable=False, db_index=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    estimate = models.ForeignKey(Estimate, models.CASCADE, related_name="lines", verbose_name=_("dự toán"))
    # Repeats estimate.project, so that triggers and sums read one table.
    project = models.ForeignKey(Project, models.PROTECT, related_name="estimate_lines", editable=False)
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    item = models.ForeignKey(NormItem, models.PROTECT, related_name="lines", verbose_name=_("nội dung chi"))
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="estimate_lines",
        verbose_name=_("cơ sở thụ hưởng"),
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cho sản phẩm")
    )
    description = models.CharField(_("diễn giải"), max_length=300)
    machine = models.CharField(_("máy: hiệu, số máy"), max_length=160, blank=True)
    machine_key = DerivedCharField(max_length=200, make=lambda line: name_key(line.machine))
    is_new_machine = models.BooleanField(_("máy mới"), default=True)
    units = models.PositiveIntegerField(_("số lượng"), default=1)
    cost = models.BigIntegerField(_("thành tiền (đồng)"))
    asked = models.BigIntegerField(_("đề nghị khuyến công (đồng)"))
    counterpart = models.BigIntegerField(_("vốn đối ứng (đồng)"), default=0)
    other = models.BigIntegerField(_("nguồn khác (đồng)"), default=0)
    norm = models.ForeignKey(
        SupportNorm,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="lines",
        verbose_name=_("mức chi"),
    )
    priority = models.ForeignKey(
        PriorityRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ưu tiên")
    )
    priority_norm = models.ForeignKey(
        SupportNorm, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    priority_proof = models.CharField(_("chứng minh ưu tiên"), max_length=300, blank=True)
    priority_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("giấy tờ chứng minh")
    )
    rate_bp = models.PositiveIntegerField(null=True, blank=True, editable=False)
    cap = models.BigIntegerField(null=True, blank=True, editable=False)
    allowed = models.BigIntegerField(_("mức được phép (đồng)"), null=True, blank=True, editable=False)
    why = models.TextField(_("vì sao"), blank=True, editable=False)
    approved = models.BigIntegerField(_("được duyệt (đồng)"), null=True, blank=True)

    class Meta:
        verbose_name = _("dòng dự toán")
        verbose_name_plural = _("các dòng dự toán")
        ordering = ["estimate", "ordinal", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estimate", "lineage"], name="line_lineage_once"),
            models.CheckConstraint(
                condition=Q(cost__gt=0, cost__lte=10**14, asked__gte=0, counterpart__gte=0, other__gte=0, units__gte=1),
                name="line_money_not_negative",
                violation_error_message=_(
                    "Số tiền không được âm; thành tiền và số lượng phải lớn hơn 0; thành tiền không quá 100.000 tỷ đồng."
                ),
            ),
            models.CheckConstraint(
                condition=Q(cost=F("asked") + F("counterpart") + F("other")),
                name="line_adds_up",
                violation_error_message=_("Khuyến công, đối ứng và nguồn khác cộng lại phải bằng thành tiền."),
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True)
                | Q(approved__gte=0, allowed__isnull=False, norm__isnull=False, approved__lte=F("allowed")),
                name="line_approved_within_norm",
                violation_error_message=_("Số được duyệt không được vượt mức mà văn bản cho phép."),
            ),
            models.CheckConstraint(
                condition=Q(allowed__isnull=True)
                | (
                    Q(allowed__gte=0)
                    & (Q(cap__isnull=True) | Q(allowed__lte=F("cap")))
                    & (Q(rate_bp__isnull=True) | Q(rate_bp__lte=10_000))
                    & Q(allowed__lte=F("cost"))
                ),
                name="line_allowed_within_cap",
            ),
            models.CheckConstraint(
                condition=Q(allowed__isnull=True)
                | Q(rate_bp__isnull=True)
                | Q(allowed__lte=F("cost") * F("rate_bp") / 10_000),
                name="line_allowed_within_rate",
            ),
            models.CheckConstraint(
                condition=Q(priority__isnull=True) | ~Q(priority_proof="") | Q(priority_file__isnull=False),
                name="line_priority_proved",
                violation_error_message=_("Áp dụng ưu tiên thì hãy ghi hoặc đính kèm giấy tờ chứng minh."),
            ),
        ]
        indexes = [
            models.Index(fields=["facility", "item"], name="line_facility_item"),
            models.Index(fields=["machine_key"], name="line_machine", condition=~Q(machine_key="")),
        ]

    def __str__(self) -> str:
        return self.description


class DuplicateAlarmQuerySet(ProvinceScopedQuerySet["DuplicateAlarm"]):
    province_path = "line__project__territory"


class DuplicateAlarm(models.Model):
    """Two expenses that may be one, over projects, years and sources. An open alarm stops approval; the answer is remembered."""

    line = models.ForeignKey(EstimateLine, models.CASCADE, related_name="alarms", verbose_name=_("dòng dự toán"))
    other = models.ForeignKey(EstimateLine, models.CASCADE, related_name="+", verbose_name=_("dòng đã có"))
    kind = models.CharField(_("loại"), max_length=8, choices=AlarmKind)
    state = models.CharField(_("trạng thái"), max_length=9, choices=AlarmState, default=AlarmState.OPEN)
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    objects = DuplicateAlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("cảnh báo hỗ trợ trùng")
        verbose_name_plural = _("cảnh báo hỗ trợ trùng")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "other"], name="alarm_pair_once"),
            models.CheckConstraint(
                condition=Q(state=AlarmState.OPEN) | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="alarm_decided_with_reason",
                violation_error_message=_("Hãy ghi lý do."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} / {self.other}"


class PaymentQuerySet(ProvinceScopedQuerySet["Payment"]):
    province_path = "project__territory"


class Payment(models.Model):
    """An advance, a disbursement, or money taken back. Proposed, approved and paid by three different people."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="payments", verbose_name=_("đề án"))
    kind = models.CharField(_("loại"), max_length=8, choices=PaymentKind)
    amount = models.BigIntegerField(_("số tiền (đồng)"))
    reason = models.CharField(_("nội dung"), max_length=300)
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=PaymentState, default=PaymentState.PROPOSED, editable=False
    )
    # The same request sent twice is one payment.
    request_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("người đề nghị"))
    proposed_at = models.DateTimeField(_("đề nghị lúc"))
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người duyệt")
    )
    approved_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    paid_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người chi")
    )
    paid_at = models.DateTimeField(_("ghi chi lúc"), null=True, blank=True)
    paid_on = models.DateField(_("ngày chứng từ"), null=True, blank=True)
    document = models.CharField(_("số chứng từ"), max_length=60, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chứng từ")
    )
    answer = models.CharField(_("lý do không duyệt"), max_length=300, blank=True)
    history = HistoricalRecords()
    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("khoản chi")
        verbose_name_plural = _("các khoản chi")
        ordering = ["project", "proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_positive",
                violation_error_message=_("Số tiền phải lớn hơn 0."),
            ),
            models.CheckConstraint(
                condition=(Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")))
                & (
                    Q(paid_by__isnull=True)
                    | (Q(approved_by__isnull=False) & ~Q(paid_by=F("proposed_by")) & ~Q(paid_by=F("approved_by")))
                ),
                name="payment_three_people",
                violation_error_message=_("Đề nghị, duyệt và chi phải là ba người khác nhau."),
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.PROPOSED, approved_by__isnull=True, paid_by__isnull=True)
                | Q(state=PaymentState.APPROVED, approved_by__isnull=False, paid_by__isnull=True)
                | Q(
                    state=PaymentState.PAID,
                    approved_by__isnull=False,
                    paid_by__isnull=False,
                    paid_on__isnull=False,
                    paid_at__isnull=False,
                )
                | (Q(state=PaymentState.REFUSED, approved_by__isnull=False, paid_by__isnull=True) & ~Q(answer="")),
                name="payment_state_agrees",
            ),
        ]
        indexes = [models.Index(fields=["project", "state", "paid_on"], name="payment_project_paid")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"

    @property
    def is_request(self) -> bool:
        """Money asked for and not refused; what is asked back is no request of who received it."""
        return self.kind != PaymentKind.RECOVERY and self.state != PaymentState.REFUSED


class PaymentLine(models.Model):
    """The part of a payment that falls on one expense, so that every figure leads down to its lines."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="lines", verbose_name=_("khoản chi"))
    line = models.ForeignKey(EstimateLine, models.PROTECT, related_name="payment_lines", verbose_name=_("dòng dự toán"))
    amount = models.BigIntegerField(_("số tiền (đồng)"))

    class Meta:
        verbose_name = _("phần của khoản chi")
        verbose_name_plural = _("các phần của khoản chi")
        ordering = ["payment", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "line"], name="payment_line_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_line_positive",
                violation_error_message=_("Số tiền phải lớn hơn 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment}: {self.line}"


class Settlement(models.Model):
    """Quyết toán: what is accepted as spent, what goes back. Who submits does not approve."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="settlement", verbose_name=_("đề án"))
    submitted_on = models.DateField(_("ngày nộp hồ sơ"))
    total = models.BigIntegerField(_("tổng chi phí quyết toán (đồng)"))
    extension_funds = models.BigIntegerField(_("khuyến công được quyết toán (đồng)"))
    counterpart_funds = models.BigIntegerField(_("đối ứng đã chi (đồng)"), default=0)
    other_funds = models.BigIntegerField(_("nguồn khác đã chi (đồng)"), default=0)
    note = models.TextField(_("ghi chú"), blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hồ sơ quyết toán")
    )
    state = models.CharField(
        _("trạng thái"), max_length=8, choices=EstimateState, default=EstimateState.PROPOSED, editable=False
    )
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    number = models.CharField(_("số văn bản phê duyệt"), max_length=60, blank=True)
    signed_on = models.DateField(_("ngày phê duyệt"), null=True, blank=True)
    answer = models.TextField(_("lý do trả lại"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("quyết toán")
        verbose_name_plural = _("quyết toán")
        constraints = [
            models.CheckConstraint(
                condition=Q(extension_funds__gte=0, counterpart_funds__gte=0, other_funds__gte=0)
                & Q(total=F("extension_funds") + F("counterpart_funds") + F("other_funds")),
                name="settlement_adds_up",
                violation_error_message=_("Ba nguồn cộng lại phải bằng tổng chi phí quyết toán."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="settlement_two_people",
                violation_error_message=_("Người lập hồ sơ quyết toán không được tự phê duyệt."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.project)


class Liquidation(models.Model):
    """Thanh lý hợp đồng: the end of a project."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="liquidation", verbose_name=_("đề án"))
    number = models.CharField(_("số biên bản"), max_length=60)
    signed_on = models.DateField(_("ngày"))
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("biên bản thanh lý")
    )
    note = models.TextField(_("ghi chú"), blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("thanh lý")
        verbose_name_plural = _("thanh lý")

    def __str__(self) -> str:
        return self.number
