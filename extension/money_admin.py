"""The table of how much may be advanced."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.enums import Role
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin

from .models import AdvanceRule

NATIONAL = frozenset({Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


@admin.register(AdvanceRule)
class AdvanceRuleAdmin(AuditedAdmin, ScopedAdmin):
    """Rules of all provinces are kept by national staff, a province adds and keeps its own."""

    edit_roles = frozenset({Role.EXTENSION_OFFICER, Role.AGENCY_NATIONAL})
    list_display = ["kind", "percent", "funding", "head", "territory", "valid_from", "valid_to", "legal_basis"]
    list_display_links = ["kind", "percent"]
    list_filter = ["funding", "kind"]
    list_select_related = ["territory"]
    search_fields = ["legal_basis", "note"]
    fieldsets = [
        (None, {"fields": ["percent", "note"]}),
        (_("Cho đề án nào"), {"fields": ["territory", ("funding", "kind"), "head"]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reach = staff_reach(request.user)
        found = super().get_queryset(request)
        near = Q(territory__isnull=True) | Q(territory__in=reach.territory_ids)
        return found if reach.everything else found.filter(near)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule of all provinces is changed by national staff only, one of a province by its officer too."""
        reach = staff_reach(request.user)
        if obj is None or reach.roles & NATIONAL:
            return super().has_change_permission(request, obj)
        return obj.territory_id is not None and reach.holds(Role.EXTENSION_OFFICER, obj.territory_id)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Who keeps one province's rules says which province."""
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("territory")
        if field is not None and not staff_reach(request.user).roles & NATIONAL:
            field.required = True
        return form
