"""The table of how much may be advanced."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import AdvanceRule
from ..own_rules_admin import OwnRulesAdmin


@admin.register(AdvanceRule)
class AdvanceRuleAdmin(OwnRulesAdmin):
    list_display = ["kind", "percent", "funding", "head", "territory", "since", "valid_to", "legal_basis"]
    list_display_links = ["kind", "percent"]
    list_filter = ["funding", "kind"]
    search_fields = ["legal_basis", "note"]
    fieldsets = [
        (None, {"fields": ["percent", "note"]}),
        (_("Cho đề án nào"), {"fields": ["territory", ("funding", "kind"), "head"]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]
