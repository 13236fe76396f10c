"""What yearly reports ask for: those handed in and waiting, and the department's own."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import Cycle, ReportState
from extension.models import ReportPeriod
from extension.reports.periods import Period
from facilities.enums import Reporter, YearlyReportState
from facilities.models import YearlyReport
from facilities.reporting import due_day
from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.territory.models import Territory
from portal.territory.queries import current_ids
from products.models import DepartmentReport

from .tasks import MANAGERS, Task, page, provinces_with

S = YearlyReportState


def report_tasks(user: Any, reach: Reach, on: dt.date) -> Iterator[Task]:
    """Facilities' reports to take in, the department's to send, at the agency those to take in. Five queries."""
    if provinces := provinces_with(reach, {Role.OFFICER}):
        yield from _to_take_in(provinces)
    if provinces := provinces_with(reach, MANAGERS):
        yield from _to_send(provinces, on)
    if Role.AGENCY_NATIONAL in reach.roles:
        waiting = DepartmentReport.objects.filter(state=S.SUBMITTED)
        for year, n in waiting.order_by("year").values_list("year").annotate(n=Count("pk")):
            what = ngettext("Tiếp nhận báo cáo năm của %(n)d Sở", "Tiếp nhận báo cáo năm của %(n)d Sở", n) % {"n": n}
            why = _("Báo cáo năm %(year)s đã gửi Cục") % {"year": year}
            yield Task(what, why, "file-text", _("Xem báo cáo"), page("department_reports", {"nam": year}))
        yield from _extension_reports_to_lock()


def _extension_reports_to_lock() -> Iterator[Task]:
    sent = ReportPeriod.objects.filter(state=ReportState.SENT).order_by("year", "cycle", "ordinal")
    for cycle, year, ordinal, n in sent.values_list("cycle", "year", "ordinal").annotate(n=Count("pk")):
        what = ngettext(
            "Tiếp nhận báo cáo khuyến công của %(n)d Sở", "Tiếp nhận báo cáo khuyến công của %(n)d Sở", n
        ) % {"n": n}  # fmt: skip
        period = Period(Cycle(cycle), year, ordinal)
        why = _("Báo cáo %(period)s đã gửi Cục") % {"period": period.name}
        yield Task(what, why, "file-text", _("Xem báo cáo"), page("extension_rollup", args=[period.code]))


def _to_take_in(provinces: list[int]) -> Iterator[Task]:
    waiting = YearlyReport.objects.filter(state=S.SUBMITTED, facility__territory__in=provinces)
    for year, n in waiting.order_by("year").values_list("year").annotate(n=Count("pk")):
        what = ngettext("Tiếp nhận %(n)d báo cáo năm của cơ sở", "Tiếp nhận %(n)d báo cáo năm của cơ sở", n) % {"n": n}
        why = _("Báo cáo năm %(year)s đã nộp trên cổng") % {"year": year}
        query = {"nam": year, "tinh-trang": S.SUBMITTED}
        yield Task(what, why, "clipboard-list", _("Xem báo cáo"), page("yearly_reports", query))


def _to_send(provinces: list[int], on: dt.date) -> Iterator[Task]:
    """From the first day of the year after until it is sent."""
    year = on.year - 1
    due = due_day(reporter=Reporter.DEPARTMENT, year=year)
    if due is None or on > due + dt.timedelta(days=90):
        return
    today = {current_ids()[pk] for pk in provinces}
    sent = DepartmentReport.objects.filter(year=year, state__in=[S.SUBMITTED, S.ACCEPTED]).values("territory")
    for province in Territory.objects.filter(pk__in=today).exclude(pk__in=sent):
        yield Task(
            _("Gửi Cục báo cáo năm %(year)s của Sở Công Thương %(province)s")
            % {"year": year, "province": province.name},
            _("Số liệu đã đếm sẵn; cần nhận xét và số văn bản"),
            "file-text",
            _("Xem báo cáo"),
            reverse("admin:department_report", args=[year, province.slug]),
            due,
        )
