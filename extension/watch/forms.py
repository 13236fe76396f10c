"""Forms of inspections, findings and progress. They translate what is typed and decide nothing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.inputs import DateField

from ..forms import MoneyField
from ..models import Finding, Inspection, ProgressReport
from ..services.findings import Found
from ..services.progress import Told
from . import monthly

DAY_MISSING = _("Hãy chọn ngày.")


def _words(label: Any, *, rows: int = 3, required: Any = "", most: int = 2000, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(required),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required or ""},
    )


class PeopleField(forms.TypedMultipleChoiceField):
    """Who is sent, one box per person with the office beside the name; cleans to the people themselves."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, people: Sequence[Any]) -> None:
        known = {str(user.pk): user for user in people}
        self.choices = [(key, _named(user)) for key, user in known.items()]
        self.coerce = known.__getitem__


def _named(user: Any) -> str:
    name = user.full_name or user.username
    return f"{name}, {user.title}" if user.title else str(name)


class SentForm(forms.Form):
    """A day and the people."""

    planned_on = DateField(label=_("Ngày kiểm tra"), error_messages={"required": DAY_MISSING})
    inspectors = PeopleField(
        label=_("Người kiểm tra"),
        error_messages={"required": _("Hãy chọn ít nhất một người kiểm tra.")},
    )

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inspectors"].offer(people)  # type: ignore[attr-defined]


class PlanForm(SentForm):
    """A new inspection."""

    why = forms.CharField(
        label=_("Vì sao kiểm tra"),
        max_length=300,
        required=False,
        help_text=_("Bỏ trống thì ghi theo điểm rủi ro của đề án."),
    )


class MoveForm(SentForm):
    """Another day or other people."""

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any) -> None:
        known = {"planned_on": inspection.planned_on, "inspectors": [row.pk for row in inspection.inspectors.all()]}
        super().__init__(*args, **{"initial": known, **kwargs})


class FindingForm(forms.Form):
    """Something to be put right, and by when."""

    text = _words(_("Tồn tại cần khắc phục"), required=_("Hãy ghi tồn tại cần khắc phục."))
    due_on = DateField(label=_("Khắc phục trước ngày"), error_messages={"required": DAY_MISSING})
    is_serious = forms.BooleanField(
        label=_("Nghiêm trọng: chưa chi tiền và chưa nghiệm thu khi chưa khắc phục xong"), required=False
    )

    def found(self) -> Found:
        given = self.cleaned_data
        return Found(text=given["text"], due_on=given["due_on"], is_serious=given["is_serious"])


class AnswerForm(forms.Form):
    answer = _words(_("Đã khắc phục thế nào"), required=_("Hãy ghi đã khắc phục thế nào."))
    upload = forms.FileField(
        label=_("Ảnh hoặc giấy tờ"), required=False, help_text=_("Ảnh JPEG, PNG, WebP hoặc PDF, nặng không quá 20 MB.")
    )

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"answer": finding.answer}, **kwargs})
        self.fields["upload"].widget.attrs["accept"] = ".pdf,image/*"


class CloseForm(forms.Form):
    note = _words(_("Nhận xét khi đóng"), rows=2, most=300)


class ReturnForm(forms.Form):
    reason = _words(_("Còn phải làm gì"), rows=2, required=_("Hãy ghi còn phải làm gì."), most=300)
    due_on = DateField(label=_("Khắc phục trước ngày"), error_messages={"required": DAY_MISSING})


class ProgressForm(forms.Form):
    """The report of one month, all counted from the beginning of the project."""

    percent = forms.IntegerField(
        label=_("Khối lượng hoàn thành đến nay (%)"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Hãy ghi khối lượng hoàn thành, từ 0 đến 100."),
            "invalid": _("Khối lượng là số nguyên từ 0 đến 100."),
            "min_value": _("Khối lượng là số nguyên từ 0 đến 100."),
            "max_value": _("Khối lượng là số nguyên từ 0 đến 100."),
        },
    )
    done = _words(_("Đã làm trong tháng"), rows=4, required=_("Hãy ghi tháng này đã làm gì."), most=5000)
    spent_extension = MoneyField(label=_("Kinh phí khuyến công đã chi đến nay (đồng)"))
    spent_counterpart = MoneyField(label=_("Vốn đối ứng đã chi đến nay (đồng)"), help_text="")
    difficulties = _words(_("Khó khăn, kiến nghị"), most=5000)
    upload = forms.FileField(
        label=_("Ảnh, giấy tờ kèm theo"),
        required=False,
        help_text=_("Ảnh, PDF, Word hoặc Excel, nặng không quá 20 MB."),
    )

    def told(self) -> Told:
        given = self.cleaned_data
        return Told(
            percent=given["percent"],
            done=given["done"],
            difficulties=given["difficulties"],
            spent_extension=given["spent_extension"] or 0,
            spent_counterpart=given["spent_counterpart"] or 0,
        )


def progress_start(known: ProgressReport | None, before: ProgressReport | None) -> dict[str, Any]:
    """What a form begins with: the report itself, else the sums of the one before, which only grow."""
    if known:
        names = ("percent", "done", "spent_extension", "spent_counterpart", "difficulties")
        return {name: getattr(known, name) for name in names}
    if before:
        return {"spent_extension": before.spent_extension, "spent_counterpart": before.spent_counterpart}
    return {}


def month_from(text: str) -> dt.date | None:
    """ "2026-11" as the first day of that month; None for what is no month."""
    try:
        return monthly.month_of(dt.datetime.strptime(text, "%Y-%m").date())  # noqa: DTZ007  a month has no zone
    except ValueError:
        return None
