"""Reading the audit chain back."""

from dataclasses import dataclass
from typing import Any

from .models import AuditEntry, ChainHead
from .services import GENESIS, digest


@dataclass(frozen=True)
class Finding:
    """Where the chain breaks: the first broken row (None for the head) and why."""

    entry: AuditEntry | None
    why: str


def first_break() -> tuple[int, Finding | None]:
    """How many rows hold, and the first break if there is one. Reads the log once, a thousand rows at a time."""
    previous, checked = GENESIS, 0
    for entry in AuditEntry.objects.order_by("pk").iterator(chunk_size=1000):
        if why := _wrong(entry, previous):
            return checked, Finding(entry, why)
        previous, checked = entry.hash, checked + 1
    head = ChainHead.objects.filter(pk=1).values_list("hash", flat=True).first() or GENESIS
    return checked, None if head == previous else Finding(None, "dòng mới nhất đã mất: đầu chuỗi không khớp dòng cuối")


def _wrong(entry: AuditEntry, previous: Any) -> str:
    if entry.previous_hash != previous:
        return "không nối với dòng trước: có dòng đã bị xóa hoặc chèn vào"
    if entry.hash != digest(entry):
        return "nội dung không khớp mã băm: dòng đã bị sửa"
    return ""
