"""The log, to read."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ReachedOnly, RoleRights
from portal.accounts.enums import Role
from portal.accounts.exports import ListExport
from portal.text.folding import sort_key

from .models import AuditEntry


class SubjectFilter(admin.SimpleListFilter):
    """By what was worked on, in the words of the desk; acts themselves are codes for programs."""

    title = _("đối tượng")
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.visible_to(request.user).order_by().values_list("subject_type", flat=True)
        named = [(kind, _words(kind)) for kind in kinds.distinct()]
        return sorted(named, key=lambda pair: sort_key(pair[1]))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


def _words(kind: str) -> str:
    try:
        return str(capfirst(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind


@admin.register(AuditEntry)
class AuditEntryAdmin(ListExport, ReachedOnly, RoleRights, admin.ModelAdmin):
    """Officers and leaders read what was done in their province; nobody writes here."""

    view_roles = frozenset({Role.OFFICER, Role.LEADER, Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})
    edit_roles: frozenset[str] = frozenset()
    list_display = ["at", "actor_label", "sentence", "subject_label", "territory", "reason"]
    list_filter = ["at", SubjectFilter]
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
        "subject_kind",
        "subject_label",
        "territory",
        "reason",
        "data",
        "ip",
        "chain_mark",
    ]

    @admin.display(description=_("loại đối tượng"))
    def subject_kind(self, entry: AuditEntry) -> str:
        return _words(entry.subject_type)

    @admin.display(description=_("mã nối chuỗi"))
    def chain_mark(self, entry: AuditEntry) -> str:
        return entry.hash

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.visible_to(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
