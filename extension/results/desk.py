"""The desk's page of a project's results: what was aimed at, what was reached, what stands a year later."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.accounts.staff_pages import for_staff
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, WRONG, apply_refusal, attempt, picked, status_of

from .. import rules
from ..models import Project, ResultLine
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..services import results
from . import queries as result_queries
from . import rows as result_rows
from .forms import AddLineForm, LineForm, open_fields

PAGE = "admin:project_results"


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    return [path("de-an/<uuid:uuid>/ket-qua/", for_staff(site)(show), name="project_results")]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """The lines of a project's results. Nine queries, however many lines."""
    project = project_or_404(request, uuid)
    may_edit = rules.may_edit(request.user, project.territory_id) and project.state not in results.CLOSED
    lines = result_queries.lines_of(project)
    line_forms = forms_of(request, lines, officer=True) if may_edit else {}

    def draw(bound: Bound) -> dict[str, Any]:
        return context(request, site, project, "project_results", _("Kết quả")) | {
            "rows": result_rows.rows_of(lines, line_forms),
            "may_edit": may_edit,
            "add": (bound.get("add") or AddLineForm(project)) if may_edit else None,
            "refused": wrong_words(line_forms),
            "on": today(),
        }

    return shown_or_done(
        request,
        project,
        may=rules.may_edit(request.user, project.territory_id),
        act=partial(_act, line_forms),
        draw=draw,
        template="admin/extension/results.html",
        page=PAGE,
    )


def forms_of(request: HttpRequest, lines: list[ResultLine], *, officer: bool) -> dict[int, LineForm]:
    """A form for each line in which something may be told today; bound when the figures were sent."""
    sent = request.POST if request.method == "POST" and request.POST.get("act") == "tell" else None
    made = {}
    for line in lines:
        fields = open_fields(line, on=today(), officer=officer)
        if fields:
            made[line.pk] = LineForm(line, fields, sent)
    return made


def tell_all(request: HttpRequest, line_forms: dict[int, LineForm]) -> tuple[int, int]:
    """Write what was typed in every form, all or nothing: how many lines changed, and the status of a refusal."""
    if not all([form.is_valid() for form in line_forms.values()]):  # noqa: C419  every form shows its errors
        return 0, WRONG
    changed = [form for form in line_forms.values() if form.has_changed()]
    try:
        with transaction.atomic():
            for form in changed:
                _tell(request, form)
    except Refusal as refusal:
        return 0, status_of(refusal)
    return len(changed), OK


def wrong_words(line_forms: dict[int, LineForm]) -> list[str]:
    """Everything that is wrong with the figures, each with the indicator and the input it is of."""
    found = []
    for form in line_forms.values():
        found += [str(error) for error in form.non_field_errors()]
        name = form.line.indicator.name
        found += [f"{name}, {str(box.label).lower()}: {error}" for box in form for error in box.errors]
    return found


def _tell(request: HttpRequest, form: LineForm) -> None:
    try:
        results.tell(line=form.line, facts=form.facts(), actor=request.user, on=today())
    except Refusal as refusal:
        apply_refusal(form, refusal)
        raise


def _act(line_forms: dict[int, LineForm], request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    act = request.POST.get("act", "")
    if act == "tell":
        count, status = tell_all(request, line_forms)
        return saved_words(count) if status == OK else "", status
    if act == "add":
        return _add(request, project, bound)
    if act == "remove":
        return _remove(request, project)
    return "", WRONG


def saved_words(count: int) -> str:
    if not count:
        return _("Không có số nào thay đổi.")
    return ngettext("Đã ghi %(n)d chỉ tiêu.", "Đã ghi %(n)d chỉ tiêu.", count) % {"n": count}


def _add(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    form = AddLineForm(project, request.POST)
    bound["add"] = form

    def add(form: AddLineForm) -> str:
        row = results.add_line(project=project, actor=request.user, **form.cleaned_data)
        return _("Đã thêm chỉ tiêu “%(indicator)s”.") % {"indicator": row.indicator.name}

    return attempt(form, add)


def _remove(request: HttpRequest, project: Project) -> tuple[str, int]:
    line = picked(project.results.all(), request.POST.get("line", ""))
    if line is None:
        raise Http404
    try:
        results.remove_line(line=line, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return "", status_of(refusal)
    return _("Đã bỏ chỉ tiêu."), OK
