"""What the register and the roles ask for."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.accounts.queries import Reach
from products.completeness import incomplete_products
from products.enums import WithdrawalState
from products.models import Product, Recognition, WithdrawalRequest
from products.rules import OF_THE_AGENCY

from ..quality import checks
from .tasks import HORIZON, MANAGERS, Task, page, provinces_with


def register_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Facts that old lists left out, validity still provisional. Two queries."""
    provinces = provinces_with(reach, MANAGERS)
    if not provinces:
        return
    yield from _giving_back(reach, provinces)
    if n := incomplete_products(Product.objects.filter(territory__in=provinces)).count():
        what = ngettext("Bổ sung thông tin cho %(n)d sản phẩm", "Bổ sung thông tin cho %(n)d sản phẩm", n) % {"n": n}
        why = _("Nguồn công bố chưa ghi đủ cơ sở, thành phần bộ hoặc nhóm")
        yield Task(what, why, "package-search", _("Bổ sung"), page("products_product_changelist", {"gap": "any"}))
    provisional = Recognition.objects.published().filter(
        territory__in=provinces, validity_confirmed=False, validity_rule__is_certain=False, expires_on__gte=on
    )
    if n := provisional.count():
        what = ngettext("Đối chiếu hiệu lực của %(n)d công nhận", "Đối chiếu hiệu lực của %(n)d công nhận", n) % {
            "n": n
        }
        why = _("Hiệu lực đang tạm tính, cần ngày ghi trên giấy chứng nhận")
        query = {"confirmed": "estimate"}
        yield Task(what, why, "stamp", _("Đối chiếu"), page("products_recognition_changelist", query))


def _giving_back(reach: Reach, provinces: list[int]) -> Iterator[Task]:
    """Makers who asked to give a recognition back and wait for an answer. One query."""
    asked = WithdrawalRequest.objects.filter(state=WithdrawalState.ASKED, recognition__territory__in=provinces)
    # Regions and the nation answer for their own levels.
    if not reach.everything:
        asked = asked.exclude(recognition__level__in=OF_THE_AGENCY)
    waiting = list(asked.order_by("asked_at").values_list("recognition_id", flat=True))
    if n := len(waiting):
        what = ngettext("Trả lời %(n)d đề nghị rút công nhận", "Trả lời %(n)d đề nghị rút công nhận", n) % {"n": n}
        why = _("Cơ sở xin rút; công nhận vẫn còn hiệu lực đến khi xác nhận")
        url = reverse("admin:products_recognition_change", args=[waiting[0]])
        yield Task(what, why, "stamp", _("Trả lời"), url)


def role_tasks(reach: Reach, on: dt.date) -> Iterator[Task]:
    """Roles that run out soon, for those who hand them out. One query."""
    if Role.ADMINISTRATOR not in reach.roles:
        return
    ending = Grant.objects.active(on).filter(valid_to__lte=on + HORIZON, user__is_active=True)
    found = ending.aggregate(n=Count("pk"), first=Min("valid_to"))
    if n := found["n"]:
        what = ngettext("Gia hạn hoặc thôi %(n)d vai trò", "Gia hạn hoặc thôi %(n)d vai trò", n) % {"n": n}
        why = _("Hết ngày ghi trên vai trò thì người đó không vào được nữa")
        yield Task(
            what,
            why,
            "key-round",
            _("Xem vai trò"),
            page("accounts_grant_changelist", {"holds": "now"}),
            found["first"],
        )


def quality_tasks(user: Any, reach: Reach) -> Iterator[Task]:
    """Entries that may be there twice, and addresses of units that are no more. Nine queries for a department."""
    if not provinces_with(reach, MANAGERS):
        return
    counts = checks.overview(user).counts
    twins = ngettext("Xem %(n)d cặp cơ sở nghi trùng", "Xem %(n)d cặp cơ sở nghi trùng", counts["co-so-trung"])
    same = ngettext("Xem %(n)d cặp sản phẩm nghi trùng", "Xem %(n)d cặp sản phẩm nghi trùng", counts["san-pham-trung"])
    stale = ngettext("Sửa %(n)d địa chỉ ghi đơn vị cũ", "Sửa %(n)d địa chỉ ghi đơn vị cũ", counts["dia-chi"])
    in_two = _("Cùng mã số thuế hoặc cùng tên; gộp giữ nguyên lịch sử")
    gone = _("Đơn vị hành chính trong địa chỉ không còn, có đề xuất thay")
    for key, what, why, icon, act in (
        ("co-so-trung", twins, in_two, "copy", _("Đối chiếu")),
        ("san-pham-trung", same, in_two, "copy", _("Đối chiếu")),
        ("dia-chi", stale, gone, "map-pin", _("Xem đề xuất")),
    ):
        if n := counts[key]:
            yield Task(what % {"n": n}, why, icon, act, page("quality", {"muc": key}))
