"""What the desk's forms of extension share: a day as people type it, a refusal at its input, a status for it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal

FORBIDDEN, WRONG, AGAINST = 403, 400, 409


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date as browsers send it and as people type it here (21/11/2026)."""

    default_error_messages = {"invalid": _("Ngày chưa đúng. Hãy nhập như 21/11/2026.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput())
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)


def apply_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal at its field when the form has it, else above the form, with every further sentence."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.sentence))
    for sentence in refusal.details:
        if str(sentence) not in str(refusal.sentence):
            form.add_error(None, str(sentence))


def status_of(refusal: Refusal) -> int:
    """403 for a person who may not, 400 for a wrong input, 409 where the state of things is against it."""
    if refusal.code == "not_allowed":
        return FORBIDDEN
    return WRONG if refusal.field else AGAINST
