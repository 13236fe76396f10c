"""Which advance rule fits a project on a day."""

import datetime as dt

from django.db.models import Q

from portal.territory.queries import current_id

from ..models import AdvanceRule, Project


def rule_for(project: Project, on: dt.date) -> AdvanceRule | None:
    """The rule in force that fits most closely: of the project's own province before that of today's province before
    the nation's, then by head, kind and funding. One query. The database's guard of advances finds the same."""
    provinces = {project.territory_id, current_id(project.territory_id)}
    rows = AdvanceRule.objects.filter(
        Q(territory=None) | Q(territory__in=provinces),
        Q(head=None) | Q(head=project.head),
        Q(valid_to=None) | Q(valid_to__gte=on),
        funding__in=["", project.funding],
        kind__in=["", project.kind],
        valid_from__lte=on,
    )
    return min(rows, key=lambda rule: _closeness(rule, project), default=None)


def _closeness(rule: AdvanceRule, project: Project) -> tuple[int, ...]:
    own = 0 if rule.territory_id == project.territory_id else 1 if rule.territory_id else 2
    return (own, rule.head is None, not rule.kind, not rule.funding, -rule.valid_from.toordinal(), -rule.pk)
