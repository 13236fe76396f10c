"""What the programme does for one's own facilities and unit, and what it asks of them: the maker's way in. Thin."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from facilities.representing import represented
from portal.text.clock import today

from . import own_queries
from .asked import asked_of


@never_cache
@login_required
@require_safe
def own_support(request: HttpRequest) -> HttpResponse:
    """What is asked, the projects with their phase in the reader's words, the needs. A fixed number of queries."""
    on = today()
    facilities = list(represented(request.user))
    unit: Any = getattr(request.user, "organisation", None)
    context = {
        "asked": asked_of(request.user, on),
        "projects": own_queries.own_projects(request.user, facilities),
        "needs": own_queries.open_needs(request.user),
        "facilities": facilities,
        "unit": unit,
        "today": on,
        "nav": "facility",
    }
    return render(request, "applicant/support.html", context)
