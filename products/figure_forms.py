"""The form of a published total: as the source wrote it, with what is needed to set it beside the register."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.queries import staff_reach
from portal.text import cells
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise
from portal.text.formats import number

from .enums import FigureMeasure, FigurePrecision
from .models import PublishedFigure

IDENTITY = ("place", "period", "what", "source")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_PERIOD = re.compile(r"(?:năm\s+)?(\d{4})(?:\s*[-–]\s*(\d{4}))?\b")
_UNTIL = re.compile(r"đến\s+(?:năm\s+)?(\d{4})$", re.IGNORECASE)


class NumberField(forms.DecimalField):
    """A number as people write it: "12,31" and "5.500"."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs say int
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            found = cells.number_of(value, str(self.label))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return found

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value


class FigureForm(forms.ModelForm):
    """One published total. It is never counted with the register; it stands beside it."""

    user: Any = None
    measure = forms.ChoiceField(
        label=gettext_lazy("Đếm cái gì"),
        choices=[("", gettext_lazy("Hãy chọn")), *FigureMeasure.choices],
        help_text=gettext_lazy("Số về bình chọn được đặt cạnh số của sổ; số khác chỉ được lưu và hiện."),
    )
    value = NumberField(
        label=gettext_lazy("Giá trị để so"),
        required=False,
        max_digits=18,
        decimal_places=3,
        help_text=gettext_lazy(
            "Để trống thì lấy số trong ô trên. Nguyên văn nhiều số, như “40 / 20 / 8”, thì không có."
        ),
    )

    class Meta:
        model = PublishedFigure
        fields = (
            "place",
            "territory",
            "period",
            "year_from",
            "year_to",
            "what",
            "measure",
            "level",
            "group",
            "value_text",
            "precision",
            "value",
            "unit",
            "source",
            "note",
        )
        help_texts = {
            "place": gettext_lazy("Ghi như nguồn đã viết, ví dụ “Đồng Tháp (cũ)”."),
            "territory": gettext_lazy("Tỉnh như khi có số liệu, kể cả tỉnh nay đã sáp nhập. Số của cả nước để trống."),
            "period": gettext_lazy("Ví dụ “2020”, “2012-2021”, “đến 2022”, “2023 (lần VII)”."),
            "year_from": gettext_lazy("Để trống thì đọc từ kỳ. Lũy kế từ đầu thì không có."),
            "what": gettext_lazy("Ghi đủ để không lẫn với số khác của cùng nguồn."),
            "level": gettext_lazy("Để trống khi nguồn gộp nhiều cấp."),
            "group": gettext_lazy("Để trống khi nguồn gộp mọi nhóm."),
            "value_text": gettext_lazy("Ghi nguyên văn, ví dụ “gần 800”. Ô này được hiện ra."),
            "source": gettext_lazy("Tên báo cáo, bản tin hoặc trang web."),
            "note": gettext_lazy("Nếu nguồn tự mâu thuẫn, bắt đầu bằng “Nguồn mâu thuẫn:” rồi ghi hai con số."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in (*IDENTITY, "value_text", "note", "unit"):
            if isinstance(cleaned.get(name), str):
                cleaned[name] = normalise(cleaned[name])
        self._own_province(cleaned)
        self._years(cleaned)
        self._value(cleaned)
        self._refuse_twin(cleaned)
        return cleaned

    def _own_province(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("territory") is None and not staff_reach(self.user).everything:
            self.add_error("territory", _("Hãy chọn tỉnh. Số của cả nước do Cục nhập."))

    def _years(self, cleaned: dict[str, Any]) -> None:
        """The years a period names, where they were left out."""
        if cleaned.get("year_from") is not None or cleaned.get("year_to") is not None:
            return
        period = cleaned.get("period", "")
        if until := _UNTIL.match(period):
            cleaned["year_to"] = int(until[1])
        elif years := _PERIOD.match(period):
            cleaned["year_from"] = int(years[1])
            cleaned["year_to"] = int(years[2] or years[1])

    def _value(self, cleaned: dict[str, Any]) -> None:
        """The number behind the words. What is compared must be what was written."""
        if "value" not in cleaned or not cleaned.get("value_text"):
            return
        written, value = _NUMBERS.findall(cleaned["value_text"]), cleaned["value"]
        if cleaned.get("precision") == FigurePrecision.TEXT:
            if value is not None:
                self.add_error(
                    "value", _("Nguyên văn không có giá trị để so. Hãy bỏ trống ô này, hoặc chọn độ chính xác khác.")
                )
            return
        if len(written) != 1:
            self.add_error("precision", _("Giá trị như đã công bố không phải một số. Hãy chọn “nguyên văn”."))
            return
        read = cells.number_of(written[0], _("Giá trị"))
        if value is None:
            cleaned["value"] = read
        elif value != read:
            self.add_error("value", _("Giá trị này khác số trong “%(text)s”.") % {"text": cleaned["value_text"]})

    def _refuse_twin(self, cleaned: dict[str, Any]) -> None:
        """The same total in another spelling is the same total."""
        if not all(cleaned.get(name) for name in IDENTITY):
            return
        key = [name_key(cleaned[name]) for name in IDENTITY]
        others = PublishedFigure.objects.filter(territory=cleaned.get("territory")).exclude(pk=self.instance.pk)
        if any([name_key(text) for text in row] == key for row in others.values_list(*IDENTITY)):
            raise forms.ValidationError(
                _("Đã có số liệu này: cùng nơi, kỳ, nội dung và nguồn. Hãy sửa dòng đã có, hoặc ghi rõ nội dung khác.")
            )
