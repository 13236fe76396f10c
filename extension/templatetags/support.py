from django import template

from extension import queries
from extension.enums import ProjectState
from extension.models import Project
from products.models import PublishedFigure

register = template.Library()
BADGES = {
    ProjectState.REGISTERED: ("info", "file-text"),
    ProjectState.APPRAISING: ("info", "clipboard-list"),
    ProjectState.REFUSED: ("expired", "circle-minus"),
    ProjectState.APPROVED: ("info", "stamp"),
    ProjectState.RUNNING: ("valid", "clock"),
    ProjectState.ACCEPTED: ("done", "circle-check"),
    ProjectState.SETTLED: ("done", "calculator"),
    ProjectState.LIQUIDATED: ("done", "folder-check"),
    ProjectState.STOPPED: ("expired", "circle-minus"),
}


@register.filter
def badge_kind(project: Project) -> str:
    return BADGES[ProjectState(project.state)][0]


@register.filter
def badge_icon(project: Project) -> str:
    return BADGES[ProjectState(project.state)][1]


@register.filter
def contradicts(figure: PublishedFigure) -> bool:
    return queries.contradicts(figure)
