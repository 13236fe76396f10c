"""The desk's page of the days by which a year is reported on."""

from django.contrib import admin

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, RoleRights, VisibleChoices
from portal.accounts.enums import Role
from portal.audit.admin_base import AuditedAdmin

from .models import ReportingRule


@admin.register(ReportingRule)
class ReportingRuleAdmin(AuditedAdmin, RoleRights, VisibleChoices, admin.ModelAdmin):
    """What holds for every province: all staff read it, agency staff and administrators keep it."""

    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = frozenset({Role.AGENCY_NATIONAL})
    list_display = ["reporter", "valid_from", "valid_to", "day", "month", "legal_basis", "is_certain"]
    fields = ["reporter", ("day", "month"), ("valid_from", "valid_to"), "legal_basis", "is_certain"]
    view_on_site = False
