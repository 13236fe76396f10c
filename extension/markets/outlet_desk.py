"""The desk's page of markets: where products are, what the register says of sales, which products are nowhere."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import WRONG, picked, status_of
from products.as_of import in_force
from products.models import Product, Recognition

from ..enums import OutletKind
from ..models import Outlet
from ..services import outlets as services
from . import fair_rules, outlet_queries

ON_A_PAGE = 50
DONE = 302


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    return [path("khuyen-cong/diem-ban/", for_staff(site)(markets), name="markets")]


@require_http_methods(["GET", "POST"])
def markets(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Outlets, matched against the register's products in force. A fixed number of queries."""
    status = 200
    if request.method == "POST":
        status = _listed(request)
        if status == DONE:
            return redirect("admin:markets")
    on = today()
    products = _in_force(request)
    shelves = outlet_queries.outlets_here(request.user, on)
    total, reached = products.count(), outlet_queries.reach_of(products, on)
    page = Paginator(outlet_queries.nowhere(products, on), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "opts": Outlet._meta,
        "has_view_permission": True,
        "title": _("Đưa sản phẩm ra thị trường"),
        "shelves": shelves,
        "hints": outlet_queries.hints(shelves, products, on),
        "total": total,
        "tallies": [(kind.label, reached[kind.value]) for kind in OutletKind],
        "at_none": total - reached["any"],
        "page": page,
        "may_edit": _may_edit(request),
    }
    return render(request, "admin/extension/markets.html", context, status=status)


def _in_force(request: HttpRequest) -> QuerySet[Product]:
    """Products in reach with a recognition that holds today."""
    held = Recognition.objects.published().filter(in_force(today())).values("product")
    return Product.objects.visible_to(request.user).filter(pk__in=held)


def _may_edit(request: HttpRequest) -> bool:
    return bool(staff_reach(request.user).roles & {Role.EXTENSION_OFFICER, Role.ADMINISTRATOR})


def _listed(request: HttpRequest) -> int:
    """A hint taken: the product is written down at the outlet."""
    if not _may_edit(request):
        raise PermissionDenied(fair_rules.ONLY_EXTENSION_OFFICER)
    outlet = picked(Outlet.objects.visible_to(request.user), request.POST.get("outlet", ""))
    product = picked(Product.objects.visible_to(request.user), request.POST.get("product", ""))
    if outlet is None or product is None:
        messages.error(request, _("Không thấy điểm bán hoặc sản phẩm này. Hãy mở lại trang."))
        return WRONG
    try:
        services.add_listing(outlet=outlet, product=product, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return status_of(refusal)
    said = _("Đã ghi “%(what)s” tại “%(where)s”.") % {"what": product.name, "where": outlet.name}
    messages.success(request, said)
    return DONE
