"""Forms of needs: the need itself, the centre's answer, several needs as one project. They decide nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from portal.files.services import store
from portal.files.sniffing import Kind
from products.models import Product

from ..enums import ActivityHead, Funding, ProjectKind
from ..forms import MoneyField
from ..models import Call, Need, NormItem, Programme

FILE_KINDS: frozenset[Kind] = frozenset({"image", "pdf", "office"})
FUNDED = (Funding.NATIONAL, Funding.LOCAL)


def item_choices(items: Iterable[NormItem]) -> list[Any]:
    """What may be paid for, below its head of content; whoever finds nothing says it in words."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in items:
        groups.setdefault(item.get_head_display(), []).append((item.code, item.display_name))
    return [("", _gettext("Chưa rõ, hoặc việc khác")), *groups.items()]


class NeedForm(forms.Form):
    """What a maker needs. The maker is one of `makers`, or, where `unknown`, one that the register does not hold."""

    facility = forms.ChoiceField(label=_("Cơ sở"))
    facility_name = forms.CharField(
        label=_("Tên cơ sở, tổ hợp tác, cụm"),
        max_length=250,
        help_text=_("Ghi như giấy đăng ký kinh doanh, nếu có. Trung tâm sẽ ghi cơ sở vào sổ."),
    )
    call = forms.ChoiceField(label=_("Đợt đăng ký"), required=False)
    item = forms.ChoiceField(label=_("Muốn được hỗ trợ việc gì"), required=False)
    title = forms.CharField(
        label=_("Nói ngắn gọn cần gì"), max_length=250, help_text=_("Ví dụ: máy sấy lạnh 300 kg một mẻ để sấy chè.")
    )
    reason = forms.CharField(
        label=_("Vì sao cần, để làm gì"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Đang làm thế nào, vướng gì, có máy hoặc có hỗ trợ thì khác đi ra sao."),
    )
    product = forms.ChoiceField(label=_("Cho sản phẩm nào"), required=False)
    trade = forms.CharField(
        label=_("Ngành nghề"), required=False, max_length=120, help_text=_("Ví dụ: chế biến chè; mây tre đan; cơ khí.")
    )
    year = forms.TypedChoiceField(label=_("Muốn làm trong năm"), coerce=int)
    cost = MoneyField(
        label=_("Tổng chi phí dự kiến"), help_text=_("Ghi theo báo giá nếu có. Ví dụ: 600 triệu; 1,2 tỷ.")
    )
    own_funds = MoneyField(
        label=_("Cơ sở tự bỏ ra được"), help_text=_("Khuyến công chỉ góp một phần, phần còn lại là vốn của cơ sở.")
    )
    contact = forms.CharField(label=_("Người liên hệ, điện thoại"), required=False, max_length=200)
    upload = forms.FileField(
        label=_("Báo giá hoặc giấy tờ kèm theo"), required=False, help_text=_("Ảnh chụp, PDF, Word hoặc Excel.")
    )

    def __init__(
        self,
        *args: Any,
        makers: Sequence[Facility],
        unknown: bool = False,
        products: Sequence[Product] = (),
        calls: Sequence[Call] = (),
        items: Sequence[NormItem] = (),
        on: dt.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.makers = {str(row.uuid): row for row in makers}
        self.products = {str(row.uuid): row for row in products}
        self.calls = {str(row.uuid): row for row in calls}
        self.items = {row.code: row for row in items}
        self._offer(unknown, on)

    def _offer(self, unknown: bool, on: dt.date) -> None:
        if unknown:
            del self.fields["facility"]
        else:
            del self.fields["facility_name"]
            self._choices("facility", [(key, row.name) for key, row in self.makers.items()])
            if len(self.makers) == 1:
                self.fields["facility"].widget = forms.HiddenInput()
                self.initial.setdefault("facility", next(iter(self.makers)))
        self._choices("call", [("", _("Ngoài đợt")), *((key, row.title) for key, row in self.calls.items())])
        self._choices("item", item_choices(self.items.values()))
        self._choices("product", [("", _("Cả cơ sở")), *((key, row.name) for key, row in self.products.items())])
        years = sorted({*range(on.year, on.year + 3), int(self.initial.get("year") or on.year)})
        self._choices("year", [(year, str(year)) for year in years])
        for name, rows in (("call", self.calls), ("product", self.products)):
            if not rows:
                del self.fields[name]

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def maker(self) -> Facility | None:
        return self.makers.get(self.cleaned_data.get("facility", ""))

    def facts(self) -> dict[str, Any]:
        """What the service takes of what was typed, the file stored."""
        given = self.cleaned_data
        names = ("title", "reason", "trade", "year", "cost", "own_funds", "contact", "facility_name")
        facts = {name: given[name] for name in names if name in given}
        facts["item"] = self.items.get(given.get("item", ""))
        if "product" in given:
            facts["product"] = self.products.get(given["product"])
        if "call" in given:
            facts["call"] = self.calls.get(given["call"])
        if given.get("upload"):
            facts["file"] = store(given["upload"], allow=FILE_KINDS, field="upload")
        return facts


def start_of(need: Need) -> dict[str, Any]:
    """What a need says, to change it."""
    return {
        "facility": str(need.facility.uuid) if need.facility else "",
        "facility_name": need.facility_name,
        "call": str(need.call.uuid) if need.call else "",
        "item": need.item.code if need.item else "",
        "product": str(need.product.uuid) if need.product else "",
        **{name: getattr(need, name) for name in ("title", "reason", "trade", "year", "cost", "own_funds", "contact")},
    }


class ShelveForm(forms.Form):
    """Onto the shelf: from which money, and what the maker should know."""

    wanted_funding = forms.ChoiceField(
        label=_("Dự kiến nguồn"),
        required=False,
        choices=[("", _("Chưa định")), *((one.value, one.label) for one in FUNDED)],
    )
    answer = forms.CharField(
        label=_("Nhắn cơ sở"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ví dụ: cần thêm báo giá của hai nơi trước ngày 15/03."),
    )


class DeclineForm(forms.Form):
    """Why the need cannot be supported now."""

    answer = forms.CharField(
        label=_("Lý do"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cơ sở đọc nguyên văn. Nói cả điều cơ sở có thể làm để lần sau được xét."),
    )


class PlainForm(forms.Form):
    """An act that needs no words."""


class TurnForm(forms.Form):
    """One project from the chosen needs; everything may be changed afterwards at the project's own form."""

    name = forms.CharField(label=_("Tên đề án"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Loại đề án"), choices=ProjectKind.choices)
    funding = forms.ChoiceField(label=_("Nguồn kinh phí"), choices=[(one.value, one.label) for one in FUNDED])
    head = forms.TypedChoiceField(label=_("Nội dung khuyến công"), choices=ActivityHead.choices, coerce=int)
    year = forms.IntegerField(label=_("Năm"), min_value=2000, max_value=2100)
    programme = forms.ModelChoiceField(
        label=_("Chương trình"), required=False, queryset=Programme.objects.none(), empty_label=_("Chưa ghi")
    )
    trade = forms.CharField(label=_("Ngành nghề"), required=False, max_length=120)

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
