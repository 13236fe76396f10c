"""When which reminder of a matter is due, and in which words. The lines of the schedule are rows that staff change.

A line counts its days back from the day that the matter ends (its last valid day, its deadline). It is due on one
day; what is due is chosen with `<=`, so a scheduler that slept loses none; of several overdue lines to the same
recipients only the latest is written; lines that were due before the matter was registered are not.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from portal.territory.queries import current_id
from portal.text.workdays import after_working_days, before_working_days, last_working_day

from . import wording
from .models import ReminderRule
from .wording import Words

# A letter about an end long past helps nobody; until then a late letter is better than none.
LATE_DAYS = 90


@dataclass(frozen=True)
class Due:
    """One reminder: the day it was due, to whom it goes, and the line that says so."""

    due_on: dt.date
    recipients: str
    rule: ReminderRule


@dataclass(frozen=True)
class Reminder:
    """A matter that people are reminded of: the placeholders of its texts, and its own texts.

    `default` gives the texts to those recipients, before the end or after it, with the placeholders still in them.
    """

    kind: str
    fields: Mapping[str, wording.Field]
    default: Callable[[str, bool], Words]
    by_level: bool = True
    levels: tuple[tuple[str, Any], ...] = ()


_REMINDERS: dict[str, Reminder] = {}


def register(reminder: Reminder) -> Reminder:
    """Make a reminder known; each room registers its own in its `notices.py`."""
    _REMINDERS[reminder.kind] = reminder
    return reminder


def get(kind: str) -> Reminder | None:
    return _REMINDERS.get(kind)


def all_reminders() -> tuple[Reminder, ...]:
    return tuple(_REMINDERS.values())


@dataclass(frozen=True)
class Schedule:
    """The lines of one kind that are, or not long ago were, in force on a day."""

    kind: str
    rules: tuple[ReminderRule, ...]

    def windows(
        self, subject_day: dt.date, registered_on: dt.date, level: str, territory_id: int | None, on: dt.date
    ) -> list[Due]:
        """What is to be written on `on` about a matter that ends on `subject_day`: at most one per recipients."""
        latest: dict[str, Due] = {}
        for one in self.days(subject_day, level, territory_id):
            if not registered_on <= one.due_on <= on:
                continue
            held = latest.get(one.recipients)
            # Holidays may bring two lines to one day: the one nearer to the end speaks.
            if held is None or (held.due_on, -held.rule.days) < (one.due_on, -one.rule.days):
                latest[one.recipients] = one
        return [one for one in latest.values() if _timely(one.due_on, subject_day, on)]

    def days(self, subject_day: dt.date, level: str, territory_id: int | None) -> Iterator[Due]:
        """Every reminder of a matter that ends on `subject_day`, past and to come."""
        unit = current_id(territory_id) if territory_id else None
        for rule in self.rules:
            due = due_day(subject_day, rule.days, working_days=rule.working_days)
            if rule.is_active and self._speaks(rule, level, unit, due):
                yield Due(due, rule.recipients, rule)

    @cached_property
    def places(self) -> tuple[tuple[str, int | None], ...]:
        """The levels and units of today for which some line says something of its own; "" and None stand for all."""
        return tuple({(rule.level, _unit(rule)) for rule in self.rules})

    @cached_property
    def reach(self) -> tuple[int, int]:
        """How many days before and after its end a matter can have a reminder due, with room for holidays."""
        days = [rule.days * (2 if rule.working_days else 1) for rule in self.rules] or [0]
        room = 15  # the longest run of holidays, Tết with its weekends, is under a fortnight
        return max(*days, 0) + room, LATE_DAYS + room - min(*days, 0)

    def _speaks(self, rule: ReminderRule, level: str, unit: int | None, due: dt.date) -> bool:
        """Whether the line is in force on its day and no nearer one, of the province or the level, stands in for it."""
        if not (_concerns(rule, level, unit) and rule.holds_on(due)):
            return False
        return not any(_concerns(other, level, unit) and other.holds_on(due) for other in self._nearer[id(rule)])

    @cached_property
    def _nearer(self) -> dict[int, tuple[ReminderRule, ...]]:
        """For each line the nearer ones to the same recipients, which may stand in for it."""
        return {
            id(rule): tuple(
                other
                for other in self.rules
                if other.recipients == rule.recipients and _nearness(other) > _nearness(rule)
            )
            for rule in self.rules
        }


def rules_for(kind: str, on: dt.date) -> Schedule:
    """The schedule of a kind as of a day. One query.

    Lines ended lately are read too: what was due on their last day must not be lost to a scheduler that slept.
    """
    rows = ReminderRule.objects.filter(kind=kind, valid_from__lte=on).order_by("pk")
    since = on - dt.timedelta(days=LATE_DAYS)
    return Schedule(kind, tuple(row for row in rows if row.valid_to is None or row.valid_to >= since))


@lru_cache(maxsize=32_768)
def due_day(subject_day: dt.date, days: int, *, working_days: bool) -> dt.date:
    """The day on which a line of `days` before the end is due; negative `days` lie after it.

    Before the end, a day that nobody works on becomes the working day before it, never a later one.
    """
    if days < 0:
        return after_working_days(subject_day, -days) if working_days else subject_day - dt.timedelta(days=days)
    if working_days:
        return before_working_days(subject_day, days)
    return last_working_day(subject_day - dt.timedelta(days=days))


def words(rule: ReminderRule | None, facts: Mapping[str, Any], default: Words) -> Words:
    """The texts of a reminder: the line's own where it has them, else those of the kind, placeholders filled in."""
    own = Words(rule.title, rule.body, rule.chat_text) if rule else Words("", "", "")
    return Words(*(wording.fill(mine or given, facts) for mine, given in zip(own, default, strict=True)))


def _unit(rule: ReminderRule) -> int | None:
    return current_id(rule.territory_id) if rule.territory_id else None


def _concerns(rule: ReminderRule, level: str, unit: int | None) -> bool:
    return rule.level in ("", level) and (rule.territory_id is None or _unit(rule) == unit)


def _nearness(rule: ReminderRule) -> tuple[bool, bool]:
    """A province's own line is nearer than a general one; among equals one for the level is."""
    return (rule.territory_id is not None, rule.level != "")


def _timely(due: dt.date, subject_day: dt.date, on: dt.date) -> bool:
    """Before the end any overdue line is better late; after it only one that was due after it, and not for ever."""
    return on <= subject_day or (due > subject_day and on - due <= dt.timedelta(days=LATE_DAYS))
