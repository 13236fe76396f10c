"""Reads of results: the lines of a project, those a person outside the desk may tell, those due to be asked again."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Representative
from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.territory.queries import family_ids
from portal.text.formats import day

from ..asked import Asked
from ..due import Due
from ..models import Beneficiary, Project, ResultLine
from ..services.results import CLOSED, DONE, EARLY

KIND = "extension_result_again"
# Letters go out around the day: some weeks before, and again when it is past.
LATE = dt.timedelta(days=30)
SOON = dt.timedelta(days=30)


def lines_of(project: Project) -> list[ResultLine]:
    """Every line of a project: the whole project's first, then by beneficiary, in the order of the indicators. One query."""
    rows = project.results.select_related("indicator", "beneficiary__facility").order_by("indicator__ordinal", "pk")
    for row in rows:
        row.project = project
    return sorted(rows, key=lambda row: row.beneficiary_id or 0)


def own_lines(user: Any) -> QuerySet[ResultLine]:
    """Lines that the person may tell outside the desk: of the unit they work in, of facilities they speak for.

    Lines of a whole project are told by its unit, or by its facility when it supports nobody else.
    """
    mine = Representative.objects.approved().filter(user=user).values("facility")
    of_unit = Q(project__implementing_unit=user.organisation_id) if user.organisation_id else Q(pk__in=[])
    of_facility = Q(beneficiary__facility__in=mine)
    others = Beneficiary.objects.filter(project=OuterRef("project")).exclude(facility__in=mine)
    of_project = Q(beneficiary__isnull=True, project__beneficiaries__facility__in=mine) & ~Exists(others)
    rows = ResultLine.objects.filter(of_unit | of_facility | of_project).exclude(project__state__in=CLOSED).distinct()
    return rows.select_related("indicator", "beneficiary__facility", "project__territory")


def own_lines_of(user: Any, project: Project) -> list[ResultLine]:
    """Those of one project. One query."""
    return list(own_lines(user).filter(project=project).order_by("indicator__ordinal", "pk"))


def asked_of(user: Any, on: dt.date) -> list[Asked]:
    """Results to tell: those asked again soon, and those of a project under way with nothing told. One query."""
    rows = own_lines(user).filter(
        Q(project__state__in=DONE, ask_on__lte=on + SOON, later__isnull=True)
        | Q(project__state__in=["running"], achieved__isnull=True, target__isnull=False)
    )
    found: dict[int, list[ResultLine]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(row)
    return [_asked(lines) for lines in found.values()]


def _asked(lines: list[ResultLine]) -> Asked:
    project = lines[0].project
    again = [row.ask_on for row in lines if project.state in DONE and row.ask_on]
    title = _("Cho biết kết quả sau một năm được hỗ trợ") if again else _("Ghi kết quả đạt được để nghiệm thu")
    return Asked(title, reverse("own_results", args=[project.uuid]), min(again, default=None), project.name)


def due(on: dt.date) -> Iterator[Due]:
    """Results to be asked again around a day, one matter per project and day. Four queries and those of the register of units, whatever the lines."""
    rows = ResultLine.objects.filter(
        ask_on__gte=on - LATE, ask_on__lte=on + EARLY, later__isnull=True, project__state__in=DONE
    ).select_related("project__territory", "beneficiary")
    found: dict[tuple[int, dt.date], list[ResultLine]] = {}
    for row in rows:
        if row.ask_on is not None:
            found.setdefault((row.project_id, row.ask_on), []).append(row)
    people = _People([lines[0].project for lines in found.values()], on)
    for (_pk, asked_on), lines in found.items():
        project = lines[0].project
        yield Due(
            kind=KIND,
            subject=project,
            due_on=asked_on,
            who=people.of(project, lines),
            title=_("Cho biết kết quả sau một năm: %(name)s") % {"name": project.name},
            body=_(
                "Một năm sau nghiệm thu, cơ sở cho biết doanh thu, lao động và các kết quả khác của đề án trước ngày "
                "%(day)s. Ghi số ở trang Khuyến công của cơ sở; chưa rõ thì để trống."
            )
            % {"day": day(asked_on)},
            territory=project.territory,
        )


class _People:
    """Who is told of a project's results: its facilities' representatives, its unit, the officers of its province."""

    def __init__(self, projects: list[Project], on: dt.date) -> None:
        keys = [project.pk for project in projects]
        spoken = Representative.objects.approved().filter(facility__supports__project__in=keys)
        self.speakers: dict[int, dict[int, User]] = {}
        for row in spoken.select_related("user"):
            self.speakers.setdefault(row.facility_id or 0, {})[row.user_id] = row.user
        self.facilities: dict[int, list[int]] = {}
        for project_id, facility_id in Project.objects.filter(
            pk__in=keys, beneficiaries__facility__isnull=False
        ).values_list("pk", "beneficiaries__facility"):
            self.facilities.setdefault(project_id, []).append(facility_id)
        grants = Grant.objects.active(on).filter(role=Role.EXTENSION_OFFICER, user__is_active=True)
        self.officers = [(row.territory_id, row.user) for row in grants.select_related("user")]

    def of(self, project: Project, lines: list[ResultLine]) -> tuple[User, ...]:
        named = {row.beneficiary.facility_id for row in lines if row.beneficiary is not None}
        asked = named if named and None not in named else set(self.facilities.get(project.pk, []))
        found: dict[int, User] = {}
        for facility_id in asked:
            found.update(self.speakers.get(facility_id or 0, {}))
        near = family_ids(project.territory_id)
        found.update({user.pk: user for territory_id, user in self.officers if territory_id in near})
        return tuple(found.values())
