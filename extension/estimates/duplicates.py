"""No expense is supported twice: what looks like one expense in two places, over projects, years and sources.

The same machine (its make and number) anywhere; the same kind of expense for the same facility in another project.
What is counted by the piece (booths, journeys) is bought every year, so there only the same year is asked about. Lines
of one project share a ceiling instead, and editions of one estimate are one expense.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from ..enums import AlarmKind, AlarmState, EstimateState, ProjectState
from ..models import DuplicateAlarm, Estimate, EstimateLine, Project
from ..models.funds import STANDING

MOST_ABROAD = 2
STOPPED_UNPAID = Q(project__state=ProjectState.STOPPED) & (Q(project__disbursed__isnull=True) | Q(project__disbursed=0))
GIVEN_UP = Q(project__state=ProjectState.REFUSED) | STOPPED_UNPAID


@dataclass(frozen=True)
class Pair:
    """Two lines that may be one expense."""

    line: EstimateLine
    other: EstimateLine
    kind: AlarmKind


def standing_lines() -> QuerySet[EstimateLine]:
    """Lines of estimates proposed or approved whose money is asked for or given."""
    return EstimateLine.objects.filter(estimate__state__in=STANDING).exclude(GIVEN_UP).exclude(approved=0)


def estimates_of(facility_ids: Iterable[int]) -> QuerySet[Estimate]:
    """Estimates in work or in force with a line of one of the facilities, of projects that were not given up."""
    rows = Estimate.objects.exclude(state=EstimateState.REPLACED).exclude(GIVEN_UP)
    return rows.filter(lines__facility__in=list(facility_ids)).distinct()


def pairs_of(estimate: Estimate, lines: Iterable[EstimateLine]) -> list[Pair]:
    """Every pair that the lines of an estimate make with standing lines and among themselves. One query."""
    lines = list(lines)
    machines = {line.machine_key for line in lines if line.machine_key}
    facilities = {line.facility_id for line in lines if line.facility_id}
    items = {line.item_id for line in lines}
    near = Q(machine_key__in=machines) | Q(facility__in=facilities, item__in=items)
    others = standing_lines().filter(near).exclude(project=estimate.project_id).select_related("project")
    return [*_among(lines), *_against(estimate.project, lines, list(others.order_by("pk")))]


def _among(lines: list[EstimateLine]) -> Iterator[Pair]:
    """The same machine written twice in one estimate."""
    for place, line in enumerate(lines):
        for other in lines[:place]:
            if line.machine_key and line.machine_key == other.machine_key:
                yield Pair(line, other, AlarmKind.MACHINE)


def _against(project: Project, lines: list[EstimateLine], others: list[EstimateLine]) -> Iterator[Pair]:
    for line in lines:
        for other in others:
            if line.machine_key and line.machine_key == other.machine_key:
                yield Pair(line, other, AlarmKind.MACHINE)
            elif _same_expense(project, line, other):
                yield Pair(line, other, AlarmKind.ITEM)


def _same_expense(project: Project, line: EstimateLine, other: EstimateLine) -> bool:
    same = line.facility_id and (line.facility_id, line.item_id) == (other.facility_id, other.item_id)
    return bool(same) and (not line.item.counts_units or other.project.year == project.year)


def alarms_of(estimate: Estimate) -> QuerySet[DuplicateAlarm]:
    """The alarms of an estimate's lines with what they stand against. One query."""
    return DuplicateAlarm.objects.filter(line__estimate=estimate).select_related(
        "line__item", "line__facility", "other__item", "other__project__territory", "other__estimate", "decided_by"
    )


def blocks(alarm: DuplicateAlarm, sum_: int) -> bool:
    """Whether an alarm keeps an estimate from being approved with `sum_` đồng for its line."""
    return alarm.state == AlarmState.OPEN or (alarm.state == AlarmState.CONFIRMED and sum_ > 0)


def supports_abroad(project: Project, facility_id: int) -> int:
    """How many supports abroad of the project's year a facility has been approved in other projects. One query."""
    rows = standing_lines().filter(
        facility=facility_id,
        item__is_abroad=True,
        project__year=project.year,
        estimate__state=EstimateState.APPROVED,
    )
    return sum(rows.exclude(project=project).values_list("units", flat=True))
