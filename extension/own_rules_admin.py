"""Tables that hold rows of all provinces beside those of one: who sees which, who keeps which."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.enums import Role
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin
from portal.territory.models import UNKNOWN_START
from portal.text.formats import day

NATIONAL = frozenset({Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


class SinceAdmin:
    """The first day of a dated rule, as a column."""

    @admin.display(description=_("có hiệu lực từ"), ordering="valid_from")
    def since(self, obj: Any) -> str:
        """No made-up day for a rule whose first day the law does not tell."""
        return str(_("từ trước đến nay")) if obj.valid_from == UNKNOWN_START else day(obj.valid_from)


class OwnRulesAdmin(SinceAdmin, AuditedAdmin, ScopedAdmin):
    """Rows without a province are kept by national staff; a province's extension officer adds and keeps its own."""

    edit_roles = frozenset({Role.EXTENSION_OFFICER, Role.AGENCY_NATIONAL})
    list_select_related = ["territory"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reach = staff_reach(request.user)
        found = super().get_queryset(request)
        near = Q(territory__isnull=True) | Q(territory__in=reach.territory_ids)
        return found if reach.everything else found.filter(near)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        reach = staff_reach(request.user)
        if obj is None or reach.roles & NATIONAL:
            return super().has_change_permission(request, obj)
        return obj.territory_id is not None and reach.holds(Role.EXTENSION_OFFICER, obj.territory_id)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Who keeps one province's rows says which province."""
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("territory")
        if field is not None and not staff_reach(request.user).roles & NATIONAL:
            field.required = True
        return form
