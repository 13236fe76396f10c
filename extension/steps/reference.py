"""Loads the steps of projects, the days of the extension year and who decides on changes. Existing rows are kept."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.territory.models import UNKNOWN_START

from ..models import AuthorityRule, DueRule, Workflow, WorkflowStep

FOLDER = Path(__file__).parents[1] / "reference"


def load() -> dict[str, int]:
    """Create what never was there: a row that staff changed, ended or deleted is theirs."""
    counts: Counter[str] = Counter()
    counts["workflows_created"] = _workflows()
    counts["due_rules_created"] = sum(_due_rule(row) for row in _rows("due_rules.csv"))
    counts["authority_rules_created"] = sum(_authority_rule(row) for row in _rows("authority_rules.csv"))
    return dict(counts)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _workflows() -> int:
    """A workflow with all its steps, or nothing: the steps of one that staff keep are never mixed with these."""
    steps = list(_rows("workflow_steps.csv"))
    created = 0
    for row in _rows("workflows.csv"):
        identity = {"funding": row["funding"], "territory": None, "valid_from": _day(row["valid_from"])}
        if Workflow.history.filter(**identity).exists():
            continue
        workflow = Workflow.objects.create(**identity, name=row["name"], legal_basis=row["legal_basis"])
        for step in steps:
            if step["workflow"] == row["key"]:
                _step(workflow, step)
        created += 1
    return created


def _step(workflow: Workflow, row: dict[str, str]) -> None:
    WorkflowStep.objects.create(
        workflow=workflow,
        ordinal=int(row["ordinal"]),
        phase=row["phase"],
        name=row["name"],
        who=row["who"],
        for_beneficiary=row["for_beneficiary"],
        for_public=row["for_public"],
        for_public_en=row["for_public_en"],
        is_required=row["required"] == "1",
        due=row["due"],
        due_month=_number(row["month"]),
        due_day=_number(row["day"]),
        due_year_offset=int(row["year_offset"]),
        due_days=_number(row["days"]),
        due_working_days=row["working"] == "1",
    )


def _due_rule(row: dict[str, str]) -> int:
    identity = {
        "code": row["code"],
        "funding": row["funding"],
        "territory": None,
        "valid_from": _day(row["valid_from"]),
    }
    facts = {
        "month": _number(row["month"]),
        "day": _number(row["day"]),
        "year_offset": int(row["year_offset"]),
        "days": _number(row["days"]),
        "working_days": row["working"] == "1",
        "legal_basis": row["legal_basis"],
    }
    return _once(DueRule, identity, facts)


def _authority_rule(row: dict[str, str]) -> int:
    identity = {
        "funding": row["funding"],
        "act": row["act"],
        "territory": None,
        "valid_from": _day(row["valid_from"]),
    }
    return _once(AuthorityRule, identity, {"authority": row["authority"], "legal_basis": row["legal_basis"]})


def _once(model: Any, identity: dict[str, Any], facts: dict[str, Any]) -> int:
    if model.history.filter(**identity).exists():
        return 0
    model.objects.create(**identity, **facts)
    return 1


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if text else UNKNOWN_START


def _number(text: str) -> int | None:
    return int(text) if text else None
