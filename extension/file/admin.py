"""The tables behind a project's file and results: which papers it must hold, what it is measured by."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.enums import Role
from portal.audit.admin_base import AuditedAdmin

from ..models import EvidenceRule, ResultIndicator
from ..own_rules_admin import OwnRulesAdmin


@admin.register(EvidenceRule)
class EvidenceRuleAdmin(OwnRulesAdmin):
    """Papers of the file: those of all provinces are kept by national staff, a province adds and keeps its own."""

    list_display = ["name", "phase", "funding", "kind", "head", "territory", "is_required", "since", "valid_to"]
    list_filter = ["phase", "funding", "is_required"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", ("phase", "ordinal"), "is_required", "place"]}),
        (_("Hỏi đề án nào"), {"fields": ["territory", ("funding", "kind"), "head"]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]


@admin.register(ResultIndicator)
class ResultIndicatorAdmin(AuditedAdmin, ScopedAdmin):
    """What results are measured by, the same in every province so that sums can be compared."""

    edit_roles = frozenset({Role.AGENCY_NATIONAL})
    list_display = ["name", "unit", "is_money", "compares_before", "adds_up", "ask_again", "ordinal"]
    search_fields = ["name", "code"]
    fields = [
        "name", "name_en", "code", "unit", ("is_money", "adds_up"), ("compares_before", "ask_again"), "ordinal",
    ]  # fmt: skip
