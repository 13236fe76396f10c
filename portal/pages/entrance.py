"""Which door a person takes: the desk, the judges' pages, or the public front."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from facilities.representing import speaks_for_any
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from rounds.enums import Body, SeatRole
from rounds.models import Seat

from .demo.accounts import ACCOUNTS, PASSWORD

# What a demo account is there to try, by the first part of its name.
_TRY = {
    "canbo": _("Mở kỳ bình chọn, nhập và kiểm tra hồ sơ, giữ sổ công nhận của tỉnh."),
    "lanhdao": _("Theo dõi kỳ bình chọn, ghi quyết định công nhận, công bố kết quả."),
    "khuyencong": _("Theo dõi chương trình và đề án khuyến công của tỉnh."),
    "tiepnhan": _("Nhận và nhập hồ sơ của kỳ bình chọn."),
    "chutich": _("Xem bảng điểm và hồ sơ mà hội đồng xét."),
    "thuky": _("Ghi ý kiến của hội đồng cho từng hồ sơ."),
    "uyvien": _("Xem bảng điểm và hồ sơ mà hội đồng xét."),
    "totruong": _("Kiểm tra hồ sơ, thông báo bổ sung trước khi chuyển Ban Giám khảo."),
    "giamkhao": _("Chấm điểm trên điện thoại ở kỳ đang chấm."),
    "coso": _("Lập và nộp hồ sơ bình chọn trên điện thoại, theo dõi hồ sơ của cơ sở."),
    "cosomoi": _("Vừa đăng ký, chờ Sở xác nhận: xem, sửa hoặc rút đăng ký."),
    "xa": _("Xem việc của xã, nộp hồ sơ thay cơ sở, báo cáo không có."),
    "cuc": _("Xem sổ công nhận của vùng hoặc cả nước, tổ chức kỳ của cấp mình."),
    "quantri": _("Tạo tài khoản, giao và thu vai trò, xem toàn bộ nhật ký."),
}


def seats_of(user: Any) -> frozenset[tuple[str, str]]:
    """Body and role of every seat the person holds now, in any round. One query, kept on the user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    found: frozenset[tuple[str, str]] | None = getattr(user, "_seats", None)
    if found is None:
        found = frozenset(Seat.objects.filter(user=user, until__isnull=True).values_list("body", "role"))
        user._seats = found
    return found


def works_at_desk(user: Any) -> bool:
    """Anyone with a role today, and whoever sits in a council or support team or heads a jury."""
    return bool(staff_reach(user).roles) or any(
        body != Body.JURY or role == SeatRole.HEAD_JUDGE for body, role in seats_of(user)
    )


def judges(user: Any) -> bool:
    return any(body == Body.JURY for body, _seat in seats_of(user))


def only_judges(user: Any) -> bool:
    """Whose work is the score sheets and nothing else, the head of a jury included."""
    return not staff_reach(user).roles and judges(user) and all(body == Body.JURY for body, _seat in seats_of(user))


def works_for_commune(user: Any) -> bool:
    return Role.COMMUNE_OFFICER in staff_reach(user).roles


def only_for_commune(user: Any) -> bool:
    """Whose one role is a commune's, without a seat in any round."""
    return staff_reach(user).roles == {Role.COMMUNE_OFFICER} and not seats_of(user)


@require_safe
@login_required
def after_login(request: HttpRequest) -> HttpResponse:
    """Send a person to where the work is; who only judges goes to the score sheets."""
    if only_judges(request.user):
        return redirect("judge_home")
    if only_for_commune(request.user):
        return redirect("commune_entrance")
    if works_at_desk(request.user):
        return redirect("admin:index")
    return redirect("my_facility" if speaks_for_any(request.user) else "home")


@require_safe
def demo_accounts(request: HttpRequest) -> HttpResponse:
    """Each role's account and the one password; the page exists only where the demo runs."""
    if not settings.DEMO:
        raise Http404
    rows = [(account, _TRY.get(account.username.split(".")[0].rstrip("0123456789"), "")) for account in ACCOUNTS]
    return render(request, "accounts/demo.html", {"rows": rows, "password": PASSWORD})
