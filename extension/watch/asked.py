"""What supervision asks of people: of a project's side on their own page, of the daily letters, of changes of state."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from facilities.models import Representative
from facilities.representing import represented
from portal.accounts.models import User

from ..asked import Asked
from ..due import Due
from ..enums import FindingState, ProjectState
from ..models import Finding, Project
from ..states import SEALED
from . import queries

# How long before its day a matter is handed to the letters, and how long after it they may still tell of it.
BEFORE, AFTER = dt.timedelta(days=10), dt.timedelta(days=31)
LONG = 120


def own_projects(user: Any) -> Any:
    """Projects that the person's office carries out or that support a facility they speak for. One query when read."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Project.objects.none()
    mine = Q(beneficiaries__facility__in=represented(user))
    if user.organisation_id:
        mine |= Q(implementing_unit=user.organisation_id)
    return Project.objects.filter(mine).select_related("territory", "implementing_unit").distinct()


def asked_of(user: Any, on: dt.date) -> list[Asked]:
    """Findings to answer and months to report. Five queries."""
    projects = list(own_projects(user).exclude(state__in=SEALED))
    by_pk = {project.pk: project for project in projects}
    rows = Finding.objects.filter(project__in=by_pk, state=FindingState.OPEN).order_by("due_on", "pk")
    found = [_to_mend(row, by_pk[row.project_id]) for row in rows]
    running = [project for project in projects if project.state == ProjectState.RUNNING]
    return found + [_to_report(row) for row in queries.missing_reports(running, on=on + BEFORE)]


def _to_mend(row: Finding, project: Project) -> Asked:
    title = _("Khắc phục: %(text)s") % {"text": Truncator(row.text).chars(LONG)}
    url = f"{reverse('own_findings', args=[project.uuid])}#tt-{row.uuid}"
    return Asked(title, url, row.due_on, about=project.name)


def _to_report(row: queries.Silent) -> Asked:
    months = ", ".join(f"{month:%m/%Y}" for month in row.months)
    title = _("Gửi báo cáo tiến độ tháng %(months)s") % {"months": months}
    return Asked(title, reverse("own_progress", args=[row.project.uuid]), row.first_due, about=row.project.name)


def missing_for_acceptance(project: Project) -> list[str]:
    """Serious findings that are not closed keep a project from acceptance. One query."""
    return queries.serious_findings(project)


def due(on: dt.date) -> Iterator[Due]:
    """Findings and monthly reports that fall due, each to the people of the project's side. Seven queries."""
    rows = Finding.objects.filter(state=FindingState.OPEN, due_on__range=(on - AFTER, on + BEFORE))
    findings = list(
        rows.exclude(project__state__in=SEALED).select_related("project__territory").order_by("due_on", "pk")
    )
    running = list(Project.objects.filter(state=ProjectState.RUNNING).select_related("territory"))
    late = list(queries.missing_reports(running, on=on + BEFORE))
    people = _people([row.project for row in findings] + [row.project for row in late])
    for row in findings:
        yield _finding_due(row, people[row.project_id])
    for silent in late:
        if silent.last_due >= on - AFTER:
            yield _progress_due(silent, people[silent.project.pk])


def _people(projects: list[Project]) -> dict[int, tuple[Any, ...]]:
    """Who is told of a project: those who work in its unit, and who speak for what it supports. Three queries."""
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    offices = {project.pk: project.implementing_unit_id for project in projects}
    staff = User.objects.filter(organisation__in={pk for pk in offices.values() if pk}, is_active=True)
    by_office: dict[int, list[Any]] = defaultdict(list)
    for user in staff.order_by("pk"):
        by_office[user.organisation_id or 0].append(user)
    for pk, office in offices.items():
        found[pk] |= {user.pk: user for user in by_office.get(office or 0, ())}
    supported = Project.objects.filter(pk__in=offices, beneficiaries__facility__isnull=False)
    pairs = list(supported.values_list("pk", "beneficiaries__facility"))
    speakers = Representative.objects.approved().filter(facility__in={facility for _pk, facility in pairs})
    by_facility: dict[int, list[Any]] = defaultdict(list)
    for row in speakers.filter(user__is_active=True).select_related("user"):
        by_facility[row.facility_id or 0].append(row.user)
    for pk, facility in pairs:
        found[pk] |= {user.pk: user for user in by_facility.get(facility, ())}
    return {pk: tuple(found[pk].values()) for pk in offices}


def _finding_due(row: Finding, who: tuple[Any, ...]) -> Due:
    facts = {"name": row.project.name, "text": row.text, "day": f"{row.due_on:%d/%m/%Y}"}
    return Due(
        kind="extension_finding",
        subject=row,
        due_on=row.due_on,
        who=who,
        title=_("Khắc phục tồn tại trước ngày %(day)s") % facts,
        body=_("Đề án “%(name)s”: %(text)s. Làm xong thì báo trên cổng, kèm ảnh nếu có.") % facts,
        territory=row.project.territory,
    )


def _progress_due(row: queries.Silent, who: tuple[Any, ...]) -> Due:
    """Only of the latest month: who owes several reports is told of all of them on their own page."""
    project = row.project
    facts = {"name": project.name, "month": f"{row.months[-1]:%m/%Y}", "day": f"{row.last_due:%d/%m/%Y}"}
    return Due(
        kind="extension_progress",
        subject=project,
        due_on=row.last_due,
        who=who,
        title=_("Gửi báo cáo tiến độ tháng %(month)s") % facts,
        body=_("Đề án “%(name)s”: báo cáo tháng %(month)s cần gửi trước ngày %(day)s.") % facts,
        territory=project.territory,
    )
