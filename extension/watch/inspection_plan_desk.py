"""The desk's plan of inspections: what is planned by day, and projects by risk with the people to send."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import WRONG, apply_refusal, status_of

from .. import rules
from ..enums import Funding
from ..models import Inspection, Project
from ..services import inspecting
from . import queries
from .forms import PlanForm

OK, PER_PAGE = 200, 30
AHEAD, MOST_PROJECTS = dt.timedelta(days=60), 2000


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [path("khuyen-cong/ke-hoach-kiem-tra/", guarded(plan), name="inspection_plan")]


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Projects by risk, and what is planned. At most twelve queries, however many projects."""
    on = today()
    people = list(queries.inspector_choices(None, _own_provinces(request), on))
    form = PlanForm(request.POST if request.method == "POST" else None, people=people, initial={"planned_on": on})
    status = OK
    if request.method == "POST":
        if not people:
            raise PermissionDenied(str(rules.ONLY_EXTENSION_OFFICER))
        status = _send(request, form)
        if status == OK:
            return redirect(request.get_full_path())
    return render(
        request, "admin/extension/inspection_plan.html", _page(request, site, form, people, on), status=status
    )


def _own_provinces(request: HttpRequest) -> list[int]:
    reach = staff_reach(request.user)
    return [pk for pk, held in reach.roles_in.items() if Role.EXTENSION_OFFICER in held]


def _send(request: HttpRequest, form: PlanForm) -> int:
    """Plan every chosen project, or none."""
    chosen = [text for text in request.POST.getlist("project") if _is_uuid(text)]
    if not chosen:
        form.add_error(None, _("Chưa chọn đề án nào. Hãy đánh dấu các đề án cần kiểm tra."))
    if not form.is_valid():
        return WRONG
    rows = list(queries.to_watch(Project.objects.visible_to(request.user)).filter(uuid__in=chosen))
    try:
        with transaction.atomic():
            planned = [
                inspecting.plan_inspection(
                    project=row,
                    planned_on=form.cleaned_data["planned_on"],
                    inspectors=form.cleaned_data["inspectors"],
                    why=form.cleaned_data["why"],
                    actor=request.user,
                    now=timezone.now(),
                )
                for row in rows
            ]
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    _say(request, planned)
    return OK


def _say(request: HttpRequest, planned: list[Inspection]) -> None:
    known = sum(row.repeated for row in planned)
    new = len(planned) - known
    if new or not known:
        said = ngettext("Đã lên lịch kiểm tra %(n)d đề án.", "Đã lên lịch kiểm tra %(n)d đề án.", new)
        messages.success(request, said % {"n": new})
    if known:
        said = ngettext(
            "%(n)d đề án đã có trong lịch ngày này với những người này, không ghi thêm.",
            "%(n)d đề án đã có trong lịch ngày này với những người này, không ghi thêm.",
            known,
        )
        messages.info(request, said % {"n": known})


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and all(letter in "0123456789abcdefABCDEF-" for letter in text)  # noqa: PLR2004  a UUID's length


def _page(request: HttpRequest, site: AdminSite, form: PlanForm, people: list[Any], on: dt.date) -> dict[str, Any]:
    projects = queries.to_watch(Project.objects.visible_to(request.user))
    funding = request.GET.get("funding", "")
    if funding in Funding.values:
        projects = projects.filter(funding=funding)
    rows = queries.watched(list(projects.order_by("-year", "pk")[:MOST_PROJECTS]), on=on)
    rows.sort(key=lambda row: (-row.risk.points, row.project.pk))
    first = queries.first_planned(request.user) or on
    return {
        **site.each_context(request),
        "opts": Project._meta,
        "has_view_permission": True,
        "title": _("Kế hoạch kiểm tra"),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "high": sum(row.risk.is_high for row in rows),
        "total": len(rows),
        "agenda": list(queries.planned_between(request.user, min(first, on), on + AHEAD)),
        "form": form if people else None,
        "chosen": set(request.POST.getlist("project")),
        "funding": funding,
        "fundings": Funding.choices[:2],
        "on": on,
    }
