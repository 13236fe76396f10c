"""Which steps a project goes through, which are done, by when the others are due."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from portal.territory.queries import current_id

from ..due_rules import clamped, term_end
from ..enums import ProjectState, StepDue
from ..models import Project, StepDone, Workflow, WorkflowStep

# Leaving a phase this way asks for none of its steps.
WAYS_OUT = (ProjectState.REGISTERED, ProjectState.REFUSED, ProjectState.STOPPED)


@dataclass(frozen=True)
class StepRow:
    """One step of one project, as a page shows it."""

    step: WorkflowStep
    done: StepDone | None
    due_on: dt.date | None

    def is_late(self, on: dt.date) -> bool:
        return self.done is None and self.due_on is not None and self.due_on < on


def workflow_for(*, funding: str, territory_id: int, on: dt.date) -> Workflow | None:
    """The province's own workflow in force that day, else the general one of the funding source. One query."""
    unit = current_id(territory_id)
    found = [
        row
        for row in Workflow.objects.filter(funding=funding, valid_from__lte=on)
        if row.holds_on(on) and (row.territory_id is None or current_id(row.territory_id) == unit)
    ]
    return max(found, key=lambda row: (row.territory_id is not None, row.valid_from), default=None)


def with_steps() -> tuple[Prefetch, ...]:
    """What to prefetch so that `rows_of` asks nothing more of many projects."""
    return (
        Prefetch("workflow", Workflow.objects.prefetch_related("steps")),
        Prefetch("steps_done", StepDone.objects.select_related("done_by", "file")),
    )


def rows_of(project: Project) -> list[StepRow]:
    """Every step of the project's workflow in order, with what is done. Three queries, none when prefetched."""
    if project.workflow is None:
        return []
    done = {row.step_id: row for row in project.steps_done.all()}
    return [StepRow(step, done.get(step.pk), due_of(step, project)) for step in project.workflow.steps.all()]


def due_of(step: WorkflowStep, project: Project) -> dt.date | None:
    """By when the step is due; a term that begins with the phase is unknown until the project is in it."""
    if step.due == StepDue.DATE and step.due_month and step.due_day:
        year = (project.year_to or project.year) if step.due_year_offset > 0 else project.year
        return clamped(year + step.due_year_offset, step.due_month, step.due_day)
    in_phase = step.phase == project.state and project.phase_since is not None
    if step.due == StepDue.AFTER and step.due_days is not None and in_phase and project.phase_since:
        return term_end(project.phase_since, step.due_days, working_days=step.due_working_days)
    return None


def current(rows: Collection[StepRow], state: str) -> StepRow | None:
    """The first step of the phase that is not done."""
    return next((row for row in rows if row.step.phase == state and row.done is None), None)


def undone(project: Project, to: ProjectState) -> list[str]:
    """A guard: the required steps of the phase that the project leaves. Two queries."""
    if project.workflow_id is None or to in WAYS_OUT:
        return []
    steps = WorkflowStep.objects.filter(workflow=project.workflow_id, phase=project.state, is_required=True)
    left = steps.exclude(pk__in=project.steps_done.values("step"))
    return [_("Chưa ghi bước “%(step)s” làm xong.") % {"step": step.name} for step in left]
