"""The applicant's own pages: the facility, a dossier's state, its receipt, taking it back. Thin views."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from facilities.enums import RepresentativeState
from facilities.representing import claims_of, represented
from portal.files.responses import serve
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal
from products.inquiry_queries import waiting_for_maker
from products.owed_reports import owed_by

from . import rules
from .applicant_forms import WithdrawForm
from .applicant_needs import CHECK, HAND_IN, PAPERS, PICTURES, PRODUCT, STATEMENT, Need
from .applicant_queries import home, own_dossiers
from .applicant_words import phase
from .enums import Addressee, DossierState, RoundState
from .models import Dossier
from .services import applying
from .services.complaints import HEARD_IN
from .services.guards import moment
from .states import BEFORE_SCORING

D = DossierState
R = RoundState


REPORTS_SHOWN = 2
ENTERED = (D.ELIGIBLE, D.NOT_ELIGIBLE, D.GATHERED)


def may_complain(dossier: Dossier) -> bool:
    """Whether the facility may send a complaint about this dossier now."""
    return dossier.round.state in HEARD_IN and dossier.state in ENTERED


def own_or_404(request: HttpRequest, uuid: UUID) -> Dossier:
    """A dossier of the person's own facility; any other does not exist."""
    found = own_dossiers(request.user).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


@never_cache
@login_required
@require_safe
def my_facility(request: HttpRequest) -> HttpResponse:
    """What waits, what may be entered, what was entered; before the province confirms, only the claim."""
    facilities = list(represented(request.user).select_related("territory", "commune"))
    claims = [row for row in claims_of(request.user) if row.state != RepresentativeState.APPROVED]
    context: dict[str, Any] = {"claims": claims, "facilities": facilities, "nav": "facility"}
    if facilities:
        asked = request.GET.get("co-so", "")
        chosen = next((row for row in facilities if str(row.uuid) == asked), facilities[0])
        context["home"] = home(
            request.user, chosen, now=timezone.now(), on=today(), expiring_days=settings.EXPIRING_DAYS
        )
        context["reports"] = owed_by([chosen], today())[:REPORTS_SHOWN]
        context["claims"] = [row for row in claims if row.state == RepresentativeState.PENDING]
        context["contacts"] = list(chosen.contacts.all())
        context["letters_waiting"] = waiting_for_maker(chosen)
    return render(request, "applicant/home.html", context)


@dataclass(frozen=True)
class Event:
    """One line of a dossier's course: when, what; `later` has not happened yet."""

    words: str
    at: dt.datetime | None = None
    note: str = ""
    later: bool = False


@never_cache
@login_required
@require_safe
def my_dossier(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where the dossier stands, in the facility's words, and what the facility is asked for."""
    dossier = own_or_404(request, uuid)
    now = timezone.now()
    may_fill = rules.may_fill(request.user, dossier)
    needs = applying.needs_of(dossier, on=timezone.localdate(now)) if may_fill else ()
    context = {
        "dossier": dossier,
        "phase": phase(dossier, now=now),
        "may_fill": may_fill,
        "needs": needs,
        "go": reverse(f"applicant_{STEP_NAMES[first_step(needs)]}", args=[dossier.uuid]),
        "course": course(dossier),
        "may_withdraw": _may_withdraw(dossier),
        "may_complain": may_complain(dossier),
        "code": applying.shown_code(dossier.receipt_code),
        "nav": "dossier",
    }
    return render(request, "applicant/dossier.html", context)


# The step as it stands in the address, and in the address's name.
STEP_NAMES = {
    PRODUCT: "product",
    STATEMENT: "statement",
    PICTURES: "photos",
    PAPERS: "papers",
    CHECK: "check",
    HAND_IN: "submit",
}


def first_step(needs: tuple[Need, ...]) -> str:
    waiting = [need.step for need in needs if need.blocks]
    return waiting[0] if waiting else CHECK


def _may_withdraw(dossier: Dossier) -> bool:
    return (
        dossier.state in (D.DRAFT, D.SUBMITTED, D.NEEDS_SUPPLEMENT, D.ELIGIBLE)
        and not dossier.is_gathered_set
        and dossier.round.state in BEFORE_SCORING
    )


def course(dossier: Dossier) -> list[Event]:
    """What happened, oldest first, then what is still to come. Two queries."""
    events = [Event(_("Lập hồ sơ trên cổng"), dossier.created_at)]
    for version in dossier.versions.order_by("number"):
        words = (
            _("Nộp hồ sơ") if version.number == 1 else _("Nộp lại, phiên bản %(number)s") % {"number": version.number}
        )
        events.append(Event(words, version.created_at))
    for asked in dossier.requests.filter(addressee=Addressee.FACILITY):
        until = _("Hạn %(until)s") % {"until": moment(asked.until)}
        events.append(Event(_("Đơn vị nhận hồ sơ yêu cầu bổ sung"), asked.requested_at, until))
    if dossier.checked_at:
        events.append(Event(dossier.get_state_display(), dossier.checked_at, dossier.state_reason))
    if dossier.round.announced_at and dossier.state == D.ELIGIBLE:
        events.append(Event(_("Công bố kết quả"), dossier.round.announced_at))
    return sorted(events, key=lambda event: event.at or dossier.created_at) + _to_come(dossier)


def _to_come(dossier: Dossier) -> list[Event]:
    if dossier.state in (D.NOT_ELIGIBLE, D.GATHERED, D.WITHDRAWN):
        return []
    place = 0 if dossier.state == D.DRAFT else 1 if dossier.state in (D.SUBMITTED, D.NEEDS_SUPPLEMENT) else 2
    place = {R.SCORING: 3, R.DELIBERATION: 4, R.PROVISIONAL: 4, R.SUBMITTED: 4, R.DECIDED: 5}.get(
        R(dossier.round.state), place if dossier.round.state not in (R.ANNOUNCED, R.CLOSED, R.CANCELLED) else 6
    )
    words = (
        _("Nộp hồ sơ"),
        _("Đơn vị nhận hồ sơ kiểm tra"),
        _("Ban Giám khảo chấm"),
        _("Hội đồng bình chọn xét"),
        _("Có quyết định công nhận"),
        _("Công bố kết quả"),
    )
    return [Event(text, later=True) for text in words[place:]]


@never_cache
@login_required
@require_safe
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The receipt of the last handing in, to keep or print."""
    dossier = own_or_404(request, uuid)
    versions = list(dossier.versions.order_by("-number"))
    if not versions:
        return redirect("my_dossier", uuid)
    address = settings.SITE_URL + reverse("my_dossier", args=[uuid])
    context = {
        "dossier": dossier,
        "code": applying.shown_code(dossier.receipt_code),
        "versions": versions,
        "version": versions[0],
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=4),
        "nav": "dossier",
    }
    return render(request, "applicant/receipt.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the dossier back, with a reason; asks once, says what follows."""
    dossier = own_or_404(request, uuid)
    if not _may_withdraw(dossier):
        messages.error(request, _("Lúc này không tự rút hồ sơ được. Hãy báo đơn vị nhận hồ sơ."))
        return redirect("my_dossier", uuid)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            applying.withdraw(
                dossier=dossier, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
            )
        except Refusal as refusal:
            apply_refusal(form, refusal)
        else:
            messages.success(request, _("Đã rút hồ sơ."))
            return redirect("my_dossier", uuid)
    context = {"dossier": dossier, "form": form, "nav": "dossier"}
    return render(request, "applicant/withdraw.html", context, status=400 if form.is_bound else 200)


@login_required
@require_safe
def document(request: HttpRequest, uuid: UUID, document_pk: int) -> HttpResponseBase:
    """One paper of an own dossier."""
    dossier = own_or_404(request, uuid)
    found = dossier.documents.select_related("file").filter(pk=document_pk, file__isnull=False).first()
    if found is None or found.file is None:
        raise Http404
    return serve(found.file, filename=f"ho-so-{found.kind}", inline=True, request=request)
