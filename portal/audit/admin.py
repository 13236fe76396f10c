"""The log, to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ReachedOnly, RoleRights
from portal.accounts.enums import Role

from .models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReachedOnly, RoleRights, admin.ModelAdmin):
    """Officers and leaders read what was done in their province; nobody writes here."""

    view_roles = frozenset({Role.OFFICER, Role.LEADER, Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})
    edit_roles: frozenset[str] = frozenset()
    list_display = ["at", "actor_label", "sentence", "subject_label", "territory", "reason"]
    list_filter = ["at", "action"]
    list_select_related = ["territory"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "at"
    ordering = ["-pk"]
    search_fields = ["sentence", "subject_label", "actor_label"]
    search_help_text = _("Việc đã làm, đối tượng hoặc người làm")
    fields = [
        "at",
        "actor_label",
        "sentence",
        "subject_type",
        "subject_label",
        "territory",
        "reason",
        "data",
        "ip",
        "hash",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.visible_to(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
