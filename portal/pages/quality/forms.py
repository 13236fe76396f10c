"""What an officer says when two entries are one, or are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MINE, THEIRS = "first", "second"


@dataclass(frozen=True)
class Side:
    """One field of the two entries: what each says, and which is chosen."""

    name: str
    label: str
    first: str
    second: str
    chosen: str

    @property
    def differs(self) -> bool:
        return self.first != self.second


class MergeForm(forms.Form):
    """Which entry stays, and whose value stays of each field in which they differ."""

    keep = forms.ChoiceField(choices=[(MINE, MINE), (THEIRS, THEIRS)])
    reason = forms.CharField(
        label=gettext_lazy("Lý do gộp"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Việc này cần lý do. Hãy ghi lý do.")},
    )

    def __init__(
        self, data: Any, *, first: models.Model, second: models.Model, names: Sequence[str], keep: str
    ) -> None:
        super().__init__(data, prefix="merge")
        self.pair, self.names, self.first_kept = (first, second), names, keep
        for name in names:
            choices = [(MINE, MINE), (THEIRS, THEIRS)]
            self.fields[f"of_{name}"] = forms.ChoiceField(choices=choices, required=False)

    @property
    def kept(self) -> str:
        chosen = self.data.get(self.add_prefix("keep")) if self.is_bound else self.first_kept
        return chosen if chosen in {MINE, THEIRS} else MINE

    def sides(self) -> list[Side]:
        """Every field that either knows, in order."""
        rows = []
        for name in self.names:
            first, second = (said(row, name) for row in self.pair)
            if first or second:
                label = str(self.pair[0]._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                rows.append(Side(name, label, first, second, self._chosen(name, [first, second])))
        return rows

    def _chosen(self, name: str, words: list[str]) -> str:
        """As typed; at first what the entry that stays says, or the other where it says nothing."""
        typed = self.data.get(self.add_prefix(f"of_{name}")) if self.is_bound else None
        if typed in {MINE, THEIRS}:
            return str(typed)
        own, other = (0, 1) if self.first_kept == MINE else (1, 0)
        return (MINE, THEIRS)[own if words[own] or not words[other] else other]

    def survivor_and_loser(self) -> tuple[Any, Any]:
        first, second = self.pair
        return (first, second) if self.kept == MINE else (second, first)

    def taken(self) -> set[str]:
        """Fields whose value comes from the entry that goes."""
        return {side.name for side in self.sides() if side.differs and side.chosen != self.kept}


class NotTwinsForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Vì sao là hai"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Việc này cần lý do. Hãy ghi lý do.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="two")


class AddressForm(forms.Form):
    address = forms.CharField(max_length=300)


def said(row: models.Model, name: str) -> str:
    """A field in words."""
    field = row._meta.get_field(name)
    if getattr(field, "choices", None):
        return str(getattr(row, f"get_{name}_display")())
    value = getattr(row, name)
    if isinstance(value, bool):
        return _("có") if value else _("không")
    return "" if value is None else str(value)
