"""Loads the programmes named in law and in print from `reference/programmes.csv`. Existing rows are kept."""

import csv
from pathlib import Path

from django.db import transaction

from portal.territory.models import Territory

from .models import Programme

FILE = Path(__file__).parent / "reference" / "programmes.csv"


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing, by name and first year. The provinces must be loaded before."""
    counts = {"programmes_created": 0, "programmes_kept": 0}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _programme, created = Programme.objects.get_or_create(
                name=row["name"],
                year_from=int(row["year_from"]),
                defaults={
                    "year_to": int(row["year_to"]),
                    "territory": Territory.objects.get(slug=row["territory"]) if row["territory"] else None,
                    "legal_basis": row["legal_basis"],
                },
            )
            counts["programmes_created" if created else "programmes_kept"] += 1
    return counts
