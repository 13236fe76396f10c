"""Forms of a project's money: sums typed as people write them. They decide nothing."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.inputs import DateField

from ..enums import PaymentKind
from ..forms import MoneyField
from .ledger import Ledger

VOUCHER_HELP = _("PDF, ảnh, Word hoặc Excel, nặng không quá 20 MB.")
LINE = "line_"


class ProposeForm(forms.Form):
    """Money of some lines: an empty box asks nothing of its line."""

    kind = forms.ChoiceField(label=_("Loại"), choices=PaymentKind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Nội dung"), max_length=300, error_messages={"required": _("Hãy ghi nội dung của khoản này.")}
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, ledger: Ledger, **kwargs: Any) -> None:
        initial = {"request_key": uuid4(), "kind": PaymentKind.ADVANCE, **(kwargs.pop("initial", None) or {})}
        super().__init__(*args, **{**kwargs, "initial": initial})
        for balance in ledger.balances:
            self.fields[f"{LINE}{balance.line.pk}"] = MoneyField(label=balance.name, help_text="")

    @property
    def heads(self) -> list[forms.BoundField]:
        """What stands above the lines."""
        return [field for field in self if not field.name.startswith(LINE)]

    def line(self, pk: int) -> forms.BoundField:
        return self[f"{LINE}{pk}"]

    @property
    def parts(self) -> dict[int, int]:
        """Key of the line → whole đồng, of the lines that ask for something."""
        return {
            int(name.removeprefix(LINE)): amount
            for name, amount in self.cleaned_data.items()
            if name.startswith(LINE) and amount
        }


class PaidForm(forms.Form):
    """The voucher of a payment."""

    paid_on = DateField(label=_("Ngày chứng từ"))
    document = forms.CharField(label=_("Số chứng từ"), max_length=60)
    upload = forms.FileField(label=_("Bản chụp chứng từ"), required=False, help_text=VOUCHER_HELP)


class SettlementForm(forms.Form):
    """What was spent, by source."""

    submitted_on = DateField(label=_("Ngày nộp hồ sơ"))
    extension_funds = MoneyField(label=_("Khuyến công đề nghị quyết toán"), required=True)
    counterpart_funds = MoneyField(label=_("Đối ứng đã chi"), help_text="")
    other_funds = MoneyField(label=_("Nguồn khác đã chi"), help_text="")
    note = forms.CharField(label=_("Ghi chú"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    upload = forms.FileField(label=_("Hồ sơ quyết toán"), required=False, help_text=VOUCHER_HELP)


class ApproveSettlementForm(forms.Form):
    number = forms.CharField(label=_("Số văn bản phê duyệt"), max_length=60)
    signed_on = DateField(label=_("Ngày phê duyệt"))


class LiquidationForm(forms.Form):
    number = forms.CharField(label=_("Số biên bản thanh lý"), max_length=60)
    signed_on = DateField(label=_("Ngày thanh lý"))
    note = forms.CharField(label=_("Ghi chú"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    upload = forms.FileField(label=_("Biên bản đã ký"), required=False, help_text=VOUCHER_HELP)
