"""A product or set entered in a round, its papers, its frozen versions, its result and verdict."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.queries import staff_reach
from portal.files.models import StoredFile
from products.models import Product, Recognition

from ..enums import Body, DocumentKind, DocumentState, DossierState, Origin, SetBasis, TieBreak, VerdictChoice
from .round import Round, Seat


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: Any) -> "DossierQuerySet":
        """Dossiers that staff, council and support team of a round work on.

        Commune officers see the dossiers of their commune's facilities. Whoever has a conflict of
        interest does not see the dossier, by this or any other door.
        """
        if not getattr(user, "is_authenticated", False):
            return self.none()
        reach = staff_reach(user)
        rounds = Round.objects.with_dossiers_open_to(user)
        found = self.filter(Q(round__in=rounds.values("pk")) | Q(product__facility__commune__in=reach.commune_ids))
        return found.without_conflict(user)

    def for_judge(self, user: Any) -> "DossierQuerySet":
        """Admitted dossiers that are the person's to score now, once the round's declaration is signed, without
        conflicts of interest."""
        from ..assigned import assigned_to
        from ..declared import has_declared

        signed = has_declared(user, models.OuterRef("round"))
        judged = Seat.objects.filter(signed, user=user, body=Body.JURY, until__isnull=True).values("round_id")
        found = self.filter(round__in=judged, state=DossierState.ELIGIBLE)
        given = assigned_to(user, models.OuterRef("round"), models.OuterRef("pk"))
        return found.filter(given).without_conflict(user)

    def without_conflict(self, user: Any) -> "DossierQuerySet":
        """Without those from which the person stands aside (rounds/standing.py)."""
        from ..standing import no_standing_conflict

        return self.filter(no_standing_conflict(user, models.OuterRef("pk"), models.OuterRef("product__facility")))


class Dossier(models.Model):
    """Hồ sơ: one product or set in one round. `entry_code` is its number in the round ("037")."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="dossiers", verbose_name=_("kỳ bình chọn"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="dossiers", verbose_name=_("sản phẩm"))
    entry_code = models.CharField(_("số hồ sơ"), max_length=10, blank=True)
    state = models.CharField(_("trạng thái"), max_length=18, choices=DossierState, default=DossierState.DRAFT)
    origin = models.CharField(_("nguồn nộp"), max_length=16, choices=Origin, default=Origin.PAPER)
    first_time = models.BooleanField(_("sản phẩm tham gia lần đầu"), default=False)
    statement = models.TextField(_("nội dung thuyết minh"), blank=True)
    # The product statement (Phụ lục 2), one part per top criterion of the score sheet.
    statement_market = models.TextField(_("thị trường và khả năng phát triển sản xuất"), blank=True)
    statement_technology = models.TextField(_("kinh tế, kỹ thuật, xã hội và môi trường"), blank=True)
    statement_culture = models.TextField(_("văn hóa, thẩm mỹ"), blank=True)
    statement_other = models.TextField(_("nội dung khác"), blank=True)
    received_on = models.DateField(_("ngày nhận"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    supplement_until = models.DateTimeField(_("hạn bổ sung"), null=True, blank=True)
    supplement_request = models.TextField(_("nội dung cần bổ sung"), blank=True)
    checked_at = models.DateTimeField(_("kết luận lúc"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người kết luận"),
    )
    state_reason = models.TextField(_("lý do"), blank=True)
    support_remark = models.TextField(_("nhận xét của tổ giúp việc"), blank=True)
    booth = models.CharField(_("gian trưng bày"), max_length=20, blank=True)
    version = models.PositiveSmallIntegerField(_("phiên bản nộp"), default=0)
    revision = models.PositiveIntegerField(_("lần sửa"), default=0, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nộp")
    )
    receipt_code = models.CharField(_("mã biên nhận"), max_length=16, blank=True, editable=False)
    public_service_code = models.CharField(_("mã hồ sơ dịch vụ công"), max_length=60, blank=True)
    public_service_received_on = models.DateField(_("ngày tiếp nhận trên cổng dịch vụ công"), null=True, blank=True)
    public_service_due_on = models.DateField(_("ngày hẹn trả trên cổng dịch vụ công"), null=True, blank=True)
    late_reason = models.CharField(_("lý do nhận bổ sung sau hạn"), max_length=500, blank=True)
    late_allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người cho nhận sau hạn"),
    )
    gathered_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="gathered", verbose_name=_("đã gộp vào hồ sơ bộ")
    )
    # Not an entry of its own: counts of entries leave it out, whatever becomes of it.
    is_gathered_set = models.BooleanField(_("hồ sơ bộ gộp từ các hồ sơ"), default=False, editable=False)
    # A set formed by the council after the seal: it was never scored and has no mean of its own.
    gathered_late = models.BooleanField(_("gộp bộ sau khi khóa điểm"), default=False, editable=False)
    set_basis = models.CharField(_("căn cứ gộp bộ"), max_length=10, choices=SetBasis, blank=True)
    recognition = models.OneToOneField(
        Recognition, models.PROTECT, null=True, blank=True, related_name="dossier", verbose_name=_("công nhận")
    )
    # Entered again before an earlier recognition ends, from the dossier that it came of where there is one.
    renews = models.ForeignKey(
        Recognition, models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name=_("đăng ký lại cho")
    )
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name=_("lập từ hồ sơ")
    )
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DossierQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("hồ sơ")
        verbose_name_plural = _("hồ sơ")
        ordering = ["round", "entry_code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "product"],
                name="dossier_product_once",
                violation_error_message=_("Sản phẩm này đã có hồ sơ trong kỳ. Hãy mở hồ sơ đã có."),
            ),
            models.UniqueConstraint(
                fields=["round", "entry_code"],
                condition=~Q(entry_code=""),
                name="dossier_code_unique",
                violation_error_message=_("Số hồ sơ này đã dùng trong kỳ."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[DossierState.DRAFT, DossierState.WITHDRAWN]) | Q(submitted_at__isnull=False),
                name="dossier_submitted_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=DossierState.NOT_ELIGIBLE) | ~Q(state_reason=""),
                name="dossier_refusal_has_reason",
                violation_error_message=_("Hãy ghi lý do hồ sơ không đủ điều kiện."),
            ),
            models.CheckConstraint(
                condition=Q(state=DossierState.GATHERED, gathered_into__isnull=False)
                | (~Q(state=DossierState.GATHERED) & Q(gathered_into__isnull=True)),
                name="dossier_gathered_names_its_set",
            ),
            models.CheckConstraint(
                condition=Q(late_reason="", late_allowed_by__isnull=True)
                | (~Q(late_reason="") & Q(late_allowed_by__isnull=False)),
                name="dossier_late_has_reason_and_leader",
                violation_error_message=_("Nhận bổ sung sau hạn cần lý do và lãnh đạo cho phép."),
            ),
            models.UniqueConstraint(
                fields=["round", "public_service_code"],
                condition=~Q(public_service_code=""),
                name="dossier_public_service_code_unique",
                violation_error_message=_("Mã hồ sơ dịch vụ công này đã ghi ở một hồ sơ khác của kỳ."),
            ),
            models.CheckConstraint(
                condition=Q(public_service_due_on__isnull=True)
                | Q(public_service_received_on__isnull=True)
                | Q(public_service_due_on__gte=F("public_service_received_on")),
                name="dossier_public_service_days_in_order",
                violation_error_message=_("Ngày hẹn trả không được trước ngày tiếp nhận."),
            ),
            models.CheckConstraint(
                condition=Q(gathered_into__isnull=True) | ~Q(gathered_into=F("pk")),
                name="dossier_not_gathered_into_itself",
            ),
            models.UniqueConstraint(
                fields=["receipt_code"], condition=~Q(receipt_code=""), name="dossier_receipt_unique"
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="dossier_round_state")]

    def __str__(self) -> str:
        return f"Hồ sơ {self.entry_code or 'chưa đánh số'}: {self.product}"


class DossierDocument(models.Model):
    """One paper of a dossier; a paper handed in on paper may have no file."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="documents", verbose_name=_("hồ sơ"))
    kind = models.CharField(_("loại giấy tờ"), max_length=22, choices=DocumentKind)
    title = models.CharField(_("tên giấy tờ"), max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tệp"))
    on_paper = models.BooleanField(_("đã nhận bản giấy"), default=False)
    state = models.CharField(_("tình trạng"), max_length=10, choices=DocumentState, default=DocumentState.RECEIVED)
    remark = models.CharField(_("điều cần sửa"), max_length=300, blank=True)
    valid_until = models.DateField(_("giấy tờ còn hạn đến"), null=True, blank=True)
    reused_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("dùng lại từ hồ sơ trước")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("giấy tờ")
        verbose_name_plural = _("giấy tờ của hồ sơ")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | Q(on_paper=True),
                name="document_exists",
                violation_error_message=_("Hãy chọn tệp, hoặc đánh dấu đã nhận bản giấy."),
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.NEEDS_FIX) | ~Q(remark=""),
                name="document_fix_has_remark",
                violation_error_message=_("Hãy ghi điều cần sửa."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()


class DossierVersion(models.Model):
    """What was submitted, frozen: later scores name the version."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="versions", verbose_name=_("hồ sơ"))
    number = models.PositiveSmallIntegerField(_("phiên bản"))
    content = models.JSONField(_("nội dung"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("phiên bản hồ sơ")
        verbose_name_plural = _("phiên bản hồ sơ")
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="dossier_version_unique")]

    def __str__(self) -> str:
        return f"{self.dossier} v{self.number}"


class Result(models.Model):
    """The tally of one dossier when scoring closed: `points / divisor` is the exact mean, rounded only for display.

    With one pass these are the sum of the sheets that were kept and their number; with two, both stand on a common
    denominator (see `tally`).
    """

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="result", verbose_name=_("hồ sơ"))
    sheets = models.PositiveSmallIntegerField(_("số phiếu hợp lệ"))
    points = models.DecimalField(_("tổng điểm được tính"), max_digits=12, decimal_places=2)
    divisor = models.PositiveIntegerField(_("số chia"))
    passed = models.BooleanField(_("đạt điểm"))
    rank = models.PositiveSmallIntegerField(_("thứ hạng trong nhóm"), null=True, blank=True)
    decided_by = models.CharField(_("xếp khi bằng điểm theo"), max_length=6, choices=TieBreak, blank=True)
    spread = models.DecimalField(_("độ lệch giữa các phiếu"), max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("kết quả chấm")
        verbose_name_plural = _("kết quả chấm")

    def __str__(self) -> str:
        return f"{self.dossier}: {self.points}/{self.divisor}"


class Verdict(models.Model):
    """What the council says of one dossier: a vote, and a reason where it departs from the ranking."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="verdict", verbose_name=_("hồ sơ"))
    choice = models.CharField(_("ý kiến hội đồng"), max_length=10, choices=VerdictChoice)
    votes_for = models.PositiveSmallIntegerField(_("phiếu đồng ý"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("phiếu không đồng ý"), null=True, blank=True)
    votes_abstain = models.PositiveSmallIntegerField(_("phiếu trắng"), null=True, blank=True)
    session = models.ForeignKey(
        "CouncilSession",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="verdicts",
        verbose_name=_("phiên họp hội đồng"),
    )
    prize = models.CharField(_("giải, xếp loại"), max_length=60, blank=True)
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("ghi lúc"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người ghi")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ý kiến hội đồng")
        verbose_name_plural = _("ý kiến hội đồng")
        constraints = [
            models.CheckConstraint(
                condition=~Q(choice=VerdictChoice.DECLINE) | ~Q(reason=""),
                name="verdict_decline_has_reason",
                violation_error_message=_("Hãy ghi lý do hội đồng không đề nghị."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier}: {self.get_choice_display()}"
