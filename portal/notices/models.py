"""The ledger of notices: one row per kind, subject, person or address, and due day, inserted before sending."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.scope import ProvinceScopedQuerySet

from . import kinds
from .enums import Channel, NoticeState

__all__ = ["Channel", "Notice", "NoticePreference", "NoticeState"]


class NoticeQuerySet(ProvinceScopedQuerySet["Notice"]):
    province_path = "territory"


class Notice(models.Model):
    """One matter told to one person, or to a bare address; unique, so it is never told twice.

    A person reads it in the portal; `recipient` is the address when it is mailed too, at once or in the day's digest.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=40)
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.UUIDField(_("mã đối tượng"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("người nhận"),
    )
    recipient = models.EmailField(_("thư gửi đến"), blank=True)
    channel = models.CharField(_("cách báo"), max_length=6, choices=Channel, default=Channel.EMAIL)
    due_on = models.DateField(_("đến hạn ngày"))
    territory = models.ForeignKey(
        "territory.Territory", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    title = models.CharField(_("tiêu đề"), max_length=300)
    body = models.TextField(_("nội dung"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=NoticeState, default=NoticeState.PLANNED)
    digest = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="gathered", verbose_name=_("thư gộp")
    )
    created_at = models.DateTimeField(_("ghi lúc"), auto_now_add=True)
    claimed_at = models.DateTimeField(_("bắt đầu gửi lúc"), null=True, blank=True)
    sent_at = models.DateTimeField(_("gửi xong lúc"), null=True, blank=True)
    read_at = models.DateTimeField(_("đọc lúc"), null=True, blank=True)
    error = models.TextField(_("lỗi"), blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông báo, thư nhắc")
        verbose_name_plural = _("thông báo, thư nhắc")
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "recipient", "due_on"],
                condition=~Q(recipient=""),
                name="notice_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "user", "due_on"],
                condition=Q(user__isnull=False),
                name="notice_once_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | (~Q(state=NoticeState.SENT) & Q(sent_at__isnull=True)),
                name="notice_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(recipient=""), name="notice_has_person_or_address"
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.PORTAL) | ~Q(recipient=""), name="notice_mailed_has_address"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="notice_state_due"),
            models.Index(fields=["user", "read_at"], name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.title} → {self.user or self.recipient}"

    @property
    def kind_label(self) -> str:
        return str(kinds.get(self.kind).label)


class NoticePreference(models.Model):
    """How one person wants to hear of one kind. Without a row the kind's own default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences", verbose_name=_("người nhận")
    )
    kind = models.CharField(_("loại"), max_length=40)
    channel = models.CharField(_("cách báo"), max_length=6, choices=Channel)
    changed_at = models.DateTimeField(_("chọn lúc"))

    class Meta:
        verbose_name = _("lựa chọn nhận thông báo")
        verbose_name_plural = _("lựa chọn nhận thông báo")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_preference_once")]

    def __str__(self) -> str:
        return f"{self.user}, {kinds.get(self.kind).label}: {self.get_channel_display()}"
