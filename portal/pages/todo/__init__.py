"""What waits for this person at the desk, by when, and why. A fixed number of queries, whatever the rows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry

from .communes import commune_tasks, own_commune_tasks
from .extension_file import file_tasks
from .extension_markets import fair_tasks
from .extension_money import money_tasks
from .extension_needs import need_tasks
from .extension_norms import estimate_tasks
from .extension_watch import watch_tasks
from .inquiries import inquiry_tasks
from .jury import own_jury_tasks
from .letters import letter_tasks
from .nominations import nomination_tasks
from .people import import_tasks, registration_tasks, scanner_tasks, sheet_tasks
from .register import quality_tasks, register_tasks, role_tasks
from .renewals import renewal_tasks
from .reports import report_tasks
from .rounds import own_rounds, round_tasks, waiting
from .support import support_tasks
from .tasks import TaskGroup, Waiting, grouped, weekday

DONE_SHOWN = 5
DONE_WITHIN = dt.timedelta(days=7)


@dataclass(frozen=True)
class Board:
    on: dt.date
    groups: tuple[TaskGroup, ...]
    waiting: tuple[Waiting, ...]
    done: tuple[AuditEntry, ...]

    @property
    def weekday(self) -> str:
        return weekday(self.on)

    @property
    def total(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def late(self) -> int:
        return sum(len(group.rows) for group in self.groups if group.late)


def board(user: Any, *, now: dt.datetime) -> Board:
    """Everything the desk's first page shows to this person. At most eighty queries, whatever the rows."""
    on = timezone.localdate(now)
    reach = staff_reach(user, on)
    rounds = list(own_rounds(user, reach, now))
    tasks = [
        *round_tasks(user, reach, rounds, now),
        *commune_tasks(reach, rounds, on),
        *own_commune_tasks(user, reach, now),
        *nomination_tasks(user, reach, rounds, now),
        *sheet_tasks(user),
        *own_jury_tasks(user),
        *import_tasks(user),
        *registration_tasks(reach),
        *support_tasks(user, reach, on),
        *need_tasks(reach, on),
        *watch_tasks(user, reach, on),
        *estimate_tasks(user, reach),
        *money_tasks(user, reach),
        *file_tasks(user, reach, on),
        *fair_tasks(reach, on),
        *register_tasks(reach, on),
        *renewal_tasks(reach, on),
        *quality_tasks(user, reach),
        *report_tasks(user, reach, on),
        *inquiry_tasks(reach, on),
        *letter_tasks(user, reach, now),
        *role_tasks(reach, on),
        *scanner_tasks(reach),
    ]
    done = AuditEntry.objects.filter(actor=user, at__gte=now - DONE_WITHIN)[:DONE_SHOWN]
    return Board(on, tuple(grouped(tasks, on=on)), tuple(waiting(rounds)), tuple(done))
