"""Readers' letters that wait for a province or for the portal itself."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.text.workdays import after_working_days
from products import inquiry_queries
from products.enums import InquiryKind
from products.inquiry_states import ANSWER_DAYS
from products.models import Inquiry

from .tasks import Task, page, provinces_with


def inquiry_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Reports of errors, questions nobody answers for, letters to the portal. One query."""
    mine = _mine(reach)
    if mine is None:
        return
    found = inquiry_queries.waiting_numbers(Inquiry.objects.filter(mine), on)
    for kind, words, why, act in (
        (InquiryKind.ERROR, _errors, _("Bạn đọc báo trang sản phẩm ghi sai"), _("Xem và sửa")),
        (InquiryKind.QUESTION, _questions, _("Cơ sở chưa có người đại diện trên cổng"), _("Trả lời")),
        (InquiryKind.PURCHASE, _purchases, _("Cơ sở chưa có người đại diện trên cổng"), _("Chuyển cơ sở")),
        (InquiryKind.CONTACT, _contacts, _("Gửi từ trang Liên hệ"), _("Trả lời")),
    ):
        if n := found[str(kind)]:
            since = timezone.localdate(found[f"{kind}_since"])
            yield Task(words(n) % {"n": n}, why, "mail", act, _list(kind), after_working_days(since, ANSWER_DAYS))
    if n := found["left"]:
        what = ngettext("Hỏi cơ sở về %(n)d thư chưa trả lời", "Hỏi cơ sở về %(n)d thư chưa trả lời", n) % {"n": n}
        yield Task(what, _("Quá 7 ngày làm việc cơ sở chưa trả lời bạn đọc"), "mail", _("Xem thư"), _list(), on)


def _mine(reach: Reach) -> Q | None:
    """What the person answers for; None when nothing."""
    provinces = provinces_with(reach, {Role.OFFICER})
    found = Q(territory__in=provinces) if provinces else None
    if reach.roles & {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR}:
        own = Q(territory__isnull=True)
        return found | own if found else own
    return found


def _list(kind: Any = None) -> str:
    return page("inquiries", {"tinh-trang": "cho", "loai": str(kind)} if kind else {"tinh-trang": "cho"})


def _errors(n: int) -> str:
    return ngettext("Xem %(n)d báo sai sót", "Xem %(n)d báo sai sót", n)


def _questions(n: int) -> str:
    return ngettext("Trả lời %(n)d câu hỏi gửi cơ sở", "Trả lời %(n)d câu hỏi gửi cơ sở", n)


def _purchases(n: int) -> str:
    return ngettext("Chuyển %(n)d yêu cầu mua hàng", "Chuyển %(n)d yêu cầu mua hàng", n)


def _contacts(n: int) -> str:
    return ngettext("Trả lời %(n)d thư liên hệ", "Trả lời %(n)d thư liên hệ", n)
