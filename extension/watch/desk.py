"""The desk's page that watches over one project: its risk, inspections, findings, monthly progress."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.files.models import StoredFile
from portal.files.responses import serve
from portal.text.clock import today
from portal.text.inputs import WRONG, attempt

from .. import rules
from ..enums import FindingState, InspectionState, ProgressState, ProjectState
from ..forms import ReasonForm
from ..models import Finding, Inspection, ProgressReport, Project
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..services import findings, inspecting, progress
from ..states import SEALED
from . import queries
from .forms import AnswerForm, CloseForm, FindingForm, MoveForm, PlanForm, ReturnForm

PAGE = "admin:project_watch"

# What an officer gives a unit to put something right, unless another day is typed.
USUAL_TERM = dt.timedelta(days=15)


@dataclass(frozen=True)
class Planned:
    """One inspection as the page shows it, with the forms that may still change it."""

    row: Inspection
    is_open: bool
    late: bool
    move: forms.Form | None
    cancel: forms.Form | None


@dataclass(frozen=True)
class Shown:
    """One finding with what may be done about it."""

    row: Finding
    late: bool
    answer: forms.Form | None
    close: forms.Form | None
    send_back: forms.Form | None


@dataclass(frozen=True)
class Read:
    """One monthly report with what an officer may say of it."""

    row: ProgressReport
    may_see: bool
    more: forms.Form | None


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/kiem-tra/", guarded(show), name="project_watch"),
        path("de-an/<uuid:uuid>/kiem-tra/ton-tai/<uuid:row_uuid>/", guarded(finding_file), name="project_finding_file"),
        path("de-an/<uuid:uuid>/kiem-tra/tien-do/<uuid:row_uuid>/", guarded(report_file), name="project_progress_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """Everything that watches over a project. At most nineteen queries, however much there is."""
    project = project_or_404(request, uuid)
    return shown_or_done(
        request,
        project,
        may=rules.may_edit(request.user, project.territory_id),
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/watch.html",
        page=PAGE,
    )


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return "", WRONG
    key, form, carry_out = act(request, project)
    bound[key] = form
    return attempt(form, lambda form: str(carry_out(form.cleaned_data)))


def _plan(request: HttpRequest, project: Project) -> Any:
    people = list(queries.inspector_choices(project, (), today()))

    def carry_out(given: dict[str, Any]) -> str:
        row = inspecting.plan_inspection(
            project=project,
            planned_on=given["planned_on"],
            inspectors=given["inspectors"],
            why=given["why"],
            actor=request.user,
            now=timezone.now(),
        )
        known = _("Lịch kiểm tra ngày %(day)s với những người này đã có, không ghi thêm.")
        said = known if row.repeated else _("Đã lên lịch kiểm tra ngày %(day)s.")
        return said % {"day": f"{row.planned_on:%d/%m/%Y}"}

    return "plan", PlanForm(request.POST, people=people, prefix="plan"), carry_out


def _move(request: HttpRequest, project: Project) -> Any:
    row = _inspection_or_404(request, project)
    people = list(queries.inspector_choices(project, (), today()))
    key = f"move-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        inspecting.move_inspection(
            inspection=row,
            planned_on=given["planned_on"],
            inspectors=given["inspectors"],
            actor=request.user,
            now=timezone.now(),
        )
        return _("Đã đổi lịch kiểm tra.")

    return key, MoveForm(request.POST, inspection=row, people=people, prefix=key), carry_out


def _cancel(request: HttpRequest, project: Project) -> Any:
    row = _inspection_or_404(request, project)
    key = f"cancel-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        inspecting.cancel_inspection(inspection=row, reason=given["reason"], actor=request.user)
        return _("Đã hủy lần kiểm tra. Dòng này vẫn ở lại để xem.")

    return key, ReasonForm(request.POST, prefix=key), carry_out


def _open(request: HttpRequest, project: Project) -> Any:
    form = FindingForm(request.POST, prefix="finding")

    def carry_out(_given: dict[str, Any]) -> str:
        row = findings.open_finding(project=project, found=form.found(), actor=request.user, now=timezone.now())
        if row.repeated:
            return _("Tồn tại này đã ghi rồi, không ghi thêm.")
        return _("Đã ghi tồn tại. Đơn vị thực hiện và cơ sở thấy ở trang của mình.")

    return "finding", form, carry_out


def _answer(request: HttpRequest, project: Project) -> Any:
    row = _finding_or_404(request, project)
    key = f"answer-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        findings.answer_finding(finding=row, actor=request.user, now=timezone.now(), **given)
        return _("Đã ghi thay đơn vị là đã khắc phục. Người khác xem và đóng.")

    return key, AnswerForm(request.POST, request.FILES, finding=row, prefix=key), carry_out


def _close(request: HttpRequest, project: Project) -> Any:
    row = _finding_or_404(request, project)
    key = f"close-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        findings.close_finding(finding=row, note=given["note"], actor=request.user, now=timezone.now())
        return _("Đã đóng tồn tại.")

    return key, CloseForm(request.POST, prefix=key), carry_out


def _send_back(request: HttpRequest, project: Project) -> Any:
    row = _finding_or_404(request, project)
    key = f"return-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        findings.return_finding(finding=row, actor=request.user, now=timezone.now(), **given)
        return _("Đã yêu cầu khắc phục tiếp.")

    return key, ReturnForm(request.POST, prefix=key), carry_out


def _see(request: HttpRequest, project: Project) -> Any:
    row = _report_or_404(request, project)
    key = f"see-{row.pk}"

    def carry_out(_given: dict[str, Any]) -> str:
        progress.see_progress(report=row, actor=request.user, now=timezone.now())
        return _("Đã tiếp nhận báo cáo tháng %(month)s.") % {"month": f"{row.month:%m/%Y}"}

    return key, forms.Form(request.POST, prefix=key), carry_out


def _ask_more(request: HttpRequest, project: Project) -> Any:
    row = _report_or_404(request, project)
    key = f"more-{row.pk}"

    def carry_out(given: dict[str, Any]) -> str:
        progress.return_progress(report=row, reason=given["reason"], actor=request.user)
        return _("Đã yêu cầu bổ sung báo cáo tháng %(month)s.") % {"month": f"{row.month:%m/%Y}"}

    return key, ReasonForm(request.POST, prefix=key), carry_out


ACTS = {
    "plan": _plan,
    "move": _move,
    "cancel": _cancel,
    "finding": _open,
    "answer": _answer,
    "close": _close,
    "return": _send_back,
    "see": _see,
    "more": _ask_more,
}


def _row_uuid(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("row", ""))
    except ValueError:
        raise Http404 from None


def _inspection_or_404(request: HttpRequest, project: Project) -> Inspection:
    return _found(project.inspections.filter(uuid=_row_uuid(request)).first(), project)


def _finding_or_404(request: HttpRequest, project: Project) -> Finding:
    return _found(project.findings.filter(uuid=_row_uuid(request)).first(), project)


def _report_or_404(request: HttpRequest, project: Project) -> ProgressReport:
    return _found(project.progress_reports.filter(uuid=_row_uuid(request)).first(), project)


def _found(row: Any, project: Project) -> Any:
    if row is None:
        raise Http404
    row.project = project
    return row


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    on = today()
    may_edit = rules.may_edit(request.user, project.territory_id) and project.state not in SEALED
    people = list(queries.inspector_choices(project, (), on)) if may_edit else []
    may_plan = may_edit and project.state in queries.WATCHED
    term = {"due_on": on + USUAL_TERM}
    page = context(request, site, project, "project_watch", _("Kiểm tra, tiến độ"))
    return page | {
        "on": on,
        "watched": queries.watched([project], on=on)[0],
        "inspections": [_planned(row, people, bound, on) for row in queries.inspections_of(project)],
        "findings": [_shown(request, row, may_edit, bound, on) for row in queries.findings_of(project)],
        "reports": [_read(row, may_edit, bound) for row in queries.reports_of(project)],
        "plan_form": (bound.get("plan") or PlanForm(people=people, prefix="plan")) if may_plan else None,
        "finding_form": (bound.get("finding") or FindingForm(initial=term, prefix="finding")) if may_edit else None,
        "may_report": may_edit and project.state == ProjectState.RUNNING,
        "refused": next(iter(bound.values()), None),
    }


def _planned(row: Inspection, people: list[Any], bound: Bound, on: dt.date) -> Planned:
    open_ = row.state == InspectionState.PLANNED
    move, cancel = f"move-{row.pk}", f"cancel-{row.pk}"
    return Planned(
        row=row,
        is_open=open_,
        late=open_ and row.planned_on < on,
        move=bound.get(move) or MoveForm(inspection=row, people=people, prefix=move) if open_ and people else None,
        cancel=bound.get(cancel) or ReasonForm(prefix=cancel) if open_ and people else None,
    )


def _shown(request: HttpRequest, row: Finding, may_edit: bool, bound: Bound, on: dt.date) -> Shown:
    opened = may_edit and row.state == FindingState.OPEN
    answered = may_edit and row.state == FindingState.ANSWERED
    own = row.answered_by_id == request.user.pk
    answer, close, back = f"answer-{row.pk}", f"close-{row.pk}", f"return-{row.pk}"
    term = {"due_on": on + USUAL_TERM}
    return Shown(
        row=row,
        late=row.state == FindingState.OPEN and row.due_on < on,
        answer=bound.get(answer) or AnswerForm(finding=row, prefix=answer) if opened else None,
        close=bound.get(close) or CloseForm(prefix=close) if (opened or answered) and not own else None,
        send_back=bound.get(back) or ReturnForm(initial=term, prefix=back) if answered else None,
    )


def _read(row: ProgressReport, may_edit: bool, bound: Bound) -> Read:
    waits = may_edit and row.state == ProgressState.SENT
    key = f"more-{row.pk}"
    return Read(row=row, may_see=waits, more=bound.get(key) or ReasonForm(prefix=key) if waits else None)


@require_safe
def finding_file(request: HttpRequest, site: AdminSite, uuid: UUID, row_uuid: UUID) -> HttpResponseBase:
    """What a unit sent with its answer to a finding."""
    project = project_or_404(request, uuid)
    row = project.findings.select_related("file").filter(uuid=row_uuid).first()
    return _served(request, row.file if row else None, "khac-phuc")


@require_safe
def report_file(request: HttpRequest, site: AdminSite, uuid: UUID, row_uuid: UUID) -> HttpResponseBase:
    """What a unit sent with its monthly report."""
    project = project_or_404(request, uuid)
    row = project.progress_reports.select_related("file").filter(uuid=row_uuid).first()
    return _served(request, row.file if row else None, f"tien-do-{row.month:%Y-%m}" if row else "")


def _served(request: HttpRequest, file: StoredFile | None, name: str) -> HttpResponseBase:
    if file is None:
        raise Http404
    return serve(file, filename=name, inline=True, request=request)
