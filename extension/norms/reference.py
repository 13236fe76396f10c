"""Loads the kinds of expenses, the norms and the priorities from `reference/*.csv`. Existing rows are kept."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.territory.models import UNKNOWN_START, Territory
from portal.territory.queries import unit_of

from ..models import NormItem, PriorityRule, SupportNorm

HERE = Path(__file__).parents[1] / "reference"
FLAGS = ("counts_units", "of_estimate", "is_abroad", "needs_new_machine", "may_be_priority")


def load() -> dict[str, int]:
    """Create what is missing: items by code, norms by item, place and first day, priorities by kind, name and first day."""
    counts: Counter[str] = Counter()
    for part, rows in (("norm_items", _items()), ("norms", _norms()), ("priorities", _priorities())):
        for model, key, facts in rows:
            _row, created = model.objects.get_or_create(**key, defaults=facts)
            counts[f"{part}_{'created' if created else 'kept'}"] += 1
    return dict(counts)


Row = tuple[Any, dict[str, Any], dict[str, Any]]


def _read(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _items() -> Iterator[Row]:
    for row in _read("norm_items.csv"):
        flags = {name: row.pop(name) == "1" for name in FLAGS}
        yield NormItem, {"code": row.pop("code")}, {**row, "head": int(row["head"]), **flags}


def _norms() -> Iterator[Row]:
    items = {item.code: item for item in NormItem.objects.all()}
    for row in _read("norms.csv"):
        start = _day(row["effective_from"])
        key = {
            "item": items[row["item_code"]],
            "territory": _place(row["province"], start),
            "valid_from": start or UNKNOWN_START,
        }
        yield SupportNorm, key, _facts(row, start)


def _facts(row: dict[str, str], start: dt.date | None) -> dict[str, Any]:
    return {
        "valid_to": _day(row["effective_to"]),
        "start_known": start is not None,
        "legal_basis": row["legal_basis"],
        "percent": Decimal(row["percent"]) if row["percent"] else None,
        "ceiling": int(row["ceiling_vnd"]) if row["ceiling_vnd"] else None,
        "multiplier": Decimal(row["multiplier"]) if row["multiplier"] else None,
        "per": row["per"],
        "note": row["note"],
        "certainty": row["certainty"],
    }


def _priorities() -> Iterator[Row]:
    for row in _read("priorities.csv"):
        start = _day(row["valid_from"])
        key = {
            "kind": row["kind"],
            "name": row["name"],
            "territory": _place(row["territory"], start),
            "valid_from": start or UNKNOWN_START,
        }
        facts = {
            "values": row["values"],
            "group": row["group"],
            "points": int(row["points"]),
            "raises_ceiling": row["raises_ceiling"] == "1",
            "legal_basis": row["legal_basis"],
        }
        yield PriorityRule, key, facts


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _place(name: str, on: dt.date | None) -> Territory | None:
    """The unit of that name on the text's first day; where the day is unknown, the unit of today."""
    if not name:
        return None
    return unit_of(name, on) if on else Territory.objects.get(name=name, valid_to=None)
