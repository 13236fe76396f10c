"""The tables behind the way of a project: its steps, the days of the year, who decides on changes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ScopedInline

from .models import AuthorityRule, DueRule, Workflow, WorkflowStep
from .own_rules_admin import OwnRulesAdmin


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
                    ("ordinal", "phase"),
                    "name",
                    "who",
                    "is_required",
                    "for_beneficiary",
                    ("for_public", "for_public_en"),
                    "due",
                    ("due_month", "due_day", "due_year_offset"),
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
    list_display = ["name", "funding", "territory", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["funding"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", ("funding", "territory")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]


@admin.register(DueRule)
class DueRuleAdmin(OwnRulesAdmin):
    """The days of the extension year."""

    list_display = ["code", "day", "month", "year_offset", "days", "funding", "territory", "valid_from", "valid_to"]
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

    list_display = ["act", "authority", "funding", "territory", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["funding", "act"]
    fieldsets = [
        (None, {"fields": [("act", "authority"), ("funding", "territory")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]
