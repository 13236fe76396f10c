"""The daily letters of extension: what falls due, by the lines of the schedule, each told once.

The ledger in `portal.notices` sees to it that none leaves twice; what is done meanwhile is taken back unsent.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.utils import translation

from portal.notices import recipients, schedule
from portal.notices import services as notices
from portal.notices.enums import Recipients
from portal.notices.recipients import Staff
from portal.notices.schedule import Schedule
from portal.notices.services import Letter
from portal.territory.queries import held_register, unit_today
from portal.text.formats import day

from .due import Due, due
from .models import Finding, Project
from .notices import KINDS, path_of

STAFF = (Recipients.OFFICER, Recipients.EXTENSION, Recipients.LEADER, Recipients.AGENCY)


def plan(on: dt.date) -> int:
    """Enter the day's letters into the ledger, and give up those whose matter is done. Returns how many are new."""
    found: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters(on):
        found[letter.kind].append(letter)
    new = 0
    for kind in KINDS:
        new += notices.plan_many(found[kind], on=on)
        notices.drop_unsent(kind=kind, on=on, keep={letter.key for letter in found[kind]})
    return new


def letters(on: dt.date) -> Iterator[Letter]:
    """Every letter that is due on the day. A fixed number of queries, whatever the matters."""
    lines = {kind: schedule.rules_for(kind, on) for kind in KINDS}
    staff = recipients.staff(STAFF, on=on)
    with held_register(), translation.override("vi"):
        for matter in due(on):
            yield from _letters(matter, lines[matter.kind], staff, on)


def _letters(matter: Due, lines: Schedule, staff: Staff, on: dt.date) -> Iterator[Letter]:
    told: set[int] = set()
    windows = lines.windows(matter.due_on, dt.date.min, "", matter.territory.pk, on)
    for one in sorted(windows, key=lambda row: recipients.ORDER.index(Recipients(row.recipients))):
        is_staff = one.recipients != Recipients.FACILITY
        if is_staff:
            readers = list(staff.of(one.recipients, territory_id=matter.territory.pk))
        else:
            readers = [user.pk for user in matter.who]
        words = schedule.words(one.rule, _facts(matter, is_staff=is_staff), _default(matter, on))
        for user_id in readers:
            if user_id in told:
                continue
            told.add(user_id)
            yield Letter(
                kind=matter.kind,
                subject_type=_type(matter),
                subject_id=matter.subject.uuid,
                recipient="",
                user_id=user_id,
                due_on=one.due_on,
                title=words.title[:300],
                body=words.body,
                chat_text=words.chat,
                territory_id=matter.territory.pk,
                channel=recipients.CHANNELS.get(one.recipients, ""),
            )


def _default(matter: Due, on: dt.date) -> schedule.Words:
    known = schedule.get(matter.kind)
    assert known is not None
    return known.default("", matter.due_on < on)


def _facts(matter: Due, *, is_staff: bool) -> dict[str, str]:
    subject = matter.subject
    project = subject.project if isinstance(subject, Finding) else subject if isinstance(subject, Project) else None
    return {
        "title": matter.title,
        "body": matter.body,
        "last_day": day(matter.due_on),
        "province": unit_today(matter.territory.pk).name,
        "link": settings.SITE_URL + path_of(matter.kind, project, is_staff=is_staff),
    }


def _type(matter: Due) -> str:
    meta = getattr(matter.subject, "_meta", None)
    return meta.label_lower if meta else "extension.duerule"
