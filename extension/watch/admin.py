"""The questions that inspectors work through, as a table of the desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import ChecklistItem
from ..own_rules_admin import OwnRulesAdmin


@admin.register(ChecklistItem)
class ChecklistItemAdmin(OwnRulesAdmin):
    """Questions for every project, or only for a head of content, a funding source, a province."""

    list_display = ["ordinal", "question", "needs_photo", "head", "funding", "territory", "since", "valid_to"]
    list_display_links = ["question"]
    list_filter = ["needs_photo", "head", "funding"]
    search_fields = ["question"]
    fieldsets = [
        (None, {"fields": [("ordinal", "needs_photo"), "question", "guidance"]}),
        (_("Hỏi đề án nào"), {"fields": ["territory", ("head", "funding")]}),
        (_("Căn cứ"), {"fields": ["legal_basis", ("valid_from", "valid_to")]}),
    ]
