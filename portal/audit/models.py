"""Who did what, when, why: append-only, hash-chained, written in the same transaction as the act."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.scope import ProvinceScopedQuerySet


class AuditEntryQuerySet(ProvinceScopedQuerySet["AuditEntry"]):
    """Acts that belong to no province are seen by those who see everything."""

    province_path = "territory"


class AuditEntry(models.Model):
    """One act. A database trigger refuses any change or removal of a row."""

    at = models.DateTimeField(_("lúc"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người làm")
    )
    actor_label = models.CharField(_("tên người làm"), max_length=200)
    action = models.CharField(_("việc"), max_length=60, db_index=True)
    sentence = models.TextField(_("nội dung"))
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.CharField(_("mã đối tượng"), max_length=40)
    subject_label = models.CharField(_("đối tượng"), max_length=300)
    territory = models.ForeignKey(
        "territory.Territory", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    reason = models.TextField(_("lý do"), blank=True)
    data = models.JSONField(_("dữ liệu"), default=dict, blank=True)
    ip = models.GenericIPAddressField(_("địa chỉ mạng"), null=True, blank=True)
    previous_hash = models.CharField(max_length=64, unique=True, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("dòng nhật ký")
        verbose_name_plural = _("nhật ký")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return self.sentence


class ChainHead(models.Model):
    """The hash of the newest row. Locking this one row is what keeps two writers from forking the chain."""

    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("đầu chuỗi nhật ký")
        verbose_name_plural = _("đầu chuỗi nhật ký")

    def __str__(self) -> str:
        return self.hash[:12]
