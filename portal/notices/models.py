"""The ledger of notices: one row per kind, subject, person or address, and due day, inserted before sending."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Dated, Territory

from . import kinds
from .enums import Channel, FaultKind, Means, NoticeState, Recipients

__all__ = [
    "AddressFault",
    "CalendarFeed",
    "Channel",
    "Errand",
    "Notice",
    "NoticePreference",
    "NoticeState",
    "ReminderRule",
]


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
    # The same in short, for a person to pass on by messenger.
    chat_text = models.TextField(_("tin nhắn ngắn"), blank=True)
    state = models.CharField(_("trạng thái"), max_length=10, choices=NoticeState, default=NoticeState.PLANNED)
    digest = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="gathered", verbose_name=_("thư gộp")
    )
    created_at = models.DateTimeField(_("ghi lúc"), auto_now_add=True)
    claimed_at = models.DateTimeField(_("bắt đầu gửi lúc"), null=True, blank=True)
    sent_at = models.DateTimeField(_("gửi xong lúc"), null=True, blank=True)
    read_at = models.DateTimeField(_("đọc lúc"), null=True, blank=True)
    error = models.TextField(_("lỗi"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("số lần đã gửi thử"), default=0, editable=False)
    next_try_at = models.DateTimeField(_("gửi thử lại lúc"), null=True, blank=True, editable=False)
    bounced_at = models.DateTimeField(_("bị trả lại lúc"), null=True, blank=True, editable=False)

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
            models.Index(fields=["subject_id", "kind", "due_on"], name="notice_subject_due"),
            models.Index(fields=["recipient"], name="notice_recipient"),
        ]

    def __str__(self) -> str:
        # What is written of a letter elsewhere, the audit too, outlives a visitor's address.
        whom = _("người gửi thư") if kinds.get(self.kind).to_strangers else self.user or self.recipient
        return f"{self.title} → {whom}"

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


class ReminderRule(Dated):
    """One line of the schedule of a kind of reminder: when, to whom, in which words. Staff change it without a deploy.

    `days` are counted back from the day that the reminder is about; negative ones lie after it. A province's own rows
    of a kind, level and recipient stand in for the general ones. Empty words: those of the kind.
    """

    kind = models.CharField(_("loại nhắc"), max_length=40)
    level = models.CharField(_("cấp"), max_length=10, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    recipients = models.CharField(_("gửi"), max_length=9, choices=Recipients)
    days = models.SmallIntegerField(_("trước bao nhiêu ngày"), help_text=_("Số âm là sau ngày hết hạn."))
    working_days = models.BooleanField(_("tính ngày làm việc"), default=False)
    title = models.CharField(_("tiêu đề thư"), max_length=300, blank=True)
    body = models.TextField(_("nội dung thư"), blank=True)
    chat_text = models.TextField(_("tin nhắn ngắn"), blank=True)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lịch nhắc")
        verbose_name_plural = _("lịch nhắc")
        ordering = ["kind", "recipients", "-days"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "level", "recipients", "days", "working_days", "valid_from"],
                condition=Q(territory__isnull=True),
                name="reminder_rule_once",
                violation_error_message=_("Đã có một dòng nhắc cùng loại, cùng người nhận, cùng số ngày."),
            ),
            models.UniqueConstraint(
                fields=["kind", "level", "territory", "recipients", "days", "working_days", "valid_from"],
                condition=Q(territory__isnull=False),
                name="reminder_rule_once_in_province",
                violation_error_message=_("Tỉnh đã có một dòng nhắc cùng loại, cùng người nhận, cùng số ngày."),
            ),
        ]

    def __str__(self) -> str:
        return f"{kinds.get(self.kind).label}: {self.days}"


class ErrandQuerySet(ProvinceScopedQuerySet["Errand"]):
    province_path = "territory"

    def waiting(self) -> "ErrandQuerySet":
        """Those that nobody has done yet."""
        return self.filter(done_at__isnull=True, dropped_at__isnull=True)


class Errand(models.Model):
    """A reminder that no letter can bring: a person of the department passes it on, by telephone or messenger.

    Once per matter and due day, like the letters. A later one of the same matter takes the place of one not yet done.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=40)
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.UUIDField(_("mã đối tượng"))
    due_on = models.DateField(_("đến hạn ngày"))
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    whom = models.CharField(_("báo cho"), max_length=300)
    title = models.CharField(_("việc cần báo"), max_length=300)
    chat_text = models.TextField(_("tin nhắn ngắn"))
    created_at = models.DateTimeField(_("ghi lúc"), auto_now_add=True)
    done_at = models.DateTimeField(_("đã báo lúc"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("người báo"),
    )
    how = models.CharField(_("báo bằng"), max_length=8, choices=Means, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    dropped_at = models.DateTimeField(_("thôi báo lúc"), null=True, blank=True, editable=False)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("việc báo tận nơi")
        verbose_name_plural = _("việc báo tận nơi")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_type", "subject_id", "due_on"], name="errand_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True, how="")
                | (Q(done_at__isnull=False, done_by__isnull=False, dropped_at__isnull=True) & ~Q(how="")),
                name="errand_done_says_how",
                violation_error_message=_("Hãy ghi đã báo bằng cách nào."),
            ),
        ]
        indexes = [
            models.Index(fields=["subject_id", "kind", "due_on"], name="errand_subject_due"),
            models.Index(
                fields=["territory", "due_on"],
                name="errand_waiting",
                condition=Q(done_at__isnull=True, dropped_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whom}: {self.title}"

    @property
    def kind_label(self) -> str:
        return str(kinds.get(self.kind).label)


class AddressFault(models.Model):
    """Letters to this address came back. A hard fault stops letters to it until a person has mended it."""

    address = models.EmailField(_("địa chỉ"), unique=True)
    kind = models.CharField(_("loại"), max_length=4, choices=FaultKind)
    count = models.PositiveSmallIntegerField(_("số lần trả lại"), default=1)
    diagnosis = models.CharField(_("máy chủ trả lời"), max_length=500, blank=True)
    first_at = models.DateTimeField(_("lần đầu"))
    last_at = models.DateTimeField(_("lần cuối"))
    cleared_at = models.DateTimeField(_("đã xử lý lúc"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người xử lý")
    )

    class Meta:
        verbose_name = _("địa chỉ thư bị trả lại")
        verbose_name_plural = _("địa chỉ thư bị trả lại")
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return self.address


class CalendarFeed(models.Model):
    """An address of a calendar that a person's telephone or mail program reads; whoever has it may read."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds", verbose_name=_("người dùng")
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    made_at = models.DateTimeField(_("lập lúc"))
    ended_at = models.DateTimeField(_("thôi dùng lúc"), null=True, blank=True)
    last_read_on = models.DateField(_("đọc lần cuối ngày"), null=True, blank=True)

    class Meta:
        verbose_name = _("lịch đăng ký xem")
        verbose_name_plural = _("lịch đăng ký xem")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "territory"],
                condition=Q(ended_at__isnull=True, territory__isnull=False),
                name="calendar_feed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.territory or ''}"
