"""What watching over projects asks of extension officers and of those who are sent on an inspection."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Case, CharField, Count, DateField, F, Min, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import FindingState, InspectionState, ProgressState, ProjectState
from extension.models import Finding, Inspection, ProgressReport, Project
from extension.states import SEALED
from extension.watch import queries as watch_queries
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import HORIZON, Task, page, provinces_with

SHOWN, MOST_PROJECTS = 20, 2000
LATE, TO_CLOSE, TO_READ = "late", "to_close", "to_read"


def watch_tasks(user: Any, reach: Reach, on: dt.date) -> Iterator[Task]:
    """Inspections to make, findings to close or to press for, reports to read, reports that do not come.

    At most five queries: inspections, sums over projects, running projects, their reports, the days of reports.
    """
    provinces = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if reach.roles:
        yield from _inspections(user, provinces, on)
    if provinces:
        yield from _sums(provinces, on)
        yield from _silent(provinces, on)


def _inspections(user: Any, provinces: list[int], on: dt.date) -> Iterator[Task]:
    rows = Inspection.objects.filter(state=InspectionState.PLANNED, planned_on__lte=on + HORIZON)
    mine = rows.filter(Q(inspectors=user) | Q(project__territory__in=provinces, planned_on__lt=on)).distinct()
    for uuid, name, day, why in mine.order_by("planned_on", "pk").values_list(
        "uuid", "project__name", "planned_on", "why"
    )[:SHOWN]:
        what = _("Kiểm tra đề án “%(name)s”") % {"name": name}
        yield Task(what, why or _("Theo kế hoạch kiểm tra"), "clipboard-list", _("Mở phiếu"), _sheet(uuid), day)


def _sheet(uuid: Any) -> str:
    return page("checklist", args=[uuid])


def _sums(provinces: list[int], on: dt.date) -> Iterator[Task]:
    """One row per project and matter. One query over findings and reports together."""
    unsolved = Finding.objects.filter(project__territory__in=provinces).exclude(project__state__in=SEALED)
    kind = Case(When(state=FindingState.ANSWERED, then=Value(TO_CLOSE)), default=Value(LATE), output_field=CharField())
    waiting = Q(state=FindingState.ANSWERED) | Q(state=FindingState.OPEN, due_on__lt=on)
    findings = (
        unsolved.filter(waiting).order_by().annotate(matter=kind).values("matter", "project__uuid", "project__name")
    )
    unread = ProgressReport.objects.filter(project__territory__in=provinces, state=ProgressState.SENT).order_by()
    reports = unread.annotate(matter=Value(TO_READ, output_field=CharField())).values(*FACTS[:3])
    found = findings.annotate(n=Count("pk"), day=Min("due_on")).values_list(*FACTS)
    found = found.union(
        reports.annotate(n=Count("pk"), day=Min(F("month"), output_field=DateField())).values_list(*FACTS), all=True
    )
    for matter, uuid, name, n, day in sorted(found, key=lambda row: (row[4], row[2]))[:SHOWN]:
        yield _matter(matter, uuid, name, n, day)


FACTS = ("matter", "project__uuid", "project__name", "n", "day")


def _matter(matter: str, uuid: Any, name: str, n: int, day: dt.date) -> Task:
    url, why = page("project_watch", args=[uuid]), name
    if matter == TO_CLOSE:
        what = ngettext("Xem %(n)d tồn tại đã báo khắc phục", "Xem %(n)d tồn tại đã báo khắc phục", n) % {"n": n}
        return Task(what, why, "clipboard-check", _("Xem và đóng"), f"{url}#ton-tai", None)
    if matter == LATE:
        what = ngettext("Đôn đốc %(n)d tồn tại quá hạn khắc phục", "Đôn đốc %(n)d tồn tại quá hạn khắc phục", n)
        return Task(what % {"n": n}, why, "circle-alert", _("Mở đề án"), f"{url}#ton-tai", day)
    what = ngettext("Xem %(n)d báo cáo tiến độ mới gửi", "Xem %(n)d báo cáo tiến độ mới gửi", n) % {"n": n}
    return Task(what, why, "file-text", _("Xem báo cáo"), f"{url}#tien-do", None)


def _silent(provinces: list[int], on: dt.date) -> Iterator[Task]:
    """Running projects whose month's report has not come by its day."""
    running = Project.objects.filter(territory__in=provinces, state=ProjectState.RUNNING).order_by("pk")
    late = list(watch_queries.missing_reports(list(running[:MOST_PROJECTS]), on=on - dt.timedelta(days=1)))
    if not late:
        return
    url = f"{page('project_watch', args=[late[0].project.uuid])}#tien-do" if len(late) == 1 else page("inspection_plan")
    what = ngettext(
        "Đôn đốc %(n)d đề án chưa gửi báo cáo tiến độ", "Đôn đốc %(n)d đề án chưa gửi báo cáo tiến độ", len(late)
    ) % {"n": len(late)}
    names = "; ".join(row.project.name for row in late[:3])
    yield Task(what, names, "file-clock", _("Mở"), url, min(row.first_due for row in late))
