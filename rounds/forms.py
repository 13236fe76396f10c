"""Forms of the desk: they read what people type and decide nothing; services decide."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.text.inputs import DateField, offer
from products.enums import ProductGroup

from .enums import VerdictChoice
from .models import CriteriaSet


class StepForm(forms.Form):
    """What goes with a transition: always a reason when one is needed."""

    reason = forms.CharField(label=_("Lý do"), widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=500)

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class SubmissionForm(StepForm):
    submission_number = forms.CharField(
        label=_("Số tờ trình"),
        max_length=60,
        error_messages={"required": _("Hãy ghi số tờ trình.")},
        help_text=_("Ví dụ: 125/TTr-SCT."),
    )
    submitted_on = DateField(label=_("Ngày trình"), error_messages={"required": _("Hãy ghi ngày của tờ trình.")})


class ClosingForm(StepForm):
    """Closing the scoring may bring the signed summary record."""

    minutes = forms.FileField(label=_("Biên bản tổng hợp đã ký"), required=False)


class DecisionForm(forms.Form):
    """The decision as signed outside the portal."""

    number = forms.CharField(
        label=_("Số"),
        max_length=20,
        error_messages={"required": _("Hãy ghi số quyết định.")},
        help_text=_("Ví dụ: 2568."),
    )
    symbol = forms.CharField(
        label=_("Ký hiệu"),
        max_length=40,
        error_messages={"required": _("Hãy ghi ký hiệu quyết định.")},
        help_text=_("Ví dụ: QĐ-UBND, QĐ-BCT."),
    )
    signed_on = DateField(label=_("Ngày ký"), error_messages={"required": _("Hãy ghi ngày ký quyết định.")})
    issuer = forms.CharField(
        label=_("Cơ quan ban hành"), max_length=200, error_messages={"required": _("Hãy ghi cơ quan ban hành.")}
    )
    signer = forms.CharField(label=_("Chức danh người ký"), max_length=200, required=False)
    scan = forms.FileField(
        label=_("Bản chụp quyết định"), required=False, help_text=_("PDF hoặc ảnh. Có thể bổ sung sau.")
    )


class VerdictForm(forms.Form):
    choice = forms.ChoiceField(
        label=_("Ý kiến hội đồng"),
        choices=[("", _("Chọn ý kiến")), *VerdictChoice.choices],
        error_messages={"required": _("Hãy chọn ý kiến của hội đồng.")},
    )
    votes_for = forms.IntegerField(label=_("Phiếu đồng ý"), min_value=0, max_value=99, required=False)
    votes_against = forms.IntegerField(label=_("Phiếu không đồng ý"), min_value=0, max_value=99, required=False)
    votes_abstain = forms.IntegerField(label=_("Phiếu trắng"), min_value=0, max_value=99, required=False)
    prize = forms.CharField(label=_("Giải, xếp loại"), max_length=60, required=False)
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Cần khi không đề nghị, hoặc khi đề nghị khác thứ tự điểm."),
    )


class SourceField(forms.ModelChoiceField):
    """Copies keep the name of what they were copied from: the round tells them apart."""

    def label_from_instance(self, obj: Any) -> str:
        place = obj.round.title if obj.round else _("bộ mẫu chung")
        words = [obj.name, str(place), str(obj.get_group_display()) if obj.group else ""]
        return ", ".join(word for word in words if word)


class CopyCriteriaForm(forms.Form):
    source = SourceField(
        CriteriaSet.objects.none(),
        label=_("Chép từ"),
        empty_label=None,
        error_messages={
            "required": _("Hãy chọn bộ tiêu chí để chép."),
            "invalid_choice": _("Không có bộ tiêu chí này. Hãy chọn lại."),
        },
    )
    group = forms.ChoiceField(
        label=_("Dùng cho nhóm"), choices=[("", _("Mọi nhóm")), *ProductGroup.choices], required=False
    )

    def __init__(self, *args: Any, sources: "QuerySet[CriteriaSet]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "source", sources)
