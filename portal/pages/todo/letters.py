"""Letters and calls that only a person can settle."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.notices import faults
from portal.notices import services as notices
from portal.notices.enums import FaultKind
from portal.notices.models import Errand, Notice, NoticeState

from .tasks import Task, page

# Few enough to name each; more are one line with their number.
NAMED = 3


def letter_tasks(user: Any, reach: Reach, now: dt.datetime) -> Iterator[Task]:
    """Letters nobody knows of, letters that wait too long, calls to make, addresses that take no mail. Three queries."""
    if not reach.roles & {Role.OFFICER, Role.ADMINISTRATOR}:
        return
    yield from _letters(user, now)
    yield from _calls(user)
    yield from _addresses(user)


def _letters(user: Any, now: dt.datetime) -> Iterator[Task]:
    found = Notice.objects.visible_to(user).aggregate(
        stuck=Count("pk", filter=Q(pk__in=notices.stuck(now=now).values("pk"))),
        waiting=Count("pk", filter=Q(pk__in=notices.waiting_long(now=now).values("pk"))),
        since=Min("due_on", filter=Q(pk__in=notices.waiting_long(now=now).values("pk"))),
    )
    if n := found["stuck"]:
        what = ngettext("Xác nhận %(n)d thư gửi dở", "Xác nhận %(n)d thư gửi dở", n) % {"n": n}
        why = _("Không rõ thư đã đi hay chưa, máy không tự gửi lại")
        url = page("notices_notice_changelist", {"state__exact": NoticeState.SENDING})
        yield Task(what, why, "mail", _("Xem thư"), url)
    if n := found["waiting"]:
        what = ngettext("Kiểm tra %(n)d thư chờ gửi quá một ngày", "Kiểm tra %(n)d thư chờ gửi quá một ngày", n) % {
            "n": n
        }
        why = _("Máy chủ thư chưa nhận, máy vẫn tự gửi lại; địa chỉ sai thì cần sửa")
        url = page("notices_notice_changelist", {"cho": "lau"})
        yield Task(what, why, "mail", _("Xem thư"), url, timezone.localdate(now))


def _calls(user: Any) -> Iterator[Task]:
    found = Errand.objects.visible_to(user).waiting().aggregate(n=Count("pk"), first=Min("due_on"))
    if n := found["n"]:
        what = ngettext("Báo tận nơi %(n)d việc", "Báo tận nơi %(n)d việc", n) % {"n": n}
        why = _("Cơ sở không có địa chỉ thư điện tử dùng được; có sẵn tin nhắn để gửi Zalo")
        yield Task(what, why, "phone", _("Xem việc"), page("notices_errand_changelist"), found["first"])


def _addresses(user: Any) -> Iterator[Task]:
    broken = faults.open_for(user).filter(kind=FaultKind.HARD, cleared_at__isnull=True)
    rows = list(broken.order_by("first_at").values_list("pk", "address", named=True)[: NAMED + 1])
    if len(rows) > NAMED:
        what = _("Hỏi lại cơ sở: nhiều địa chỉ không nhận được thư")
        why = _("Thư đến các địa chỉ này bị trả lại, nay chỉ hiện trên cổng")
        url = page("notices_addressfault_changelist", {"xem": "open"})
        yield Task(what, why, "mail", _("Xem địa chỉ"), url)
        return
    for row in rows:
        what = _("Địa chỉ %(address)s không nhận được thư, hãy hỏi lại cơ sở") % {"address": row.address}
        url = reverse("admin:notices_addressfault_change", args=[row.pk])
        yield Task(what, _("Thư bị trả lại, nay chỉ hiện trên cổng"), "mail", _("Xem địa chỉ"), url)
