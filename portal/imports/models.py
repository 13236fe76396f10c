"""One file somebody brings in, row by row: what it would do, what it did, and how to take it back."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.files.models import StoredFile
from portal.territory.models import Territory

from .enums import AT_WORK, BatchState, Verdict

READERS = (Role.OFFICER, Role.LEADER)
WRITTEN = [BatchState.APPLIED, BatchState.UNDOING, BatchState.UNDONE]
SEEN = [BatchState.PREVIEWED, BatchState.APPLYING, *WRITTEN]


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> "ImportBatchQuerySet":
        """Those of the person, those of the provinces where the person is officer or leader; administrators all."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        reach = staff_reach(user)
        if Role.ADMINISTRATOR in reach.roles:
            return self
        provinces = [pk for pk, roles in reach.roles_in.items() if roles & set(READERS)]
        return self.filter(Q(actor=user) | Q(territory__in=provinces))


class ImportBatch(models.Model):
    """A file of one kind for one place (`scope`: a province, a round), from upload to undo."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại danh sách"), max_length=20)
    filename = models.CharField(_("tên tệp"), max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("tệp"))
    sheet = models.CharField(_("trang tính"), max_length=100, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    scope = models.CharField(_("phạm vi"), max_length=60)
    scope_label = models.CharField(_("nhập vào"), max_length=250)
    options = models.JSONField(_("lựa chọn"), default=list, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người nhập"))
    state = models.CharField(_("trạng thái"), max_length=10, choices=BatchState, default=BatchState.UPLOADED)
    uploaded_at = models.DateTimeField(_("tải lên lúc"))
    previewed_at = models.DateTimeField(_("xem trước lúc"), null=True, blank=True)
    asked_at = models.DateTimeField(_("giao ghi lúc"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người giao ghi"),
    )
    refusal = models.JSONField(_("vì sao chưa ghi được"), default=list, blank=True)
    applied_at = models.DateTimeField(_("nhập lúc"), null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người xác nhận"),
    )
    undone_at = models.DateTimeField(_("hoàn tác lúc"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người hoàn tác"),
    )
    discarded_at = models.DateTimeField(_("bỏ lúc"), null=True, blank=True)
    rows_new = models.PositiveIntegerField(_("dòng mới"), default=0)
    rows_changed = models.PositiveIntegerField(_("dòng thay đổi"), default=0)
    rows_same = models.PositiveIntegerField(_("dòng đã có"), default=0)
    rows_wrong = models.PositiveIntegerField(_("dòng sai"), default=0)
    notes = models.JSONField(_("lưu ý về tệp"), default=list, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần nhập danh sách")
        verbose_name_plural = _("lần nhập danh sách")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=SEEN) | Q(previewed_at__isnull=False),
                name="import_previewed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WRITTEN, applied_at__isnull=False, applied_by__isnull=False, rows_wrong=0)
                | (~Q(state__in=WRITTEN) & Q(applied_at__isnull=True, applied_by__isnull=True)),
                name="import_applied_is_clean_and_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(AT_WORK), asked_at__isnull=False, asked_by__isnull=False, rows_wrong=0)
                | (~Q(state__in=sorted(AT_WORK)) & Q(asked_at__isnull=True, asked_by__isnull=True)),
                name="import_running_is_clean_and_asked",
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.UNDONE, undone_at__isnull=False, undone_by__isnull=False)
                | (~Q(state=BatchState.UNDONE) & Q(undone_at__isnull=True, undone_by__isnull=True)),
                name="import_undone_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.DISCARDED, discarded_at__isnull=False)
                | (~Q(state=BatchState.DISCARDED) & Q(discarded_at__isnull=True)),
                name="import_discarded_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "territory"], name="import_waiting")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.scope_label})"

    @property
    def total(self) -> int:
        return self.rows_new + self.rows_changed + self.rows_same + self.rows_wrong

    @property
    def label(self) -> str:
        """How people call this kind of list."""
        from .registry import label_of

        return label_of(self.kind)


class ImportRow(models.Model):
    """One line of the file: its cells as read, the verdict with its reasons, and what writing it did."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("dòng"))
    verdict = models.CharField(_("kết quả"), max_length=8, choices=Verdict)
    title = models.CharField(_("nội dung"), max_length=300, blank=True)
    cells = models.JSONField(_("các ô"), default=dict)
    diff = models.JSONField(_("khác biệt"), default=list)
    sentences = models.JSONField(_("lý do, lưu ý"), default=list)
    effects = models.JSONField(_("việc đã làm"), default=list)

    class Meta:
        verbose_name = _("dòng")
        verbose_name_plural = _("dòng")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "verdict", "number"], name="import_row_verdict")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
