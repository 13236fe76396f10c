"""Gathering entered products of one facility into a set: choose, look at what will come of it, do. Thin views.

Taking a set apart again is an act on the set's own page.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from portal.text.errors import Refusal
from portal.text.filters import search_words
from products.enums import ProductGroup

from . import rules
from .desk import context, round_or_404, status_of, visible_dossiers
from .enums import DossierState, SetBasis
from .forms import apply_refusal
from .models import Dossier, Round
from .services.gathering import gather
from .states import CHECKING

GATHERABLE = (DossierState.SUBMITTED, DossierState.ELIGIBLE)
SMALLEST = 2
SHOWN = 60


class GatherForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Tên bộ sản phẩm"),
        max_length=300,
        error_messages={"required": gettext_lazy("Hãy đặt tên cho bộ sản phẩm.")},
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("Căn cứ gộp thành bộ, Điều 6"),
        choices=SetBasis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Hãy chọn căn cứ của bộ sản phẩm (Điều 6).")},
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Nhóm của bộ"),
        choices=[("", gettext_lazy("Theo các sản phẩm")), *ProductGroup.choices],
        required=False,
    )


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The page: facilities with several entries, then the entries of one, then what will come of it."""
    round_ = round_or_404(request, pk)
    if not rules.may_manage(request.user, round_):
        raise PermissionDenied(str(rules.may_manage.sentence))
    if request.method == "POST":
        return _post(request, site, round_)
    facility = _facility(request, round_, request.GET.get("co-so", ""))
    return _page(request, site, round_, facility)


def parts_of(request: HttpRequest, round_: Round) -> "QuerySet[Dossier]":
    """Entries that may become part of a set."""
    found = visible_dossiers(request, round_).filter(state__in=GATHERABLE, product__is_set=False)
    return found.select_related("product", "round").order_by("entry_code", "pk")


def _facility(request: HttpRequest, round_: Round, pk: str) -> Facility | None:
    if not pk.isdecimal():
        return None
    return Facility.objects.filter(pk=pk, products__dossiers__in=parts_of(request, round_)).distinct().first()


def _facilities(request: HttpRequest, round_: Round, words: str) -> "QuerySet[Facility]":
    """Facilities with at least two such entries. One query."""
    counted = parts_of(request, round_).order_by().values("product__facility").annotate(total=Count("pk"))
    several = counted.filter(total__gte=SMALLEST).values("product__facility")
    inside = Count("products__dossiers", distinct=True)
    rows = Facility.objects.filter(pk__in=several, products__dossiers__in=parts_of(request, round_)).annotate(
        total=inside
    )
    for word in search_words(words):
        rows = rows.filter(folded__contains=word)
    return rows.order_by("sort_key", "pk")[:SHOWN]


def _post(request: HttpRequest, site: AdminSite, round_: Round) -> HttpResponse:
    facility = _facility(request, round_, request.POST.get("co-so", ""))
    if facility is None:
        messages.error(request, _("Cơ sở này không có hồ sơ nào gộp được trong kỳ. Hãy chọn lại cơ sở."))
        return _page(request, site, round_, None, status=400)
    ticked = {pk for pk in request.POST.getlist("dossiers") if pk.isdecimal()}
    form = GatherForm(request.POST)
    chosen = [one for one in parts_of(request, round_).filter(product__facility=facility) if str(one.pk) in ticked]
    if not form.is_valid():
        return _page(request, site, round_, facility, form=form, ticked=ticked, status=400)
    is_done = request.POST.get("do") == "gather"
    try:
        with transaction.atomic():
            whole = gather(round_=round_, dossiers=chosen, actor=request.user, now=timezone.now(), **form.cleaned_data)
            preview = _preview(whole, chosen)
            if not is_done:
                transaction.set_rollback(True)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return _page(request, site, round_, facility, form=form, ticked=ticked, status=status_of(refusal))
    if not is_done:
        return _page(request, site, round_, facility, form=form, ticked=ticked, preview=preview)
    messages.success(request, _("Đã gộp %(total)s hồ sơ thành bộ.") % {"total": len(chosen)})
    return redirect("admin:rounds_dossier_change", whole.pk)


def _preview(whole: Dossier, parts: list[Dossier]) -> dict[str, Any]:
    """What the act makes, read from the act itself before it is taken back."""
    papers = [document.title or document.get_kind_display() for document in whole.documents.order_by("kind", "pk")]
    return {
        "code": whole.entry_code,
        "name": whole.product.name,
        "group": whole.product.get_group_display(),
        "basis": whole.get_set_basis_display(),
        "parts": parts,
        "papers": papers,
    }


def _page(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    facility: Facility | None,
    *,
    form: GatherForm | None = None,
    ticked: set[str] | None = None,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    words = request.GET.get("q", "")[:200]
    page = context(
        site,
        request,
        Round,
        title=_("Gộp hồ sơ thành bộ"),
        round=round_,
        is_open=round_.state in CHECKING,
        facility=facility,
        facilities=None if facility else _facilities(request, round_, words),
        words=words,
        parts=list(parts_of(request, round_).filter(product__facility=facility)) if facility else [],
        ticked=ticked or set(),
        form=form or GatherForm(),
        preview=preview,
    )
    return render(request, "admin/rounds/gather.html", page, status=status)
