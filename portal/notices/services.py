"""The ledger of letters: planned, then claimed, then sent. A letter is a row before it leaves the house."""

import datetime as dt
import smtplib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage, get_connection
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.audit.services import record
from portal.territory.models import Territory
from portal.text.errors import Refusal

from .models import Notice, NoticeState

# Sending one letter takes seconds; a row claimed longer ago belongs to a run that died half-way.
STUCK_AFTER = dt.timedelta(minutes=30)
BATCH = 100
UNSENT = (NoticeState.PLANNED, NoticeState.FAILED)


@dataclass(frozen=True)
class Letter:
    """One letter to one recipient, not yet in the ledger."""

    kind: str
    subject_type: str
    subject_id: UUID
    recipient: str
    due_on: dt.date
    title: str
    body: str
    territory_id: int | None = None

    @property
    def key(self) -> tuple[UUID, str, dt.date]:
        """What tells two letters of one kind and subject type apart."""
        return (self.subject_id, self.recipient, self.due_on)


@dataclass(frozen=True)
class Counts:
    """What one run did."""

    sent: int = 0
    failed: int = 0


def plan(
    *,
    kind: str,
    subject: models.Model,
    recipients: Iterable[str],
    due_on: dt.date,
    title: str,
    body: str,
    territory: Territory | None = None,
) -> int:
    """Enter one letter per recipient about `subject` (which has a `uuid`); returns how many are new."""
    return plan_many(
        Letter(
            kind=kind,
            subject_type=subject._meta.label_lower,
            subject_id=subject.uuid,  # type: ignore[attr-defined]
            recipient=recipient,
            due_on=due_on,
            title=title,
            body=body,
            territory_id=territory.pk if territory else None,
        )
        for recipient in dict.fromkeys(address.strip().lower() for address in recipients)
    )


def plan_many(letters: Iterable[Letter]) -> int:
    """Enter letters, skipping what the ledger already holds; returns how many are new.

    Two statements whatever the number: the unique key decides, so that two schedulers cannot double a letter.
    """
    rows = [
        Notice(
            kind=letter.kind,
            subject_type=letter.subject_type,
            subject_id=letter.subject_id,
            recipient=letter.recipient,
            due_on=letter.due_on,
            title=letter.title,
            body=letter.body,
            territory_id=letter.territory_id,
        )
        for letter in letters
    ]
    if not rows:
        return 0
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return Notice.objects.filter(uuid__in=[row.uuid for row in rows]).count()


def drop_unsent(*, kind: str, on: dt.date, keep: Collection[tuple[UUID, str, dt.date]]) -> int:
    """Give up letters of a kind that are still unsent though today nobody would write them any more.

    A later letter has taken their place, or the subject or the consent is gone. Two statements.
    """
    waiting = Notice.objects.filter(kind=kind, state__in=UNSENT, due_on__lte=on).values_list(
        "pk", "subject_id", "recipient", "due_on"
    )
    kept = set(keep)
    stale = [pk for pk, *key in waiting if tuple(key) not in kept]
    return Notice.objects.filter(pk__in=stale, state__in=UNSENT).update(state=NoticeState.DROPPED) if stale else 0


def known_keys(*, kind: str, letters: Iterable[Letter]) -> set[tuple[UUID, str, dt.date]]:
    """Keys of the letters that the ledger already holds. One query."""
    subjects = {letter.subject_id for letter in letters}
    rows = Notice.objects.filter(kind=kind, subject_id__in=subjects)
    return set(rows.values_list("subject_id", "recipient", "due_on"))


def send_due(*, now: dt.datetime, on: dt.date | None = None) -> Counts:
    """Send every letter due by `on` (default: the day of `now`), each claimed first, so that no other run sends it too.

    What fails is marked with its error and tried again by the next run, not by this one.
    """
    sent = failed = 0
    while batch := _claim(now, on or timezone.localdate(now)):
        server = get_connection()
        for notice in batch:
            if _send(notice, server, now):
                sent += 1
            else:
                failed += 1
                server = get_connection()
        server.close()
    return Counts(sent=sent, failed=failed)


def stuck(*, now: dt.datetime) -> QuerySet[Notice]:
    """Letters of which nobody knows whether they left: claimed long ago, never confirmed."""
    return Notice.objects.filter(state=NoticeState.SENDING, claimed_at__lte=now - STUCK_AFTER)


def send_again(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person has found that a stuck letter never left. Raises Refusal ("notice_not_stuck")."""
    _settle(notice, actor, now, state=NoticeState.PLANNED, sent_at=None, sentence=_("Cho gửi lại thư “%(title)s”."))


def confirm_sent(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person has found that a stuck letter did leave. Raises Refusal ("notice_not_stuck")."""
    _settle(notice, actor, now, state=NoticeState.SENT, sent_at=now, sentence=_("Xác nhận thư “%(title)s” đã gửi."))


@transaction.atomic
def _settle(notice: Notice, actor: Any, now: dt.datetime, *, state: str, sent_at: Any, sentence: Any) -> None:
    locked = stuck(now=now).select_for_update().filter(pk=notice.pk).first()
    if locked is None:
        raise Refusal("notice_not_stuck", _("Thư này không còn ở trạng thái đang gửi dở. Hãy tải lại danh sách."))
    locked.state, locked.sent_at, locked.claimed_at, locked.error = state, sent_at, None, ""
    locked.save(update_fields=["state", "sent_at", "claimed_at", "error"])
    record(
        actor=actor,
        action=f"notice.{state}",
        sentence=str(sentence) % {"title": locked.title},
        subject=locked,
        territory=locked.territory,
    )


@transaction.atomic
def _claim(now: dt.datetime, on: dt.date) -> list[Notice]:
    """Mark the next letters as being sent, under a lock that other runs skip over."""
    due = Notice.objects.filter(state__in=UNSENT, due_on__lte=on)
    # What this very run tried and failed carries this run's time.
    fresh = due.filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=now))
    batch = list(
        fresh.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).order_by(
            "due_on", "pk"
        )[:BATCH]
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in batch]).update(
        state=NoticeState.SENDING, claimed_at=now, error=""
    )
    return batch


def _send(notice: Notice, server: Any, now: dt.datetime) -> bool:
    message = EmailMessage(notice.title, notice.body, to=[notice.recipient], connection=server)
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        _note(notice, state=NoticeState.FAILED, error=f"{type(error).__name__}: {error}"[:1000])
        return False
    _note(notice, state=NoticeState.SENT, sent_at=now)
    return True


def _note(notice: Notice, **outcome: Any) -> None:
    Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING).update(**outcome)
