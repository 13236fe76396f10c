"""The ledger of reminders: one row per kind, subject, recipient and due day, inserted before sending."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.scope import ProvinceScopedQuerySet


class NoticeState(models.TextChoices):
    PLANNED = "planned", _("Chờ gửi")
    SENDING = "sending", _("Đang gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Gửi không được")
    DROPPED = "dropped", _("Không gửi nữa")


class NoticeQuerySet(ProvinceScopedQuerySet["Notice"]):
    province_path = "territory"


class Notice(models.Model):
    """A letter to one recipient about one subject, due on one day; unique, so it is never sent twice."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=40)
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.UUIDField(_("mã đối tượng"))
    recipient = models.EmailField(_("người nhận"))
    due_on = models.DateField(_("đến hạn ngày"))
    territory = models.ForeignKey(
        "territory.Territory", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    title = models.CharField(_("tiêu đề"), max_length=300)
    body = models.TextField(_("nội dung"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=NoticeState, default=NoticeState.PLANNED)
    created_at = models.DateTimeField(_("ghi lúc"), auto_now_add=True)
    claimed_at = models.DateTimeField(_("bắt đầu gửi lúc"), null=True, blank=True)
    sent_at = models.DateTimeField(_("gửi xong lúc"), null=True, blank=True)
    error = models.TextField(_("lỗi"), blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thư nhắc")
        verbose_name_plural = _("thư nhắc")
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "recipient", "due_on"], name="notice_once"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | (~Q(state=NoticeState.SENT) & Q(sent_at__isnull=True)),
                name="notice_sent_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="notice_state_due")]

    def __str__(self) -> str:
        return f"{self.title} → {self.recipient}"
