"""What projects of industrial extension ask of those who keep them."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import Funding, ProjectState
from extension.models import Project
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import HORIZON, Task, page, provinces_with

# Progress of a national project is reported before the 25th of each month, its liquidation is due by 22 January
# of the year after (TT 36/2013/TT-BCT).
REPORT_DAY = 25
LIQUIDATION = (1, 22)


def support_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Projects to inspect, to accept, to liquidate. One query."""
    provinces = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if not provinces:
        return
    open_ = Project.objects.filter(territory__in=provinces, state__in=[ProjectState.RUNNING, ProjectState.ACCEPTED])
    rows = open_.order_by().annotate(last=Coalesce("year_to", "year")).values_list("state", "funding", "last")
    found = {key: n for *key_, n in rows.annotate(n=Count("pk")) if (key := tuple(key_))}
    running = {funding: _sum(found, ProjectState.RUNNING, funding) for funding in Funding}
    for funding, n in running.items():
        if n:
            yield _inspect(funding, n, on)
    years = sorted(
        last
        for state, funding, last in found
        if state == ProjectState.ACCEPTED
        and funding == Funding.NATIONAL
        and dt.date(last + 1, *LIQUIDATION) <= on + HORIZON
    )
    for last in years:
        yield _liquidate(last, found[ProjectState.ACCEPTED, Funding.NATIONAL, last])


def _sum(found: dict[tuple[str, ...], int], state: str, funding: str) -> int:
    return sum(n for (of_state, of_funding, _last), n in found.items() if (of_state, of_funding) == (state, funding))


def _inspect(funding: Funding, n: int, on: dt.date) -> Task:
    what = ngettext(
        "Kiểm tra, giám sát %(n)d đề án đang thực hiện", "Kiểm tra, giám sát %(n)d đề án đang thực hiện", n
    ) % {"n": n}
    due = None
    why = str(funding.label)
    if funding == Funding.NATIONAL:
        due = _next_report(on)
        why = _("%(funding)s: báo cáo tiến độ trước ngày 25 hằng tháng") % {"funding": funding.label}
    url = page("extension_project_changelist", {"state__exact": ProjectState.RUNNING, "funding__exact": funding})
    return Task(what, why, "hand-coins", _("Mở đề án"), url, due)


def _next_report(on: dt.date) -> dt.date:
    """The last day before the 25th that is not past."""
    last = on.replace(day=REPORT_DAY - 1)
    return last if on <= last else (last.replace(day=1) + dt.timedelta(days=32)).replace(day=REPORT_DAY - 1)


def _liquidate(last: int, n: int) -> Task:
    what = ngettext(
        "Thanh lý %(n)d đề án khuyến công quốc gia năm %(year)d",
        "Thanh lý %(n)d đề án khuyến công quốc gia năm %(year)d",
        n,
    ) % {"n": n, "year": last}
    query = {"state__exact": ProjectState.ACCEPTED, "funding__exact": Funding.NATIONAL, "year": last}
    url = page("extension_project_changelist", query)
    due = dt.date(last + 1, *LIQUIDATION)
    return Task(what, _("Chậm nhất ngày 22/01 năm sau"), "file-check", _("Mở đề án"), url, due)
