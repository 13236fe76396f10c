"""The desk's page of where a project stands: its phases and steps, what is missing for the next, the three wordings."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, WRONG, attempt, status_of

from .. import rules
from ..enums import ProjectState
from ..models import Project
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..services import projects, steps
from ..states import PROJECT_TRANSITIONS, SEALED
from . import phases, printable
from .forms import StateForm, StepForm, moves_of
from .workflows import StepRow, rows_of, with_steps

PAGE = "admin:project_steps"

KINDS: frozenset[Kind] = frozenset({"image", "pdf", "office"})


@dataclass(frozen=True)
class Shown:
    """One step as the page shows it, with the form to say that it is done or the right to unsay it."""

    row: StepRow
    late: bool
    form: StepForm | None
    may_undo: bool


@dataclass(frozen=True)
class Part:
    """The steps of one phase."""

    phase: phases.Phase
    steps: list[Shown]


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/tien-trinh/", guarded(show), name="project_steps"),
        path("de-an/<uuid:uuid>/tien-trinh/tep/<int:pk>/", guarded(step_file), name="project_step_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """Where the project stands and how it goes on. A fixed number of queries, however many steps."""
    project = project_or_404(request, uuid)
    prefetch_related_objects([project], *with_steps())
    return shown_or_done(
        request,
        project,
        may=rules.may_change_state(request.user, project.territory_id),
        why_not=rules.ONLY_STATE_KEEPERS,
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/steps.html",
        page=PAGE,
    )


@require_safe
def step_file(request: HttpRequest, site: AdminSite, uuid: UUID, pk: int) -> HttpResponseBase:
    """The paper of one step."""
    project = project_or_404(request, uuid)
    done = project.steps_done.select_related("file", "step").filter(pk=pk, file__isnull=False).first()
    if done is None or done.file is None:
        raise Http404(_("Bước này không có văn bản."))
    sentence = _("Mở văn bản của bước “%(step)s”, đề án “%(name)s”.") % {"step": done.step.name, "name": project.name}
    return open_file(
        request,
        done.file,
        filename=done.step.name,
        action="extension.step_file",
        sentence=sentence,
        subject=project,
        territory=project.territory,
    )


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    acts = {"done": _done, "undo": _undo, "move": _move, "adopt": _adopt}
    act = acts.get(request.POST.get("act", ""))
    return act(request, project, bound) if act else ("", WRONG)


def _done(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    row = next((row for row in rows_of(project) if str(row.step.pk) == request.POST.get("step")), None)
    if row is None:
        return "", WRONG
    form = StepForm(request.POST, request.FILES, step_id=row.step.pk)
    bound[f"step{row.step.pk}"] = form

    def record(form: StepForm) -> str:
        facts = form.cleaned_data
        upload = facts["upload"]
        steps.record_step(
            project=project,
            step=row.step,
            actor=request.user,
            done_on=facts["done_on"],
            now=timezone.now(),
            number=facts["number"],
            note=facts["note"],
            file=store(upload, allow=KINDS, field="upload") if upload else None,
        )
        return _("Đã ghi bước “%(step)s”.") % {"step": row.step.name}

    return attempt(form, record)


def _undo(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    row = next((row for row in rows_of(project) if str(row.step.pk) == request.POST.get("step")), None)
    if row is None or row.done is None:
        return "", WRONG
    try:
        steps.take_back_step(done=row.done, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return "", status_of(refusal)
    return _("Đã bỏ ghi bước “%(step)s”.") % {"step": row.step.name}, OK


def _move(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    form = StateForm(request.POST, project=project, today=today())
    bound["move"] = form

    def move(form: StateForm) -> str:
        facts = form.cleaned_data
        moved = projects.change_state(
            project=project,
            to=ProjectState(facts["to"]),
            actor=request.user,
            on=facts["on"],
            reason=facts["reason"],
        )
        return _("Đề án đã chuyển sang “%(state)s”.") % {"state": moved.get_state_display().lower()}

    return attempt(form, move)


def _adopt(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    try:
        found = steps.adopt_workflow(project=project, actor=request.user, on=today())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return "", status_of(refusal)
    return _("Đề án nay theo trình tự “%(name)s”.") % {"name": found.workflow}, OK


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    on = today()
    rows = rows_of(project)
    may = rules.may_change_state(request.user, project.territory_id)
    goes_on = may and bool(moves_of(project))
    following = _following(project)
    return {
        **context(request, site, project, "project_steps", _("Tiến trình")),
        "way": phases.way(project),
        "parts": _parts(project, rows, on, bound, may=may and project.state not in SEALED),
        "may_adopt": may and project.workflow_id is None and project.state not in SEALED,
        "move": (bound.get("move") or StateForm(project=project, today=on)) if goes_on else None,
        "following": following.label if following else "",
        "missing": projects.missing(project, following) if following else (),
        "may_stop": ProjectState.STOPPED in PROJECT_TRANSITIONS[ProjectState(project.state)],
        "papers": printable.offered(project),
        "refusal": "" if may else rules.ONLY_STATE_KEEPERS,
        "for_beneficiary": phases.for_beneficiary(rows, project),
        "for_public": phases.for_public(rows, project),
        "today": on,
    }


def _following(project: Project) -> ProjectState | None:
    """The next phase on the way, if the project is still on it."""
    if project.state not in phases.WAY or project.state == phases.WAY[-1]:
        return None
    return phases.WAY[phases.WAY.index(ProjectState(project.state)) + 1]


def _parts(project: Project, rows: list[StepRow], on: dt.date, bound: Bound, *, may: bool) -> list[Part]:
    """The steps by phase; a project that has left the way shows those it had done."""
    way = phases.way(project)
    reached = {phase.state for phase in way if phase.stands != "later"}
    parts = []
    for phase in way or [phases.Phase(state, str(state.label), "past") for state in phases.WAY]:
        mine = [row for row in rows if row.step.phase == phase.state and (way or row.done)]
        if mine:
            open_ = may and phase.state in reached
            parts.append(Part(phase, [_shown(project, row, on, bound, may=open_) for row in mine]))
    return parts


def _shown(project: Project, row: StepRow, on: dt.date, bound: Bound, *, may: bool) -> Shown:
    form = None
    if may and row.done is None:
        known = bound.get(f"step{row.step.pk}")
        form = known if isinstance(known, StepForm) else StepForm(step_id=row.step.pk, initial={"done_on": on})
    undo = may and row.done is not None and (row.step.phase == project.state or not row.step.is_required)
    return Shown(row, row.is_late(on), form, undo)
