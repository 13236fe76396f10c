"""Loads what results are measured by and which papers a file holds. Existing rows are kept."""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from portal.territory.models import UNKNOWN_START

from ..models import EvidenceRule, ResultIndicator

FOLDER = Path(__file__).parents[1] / "reference"


def load() -> dict[str, int]:
    """Create what never was there: a row that staff changed, ended or deleted is theirs."""
    return {
        "result_indicators_created": sum(_indicator(row) for row in _rows("result_indicators.csv")),
        "evidence_rules_created": sum(_rule(row) for row in _rows("evidence_rules.csv")),
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _indicator(row: dict[str, str]) -> int:
    flags = {name: row[name] == "1" for name in ("is_money", "compares_before", "adds_up", "ask_again")}
    words = {name: row[name] for name in ("name", "name_en", "unit")}
    defaults = {**words, **flags, "ordinal": int(row["ordinal"])}
    return int(ResultIndicator.objects.get_or_create(code=row["code"], defaults=defaults)[1])


def _rule(row: dict[str, str]) -> int:
    """Known by phase, name, source and start, in the table or in its history."""
    identity = {
        "phase": row["phase"],
        "name": row["name"],
        "funding": row["funding"],
        "territory": None,
        "valid_from": dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else UNKNOWN_START,
    }
    if EvidenceRule.history.filter(**identity).exists():
        return 0
    EvidenceRule.objects.create(
        **identity,
        ordinal=int(row["ordinal"]),
        kind=row["kind"],
        head=int(row["head"]) if row["head"] else None,
        is_required=row["required"] == "1",
        place=row["place"],
        legal_basis=row["legal_basis"],
    )
    return 1
