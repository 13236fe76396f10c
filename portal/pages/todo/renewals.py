"""Makers who have not said whether they enter again, month by month."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.queries import Reach
from products.campaign import Month, must_renew
from products.models import Recognition

from ..campaign import annotated, conditions
from .tasks import MANAGERS, Task, page, provinces_with

UNANSWERED = "chua-tra-loi"


def renewal_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """One task for each month in which recognitions end within the notice period and nobody has answered. One query."""
    provinces = provinces_with(reach, MANAGERS)
    if not provinces:
        return
    until = on + dt.timedelta(days=settings.EXPIRING_DAYS)
    rows = must_renew(Recognition.objects.filter(territory__in=provinces, expires_on__gte=on, expires_on__lte=until))
    silent = annotated(rows).filter(conditions(on)[UNANSWERED]).order_by()
    by_month = silent.annotate(month=TruncMonth("expires_on")).values_list("month")
    for first, n, due in by_month.annotate(n=Count("pk"), due=Min("expires_on")).order_by("month"):
        month = Month.of(first)
        what = ngettext(
            "%(n)d giấy chứng nhận hết hiệu lực tháng %(month)s chưa có trả lời",
            "%(n)d giấy chứng nhận hết hiệu lực tháng %(month)s chưa có trả lời",
            n,
        ) % {"n": n, "month": month.words}
        why = _("Thư nhắc tự gửi. Hỏi cơ sở có đăng ký kỳ tới không, rồi ghi trả lời.")
        url = page("campaign", {"thang": str(month), "loc": UNANSWERED})
        yield Task(what, why, "hourglass", _("Xem danh sách"), url, due)
