"""Forms of what administrators give to people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.territory.queries import current_id

from .enums import Role
from .models import Grant

# What each role is held in: exactly these fields, all others stay empty.
SCOPES = {
    Role.OFFICER: {"territory"},
    Role.LEADER: {"territory"},
    Role.EXTENSION_OFFICER: {"territory"},
    Role.COMMUNE_OFFICER: {"territory", "commune"},
    Role.AGENCY_REGIONAL: {"region"},
    Role.AGENCY_NATIONAL: set(),
    Role.ADMINISTRATOR: set(),
}
MISSING = {
    "territory": _("Vai trò của tỉnh cần chọn tỉnh."),
    "commune": _("Vai trò này cần chọn xã."),
    "region": _("Vai trò này cần chọn khu vực."),
}
UNASKED = {
    "territory": _("Vai trò này không theo tỉnh. Hãy bỏ trống."),
    "commune": _("Vai trò này không theo xã. Hãy bỏ trống."),
    "region": _("Vai trò này không theo khu vực. Hãy bỏ trống."),
}


class GrantForm(forms.ModelForm):
    """A role with exactly the scope it is held in: less reaches nothing, more reads as something else."""

    class Meta:
        model = Grant
        fields = ("user", "role", "territory", "commune", "region", "valid_from", "valid_to", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "role" not in cleaned:
            return cleaned
        scope = SCOPES[Role(cleaned["role"])]
        for field in {*MISSING} & {*self.fields} - {*self.errors}:
            if bool(cleaned.get(field)) != (field in scope):
                self.add_error(field, (MISSING if field in scope else UNASKED)[field])
        commune, territory = cleaned.get("commune"), cleaned.get("territory")
        if commune and territory and commune.territory_id != current_id(territory.pk):
            self.add_error("commune", _("Xã này không thuộc tỉnh đã chọn."))
        return cleaned
