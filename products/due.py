"""Which recognitions have a reminder due that the ledger does not hold yet: chosen by the database alone.

The days on which a reminder is due follow holidays, so they are computed here for each possible last day, a few
hundred of them, and handed to the database as a small table. However large the register, it answers with the few
that need work. Written in the SQL that SQLite and PostgreSQL share.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from portal.notices.models import Errand, Notice
from portal.notices.schedule import Schedule
from portal.territory.queries import current_ids

from .models import Recognition

_DAY = dt.timedelta(days=1)
# Rows of the small table: last day, due day, the moment before which it was registered, level and unit or all.
Row = tuple[dt.date, dt.date, dt.datetime, str, int]
_EVERY = 0


def in_force() -> QuerySet[Recognition]:
    """Recognitions that somebody is reminded of."""
    return Recognition.objects.published().filter(revoked_on__isnull=True, withdrawn_on__isnull=True)


def due(schedule: Schedule, *, on: dt.date) -> QuerySet[Recognition]:
    """Those with a reminder due on the day of which nothing stands in the ledger. One query when read."""
    table = list(_table(schedule, on))
    if not table:
        return Recognition.objects.none()
    before, after = schedule.reach
    near = Q(expires_on__gte=on - dt.timedelta(days=after), expires_on__lte=on + dt.timedelta(days=before))
    # Statuses change a row's standing, never its day: both conditions together keep the index on the day in use.
    return in_force().filter(near, pk__in=RawSQL(*_statement(schedule, table)))  # noqa: S611 - every value is a parameter


def _table(schedule: Schedule, on: dt.date) -> Iterator[Row]:
    before, after = schedule.reach
    for ahead in range(-after, before + 1):
        last = on + dt.timedelta(days=ahead)
        for level, unit in _places(schedule):
            found = schedule.windows(last, dt.date.min, level, unit, on)
            for due_on in {window.due_on for window in found}:
                yield last, due_on, _end_of(due_on), level, unit or _EVERY


def _places(schedule: Schedule) -> list[tuple[str, int | None]]:
    """Every level and unit with lines of its own, each with each."""
    levels = {level for level, _unit in schedule.places} | {""}
    units = {unit for _level, unit in schedule.places} | {None}
    return [(level, unit) for level in sorted(levels) for unit in sorted(units, key=lambda pk: pk or _EVERY)]


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + _DAY, dt.time.min))


def _statement(schedule: Schedule, table: list[Row]) -> tuple[str, list[Any]]:
    """The keys, as SQL with its parameters. `column1` … is what both databases call the columns of VALUES."""
    quote = connection.ops.quote_name
    rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(table))
    level, level_values = _own("r.level", sorted({row[3] for row in table} - {""}), "''")
    unit, unit_values = _unit(sorted({row[4] for row in table} - {_EVERY}))
    told = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {quote(model._meta.db_table)} n"  # noqa: S608 - names of ours, values as parameters
        " WHERE n.subject_id = r.uuid AND n.kind = %s AND n.due_on = due.column2)"
        for model in (Notice, Errand)
    )
    sql = (
        f"SELECT r.id FROM {quote(Recognition._meta.db_table)} r JOIN (VALUES {rows}) AS due"  # noqa: S608
        f" ON due.column1 = r.expires_on AND due.column4 = {level} AND due.column5 = {unit}"
        f" WHERE r.created_at < due.column3 AND {told}"
    )
    values = [_adapted(value) for row in table for value in row]
    return sql, [*values, *level_values, *unit_values, schedule.kind, schedule.kind]


def _own(column: str, values: list[Any], otherwise: str) -> tuple[str, list[Any]]:
    """SQL for the column's value where it has lines of its own, else for what stands for all."""
    if not values:
        return otherwise, []
    marks = ", ".join(["%s"] * len(values))
    return f"CASE WHEN {column} IN ({marks}) THEN {column} ELSE {otherwise} END", values


def _unit(own: list[int]) -> tuple[str, list[int]]:
    """SQL for the unit of today where it has lines of its own; the register of units is small enough to write out."""
    if not own:
        return str(_EVERY), []
    family = [(then, now) for then, now in current_ids().items() if now in own]
    cases = " ".join(["WHEN %s THEN %s"] * len(family))
    return f"CASE r.territory_id {cases} ELSE {_EVERY} END", [pk for pair in family for pk in pair]


def _adapted(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value
