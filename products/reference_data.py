"""Loads the validity rules, the published totals and the successors of authorities from `reference/*.csv`.

What staff have changed since is never overwritten: a rule is known by its code, a figure by place,
period, what it counts and source, a successor by whom it follows and since when. Rows that exist are
kept as they are.
"""

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from portal.territory.models import UNKNOWN_START, Territory

from .models import PublishedFigure, SuccessorAuthority, ValidityRule

FOLDER = Path(__file__).parent / "reference"
FIGURE_FILES = ("figures", "national_rounds")


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing. Returns how many rules, figures and successors were created and kept.

    The provinces must be loaded before, since figures name theirs by slug.
    """
    counts: Counter[str] = Counter(
        {f"{k}_{w}": 0 for k in ("rules", "figures", "successors") for w in ("created", "kept")}
    )
    for row in _rows("validity_rules"):
        _rule(row, counts)
    units = {unit.slug: unit for unit in Territory.objects.all()}
    for name in FIGURE_FILES:
        for row in _rows(name):
            _figure(row, units, counts)
    for row in _rows("successor_authorities"):
        _successor(row, units, counts)
    return dict(counts)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rule(row: dict[str, str], counts: Counter[str]) -> None:
    _rule_row, created = ValidityRule.objects.get_or_create(
        code=row["code"],
        defaults={
            "valid_from": dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else UNKNOWN_START,
            "valid_to": dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            "years": int(row["years"]),
            "to_end_of_year": row["to_end_of_year"] == "1",
            "is_certain": row["is_certain"] == "1",
            "legal_basis": row["legal_basis"],
            "note": row["note"],
        },
    )
    counts["rules_created" if created else "rules_kept"] += 1


def _figure(row: dict[str, str], units: dict[str, Territory], counts: Counter[str]) -> None:
    _figure_row, created = PublishedFigure.objects.get_or_create(
        place=row["place"],
        period=row["period"],
        what=row["what"],
        source=row["source"],
        defaults={
            "territory": units[row["territory"]] if row["territory"] else None,
            "year_from": int(row["year_from"]) if row["year_from"] else None,
            "year_to": int(row["year_to"]) if row["year_to"] else None,
            "measure": row["measure"],
            "level": row["level"],
            "group": row["group"],
            "value": Decimal(row["value"]) if row["value"] else None,
            "value_text": row["value_text"],
            "precision": row["precision"],
            "unit": row["unit"],
            "note": row["note"],
        },
    )
    counts["figures_created" if created else "figures_kept"] += 1


def _successor(row: dict[str, str], units: dict[str, Territory], counts: Counter[str]) -> None:
    _successor_row, created = SuccessorAuthority.objects.get_or_create(
        level=row["level"],
        territory=units[row["territory"]] if row["territory"] else None,
        locality=row["locality"],
        valid_from=dt.date.fromisoformat(row["valid_from"]),
        defaults={
            "valid_to": dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            "authority": row["authority"],
            "contact": row["contact"],
            "legal_basis": row["legal_basis"],
            "is_certain": row["is_certain"] == "1",
        },
    )
    counts["successors_created" if created else "successors_kept"] += 1
