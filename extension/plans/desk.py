"""The desk's page of one yearly plan: submitted, approved or returned; and the plan against what was done."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.inputs import OK, WRONG, DateField, attempt, status_of

from .. import rules
from ..enums import PlanState
from ..models import Plan
from ..project_desk import Bound, refuse_stale, shown_or_done
from ..services import plans
from .queries import against

PAGE = "admin:plan_page"

KINDS: frozenset[Kind] = frozenset({"image", "pdf", "office"})


class ApproveForm(forms.Form):
    """The decision that assigns the plan."""

    number = forms.CharField(
        label=gettext_lazy("Số quyết định giao kế hoạch"),
        max_length=60,
        error_messages={"required": gettext_lazy("Hãy ghi số quyết định.")},
    )
    signed_on = DateField(
        label=gettext_lazy("Ngày quyết định"), error_messages={"required": gettext_lazy("Hãy ghi ngày quyết định.")}
    )
    issuer = forms.CharField(label=gettext_lazy("Cơ quan quyết định"), max_length=200, required=False)
    upload = forms.FileField(label=gettext_lazy("Bản quyết định"), required=False)


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Lý do trả lại"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Hãy ghi lý do trả lại kế hoạch.")},
    )


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("khuyen-cong/ke-hoach/<uuid:uuid>/", guarded(show), name="plan_page"),
        path("khuyen-cong/ke-hoach/<uuid:uuid>/tep/", guarded(file), name="plan_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """One plan. A fixed number of queries, however many projects."""
    plan = plan_or_404(request, uuid)
    return shown_or_done(
        request,
        plan,
        may=rules.may_edit(request.user, plan.territory_id) or rules.may_approve_plan(request.user, plan),
        why_not=rules.ONLY_PLANNERS,
        act=_act,
        draw=lambda bound: _page(request, site, plan, bound),
        template="admin/extension/plan.html",
        page=PAGE,
    )


@require_safe
def file(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponseBase:
    """The decision that assigned the plan."""
    plan = plan_or_404(request, uuid)
    if plan.file is None:
        raise Http404(_("Kế hoạch này chưa có bản quyết định."))
    return open_file(
        request,
        plan.file,
        filename=plan.name,
        action="extension.plan_file",
        sentence=_("Mở quyết định của kế hoạch “%(name)s”.") % {"name": plan.name},
        subject=plan,
        territory=plan.territory,
    )


def plan_or_404(request: HttpRequest, uuid: UUID) -> Plan:
    """The plan, if the person's staff roles reach it; else it does not exist."""
    rows = Plan.objects.visible_to(request.user).prefetch_related("lines")
    found = (
        rows.select_related("territory", "programme", "file", "submitted_by", "decided_by").filter(uuid=uuid).first()
    )
    if found is None:
        raise Http404(_("Không có kế hoạch này."))
    return found


def _act(request: HttpRequest, plan: Plan, bound: Bound) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    acts = {"submit": _submit, "approve": _approve, "return": _return}
    act = acts.get(request.POST.get("act", ""))
    return act(request, plan, bound) if act else ("", WRONG)


def _submit(request: HttpRequest, plan: Plan, bound: Bound) -> tuple[str, int]:
    try:
        plans.submit(plan=plan, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return "", status_of(refusal)
    return _("Đã trình kế hoạch."), OK


def read_as(plan: Plan) -> str:
    """What the page of a decision carries: the moment the plan was submitted."""
    return str(plan.submitted_at.timestamp()) if plan.submitted_at else ""


def _approve(request: HttpRequest, plan: Plan, bound: Bound) -> tuple[str, int]:
    def approve(form: ApproveForm) -> str:
        facts = dict(form.cleaned_data)
        upload = facts.pop("upload")
        refuse_stale(request, read_as(plan))
        kept = store(upload, allow=KINDS, field="upload") if upload else None
        plans.approve(plan=plan, actor=request.user, now=timezone.now(), file=kept, **facts)
        return _("Đã ghi quyết định giao kế hoạch.")

    form = bound["approve"] = ApproveForm(request.POST, request.FILES)
    return attempt(form, approve)


def _return(request: HttpRequest, plan: Plan, bound: Bound) -> tuple[str, int]:
    def give_back(form: ReturnForm) -> str:
        refuse_stale(request, read_as(plan))
        plans.give_back(plan=plan, actor=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        return _("Đã trả lại kế hoạch.")

    form = bound["return"] = ReturnForm(request.POST)
    return attempt(form, give_back)


def _page(request: HttpRequest, site: AdminSite, plan: Plan, bound: Bound) -> dict[str, Any]:
    may_edit = rules.may_edit(request.user, plan.territory_id)
    decides = (
        plan.state == PlanState.SUBMITTED
        and rules.may_approve_plan(request.user, plan)
        and plan.submitted_by_id != request.user.pk
    )
    return {
        **site.each_context(request),
        "opts": Plan._meta,
        "has_view_permission": True,
        "title": _("Kế hoạch"),
        "plan": plan,
        "against": against(plan),
        "projects": reverse("admin:extension_project_changelist"),
        "read": read_as(plan),
        "may_submit": may_edit and plan.state == PlanState.DRAFT,
        "approve": (bound.get("approve") or ApproveForm()) if decides else None,
        "give_back": (bound.get("return") or ReturnForm()) if decides else None,
    }
