"""Forms of complaints: of the desk, and of the facility that sends one."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.text.inputs import DateField, offer

from .enums import ComplaintAbout, ComplaintChannel, ComplaintOutcome
from .models import Dossier

CONTENT_LENGTH = 8000


class DossierChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.entry_code}, {obj.product.name}"


class ComplaintForm(forms.Form):
    """What a facility writes about the result of its own dossier."""

    about = forms.ChoiceField(label=_("Về việc"), choices=ComplaintAbout, widget=forms.RadioSelect)
    content = forms.CharField(
        label=_("Nội dung kiến nghị"),
        max_length=CONTENT_LENGTH,
        help_text=_("Ghi việc gì, vì sao, đề nghị thế nào."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Hãy ghi nội dung kiến nghị.")},
    )
    contact = forms.CharField(
        label=_("Nơi nhận trả lời"),
        max_length=250,
        required=False,
        help_text=_("Địa chỉ, số điện thoại hoặc thư điện tử. Trả lời luôn hiện trên cổng."),
    )
    attachment = forms.FileField(
        label=_("Tệp kèm theo"), required=False, help_text=_("PDF, ảnh hoặc tệp Word, Excel, không quá 20 MB.")
    )


class DeskComplaintForm(ComplaintForm):
    """The same from a letter or an e-mail, written down by the desk."""

    complainant = forms.CharField(
        label=_("Người gửi"),
        max_length=200,
        help_text=_("Tên cơ sở hoặc người gửi, như trong đơn."),
        error_messages={"required": _("Hãy ghi người gửi kiến nghị.")},
    )
    channel = forms.ChoiceField(
        label=_("Cách gửi"),
        choices=[(value, label) for value, label in ComplaintChannel.choices if value != ComplaintChannel.PORTAL],
    )
    received_on = DateField(label=_("Ngày nhận"), error_messages={"required": _("Hãy ghi ngày nhận.")})
    dossier = DossierChoice(
        Dossier.objects.none(),
        label=_("Hồ sơ bị kiến nghị"),
        required=False,
        empty_label=_("Không về hồ sơ nào"),
        error_messages={"invalid_choice": _("Không có hồ sơ này trong kỳ. Hãy chọn lại.")},
    )
    field_order = ("complainant", "contact", "channel", "received_on", "dossier", "about", "content", "attachment")

    def __init__(self, *args: Any, dossiers: "QuerySet[Dossier]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "dossier", dossiers)


class AssignForm(forms.Form):
    answerer = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Giao cho"),
        empty_label=None,
        help_text=_("Chỉ người của hội đồng không chấm hồ sơ này và không có xung đột lợi ích."),
        error_messages={
            "required": _("Hãy chọn người trả lời."),
            "invalid_choice": _("Người này không trả lời kiến nghị này được. Hãy chọn người khác."),
        },
    )

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "answerer", User.objects.filter(pk__in=[person.pk for person in people]).order_by("full_name"))


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Kết quả xem xét"),
        choices=ComplaintOutcome,
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn kết quả xem xét.")},
    )
    words = forms.CharField(
        label=_("Trả lời người gửi"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Hãy ghi nội dung trả lời người gửi.")},
    )
    correction = forms.CharField(
        label=_("Điều đã sửa hoặc sẽ sửa"),
        max_length=2000,
        required=False,
        help_text=_(
            "Cần khi chấp nhận kiến nghị. Hiện trong hồ sơ và trên trang công khai của kỳ, không nêu tên người gửi."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    scan = forms.FileField(label=_("Văn bản trả lời đã ký"), required=False, help_text=_("PDF hoặc ảnh."))

    def __init__(self, *args: Any, is_late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_late:
            shown = [(value, label) for value, label in ComplaintOutcome.choices if value != ComplaintOutcome.LATE]
            self.fields["outcome"].choices = shown  # type: ignore[attr-defined]
