"""Loads what law and print say of extension from `reference/*.csv`. Existing rows are kept.

Each part of the work loads its own tables: a function that returns its counts, named in `PARTS`.
"""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from portal.territory.models import Territory

from .file import reference as file_reference
from .models import Programme
from .money import reference as money_reference
from .norms import reference as norm_reference
from .steps import reference as steps_reference
from .watch import reference as watch_reference

FILE = Path(__file__).parent / "reference" / "programmes.csv"


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing. The provinces must be loaded before."""
    counts: Counter[str] = Counter()
    for part in PARTS:
        counts.update(part())
    return dict(counts)


def programmes() -> dict[str, int]:
    """Programmes, known by name and first year."""
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


PARTS: tuple[Callable[[], dict[str, int]], ...] = (
    programmes,
    norm_reference.load,
    steps_reference.load,
    file_reference.load,
    money_reference.load,
    watch_reference.load,
)
