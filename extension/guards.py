"""What keeps a project from moving to a state: gathered here, asked by `services.projects.change_state`.

Each owner of a part of the work names a function `(project) -> list[str]` that says in whole sentences what is still
missing; an empty list lets the project pass. They read and never write. Names are dotted paths, so that a module may
itself use the services of projects.
"""

from collections.abc import Callable

from django.utils.module_loading import import_string

from .enums import ProjectState
from .models import Project
from .steps.workflows import undone

Guard = Callable[[Project], list[str]]

MISSING: dict[ProjectState, list[str]] = {
    ProjectState.APPRAISING: [],
    ProjectState.APPROVED: ["extension.estimates.guards.to_be_approved", "extension.file.queries.to_be_approved"],
    ProjectState.RUNNING: ["extension.file.queries.to_be_run"],
    ProjectState.ACCEPTED: ["extension.file.queries.to_be_accepted", "extension.watch.asked.missing_for_acceptance"],
    ProjectState.SETTLED: ["extension.file.queries.to_be_settled", "extension.money.guards.to_settle"],
    ProjectState.LIQUIDATED: ["extension.file.queries.to_be_liquidated", "extension.money.guards.to_liquidate"],
    ProjectState.STOPPED: ["extension.services.adjusting.stop_not_decided", "extension.money.guards.nothing_waits"],
}


def missing(project: Project, to: ProjectState) -> list[str]:
    """The required steps not yet done, then every sentence of every guard of a state, in the order listed."""
    found: list[str] = undone(project, to)
    for name in MISSING.get(to, ()):
        guard: Guard = import_string(name)
        found.extend(guard(project))
    return found
