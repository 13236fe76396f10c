"""The desk's page of how often certificates are asked for, month by month."""

import calendar
import datetime as dt
import re
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.text.clock import today

from . import check_counts, codes
from .enums import CheckWay, Status

_MONTH = re.compile(r"(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])")


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    return [path("luot-tra-cuu/", for_staff(site)(page), name="check_counts")]


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The counts of one month for the certificates within reach. Six queries at most, and the person's reach."""
    reach, now = staff_reach(request.user), today()
    first = _asked(request.GET.get("thang", ""), now)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    found = check_counts.month(first, last, territory_ids=None if reach.everything else reach.territory_ids)
    ways, answers = dict(CheckWay.choices), dict(Status.choices)
    context = {
        **site.each_context(request),
        "title": _("Lượt tra cứu"),
        "month": f"{first:%m/%Y}",
        "earlier": f"{first - dt.timedelta(days=1):%Y-%m}",
        "later": f"{last + dt.timedelta(days=1):%Y-%m}" if last < now else "",
        "everything": reach.everything,
        "found": found,
        "ways": [(ways[way], times) for way, times in found.by_way.items()],
        "answers": [(answers[answer], times) for answer, times in found.by_answer.items() if times],
        "lists": [
            (_("Được hỏi nhiều nhất"), "nhieu", _rows(found.most_asked)),
            (_("Đã mất hiệu lực mà vẫn được hỏi"), "het", _rows(found.worth_a_look)),
        ],
    }
    return render(request, "admin/products/check_counts.html", context)


def _asked(text: str, now: dt.date) -> dt.date:
    """The first day of the month asked for; of this month where it is none, or still to come."""
    found = _MONTH.fullmatch(text)
    first = dt.date(int(found["year"]), int(found["month"]), 1) if found else now.replace(day=1)
    return min(first, now.replace(day=1))


def _rows(asked: list[check_counts.Asked]) -> list[tuple[Any, str, int]]:
    return [(one.certificate, codes.display(one.certificate.code), one.times) for one in asked]
