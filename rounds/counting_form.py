"""The settings of a round that decide a tally, as form fields: each has a usual value, none is guessed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import TieBreak
from .models import Round

STEPS = [(value, label) for value, label in TieBreak.choices if value != TieBreak.DRAW]
# In the order in which the form shows them.
PASSES = ("has_site_pass", "site_weight", "site_scoring_from", "site_scoring_until")
COUNTING = ("drop_extremes", "drop_extremes_from", "tie_break", "disagreement_points")
COUNCIL = ("council_quorum", "publish_means", "publish_recusals", "provisional_until")
FIELDS = (*PASSES, *COUNTING, *COUNCIL)
# Left empty, these keep what the round has.
KEPT_WHEN_EMPTY = ("site_weight", "drop_extremes", "drop_extremes_from", "disagreement_points")


class ChainWidget(forms.MultiWidget):
    """One choice per place; the last place is always the draw and is not offered."""

    template_name = "admin/rounds/widgets/chain.html"

    def __init__(self) -> None:
        choices = [("", _("Không dùng thêm")), *STEPS]
        places: dict[str, forms.Widget | type[forms.Widget]] = {
            f"{place}": forms.Select(choices=choices, attrs={"aria-label": _("Bước %(place)s") % {"place": place}})
            for place in range(1, len(STEPS) + 1)
        }
        super().__init__(places)

    def decompress(self, value: Any) -> list[str]:
        chosen = [step for step in value or [] if step != TieBreak.DRAW]
        return chosen + [""] * (len(STEPS) - len(chosen))


class ChainField(forms.MultiValueField):
    """The tie-break chain in its order; empty places close up, the draw ends it."""

    widget = ChainWidget
    default_error_messages = {"twice": _("Mỗi cách chỉ dùng một lần. Hãy bỏ bước lặp lại.")}

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.ChoiceField(choices=[("", ""), *STEPS], required=False) for _step in STEPS]
        super().__init__(fields, require_all_fields=False, required=False, **kwargs)

    def compress(self, data_list: list[str]) -> list[str]:
        chosen = [step for step in data_list if step]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(self.error_messages["twice"], code="twice")
        return [*chosen, TieBreak.DRAW.value]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and self.clean(data) != list(initial or [])


def chain_field() -> ChainField:
    return ChainField(
        label=_("Cách xếp khi bằng điểm"),
        help_text=_("Lần lượt từ bước 1. Sau cùng luôn là bốc thăm bằng mã được công bố khi bắt đầu chấm."),
    )


def keep_when_empty(form: forms.ModelForm, cleaned: dict[str, Any]) -> None:
    """A number left empty, or not sent at all, stays as the round has it."""
    for name in KEPT_WHEN_EMPTY:
        if name in cleaned and cleaned[name] is None:
            cleaned[name] = getattr(form.instance, name)
    field = form.fields.get("tie_break")
    if field is not None and field.widget.value_omitted_from_data(form.data, form.files, form.add_prefix("tie_break")):
        cleaned["tie_break"] = form.instance.tie_break


def problems(round_: Round) -> dict[str, Any]:
    """What cannot be counted by, at the field it is about."""
    found: dict[str, Any] = {}
    if round_.drop_extremes and round_.drop_extremes_from <= 2 * round_.drop_extremes:
        found["drop_extremes_from"] = _("Bỏ %(drop)s phiếu ở mỗi đầu thì phải có từ %(least)s phiếu trở lên.") % {
            "drop": round_.drop_extremes,
            "least": 2 * round_.drop_extremes + 1,
        }
    opens, closes = round_.site_scoring_from, round_.site_scoring_until
    if opens and closes and closes <= opens:
        found["site_scoring_until"] = _("Hạn nộp phiếu tại chỗ phải sau lúc bắt đầu chấm tại chỗ.")
    return found
