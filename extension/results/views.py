"""The page where the project's side tells its results: a facility its own, the implementing unit those of all."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..models import Project
from ..rules import stands_for
from . import queries as result_queries
from . import rows as result_rows
from .desk import OK, forms_of, saved_words, tell_all, wrong_words

PAGE = "own_results"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_results(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The lines of one project that are this person's to tell. Fixed queries, however many lines."""
    project = Project.objects.select_related("territory").filter(uuid=uuid).first()
    if project is None or not stands_for(request.user, project):
        raise Http404
    lines = result_queries.own_lines_of(request.user, project)
    for line in lines:
        line.project = project
    line_forms = forms_of(request, lines, officer=False)
    status = OK
    if request.method == "POST":
        count, status = tell_all(request, line_forms)
        if status == OK:
            messages.success(request, saved_words(count))
            return redirect(PAGE, project.uuid)
    page = {
        "project": project,
        "rows": result_rows.rows_of(lines, line_forms),
        "may_tell": bool(line_forms),
        "asked_on": min((line.ask_on for line in lines if line.ask_on and line.later is None), default=None),
        "refused": wrong_words(line_forms),
    }
    return render(request, "extension/own_results.html", page, status=status)
