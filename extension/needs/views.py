"""Needs outside the desk: a facility's own pages, and those of its commune's officer. Thin views."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from facilities.models import Facility
from facilities.representing import represented
from portal.accounts.queries import communes_of
from portal.files.responses import serve
from portal.territory.models import Commune
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.inputs import apply_refusal, status_of

from ..asked import Asked
from ..enums import NeedState
from ..models import Call, Need
from ..services import needs as services
from . import queries
from .forms import NeedForm, start_of

PER_PAGE = 20
WITHDRAW = "rut"
UNKNOWN = "moi"
SOON = dt.timedelta(days=30)
JUNE = 6
# What the page of one need shows of other tables.
WHOLE = ("facility__commune", "territory", "project", "item", "call", "product", "file", "commune")


def need_form(
    request: HttpRequest,
    *,
    makers: Sequence[Facility],
    calls: Sequence[Call],
    unknown: bool = False,
    need: Need | None = None,
    on: dt.date,
) -> NeedForm:
    """The form of a new need, or of one to change, with what the address already says. Two queries."""
    call = _call_of(request, calls, on) if need is None else None
    # Plans of the next year are made in the second half of this one.
    start: dict[str, Any] = start_of(need) if need else {"year": on.year + (on.month > JUNE)}
    if call:
        start |= {"call": str(call.uuid), "year": call.year}
    offered = [*calls, need.call] if need and need.call and need.call not in calls else calls
    return NeedForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial=start,
        makers=makers,
        unknown=unknown,
        products=list(queries.products_of(makers)),
        calls=offered,
        items=list(queries.items_to_ask_for()),
        on=on,
    )


def _call_of(request: HttpRequest, calls: Sequence[Call], on: dt.date) -> Call | None:
    """The call that the address names; where it names none, the only one that is open."""
    if "dot" in request.GET:
        return next((row for row in calls if str(row.uuid) == request.GET["dot"]), None)
    now = [row for row in calls if row.opens_on <= on <= row.closes_on]
    return now[0] if len(now) == 1 else None


def _kept(request: HttpRequest, form: NeedForm, need: Need | None, **place: Any) -> tuple[Need | None, int]:
    """The need as registered or changed, or nothing and the status of the page that says why."""
    if not form.is_valid():
        return None, 400
    now = timezone.now()
    try:
        with transaction.atomic():
            facts = form.facts()
            if need:
                return services.change(need=need, actor=request.user, now=now, **facts), 302
            named: dict[str, Any] = {"facility": form.maker, **place, **facts}
            return services.register(actor=request.user, now=now, **named), 302
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return None, status_of(refusal)


def _acted(request: HttpRequest, need: Need, form: NeedForm | None) -> tuple[Need | None, int]:
    """Withdraw or change one need."""
    if request.POST.get("act") != WITHDRAW:
        return _kept(request, form, need) if form else (None, 409)
    try:
        return services.withdraw(need=need, actor=request.user, now=timezone.now()), 302
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return need, 302


# --- a facility's own pages ------------------------------------------------------------------------------------


def asked_of(user: Any, on: dt.date) -> list[Asked]:
    """Calls of the person's provinces that close soon and that none of their facilities answered. Four queries."""
    here = {row.territory_id for row in represented(user)}
    calls = [row for row in queries.calls_for(here, on) if row.closes_on <= on + SOON] if here else []
    if not calls:
        return []
    answered = set(queries.needs_of(user).filter(call__in=calls).values_list("call", flat=True))
    return [
        Asked(
            title=_("Đăng ký nhu cầu hỗ trợ, nếu có"),
            url=f"{reverse('own_need_new')}?dot={row.uuid}",
            due_on=row.closes_on,
            about=row.title,
        )
        for row in calls
        if row.pk not in answered
    ]


@never_cache
@login_required
@require_safe
def own_needs(request: HttpRequest) -> HttpResponse:
    """What the person's facilities registered and what became of it, and the calls open now. Constant queries."""
    on = today()
    facilities = list(represented(request.user))
    context = {
        "page": Paginator(queries.needs_of(request.user), PER_PAGE).get_page(request.GET.get("page")),
        "facilities": facilities,
        "calls": queries.calls_for({row.territory_id for row in facilities}, on),
        "nav": "facility",
    }
    return render(request, "extension/own_needs.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_need_new(request: HttpRequest) -> HttpResponse:
    """Register a need, in an open call or outside one."""
    facilities = list(represented(request.user).select_related("territory", "commune"))
    if not facilities:
        return redirect("own_needs")
    on = today()
    form = need_form(
        request, makers=facilities, calls=queries.calls_for({row.territory_id for row in facilities}, on), on=on
    )
    status = 200
    if request.method == "POST":
        need, status = _kept(request, form, None)
        if need:
            messages.success(request, _("Đã gửi nhu cầu đến Trung tâm Khuyến công. Trả lời sẽ hiện ở trang này."))
            return redirect("own_need", need.uuid)
    return render(request, "extension/own_need_form.html", {"form": form, "nav": "facility"}, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_need(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One need: what was answered, and while nobody took it up its form."""
    need = _own_or_404(request, uuid)
    is_open = need.state == NeedState.REGISTERED
    on = today()
    form = None
    if is_open and need.facility:
        form = need_form(
            request, makers=[need.facility], calls=queries.calls_for({need.territory_id}, on), need=need, on=on
        )
    status = 200
    if request.method == "POST":
        changed, status = _acted(request, need, form)
        if changed:
            _said(request, changed)
            return redirect("own_need", need.uuid)
    context = {"need": need, "form": form, "file": _file_address("own_need_file", need), "nav": "facility"}
    return render(request, "extension/own_need.html", context, status=status)


def _said(request: HttpRequest, need: Need) -> None:
    if need.state == NeedState.WITHDRAWN:
        messages.success(request, _("Đã rút nhu cầu."))
    elif need.state == NeedState.REGISTERED:
        messages.success(request, _("Đã lưu nhu cầu."))


def _file_address(name: str, need: Need, *args: Any) -> str:
    return reverse(name, args=[*args, need.uuid]) if need.file_id else ""


def _own_or_404(request: HttpRequest, uuid: UUID) -> Need:
    return get_object_or_404(queries.needs_of(request.user).select_related(*WHOLE), uuid=uuid)


@never_cache
@login_required
@require_safe
def own_need_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    return _file(request, _own_or_404(request, uuid))


def _file(request: HttpRequest, need: Need) -> HttpResponseBase:
    if need.file is None:
        raise Http404
    return serve(need.file, filename=f"nhu-cau-{timezone.localdate(need.registered_at)}", inline=True, request=request)


# --- the commune's officer ----------------------------------------------------------------------------------------


def _commune_or_404(request: HttpRequest, pk: int) -> Commune:
    """One of the person's communes; any other does not exist."""
    found = next((row for row in communes_of(request.user, on=today()) if row.pk == pk), None)
    if found is None:
        raise Http404
    return found


@never_cache
@login_required
@require_safe
def commune_needs(request: HttpRequest, pk: int) -> HttpResponse:
    """Needs of the commune's makers, and the calls open now. Constant queries."""
    commune = _commune_or_404(request, pk)
    rows = Paginator(queries.needs_of_commune(commune), PER_PAGE).get_page(request.GET.get("page"))
    calls = queries.calls_for({commune.territory_id}, today())
    return render(
        request, "extension/commune_needs.html", {"commune": commune, "page": rows, "calls": calls, "nav": "commune"}
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def commune_need_new(request: HttpRequest, pk: int) -> HttpResponse:
    """For whom: a facility found by its name, or one that the register does not hold; then the need itself."""
    commune = _commune_or_404(request, pk)
    makers = queries.facilities_of_commune(commune)
    chosen = request.GET.get("co-so", "")
    if not chosen:
        return _choose(request, commune, makers)
    on = today()
    form = need_form(
        request,
        makers=[] if chosen == UNKNOWN else [_chosen(makers, chosen)],
        unknown=chosen == UNKNOWN,
        calls=queries.calls_for({commune.territory_id}, on),
        on=on,
    )
    status = 200
    if request.method == "POST":
        need, status = _kept(request, form, None, commune=commune)
        if need:
            messages.success(request, _("Đã gửi nhu cầu đến Trung tâm Khuyến công."))
            return redirect("commune_needs", commune.pk)
    context = {"commune": commune, "form": form, "maker": next(iter(form.makers.values()), None), "nav": "commune"}
    return render(request, "extension/commune_need_form.html", context, status=status)


def _choose(request: HttpRequest, commune: Commune, makers: QuerySet[Facility]) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    for word in fold(words).split()[:8]:
        makers = makers.filter(folded__contains=word)
    page = Paginator(makers, PER_PAGE).get_page(request.GET.get("page"))
    context = {"commune": commune, "q": words, "page": page, "call": request.GET.get("dot", ""), "nav": "commune"}
    return render(request, "extension/commune_need_choose.html", context)


def _chosen(makers: QuerySet[Facility], text: str) -> Facility:
    """The facility an address names. Raises Http404 for what is no address of one."""
    field = forms.UUIDField(required=False)
    try:
        wanted = field.clean(text)
    except forms.ValidationError as error:
        raise Http404 from error
    return get_object_or_404(makers.select_related("territory", "commune"), uuid=wanted)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def commune_need(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponse:
    """One need of the commune: what was answered, and while nobody took it up its form."""
    commune = _commune_or_404(request, pk)
    need = _of_commune_or_404(commune, uuid)
    on = today()
    form = None
    if need.state == NeedState.REGISTERED:
        form = need_form(
            request,
            makers=[need.facility] if need.facility else [],
            unknown=need.facility is None,
            calls=queries.calls_for({commune.territory_id}, on),
            need=need,
            on=on,
        )
    status = 200
    if request.method == "POST":
        changed, status = _acted(request, need, form)
        if changed:
            _said(request, changed)
            return redirect("commune_need", commune.pk, need.uuid)
    file = _file_address("commune_need_file", need, commune.pk)
    context = {"commune": commune, "need": need, "form": form, "file": file, "nav": "commune"}
    return render(request, "extension/commune_need.html", context, status=status)


def _of_commune_or_404(commune: Commune, uuid: UUID) -> Need:
    return get_object_or_404(queries.needs_of_commune(commune).select_related(*WHOLE), uuid=uuid)


@never_cache
@login_required
@require_safe
def commune_need_file(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponseBase:
    return _file(request, _of_commune_or_404(_commune_or_404(request, pk), uuid))
