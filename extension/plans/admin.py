"""Yearly plans at the desk: the form of a draft. Submitting and approving have their own page (`plan_desk`)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import SaysRefusals, ScopedAdmin, ScopedInline
from portal.accounts.enums import Role
from portal.accounts.queries import own_province
from portal.text.clock import today
from portal.text.formats import money

from ..enums import Funding, PlanState
from ..forms import MoneyField
from ..models import Plan, PlanLine
from ..services import plans as services

EDITORS = frozenset({Role.EXTENSION_OFFICER})


class PlanForm(forms.ModelForm):
    planned_funds = MoneyField(label=_("Kinh phí kế hoạch (đồng)"))

    class Meta:
        model = Plan
        fields = ["name", "territory", "year", "funding", "programme", "planned_funds", "note", "source"]


class PlanLineForm(forms.ModelForm):
    funds = MoneyField(label=_("Kinh phí khuyến công (đồng)"), help_text="")

    class Meta:
        model = PlanLine
        fields = ["head", "projects", "funds", "targets"]


class PlanLineInline(ScopedInline):
    model = PlanLine
    form = PlanLineForm
    edit_roles = EDITORS
    verbose_name_plural = _("Theo nội dung khuyến công")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _is_draft(obj)


@admin.register(Plan)
class PlanAdmin(SaysRefusals, ScopedAdmin):
    """Plans; a draft is written here, every write through the service."""

    edit_roles = EDITORS
    form = PlanForm
    inlines = [PlanLineInline]
    list_display = ["name", "year", "territory", "funding", "state", "sum_in_words"]
    list_filter = ["state", "funding", "year"]
    list_select_related = ["territory"]
    search_fields = ["name", "number"]
    readonly_fields = ["state_now"]
    fieldsets = [
        (None, {"fields": ["name", "state_now", ("year", "funding"), "territory", "programme", "planned_funds"]}),
        (_("Ghi chú"), {"fields": ["note", "source"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        start = {"territory": own_province(request.user), "year": today().year + 1, "funding": Funding.LOCAL}
        return {**start, **super().get_changeform_initial_data(request)}

    @admin.display(description=_("kinh phí kế hoạch"), ordering="planned_funds")
    def sum_in_words(self, obj: Plan) -> str:
        return money(obj.planned_funds) if obj.planned_funds is not None else ""

    @admin.display(description=_("trạng thái"))
    def state_now(self, obj: Plan) -> str:
        """The state, and the way to the page that changes it."""
        if not obj.pk:
            return str(_("Kế hoạch mới bắt đầu ở “đang soạn”."))
        address = reverse("admin:plan_page", args=[obj.uuid])
        return format_html(
            '{} <a href="{}">{}</a>', obj.get_state_display(), address, _("Trình, duyệt, so với thực hiện")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        services.save_plan(plan=obj, actor=request.user)


def _is_draft(plan: Plan | None) -> bool:
    return plan is None or plan.state == PlanState.DRAFT
