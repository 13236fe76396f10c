"""A yearly plan against what was done: projects and sums by head of content, every figure leading to its projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from portal.territory.queries import family_ids

from ..enums import ActivityHead, ProjectState
from ..models import Plan, PlanLine, Project
from ..states import GRANTED


@dataclass(frozen=True)
class HeadRow:
    """One head of content: what the plan foresees, what stands in projects."""

    head: int
    label: str
    line: PlanLine | None
    projects: int
    funds: int
    disbursed: int
    # What of it went to projects that were stopped, which count in nothing else.
    stopped: int


@dataclass(frozen=True)
class Against:
    """The whole plan against what was done."""

    rows: list[HeadRow]
    projects: int
    funds: int
    disbursed: int
    stopped: int
    planned_projects: int | None
    planned_funds: int | None


def projects_of(plan: Plan) -> "QuerySet[Project]":
    """Projects that name the plan, and those of its province, year and source that name none."""
    same = Q(plan__isnull=True, territory__in=family_ids(plan.territory_id), year=plan.year, funding=plan.funding)
    return Project.objects.filter(Q(plan=plan) | same, is_illustrative=plan.is_illustrative)


def against(plan: Plan) -> Against:
    """By head, and in all. Two queries."""
    lines = {row.head: row for row in plan.lines.all()}
    found = {row["head"]: row for row in _by_head(plan)}
    heads: Sequence[ActivityHead] = [head for head in ActivityHead if head in lines or head in found]
    rows = [_row(head, lines.get(head), found.get(head)) for head in heads]
    return Against(
        rows=rows,
        projects=sum(row.projects for row in rows),
        funds=sum(row.funds for row in rows),
        disbursed=sum(row.disbursed for row in rows),
        stopped=sum(row.stopped for row in rows),
        planned_projects=_total([line.projects for line in lines.values()]),
        planned_funds=plan.planned_funds
        if plan.planned_funds is not None
        else _total([x.funds for x in lines.values()]),
    )


def _by_head(plan: Plan) -> Any:
    granted, stopped = Q(state__in=GRANTED), Q(state=ProjectState.STOPPED, disbursed__gt=0)
    rows = projects_of(plan).filter(granted | stopped).order_by()
    return rows.values("head").annotate(
        n=Count("pk", filter=granted),
        funds=Sum("extension_funds", filter=granted, default=0),
        paid=Sum("disbursed", default=0),
        stopped=Sum("disbursed", filter=stopped, default=0),
    )


def _row(head: ActivityHead, line: PlanLine | None, done: dict[str, int] | None) -> HeadRow:
    done = done or {"n": 0, "funds": 0, "paid": 0, "stopped": 0}
    return HeadRow(int(head), str(head.label), line, done["n"], done["funds"], done["paid"], done["stopped"])


def _total(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
