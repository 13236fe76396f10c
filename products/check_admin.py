"""The desk's page for who answers today for authorities that are gone."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, RoleRights, VisibleChoices
from portal.accounts.exports import ListExport
from portal.audit.admin_base import AuditedAdmin
from portal.text.folding import name_key

from . import rules
from .enums import Level
from .models import SuccessorAuthority
from .successors import PLACE


class SuccessorForm(forms.ModelForm):
    """A dated row. Two rows for the same place may not hold on one day, or there would be two answers."""

    class Meta:
        model = SuccessorAuthority
        fields = (
            "level",
            "territory",
            "locality",
            "authority",
            "contact",
            "legal_basis",
            "is_certain",
            "valid_from",
            "valid_to",
        )
        help_texts = {
            "authority": gettext_lazy("{province} được thay bằng tên đầy đủ của tỉnh, thành phố hiện nay."),
            "territory": gettext_lazy("Bỏ trống: mọi tỉnh."),
            "locality": gettext_lazy("Tên huyện, xã như ghi ở công nhận. Bỏ trống: cả tỉnh."),
            "valid_from": gettext_lazy("Áp dụng cho giấy cấp trước ngày này."),
        }

    def clean_authority(self) -> str:
        text = str(self.cleaned_data["authority"])
        if {"{", "}"} & set(text.replace(PLACE, "")):
            raise forms.ValidationError(_("Chỉ dùng được {province}. Hãy bỏ các dấu ngoặc nhọn khác."))
        return text

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        facts = self.cleaned_data
        if facts.get("locality") and not facts.get("territory"):
            self.add_error("territory", _("Có huyện, xã thì phải chọn tỉnh khi công nhận."))
        if facts.get("level") in {Level.REGION, Level.NATIONAL} and facts.get("territory"):
            self.add_error("territory", _("Cấp khu vực, quốc gia không theo tỉnh. Hãy bỏ trống tỉnh."))
        start, end = facts.get("valid_from"), facts.get("valid_to")
        if start and facts.get("level") and any(_overlap(row, start, end) for row in self._same_place()):
            self.add_error("valid_from", _("Nơi này đã có cơ quan tiếp nhận trong thời gian đó. Hãy sửa dòng đã có."))
        return cleaned

    def _same_place(self) -> QuerySet[SuccessorAuthority]:
        facts = self.cleaned_data
        rows = SuccessorAuthority.objects.filter(
            level=facts["level"],
            territory=facts.get("territory"),
            locality_key=name_key(facts.get("locality", "")),
        )
        return rows.exclude(pk=self.instance.pk)


def _overlap(row: SuccessorAuthority, start: Any, end: Any) -> bool:
    return (row.valid_to is None or start <= row.valid_to) and (end is None or row.valid_from <= end)


@admin.register(SuccessorAuthority)
class SuccessorAuthorityAdmin(AuditedAdmin, ListExport, RoleRights, VisibleChoices, admin.ModelAdmin):
    """What holds for every province: all staff read it, agency staff and administrators keep it."""

    form = SuccessorForm
    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = rules.KEEPERS
    list_per_page = 50
    view_on_site = False
    list_display = ["authority", "level", "territory", "locality", "valid_from", "valid_to", "is_certain"]
    list_filter = ["level"]
    list_select_related = ["territory"]
    search_fields = ["authority", "locality"]
    search_help_text = gettext_lazy("Cơ quan hoặc huyện, xã")
