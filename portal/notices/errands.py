"""Reminders that a person passes on, where no letter can go."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .enums import Means
from .models import Errand


@dataclass(frozen=True)
class Call:
    """One reminder that somebody must pass on, not yet in the ledger."""

    kind: str
    subject_type: str
    subject_id: UUID
    due_on: dt.date
    territory_id: int | None
    whom: str
    title: str
    chat_text: str


@transaction.atomic
def plan(found: Iterable[Call], *, now: dt.datetime) -> int:
    """Enter calls, skipping what the ledger already holds; returns how many are new. Four statements.

    A new call takes the place of an earlier one of the same matter that nobody has made yet.
    """
    rows = [Errand(**{**vars(call), "whom": call.whom[:300], "title": call.title[:300]}) for call in found]
    if not rows:
        return 0
    Errand.objects.bulk_create(rows, ignore_conflicts=True)
    new = Errand.objects.filter(uuid__in=[row.uuid for row in rows])
    later = new.filter(
        kind=OuterRef("kind"),
        subject_type=OuterRef("subject_type"),
        subject_id=OuterRef("subject_id"),
        due_on__gt=OuterRef("due_on"),
    )
    subjects = [row.subject_id for row in rows]
    Errand.objects.waiting().filter(Exists(later), subject_id__in=subjects).update(dropped_at=now)
    return new.count()


def drop_idle(*, kind: str, keep: Collection[UUID], now: dt.datetime) -> int:
    """Take back the calls of a kind whose matter is settled otherwise. One statement."""
    return Errand.objects.waiting().filter(kind=kind).exclude(subject_id__in=keep).update(dropped_at=now)


@transaction.atomic
def done(*, errand: Errand, how: str, note: str, actor: Any, now: dt.datetime) -> None:
    """A person has passed it on. Raises Refusal ("errand_done", "errand_means")."""
    locked = Errand.objects.waiting().select_for_update().filter(pk=errand.pk).first()
    if locked is None:
        raise Refusal("errand_done", _("Việc này đã có người báo hoặc không còn cần báo. Hãy tải lại danh sách."))
    if how not in Means:
        raise Refusal("errand_means", _("Hãy chọn đã báo bằng cách nào."), field="how")
    locked.done_at, locked.done_by, locked.how, locked.note = now, actor, how, note.strip()
    locked.save(update_fields=["done_at", "done_by", "how", "note"])
    record(
        actor=actor,
        action="errand.done",
        sentence=_("Đã báo %(whom)s: %(title)s.") % {"whom": locked.whom, "title": locked.title},
        subject=locked,
        territory=locked.territory,
        data={"how": str(how)},
    )
