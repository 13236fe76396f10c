"""Score sheets, scores and conflicts of interest."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.files.models import StoredFile

from ..enums import ConflictBasis, ConflictOrigin, ScoringPass, SheetState
from .criteria import Criterion
from .dossier import Dossier


class Conflict(models.Model):
    """A conflict of interest, declared or found. While it stands, the database refuses a sheet by this person.

    One that was found in the declaration stands until someone else withdraws it with a reason; the reason is
    remembered by `evidence_key`, so that the same false alarm does not come back.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="conflicts", verbose_name=_("hồ sơ"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="conflicts", verbose_name=_("người")
    )
    reason = models.CharField(_("lý do"), max_length=300)
    origin = models.CharField(_("nguồn"), max_length=10, choices=ConflictOrigin, default=ConflictOrigin.DECLARED)
    basis = models.CharField(_("điểm trùng"), max_length=10, choices=ConflictBasis, blank=True)
    evidence = models.CharField(_("chỗ trùng"), max_length=300, blank=True)
    evidence_key = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    declared_at = models.DateTimeField(_("khai lúc"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người xác nhận"),
    )
    confirmed_at = models.DateTimeField(_("xác nhận lúc"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người gỡ")
    )
    withdrawn_at = models.DateTimeField(_("rút lại lúc"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("lý do rút lại"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("xung đột lợi ích")
        verbose_name_plural = _("xung đột lợi ích")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "user"], condition=Q(withdrawn_at__isnull=True), name="conflict_once"
            ),
            models.CheckConstraint(
                condition=Q(origin=ConflictOrigin.DECLARED) | (~Q(basis="") & ~Q(evidence_key="")),
                name="conflict_found_says_where",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True) | ~Q(withdrawn_by=models.F("user")),
                name="conflict_withdrawn_by_another",
                violation_error_message=_("Người có xung đột lợi ích không tự gỡ được."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.dossier}"


class ScoreSheet(models.Model):
    """Phiếu chấm điểm: one judge, one dossier, one pass. A submitted sheet never changes (a trigger refuses it).

    Re-opened by the council's chair, what was handed in is kept as a `SheetVersion` and `edition` grows.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="sheets", verbose_name=_("hồ sơ"))
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="sheets", verbose_name=_("giám khảo")
    )
    scoring_pass = models.CharField(_("lượt chấm"), max_length=8, choices=ScoringPass, default=ScoringPass.DOSSIER)
    edition = models.PositiveSmallIntegerField(_("lần nộp"), default=1)
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
    # A paper sheet: the secretary enters it with its scan, the judge confirms it.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nhập")
    )
    entered_at = models.DateTimeField(_("nhập lúc"), null=True, blank=True)
    paper_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp phiếu giấy")
    )
    # The printed sheet (Phụ lục 4) with the judge's own signature.
    signed_on = models.DateField(_("ngày ký bản in"), null=True, blank=True)
    signed_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp phiếu đã ký")
    )
    signed_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người nhận bản ký"),
    )

    class Meta:
        verbose_name = _("phiếu chấm")
        verbose_name_plural = _("phiếu chấm")
        constraints = [
            models.UniqueConstraint(fields=["dossier", "judge", "scoring_pass"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(state__in=[SheetState.DRAFT, SheetState.VOIDED])
                | Q(
                    state=SheetState.ENTERED,
                    entered_by__isnull=False,
                    paper_scan__isnull=False,
                    total__isnull=False,
                    submitted_at__isnull=True,
                )
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
            models.CheckConstraint(
                condition=Q(entered_by__isnull=True) | ~Q(entered_by=models.F("judge")),
                name="sheet_entered_by_another",
                violation_error_message=_("Giám khảo tự chấm thì không cần nhập phiếu giấy."),
            ),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True) | Q(signed_recorded_by__isnull=False),
                name="sheet_signature_received_by_someone",
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


class SheetVersion(models.Model):
    """A sheet as it was handed in before the chair re-opened it. Kept, never changed (a trigger refuses it)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="versions", verbose_name=_("phiếu"))
    number = models.PositiveSmallIntegerField(_("lần nộp"))
    content = models.JSONField(_("nội dung"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    submitted_at = models.DateTimeField(_("nộp lúc"))
    reopened_at = models.DateTimeField(_("mở lại lúc"))
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người cho mở lại")
    )
    reason = models.CharField(_("lý do mở lại"), max_length=300)

    class Meta:
        verbose_name = _("phiếu chấm trước khi mở lại")
        verbose_name_plural = _("phiếu chấm trước khi mở lại")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="sheet_version_unique"),
            models.CheckConstraint(condition=~Q(reason=""), name="sheet_version_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} lần {self.number}"


class SheetSave(models.Model):
    """A save that the server has answered, by the key the browser gave it: sent again, it is answered again."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="saves", verbose_name=_("phiếu"))
    key = models.UUIDField(_("khóa lần gửi"))
    digest = models.CharField(_("SHA-256 nội dung"), max_length=64)
    revision = models.PositiveIntegerField(_("lần lưu"))
    saved_at = models.DateTimeField(_("lưu lúc"))

    class Meta:
        verbose_name = _("lần gửi phiếu")
        verbose_name_plural = _("lần gửi phiếu")
        constraints = [models.UniqueConstraint(fields=["sheet", "key"], name="sheet_save_once")]

    def __str__(self) -> str:
        return str(self.key)
