"""The desk of norms: what may be paid for, how much of it, and what comes first. Law is data, changed without a deploy."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ScopedAdmin
from portal.accounts.enums import Role
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin
from portal.territory.models import UNKNOWN_START
from portal.text.formats import day, money, number, percent

from ..enums import PriorityKind
from ..forms import MoneyField
from ..models import NormItem, PriorityRule, SupportNorm
from ..own_rules_admin import SinceAdmin

KEEPERS = frozenset({Role.EXTENSION_OFFICER, Role.AGENCY_NATIONAL})
SHOWN_WORDS = 3


class LawAdmin(AuditedAdmin, ScopedAdmin):
    """A province's officer keeps the rows of the province, the agency and administrators those of the nation."""

    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = KEEPERS

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self._keeps(request, obj.territory_id))

    @staticmethod
    def _keeps(request: HttpRequest, territory_id: int | None) -> bool:
        reach = staff_reach(request.user)
        if reach.roles & {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR}:
            return True
        return territory_id is not None and reach.holds(Role.EXTENSION_OFFICER, territory_id)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"keeps": staticmethod(lambda pk: self._keeps(request, pk))})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}


class LawForm(forms.ModelForm):
    """Who keeps the nation's rows is asked again of what was typed."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unit = cleaned.get("territory")
        if "territory" not in self.errors and not self.keeps(unit.pk if unit else None):  # type: ignore[attr-defined]
            self.add_error("territory", _("Bạn ghi được mức của tỉnh mình. Mức chung cả nước do Cục giữ."))
        return cleaned


class SupportNormForm(LawForm):
    ceiling = MoneyField(label=_("Mức tối đa (đồng)"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and cleaned.get("start_known"):
            self._stand_apart(cleaned)
        if cleaned.get("start_known") and cleaned.get("valid_from") == UNKNOWN_START:
            self.add_error("valid_from", _("Hãy ghi ngày hiệu lực, hoặc bỏ chọn “đã rõ ngày hiệu lực”."))
        if self.instance.pk and self.has_changed() and self._is_applied(cleaned):
            raise ValidationError(
                _("Mức chi này đã dùng để duyệt dự toán nên không sửa. Hãy ghi ngày hết hiệu lực và thêm mức mới.")
            )
        return cleaned

    def _stand_apart(self, cleaned: dict[str, Any]) -> None:
        """The rule of the trigger, in words that name the other norm."""
        ends = Q(valid_to__isnull=True) | Q(valid_to__gte=cleaned["valid_from"])
        rows = SupportNorm.objects.filter(
            ends, item=cleaned["item"], territory=cleaned.get("territory"), start_known=True
        ).exclude(pk=self.instance.pk)
        if cleaned.get("valid_to"):
            rows = rows.filter(valid_from__lte=cleaned["valid_to"])
        other = rows.first()
        if other:
            self.add_error("valid_from", _overlap(other))

    def _is_applied(self, cleaned: dict[str, Any]) -> bool:
        lines = self.instance.lines.filter(approved__isnull=False)
        said = set(self.changed_data) - {"note", "certainty", "per", "legal_basis", "valid_to"}
        if "valid_to" in self.changed_data and cleaned.get("valid_to"):
            lines_after = lines.filter(estimate__on__gt=cleaned["valid_to"])
            return bool(said and lines.exists()) or lines_after.exists()
        return bool(said) and lines.exists()


def _overlap(other: SupportNorm) -> str:
    until = day(other.valid_to) if other.valid_to else str(_("chưa có ngày hết"))
    return str(
        _("Trùng ngày với mức của %(basis)s (%(start)s đến %(until)s). Hãy ghi ngày hết hiệu lực cho mức cũ trước.")
        % {"basis": other.legal_basis, "start": day(other.valid_from), "until": until}
    )


@admin.register(SupportNorm)
class SupportNormAdmin(LawAdmin):
    form = SupportNormForm
    list_display = ["item", "place", "how_much", "legal_basis", "in_force"]
    list_filter = ["item__head", "start_known", "certainty", ("territory", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["item", "territory"]
    search_fields = ["legal_basis", "item__name", "item__code"]
    search_help_text = _("Nội dung chi, mã hoặc căn cứ")
    fieldsets = [
        (None, {"fields": ["item", "territory", ("percent", "ceiling", "multiplier"), "per"]}),
        (
            _("Căn cứ và hiệu lực"),
            {"fields": ["legal_basis", "start_known", ("valid_from", "valid_to"), "certainty", "note"]},
        ),
    ]

    @admin.display(description=_("nơi áp dụng"), ordering="territory")
    def place(self, obj: SupportNorm) -> str:
        return str(obj.territory or _("Cả nước"))

    @admin.display(description=_("hiệu lực"), ordering="valid_from")
    def in_force(self, obj: SupportNorm) -> str:
        begins = day(obj.valid_from) if obj.start_known else str(_("chưa rõ ngày"))
        if not obj.valid_to:
            return str(_("từ %(day)s") % {"day": begins})
        return str(_("%(first)s đến %(last)s") % {"first": begins, "last": day(obj.valid_to)})

    @admin.display(description=_("mức"))
    def how_much(self, obj: SupportNorm) -> str:
        parts = [percent(obj.percent) if obj.percent else "", money(obj.ceiling) if obj.ceiling else ""]
        parts.append(f"× {number(obj.multiplier)}" if obj.multiplier else "")
        return ", ".join(part for part in parts if part)


class PriorityForm(LawForm):
    pass


@admin.register(PriorityRule)
class PriorityRuleAdmin(SinceAdmin, LawAdmin):
    form = PriorityForm
    list_display = ["name", "kind", "known_by", "territory", "points", "raises_ceiling", "since", "valid_to"]
    list_filter = ["kind", "territory"]
    list_select_related = ["territory"]
    search_fields = ["name", "values", "legal_basis"]

    @admin.display(description=_("nhận biết bằng"))
    def known_by(self, obj: PriorityRule) -> str:
        """The first names or words; an area without communes never comes first, and says so."""
        words = [line.strip() for line in obj.values.splitlines() if line.strip()]
        if not words:
            return str(_("chưa ghi xã, phường nào")) if obj.kind == PriorityKind.AREA else ""
        return ", ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else "")


@admin.register(NormItem)
class NormItemAdmin(AuditedAdmin, ScopedAdmin):
    """Kinds of expenses are the same everywhere: the agency and administrators keep them, all staff read."""

    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = frozenset({Role.AGENCY_NATIONAL})
    list_display = ["name", "code", "head", "per", "counts_units", "is_abroad", "needs_new_machine", "may_be_priority"]
    list_filter = ["head"]
    search_fields = ["name", "code", "words"]
