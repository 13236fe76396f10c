"""Forms of the applicant's steps; they translate what was typed and decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.enums import ProductGroup
from products.models import Product

from .enums import DocumentKind, SetBasis
from .models import Dossier
from .services.applying import ProductFacts
from .statement import STATEMENT_PARTS

EXAMPLES = {
    ProductGroup.HANDICRAFT: _("mây tre đan, gốm, thêu, chạm khắc, dệt thổ cẩm"),
    ProductGroup.PROCESSING: _("chè, miến, mật ong, nước mắm, trái cây sấy"),
    ProductGroup.MACHINERY: _("máy sấy, máy thái, dụng cụ cầm tay, phụ tùng"),
    ProductGroup.OTHER: _("gạch không nung, phân bón, mỹ phẩm thảo mộc"),
}
NEW = "moi"


def group_choices() -> list[tuple[str, str]]:
    """Each group with examples, so that nobody needs to know the circular."""
    return [(group.value, f"{group.label} ({EXAMPLES[group]})") for group in ProductGroup]


class ProductFactsForm(forms.Form):
    """A product the register does not hold yet."""

    name = forms.CharField(
        label=_("Tên sản phẩm"), max_length=300, help_text=_("Ghi như trên nhãn, ví dụ: Chè tôm nõn hộp 200\u00a0g.")
    )
    group = forms.ChoiceField(label=_("Nhóm sản phẩm"), widget=forms.RadioSelect)
    is_set = forms.BooleanField(label=_("Đây là bộ sản phẩm, gồm nhiều sản phẩm đi cùng nhau"), required=False)
    members = forms.CharField(
        label=_("Các sản phẩm trong bộ"),
        required=False,
        help_text=_("Mỗi dòng một sản phẩm. Chỉ ghi khi là bộ sản phẩm."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    set_basis = forms.ChoiceField(
        label=_("Vì sao các sản phẩm này là một bộ"), choices=SetBasis, required=False, widget=forms.RadioSelect
    )
    materials = forms.CharField(
        label=_("Nguyên, vật liệu chính"),
        max_length=300,
        required=False,
        help_text=_("Ví dụ: búp chè trung du, hái tay."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = group_choices()  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(dossier: Dossier) -> dict[str, Any]:
        product = dossier.product
        return {
            "set_basis": dossier.set_basis,
            "name": product.name,
            "group": product.group,
            "is_set": product.is_set,
            "members": "\n".join(member.name for member in product.members.all()),
            "materials": product.materials,
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self._is_asked() and self.cleaned_data.get("is_set"):
            self._refuse_half_a_set()
        return cleaned

    def _refuse_half_a_set(self) -> None:
        if not self.cleaned_data.get("members", "").strip():
            self.add_error("members", _("Hãy ghi ít nhất một sản phẩm trong bộ."))
        if not self.cleaned_data.get("set_basis") and "set_basis" not in self.errors:
            self.add_error("set_basis", _("Hãy chọn vì sao đây là một bộ."))

    def _is_asked(self) -> bool:
        return True

    def facts(self) -> ProductFacts:
        said = self.cleaned_data
        return ProductFacts(
            name=said["name"],
            group=said["group"],
            is_set=said["is_set"],
            members=tuple(said["members"].splitlines()) if said["is_set"] else (),
            materials=said["materials"],
            set_basis=said["set_basis"] if said["is_set"] else "",
        )


class ChoiceForm(ProductFactsForm):
    """One of the facility's products, or a new one."""

    product = forms.ChoiceField(label=_("Sản phẩm tham gia"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(product.uuid), product.name) for product in products]
        self.fields["product"].choices = [*rows, (NEW, _("Sản phẩm mới, chưa có trong danh sách"))]  # type: ignore[attr-defined]
        self.products = {str(product.uuid): product for product in products}
        if not products:
            self.initial["product"] = NEW
        for name in ("name", "group"):
            self.fields[name].required = False

    def _is_asked(self) -> bool:
        return bool(self.cleaned_data.get("product") == NEW)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self._is_asked():
            if not self.cleaned_data.get("name") and "name" not in self.errors:
                self.add_error("name", _("Hãy ghi tên sản phẩm."))
            if not self.cleaned_data.get("group") and "group" not in self.errors:
                self.add_error("group", _("Hãy chọn nhóm sản phẩm."))
        return cleaned

    def chosen(self) -> Product | None:
        return self.products.get(self.cleaned_data["product"])

    def new(self) -> ProductFacts | None:
        return self.facts() if self._is_asked() else None


QUESTIONS = {
    "statement_market": (
        _("Ai mua, bán ở đâu, mỗi năm bán được bao nhiêu? Có xuất khẩu không?"),
        _("Làm được bao nhiêu một tháng? Có thể làm nhiều hơn không?"),
    ),
    "statement_technology": (
        _("Làm bằng cách nào, máy móc gì? Điều gì khác với sản phẩm cùng loại?"),
        _("Bao nhiêu người có việc, thu nhập ra sao? Xử lý chất thải thế nào?"),
    ),
    "statement_culture": (
        _("Sản phẩm gắn với nghề, vùng, câu chuyện nào?"),
        _("Mẫu mã, màu sắc, bao bì có gì đẹp và riêng?"),
    ),
    "statement_other": (_("Giấy khen, tiêu chuẩn, sao OCOP, nhãn hiệu đã có, nếu có."),),
}
LONGEST = 5000


class StatementForm(forms.ModelForm):
    """The product statement in four short parts, in the order of the score sheet."""

    class Meta:
        model = Dossier
        fields = tuple(STATEMENT_PARTS)
        widgets = {part: forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST}) for part in STATEMENT_PARTS}

    def parts(self) -> list[tuple[forms.BoundField, tuple[Any, ...]]]:
        return [(self[name], QUESTIONS[name]) for name in STATEMENT_PARTS]


class PaperForm(forms.Form):
    """One file for one paper."""

    file = forms.FileField(label=_("Tệp"), error_messages={"required": _("Hãy chọn tệp.")})
    valid_until = forms.DateField(
        label=_("Giấy tờ còn hạn đến"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class HandInForm(forms.Form):
    declared = forms.BooleanField(
        label=_("Tôi cam đoan các nội dung và giấy tờ trong hồ sơ là đúng sự thật, sản phẩm do cơ sở tự làm ra"),
        error_messages={"required": _("Hãy đánh dấu cam đoan trước khi nộp.")},
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do rút hồ sơ"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Hãy ghi lý do rút.")},
    )


# What a facility may add beside the required papers.
EXTRA_KINDS = (DocumentKind.STANDARD, DocumentKind.AWARD, DocumentKind.OTHER)
