"""The book that certificates are numbered in, what is attached to them, and how often they were asked for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Dated, Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import name_key

from ..enums import CheckWay, Level, PaperKind, SignatureState


class CertificateBookQuerySet(ProvinceScopedQuerySet["CertificateBook"]):
    province_path = "territory"


class CertificateBook(models.Model):
    """Sổ cấp giấy chứng nhận of one issuing authority in one year: the next number comes from here, under a lock."""

    issuer = models.CharField(_("cơ quan cấp"), max_length=200)
    issuer_key = DerivedCharField(max_length=220, make=lambda book: name_key(book.issuer))
    year = models.PositiveSmallIntegerField(_("năm"))
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    pattern = models.CharField(
        _("mẫu số"),
        max_length=60,
        default="{number:03d}/GCN-CNNTTB",
        help_text=_("{number} là số thứ tự trong năm, {number:03d} viết đủ ba chữ số, {year} là năm."),
    )
    last_number = models.PositiveIntegerField(_("số đã cấp cuối cùng"), default=0, editable=False)
    history = HistoricalRecords()

    objects = CertificateBookQuerySet.as_manager()

    class Meta:
        verbose_name = _("sổ cấp giấy chứng nhận")
        verbose_name_plural = _("sổ cấp giấy chứng nhận")
        ordering = ["-year", "issuer_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_key", "year"],
                name="certificate_book_once_a_year",
                violation_error_message=_("Cơ quan này đã có sổ cấp giấy chứng nhận của năm. Hãy dùng sổ đã có."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer}, {self.year}"


class CertificatePaperQuerySet(ProvinceScopedQuerySet["CertificatePaper"]):
    province_path = "certificate__recognition__territory"


class CertificatePaper(models.Model):
    """A scan or a digitally signed PDF of a certificate, with what the check of its signature found."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certificate = models.ForeignKey(
        "products.Certificate", models.PROTECT, related_name="papers", verbose_name=_("giấy chứng nhận")
    )
    kind = models.CharField(_("loại"), max_length=6, choices=PaperKind)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("tệp"))
    signature = models.CharField(_("chữ ký số"), max_length=14, choices=SignatureState, default=SignatureState.UNSIGNED)
    signer = models.CharField(_("người ký"), max_length=200, blank=True)
    signed_at = models.DateTimeField(_("ký lúc"), null=True, blank=True)
    findings = models.JSONField(_("kết quả kiểm tra chữ ký"), default=dict, blank=True)
    checked_at = models.DateTimeField(_("kiểm tra lúc"), null=True, blank=True)
    added_at = models.DateTimeField(_("đưa lên lúc"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người đưa lên")
    )
    replaced_at = models.DateTimeField(_("thay bằng tệp khác lúc"), null=True, blank=True)

    objects = CertificatePaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("tệp của giấy chứng nhận")
        verbose_name_plural = _("tệp của giấy chứng nhận")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "kind"],
                condition=Q(replaced_at__isnull=True),
                name="certificate_paper_one_in_use",
            )
        ]

    def __str__(self) -> str:
        return f"{self.certificate}, {self.get_kind_display()}"


class TrustRoot(Dated):
    """A root or intermediate certificate authority whose signatures count. Held between its dates."""

    name = models.CharField(_("tổ chức chứng thực"), max_length=200)
    pem = models.TextField(_("chứng thư (PEM)"))
    fingerprint = models.CharField(_("dấu vân tay SHA-256"), max_length=64, unique=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tổ chức chứng thực chữ ký số")
        verbose_name_plural = _("tổ chức chứng thực chữ ký số")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SuccessorAuthority(Dated):
    """Who answers today for certificates of an authority that is gone. An empty territory or locality holds for all."""

    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh khi công nhận")
    )
    locality = models.CharField(_("huyện, xã khi công nhận"), max_length=120, blank=True)
    locality_key = DerivedCharField(max_length=140, make=lambda row: name_key(row.locality))
    authority = models.CharField(_("cơ quan trả lời hiện nay"), max_length=250)
    contact = models.CharField(_("liên hệ"), max_length=250, blank=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    is_certain = models.BooleanField(_("đã có văn bản"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cơ quan tiếp nhận thay")
        verbose_name_plural = _("cơ quan tiếp nhận thay")
        ordering = ["level", "territory", "locality_key", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="successor_authority_dates_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            )
        ]

    def __str__(self) -> str:
        return self.authority


class CheckCount(models.Model):
    """How often a certificate, or anything unknown (`certificate` empty), was asked for on a day. Nothing of who asked."""

    on = models.DateField(_("ngày"))
    certificate = models.ForeignKey(
        "products.Certificate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checks",
        verbose_name=_("giấy chứng nhận"),
    )
    way = models.CharField(_("cách hỏi"), max_length=4, choices=CheckWay)
    answer = models.CharField(_("trả lời"), max_length=12)
    count = models.PositiveIntegerField(_("số lần"), default=0)

    class Meta:
        verbose_name = _("lượt tra cứu")
        verbose_name_plural = _("lượt tra cứu")
        constraints = [
            models.UniqueConstraint(
                fields=["on", "certificate", "way", "answer"],
                condition=Q(certificate__isnull=False),
                name="check_count_once",
            ),
            models.UniqueConstraint(
                fields=["on", "way", "answer"], condition=Q(certificate__isnull=True), name="check_count_unknown_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.certificate or ''} {self.count}"
