"""Forms of the register of provinces; deciding is left to the services."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text.clock import today
from portal.text.errors import Refusal

from . import services
from .enums import Region, TerritoryKind
from .models import Succession, Territory


class UnitForm(forms.ModelForm):
    class Meta:
        model = Territory
        fields = ("code", "name", "kind", "valid_from", "valid_to", "region", "region_certain", "legal_basis")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            _carry(self, lambda: services.prepare(self.instance))


class NameFormSet(forms.BaseInlineFormSet):
    """The names of one unit: periods that neither overlap nor leave the unit's own."""

    def clean(self) -> None:
        super().clean()
        rows = [row.cleaned_data for row in self.forms if row.is_valid() and row.cleaned_data]
        periods = [(row["valid_from"], row["valid_to"]) for row in rows if not row.get("DELETE")]
        try:
            services.refuse_bad_names(periods, self.instance)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class SuccessionForm(forms.ModelForm):
    class Meta:
        model = Succession
        fields = ("successor", "on", "is_main", "legal_basis")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        successor, on = self.cleaned_data.get("successor"), self.cleaned_data.get("on")
        predecessor = self.instance.predecessor if self.instance.predecessor_id else None
        if successor and on and predecessor and not self.cleaned_data.get("DELETE"):
            _carry(
                self,
                lambda: services.refuse_bad_succession(predecessor=predecessor, successor=successor, on=on),
            )
        return cleaned


class DeskForm(forms.Form):
    """A form of its own page; `apply` calls the service and shows a refusal at its field."""

    on = forms.DateField(label=gettext_lazy("Có hiệu lực từ ngày"), widget=AdminDateWidget)
    legal_basis = forms.CharField(
        label=gettext_lazy("Căn cứ"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Số hiệu nghị quyết, ví dụ Nghị quyết 202/2025/QH15."),
    )

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on > today():
            raise forms.ValidationError(
                _("Ngày này chưa tới. Hãy ghi vào sổ từ ngày nghị quyết có hiệu lực."), code="future"
            )
        return on

    def applied(self, actor: Any) -> Territory | None:
        """The unit to show next, or None when the form or the service said no."""
        if not self.is_valid():
            return None
        try:
            return self.apply(actor)
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return None

    def apply(self, actor: Any) -> Territory:
        raise NotImplementedError


class RenameForm(DeskForm):
    name = forms.CharField(label=gettext_lazy("Tên mới"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=TerritoryKind.choices)
    name_en = forms.CharField(label=gettext_lazy("Tên tiếng Anh"), max_length=60, required=False)
    field_order = ["name", "kind", "name_en", "on", "legal_basis"]

    def __init__(self, *args: Any, unit: Territory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit

    def apply(self, actor: Any) -> Territory:
        return services.rename(unit=self.unit, actor=actor, **self.cleaned_data).territory


class MergeForm(DeskForm):
    predecessors = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Đơn vị sáp nhập"),
        queryset=Territory.objects.filter(valid_to__isnull=True),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Các đơn vị này kết thúc vào ngày trước ngày có hiệu lực."),
    )
    successor = forms.ModelChoiceField(
        label=gettext_lazy("Nhập vào đơn vị đang có"),
        queryset=Territory.objects.filter(valid_to__isnull=True),
        required=False,
        empty_label=gettext_lazy("Lập đơn vị mới"),
    )
    code = forms.RegexField(
        r"^\d{2}$",
        label=gettext_lazy("Mã của đơn vị mới"),
        required=False,
        error_messages={"invalid": gettext_lazy("Mã gồm hai chữ số. Hãy ghi như 01 hoặc 96.")},
    )
    name = forms.CharField(label=gettext_lazy("Tên của đơn vị mới"), max_length=60, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=TerritoryKind.choices)
    region = forms.ChoiceField(label=gettext_lazy("Khu vực khuyến công"), choices=Region.choices)
    field_order = ["predecessors", "successor", "code", "name", "kind", "region", "on", "legal_basis"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.cleaned_data.get("successor"):
            for field in ("code", "name"):
                if field not in self.errors and not self.cleaned_data.get(field):
                    self.add_error(field, _("Hãy ghi mã và tên của đơn vị mới, hoặc chọn đơn vị đang có."))
        return cleaned

    def apply(self, actor: Any) -> Territory:
        facts = self.cleaned_data
        shared = {"on": facts["on"], "actor": actor, "legal_basis": facts["legal_basis"]}
        successor: Territory | None = facts["successor"]
        if successor is None:
            new = {field: facts[field] for field in ("code", "name", "kind", "region")}
            return services.merge_into_new(predecessors=list(facts["predecessors"]), **new, **shared)
        services.merge(predecessors=list(facts["predecessors"]), successor=successor, **shared)
        return successor


def _carry(form: forms.ModelForm, check: Any) -> None:
    """Run a check of the services and show its refusal at the field it belongs to."""
    try:
        check()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
