"""What is typed on the page of an estimate: its lines, its day, the decision."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.files.services import store
from portal.text.errors import Refusal

from ..enums import AlarmState
from ..forms import MoneyField
from ..models import EstimateLine
from ..norms.allowance import exact
from ..services.estimates import Line, Paper

EMPTY_LINES = 1
EARLIEST = 2000
MOST_LINES = 200


class RowField(forms.TypedChoiceField):
    """One of a few rows that every line of the table shares, read once for all of them."""

    def __init__(self, *, empty: Any, **kwargs: Any) -> None:
        super().__init__(coerce=self._row, empty_value=None, **kwargs)
        self.empty = empty
        self.rows: dict[str, Any] = {}

    def offer(self, rows: Iterable[Any]) -> None:
        self.rows = {str(row.pk): row for row in rows}
        self.choices = [("", self.empty), *((key, str(row)) for key, row in self.rows.items())]

    def _row(self, key: str) -> Any:
        return self.rows[key]

    def __deepcopy__(self, memo: dict[int, Any]) -> "RowField":
        copied: RowField = super().__deepcopy__(memo)
        copied.coerce = copied._row
        return copied


class LineForm(forms.Form):
    """One expense. What the maker pays follows from the other sums when it is left empty."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    item = RowField(label=_("Nội dung chi"), empty=_("Chọn nội dung chi"))
    facility = RowField(label=_("Cơ sở thụ hưởng"), required=False, empty=_("Cả đề án"))
    description = forms.CharField(label=_("Diễn giải"), max_length=300)
    units = forms.IntegerField(label=_("Số lượng"), min_value=1, max_value=100_000, initial=1)
    cost = MoneyField(label=_("Thành tiền"), required=True, help_text="")
    asked = MoneyField(label=_("Đề nghị khuyến công"), required=True, help_text="")
    other = MoneyField(label=_("Nguồn khác"), help_text="")
    counterpart = MoneyField(label=_("Vốn đối ứng"), help_text="")
    machine = forms.CharField(label=_("Máy: hiệu, số máy"), max_length=160, required=False)
    is_new_machine = forms.BooleanField(label=_("Máy mới, chưa qua sử dụng"), required=False, initial=True)
    product = RowField(label=_("Cho sản phẩm"), required=False, empty=_("Không riêng sản phẩm nào"))
    priority = RowField(label=_("Ưu tiên"), required=False, empty=_("Không"))
    priority_proof = forms.CharField(label=_("Số giấy tờ chứng minh ưu tiên"), max_length=300, required=False)
    priority_upload = forms.FileField(label=_("Tệp chứng minh"), required=False)

    def __init__(self, *args: Any, choices: dict[str, Any], line: EstimateLine | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        self.checked: Any = None
        for name, rows in choices.items():
            self.fields[name].offer(rows)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cost, asked, other = cleaned.get("cost"), cleaned.get("asked"), cleaned.get("other") or 0
        if cost is None or asked is None:
            return cleaned
        rest = cost - asked - other
        if cleaned.get("counterpart") is None and "counterpart" not in self.errors:
            cleaned["counterpart"] = rest
        if cleaned.get("counterpart") is not None and cleaned["counterpart"] != rest:
            self.add_error("counterpart", _adds_up(rest))
        elif rest < 0:
            self.add_error("asked", _("Khuyến công và nguồn khác cộng lại vượt thành tiền."))
        return cleaned

    def typed(self) -> Line:
        """The line for the service; a proof that is uploaded takes the place of the one kept."""
        data = self.cleaned_data
        upload = data.get("priority_upload")
        file = store(upload, field="priority_upload") if upload else (self.line.priority_file if self.line else None)
        names = ("item", "description", "cost", "asked", "counterpart", "uuid", "facility", "product", "machine")
        facts = {name: data[name] for name in names}
        return Line(
            **facts,
            other=data["other"] or 0,
            is_new_machine=data["is_new_machine"],
            units=data["units"],
            priority=data["priority"],
            priority_proof=data["priority_proof"],
            priority_file=file,
        )


def _adds_up(rest: int) -> Any:
    if rest < 0:
        return _("Khuyến công và nguồn khác cộng lại vượt thành tiền.")
    return _("Ba nguồn cộng lại phải bằng thành tiền: vốn đối ứng phải là %(rest)s.") % {"rest": exact(rest)}


class LinesFormSet(forms.BaseFormSet):
    """The table. A line may be taken out by its own box; untouched new lines are left out."""

    # Whether the lines are only proposed, from the needs that the project was made from.
    is_from_needs = False

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Bỏ dòng này")

    def kept(self) -> list[Any]:
        return [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]


Lines = forms.formset_factory(
    LineForm,
    formset=LinesFormSet,
    extra=EMPTY_LINES,
    can_delete=True,
    max_num=MOST_LINES,
    validate_max=True,
    absolute_max=MOST_LINES + 10,
)


def initial_of(line: EstimateLine) -> dict[str, Any]:
    names = ("units", "cost", "asked", "other", "counterpart", "description", "machine", "is_new_machine")
    facts = {name: getattr(line, name) for name in (*names, "uuid", "priority_proof")}
    keys = {name: getattr(line, f"{name}_id") for name in ("item", "facility", "product", "priority")}
    return facts | keys


class DayForm(forms.Form):
    """The day whose norms apply."""

    on = forms.DateField(
        label=_("Áp dụng mức chi đang có hiệu lực ngày"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ReturnForm(forms.Form):
    answer = forms.CharField(label=_("Lý do trả lại"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DecisionForm(forms.Form):
    """The decision signed outside the portal, and the sum approved for each line."""

    number = forms.CharField(label=_("Số quyết định phê duyệt"), max_length=60)
    signed_on = forms.DateField(
        label=_("Ngày quyết định"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    issuer = forms.CharField(label=_("Cơ quan phê duyệt"), max_length=200, required=False)
    upload = forms.FileField(label=_("Bản quyết định (PDF, ảnh)"), required=False)

    def __init__(self, *args: Any, lines: list[EstimateLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for number, line in enumerate(lines, start=1):
            self.fields[f"sum-{line.uuid}"] = MoneyField(
                label=_("Duyệt cho dòng %(number)s, %(what)s (đồng)") % {"number": number, "what": line.description},
                required=True,
                initial=min(line.asked, line.allowed or 0),
                help_text="",
            )

    def sums(self) -> dict[UUID, int]:
        return {line.uuid: self.cleaned_data[f"sum-{line.uuid}"] for line in self.lines}

    def paper(self) -> Paper:
        data = self.cleaned_data
        file = store(data["upload"], allow={"pdf", "image"}, field="upload") if data["upload"] else None
        return Paper(data["number"], data["signed_on"], data["issuer"], file)

    def clean_signed_on(self) -> dt.date:
        signed: dt.date = self.cleaned_data["signed_on"]
        if signed.year < EARLIEST:
            raise ValidationError(_("Hãy ghi lại ngày quyết định."))
        return signed


class AlarmForm(forms.Form):
    """Whether two expenses are one, and why."""

    state = forms.ChoiceField(
        label=_("Hai khoản này có trùng nhau không"),
        choices=[
            (AlarmState.DISMISSED, AlarmState.DISMISSED.label),
            (AlarmState.CONFIRMED, AlarmState.CONFIRMED.label),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn một câu trả lời.")},
    )
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Hãy ghi lý do.")},
    )


def refuse(form: forms.Form, refusal: Refusal) -> None:
    """Say at the form what a service refused, at its field where it has one."""
    field = refusal.field if refusal.field in form.fields else None
    for sentence in refusal.details or (refusal.sentence,):
        form.add_error(field, str(sentence))
