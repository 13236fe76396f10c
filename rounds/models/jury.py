"""The jury at work: who declared what, who scores which dossier, until when; the samples they judge."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility

from ..enums import InterestKind, PlanMethod, PlanState, ScoringPass
from .dossier import Dossier
from .round import Round


class Declaration(models.Model):
    """A member's signed word on ties to producers, given before the first dossier opens. Changed by a newer one.

    It speaks of the member alone: nothing about relatives is asked or kept.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="declarations", verbose_name=_("kỳ bình chọn"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="declarations", verbose_name=_("người cam kết")
    )
    statement = models.TextField(_("nội dung cam kết"))
    employer = models.CharField(_("nơi làm việc"), max_length=200, blank=True)
    employer_tax_code = models.CharField(_("mã số thuế nơi làm việc"), max_length=20, blank=True)
    employer_address = models.CharField(_("địa chỉ nơi làm việc"), max_length=250, blank=True)
    signed_name = models.CharField(_("họ và tên ký"), max_length=120)
    signed_at = models.DateTimeField(_("ký lúc"))
    replaced_at = models.DateTimeField(_("thay bằng bản mới lúc"), null=True, blank=True)

    class Meta:
        verbose_name = _("bản cam kết")
        verbose_name_plural = _("bản cam kết")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "user"], condition=Q(replaced_at__isnull=True), name="declaration_one_in_force"
            ),
            models.CheckConstraint(
                condition=~Q(signed_name=""),
                name="declaration_is_signed",
                violation_error_message=_("Hãy ghi họ và tên để ký bản cam kết."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.round}"


class DeclaredInterest(models.Model):
    """One tie that the member names: to a facility of the register, or to a name, tax code or address."""

    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="interests", verbose_name=_("bản cam kết")
    )
    kind = models.CharField(_("quan hệ"), max_length=10, choices=InterestKind)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cơ sở")
    )
    name = models.CharField(_("tên cơ sở, doanh nghiệp"), max_length=200, blank=True)
    tax_code = models.CharField(_("mã số thuế"), max_length=20, blank=True)
    address = models.CharField(_("địa chỉ"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("quan hệ đã khai")
        verbose_name_plural = _("quan hệ đã khai")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(facility__isnull=False) | ~Q(name="") | ~Q(tax_code="") | ~Q(address=""),
                name="interest_names_something",
                violation_error_message=_("Hãy chọn cơ sở, hoặc ghi tên, mã số thuế hay địa chỉ."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.facility or self.name or self.tax_code or self.address}"


class AssignmentPlan(models.Model):
    """A division of the dossiers among the judges, explained, previewed, then applied or dropped.

    The same seed, options and facts give the same plan again. `pairs` is a list of [dossier uuid, judge uuid].
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="plans", verbose_name=_("kỳ bình chọn"))
    number = models.PositiveSmallIntegerField(_("phương án số"))
    method = models.CharField(_("cách phân"), max_length=10, choices=PlanMethod)
    options = models.JSONField(_("thông số"), default=dict)
    seed = models.CharField(_("mã chia"), max_length=32)
    pairs = models.JSONField(_("phân công"), default=list)
    explanation = models.JSONField(_("giải thích"), default=dict)
    state = models.CharField(_("trạng thái"), max_length=10, choices=PlanState, default=PlanState.PREVIEW)
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người lập"))
    made_at = models.DateTimeField(_("lập lúc"))
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người áp dụng"),
    )
    applied_at = models.DateTimeField(_("áp dụng lúc"), null=True, blank=True)

    class Meta:
        verbose_name = _("phương án phân công")
        verbose_name_plural = _("phương án phân công")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="plan_number_unique"),
            models.CheckConstraint(
                condition=~Q(state=PlanState.APPLIED) | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="plan_applied_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, phương án {self.number}"


class Assignment(models.Model):
    """One dossier given to one judge, in rounds where not everyone scores everything. Released, never deleted."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="assignments", verbose_name=_("hồ sơ"))
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name=_("giám khảo")
    )
    plan = models.ForeignKey(
        AssignmentPlan, models.PROTECT, related_name="assignments", verbose_name=_("theo phương án")
    )
    assigned_at = models.DateTimeField(_("phân lúc"))
    released_at = models.DateTimeField(_("thôi phân lúc"), null=True, blank=True)
    released_reason = models.CharField(_("lý do thôi phân"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("phân công chấm")
        verbose_name_plural = _("phân công chấm")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "judge"], condition=Q(released_at__isnull=True), name="assignment_once"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | ~Q(released_reason=""), name="assignment_release_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["judge", "dossier"], condition=Q(released_at__isnull=True), name="assignment_of_judge")
        ]

    def __str__(self) -> str:
        return f"{self.dossier} – {self.judge}"


class DeadlineExtension(models.Model):
    """More time to hand in: for the whole jury, or for one judge. Never less time than was given before."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions", verbose_name=_("kỳ bình chọn"))
    scoring_pass = models.CharField(_("lượt chấm"), max_length=8, choices=ScoringPass, default=ScoringPass.DOSSIER)
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="extensions",
        verbose_name=_("giám khảo"),
        help_text=_("Bỏ trống: cả Ban Giám khảo."),
    )
    until = models.DateTimeField(_("hạn mới"))
    reason = models.CharField(_("lý do gia hạn"), max_length=300)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người gia hạn")
    )
    granted_at = models.DateTimeField(_("gia hạn lúc"))

    class Meta:
        verbose_name = _("gia hạn chấm")
        verbose_name_plural = _("gia hạn chấm")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="extension_has_reason",
                violation_error_message=_("Hãy ghi lý do gia hạn."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("granted_at")),
                name="extension_in_the_future",
                violation_error_message=_("Hạn mới phải ở sau lúc gia hạn."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judge or self.round}: {self.until}"


class Nudge(models.Model):
    """A judge was told what is still to hand in: by a person, or by the portal so many hours before the deadline.

    The ledger that keeps a reminder from being doubled; the notice that was sent is about this row.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="nudges", verbose_name=_("kỳ bình chọn"))
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="nudges", verbose_name=_("giám khảo")
    )
    scoring_pass = models.CharField(_("lượt chấm"), max_length=8, choices=ScoringPass, default=ScoringPass.DOSSIER)
    missing = models.PositiveSmallIntegerField(_("số phiếu còn thiếu"))
    until = models.DateTimeField(_("hạn khi nhắc"), null=True, blank=True)
    hours_before = models.PositiveSmallIntegerField(_("tự nhắc trước hạn (giờ)"), null=True, blank=True)
    sent_at = models.DateTimeField(_("nhắc lúc"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nhắc")
    )

    class Meta:
        verbose_name = _("lần nhắc giám khảo")
        verbose_name_plural = _("lần nhắc giám khảo")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "judge", "scoring_pass", "until", "hours_before"],
                condition=Q(hours_before__isnull=False),
                name="nudge_by_the_portal_once",
            ),
            models.CheckConstraint(
                condition=Q(hours_before__isnull=True, sent_by__isnull=False)
                | Q(hours_before__isnull=False, sent_by__isnull=True, until__isnull=False),
                name="nudge_by_a_person_or_the_portal",
            ),
        ]
        indexes = [models.Index(fields=["round", "judge", "-sent_at"], name="nudge_latest")]

    def __str__(self) -> str:
        return f"{self.judge}, {self.round}"


class Sample(models.Model):
    """A specimen that a facility handed over for judging: received, shown, given back."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="samples", verbose_name=_("hồ sơ"))
    description = models.CharField(_("mẫu"), max_length=200)
    quantity = models.PositiveSmallIntegerField(_("số lượng"), default=1)
    condition = models.CharField(_("tình trạng khi nhận"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("nhận lúc"))
    received_from = models.CharField(_("người giao"), max_length=120, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người nhận")
    )
    to_be_returned = models.BooleanField(_("trả lại sau khi chấm"), default=True)
    returned_at = models.DateTimeField(_("trả lúc"), null=True, blank=True)
    returned_to = models.CharField(_("người nhận lại"), max_length=120, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người trả")
    )
    return_note = models.CharField(_("ghi chú khi trả"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mẫu sản phẩm")
        verbose_name_plural = _("mẫu sản phẩm")
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="sample_at_least_one",
                violation_error_message=_("Số lượng mẫu từ 1 trở lên."),
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True)
                | Q(returned_at__isnull=False, returned_by__isnull=False, returned_at__gte=F("received_at")),
                name="sample_returned_after_received",
                violation_error_message=_("Lúc trả mẫu không được trước lúc nhận."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.description} ({self.quantity})"
