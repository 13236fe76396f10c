"""Entering a dossier on one page: choose or make the facility and the product, say how it came. Thin views."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities import rules as facility_rules
from portal.text.inputs import attempt, picked
from products import rules as product_rules

from .admin_forms import rounds_to_enter
from .desk import context
from .intake_forms import NEW, EntryForm
from .intake_matches import find_facilities, products_of
from .models import Dossier, Round
from .services.entering import enter_dossier

WRITES = ("submit", "draft")
DROP = "drop-"
MANY = ("papers",)
CHOOSE = "0"  # no round: the page of a round leads here to choose another


def new_dossier(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The page of a new dossier. Without JavaScript its buttons search and add rows; nothing typed is lost."""
    offered = list(rounds_to_enter(request.user).select_related("territory"))
    asked = (request.POST if request.method == "POST" else request.GET).get("round", "")
    round_ = next((one for one in offered if str(one.pk) == asked), None)
    if round_ is None and len(offered) == 1 and not asked:
        round_ = offered[0]
    if round_ is None:
        return _choose_round(request, site, offered, asked)
    if request.method != "POST":
        start = {"facility": request.GET.get("facility", ""), "received_on": timezone.localdate()}
        return _show(request, site, EntryForm(initial=start, round_=round_, user=request.user))
    step = request.POST.get("do", "")
    return _enter(request, site, round_, step) if step in WRITES else _look(request, site, round_, step)


def _choose_round(request: HttpRequest, site: AdminSite, offered: list[Round], asked: str) -> HttpResponse:
    if asked not in {"", CHOOSE}:
        messages.error(request, _("Kỳ bình chọn này không nhận hồ sơ, hoặc không do đơn vị của bạn nhận."))
    page = context(site, request, Dossier, title=_("Nhập hồ sơ"), rounds=offered)
    return render(request, "admin/rounds/dossier_new.html", page, status=400 if request.method == "POST" else 200)


def _look(request: HttpRequest, site: AdminSite, round_: Round, step: str) -> HttpResponse:
    """A step that writes nothing: search, show the products, one member row more or less."""
    members = request.POST.getlist("members")
    if step == "more":
        members = [*members, "", ""]
    elif step.startswith(DROP) and step.removeprefix(DROP).isdecimal():
        members = [name for place, name in enumerate(members) if place != int(step.removeprefix(DROP))]
    form = EntryForm(initial=_typed(request.POST), round_=round_, user=request.user, members=members)
    return _show(request, site, form)


def _typed(data: QueryDict) -> dict[str, Any]:
    return {name: data.getlist(name) if name in MANY else data.get(name) for name in data}


def _enter(request: HttpRequest, site: AdminSite, round_: Round, step: str) -> HttpResponse:
    members = request.POST.getlist("members")
    form = EntryForm(request.POST, round_=round_, user=request.user, members=members)
    dossier, status = attempt(
        form,
        lambda form: enter_dossier(
            round_=round_,
            facility=form.facility_to_enter(),
            product=form.product_to_enter(),
            actor=request.user,
            now=timezone.now(),
            submit=step == "submit",
            **form.facts(),
        ),
    )
    if not dossier:
        return _show(request, site, form, status=status)
    words = _("Đã lập và nộp hồ sơ số %(code)s.") if dossier.entry_code else _("Đã lưu hồ sơ đang lập.")
    messages.success(request, words % {"code": dossier.entry_code})
    return redirect(f"{reverse('admin:rounds_dossier_change', args=[dossier.pk])}?moi=1")


def _show(request: HttpRequest, site: AdminSite, form: EntryForm, *, status: int = 200) -> HttpResponse:
    page = context(
        site,
        request,
        Dossier,
        title=_("Nhập hồ sơ"),
        form=form,
        round=form.round,
        **_facility_choices(request, form.round, str(form["find"].value() or ""), form),
        **_product_choices(request, form.round, form),
    )
    return render(request, "admin/rounds/dossier_new.html", page, status=status)


def _facility_choices(request: HttpRequest, round_: Round, words: str, form: EntryForm | None = None) -> dict[str, Any]:
    """What the list of facilities shows: those found, the one chosen, those that a new one is like."""
    found = find_facilities(request.user, round_, words)
    chosen = form.chosen_facility if form else None
    kept = [chosen] if chosen and chosen not in found else []
    twins = [twin for twin in form.facility_twins if twin not in found] if form else []
    place = round_.territory_id
    return {
        "facilities": [*kept, *found, *twins],
        "facility_words": words,
        "facility_picked": "new" if form and form.is_new_facility else str(chosen.pk) if chosen else "",
        "may_make_facility": place is None or facility_rules.may_edit(request.user, place),
    }


def _product_choices(request: HttpRequest, round_: Round, form: EntryForm) -> dict[str, Any]:
    facility = form.chosen_facility if not form.is_new_facility else None
    choices = products_of(facility, round_) if facility else []
    place = facility.territory_id if facility else round_.territory_id
    may_make = place is None or product_rules.may_enter_product(request.user, place)
    return {
        "products": choices,
        "product_facility": facility,
        "product_picked": str(form.chosen_product.pk) if form.chosen_product else NEW,
        "may_make_product": may_make,
    }


def suggest(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The lists of the page by themselves, while one types: facilities for `q`, products for `facility`."""
    round_ = picked(rounds_to_enter(request.user), request.GET.get("round", ""))
    if round_ is None:
        raise PermissionDenied(_("Kỳ bình chọn này không nhận hồ sơ, hoặc không do đơn vị của bạn nhận."))
    if "facility" in request.GET:
        form = EntryForm(initial={"facility": request.GET["facility"]}, round_=round_, user=request.user)
        page = {**_product_choices(request, round_, form), "round": round_}
        return render(request, "admin/rounds/_product_choices.html", page)
    page = {**_facility_choices(request, round_, request.GET.get("q", "")), "round": round_}
    return render(request, "admin/rounds/_facility_choices.html", page)
