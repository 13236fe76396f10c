"""What projects and plans of industrial extension ask of those who keep them and of those who decide."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from extension.enums import Funding, PlanState
from extension.models import Plan, Project
from extension.steps import due as step_due
from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.territory.queries import current_id

from .tasks import HORIZON, Task, page, provinces_with

SHOWN = 20
PAGES = {step_due.STEP: "project_steps", step_due.SETTLEMENT: "project_money"}


def support_tasks(user: Any, reach: Reach, on: dt.date) -> Iterator[Task]:
    """Steps, settlements and liquidations that fall due, days of the year, plans to decide. At most eleven queries."""
    provinces = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if provinces:
        yield from _projects(provinces, on)
        yield from _year(provinces, on)
    if (decided := _decided(reach)) is not None:
        yield from _plans(user, decided)


def _projects(provinces: list[int], on: dt.date) -> Iterator[Task]:
    """One line per project, soonest first."""
    found = step_due.matters_of(Project.objects.filter(territory__in=provinces), on)
    for matter in sorted(found, key=lambda row: (row.due_on, row.title))[:SHOWN]:
        url = page(PAGES[matter.kind], args=[matter.subject.uuid])
        yield Task(matter.what, matter.subject.name, "hand-coins", _("Mở đề án"), url, matter.due_on)


def _year(provinces: list[int], on: dt.date) -> Iterator[Task]:
    """What the year asks of the province: its plan, its reports."""
    units = {current_id(pk) for pk in provinces}
    plans, reports = page("extension_plan_changelist"), page("extension_reports")
    for matter in step_due.year_matters_of(units, on):
        if matter.due_on <= on + HORIZON:
            is_plan = matter.subject.code in step_due.OF_PLANS
            url, act = (plans, _("Mở kế hoạch")) if is_plan else (reports, _("Mở báo cáo"))
            yield Task(matter.what, matter.body, "calendar-clock", act, url, matter.due_on)


def _decided(reach: Reach) -> Q | None:
    """Whose plans this person decides on: the leader those of the province, the agency national ones too."""
    provinces = provinces_with(reach, {Role.LEADER})
    if Role.AGENCY_NATIONAL in reach.roles:
        return Q(funding=Funding.NATIONAL) | Q(territory__in=provinces)
    return Q(territory__in=provinces) if provinces else None


def _plans(user: Any, decided: Q) -> Iterator[Task]:
    rows = Plan.objects.filter(decided, state=PlanState.SUBMITTED).exclude(submitted_by=user)
    for uuid, name in rows.order_by("submitted_at").values_list("uuid", "name")[:SHOWN]:
        what = _("Ghi quyết định hoặc trả lại kế hoạch “%(name)s”") % {"name": name}
        url = page("plan_page", args=[uuid])
        yield Task(what, _("Cán bộ khuyến công đã trình"), "file-check", _("Mở kế hoạch"), url)
