"""The projects and needs of the person's own facilities and unit, in their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from facilities.models import Facility

from .enums import NeedState, ProjectState
from .models import Beneficiary, Project
from .needs.queries import needs_of
from .steps import phases
from .steps.workflows import rows_of, with_steps

SHOWN = 100
# Of a project that ended, nothing is asked any more.
ENDED = (ProjectState.REFUSED, ProjectState.LIQUIDATED, ProjectState.STOPPED)


@dataclass(frozen=True)
class OwnProject:
    """One project as its beneficiary or its implementing unit reads it."""

    project: Project
    words: str
    way: list[phases.Phase]
    # The person's own facilities in it, and what they get; none for the implementing unit's people.
    shares: list[Beneficiary]
    is_unit: bool

    @property
    def ended(self) -> bool:
        return self.project.state in ENDED


def own_projects(user: Any, facilities: Sequence[Facility]) -> list[OwnProject]:
    """Those that support the facilities or that the person's unit carries out, running ones first. Six queries."""
    unit_id = getattr(user, "organisation_id", None)
    ids = [row.pk for row in facilities]
    mine = Q(pk__in=Beneficiary.objects.filter(facility__in=ids).values("project"))
    if unit_id:
        mine |= Q(implementing_unit=unit_id)
    rows = Project.objects.filter(mine).select_related("territory", "implementing_unit").order_by("-year", "-pk")
    found = list(rows.prefetch_related(*with_steps())[:SHOWN])
    shares: dict[int, list[Beneficiary]] = {}
    supported = Beneficiary.objects.filter(project__in=found, facility__in=ids).select_related("facility", "product")
    for share in supported.order_by("pk"):
        shares.setdefault(share.project_id, []).append(share)
    told = [
        OwnProject(
            project=row,
            words=phases.for_beneficiary(rows_of(row), row),
            way=phases.public_way(row),
            shares=shares.get(row.pk, []),
            is_unit=bool(unit_id) and row.implementing_unit_id == unit_id,
        )
        for row in found
    ]
    return sorted(told, key=lambda one: one.ended)


def open_needs(user: Any) -> list[Any]:
    """Needs that nobody turned into a project yet. One query."""
    waiting = (NeedState.REGISTERED, NeedState.SHELVED, NeedState.DECLINED)
    return list(needs_of(user).filter(state__in=waiting)[:SHOWN])
