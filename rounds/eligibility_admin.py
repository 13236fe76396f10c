"""The desk's page on conditions to enter: dated rows that are changed without a deploy."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.enums import Role
from portal.audit.admin_base import AuditedAdmin

from .eligibility import COMPUTED
from .enums import CheckKind
from .models import EligibilityRule

# Of a rule that dossiers were checked by, the meaning stays: it is ended, and a new row says what holds from then on.
ALWAYS_OPEN = frozenset({"position", "guidance", "valid_to", "legal_basis", "is_certain"})


class EligibilityRuleForm(forms.ModelForm):
    class Meta:
        model = EligibilityRule
        fields = [
            "code",
            "kind",
            "level",
            "group",
            "sentence",
            "failure",
            "guidance",
            "legal_basis",
            "is_certain",
            "warns_only",
            "position",
            "valid_from",
            "valid_to",
        ]
        widgets = {
            "sentence": forms.Textarea(attrs={"rows": 2}),
            "failure": forms.Textarea(attrs={"rows": 2}),
            "guidance": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        code = cleaned.get("code", self.instance.code)
        if cleaned.get("kind", self.instance.kind) == CheckKind.COMPUTED and code not in COMPUTED:
            words = _("Cổng không có phép kiểm tra mang mã này. Hãy dùng một trong: %(codes)s.")
            field = "code" if "code" in self.fields else None
            self.add_error(field, words % {"codes": ", ".join(COMPUTED)})
        return cleaned


@admin.register(EligibilityRule)
class EligibilityRuleAdmin(AuditedAdmin, ScopedAdmin):
    """The law on who and what may enter, as dated rows: administrators and national staff add to it."""

    form = EligibilityRuleForm
    edit_roles = frozenset({Role.AGENCY_NATIONAL})
    list_display = ["sentence", "kind", "legal_basis", "valid_from", "is_certain"]
    list_filter = ["kind", "level", "group", "is_certain"]
    search_fields = ["code", "sentence", "legal_basis"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None or not obj.answers.exists():
            return []
        return [name for name in EligibilityRuleForm.Meta.fields if name not in ALWAYS_OPEN]
