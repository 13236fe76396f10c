"""How a person wants to hear of each kind, as a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import Channel
from .queries import Choice


class ChoicesForm(forms.Form):
    """One set of radio buttons per kind that may be chosen. Locked kinds are shown beside the form, not in it."""

    def __init__(self, *args: Any, choices: tuple[Choice, ...], has_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in choices:
            if choice.locked:
                continue
            self.fields[choice.kind.code] = forms.ChoiceField(
                label=choice.kind.label,
                choices=Channel.choices,
                initial=choice.channel,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Hãy chọn một cách nhận."),
                    "invalid_choice": _("Không có cách nhận này."),
                },
            )
        self.has_email = has_email
