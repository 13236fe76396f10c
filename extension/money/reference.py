"""Loads how much may be advanced from `reference/advance_rules.csv`. What was ever there, changed or deleted, is staff's."""

import csv
from pathlib import Path

from ..models import AdvanceRule

FILE = Path(__file__).parents[1] / "reference" / "advance_rules.csv"


def load() -> dict[str, int]:
    """Create what never was there, by funding, kind and head, for all provinces."""
    created = 0
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            head = int(row["head"]) if row["head"] else None
            key = {"funding": row["funding"], "kind": row["kind"], "head": head, "territory": None}
            if AdvanceRule.history.filter(**key).exists():
                continue
            AdvanceRule.objects.create(
                **key, percent=int(row["percent"]), note=row["note"], legal_basis=row["legal_basis"]
            )
            created += 1
    return {"advance_rules_created": created}
