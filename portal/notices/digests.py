"""One letter a day with everything a person asked to get that way; itself a row of the ledger."""

import datetime as dt
from collections import defaultdict
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.text.formats import day

from . import kinds, letters
from .enums import Channel, NoticeState
from .models import Notice


@transaction.atomic
def gather(*, on: dt.date) -> int:
    """Write the day's letter to everyone with notices waiting for it; returns how many letters are new.

    Whatever is waiting goes in, however long the scheduler slept. One letter per person and day: what is planned after
    it waits for the next day's. What was read in the portal meanwhile is not mailed any more.
    """
    waiting = Notice.objects.filter(
        channel=Channel.DIGEST, state=NoticeState.PLANNED, digest__isnull=True, due_on__lte=on
    )
    waiting.filter(read_at__isnull=False).update(state=NoticeState.SHOWN)
    rows = waiting.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",))
    mine: dict[int, list[Notice]] = defaultdict(list)
    for row in rows.order_by("kind", "pk"):
        mine[row.user_id or 0].append(row)
    made = _write(mine, on)
    for user_id, digest_id in made.items():
        Notice.objects.filter(pk__in=[row.pk for row in mine[user_id]]).update(digest=digest_id)
    return len(made)


def _write(mine: dict[int, list[Notice]], on: dt.date) -> dict[int, int]:
    """The new letters' keys per person; a person who already has the day's letter is left out."""
    persons = dict(User.objects.filter(pk__in=mine).values_list("pk", "uuid"))
    with translation.override("vi"):
        rows = [_letter(user_id, persons[user_id], found, on) for user_id, found in mine.items()]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    written = Notice.objects.filter(uuid__in=[row.uuid for row in rows], user__isnull=False)
    return dict(written.values_list(F("user_id"), "pk"))


def _letter(user_id: int, person: UUID, found: list[Notice], on: dt.date) -> Notice:
    total = len(found)
    said = ngettext("%(total)d thông báo ngày %(day)s", "%(total)d thông báo ngày %(day)s", total)
    return Notice(
        kind=kinds.DIGEST,
        subject_type=User._meta.label_lower,
        subject_id=person,
        user_id=user_id,
        recipient=found[-1].recipient,
        due_on=on,
        title=said % {"total": total, "day": day(on)},
        body="\n\n".join(f"{label}\n{_lines(rows)}" for label, rows in letters.grouped(found)),
    )


def _lines(rows: list[Notice]) -> str:
    return "\n".join(_("• %(title)s") % {"title": row.title} for row in rows)
