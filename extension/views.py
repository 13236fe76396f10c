import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from products.kept_pages import kept_page
from products.views import clock

from . import queries
from .models import Project
from .steps import phases
from .steps.workflows import rows_of


@require_safe
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """One published project with whom it supports."""
    now = clock()
    return kept_page(request, now, lambda _mark: _project(request, slug, now.on))


def _project(request: HttpRequest, slug: str, on: dt.date) -> HttpResponse:
    found = queries.project_detail(slug, on=on)
    if found is None:
        raise Http404(_("Không có đề án này."))
    context = {
        "nav": "extension",
        "project": found,
        "crumbs": _crumbs(found),
        # What a source reported stands as of then: only projects that are kept here have a way that goes on.
        "way": phases.public_way(found) if found.workflow_id else [],
        "phase": phases.for_public(rows_of(found), found) if found.workflow_id else "",
        "public_products": queries.public_products(found, on=on),
    }
    return render(request, "extension/project.html", context)


def _crumbs(found: Project) -> list[tuple[str, str]]:
    return [(_("Khuyến công"), reverse("extension")), (found.name, "")]
