"""The desk's page of data quality. Thin views."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from facilities import journal, merging, rules, taxcode
from facilities import services as facility_services
from facilities.models import Facility
from portal.accounts.staff_pages import for_staff
from portal.text.errors import Refusal
from products.models import Product
from products.services import merge_products
from products.services import merging as product_merging

from .. import figures
from . import checks
from .forms import MINE, THEIRS, AddressForm, MergeForm, NotTwinsForm

ON_A_PAGE = 25
FIRST_SHOWN = "co-so-trung"


@dataclass(frozen=True)
class Kind:
    """What can be there twice, and the services that make it one."""

    slug: str
    model: Any
    fields: tuple[str, ...]
    merge: Callable[..., Any]


FACILITY = Kind("co-so", Facility, merging.FIELDS, merging.merge_facilities)
PRODUCT = Kind("san-pham", Product, product_merging.FIELDS, merge_products)


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("chat-luong/", guarded(page), name="quality"),
        path("chat-luong/co-so/<int:pk>/<int:other_pk>/", guarded(compare_facilities), name="quality_facilities"),
        path("chat-luong/san-pham/<int:pk>/<int:other_pk>/", guarded(compare_products), name="quality_products"),
        path("chat-luong/dia-chi/<int:pk>/", guarded(take_address), name="quality_address"),
        path("chat-luong/gop/<int:pk>/", guarded(bring_apart), name="quality_undo"),
        path("so-lieu-cong-bo/", guarded(figures.page), name="figures"),
    ]


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Every list with its count, and one of them open. Eleven queries at most, and the person's reach."""
    overview = checks.overview(request.user)
    shown = request.GET.get("muc", "")
    shown = shown if shown in checks.LABELS else next((key for key, n in overview.counts.items() if n), FIRST_SHOWN)
    lists = [(key, label, overview.counts[key], key == shown) for key, label in checks.LABELS.items()]
    found = _paged(request, overview, shown)
    context = {
        **site.each_context(request),
        "title": _("Chất lượng dữ liệu"),
        "lists": lists,
        "shown": shown,
        "label": checks.LABELS[shown],
        "page": found,
        "rows": _rows(shown, found, request.user),
        "total": sum(n for key, n in overview.counts.items() if key != "da-gop"),
    }
    return render(request, "admin/quality/page.html", context)


def _paged(request: HttpRequest, overview: checks.Overview, shown: str) -> Page[Any]:
    rows: Any
    if shown in overview.pairs:
        rows = overview.pairs[shown]
    elif shown == "dia-chi":
        rows = overview.addresses
    elif shown == "da-gop":
        rows = checks.mergings(request.user).select_related("by")
    elif shown == "toa-do":
        rows = checks.facilities(request.user).filter(checks.NO_PIN).select_related("territory")
    else:
        rows = checks.products(request.user).filter(checks.PRODUCT_GAPS[shown]).select_related("facility", "territory")
    paginator: Paginator[Any] = Paginator(rows, ON_A_PAGE)
    paginator.count = overview.counts[shown]  # counted already
    return paginator.get_page(request.GET.get("page"))


def _rows(shown: str, found: Page[Any], user: Any) -> list[Any]:
    """What the page shows of each: pairs with both entries, addresses with their facility. One query at most."""
    rows = list(found.object_list)
    if shown == "co-so-trung":
        known = Facility.objects.select_related("territory").in_bulk(_ids(rows))
        return [(known[pair.first], known[pair.second], pair.by_tax_code) for pair in rows]
    if shown == "san-pham-trung":
        products = Product.objects.select_related("facility", "territory").in_bulk(_ids(rows))
        return [(products[pair.first], products[pair.second], False) for pair in rows]
    if shown == "dia-chi":
        known = Facility.objects.select_related("territory").in_bulk([row.pk for row in rows])
        return [(known[row.pk], row, rules.may_edit(user, known[row.pk].territory_id)) for row in rows]
    return rows


def _ids(pairs: list[Any]) -> set[int]:
    return {pk for pair in pairs for pk in (pair.first, pair.second)}


def compare_facilities(request: HttpRequest, site: AdminSite, pk: int, other_pk: int) -> HttpResponse:
    return _compare(request, site, FACILITY, pk, other_pk)


def compare_products(request: HttpRequest, site: AdminSite, pk: int, other_pk: int) -> HttpResponse:
    return _compare(request, site, PRODUCT, pk, other_pk)


def _compare(request: HttpRequest, site: AdminSite, kind: Kind, pk: int, other_pk: int) -> HttpResponse:
    """Two entries side by side; an officer of both provinces says which values stay, or that they are two."""
    first, second = _pair(request, kind, pk, other_pk)
    held = _held(kind.model, first, second)
    keep = THEIRS if sum(row[2] for row in held) > sum(row[1] for row in held) else MINE
    form = MergeForm(None, first=first, second=second, names=kind.fields, keep=keep)
    two, refusal, status = NotTwinsForm(), None, 200
    if request.method == "POST":
        _require(lambda: rules.require_merge(request.user, first.territory_id, second.territory_id))
        act = request.POST.get("act")
        try:
            if act == "two":
                two = NotTwinsForm(request.POST)
                done = two.is_valid() and _part(request, first, second, two)
            else:
                form = MergeForm(request.POST, first=first, second=second, names=kind.fields, keep=keep)
                done = form.is_valid() and _merge(request, kind, form)
        except Refusal as found:
            refusal, done, status = found, False, 409
        if done:
            return redirect(f"{reverse('admin:quality')}?muc={kind.slug}-trung")
        status = status if refusal else 400
    context = {
        **site.each_context(request),
        "title": _("So sánh hai cơ sở") if kind is FACILITY else _("So sánh hai sản phẩm"),
        "kind": kind.slug,
        "first": first,
        "second": second,
        "pair": [(MINE, first, _edit(first)), (THEIRS, second, _edit(second))],
        "sides": _masked(form.sides(), request.user, first, second),
        "held": held,
        "form": form,
        "two": two,
        "refusal": refusal,
        "may": rules.may_merge(request.user, first.territory_id, second.territory_id),
    }
    return render(request, "admin/quality/compare.html", context, status=status)


def _require(check: Callable[[], None]) -> None:
    """A right that is missing is said on the page for it, before anything typed is looked at."""
    try:
        check()
    except Refusal as refusal:
        raise PermissionDenied(str(refusal)) from refusal


def _pair(request: HttpRequest, kind: Kind, pk: int, other_pk: int) -> tuple[Any, Any]:
    related = ("territory", "commune") if kind is FACILITY else ("territory", "facility")
    found = kind.model.objects.visible_to(request.user).select_related(*related).in_bulk([pk, other_pk])
    if len(found) != len({pk, other_pk}) or pk == other_pk:
        raise Http404
    return found[pk], found[other_pk]


def _held(model: Any, first: Any, second: Any) -> list[tuple[str, int, int]]:
    """How many of what each has. One query per kind of thing."""
    rows = []
    for other, name, _part in journal.references(model):
        ids = list(other._base_manager.filter(**{f"{name}__in": [first.pk, second.pk]}).values_list(name, flat=True))
        if ids:
            rows.append((str(other._meta.verbose_name_plural), ids.count(first.pk), ids.count(second.pk)))
    return rows


def _edit(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _masked(sides: list[Any], user: Any, first: Any, second: Any) -> list[Any]:
    """A household's tax code is shown to whom it may be known."""
    if all(rules.may_see_tax_code(user, row.territory_id) for row in (first, second)):
        return sides
    return [
        type(side)(side.name, side.label, taxcode.mask(side.first), taxcode.mask(side.second), side.chosen)
        if side.name == "tax_code"
        else side
        for side in sides
    ]


def _merge(request: HttpRequest, kind: Kind, form: MergeForm) -> bool:
    survivor, loser = form.survivor_and_loser()
    facts = {"take": form.taken(), "reason": form.cleaned_data["reason"], "actor": request.user}
    kind.merge(survivor=survivor, loser=loser, now=timezone.now(), **facts)
    messages.success(
        request,
        _("Đã gộp “%(loser)s” vào “%(survivor)s”. Địa chỉ cũ trên cổng dẫn về bản ghi còn lại.")
        % {"loser": loser.name, "survivor": survivor.name},
    )
    return True


def _part(request: HttpRequest, first: Any, second: Any, form: NotTwinsForm) -> bool:
    reason = form.cleaned_data["reason"]
    merging.confirm_not_twins(pair=[first, second], reason=reason, actor=request.user, now=timezone.now())
    messages.success(request, _("Đã ghi là hai bản ghi khác nhau. Cặp này không hiện lại trong danh sách."))
    return True


def take_address(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Write the address of today; the one recognised stays as the decision has it."""
    facility = Facility.objects.visible_to(request.user).filter(pk=pk).first()
    if facility is None:
        raise Http404
    back = f"{reverse('admin:quality')}?muc=dia-chi"
    form = AddressForm(request.POST)
    if request.method != "POST":
        return redirect(back)
    _require(lambda: rules.require_edit(request.user, facility))
    if not form.is_valid():
        messages.error(request, _("Địa chỉ chưa ghi hoặc dài quá 300 ký tự. Hãy sửa lại."))
        return redirect(back)
    try:
        facility_services.update_facility(
            facility=facility,
            actor=request.user,
            reason=_("Địa chỉ cũ ghi đơn vị hành chính không còn."),
            address_today=form.cleaned_data["address"],
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Đã ghi địa chỉ hiện nay của %(name)s.") % {"name": facility.name})
    return redirect(back)


def bring_apart(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Undo a merge; what changed since is named instead."""
    found = checks.mergings(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            merging.undo_merging(merging=found, actor=request.user, now=timezone.now())
        except Refusal as refusal:
            if refusal.code == "not_your_province":
                raise PermissionDenied(str(refusal)) from refusal
            messages.error(request, " ".join([str(refusal), *map(str, refusal.details)]))
        else:
            messages.success(request, _("Đã tách lại “%(name)s”.") % {"name": found.loser_name})
    return redirect(f"{reverse('admin:quality')}?muc=da-gop")
