"""Forms of imports: they read what people choose and decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .registry import Importer

ACCEPTED = ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"


class UploadForm(forms.Form):
    """A file of one kind, where it goes, and what to do besides."""

    scope = forms.ChoiceField(error_messages={"required": _("Hãy chọn nơi nhập.")})
    file = forms.FileField(
        label=_("Tệp danh sách"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_(
            "Tệp .xlsx hoặc .csv, nhẹ hơn 20 MB. Bảng đang dùng tại Sở đọc được ngay, không cần chép sang mẫu."
        ),
        error_messages={"required": _("Hãy chọn tệp.")},
    )

    def __init__(self, importer: Importer, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        scope.label = str(importer.scope_label)
        scope.choices = choices if len(choices) == 1 else [("", _("Chọn")), *choices]  # type: ignore[attr-defined]
        for option in importer.options:
            self.fields[f"option_{option.code}"] = forms.BooleanField(
                label=str(option.label), help_text=str(option.help), required=False, initial=option.initial
            )

    def options(self) -> list[str]:
        return [
            name.removeprefix("option_") for name, on in self.cleaned_data.items() if name.startswith("option_") and on
        ]


class SheetForm(forms.Form):
    sheet = forms.ChoiceField(
        label=_("Trang tính cần nhập"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn trang tính.")},
    )

    def __init__(self, sheets: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [(sheet, sheet) for sheet in sheets]  # type: ignore[attr-defined]
