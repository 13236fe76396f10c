"""The law as data: rules on bodies and the template of criteria, from `reference/*.csv`."""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from .models import CouncilRule, CriteriaSet, Criterion

REFERENCE = Path(__file__).parent / "reference"
TEMPLATE = "Bộ tiêu chí mẫu theo TT 26/2014/TT-BCT"
TEMPLATE_BASIS = "TT 26/2014/TT-BCT, Điều 16, Phụ lục 3 và Phụ lục 4"


@transaction.atomic
def load() -> dict[str, int]:
    """Create or complete the reference rows. Safe to run twice; returns how many rows are new or changed."""
    return {"council_rules": _load_council_rules(), "criteria": _load_criteria()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _load_council_rules() -> int:
    changed = 0
    for row in _rows("council_rules.csv"):
        values = {
            "valid_to": _day(row["valid_to"]),
            "sizes": [int(size) for size in row["sizes"].split(";") if size],
            "signer": row["signer"],
            "legal_basis": row["legal_basis"],
            "is_certain": row["is_certain"] == "1",
        }
        found = CouncilRule.objects.filter(level=row["level"], valid_from=row["valid_from"]).first()
        if found is None:
            CouncilRule.objects.create(level=row["level"], valid_from=_day(row["valid_from"]), **values)
            changed += 1
        elif _differs(found, values):
            CouncilRule.objects.filter(pk=found.pk).update(**values)
            changed += 1
    return changed


def _load_criteria() -> int:
    """The template. Its sub-indicators are the circular's; their maxima are illustrative (rules.md §3)."""
    template, _created = CriteriaSet.objects.get_or_create(
        round=None, name=TEMPLATE, defaults={"legal_basis": TEMPLATE_BASIS, "is_illustrative": True}
    )
    known = {row.code: row for row in template.criteria.all()}
    changed = 0
    for position, row in enumerate(_rows("criteria.csv"), start=1):
        values = {
            "parent": known.get(row["parent"]),
            "name": row["name"],
            "max_points": Decimal(row["max_points"]) if row["max_points"] else None,
            "position": position,
        }
        found = known.get(row["code"])
        if found is None:
            known[row["code"]] = Criterion.objects.create(criteria_set=template, code=row["code"], **values)
            changed += 1
        elif _differs(found, values):
            for name, value in values.items():
                setattr(found, name, value)
            found.save()
            changed += 1
    return changed


def _differs(found: CouncilRule | Criterion, values: dict[str, object]) -> bool:
    return any(getattr(found, name) != value for name, value in values.items())
