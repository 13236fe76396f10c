"""What a person reads of the notices."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from . import kinds, people
from .enums import NoticeState
from .kinds import Kind
from .models import Notice, NoticePreference


def inbox(user: Any, *, on: dt.date) -> QuerySet[Notice]:
    """The person's notices, unread ones first, then the newest. One query when read."""
    return _mine(user, on).order_by(F("read_at").asc(nulls_first=True), "-due_on", "-pk")


def unread_count(user: Any, *, on: dt.date) -> int:
    """How many notices wait to be read. One query, none for who is not logged in."""
    if not getattr(user, "is_authenticated", False):
        return 0
    return _mine(user, on).filter(read_at__isnull=True).count()


@dataclass(frozen=True)
class Choice:
    """One kind and how the person hears of it."""

    kind: Kind
    channel: str

    @property
    def locked(self) -> bool:
        return self.kind.legal


def choices_of(user: Any, *, on: dt.date) -> tuple[Choice, ...]:
    """Every kind that concerns the person, with the channel in force. Five queries."""
    mine = people.audiences_of(user, on=on)
    chosen = dict(NoticePreference.objects.filter(user=user).values_list("kind", "channel"))
    return tuple(
        Choice(kind=kind, channel=kind.default if kind.legal else chosen.get(kind.code, kind.default))
        for kind in kinds.all_kinds()
        if not kind.whom or kind.whom & mine
    )


def _mine(user: Any, on: dt.date) -> QuerySet[Notice]:
    shown = Notice.objects.filter(user=user, due_on__lte=on).exclude(kind=kinds.DIGEST)
    return shown.exclude(state=NoticeState.DROPPED)
