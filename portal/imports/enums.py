from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", _("Chờ chọn trang tính")
    PREVIEWED = "previewed", _("Chờ xác nhận")
    APPLIED = "applied", _("Đã nhập")
    UNDONE = "undone", _("Đã hoàn tác")
    DISCARDED = "discarded", _("Đã bỏ")


class Verdict(models.TextChoices):
    """What a row would do to the register."""

    NEW = "new", _("Mới")
    CHANGED = "changed", _("Thay đổi")
    SAME = "same", _("Đã có")
    WRONG = "wrong", _("Sai")


# The literal table of legal transitions.
TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.UPLOADED: frozenset({BatchState.PREVIEWED, BatchState.DISCARDED}),
    BatchState.PREVIEWED: frozenset({BatchState.PREVIEWED, BatchState.APPLIED, BatchState.DISCARDED}),
    BatchState.APPLIED: frozenset({BatchState.UNDONE}),
    BatchState.UNDONE: frozenset(),
    BatchState.DISCARDED: frozenset(),
}
