"""Forms of results: one per line, with the inputs that the person may fill."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal
from portal.text.formats import number

from ..forms import MoneyField
from ..models import Beneficiary, Project, ResultIndicator, ResultLine
from ..services import results
from .amounts import parse_amount

LABELS = {
    "target": _("Mục tiêu"),
    "before": _("Trước hỗ trợ"),
    "achieved": _("Khi nghiệm thu"),
    "later": _("Sau một năm"),
}


class AmountField(forms.CharField):
    """An amount typed as people write it; cleans to Decimal or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "decimal")

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return parse_amount(str(value))
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal

    def run_validators(self, value: Any) -> None:
        """The parser has checked already; text validators do not fit a number."""


class SumField(MoneyField):
    """A sum in đồng, kept in a decimal column."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text="", **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return Decimal(found) if isinstance(found, int) else found


class LineForm(forms.Form):
    """The figures of one line that may be told now; what has no input stays as it is."""

    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)

    def __init__(self, line: ResultLine, fields: list[str], *args: Any, **kwargs: Any) -> None:
        initial = {name: getattr(line, name) for name in (*fields, "note")}
        super().__init__(*args, **{**kwargs, "prefix": f"d{line.pk}", "initial": initial})
        self.line = line
        kind = SumField if line.indicator.is_money else AmountField
        for name in fields:
            self.fields[name] = kind(label=LABELS[name])
        self.order_fields([*fields, "note"])

    def facts(self) -> dict[str, Any]:
        """What was typed, ready for the service."""
        return dict(self.cleaned_data)


class AddLineForm(forms.Form):
    """Another indicator for the project or one of its beneficiaries."""

    indicator = forms.ModelChoiceField(
        ResultIndicator.objects.all(),
        label=_("Chỉ tiêu"),
        error_messages={"required": _("Hãy chọn chỉ tiêu.")},
    )
    beneficiary = forms.ModelChoiceField(
        Beneficiary.objects.none(), label=_("Của cơ sở"), required=False, empty_label=_("Cả đề án")
    )
    target = AmountField(
        label=_("Mục tiêu"), help_text=_("Ghi số theo đơn vị của chỉ tiêu, ví dụ 12; 1.250; 2.500.000.000.")
    )

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "moi"})
        rows = project.beneficiaries.select_related("facility")
        self.fields["beneficiary"].queryset = rows  # type: ignore[attr-defined]


def open_fields(line: ResultLine, *, on: dt.date, officer: bool) -> list[str]:
    """Which figures of a line may be told on a day, in the order of the page."""
    state = line.project.state
    if state in results.CLOSED:
        return []
    found = []
    if officer and (state not in results.DONE or line.target is None):
        found.append("target")
    if line.indicator.compares_before:
        found.append("before")
    if state in results.UNDER_WAY:
        found.append("achieved")
    if results.may_ask(line, on=on):
        found.append("later")
    return found
