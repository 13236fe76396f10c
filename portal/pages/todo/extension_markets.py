"""What fairs ask of the extension officer: figures that facilities have not told when their time is over."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.markets.fair_queries import ASKED_FOR, due_on
from extension.models import Fair
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import Task, provinces_with


def fair_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Fairs of the last year that are over and lack figures, one row each. One query."""
    provinces = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if not provinces:
        return
    over = Fair.objects.filter(territory__in=provinces, ends_on__lt=on, ends_on__gte=on - ASKED_FOR)
    silent = Count("participations", filter=Q(participations__revenue__isnull=True))
    rows: Any = over.annotate(silent=silent).filter(silent__gt=0).order_by("ends_on", "pk")
    for fair in rows:
        what = ngettext(
            "Hỏi doanh thu của %(n)d cơ sở tại %(fair)s", "Hỏi doanh thu của %(n)d cơ sở tại %(fair)s", fair.silent
        ) % {"n": fair.silent, "fair": fair.name}
        why = _("Cơ sở chưa khai số liệu sau hội chợ")
        yield Task(what, why, "tent", _("Mở bảng hội chợ"), reverse("admin:fair_book", args=[fair.uuid]), due_on(fair))
