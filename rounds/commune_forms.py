"""Forms of a commune's officer; they translate what was typed and decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from facilities.enums import FacilityKind
from products.models import Product

from .applicant_forms import ChoiceForm
from .models import CommuneReturn, Round


class NothingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A note to the report that there is nothing to file."""

    class Meta:
        model = CommuneReturn
        fields = ["note"]
        labels = {"note": _("Ghi chú")}
        help_texts = {"note": _("Ví dụ: đã hỏi 6 cơ sở trong xã, chưa cơ sở nào đăng ký.")}
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "maxlength": 300})}


class FilingForm(ChoiceForm):
    """Which product enters which open round, and the facility's authorisation, in a file or on paper."""

    round = forms.ChoiceField(label=_("Kỳ bình chọn"), widget=forms.RadioSelect)
    authorisation = forms.FileField(
        label=_("Giấy ủy quyền của cơ sở"),
        required=False,
        help_text=_("Ảnh chụp hoặc tệp PDF có chữ ký của cơ sở. Chưa có tệp thì đánh dấu có bản giấy."),
    )
    on_paper = forms.BooleanField(label=_("Đã có bản giấy, xã gửi bản giấy cho đơn vị nhận hồ sơ"), required=False)

    def __init__(self, *args: Any, rounds: list[Round], products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, products=products, **kwargs)
        self.rounds = {str(row.uuid): row for row in rounds}
        self.fields["round"].choices = [(key, row.title) for key, row in self.rounds.items()]  # type: ignore[attr-defined]
        if len(rounds) == 1:
            self.fields["round"].widget = forms.HiddenInput()
            self.initial["round"] = str(rounds[0].uuid)

    def chosen_round(self) -> Round:
        return self.rounds[self.cleaned_data["round"]]


class FacilityWantedForm(forms.Form):
    """What the Sở needs to know of a facility to enter it."""

    name = forms.CharField(
        label=_("Tên cơ sở"), max_length=200, help_text=_("Ghi như trong giấy đăng ký kinh doanh, nếu có.")
    )
    kind = forms.ChoiceField(label=_("Loại hình"), choices=FacilityKind.choices, initial=FacilityKind.HOUSEHOLD)
    address = forms.CharField(label=_("Địa chỉ"), max_length=300, required=False, help_text=_("Thôn, xóm, tổ dân phố."))
    phone = forms.CharField(label=_("Điện thoại của cơ sở"), max_length=30, required=False)
