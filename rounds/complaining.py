"""The facility's page of complaints about the result of one of its dossiers: send, read the answer, take back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.files.responses import serve
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, key_of

from .applicant import may_complain, own_or_404
from .complaint_forms import ComplaintForm
from .enums import ComplaintChannel
from .models import Complaint, Dossier
from .services import complaints
from .services.holding import OPEN

OK, WRONG = 200, 400
PAPERS: Any = frozenset({"image", "pdf", "office"})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was sent about this dossier with its answers, and the form of a new one."""
    dossier = own_or_404(request, uuid)
    form = ComplaintForm(request.POST or None, request.FILES or None, initial={"about": "result"})
    back, status = ReasonForm(prefix="rut"), OK
    if request.method == "POST" and "rut" in request.POST:
        back = ReasonForm(request.POST, prefix="rut")
        form = ComplaintForm(initial={"about": "result"})
        status = _take_back(request, dossier, back)
    elif request.method == "POST":
        status = _send(request, dossier, form)
    if request.method == "POST" and status == OK:
        return redirect("my_complaints", uuid)
    context = {
        "dossier": dossier,
        "rows": list(_own(dossier).order_by("-number")),
        "form": form if may_complain(dossier) or form.errors else None,
        "back": back,
        "last_day": complaints.last_day(dossier.round),
        "is_over": complaints.term_over(dossier.round, timezone.now()),
        "open_states": OPEN,
        "nav": "dossier",
    }
    return render(request, "applicant/complaints.html", context, status=status)


def _own(dossier: Dossier) -> Any:
    """What the facility itself sent about the dossier; what others sent about it is not shown."""
    return Complaint.objects.filter(dossier=dossier, facility=dossier.product.facility)


def _send(request: HttpRequest, dossier: Dossier, form: ComplaintForm) -> int:
    if not form.is_valid():
        return WRONG
    try:
        made = _file(request, dossier, dict(form.cleaned_data))
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return 400 if refusal.field else 409
    messages.success(
        request,
        _("Đã nhận kiến nghị số %(number)s. Trả lời chậm nhất ngày %(day)s.")
        % {"number": made.number, "day": f"{made.answer_due_on:%d/%m/%Y}"},
    )
    return OK


@transaction.atomic
def _file(request: HttpRequest, dossier: Dossier, facts: dict[str, Any]) -> Complaint:
    upload = facts.pop("attachment")
    facility = dossier.product.facility
    if facility is None:
        raise Http404
    return complaints.file(
        round_=dossier.round,
        dossier=dossier,
        facility=facility,
        complainant=facility.name,
        channel=ComplaintChannel.PORTAL,
        attachment=store(upload, allow=PAPERS, field="attachment") if upload else None,
        actor=request.user,
        now=timezone.now(),
        **facts,
    )


def _take_back(request: HttpRequest, dossier: Dossier, form: ReasonForm) -> int:
    row = _own(dossier).filter(number=key_of(request.POST.get("rut", ""))).first()
    if row is None:
        raise Http404
    if not form.is_valid():
        return WRONG
    try:
        complaints.withdraw(complaint=row, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now())
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return 409
    messages.success(request, _("Đã rút kiến nghị số %(number)s.") % {"number": row.number})
    return OK


@login_required
@require_safe
def paper(request: HttpRequest, uuid: UUID, number: int, which: str) -> HttpResponseBase:
    """The file that the facility sent, or the signed answer."""
    row = _own(own_or_404(request, uuid)).filter(number=number).first()
    stored = {"kem-theo": row.attachment, "tra-loi": row.answer_scan}.get(which) if row else None
    if stored is None:
        raise Http404
    return serve(stored, filename=f"kien-nghi-{number}-{which}", inline=True, request=request)
