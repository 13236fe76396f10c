"""The form in which a maker, or an officer for it, answers whether a product enters again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import RenewalChoice
from .services.renewals import BY_MAKER, LONGEST_REASON

PICK = {"required": _("Hãy chọn một câu trả lời."), "invalid_choice": _("Hãy chọn một câu trả lời.")}


class AnswerForm(forms.Form):
    """An answer and its reason; whether a reason is needed the service says."""

    choice = forms.ChoiceField(
        label=_("Sản phẩm có đăng ký kỳ bình chọn tới không"),
        choices=RenewalChoice,
        error_messages=PICK,
    )
    reason = forms.CharField(label=_("Lý do, ghi chú"), max_length=LONGEST_REASON, required=False)


class MakerAnswerForm(AnswerForm):
    """The same as the maker sees it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"] = forms.ChoiceField(
            label=self.fields["choice"].label,
            choices=[(choice.value, choice.label) for choice in BY_MAKER],
            widget=forms.RadioSelect,
            error_messages=PICK,
        )
