"""What needs of support ask of the extension officer: new ones to answer, calls that close."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import NeedState
from extension.models import Call, Need
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import Task, page, provinces_with

CLOSING = dt.timedelta(days=7)


def need_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Needs nobody answered, calls that close within a week. Two queries, none for who does not answer them."""
    provinces = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if not provinces:
        return
    total = Need.objects.filter(territory__in=provinces, state=NeedState.REGISTERED).count()
    if total:
        what = ngettext("Trả lời %(n)d nhu cầu hỗ trợ mới", "Trả lời %(n)d nhu cầu hỗ trợ mới", total) % {"n": total}
        url = page("need_shelf", {"tinh-trang": NeedState.REGISTERED.value})
        yield Task(what, _("Cơ sở và xã chờ Trung tâm trả lời"), "folder-open", _("Mở tủ nhu cầu"), url)
    calls = Call.objects.filter(territory__in=provinces, is_public=True, opens_on__lte=on)
    calls = calls.filter(closes_on__gte=on, closes_on__lte=on + CLOSING).order_by("closes_on", "pk")
    counted: Any = calls.annotate(came=Count("needs", filter=~Q(needs__state=NeedState.WITHDRAWN)))
    for call in counted:
        why = ngettext("Đã có %(n)d nhu cầu trong đợt", "Đã có %(n)d nhu cầu trong đợt", call.came) % {"n": call.came}
        what = _("Nhắc các xã, cơ sở trước khi đóng %(call)s") % {"call": call.title}
        yield Task(what, why, "calendar-clock", _("Xem đợt"), page("need_shelf", {"dot": call.uuid}), call.closes_on)
