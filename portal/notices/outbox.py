"""The way out of the ledger: claimed, then sent, or tried again later. Nothing is given up but by a person.

Waiting times double from a quarter of an hour to four hours, so that three days without a mail server cost a few
dozen attempts and no letter. A letter whose claim was never settled, or whose line broke while its text was under
way, may have left: only a person can tell, and the machine does not send it again.
"""

import datetime as dt
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from . import faults, kinds, letters, people, refusals
from .enums import Channel, FaultKind, NoticeState
from .models import Notice
from .smtp import MayHaveLeft

# Sending one letter takes seconds; a row claimed longer ago belongs to a run that died half-way.
STUCK_AFTER = dt.timedelta(minutes=30)
# What has waited this long is shown to a person.
LONG = dt.timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=15), dt.timedelta(hours=4)
BATCH = 100
UNSENT = (NoticeState.PLANNED, NoticeState.FAILED)
_SERVER_BUSY = 421


@dataclass(frozen=True)
class Counts:
    """What one run did."""

    sent: int = 0
    failed: int = 0


class ServerDown(Exception):
    """No letter can leave at the moment, whatever its address."""


def next_try(attempts: int, now: dt.datetime) -> dt.datetime:
    """When a letter is tried again after its `attempts`-th failure."""
    doubled = FIRST_WAIT * 2 ** min(attempts - 1, 10)
    return now + min(doubled, LONGEST_WAIT)


def send_due(*, now: dt.datetime, on: dt.date | None = None) -> Counts:
    """Send every letter due by `on` (default: the day of `now`), each claimed first, so that no other run sends it too.

    Whoever may no longer be written to is left out here as well. What fails waits for its next try; when the server
    itself fails, the run ends and costs the others no attempt of their own.
    """
    sent = failed = 0
    day = on or timezone.localdate(now)
    while batch := _claim(now, day):
        wanted = _wanted(batch, day)
        server = get_connection()
        for place, notice in enumerate(wanted):
            try:
                done = _send(notice, server, now)
            except ServerDown as down:
                _close(server)
                _wait(wanted[place:], str(down), now)
                return Counts(sent, failed + len(wanted) - place)
            sent, failed = sent + done, failed + (not done)
        _close(server)
    return Counts(sent=sent, failed=failed)


def stuck(*, now: dt.datetime) -> QuerySet[Notice]:
    """Letters of which nobody knows whether they left: claimed long ago, never confirmed.

    A claim from the future was made before the clock was set back.
    """
    long_ago = Q(claimed_at__lte=now - STUCK_AFTER) | Q(claimed_at__gt=now + STUCK_AFTER)
    return Notice.objects.filter(long_ago, state=NoticeState.SENDING)


def waiting_long(*, now: dt.datetime) -> QuerySet[Notice]:
    """Letters that should have left a day ago and still wait."""
    since = now - LONG
    return Notice.objects.filter(
        state__in=UNSENT, channel=Channel.EMAIL, due_on__lte=timezone.localdate(since), created_at__lte=since
    )


def send_again(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person has found that a stuck letter never left. Raises Refusal ("notice_not_stuck")."""
    _settle(notice, actor, now, state=NoticeState.PLANNED, sent_at=None, sentence=_("Cho gửi lại thư “%(title)s”."))


def confirm_sent(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person has found that a stuck letter did leave. Raises Refusal ("notice_not_stuck")."""
    _settle(notice, actor, now, state=NoticeState.SENT, sent_at=now, sentence=_("Xác nhận thư “%(title)s” đã gửi."))


@transaction.atomic
def try_now(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person wants a waiting letter tried by the next run. Raises Refusal ("notice_not_waiting")."""
    locked = _waiting(notice)
    Notice.objects.filter(pk=locked.pk).update(next_try_at=None)
    _recorded(locked, actor, "tried", _("Cho gửi thử ngay thư “%(title)s”."))


@transaction.atomic
def give_up(*, notice: Notice, actor: Any, now: dt.datetime) -> None:
    """A person gives up a letter that cannot leave; a reader with an account keeps it. Raises Refusal ("notice_not_waiting")."""
    locked = _waiting(notice)
    faults.show_only(Notice.objects.filter(pk=locked.pk))
    _recorded(locked, actor, "dropped", _("Thôi gửi thư “%(title)s”."))


def _waiting(notice: Notice) -> Notice:
    found = Notice.objects.select_for_update().filter(pk=notice.pk, state__in=UNSENT).exclude(recipient="").first()
    if found is None:
        raise Refusal("notice_not_waiting", _("Thư này không còn chờ gửi. Hãy tải lại danh sách."))
    return found


@transaction.atomic
def _settle(notice: Notice, actor: Any, now: dt.datetime, *, state: str, sent_at: Any, sentence: Any) -> None:
    locked = stuck(now=now).select_for_update().filter(pk=notice.pk).first()
    if locked is None:
        raise Refusal("notice_not_stuck", _("Thư này không còn ở trạng thái đang gửi dở. Hãy tải lại danh sách."))
    locked.state, locked.sent_at, locked.claimed_at, locked.error = state, sent_at, None, ""
    locked.next_try_at = None
    locked.save(update_fields=["state", "sent_at", "claimed_at", "error", "next_try_at"])
    locked.gathered.update(state=state, sent_at=sent_at)
    _recorded(locked, actor, state, sentence)


def _recorded(notice: Notice, actor: Any, act: str, sentence: Any) -> None:
    record(
        actor=actor,
        action=f"notice.{act}",
        sentence=str(sentence) % {"title": notice.title},
        subject=notice,
        territory=notice.territory,
    )


@transaction.atomic
def _claim(now: dt.datetime, on: dt.date) -> list[Notice]:
    """Mark the next letters as being sent, under a lock that other runs skip over."""
    due = Notice.objects.filter(state__in=UNSENT, channel=Channel.EMAIL, due_on__lte=on)
    # What this very run tried waits beyond `now`; a try from the future was made before the clock was set back.
    ripe = due.filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now) | Q(claimed_at__gt=now))
    batch = list(
        ripe.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).order_by(
            "due_on", "pk"
        )[:BATCH]
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in batch]).update(
        state=NoticeState.SENDING, claimed_at=now, error=""
    )
    return batch


def _wanted(batch: list[Notice], on: dt.date) -> list[Notice]:
    """Those of a claimed batch whose people may still be written to, at an address that takes letters."""
    by_consent = [row for row in batch if row.user_id is None and kinds.get(row.kind).by_consent]
    agreed = people.agreed({row.recipient for row in by_consent})
    unwanted = {row.pk for row in by_consent if row.recipient not in agreed}
    for code in {row.kind for row in batch if row.user_id}:
        mine = [row for row in batch if row.user_id and row.kind == code]
        reached = people.reachable({row.user_id for row in mine if row.user_id}, kinds.get(code).needs, on=on)
        unwanted |= {row.pk for row in mine if row.user_id not in reached}
    if unwanted:
        given_up = Notice.objects.filter(Q(pk__in=unwanted) | Q(digest__in=unwanted))
        given_up.exclude(state=NoticeState.SENT).update(state=NoticeState.DROPPED)
    broken = faults.broken({row.recipient for row in batch})
    if barred := {row.pk for row in batch if row.recipient in broken} - unwanted:
        faults.show_only(Notice.objects.filter(pk__in=barred))
    return [row for row in batch if row.pk not in unwanted | barred]


def _send(notice: Notice, server: Any, now: dt.datetime) -> bool:
    """Whether the letter left. Raises ServerDown when none can leave."""
    letter = _written(notice, server, now)
    if letter is None:
        return False
    try:
        _open(server)
        letter.send()
    except MayHaveLeft as error:
        # Still claimed: half an hour from now it is a person's to-do.
        Notice.objects.filter(pk=notice.pk).update(error=_said(error))
        _close(server)
        return False
    except smtplib.SMTPRecipientsRefused as error:
        _refused(notice, error, now)
        return False
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == _SERVER_BUSY or isinstance(error, _NOT_THE_LETTER):
            raise ServerDown(_said(error)) from error
        _wait([notice], _said(error), now)
        return False
    except OSError as error:
        raise ServerDown(_said(error)) from error
    except ValueError as error:  # a header that mail does not allow
        _wait([notice], _said(error), now)
        return False
    _note(notice, state=NoticeState.SENT, sent_at=now, next_try_at=None, attempts=notice.attempts + 1)
    return True


_NOT_THE_LETTER = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


def _written(notice: Notice, server: Any, now: dt.datetime) -> EmailMultiAlternatives | None:
    """The letter; one that cannot be written must not hold up the others, and has certainly not left."""
    try:
        return letters.message(notice, server)
    except Exception as error:
        _wait([notice], _said(error), now)
        return None


def _open(server: Any) -> None:
    """Connect before anything is handed over: what fails here has not left."""
    try:
        server.open()
    except smtplib.SMTPException as error:
        raise ServerDown(_said(error)) from error


def _close(server: Any) -> None:
    # Everything handed over before has been answered.
    with suppress(smtplib.SMTPException, OSError):
        server.close()


def _refused(notice: Notice, error: smtplib.SMTPRecipientsRefused, now: dt.datetime) -> None:
    """The server takes nothing for this address: for good, or for the moment."""
    code, text = next(iter(error.recipients.values()), (0, b""))
    said = normalise(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    _wait([notice], f"{code} {said}"[:1000], now)
    if refusals.of_refusal(code, said) == FaultKind.HARD:
        faults.note(notice=notice, kind=FaultKind.HARD, diagnosis=f"{code} {said}", at=now)


@transaction.atomic
def _wait(notices: list[Notice], error: str, now: dt.datetime) -> None:
    """Not sent: each is tried again after its own number of failures."""
    for attempts in {notice.attempts for notice in notices}:
        mine = [notice.pk for notice in notices if notice.attempts == attempts]
        Notice.objects.filter(pk__in=mine, state=NoticeState.SENDING).update(
            state=NoticeState.FAILED, error=error, attempts=attempts + 1, next_try_at=next_try(attempts + 1, now)
        )


def _said(error: Exception) -> str:
    return normalise(f"{type(error).__name__}: {error}"[:1000])


@transaction.atomic
def _note(notice: Notice, **outcome: Any) -> None:
    Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING).update(**outcome)
    if notice.kind == kinds.DIGEST and outcome["state"] == NoticeState.SENT:
        told = {"state": NoticeState.SENT, "sent_at": outcome["sent_at"]}
        notice.gathered.filter(state=NoticeState.PLANNED).update(**told)
