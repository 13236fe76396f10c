"""Pages of those who carry a project out: monthly progress, and what must be put right. Thin; Vietnamese only."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.files.responses import serve
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import WRONG, apply_refusal, status_of

from .. import rules
from ..enums import FindingState, ProgressState, ProjectState
from ..models import Finding, ProgressReport, Project
from ..services import findings, progress
from . import monthly, queries
from .forms import AnswerForm, ProgressForm, month_from, progress_start

OK = 200
KINDS = ("ton-tai", "tien-do")


def _own_project_or_404(request: HttpRequest, uuid: UUID) -> Project:
    """A project the person carries out, is supported by, or keeps as its extension officer. Three queries."""
    found = Project.objects.select_related("territory", "implementing_unit").filter(uuid=uuid).first()
    if found is None or not rules.may_report(request.user, found):
        raise Http404(_("Không có đề án này."))
    return found


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form of one month with what was sent before. Nine queries, however many months."""
    project = _own_project_or_404(request, uuid)
    on = today()
    reports = queries.reports_of(project)
    days = queries.ProgressDays()
    month = month_from(request.GET.get("thang", "")) or _month_to_send(project, reports, days, on)
    known = next((row for row in reports if row.month == month), None)
    before = next((row for row in reports if row.month < month), None)
    sent = request.POST if request.method == "POST" else None
    form = ProgressForm(sent, request.FILES if sent else None, initial=progress_start(known, before))
    status = OK
    if sent is not None:
        status = _send(request, project, month, form)
        if status == OK:
            return redirect("own_progress", project.uuid)
    context = {
        "nav": "facility",
        "project": project,
        "month": month,
        "months": _months(project, reports, days, on),
        "due": days.due(project, month),
        "known": known,
        "is_open": project.state == ProjectState.RUNNING and (known is None or known.state != ProgressState.SEEN),
        "reports": reports,
        "form": form,
        "on": on,
        "returned": ProgressState.RETURNED,
    }
    return render(request, "extension/own_progress.html", context, status=status)


def _month_to_send(project: Project, reports: list[ProgressReport], days: queries.ProgressDays, on: dt.date) -> dt.date:
    """The earliest month that is owed or was sent back, else the present one."""
    accepted = {row.month for row in reports if row.state != ProgressState.RETURNED}
    return next((month for month in days.owed(project, on) if month not in accepted), monthly.month_of(on))


def _months(
    project: Project, reports: list[ProgressReport], days: queries.ProgressDays, on: dt.date
) -> list[dict[str, Any]]:
    """The last twelve months of the work, each with its report, the newest first."""
    start = queries.began(project) or min((row.month for row in reports), default=on)
    sent = {row.month: row for row in reports}
    owed = set(days.owed(project, on))
    found = monthly.months(start, on)[-12:]
    return [{"month": m, "report": sent.get(m), "owed": m in owed and m not in sent} for m in reversed(found)]


def _send(request: HttpRequest, project: Project, month: dt.date, form: ProgressForm) -> int:
    if not form.is_valid():
        return WRONG
    try:
        progress.send_progress(
            project=project,
            month=month,
            told=form.told(),
            upload=form.cleaned_data["upload"],
            actor=request.user,
            now=timezone.now(),
        )
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    messages.success(request, _("Đã gửi báo cáo tháng %(month)s.") % {"month": f"{month:%m/%Y}"})
    return OK


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_findings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What must be put right, each with the form to answer. Seven queries, however many."""
    project = _own_project_or_404(request, uuid)
    rows = queries.findings_of(project)
    bound: dict[int, forms.Form] = {}
    status = OK
    if request.method == "POST":
        status = _answer(request, rows, bound)
        if status == OK:
            return redirect("own_findings", project.uuid)
    context = {
        "nav": "facility",
        "project": project,
        "rows": [(row, _answer_form(row, bound)) for row in rows],
        "refused": next(iter(bound.values()), None),
        "on": today(),
    }
    return render(request, "extension/own_findings.html", context, status=status)


def _answer_form(row: Finding, bound: dict[int, forms.Form]) -> forms.Form | None:
    if row.state != FindingState.OPEN:
        return None
    return bound.get(row.pk) or AnswerForm(finding=row, prefix=f"tl-{row.pk}")


def _answer(request: HttpRequest, rows: list[Finding], bound: dict[int, forms.Form]) -> int:
    row = next((row for row in rows if str(row.uuid) == request.POST.get("row")), None)
    if row is None:
        raise Http404
    form = AnswerForm(request.POST, request.FILES, finding=row, prefix=f"tl-{row.pk}")
    bound[row.pk] = form
    if not form.is_valid():
        return WRONG
    try:
        findings.answer_finding(finding=row, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    messages.success(request, _("Đã gửi. Cán bộ khuyến công xem và đóng, hoặc báo còn phải làm gì."))
    return OK


@login_required
@require_safe
def own_watch_file(request: HttpRequest, uuid: UUID, kind: str, row_uuid: UUID) -> HttpResponseBase:
    """A file the project's side sent with an answer ("ton-tai") or a report ("tien-do")."""
    project = _own_project_or_404(request, uuid)
    if kind not in KINDS:
        raise Http404
    rows: Any = project.findings if kind == "ton-tai" else project.progress_reports
    row = rows.select_related("file").filter(uuid=row_uuid, file__isnull=False).first()
    if row is None:
        raise Http404
    return serve(row.file, filename=kind, inline=True, request=request)
