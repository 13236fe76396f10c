"""Forms of the desk: money typed as people write it, and the parts checked against the whole."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal
from portal.text.formats import money, number

from .models import Beneficiary, Project
from .money.words import parse_money
from .services.projects import PROJECT_FACTS


class MoneyField(forms.CharField):
    """A sum in đồng, typed as text: "200 triệu", "12,31 tỷ", "1.075.000.000". Cleans to int or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("Ví dụ: 200 triệu; 12,31 tỷ; 1.075.000.000."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value
        try:
            return parse_money(str(value), language=get_language() or "")
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal

    def run_validators(self, value: Any) -> None:
        """The parser has checked already; text validators do not fit a number."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ReasonForm(forms.Form):
    """Why, in as many letters as a payment or an inspection keeps of it."""

    reason = forms.CharField(
        label=_("Lý do"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Việc này cần lý do. Hãy ghi lý do.")},
    )


class ProjectForm(forms.ModelForm):
    extension_funds = MoneyField(label=_("Kinh phí khuyến công (đồng)"))
    counterpart_funds = MoneyField(label=_("Vốn đối ứng (đồng)"))
    other_funds = MoneyField(label=_("Nguồn khác (đồng)"))
    disbursed = MoneyField(label=_("Đã giải ngân (đồng)"))

    class Meta:
        model = Project
        fields = [name for name in PROJECT_FACTS if name != "is_illustrative"]
        widgets = {"name": forms.Textarea(attrs={"rows": 2})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "disbursed" not in self.fields:
            return cleaned
        given, approved = cleaned.get("disbursed"), cleaned.get("extension_funds")
        if given is not None and "extension_funds" not in self.errors and (approved is None or given > approved):
            self.add_error(
                "disbursed",
                _("Đã giải ngân %(given)s, vượt kinh phí khuyến công đã duyệt %(approved)s. Hãy kiểm tra lại hai số.")
                % {"given": money(given), "approved": money(approved or 0)},
            )
        return cleaned


class BeneficiaryForm(forms.ModelForm):
    extension_funds = MoneyField(label=_("Kinh phí khuyến công (đồng)"), help_text="")
    fair_revenue = MoneyField(label=_("Doanh thu tại hội chợ (đồng)"), help_text="")

    class Meta:
        model = Beneficiary
        fields = ["kind", "facility", "product", "name", "people", "turns", "extension_funds", "fair_revenue", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        product, facility = cleaned.get("product"), cleaned.get("facility")
        if product and product.facility_id != (facility.pk if facility else None):
            self.add_error("product", _("Sản phẩm này không do cơ sở đã chọn làm ra. Hãy chọn lại."))
        return cleaned


class BeneficiaryFormSet(forms.BaseInlineFormSet):
    """The parts given to beneficiaries may not exceed the project's funds as typed on the same page."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        parts = sum(row.get("extension_funds") or 0 for row in kept)
        whole = self.instance.extension_funds
        if parts and (whole is None or parts > whole):
            raise ValidationError(
                _("Các cơ sở được ghi tổng %(parts)s, vượt kinh phí khuyến công của đề án là %(whole)s.")
                % {"parts": money(parts), "whole": money(whole or 0)}
            )
