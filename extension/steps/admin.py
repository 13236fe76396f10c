"""The tables behind the way of a project: its steps, the days of the year, who decides on changes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ScopedInline
from portal.accounts.queries import own_province
from portal.territory.models import Territory
from portal.text.clock import today
from portal.text.errors import Refusal

from .. import rules
from ..models import AuthorityRule, DueRule, Workflow, WorkflowStep
from ..own_rules_admin import OwnRulesAdmin
from ..services import steps as services


class StepInline(ScopedInline):
    """Steps are written below their workflow; one that projects have done stays."""

    model = WorkflowStep
    edit_roles = OwnRulesAdmin.edit_roles
    template = "admin/edit_inline/stacked.html"
    verbose_name_plural = _("Các bước, theo thứ tự")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("ordinal", "phase", "is_required"),
                    ("name", "who"),
                    "for_beneficiary",
                    ("for_public", "for_public_en"),
                    ("due", "due_day", "due_month", "due_year_offset"),
                    ("due_days", "due_working_days"),
                ]
            },
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever keeps the workflow keeps its steps."""
        desk = self.admin_site._registry[Workflow]
        return desk.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Workflow)
class WorkflowAdmin(OwnRulesAdmin):
    """Steps of projects by funding source; a province writes its own, and projects follow those of their first day."""

    inlines = [StepInline]
    list_display = ["name", "funding", "territory", "since", "valid_to", "legal_basis"]
    list_filter = ["funding"]
    search_fields = ["name"]
    actions = ["copy_for_own_province"]
    fieldsets = [
        (None, {"fields": ["name", ("funding", "territory")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Copying is offered to who keeps the steps of one province."""
        found = super().get_actions(request)
        if not rules.may_edit(request.user, own_province(request.user)):
            found.pop("copy_for_own_province", None)
        return found

    @admin.action(description=_("Chép thành trình tự riêng của tỉnh"))
    def copy_for_own_province(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """The chosen steps as the province's own from today, to be changed there."""
        province = Territory.objects.filter(pk=own_province(request.user) or 0).first()
        for workflow in queryset:
            try:
                made = services.copy_workflow(workflow=workflow, territory=province, actor=request.user, on=today())
            except Refusal as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                said = _("Đã chép thành “%(name)s”, áp dụng cho đề án đăng ký từ hôm nay.") % {"name": made.name}
                self.message_user(request, said, messages.SUCCESS)


@admin.register(DueRule)
class DueRuleAdmin(OwnRulesAdmin):
    """The days of the extension year."""

    list_display = ["code", "day", "month", "year_offset", "days", "funding", "territory", "since", "valid_to"]
    list_filter = ["code", "funding"]
    fieldsets = [
        (None, {"fields": ["code", ("funding", "territory")]}),
        (_("Ngày trong năm hoặc trong tháng"), {"fields": [("day", "month", "year_offset")]}),
        (_("Hoặc số ngày sau sự kiện"), {"fields": [("days", "working_days")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]


@admin.register(AuthorityRule)
class AuthorityRuleAdmin(OwnRulesAdmin):
    """Who decides on an adjustment or a stop."""

    list_display = ["act", "authority", "funding", "territory", "since", "valid_to", "legal_basis"]
    list_filter = ["funding", "act"]
    fieldsets = [
        (None, {"fields": [("act", "authority"), ("funding", "territory")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]
