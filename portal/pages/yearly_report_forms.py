"""The yearly report as one form: the facility's sums, then a few fields for each recognised product."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from extension.forms import MoneyField
from facilities.models import YearlyReport
from portal.text.cells import number_of, whole_of
from portal.text.errors import Refusal
from portal.text.formats import number
from products.models import Product, ProductYear
from products.services import yearly_reports as services

LONGEST = 3000
# What a report cannot be handed in without; a draft may leave it open.
NEEDED, NEEDED_OF_PRODUCT = ("revenue", "workers"), ("revenue",)
MOST_PACKS = 10**12
DRAFT = "luu"


class CountField(forms.CharField):
    """A whole number typed as people write it ("20.000"). Cleans to int or None."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value
        try:
            return whole_of(str(value), str(self.label), most=self.most)
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal

    def run_validators(self, value: Any) -> None:
        """The parser has checked already; text validators do not fit a number."""


class AmountField(forms.CharField):
    """A quantity with two decimals at most, typed with a comma ("1.250,5"). Cleans to Decimal or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            found = number_of(str(value), str(self.label))
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal
        if found is not None and not 0 <= found < 10**14:
            raise ValidationError(_("Số lượng phải từ 0 đến dưới một trăm nghìn tỷ."))
        return None if found is None else round(found, 2)

    def run_validators(self, value: Any) -> None:
        """The parser has checked already; text validators do not fit a number."""


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=LONGEST, widget=area)


@dataclass(frozen=True)
class LineFields:
    """The fields of one product, for the page."""

    product: Product
    fields: list[forms.BoundField]


class YearlyReportForm(forms.Form):
    """Takes the report (or None before it exists) and the products that it has lines for."""

    revenue = MoneyField(label=_("Doanh thu cả năm của cơ sở (đồng)"))
    export_value = MoneyField(label=_("Trong đó xuất khẩu (đồng)"), help_text=_("Không xuất khẩu thì ghi 0."))
    budget_paid = MoneyField(label=_("Nộp ngân sách (đồng)"), help_text="")
    invested = MoneyField(label=_("Đầu tư máy móc, nhà xưởng trong năm (đồng)"), help_text="")
    workers = CountField(label=_("Số lao động cuối năm"), most=1_000_000)
    markets = _words(_("Thị trường, kênh bán"), _("Bán ở đâu, kênh nào mới trong năm."))
    support_received = _words(
        _("Hỗ trợ đã nhận"), _("Đề án khuyến công, hội chợ, máy móc, bao bì, tín dụng; ghi năm và số tiền nếu biết.")
    )
    difficulties = _words(_("Khó khăn"))
    proposals = _words(_("Đề nghị với Sở Công Thương"))
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, report: YearlyReport | None, products: Iterable[Product], initial: Any = None
    ) -> None:
        self.products = list(products)
        held = {name: getattr(report, name) for name in services.FACTS} if report else {}
        start = {**(initial or {}), **held, "revision": report.revision if report else None}
        lines = {line.product_id: line for line in report.lines.all()} if report else {}
        super().__init__(data, initial=start | self._line_values(lines))
        for product in self.products:
            self.fields.update(self._line_fields(product))
        if data is None or data.get("act") != DRAFT:
            self._require(
                [*NEEDED, *(f"p{product.pk}-{name}" for product in self.products for name in NEEDED_OF_PRODUCT)]
            )

    def _require(self, names: list[str]) -> None:
        for name in names:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("Hãy ghi số; không có thì ghi 0.")

    def _line_values(self, lines: dict[int, ProductYear]) -> dict[str, Any]:
        return {f"p{pk}-{name}": getattr(line, name) for pk, line in lines.items() for name in services.LINE_FACTS}

    def _line_fields(self, product: Product) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            "quantity": AmountField(label=_("Sản lượng")),
            "unit": forms.CharField(label=_("Đơn vị tính"), required=False, max_length=30),
            "revenue": MoneyField(label=_("Doanh thu (đồng)"), help_text=""),
            "export_value": MoneyField(label=_("Xuất khẩu (đồng)"), help_text=""),
            "logo_packs": CountField(label=_("Số bao bì đã in biểu trưng"), most=MOST_PACKS),
            "note": forms.CharField(label=_("Ghi chú"), required=False, max_length=300),
        }
        return {f"p{product.pk}-{name}": field for name, field in fields.items()}

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in services.FACTS]

    def lines(self) -> Iterator[LineFields]:
        for product in self.products:
            yield LineFields(product, [self[f"p{product.pk}-{name}"] for name in services.LINE_FACTS])

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in services.FACTS}

    def line_facts(self) -> dict[int, dict[str, Any]]:
        return {
            product.pk: {name: self.cleaned_data[f"p{product.pk}-{name}"] for name in services.LINE_FACTS}
            for product in self.products
        }
