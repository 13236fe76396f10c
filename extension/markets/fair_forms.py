"""Forms of fairs: the officer's rows, the facility's own figures. They translate; services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.models import Product

from ..enums import EstimateState
from ..forms import MoneyField
from ..models import EstimateLine, Fair, Listing, Outlet, Participation

MOST_BOOTHS = 1000
MOST_CONTRACTS = 100_000


def in_small(field: forms.Field) -> forms.Field:
    """A field in a cell of a table: its label is the column's heading."""
    field.help_text = ""
    field.widget.attrs["class"] = "cell-input"
    return field


class FairForm(forms.ModelForm):
    website = forms.URLField(label=_("Trang web"), required=False, assume_scheme="https")
    cost = MoneyField(label=_("Tổng chi phí (đồng)"))

    class Meta:
        model = Fair
        fields = [
            "name", "name_en", "kind", "territory", "is_own", "is_abroad", "organiser", "place",
            "host_territory", "starts_on", "ends_on", "booths", "cost", "project", "website", "source", "is_public",
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        project, territory = cleaned.get("project"), cleaned.get("territory")
        if project and territory and project.territory_id != territory.pk:
            self.add_error("project", _("Đề án này của tỉnh khác. Hãy chọn đề án của tỉnh ghi sổ."))
        return cleaned


class OutletForm(forms.ModelForm):
    url = forms.URLField(label=_("Trang web"), required=False, assume_scheme="https")

    class Meta:
        model = Outlet
        fields = [
            "kind", "name", "territory", "address", "url", "operator", "opened_on", "closed_on", "project", "source",
            "is_public",
        ]  # fmt: skip


class ListingForm(forms.ModelForm):
    url = forms.URLField(label=_("Trang bán"), required=False, assume_scheme="https")

    class Meta:
        model = Listing
        fields = ["product", "since", "until", "url", "project", "note"]


class FiguresForm(forms.Form):
    """What the facility sold and signed. Zero is typed, an empty box is not known."""

    revenue = MoneyField(
        label=_("Doanh thu tại hội chợ (đồng)"),
        required=True,
        help_text=_("Ví dụ: 12 triệu; 8.500.000. Không bán được thì ghi 0."),
    )
    contracts = forms.IntegerField(
        label=_("Số hợp đồng, thỏa thuận đã ký"), required=False, min_value=0, max_value=MOST_CONTRACTS
    )
    contracts_value = MoneyField(label=_("Giá trị các hợp đồng (đồng)"))
    partners = forms.CharField(
        label=_("Đối tác mới"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Mỗi dòng một đối tác. Chỉ cán bộ khuyến công đọc."),
    )

    def __init__(self, data: Any = None, *, row: Participation, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in ("revenue", "contracts", "contracts_value", "partners")}
        super().__init__(data, initial=initial, **kwargs)

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class RowForm(forms.Form):
    """One line of the table of participants."""

    booths = in_small(forms.IntegerField(label=_("Gian hàng"), min_value=1, max_value=MOST_BOOTHS))
    cost = in_small(MoneyField(label=_("Chi phí")))
    support = in_small(MoneyField(label=_("Hỗ trợ")))
    revenue = in_small(MoneyField(label=_("Doanh thu")))
    contracts = in_small(forms.IntegerField(label=_("Hợp đồng"), required=False, min_value=0, max_value=MOST_CONTRACTS))
    contracts_value = in_small(MoneyField(label=_("Giá trị hợp đồng")))

    def __init__(self, data: Any = None, *, row: Participation, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in self.base_fields}
        super().__init__(data, initial=initial, prefix=f"r{row.pk}", **kwargs)
        self.row = row
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}, {row.facility.name}"
            if name in ("booths", "contracts"):
                field.widget.attrs["inputmode"] = "numeric"

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class PartForm(forms.Form):
    """Everything of one participant: also products, the line of the estimate, partners, where it is known from."""

    booths = forms.IntegerField(label=_("Số gian hàng"), min_value=1, max_value=MOST_BOOTHS)
    cost = MoneyField(label=_("Chi phí tham gia (đồng)"))
    support = MoneyField(label=_("Được hỗ trợ (đồng)"))
    line = forms.ModelChoiceField(
        EstimateLine.objects.none(),
        label=_("Dòng dự toán"),
        required=False,
        help_text=_("Dòng đã duyệt của đề án mà hội chợ thuộc về. Không chọn thì số hỗ trợ được xét theo mức chi."),
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.none(),
        label=_("Sản phẩm trưng bày"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revenue = MoneyField(label=_("Doanh thu tại hội chợ (đồng)"))
    contracts = forms.IntegerField(
        label=_("Số hợp đồng, thỏa thuận"), required=False, min_value=0, max_value=MOST_CONTRACTS
    )
    contracts_value = MoneyField(label=_("Giá trị hợp đồng (đồng)"))
    partners = forms.CharField(
        label=_("Đối tác mới"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.CharField(
        label=_("Nguồn"),
        required=False,
        max_length=300,
        help_text=_("Khi số liệu lấy từ bản tin, báo cáo đã công bố."),
    )
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=300)

    def __init__(self, data: Any = None, *, row: Participation, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in self.base_fields if name not in ("products", "line")}
        products = Product.objects.filter(facility=row.facility_id).order_by("sort_key")
        shown = [product.pk for product in row.products.all()]
        super().__init__(data, initial=initial | {"products": shown, "line": row.line_id}, **kwargs)
        self.fields["products"].queryset = products  # type: ignore[attr-defined]
        self.fields["line"].queryset = lines_for(row)  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "products": list(self.cleaned_data["products"])}


def lines_for(row: Participation) -> Any:
    """Approved lines of the fair's project that are for this facility or for no single one."""
    if not row.fair.project_id:
        return EstimateLine.objects.none()
    lines = EstimateLine.objects.filter(project=row.fair.project_id, estimate__state=EstimateState.APPROVED)
    return lines.filter(facility__isnull=True) | lines.filter(facility=row.facility_id)
