"""Forms of the page of a project's steps: a step done, a move to another phase."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.inputs import DateField

from ..enums import ProjectState
from ..models import Project
from ..states import PROJECT_TRANSITIONS


class StepForm(forms.Form):
    """One step done: when, by which paper."""

    done_on = DateField(label=_("Làm xong ngày"), error_messages={"required": _("Hãy ghi ngày làm xong.")})
    number = forms.CharField(label=_("Số văn bản"), max_length=60, required=False)
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)
    upload = forms.FileField(
        label=_("Bản văn bản"), required=False, help_text=_("PDF, ảnh, Word hoặc Excel, nặng không quá 20 MB.")
    )

    def __init__(self, *args: Any, step_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": f"b{step_id}"})


def moves_of(project: Project) -> list[ProjectState]:
    """Where a person may move the project on its page; it is stopped by a decision, on the page of adjustments."""
    return [state for state in PROJECT_TRANSITIONS[ProjectState(project.state)] if state != ProjectState.STOPPED]


class StateForm(forms.Form):
    """Where the project goes next, on which day, and why."""

    to = forms.ChoiceField(
        label=_("Chuyển sang"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn giai đoạn chuyển sang.")},
    )
    on = DateField(label=_("Từ ngày"), error_messages={"required": _("Hãy ghi ngày chuyển.")})
    reason = forms.CharField(
        label=_("Lý do"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Bắt buộc khi không duyệt đề án."),
    )

    def __init__(self, *args: Any, project: Project, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"on": today}, **kwargs})
        self.today = today
        self.fields["to"].choices = [(state.value, state.label) for state in moves_of(project)]  # type: ignore[attr-defined]

    def clean_on(self) -> dt.date:
        """Nothing is recorded before it happens."""
        on: dt.date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("Ngày chuyển không được sau hôm nay."))
        return on
