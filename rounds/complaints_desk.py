"""Complaints of a round at the desk: taken in, given to someone, answered; what they hold and by when."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.opening import open_file
from portal.files.services import store
from portal.text.folding import name_key
from portal.text.inputs import OK, ReasonForm, attempt

from . import rules
from .complaint_forms import AnswerForm, AssignForm, DeskComplaintForm
from .desk import SCAN, context, decision_initial, log_of, round_or_404
from .enums import ComplaintOutcome, ComplaintState, RoundState
from .forms import DecisionForm
from .models import Complaint, Dossier, Round
from .official.links import FORMATS
from .official.rendering import render_answer
from .official.views import download
from .services import complaints, supplementing
from .services.holding import OPEN

PAPERS: Any = frozenset({"image", "pdf", "office"})
Forms = dict[str, forms.Form]


def visible(request: HttpRequest, round_: Round) -> QuerySet[Complaint]:
    """Complaints the person may read: whoever handles them all, others their own; never about an own conflict."""
    rows = Complaint.objects.filter(round=round_).select_related("dossier__product", "answerer", "facility")
    shut = Dossier.objects.filter(round=round_).without_conflict(request.user)
    rows = rows.filter(Q(dossier__isnull=True) | Q(Exists(shut.filter(pk=OuterRef("dossier")))))
    return rows if rules.may_handle_complaints(request.user, round_) else rows.filter(answerer=request.user.pk)


def may_read(user: Any, round_: Round) -> bool:
    """Whoever handles complaints, or was given one of this round to answer."""
    return (
        rules.may_handle_complaints(user, round_) or Complaint.objects.filter(round=round_, answerer=user.pk).exists()
    )


def _round(request: HttpRequest, pk: int) -> Round:
    round_ = round_or_404(request, pk)
    if not may_read(request.user, round_):
        raise PermissionDenied(str(rules.may_handle_complaints.sentence))
    return round_


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The list, and the form of one that came on paper. Seven queries, however many complaints."""
    round_ = _round(request, pk)
    may_handle = rules.may_handle_complaints(request.user, round_)
    heard = round_.state in complaints.HEARD_IN or request.method == "POST"
    form = _desk_form(request, round_) if may_handle and heard else None
    status = OK
    if request.method == "POST":
        if form is None:
            raise PermissionDenied(str(rules.may_handle_complaints.sentence))
        made, status = _take_in(request, round_, form)
        if made is not None:
            messages.success(request, _("Đã nhận kiến nghị số %(number)s.") % {"number": made.number})
            return redirect("admin:rounds_round_complaint", pk, made.pk)
    page = context(
        site,
        request,
        Round,
        title=_("Kiến nghị, %(round)s") % {"round": round_.title},
        round=round_,
        rows=list(visible(request, round_).order_by("-number")),
        form=form,
        last_day=complaints.last_day(round_),
        is_over=complaints.term_over(round_, timezone.now()),
        today=timezone.localdate(),
        open_states=OPEN,
    )
    return render(request, "admin/rounds/complaints.html", page, status=status)


def _desk_form(request: HttpRequest, round_: Round) -> DeskComplaintForm:
    mine = Dossier.objects.filter(round=round_).exclude(entry_code="").without_conflict(request.user)
    return DeskComplaintForm(
        request.POST or None,
        request.FILES or None,
        dossiers=mine.select_related("product").order_by("entry_code"),
        initial={"received_on": timezone.localdate(), "channel": "paper", "about": "result"},
    )


def _take_in(request: HttpRequest, round_: Round, form: DeskComplaintForm) -> tuple[Complaint | None, int]:
    made, status = attempt(form, lambda form: _file(request, round_, dict(form.cleaned_data)))
    return made or None, status


@transaction.atomic
def _file(request: HttpRequest, round_: Round, facts: dict[str, Any]) -> Complaint:
    now = timezone.now()
    upload, came = facts.pop("attachment"), facts.pop("received_on")
    dossier = facts["dossier"]
    kept = store(upload, allow=PAPERS, field="attachment") if upload else None
    is_today = came == timezone.localdate(now)
    at = now if is_today else timezone.make_aware(dt.datetime.combine(came, dt.time()))
    return complaints.file(
        round_=round_,
        actor=request.user,
        now=now,
        received_at=at,
        attachment=kept,
        facility=_sender(dossier, facts["complainant"]),
        **facts,
    )


def _sender(dossier: Dossier | None, complainant: str) -> Facility | None:
    """The facility whose dossier it is, where the letter is its own: only then it reads it here and takes it back."""
    facility = dossier.product.facility if dossier else None
    is_own = facility is not None and name_key(complainant) == name_key(facility.name)
    return facility if is_own else None


def _one_or_404(request: HttpRequest, round_: Round, complaint_pk: int) -> Complaint:
    found = visible(request, round_).filter(pk=complaint_pk).first()
    if found is None:
        raise Http404
    found.round = round_
    return found


def one(request: HttpRequest, site: AdminSite, pk: int, complaint_pk: int) -> HttpResponse:
    """One complaint: what it says, what it holds, who answers by when; each act a form of its own.

    An answer can first be had as a letter, to be signed; nothing is written down by that.
    """
    round_ = _round(request, pk)
    row = _one_or_404(request, round_, complaint_pk)
    name = request.POST.get("act", "") if request.method == "POST" else ""
    offered = _forms(request, row, name)
    status = OK
    if name:
        if name not in offered:
            messages.error(request, _("Việc này không làm được vào lúc này. Hãy xem lại trạng thái của kiến nghị."))
            return redirect("admin:rounds_round_complaint", pk, complaint_pk)
        fmt = request.POST.get("letter", "")
        act = _typed if name == "answer" and fmt in FORMATS else ACTS[name]
        status = _do(request, row, act, offered[name])
        if status == OK:
            return _letter(row, fmt) if act is _typed else redirect("admin:rounds_round_complaint", pk, complaint_pk)
    page = context(
        site,
        request,
        Round,
        title=_("Kiến nghị số %(number)s") % {"number": row.number},
        round=round_,
        complaint=row,
        forms=offered,
        records=log_of(row),
        is_open=row.state in OPEN,
        may_handle=rules.may_handle_complaints(request.user, round_),
        is_mine=row.answerer_id == request.user.pk,
        today=timezone.localdate(),
    )
    return render(request, "admin/rounds/complaint.html", page, status=status)


def _forms(request: HttpRequest, row: Complaint, name: str = "") -> Forms:
    """The forms that this person may use now; the one called `name` carries what was sent."""
    sent = {name: (request.POST, request.FILES)}
    nothing = (None, None)
    found: Forms = {}
    if row.state in OPEN:
        if rules.may_handle_complaints(request.user, row.round):
            found["assign"] = AssignForm(
                sent.get("assign", nothing)[0],
                people=complaints.possible_answerers(row),
                initial={"answerer": row.answerer_id},
            )
            found["hold"] = ReasonForm(sent.get("hold", nothing)[0], prefix="hold")
            found["withdraw"] = ReasonForm(sent.get("withdraw", nothing)[0], prefix="withdraw")
        if row.answerer_id == request.user.pk:
            found["answer"] = AnswerForm(*sent.get("answer", nothing), is_late=row.is_late)
    elif _may_supplement(request, row):
        data, files = sent.get("supplement", nothing)
        found["supplement"] = DecisionForm(data, files, initial=decision_initial(row.round))
    return found


def _may_supplement(request: HttpRequest, row: Complaint) -> bool:
    accepted = row.outcome in (ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY)
    waiting = row.dossier is not None and row.dossier.recognition_id is None
    after = row.round.state in (RoundState.ANNOUNCED, RoundState.CLOSED)
    return accepted and waiting and after and rules.may_decide(request.user, row.round)


def _do(request: HttpRequest, row: Complaint, act: Callable[..., str], form: forms.Form) -> int:
    @transaction.atomic
    def done(form: forms.Form) -> str:
        return act(request, row, dict(form.cleaned_data))

    said, status = attempt(form, done)
    if said:
        messages.success(request, said)
    return status


def _assign(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    complaints.assign(complaint=row, answerer=facts["answerer"], actor=request.user, now=timezone.now())
    return _("Đã giao kiến nghị cho %(who)s.") % {"who": facts["answerer"]}


def _hold(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    kept = complaints.set_hold(complaint=row, holds=not row.holds, reason=facts["reason"], actor=request.user)
    return _("Đã tạm dừng hồ sơ bị kiến nghị.") if kept.holds else _("Hồ sơ bị kiến nghị được đi tiếp.")


def _withdraw(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    complaints.withdraw(complaint=row, reason=facts["reason"], actor=request.user, now=timezone.now())
    return _("Đã ghi người gửi rút kiến nghị.")


def _answer(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    upload = facts.pop("scan")
    scan = store(upload, allow=SCAN, field="scan") if upload else None
    complaints.answer(complaint=row, actor=request.user, now=timezone.now(), scan=scan, **facts)
    return _("Đã trả lời kiến nghị. Người gửi đọc được trả lời trên cổng.")


def _supplement(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    upload = facts.pop("scan")
    scan = store(upload, allow=SCAN, field="scan") if upload else None
    made = supplementing.record_supplementary_decision(
        complaint=row, actor=request.user, now=timezone.now(), scan=scan, **facts
    )
    return _("Đã công nhận bổ sung “%(product)s”.") % {"product": made.product.name}


ACTS: dict[str, Callable[..., str]] = {
    "assign": _assign,
    "hold": _hold,
    "withdraw": _withdraw,
    "answer": _answer,
    "supplement": _supplement,
}


def paper(request: HttpRequest, site: AdminSite, pk: int, complaint_pk: int, which: str) -> HttpResponseBase:
    """What was sent with a complaint, or the signed answer."""
    row = _one_or_404(request, _round(request, pk), complaint_pk)
    stored = {"kem-theo": row.attachment, "tra-loi": row.answer_scan}.get(which)
    if stored is None:
        raise Http404
    return open_file(
        request,
        stored,
        filename=f"kien-nghi-{row.number}-{which}",
        action="complaint.read",
        sentence=_("Mở tệp của kiến nghị số %(number)s.") % {"number": row.number},
        subject=row,
        territory=row.round.territory,
    )


def letter(request: HttpRequest, site: AdminSite, pk: int, complaint_pk: int, fmt: str) -> HttpResponse:
    """The answer that was given, as a letter of the council."""
    row = _one_or_404(request, _round(request, pk), complaint_pk)
    if fmt not in FORMATS or row.state != ComplaintState.ANSWERED:
        raise Http404
    return _letter(row, fmt)


def _typed(request: HttpRequest, row: Complaint, facts: dict[str, Any]) -> str:
    """The complaint as if it were answered so; not saved."""
    row.outcome, row.answer, row.correction = facts["outcome"], facts["words"], facts["correction"]
    complaints.refuse_half_answer(row)
    return ""


def _letter(row: Complaint, fmt: str) -> HttpResponse:
    data, name = render_answer(row, fmt=fmt, on=timezone.localdate(row.answered_at or timezone.now()))
    return download(data, name, fmt)


PATHS = (
    ("kien-nghi/", show, "complaints"),
    ("kien-nghi/<int:complaint_pk>/", one, "complaint"),
    ("kien-nghi/<int:complaint_pk>/tep/<slug:which>/", paper, "complaint_paper"),
    ("kien-nghi/<int:complaint_pk>/cong-van/<slug:fmt>/", letter, "complaint_letter"),
)
