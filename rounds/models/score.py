"""Score sheets, scores and conflicts of interest."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..enums import SheetState
from .criteria import Criterion
from .dossier import Dossier


class Conflict(models.Model):
    """A declared conflict of interest. While it stands, the database refuses a sheet by this person."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="conflicts", verbose_name=_("hồ sơ"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="conflicts", verbose_name=_("người")
    )
    reason = models.CharField(_("lý do"), max_length=300)
    declared_at = models.DateTimeField(_("khai lúc"))
    withdrawn_at = models.DateTimeField(_("rút lại lúc"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("lý do rút lại"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("xung đột lợi ích")
        verbose_name_plural = _("xung đột lợi ích")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "user"], condition=Q(withdrawn_at__isnull=True), name="conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.dossier}"


class ScoreSheet(models.Model):
    """Phiếu chấm điểm: one judge, one dossier. A submitted sheet never changes (a trigger refuses it)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="sheets", verbose_name=_("hồ sơ"))
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="sheets", verbose_name=_("giám khảo")
    )
    dossier_version = models.PositiveSmallIntegerField(_("phiên bản hồ sơ được chấm"), default=0)
    state = models.CharField(_("trạng thái"), max_length=14, choices=SheetState, default=SheetState.DRAFT)
    remark = models.TextField(_("nhận xét chung"), blank=True)
    cannot_assess_reason = models.CharField(_("lý do không đánh giá được"), max_length=300, blank=True)
    total = models.DecimalField(_("tổng điểm"), max_digits=5, decimal_places=2, null=True, blank=True)
    revision = models.PositiveIntegerField(_("lần lưu"), default=0)
    started_at = models.DateTimeField(_("mở lúc"), auto_now_add=True)
    saved_at = models.DateTimeField(_("lưu lúc"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    voided_reason = models.CharField(_("lý do không tính"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("phiếu chấm")
        verbose_name_plural = _("phiếu chấm")
        constraints = [
            models.UniqueConstraint(fields=["dossier", "judge"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(state__in=[SheetState.DRAFT, SheetState.VOIDED])
                | Q(state=SheetState.SUBMITTED, submitted_at__isnull=False, total__isnull=False)
                | (
                    Q(state=SheetState.CANNOT_ASSESS, submitted_at__isnull=False, total__isnull=True)
                    & ~Q(cannot_assess_reason="")
                ),
                name="sheet_state_agrees",
                violation_error_message=_("Phiếu đã nộp phải có tổng điểm, hoặc lý do không đánh giá được."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0, total__lte=100), name="sheet_total_in_range"
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.VOIDED) | ~Q(voided_reason=""), name="sheet_voided_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["judge", "state"], name="sheet_judge_state")]

    def __str__(self) -> str:
        return f"{self.dossier} – {self.judge}"


class Score(models.Model):
    """Points for one criterion. No row means not scored; it is never read as zero."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores", verbose_name=_("phiếu"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name=_("tiêu chí"))
    points = models.DecimalField(_("điểm"), max_digits=5, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    saved_at = models.DateTimeField(_("lưu lúc"))

    class Meta:
        verbose_name = _("điểm")
        verbose_name_plural = _("điểm")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="score_once"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0),
                name="score_not_negative",
                violation_error_message=_("Điểm không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.points}"
