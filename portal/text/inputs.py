"""What every form shares: days as people type them, a refusal at its input, a status for it, a reason."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from .errors import Refusal

OK, WRONG, FORBIDDEN, AGAINST = 200, 400, 403, 409
# Longer than any key or version tag, shorter than what Python refuses to read.
LONGEST_NUMBER = 18


def apply_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal at its field when the form has it, else above the form, with every further sentence."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.sentence))
    for sentence in refusal.details:
        if str(sentence) not in str(refusal.sentence):
            form.add_error(None, str(sentence))


def status_of(refusal: Refusal) -> int:
    """403 for a person who may not, 400 for a wrong input, 409 where the state of things is against it."""
    if refusal.code in {"not_allowed", "conflict"}:
        return FORBIDDEN
    return WRONG if refusal.field else AGAINST


def attempt(form: Any, act: Callable[[Any], Any]) -> tuple[Any, int]:
    """What an act gave, as a rule its words; else "" and the status, with what is wrong at its input in the form."""
    if not form.is_valid():
        return "", WRONG
    try:
        return act(form), OK
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return "", status_of(refusal)


def key_of(text: str) -> int | None:
    """A key or a version tag as an address or a form carries it; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def text_of(value: Any) -> str:
    """A value of a script's JSON that has to be text. Raises TypeError, or UnicodeError for what is no text."""
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair is no text: no database takes it
    return value


def picked(rows: "QuerySet[Any]", text: str) -> Any | None:
    """The row whose key was sent; None for what is no key, and for a row out of reach."""
    key = key_of(text)
    return None if key is None else rows.filter(pk=key).first()


def offer(form: forms.BaseForm, name: str, rows: "QuerySet[Any]") -> None:
    """Let a choice among rows offer these only."""
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of date and time."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class DateField(forms.DateField):
    """A date as browsers send it and as people type it here (21/11/2026)."""

    default_error_messages = {"invalid": _("Ngày chưa đúng. Hãy nhập như 21/11/2026.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput())
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)


class MomentField(forms.DateTimeField):
    """A date and time, in Vietnam's time."""

    default_error_messages = {"invalid": _("Ngày giờ chưa đúng. Hãy nhập như 21/11/2026 17:00.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MomentInput())
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"])
        super().__init__(**kwargs)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Việc này cần lý do. Hãy ghi lý do.")},
    )
