"""Addresses whose letters come back: what is known of each, and when a person has mended it."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.audit.services import record
from portal.text.errors import Refusal

from . import kinds
from .enums import Channel, FaultKind, NoticeState
from .models import AddressFault, Notice

SOFT_IN_A_ROW = 3
# A letter not returned within the days for which mail servers keep trying has arrived.
ARRIVED_AFTER = dt.timedelta(days=5)
WAITING = (NoticeState.PLANNED, NoticeState.FAILED)


def broken(addresses: Collection[str] | None = None) -> set[str]:
    """Addresses, of the given ones or of all, to which nothing is mailed until a person has mended them. One query."""
    if addresses is not None and not addresses:
        return set()
    found = AddressFault.objects.filter(kind=FaultKind.HARD, cleared_at__isnull=True)
    if addresses is not None:
        found = found.filter(address__in=addresses)
    return set(found.values_list("address", flat=True))


def open_for(user: Any) -> QuerySet[AddressFault]:
    """Faults of addresses that were written to from the person's reach."""
    mine = Notice.objects.visible_to(user).filter(recipient=OuterRef("address"))
    return AddressFault.objects.filter(Exists(mine))


@transaction.atomic
def note(*, notice: Notice, kind: FaultKind, diagnosis: str, at: dt.datetime) -> bool:
    """A letter came back, or its address was refused. The same letter counts once. Returns whether it was news.

    A third soft fault in a row makes the address a hard one: what waits for it is shown in the portal only.
    """
    known = Notice.objects.select_for_update().get(pk=notice.pk)
    if known.bounced_at is not None or not known.recipient:
        return False
    if kinds.get(known.kind).to_strangers:
        return _stranger_out_of_reach(known, kind, at)
    fault, made = AddressFault.objects.select_for_update().get_or_create(
        address=known.recipient,
        defaults={"kind": kind, "diagnosis": diagnosis[:500], "first_at": at, "last_at": at},
    )
    Notice.objects.filter(pk=known.pk).update(bounced_at=at)
    if not made:
        _again(fault, known, kind, diagnosis, at)
    if fault.kind == FaultKind.HARD:
        _stop_letters(fault, known, diagnosis)
    return True


def _stranger_out_of_reach(notice: Notice, kind: FaultKind, at: dt.datetime) -> bool:
    """Nobody here can mend a visitor's address, so none is kept: the letter itself says it came back."""
    mine = Notice.objects.filter(pk=notice.pk)
    if kind == FaultKind.HARD:
        mine.filter(state__in=WAITING).update(state=NoticeState.DROPPED)
    mine.update(bounced_at=at)
    return True


@transaction.atomic
def clear(*, fault: AddressFault, actor: Any, now: dt.datetime) -> None:
    """A person has asked and the address is right again: letters go to it. Raises Refusal ("fault_cleared")."""
    locked = AddressFault.objects.select_for_update().get(pk=fault.pk)
    if locked.cleared_at is not None:
        raise Refusal("fault_cleared", _("Địa chỉ này đã được xử lý. Hãy tải lại danh sách."))
    locked.cleared_at, locked.cleared_by, locked.count = now, actor, 0
    locked.save(update_fields=["cleared_at", "cleared_by", "count"])
    record(
        actor=actor,
        action="fault.cleared",
        sentence=_("Cho gửi thư lại đến %(address)s.") % {"address": locked.address},
        subject=locked,
        territory=None,
    )


def _again(fault: AddressFault, notice: Notice, kind: FaultKind, diagnosis: str, at: dt.datetime) -> None:
    """Another fault of a known address: in a row unless a letter came through in between, or a person mended it."""
    if fault.cleared_at is not None or _came_through(fault, notice, at):
        fault.count, fault.first_at = 0, at
        fault.kind = FaultKind.SOFT
    fault.count += 1
    hard = FaultKind.HARD in (kind, fault.kind) or fault.count >= SOFT_IN_A_ROW
    fault.kind = FaultKind.HARD if hard else FaultKind.SOFT
    fault.diagnosis, fault.last_at = diagnosis[:500], at
    fault.cleared_at = fault.cleared_by = None
    fault.save()


def _came_through(fault: AddressFault, notice: Notice, at: dt.datetime) -> bool:
    later = Notice.objects.filter(
        recipient=fault.address,
        state=NoticeState.SENT,
        bounced_at__isnull=True,
        sent_at__gt=fault.last_at,
        sent_at__lte=at - ARRIVED_AFTER,
    )
    return later.exclude(pk=notice.pk).exists()


def _stop_letters(fault: AddressFault, notice: Notice, diagnosis: str) -> None:
    show_only(Notice.objects.filter(recipient=fault.address, state__in=WAITING))
    record(
        actor=None,
        action="fault.hard",
        sentence=_("Ngừng gửi thư đến %(address)s: máy chủ trả lời “%(diagnosis)s”.")
        % {"address": fault.address, "diagnosis": diagnosis[:200]},
        subject=fault,
        territory=notice.territory,
    )


def show_only(waiting: QuerySet[Notice]) -> None:
    """People read it in the portal instead; to a bare address it is not sent any more."""
    bodies = Notice.objects.filter(digest__in=waiting.values("pk"), state=NoticeState.PLANNED)
    bodies.update(state=NoticeState.SHOWN)
    unread = {"claimed_at": None, "next_try_at": None}
    waiting.filter(user__isnull=False).update(state=NoticeState.SHOWN, channel=Channel.PORTAL, **unread)
    waiting.filter(user__isnull=True).update(state=NoticeState.DROPPED, **unread)
