"""How a person wants to hear of each kind, as a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from . import kinds, schedule, wording
from .enums import Channel
from .models import Errand, ReminderRule
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


class ErrandForm(forms.ModelForm):
    """How a reminder was passed on."""

    class Meta:
        model = Errand
        fields = ["how", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "how" in self.fields:
            self.fields["how"].required = True
            self.fields["how"].error_messages["required"] = _("Hãy chọn đã báo bằng cách nào.")

    def _post_clean(self) -> None:
        """The service decides; the row must not change before it does."""


class ReminderRuleForm(forms.ModelForm):
    """A line of the schedule; its texts may use the named placeholders of its kind and no others."""

    keeps_all = False
    TEXTS = ("title", "body", "chat_text")

    class Meta:
        model = ReminderRule
        fields = [
            "kind",
            "recipients",
            "territory",
            "level",
            "days",
            "working_days",
            "valid_from",
            "valid_to",
            "is_active",
            "title",
            "body",
            "chat_text",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" not in self.fields:
            return
        reminders = schedule.all_reminders()
        codes = [(one.kind, kinds.get(one.kind).label) for one in reminders]
        self.fields["kind"] = forms.ChoiceField(label=_("Loại nhắc"), choices=[("", "---------"), *codes])
        levels = dict(pair for one in reminders for pair in one.levels)
        self.fields["level"] = forms.ChoiceField(
            label=_("Cấp"), required=False, choices=[("", _("Mọi cấp")), *levels.items()]
        )
        self.fields["territory"].required = not self.keeps_all
        self.fields["territory"].help_text = (
            _("Bỏ trống: dòng chung cho mọi tỉnh. Dòng riêng của tỉnh, kể cả dòng đã ngừng, thay cho dòng chung.")
            if self.keeps_all
            else _("Dòng riêng của tỉnh, kể cả dòng đã ngừng, thay cho dòng chung có cùng nơi gửi.")
        )
        self.fields["valid_from"].help_text = _("Lần nhắc đến hạn trước ngày này không gửi nữa.")
        named = "; ".join(f"{kinds.get(one.kind).label}: {wording.named(one.fields)}" for one in reminders)
        self.fields["body"].help_text = _("Bỏ trống thì dùng lời có sẵn. Các ô điền: %(named)s.") % {"named": named}
        self.fields["chat_text"].help_text = _("Để cán bộ gửi Zalo cho cơ sở không có thư điện tử.")

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        reminder = schedule.get(facts.get("kind", ""))
        if reminder is None:
            return facts
        for name in self.TEXTS:
            if sentence := wording.fault(facts.get(name, ""), reminder.fields):
                self.add_error(name, sentence)
        if facts.get("level") and facts["level"] not in dict(reminder.levels):
            self.add_error("level", _("Loại nhắc này không chia theo cấp. Hãy chọn “Mọi cấp”."))
        if facts.get("valid_to") and facts.get("valid_from") and facts["valid_to"] < facts["valid_from"]:
            self.add_error("valid_to", _("Ngày kết thúc không được trước ngày bắt đầu."))
        return facts

    def text_errors(self) -> list[str]:
        """What is wrong with the texts alone, for the preview."""
        return [str(error) for name in self.TEXTS for error in self.errors.get(name, ())]
