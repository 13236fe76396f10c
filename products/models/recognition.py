"""How it was recognised: decisions, recognitions with their validity, certificates with their codes."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.queries import staff_reach
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Dated, Territory

from ..enums import DatePrecision, Level, ReissueKind, Stage, Status
from ..validity import Facts, Period, begins_on, status_of

# Recognised (not only proposed), announced, and not withheld since.
PUBLISHED = Q(stage=Stage.RECOGNISED, published_at__isnull=False, withheld_at__isnull=True)


class ValidityRule(Dated):
    """How long a certificate holds, by the date of the decision (rules.md §8). Staff may add rows."""

    code = models.SlugField(_("mã"), unique=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    years = models.PositiveSmallIntegerField(_("số năm"))
    to_end_of_year = models.BooleanField(
        _("đến 31/12"), help_text=_("Đến 31/12 của năm thứ mấy, năm cấp là năm thứ nhất. Bỏ trống: đúng ngày.")
    )
    is_certain = models.BooleanField(_("đã có văn bản"), default=True)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        verbose_name = _("quy định hiệu lực")
        verbose_name_plural = _("quy định hiệu lực")
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return self.legal_basis


class DecisionQuerySet(ProvinceScopedQuerySet["Decision"]):
    province_path = "territory"

    def visible_to(self, user: Any) -> "DecisionQuerySet":
        """Those of the person's provinces, and the nation's and regions', which any province's products rest on."""
        reach = staff_reach(user)
        if reach.everything:
            return self
        shared = Q(territory__isnull=True) if reach.roles else Q(pk__in=[])
        return self.filter(Q(territory__in=reach.territory_ids) | shared)


class Decision(models.Model):
    """A decision signed outside the portal and recorded here. Unique by issuer, number, symbol and year."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("số"), max_length=20)
    symbol = models.CharField(_("ký hiệu"), max_length=40, help_text=_("Ví dụ: QĐ-UBND, QĐ-BCT, QĐ-CTĐP."))
    year = models.PositiveSmallIntegerField(_("năm"))
    signed_on = models.DateField(_("ngày ký"), null=True, blank=True)
    issuer = models.CharField(_("cơ quan ban hành"), max_length=200)
    signer = models.CharField(_("chức danh người ký"), max_length=200, blank=True)
    title = models.CharField(_("trích yếu"), max_length=300, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("tỉnh")
    )
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp")
    )
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    objects = DecisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("quyết định")
        verbose_name_plural = _("quyết định")
        ordering = ["-year", "issuer", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "symbol", "year"],
                name="decision_unique_in_year",
                violation_error_message=_(
                    "Cơ quan này đã có quyết định cùng số, ký hiệu trong năm. Hãy kiểm tra lại số."
                ),
            ),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True) | Q(signed_on__year=F("year")),
                name="decision_year_is_of_signing",
                violation_error_message=_("Năm của quyết định phải là năm ký."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        return f"{self.number}/{self.symbol}"


class RecognitionQuerySet(ProvinceScopedQuerySet["Recognition"]):
    province_path = "territory"

    def visible_to(self, user: Any) -> "RecognitionQuerySet":
        """Without those a merged product keeps as a record: their like is with the product it went into."""
        return super().visible_to(user).filter(product__merged_into=None)

    def published(self) -> "RecognitionQuerySet":
        """What the public register shows."""
        return self.filter(PUBLISHED)

    def with_status(self, status: str, *, on: dt.date, expiring_days: int) -> "RecognitionQuerySet":
        """Rows whose status on a day is the given one; the SQL twin of `validity.status_of`."""
        from ..validity_sql import status_condition

        return self.filter(status_condition(status, on=on, expiring_days=expiring_days))


class Recognition(models.Model):
    """Công nhận: one product, one level, one year and ordinal. Validity is stored, not computed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.ForeignKey(
        "products.Product", models.PROTECT, related_name="recognitions", verbose_name=_("sản phẩm")
    )
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    year = models.PositiveSmallIntegerField(_("năm công nhận"))
    round_ordinal = models.PositiveSmallIntegerField(_("lần thứ"), default=0, help_text=_("0 khi chưa rõ."))
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="recognitions", verbose_name=_("tỉnh khi công nhận")
    )
    locality = models.CharField(_("huyện, xã công nhận"), max_length=120, blank=True)
    stage = models.CharField(_("giai đoạn"), max_length=10, choices=Stage, default=Stage.RECOGNISED)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="recognitions", verbose_name=_("quyết định")
    )
    issued_on = models.DateField(_("ngày cấp"), null=True, blank=True)
    expires_on = models.DateField(_("có hiệu lực đến hết"), null=True, blank=True)
    expiry_precision = models.CharField(
        _("độ chính xác"), max_length=4, choices=DatePrecision, default=DatePrecision.DAY
    )
    validity_rule = models.ForeignKey(
        ValidityRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("quy định hiệu lực")
    )
    validity_confirmed = models.BooleanField(_("hiệu lực đã đối chiếu giấy chứng nhận"), default=False)
    suspended_from = models.DateField(_("tạm dừng từ"), null=True, blank=True)
    suspended_to = models.DateField(_("tạm dừng đến hết"), null=True, blank=True)
    withdrawn_on = models.DateField(_("xin rút ngày"), null=True, blank=True)
    revoked_on = models.DateField(_("thu hồi ngày"), null=True, blank=True)
    status_reason = models.CharField(_("lý do tạm dừng, rút, thu hồi"), max_length=300, blank=True)
    revocation_decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revocations",
        verbose_name=_("quyết định thu hồi"),
    )
    revocation_proposal = models.CharField(_("văn bản đề nghị thu hồi của hội đồng"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("công bố lúc"), null=True, blank=True)
    # A household's revoked recognition leaves public view at its original expiry: it is often a person's name.
    withheld_at = models.DateTimeField(_("thôi hiện công khai lúc"), null=True, blank=True)
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    source_note = models.CharField(_("ghi chú của nguồn"), max_length=300, blank=True)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RecognitionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("công nhận")
        verbose_name_plural = _("công nhận")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "level", "year", "round_ordinal"],
                name="recognition_unique",
                violation_error_message=_("Sản phẩm đã được công nhận ở cấp, năm và lần này."),
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.RECOGNISED, expires_on__isnull=False)
                | Q(
                    stage=Stage.PROPOSED,
                    expires_on__isnull=True,
                    issued_on__isnull=True,
                    decision__isnull=True,
                    published_at__isnull=True,
                ),
                name="recognition_stage_agrees",
                violation_error_message=_("Sản phẩm mới được đề nghị thì chưa có quyết định, ngày cấp và hiệu lực."),
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="recognition_dates_in_order",
                violation_error_message=_("Ngày hết hiệu lực không được trước ngày cấp."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True, withdrawn_on__isnull=True, suspended_from__isnull=True)
                | ~Q(status_reason=""),
                name="recognition_end_has_reason",
                violation_error_message=_("Hãy ghi lý do tạm dừng, rút hoặc thu hồi."),
            ),
            models.CheckConstraint(
                condition=Q(suspended_to__isnull=True) | Q(suspended_to__gte=F("suspended_from")),
                name="recognition_suspension_in_order",
                violation_error_message=_("Ngày kết thúc tạm dừng không được trước ngày bắt đầu."),
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], name="recognition_expiry"),
            models.Index(fields=["level", "year"], name="recognition_level_year"),
            models.Index(fields=["territory", "level"], name="recognition_territory"),
            # What was in force on a day, in a unit or everywhere.
            models.Index(fields=["territory", "expires_on"], name="recognition_in_force", condition=PUBLISHED),
            # The API's list, newest first, page after page.
            models.Index(fields=["year", "id"], name="recognition_by_year", condition=PUBLISHED),
            # What was published last: the feed of new recognitions.
            models.Index(fields=["published_at"], name="recognition_published", condition=PUBLISHED),
            # The catalogue's facets count products: each is answered by one of these alone, in its order.
            models.Index(fields=["product", "level"], name="recognition_facet_level", condition=PUBLISHED),
            models.Index(fields=["product", "year"], name="recognition_facet_year", condition=PUBLISHED),
            models.Index(fields=["product", "territory"], name="recognition_facet_territory", condition=PUBLISHED),
        ]

    def __str__(self) -> str:
        return f"{self.product} – {self.get_level_display().lower()} {self.year}"

    @property
    def begins_on(self) -> dt.date:
        """The first day on which it counts. Reads the decision where the day of issue is not known."""
        if self.issued_on is None and self.decision_id and self.decision:
            return begins_on(issued_on=None, decided_on=self.decision.signed_on, year=self.year)
        return begins_on(issued_on=self.issued_on, decided_on=None, year=self.year)

    def facts(self, *, superseded: bool = False, suspensions: Iterable[Period] = ()) -> Facts:
        """What the pure functions need to know of this row; all suspensions for another day than today."""
        known = replace(self._ends(), superseded=superseded, suspensions=tuple(suspensions))
        return replace(known, begins_on=self.begins_on, precision=self.expiry_precision)

    def status(self, *, on: dt.date, expiring_days: int) -> Status:
        """The status of today, from this row alone."""
        return status_of(self._ends(), on=on, expiring_days=expiring_days)

    def _ends(self) -> Facts:
        return Facts(
            expires_on=self.expires_on,
            suspended_from=self.suspended_from,
            suspended_to=self.suspended_to,
            withdrawn_on=self.withdrawn_on,
            revoked_on=self.revoked_on,
        )


class CertificateQuerySet(ProvinceScopedQuerySet["Certificate"]):
    province_path = "recognition__territory"


class Certificate(models.Model):
    """Giấy chứng nhận: the paper and its public code. A re-issue supersedes the earlier paper."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recognition = models.ForeignKey(
        Recognition, models.PROTECT, related_name="certificates", verbose_name=_("công nhận")
    )
    code = models.CharField(_("mã tra cứu"), max_length=12, unique=True)
    book = models.ForeignKey(
        "products.CertificateBook",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        verbose_name=_("sổ cấp"),
    )
    serial = models.PositiveIntegerField(_("số thứ tự trong sổ"), null=True, blank=True, editable=False)
    official_number = models.CharField(_("số giấy chứng nhận"), max_length=60, blank=True)
    issued_on = models.DateField(_("ngày cấp"), null=True, blank=True)
    edition = models.PositiveSmallIntegerField(_("bản thứ"), default=1, editable=False)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=_("thay cho")
    )
    reissue_kind = models.CharField(_("cấp lại vì"), max_length=16, choices=ReissueKind, blank=True)
    # What is printed, frozen when the number is given. Empty for papers printed before the portal.
    content = models.JSONField(_("nội dung đã in"), default=dict, blank=True, editable=False)
    content_hash = models.CharField(_("mã băm nội dung"), max_length=64, blank=True, editable=False)
    superseded_on = models.DateField(_("thay thế ngày"), null=True, blank=True)
    superseded_reason = models.CharField(_("lý do cấp lại"), max_length=200, blank=True)
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    objects = CertificateQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("giấy chứng nhận")
        verbose_name_plural = _("giấy chứng nhận")
        constraints = [
            models.UniqueConstraint(
                fields=["recognition"],
                condition=Q(superseded_on__isnull=True),
                name="certificate_one_in_use",
                violation_error_message=_("Công nhận này đã có giấy chứng nhận đang dùng."),
            ),
            models.CheckConstraint(
                condition=Q(superseded_on__isnull=True) | ~Q(superseded_reason=""),
                name="certificate_superseded_has_reason",
                violation_error_message=_("Hãy ghi lý do cấp lại."),
            ),
            models.UniqueConstraint(fields=["book", "serial"], name="certificate_number_once"),
            models.CheckConstraint(
                condition=Q(book__isnull=True, serial__isnull=True) | Q(book__isnull=False, serial__isnull=False),
                name="certificate_number_has_book",
            ),
        ]

    def __str__(self) -> str:
        return self.code
