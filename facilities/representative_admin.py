"""The desk's page of people who registered for a facility: what they claimed beside what the register knows."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.inputs import picked

from . import registration, representing, rules
from .enums import RepresentativeState
from .models import Facility, Representative

S = RepresentativeState


class ReasonForm(forms.Form):
    """Why a claim is refused, or a representation ends; the person reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do, người đăng ký sẽ đọc"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Hãy ghi lý do.")},
    )


def _refuse(request: HttpRequest, row: Representative) -> str:
    registration.refuse(
        representative=row, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
    )
    return _("Đã từ chối, người đăng ký được báo lý do.")


def _end(request: HttpRequest, row: Representative) -> str:
    registration.end(representative=row, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now())
    return _("Đã cho thôi đại diện. Tài khoản không còn mở được trang của cơ sở.")


def _approve_new(request: HttpRequest, row: Representative) -> str:
    done = registration.approve_new(representative=row, actor=request.user, now=timezone.now())
    return _("Đã ghi %(facility)s vào danh bạ và xác nhận người đại diện.") % {"facility": done.facility}


def _approve(request: HttpRequest, row: Representative) -> str:
    here = Facility.objects.visible_to(request.user).filter(territory__in=family_ids(row.territory_id))
    chosen = picked(here, request.POST.get("facility", ""))
    if chosen is None:
        raise Refusal("facility_missing", _("Hãy chọn cơ sở mà người này đại diện."), field="facility")
    registration.approve(representative=row, facility=chosen, actor=request.user, now=timezone.now())
    return _("Đã xác nhận %(person)s đại diện cho %(facility)s.") % {"person": row.user, "facility": chosen}


ACTS: dict[str, Callable[[HttpRequest, Representative], str]] = {
    "approve": _approve,
    "approve_new": _approve_new,
    "refuse": _refuse,
    "end": _end,
}
NEEDS_REASON = ("refuse", "end")


@admin.register(Representative)
class RepresentativeAdmin(ScopedAdmin):
    """Waiting ones first. Nothing is typed in here: people register themselves, officers say yes or no."""

    view_roles = frozenset({Role.OFFICER, Role.LEADER})
    edit_roles = frozenset({Role.OFFICER})
    list_display = ["person", "claimed_name", "state_shown", "represents", "applied_on"]
    list_display_links = ["person"]
    list_filter = ["state"]
    list_select_related = ["user", "facility", "territory"]
    search_fields = ["claimed_name", "user__full_name", "claimed_tax_code", "phone"]
    ordering = [Case(When(state=S.PENDING, then=Value(0)), default=Value(1)), "-applied_at", "-pk"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Người đăng ký"), ordering="user__full_name")
    def person(self, row: Representative) -> str:
        return str(row.user)

    @admin.display(description=gettext_lazy("Trạng thái"), ordering="state")
    def state_shown(self, row: Representative) -> str:
        return str(row.get_state_display())

    @admin.display(description=gettext_lazy("Đại diện cho"))
    def represents(self, row: Representative) -> str:
        return str(row.facility or "")

    @admin.display(description=gettext_lazy("Đăng ký ngày"), ordering="applied_at")
    def applied_on(self, row: Representative) -> str:
        return day(timezone.localtime(row.applied_at).date())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The claim beside its matches, with the acts there are."""
        key = unquote(object_id)
        if not key.isdecimal():
            raise Http404
        rows = Representative.objects.visible_to(request.user).select_related(
            "user", "territory", "commune", "facility"
        )
        row = get_object_or_404(rows, pk=int(key))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return self._act(request, row) if request.method == "POST" else self._show(request, row)

    def _act(self, request: HttpRequest, row: Representative) -> HttpResponse:
        if not rules.may_decide_claims(request.user, row.territory_id):
            raise PermissionDenied(_("Chỉ cán bộ Sở Công Thương của tỉnh được xác nhận người đại diện."))
        name = request.POST.get("act", "")
        if name not in ACTS:
            messages.error(request, _("Không có việc này. Hãy chọn lại một việc trên trang."))
            return self._show(request, row, status=400)
        form = ReasonForm(request.POST) if name in NEEDS_REASON else None
        if form is not None and not form.is_valid():
            return self._show(request, row, status=400, reason_form=form)
        try:
            done = ACTS[name](request, row)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            row.refresh_from_db()
            return self._show(request, row, status=400 if refusal.field else 409, reason_form=form)
        messages.success(request, done)
        return redirect("admin:facilities_representative_change", row.pk)

    def _show(
        self, request: HttpRequest, row: Representative, *, status: int = 200, reason_form: ReasonForm | None = None
    ) -> HttpResponse:
        search = request.GET.get("tim", "")[:100]
        is_pending = row.state == S.PENDING
        about = AuditEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": str(row.user),
            "claim": row,
            "matches": representing.matches(row, search=search) if is_pending else (),
            "elsewhere": representing.elsewhere(row) if is_pending else None,
            "search": search,
            "is_pending": is_pending,
            "is_approved": row.state == S.APPROVED,
            "may_decide": rules.may_decide_claims(request.user, row.territory_id),
            "reason_form": reason_form or ReasonForm(),
            "records": about.select_related("actor").order_by("-pk")[:8],
            "has_view_permission": True,
        }
        return render(request, "admin/facilities/representative.html", context, status=status)
