"""Loads the schedule of reminders from `reference/reminder_rules.csv`.

A line is known by its kind, level, recipients and days. What staff have changed or stopped since is left alone; a
line that they ended and wrote anew is theirs. Only lines that never were there are created.
"""

import csv
from pathlib import Path

from django.db import transaction

from .models import ReminderRule

FILE = Path(__file__).parent / "reference" / "reminder_rules.csv"
IDENTITY = ("kind", "level", "recipients", "days", "working_days", "territory_id")


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing. Returns how many lines were created and kept. Two statements."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [_row(line) for line in csv.DictReader(file)]
    # Deleted lines are not brought back either: their history stays.
    known = {*ReminderRule.objects.values_list(*IDENTITY), *ReminderRule.history.values_list(*IDENTITY)}
    new = [row for row in rows if tuple(getattr(row, name) for name in IDENTITY) not in known]
    for row in new:
        row.save()
    return {"reminders_created": len(new), "reminders_kept": len(rows) - len(new)}


def _row(line: dict[str, str]) -> ReminderRule:
    return ReminderRule(
        kind=line["kind"],
        level=line["level"],
        recipients=line["recipients"],
        days=int(line["days"]),
        working_days=line["working_days"] == "1",
    )
