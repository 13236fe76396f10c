"""Letters before a recognition runs out, and on the day after: who gets which, and what it says.

The lines of the schedule (`portal.notices.schedule`) say when and to whom. What is due is chosen with `<=`, so a
scheduler that slept loses none; of several overdue lines only the latest is written; lines that were due before the
recognition was registered are not. The ledger in `portal.notices` sees to it that none leaves twice. Where no letter
can reach the maker, a person gets a call to make.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation

from portal.notices import errands, schedule
from portal.notices import services as notices
from portal.notices.models import Errand
from portal.notices.schedule import Schedule
from portal.notices.services import Letter
from portal.territory.queries import held_register

from . import due, report_reminders
from .models import Recognition
from .reminder_letters import Desk, Told, makers, rows
from .reminder_words import KIND

__all__ = ["KIND", "Outcome", "letters_for", "preview", "run", "sweep", "told_on"]
# Recognitions per batch: a night's work is one or two, and an outage of months never fills the memory.
BATCH = 5_000
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What one run did: letters newly entered, given up, sent, failed; calls newly left to a person."""

    planned: int
    dropped: int
    sent: int = 0
    failed: int = 0
    calls: int = 0


def run(*, on: dt.date, now: dt.datetime) -> Outcome:
    """What a morning does: bring the ledger up to the day, then send what is due."""
    entered = sweep(on=on, now=now)
    reports = report_reminders.plan(on)
    counts = notices.send_due(now=now, on=on)
    return replace(entered, planned=entered.planned + reports, sent=counts.sent, failed=counts.failed)


def sweep(*, on: dt.date, now: dt.datetime) -> Outcome:
    """Give up what nobody would write any more, then enter the day's letters and calls into the ledger.

    The number of queries does not grow with the register, only by a dozen for every 5,000 recognitions with something
    new to say. Each batch is entered whole, so a run that dies leaves nothing half said.
    """
    dropped = _take_back(on, now)
    planned = calls = 0
    for batch in _batches(told_on(on)):
        with transaction.atomic():
            planned += notices.plan_many([letter for told in batch for letter in told.letters], on=on)
            calls += errands.plan((call for told in batch for call in told.calls), now=now)
    return Outcome(planned=planned, dropped=dropped, calls=calls)


def preview(*, on: dt.date) -> int:
    """How many letters a run would newly enter on the day; writes nothing."""
    return notices.count_new(kind=KIND, found=letters_for(on), on=on) + report_reminders.preview(on)


def letters_for(on: dt.date) -> Iterator[Letter]:
    """Every letter that is due on the day and of which the ledger holds nothing yet."""
    return (letter for told in told_on(on) for letter in told.letters)


def told_on(on: dt.date) -> Iterator[Told]:
    """What is due on the day and not in the ledger. Four queries, and two for every batch of recognitions."""
    plan = schedule.rules_for(KIND, on)
    return _told(due.due(plan, on=on), plan, on)


def _take_back(on: dt.date, now: dt.datetime) -> int:
    """Letters and calls that still wait though today nobody would write them: replaced, revoked, no longer agreed."""
    calling = Errand.objects.waiting().filter(kind=KIND).values("subject_id")
    unsent = notices.unsent_subjects(kind=KIND, on=on)
    waiting = due.in_force().filter(Q(uuid__in=unsent) | Q(uuid__in=calling))
    keep, still = set(), set()
    for told in _told(waiting, schedule.rules_for(KIND, on), on):
        keep |= {letter.key for letter in told.letters}
        still |= {call.subject_id for call in told.calls}
    errands.drop_idle(kind=KIND, keep=still, now=now)
    return notices.drop_unsent(kind=KIND, on=on, keep=keep)


def _told(found: QuerySet[Recognition], plan: Schedule, on: dt.date) -> Iterator[Told]:
    desk = None
    for batch in _batches(rows(found)):
        desk = desk or Desk.on_day(plan, on)
        known = makers({row.facility_id for row in batch if row.facility_id})
        # The units fetched once for the whole batch, and the words in the language of the letters.
        with held_register(), translation.override("vi"):
            told = [one for row in batch if (one := desk.told(row, known))]
        yield from told


def _batches(found: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(found)
    while batch := list(islice(remaining, BATCH)):
        yield batch
