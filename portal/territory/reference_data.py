"""Loads the provinces from `reference/*.csv`: units, their dated names, and what became of the ended ones.

What staff have recorded since is never overwritten: a unit is known by its code and start, a name by
its unit and start, a succession by its predecessor. Rows that exist are kept as they are.
"""

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

from django.db import transaction

from .models import UNKNOWN_START, Succession, Territory, TerritoryName
from .periods import overlapping

FOLDER = Path(__file__).parent / "reference"


@transaction.atomic
def load() -> dict[str, int]:
    """Create what is missing. Returns how many units, names and successions were created and kept."""
    counts: Counter[str] = Counter(
        {f"{kind}_{what}": 0 for kind in ("units", "names", "successions") for what in ("created", "kept")}
    )
    units = {row["slug"]: _unit(row, counts) for row in _rows("units")}
    for row in _rows("names"):
        _name(units[row["unit"]], row, counts)
    for row in _rows("successions"):
        _succession(units[row["predecessor"]], units[row["successor"]], row, counts)
    return dict(counts)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _start(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if text else UNKNOWN_START


def _end(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _count(counts: Counter[str], what: str, created: bool) -> None:
    counts[f"{what}_{'created' if created else 'kept'}"] += 1


def _unit(row: dict[str, str], counts: Counter[str]) -> Territory:
    unit, created = Territory.objects.get_or_create(
        code=row["code"],
        valid_from=_start(row["valid_from"]),
        defaults={
            "slug": row["slug"],
            "name": row["name"],
            "kind": row["kind"],
            "valid_to": _end(row["valid_to"]),
            "region": row["region"],
            "region_certain": row["region_certain"] == "1",
            "legal_basis": row["legal_basis"],
        },
    )
    _count(counts, "units", created)
    return unit


def _name(unit: Territory, row: dict[str, str], counts: Counter[str]) -> None:
    name = TerritoryName(
        territory=unit,
        name=row["name"],
        full_name=row["full_name"],
        name_en=row["name_en"],
        kind=row["kind"],
        valid_from=_start(row["valid_from"]),
        valid_to=_end(row["valid_to"]),
        legal_basis=row["legal_basis"],
    )
    known = [(other.valid_from, other.valid_to) for other in unit.names.all()]
    created = overlapping([*known, (name.valid_from, name.valid_to)]) is None
    if created:
        name.save()
    _count(counts, "names", created)


def _succession(predecessor: Territory, successor: Territory, row: dict[str, str], counts: Counter[str]) -> None:
    created = not predecessor.successions.exists()
    if created:
        Succession.objects.create(
            predecessor=predecessor,
            successor=successor,
            on=_start(row["on"]),
            is_main=row["is_main"] == "1",
            legal_basis=row["legal_basis"],
        )
    _count(counts, "successions", created)
