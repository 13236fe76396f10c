"""The law as data: rules on bodies, conditions to enter and the template of criteria, from `reference/*.csv`."""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from .models import CouncilRule, CriteriaSet, Criterion, EligibilityRule

REFERENCE = Path(__file__).parent / "reference"
TEMPLATE = "Bộ tiêu chí mẫu theo TT 26/2014/TT-BCT"
TEMPLATE_BASIS = "TT 26/2014/TT-BCT, Điều 16, Phụ lục 3 và Phụ lục 4"


@transaction.atomic
def load() -> dict[str, int]:
    """Create the reference rows that are missing. Safe to run twice; what staff changed since is left alone."""
    return {
        "council_rules": _load_council_rules(),
        "eligibility_rules": _load_eligibility_rules(),
        "criteria": _load_criteria(),
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _load_council_rules() -> int:
    created = 0
    for row in _rows("council_rules.csv"):
        _rule, is_new = CouncilRule.objects.get_or_create(
            level=row["level"],
            valid_from=dt.date.fromisoformat(row["valid_from"]),
            defaults={
                "valid_to": _day(row["valid_to"]),
                "sizes": [int(size) for size in row["sizes"].split(";") if size],
                "signer": row["signer"],
                "legal_basis": row["legal_basis"],
                "is_certain": row["is_certain"] == "1",
            },
        )
        created += is_new
    return created


def _load_eligibility_rules() -> int:
    created = 0
    for row in _rows("eligibility_rules.csv"):
        identity = {"code": row.pop("code"), "level": row.pop("level")}
        _rule, is_new = EligibilityRule.objects.get_or_create(
            **identity,
            valid_from=dt.date.fromisoformat(row.pop("valid_from")),
            defaults={
                "valid_to": _day(row.pop("valid_to")),
                "position": int(row.pop("position")),
                "is_certain": row.pop("is_certain") == "1",
                "warns_only": row.pop("warns_only") == "1",
                **row,
            },
        )
        created += is_new
    return created


def _load_criteria() -> int:
    """The template. Its sub-indicators are the circular's; their maxima are illustrative (rules.md §3)."""
    template, is_new = CriteriaSet.objects.get_or_create(
        round=None, name=TEMPLATE, defaults={"legal_basis": TEMPLATE_BASIS, "is_illustrative": True}
    )
    if not is_new:
        return 0
    known: dict[str, Criterion] = {}
    for position, row in enumerate(_rows("criteria.csv"), start=1):
        known[row["code"]] = Criterion.objects.create(
            criteria_set=template,
            code=row["code"],
            parent=known.get(row["parent"]),
            name=row["name"],
            max_points=Decimal(row["max_points"]) if row["max_points"] else None,
            position=position,
        )
    return len(known)
