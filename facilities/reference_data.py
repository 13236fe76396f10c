"""Loads the days by which a year is reported on. A row that staff have changed is kept as it is."""

import csv
import datetime as dt
from pathlib import Path

from django.db import transaction

from .models import ReportingRule

RULES = Path(__file__).parent / "reference" / "reporting_rules.csv"


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing; a rule is known by who reports and its first day."""
    counts = {"reporting_rules_created": 0, "reporting_rules_kept": 0}
    with RULES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _rule, created = ReportingRule.objects.get_or_create(
                reporter=row["reporter"],
                valid_from=dt.date.fromisoformat(row["valid_from"]),
                defaults={
                    "valid_to": dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                    "month": int(row["month"]),
                    "day": int(row["day"]),
                    "legal_basis": row["legal_basis"],
                    "is_certain": row["is_certain"] == "1",
                },
            )
            counts["reporting_rules_created" if created else "reporting_rules_kept"] += 1
    return counts
