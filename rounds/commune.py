"""Pages of a commune's officer ("Việc của xã"). Thin views; any other commune does not exist."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.accounts.queries import communes_of
from portal.files.services import store
from portal.territory.models import Commune
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, attempt

from . import commune_queries as queries
from .commune_forms import FacilityWantedForm, FilingForm, NothingForm
from .models import CommuneReturn, Dossier, Round
from .services import communes, nil_returns

PER_PAGE = 20


def own_communes(request: HttpRequest) -> list[Commune]:
    """The person's communes; the pages do not exist for who has none."""
    found = communes_of(request.user, on=today())
    if not found:
        raise Http404
    return found


def own_or_404(request: HttpRequest, pk: int) -> tuple[Commune, list[Commune]]:
    mine = own_communes(request)
    commune = next((row for row in mine if row.pk == pk), None)
    if commune is None:
        raise Http404
    return commune, mine


@never_cache
@require_safe
@login_required
def entrance(request: HttpRequest) -> HttpResponse:
    return redirect("commune", own_communes(request)[0].pk)


@never_cache
@require_safe
@login_required
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """What is open, what the commune owes, its facilities' dossiers and what of theirs ends soon."""
    commune, mine = own_or_404(request, pk)
    on, now = today(), timezone.now()
    dossiers = Paginator(queries.dossiers_of(request.user, commune), PER_PAGE)
    context = {
        "commune": commune,
        "communes": mine,
        "rounds": queries.rounds_of(commune, now=now, on=on),
        "owed": queries.owed_by(request.user, commune, on=on),
        "page": dossiers.get_page(request.GET.get("page")),
        "ending": queries.ending_of(commune, on=on),
        "on": on,
        "nav": "commune",
    }
    return render(request, "commune/home.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def nothing(request: HttpRequest, pk: int, round_uuid: UUID) -> HttpResponse:
    """Report that the commune has nothing to file in a round."""
    commune, _mine = own_or_404(request, pk)
    round_ = _round_or_404(commune, round_uuid)
    form = NothingForm(request.POST if request.method == "POST" else None)
    now, status = timezone.now(), OK
    if request.method == "POST":
        done, status = attempt(
            form,
            lambda form: nil_returns.report_nothing(
                round_=round_, commune=commune, actor=request.user, now=now, **form.cleaned_data
            ),
        )
        if done:
            messages.success(request, _("Đã báo cáo không có cho %(round)s.") % {"round": round_.title})
            return redirect("commune", commune.pk)
    context = {"commune": commune, "round": round_, "form": form, "is_open": round_.receiving_open(now)}
    return render(request, "commune/nothing.html", context, status=status)


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int, round_uuid: UUID) -> HttpResponse:
    commune, _mine = own_or_404(request, pk)
    report = get_object_or_404(CommuneReturn, commune=commune, round__uuid=round_uuid)
    try:
        nil_returns.take_back(report=report, actor=request.user, now=timezone.now())
        messages.success(request, _("Đã rút báo cáo không có."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("commune", commune.pk)


@never_cache
@require_safe
@login_required
def choose_facility(request: HttpRequest, pk: int) -> HttpResponse:
    """For which facility of the commune: found by a part of its name."""
    commune, _mine = own_or_404(request, pk)
    words = request.GET.get("q", "").strip()[:200]
    page = Paginator(queries.facilities_of(commune, words), PER_PAGE).get_page(request.GET.get("page"))
    rounds = queries.open_for_filing(commune, now=timezone.now())
    context = {"commune": commune, "q": words, "page": page, "rounds": rounds, "nav": "commune"}
    return render(request, "commune/choose.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def file_for(request: HttpRequest, pk: int, facility_uuid: UUID) -> HttpResponse:
    """Open the dossier with the facility's authorisation; the steps of the dossier follow on its own pages."""
    commune, _mine = own_or_404(request, pk)
    facility = get_object_or_404(queries.facilities_of(commune), uuid=facility_uuid)
    rounds = queries.open_for_filing(commune, now=timezone.now())
    form = FilingForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        rounds=rounds,
        products=queries.products_to_file(facility, rounds),
    )
    status = OK
    if request.method == "POST":
        dossier, status = attempt(form, lambda form: _file(request, commune, facility, form))
        if dossier:
            return redirect("applicant_statement", dossier.uuid)
    context = {"commune": commune, "facility": facility, "rounds": rounds, "form": form, "nav": "commune"}
    return render(request, "commune/file.html", context, status=status)


@transaction.atomic
def _file(request: HttpRequest, commune: Commune, facility: Facility, form: FilingForm) -> Dossier:
    upload = form.cleaned_data["authorisation"]
    return communes.file_for(
        commune=commune,
        facility=facility,
        round_=form.chosen_round(),
        actor=request.user,
        now=timezone.now(),
        product=form.chosen(),
        new=form.new(),
        authorisation=store(upload, allow={"image", "pdf"}, field="authorisation") if upload else None,
        on_paper=form.cleaned_data["on_paper"],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask_for_facility(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the Sở to enter a facility that the list lacks."""
    commune, _mine = own_or_404(request, pk)
    form = FacilityWantedForm(
        request.POST if request.method == "POST" else None, initial={"name": request.GET.get("ten", "")[:200]}
    )

    def ask(form: FacilityWantedForm) -> str:
        said: dict[str, Any] = {**form.cleaned_data, "kind": str(FacilityKind(form.cleaned_data["kind"]).label)}
        return _told(communes.ask_for_facility(commune=commune, actor=request.user, now=timezone.now(), **said))

    status = OK
    if request.method == "POST":
        said, status = attempt(form, ask)
        if said:
            messages.success(request, said)
            return redirect("commune", commune.pk)
    context = {"commune": commune, "form": form, "nav": "commune"}
    return render(request, "commune/wanted.html", context, status=status)


def _told(total: int) -> str:
    if not total:
        return _("Sở đã nhận được đề nghị này hôm nay. Cơ sở sẽ hiện trong danh sách khi Sở ghi xong.")
    said = ngettext(
        "Đã gửi đề nghị đến %(total)d cán bộ Sở Công Thương. Cơ sở sẽ hiện trong danh sách khi Sở ghi xong.",
        "Đã gửi đề nghị đến %(total)d cán bộ Sở Công Thương. Cơ sở sẽ hiện trong danh sách khi Sở ghi xong.",
        total,
    )
    return said % {"total": total}


def _round_or_404(commune: Commune, uuid: UUID) -> Round:
    """A round of the commune's province that the public may know of."""
    found = Round.objects.public().select_related("territory").filter(uuid=uuid).first()
    if found is None or not queries.reaches(found, commune):
        raise Http404
    return found
