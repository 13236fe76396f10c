"""Forms for issuing certificates and for the books they are numbered in. They decide nothing; services do."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import rules, services
from .certificate_facts import Terms
from .enums import ReissueKind
from .forms import rehearse
from .models import CertificateBook

ORDERS = (
    ("nhom", gettext_lazy("Theo nhóm sản phẩm")),
    ("dia-ban", gettext_lazy("Theo huyện, xã")),
    ("co-so", gettext_lazy("Theo tên cơ sở")),
    ("san-pham", gettext_lazy("Theo tên sản phẩm")),
)
PRINT_ORDERS = (("so", gettext_lazy("Theo số giấy chứng nhận")), *ORDERS)
LANGUAGES = (
    ("vi", gettext_lazy("Tiếng Việt")),
    ("en", gettext_lazy("Tiếng Anh")),
    ("vi-en", gettext_lazy("Cả hai, mỗi thứ tiếng một trang")),
)


class TermsForm(forms.Form):
    """What the authority sets on the paper."""

    issuer = forms.CharField(label=gettext_lazy("Cơ quan cấp giấy"), max_length=200)
    on = forms.DateField(
        label=gettext_lazy("Ngày ghi trên giấy"),
        localize=True,
        error_messages={"invalid": gettext_lazy("Ngày chưa đúng. Hãy nhập như 21/11/2026.")},
    )
    place = forms.CharField(label=gettext_lazy("Nơi ghi trước ngày"), max_length=100, required=False)
    signer_title = forms.CharField(
        label=gettext_lazy("Chức danh người ký"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Ký thay thì viết hai dòng: KT. Chủ tịch, xuống dòng, Phó Chủ tịch."),
    )

    @staticmethod
    def initial_of(terms: Terms) -> dict[str, Any]:
        return {"issuer": terms.issuer, "on": terms.on, "place": terms.place, "signer_title": terms.signer_title}


class IssueForm(TermsForm):
    """Terms for a whole batch, and how its numbers are written and ordered."""

    pattern = forms.CharField(
        label=gettext_lazy("Mẫu số"),
        max_length=60,
        help_text=gettext_lazy("{number} là số thứ tự trong năm, {number:03d} viết đủ ba chữ số, {year} là năm."),
    )
    order = forms.ChoiceField(label=gettext_lazy("Đánh số theo thứ tự"), choices=ORDERS)


class ReissueForm(TermsForm):
    """Why a certificate is issued again, and the words that change."""

    kind = forms.ChoiceField(label=gettext_lazy("Cấp lại vì"), choices=ReissueKind)
    reason = forms.CharField(
        label=gettext_lazy("Lý do, văn bản đề nghị"),
        max_length=200,
        help_text=gettext_lazy("Công khai trong diễn biến của công nhận."),
    )
    holder = forms.CharField(label=gettext_lazy("Tên cơ sở ghi trên giấy"), max_length=250)
    holder_address = forms.CharField(label=gettext_lazy("Địa chỉ ghi trên giấy"), max_length=300, required=False)
    product = forms.CharField(label=gettext_lazy("Tên sản phẩm ghi trên giấy"), max_length=300)
    field_order = ("kind", "reason", "holder", "holder_address", "product", "issuer", "on", "place", "signer_title")


class BookForm(forms.ModelForm):
    """A new book carries on one that was begun on paper; of a known one only the pattern may change."""

    paper_number = forms.IntegerField(
        label=gettext_lazy("Sổ giấy đã cấp đến số"),
        help_text=gettext_lazy("Cổng cấp tiếp từ số sau số này. Chỉ ghi được một lần."),
    )
    reason = forms.CharField(label=gettext_lazy("Lý do, căn cứ"), max_length=300)
    user: Any = None

    class Meta:
        model = CertificateBook
        fields = ("issuer", "year", "territory", "pattern")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["paper_number"], self.fields["reason"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        territory = cleaned.get("territory")
        if not self.instance.pk and not rules.may_edit(self.user, territory.pk if territory else None):
            self.add_error("territory", _("Bạn không phải cán bộ của tỉnh này. Hãy chọn tỉnh của bạn."))
        return cleaned

    def _post_clean(self) -> None:
        known = self.instance.pk
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            rehearse(self, self.set_pattern if known else self.start)

    def start(self) -> CertificateBook:
        given = self.cleaned_data
        return services.start_book(
            issuer=given["issuer"],
            year=given["year"],
            territory=given["territory"],
            pattern=given["pattern"],
            last_number=given["paper_number"],
            reason=given["reason"],
            actor=self.user,
        )

    def set_pattern(self) -> CertificateBook:
        book = CertificateBook.objects.get(pk=self.instance.pk)
        return services.set_pattern(book=book, pattern=self.cleaned_data["pattern"], actor=self.user)
