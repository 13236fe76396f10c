"""The ledger of notices: planned, then claimed, then sent. A notice is a row before it leaves the house."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.territory.models import Territory
from portal.text.clock import today

from . import kinds, people
from .enums import Channel, NoticeState
from .models import Notice, NoticePreference
from .outbox import UNSENT, Counts, confirm_sent, give_up, send_again, send_due, stuck, try_now, waiting_long

__all__ = [
    "Counts",
    "Letter",
    "as_told",
    "confirm_sent",
    "count_new",
    "drop_unsent",
    "give_up",
    "plan",
    "plan_many",
    "post_soon",
    "send_again",
    "send_due",
    "stuck",
    "try_now",
    "unsent_subjects",
    "waiting_long",
]
Key = tuple[UUID, str, dt.date]
# When set, nothing is mailed and everything counts as sent at that moment.
_told: ContextVar[dt.datetime | None] = ContextVar("notices_told", default=None)


@dataclass(frozen=True)
class Letter:
    """One matter for one person (`user_id`) or one bare address (`recipient`), not yet in the ledger."""

    kind: str
    subject_type: str
    subject_id: UUID
    recipient: str
    due_on: dt.date
    title: str
    body: str
    territory_id: int | None = None
    user_id: int | None = None
    # The same in short, and how a person hears of it who has not chosen; empty: as the kind says.
    chat_text: str = ""
    channel: str = ""

    @property
    def key(self) -> Key:
        """What tells two letters of one kind and subject type apart."""
        return (self.subject_id, _whose(self.user_id, self.recipient), self.due_on)


def plan(
    *,
    kind: str,
    subject: models.Model,
    due_on: dt.date,
    title: str,
    body: str,
    users: Iterable[User] = (),
    recipients: Iterable[str] = (),
    territory: Territory | None = None,
    act: AuditEntry | None = None,
) -> int:
    """Tell people, and bare addresses that are nobody's of them, about `subject` (which has a `uuid`).

    One matter is told once a day; with the `act` that it is about, every act is told, however many a day.
    What is to be mailed at once leaves after the transaction. Returns how many rows are new; inactive people and
    those who turned the kind off get none. Raises LookupError for people and a kind that nobody registered.
    """
    persons = list(dict.fromkeys(users))
    mine = {person.email.strip().lower() for person in persons}
    others = dict.fromkeys(address.strip().lower() for address in recipients)
    blank = Letter(
        kind=kind,
        subject_type=subject._meta.label_lower if act is None else f"{subject._meta.label_lower}:{act.pk}",
        subject_id=subject.uuid,  # type: ignore[attr-defined]
        recipient="",
        due_on=due_on,
        title=title[:300],
        body=body,
        territory_id=territory.pk if territory else None,
    )
    new = plan_many(
        [replace(blank, user_id=person.pk) for person in persons]
        + [replace(blank, recipient=address) for address in others if address and address not in mine]
    )
    if new and due_on <= today():
        post_soon()
    return new


def plan_many(found: Iterable[Letter], *, on: dt.date | None = None) -> int:
    """Enter letters, skipping what the ledger already holds; returns how many are new.

    The unique keys decide, so that two schedulers cannot double a letter. Two statements for bare addresses, a few
    more for people (their accounts, capacities and preferences), whatever the number.
    """
    rows = _rows(list(found), on or today())
    if not rows:
        return 0
    if (told := _told.get()) is not None:
        _as_sent(rows, told)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return Notice.objects.filter(uuid__in=[row.uuid for row in rows]).count()


def count_new(*, kind: str, found: Iterable[Letter], on: dt.date) -> int:
    """How many of the letters `plan_many` would enter; writes nothing."""
    keys = {_key(row) for row in _rows(list(found), on)}
    subjects = {subject_id for subject_id, _who, _due in keys}
    held = Notice.objects.filter(kind=kind, subject_id__in=subjects).only("subject_id", "user", "recipient", "due_on")
    return len(keys - {_key(row) for row in held})


def unsent_subjects(*, kind: str, on: dt.date) -> QuerySet[Notice, UUID]:
    """The subjects of a kind of which letters wait to be sent, for a further query."""
    waiting = Notice.objects.filter(kind=kind, state__in=UNSENT, due_on__lte=on, digest=None)
    return waiting.order_by().values_list("subject_id", flat=True).distinct()


def drop_unsent(*, kind: str, on: dt.date, keep: Collection[Key]) -> int:
    """Give up letters of a kind that are still unsent though today nobody would write them any more.

    A later letter has taken their place, or the subject or the consent is gone. Two statements.
    """
    waiting = Notice.objects.filter(kind=kind, state__in=UNSENT, due_on__lte=on).only(
        "subject_id", "user", "recipient", "due_on"
    )
    kept = set(keep)
    stale = [row.pk for row in waiting if _key(row) not in kept]
    return Notice.objects.filter(pk__in=stale, state__in=UNSENT).update(state=NoticeState.DROPPED) if stale else 0


def post_soon() -> None:
    """Let a worker send what this transaction plans, once it is committed; when none can be asked, beat's next run does."""
    if _told.get() is None:
        transaction.on_commit(_post, robust=True)


@contextmanager
def as_told(*, now: dt.datetime) -> Iterator[None]:
    """Within, what is planned counts as sent at `now` and nothing leaves: sample data writes to nobody."""
    token = _told.set(now)
    try:
        yield
    finally:
        _told.reset(token)


def _as_sent(rows: Sequence[Notice], now: dt.datetime) -> None:
    for row in rows:
        if row.state == NoticeState.PLANNED:
            row.state, row.sent_at = NoticeState.SENT, now


def _post() -> None:
    from .tasks import send_letters

    send_letters.delay()


def _whose(user_id: int | None, recipient: str) -> str:
    return f"person:{user_id}" if user_id else recipient


def _key(row: Notice) -> Key:
    return (row.subject_id, _whose(row.user_id, row.recipient), row.due_on)


def _rows(found: Sequence[Letter], on: dt.date) -> list[Notice]:
    """The letters as rows: people who may not be reached or want nothing are left out, the others' channel is set."""
    channels = _channels([letter for letter in found if letter.user_id], on)
    rows, taken = [], set()
    for letter in found:
        channel, address = Channel.EMAIL, letter.recipient
        if letter.user_id is not None:
            if (letter.kind, letter.user_id) not in channels:
                continue
            channel, address = channels[letter.kind, letter.user_id]
        box = (letter.kind, letter.subject_type, letter.subject_id, address, letter.due_on)
        if address and box in taken:  # one mailbox shared by two accounts gets the matter once
            channel, address = Channel.PORTAL, ""
        taken.add(box)
        if letter.user_id or address:
            rows.append(_row(letter, channel, address))
    return rows


def _row(letter: Letter, channel: Channel, address: str) -> Notice:
    return Notice(
        kind=letter.kind,
        subject_type=letter.subject_type,
        subject_id=letter.subject_id,
        user_id=letter.user_id,
        recipient=address,
        channel=channel,
        due_on=letter.due_on,
        title=letter.title,
        body=letter.body,
        chat_text=letter.chat_text,
        territory_id=letter.territory_id,
        state=NoticeState.SHOWN if channel == Channel.PORTAL else NoticeState.PLANNED,
    )


def _channels(found: Sequence[Letter], on: dt.date) -> dict[tuple[str, int], tuple[Channel, str]]:
    """Channel and address per kind and person; who may not be reached, or turned the kind off, is missing."""
    if not found:
        return {}
    ids = {letter.user_id for letter in found if letter.user_id}
    codes = {letter.kind for letter in found}
    given = {(letter.kind, letter.user_id): letter.channel for letter in found if letter.channel}
    emails = dict(User.objects.filter(pk__in=ids).values_list("pk", "email"))
    chosen = {
        (kind, user_id): channel
        for kind, user_id, channel in NoticePreference.objects.filter(user__in=ids, kind__in=codes).values_list(
            "kind", "user_id", "channel"
        )
    }
    result: dict[tuple[str, int], tuple[Channel, str]] = {}
    for code in codes:
        kind = kinds.require(code)
        for user_id in people.reachable(ids, kind.needs, on=on):
            default = given.get((code, user_id), kind.default)
            channel = Channel(kind.default if kind.legal else chosen.get((code, user_id), default))
            email = emails[user_id].strip().lower()
            if channel == Channel.OFF:
                continue
            mailed = bool(email) and channel != Channel.PORTAL
            result[code, user_id] = (channel, email) if mailed else (Channel.PORTAL, "")
    return result
