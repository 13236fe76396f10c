"""Whom to tell that a recognition runs out, once what is due is known: letters to people and addresses, calls to make."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from facilities.enums import ContactKind
from facilities.models import Contact, Representative
from portal.notices import faults, recipients, schedule
from portal.notices.enums import Recipients
from portal.notices.errands import Call
from portal.notices.recipients import People, Staff
from portal.notices.schedule import Due, Schedule
from portal.notices.services import Letter
from portal.notices.wording import Words, fill

from . import reminder_words
from .models import Recognition
from .reminder_words import KIND

SUBJECT = Recognition._meta.label_lower


class Row(NamedTuple):
    """One recognition with what a reminder says of it."""

    uuid: UUID
    territory_id: int
    level: str
    year: int
    expires_on: dt.date
    expiry_precision: str
    created_at: dt.datetime
    name: str
    slug: str
    facility_id: int | None
    facility: str | None
    commune_id: int | None


_COLUMNS: tuple[Any, ...] = (
    *Row._fields[: Row._fields.index("name")],
    F("product__name"),
    F("product__slug"),
    F("product__facility"),
    F("product__facility__name"),
    F("product__facility__commune"),
)


@dataclass(frozen=True)
class Told:
    """Everything that is due of one recognition, entered together or not at all."""

    letters: tuple[Letter, ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Makers:
    """How the facilities of a batch can be reached."""

    people: dict[int, People] = field(default_factory=lambda: defaultdict(dict))
    addresses: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def rows(found: QuerySet[Recognition]) -> Iterator[Row]:
    """The recognitions, read in one query without filling the memory."""
    return map(Row._make, found.order_by().values_list(*_COLUMNS).iterator(chunk_size=2_000))


def makers(facility_ids: Collection[int]) -> Makers:
    """Approved representatives with their addresses, and the addresses that agreed to be reminded. Two queries."""
    found = Makers()
    persons = Representative.objects.approved().filter(facility__in=facility_ids).order_by("pk")
    for facility_id, user_id, email in persons.values_list("facility_id", "user_id", "user__email"):
        found.people[facility_id or 0][user_id] = email.strip().lower()
    contacts = Contact.objects.filter(facility__in=facility_ids, kind=ContactKind.EMAIL, may_notify=True)
    for facility_id, value in contacts.order_by("pk").values_list("facility_id", "value"):
        address = value.strip().lower()
        if address not in found.addresses[facility_id]:
            found.addresses[facility_id].append(address)
    return found


@dataclass(frozen=True)
class Desk:
    """Writes what is due on a day. Two queries when made."""

    plan: Schedule
    on: dt.date
    staff: Staff
    broken: frozenset[str]
    # The texts of the kind do not change from one recognition to the next.
    texts: dict[tuple[bool, str], Words] = field(default_factory=dict)

    @classmethod
    def on_day(cls, plan: Schedule, on: dt.date) -> "Desk":
        whom = {rule.recipients for rule in plan.rules}
        return cls(plan, on, recipients.staff(whom, on=on), frozenset(faults.broken()))

    def told(self, row: Row, makers: Makers) -> Told | None:
        """Everything to be said of the recognition, or None when nothing is due of it or nobody can be told."""
        registered_on = timezone.localdate(row.created_at)
        found = self.plan.windows(row.expires_on, registered_on, row.level, row.territory_id, self.on)
        if not found:
            return None
        people = makers.people.get(row.facility_id or 0, {})
        addresses = [one for one in makers.addresses.get(row.facility_id or 0, ()) if one not in self.broken]
        reached = bool(addresses or people)
        mailed = bool(addresses or {*people.values()} - {"", *self.broken})
        letters: list[Letter] = []
        calls: list[Call] = []
        facts = reminder_words.facts(row)
        told, who = {*addresses, *people.values()} - {""}, set(people)
        for one in sorted(found, key=lambda due: recipients.ORDER.index(Recipients(due.recipients))):
            said = self._words(row, one, facts, reached=reached)
            if one.recipients == Recipients.FACILITY:
                letters += self._to_maker(row, one, said, facts, (people, addresses))
                if not mailed and row.facility_id:
                    calls.append(_call(row, one, said))
                continue
            place: dict[str, Any] = {"territory_id": row.territory_id, "commune_id": row.commune_id}
            for user_id, address in self.staff.of(one.recipients, **place).items():
                if user_id not in who and not (address and address in told):
                    channel = recipients.CHANNELS.get(one.recipients, "")
                    letters.append(_letter(row, one, said, user_id=user_id, channel=channel))
                    who.add(user_id)
        return Told(tuple(letters), tuple(calls)) if letters or calls else None

    def _to_maker(
        self, row: Row, due: Due, said: Words, facts: dict[str, str], reached: tuple[People, list[str]]
    ) -> Iterator[Letter]:
        people, addresses = reached
        for user_id in people:
            yield _letter(row, due, said, user_id=user_id)
        bare = said._replace(body=said.body + "\n\n" + fill(reminder_words.way_out(), facts))
        for address in addresses:
            if address not in people.values():
                yield _letter(row, due, bare, address=address)

    def _words(self, row: Row, due: Due, facts: dict[str, str], *, reached: bool) -> Words:
        ended = due.due_on > row.expires_on
        audience = "maker" if due.recipients == Recipients.FACILITY else f"staff {reached}"
        default = self.texts.get((ended, audience))
        if default is None:
            default = (
                reminder_words.to_maker(ended=ended)
                if audience == "maker"
                else reminder_words.to_staff(ended=ended, reached=reached)
            )
            self.texts[ended, audience] = default
        return schedule.words(due.rule, facts, default)


def _letter(
    row: Row, due: Due, said: Words, *, user_id: int | None = None, address: str = "", channel: str = ""
) -> Letter:
    return Letter(
        kind=KIND,
        subject_type=SUBJECT,
        subject_id=row.uuid,
        recipient=address,
        user_id=user_id,
        due_on=due.due_on,
        title=said.title[:300],
        body=said.body,
        chat_text="" if due.recipients == Recipients.FACILITY else said.chat,
        channel=channel,
        territory_id=row.territory_id,
    )


def _call(row: Row, due: Due, said: Words) -> Call:
    return Call(
        kind=KIND,
        subject_type=SUBJECT,
        subject_id=row.uuid,
        due_on=due.due_on,
        territory_id=row.territory_id,
        whom=row.facility or "",
        title=said.title,
        chat_text=said.chat,
    )
