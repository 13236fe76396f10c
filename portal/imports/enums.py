from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", _("Chờ chọn trang tính")
    PREVIEWED = "previewed", _("Chờ xác nhận")
    APPLYING = "applying", _("Đang ghi")
    APPLIED = "applied", _("Đã nhập")
    UNDOING = "undoing", _("Đang hoàn tác")
    UNDONE = "undone", _("Đã hoàn tác")
    DISCARDED = "discarded", _("Đã bỏ")


class Verdict(models.TextChoices):
    """What a row would do to the register."""

    NEW = "new", _("Mới")
    CHANGED = "changed", _("Thay đổi")
    SAME = "same", _("Đã có")
    WRONG = "wrong", _("Sai")


# A worker is at it, or about to be: nothing else is done with the list meanwhile.
AT_WORK = frozenset({BatchState.APPLYING, BatchState.UNDOING})

# The literal table of legal transitions. What runs goes back to where it came from when it is refused.
TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.UPLOADED: frozenset({BatchState.PREVIEWED, BatchState.DISCARDED}),
    BatchState.PREVIEWED: frozenset(
        {BatchState.PREVIEWED, BatchState.APPLYING, BatchState.APPLIED, BatchState.DISCARDED}
    ),
    BatchState.APPLYING: frozenset({BatchState.APPLIED, BatchState.PREVIEWED}),
    BatchState.APPLIED: frozenset({BatchState.UNDOING, BatchState.UNDONE}),
    BatchState.UNDOING: frozenset({BatchState.UNDONE, BatchState.APPLIED}),
    BatchState.UNDONE: frozenset(),
    BatchState.DISCARDED: frozenset(),
}
