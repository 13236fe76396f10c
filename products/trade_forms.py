"""What a maker types for buyers. Everything typed comes back with its sentence; nothing is lost on the way."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.clock import today
from portal.text.formats import number

from .enums import CapacityPeriod
from .models import Product, TradeFacts
from .services.trade import FACTS, OWN_WORDS, gtin_taken

_BETWEEN_DIGITS = re.compile(r"[\s.\-]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_WHOLE = ("capacity", "capacity_unit", "capacity_period")
_MISSING = {
    "capacity": _("Chưa có sản lượng. Hãy ghi số lớn hơn 0, hoặc để trống cả đơn vị và thời gian."),
    "capacity_unit": _("Sản lượng chưa có đơn vị tính. Hãy ghi đơn vị, ví dụ kg, hộp, bộ."),
    "capacity_period": _("Hãy chọn sản lượng này tính theo tháng hay theo năm."),
}


class DigitsField(forms.CharField):
    """Digits as people copy them from under a barcode, with spaces or dots between."""

    def to_python(self, value: Any) -> str:
        return _BETWEEN_DIGITS.sub("", super().to_python(value) or "")


class AmountField(forms.DecimalField):
    """An amount as people here write it: "1.500" is a thousand five hundred, "12,5" twelve and a half."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip().replace(" ", "")
        if _THOUSANDS.fullmatch(text):
            text = text.replace(".", "")
        return super().to_python(text.replace(",", "."))

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value


class TradeForm(forms.ModelForm):
    capacity = AmountField(
        label=_("Sản lượng cung ứng"),
        max_digits=12,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    gtin = DigitsField(
        label=_("Mã số mã vạch (GTIN)"),
        max_length=40,
        required=False,
        help_text=_("8, 12, 13 hoặc 14 chữ số dưới mã vạch, ví dụ 8934563138165."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    hs_code = DigitsField(
        label=_("Mã HS"),
        max_length=20,
        required=False,
        help_text=_("6, 8 hoặc 10 chữ số, dấu chấm ở giữa cũng được."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    class Meta:
        model = TradeFacts
        fields = FACTS
        labels = {"capacity_period": _("Sản lượng tính theo")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = [("", _("Chọn tháng hoặc năm")), *CapacityPeriod.choices]
        self.fields["capacity_period"].choices = periods  # type: ignore[attr-defined]

    def clean_gtin(self) -> str:
        gtin: str = self.cleaned_data["gtin"]
        if gtin and TradeFacts.objects.filter(gtin=gtin).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(str(gtin_taken()))
        return gtin

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self._refuse_half_a_capacity()
        return cleaned

    def _refuse_half_a_capacity(self) -> None:
        if any(name in self.errors for name in _WHOLE):
            return
        said = {name: self.cleaned_data.get(name) for name in _WHOLE}
        if said["capacity"] is not None and said["capacity"] <= 0:
            self.add_error("capacity", _("Sản lượng phải lớn hơn 0."))
        elif any(value not in {None, ""} for value in said.values()):
            for name in (name for name, value in said.items() if value in {None, ""}):
                self.add_error(name, _MISSING[name])

    def validate_constraints(self) -> None:
        """The database's own rules are told above, each at its field."""


class DeskTradeForm(TradeForm):
    """The same at the desk: what an officer writes for a maker is declared that day, through that officer."""

    user: Any = None

    def save(self, commit: bool = True) -> TradeFacts:
        self.instance.declared_on, self.instance.declared_by = today(), self.user
        saved: TradeFacts = super().save(commit)
        return saved


class WordsForm(forms.ModelForm):
    """The maker's own words, in both languages."""

    class Meta:
        model = Product
        fields = OWN_WORDS
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
            "story": forms.Textarea(attrs={"rows": 7, "maxlength": 8000}),
            "name_en": forms.TextInput(attrs={"lang": "en"}),
            "summary_en": forms.Textarea(attrs={"rows": 3, "maxlength": 1000, "lang": "en"}),
            "story_en": forms.Textarea(attrs={"rows": 7, "maxlength": 8000, "lang": "en"}),
        }
