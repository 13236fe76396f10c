"""A task at the desk, and how tasks are put in order by the day they are due."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.text.workdays import next_working_day, working_days_until

# Deadlines further away than this do not wait for anybody yet.
HORIZON = dt.timedelta(days=30)
MANAGERS = frozenset({Role.OFFICER, Role.LEADER})


@dataclass(frozen=True)
class Task:
    """One row: a sentence that begins with the verb, why, by when, and the one act."""

    what: str
    why: str
    icon: str
    act: str
    url: str
    due: dt.date | None = None


@dataclass(frozen=True)
class DatedTask:
    """A task as the page shows it on a day."""

    task: Task
    left: str
    soon: bool


@dataclass(frozen=True)
class TaskGroup:
    label: str
    rows: tuple[DatedTask, ...]
    late: bool = False


@dataclass(frozen=True)
class Waiting:
    """What waits for others: who, and since or until when."""

    what: str
    when: str


def grouped(tasks: list[Task], *, on: dt.date) -> Iterator[TaskGroup]:
    """Overdue, today, the next working day, this week, later, without a date; empty groups are left out."""
    next_day = next_working_day(on)
    end_of_week = next_day + dt.timedelta(days=6 - next_day.weekday())
    slots = [
        (_("Quá hạn"), on - dt.timedelta(days=1)),
        (_("Hôm nay"), on),
        (f"{weekday(next_day)}, {next_day:%d/%m}", next_day),
        (_("Trong tuần"), end_of_week),
        (_("Sau đó"), dt.date.max),
    ]
    dated = sorted((task for task in tasks if task.due is not None), key=lambda task: task.due or on)
    for place, (label, last) in enumerate(slots):
        rows = [task for task in dated if task.due and task.due <= last]
        dated = dated[len(rows) :]
        if rows:
            yield TaskGroup(label, tuple(_dated(task, on) for task in rows), late=place == 0)
    undated = [DatedTask(task, "", soon=False) for task in tasks if task.due is None]
    if undated:
        yield TaskGroup(_("Không có hạn"), tuple(undated))


def _dated(task: Task, on: dt.date) -> DatedTask:
    assert task.due is not None
    left = working_days_until(task.due, on=on)
    if task.due < on:
        said = ngettext("trễ %(days)d ngày làm việc", "trễ %(days)d ngày làm việc", -left) % {"days": -left}
    elif task.due == on:
        said = _("hôm nay")
    else:
        said = ngettext("còn %(days)d ngày làm việc", "còn %(days)d ngày làm việc", left) % {"days": left}
    return DatedTask(task, said, soon=0 <= left <= 1 and task.due >= on)


def weekday(day_: dt.date) -> str:
    names = [_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật")]
    return names[day_.weekday()]


def provinces_with(reach: Reach, roles: Collection[str]) -> list[int]:
    """Units where the person holds one of the roles."""
    return [pk for pk, held in reach.roles_in.items() if held & set(roles)]


def page(name: str, query: dict[str, Any] | None = None, args: Collection[Any] = ()) -> str:
    """Address of a desk page, filtered."""
    address = reverse(f"admin:{name}", args=list(args))
    return f"{address}?{urlencode(query)}" if query else address


def dossiers_page(round_: Any, **narrowed: Any) -> str:
    """The round's dossiers, narrowed to exactly those a task counts."""
    return page("rounds_dossier_changelist", {"round": round_.pk, **narrowed})


def count_dossiers(**facts: Any) -> Count:
    """How many of a round's dossiers are so."""
    return Count("dossiers", filter=Q(**{f"dossiers__{name}": value for name, value in facts.items()}))


def local_day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None
