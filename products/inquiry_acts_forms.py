"""Forms of what staff and makers do with a reader's letter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.territory.models import Territory

LONGEST = 3000
_LONG = _("Dài quá 3000 ký tự. Hãy viết ngắn lại.")


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Trả lời"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Người gửi đọc nguyên văn. Tên của bạn không hiện ra."),
        error_messages={"required": _("Chưa có câu trả lời. Hãy viết câu trả lời rồi gửi."), "max_length": _LONG},
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Đã làm gì"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ví dụ: đã sửa tên theo quyết định. Người gửi đọc được câu này."),
        error_messages={"max_length": _LONG},
    )


class HandOverForm(forms.Form):
    territory = forms.ModelChoiceField(
        label=_("Chuyển đến"),
        queryset=Territory.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Cơ quan quản lý cổng"),
        error_messages={"invalid_choice": _("Không có tỉnh này. Hãy chọn lại.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["territory"]
        places.queryset = Territory.objects.filter(valid_to__isnull=True)
