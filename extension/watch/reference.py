"""Loads the questions that inspectors work through. Existing rows are kept."""

import csv
import datetime as dt
from pathlib import Path

from portal.territory.models import UNKNOWN_START

from ..models import ChecklistItem

FILE = Path(__file__).parents[1] / "reference" / "checklist.csv"


def load() -> dict[str, int]:
    """Create what never was there: a question that staff changed, ended or deleted is theirs."""
    created = 0
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not ChecklistItem.history.filter(question=row["question"], territory=None).exists():
                _create(row)
                created += 1
    return {"checklist_items_created": created}


def _create(row: dict[str, str]) -> None:
    ChecklistItem.objects.create(
        ordinal=int(row["ordinal"]),
        question=row["question"],
        guidance=row["guidance"],
        needs_photo=row["needs_photo"] == "1",
        head=int(row["head"]) if row["head"] else None,
        funding=row["funding"],
        valid_from=dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else UNKNOWN_START,
        legal_basis=row["legal_basis"],
    )
