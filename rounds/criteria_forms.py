"""What the pages of criteria sets read: the head of a version, its rows as typed, what to compare."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.text.folding import normalise

from .criteria_diff import Line
from .criteria_tree import Rows, Typed, parents, points_of, tidy
from .models import CriteriaSet
from .services.criteria import RowFacts

# One list per column of the editor, all of one length.
COLUMNS = {"row": "pk", "level": "level", "code": "code", "points": "maximum", "words": "name", "guidance": "guidance"}


class SetForm(forms.ModelForm):
    """The head of a version: what it is called, on what it rests, why it differs from the one before."""

    class Meta:
        model = CriteriaSet
        fields = ["name", "legal_basis", "change_reason", "is_illustrative"]
        labels = {"is_illustrative": _("Điểm chi tiết là số minh họa, chưa phải khung của hội đồng")}
        error_messages = {"name": {"required": _("Hãy đặt tên cho bộ tiêu chí.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.version == 1:
            del self.fields["change_reason"]


class ChangeForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do thay đổi"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Hãy ghi vì sao cần sửa bộ tiêu chí đang dùng.")},
    )


class TornRows(ValueError):
    """The columns of the editor did not arrive whole."""


def typed_rows(data: QueryDict) -> Rows:
    """The rows as they were typed. Raises TornRows when the columns are not of one length."""
    columns = {field: data.getlist(name) for name, field in COLUMNS.items()}
    if len({len(values) for values in columns.values()}) != 1:
        raise TornRows
    cells = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return tidy([_typed(cell) for cell in cells])


def _typed(cell: dict[str, str]) -> Typed:
    return Typed(
        pk=_number(cell["pk"]),
        level=_number(cell["level"]) or 1,
        code=normalise(cell["code"]),
        name=normalise(cell["name"]),
        guidance="\n".join(normalise(line) for line in cell["guidance"].splitlines()).strip(),
        maximum=normalise(cell["maximum"]),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def stored_rows(criteria_set: CriteriaSet, lines: tuple[Line, ...]) -> Rows:
    """The version as the editor shows it."""
    key = {row.code: row.pk for row in criteria_set.criteria.all()}
    level: dict[str | None, int] = {None: 0}
    found = []
    for line in lines:
        level[line.code] = level[line.parent] + 1
        maximum = "" if line.maximum is None else f"{line.maximum.normalize():f}".replace(".", ",")
        found.append(Typed(key[line.code], level[line.code], line.code, line.name, line.guidance, maximum))
    return tuple(found)


def facts_of(rows: Rows) -> list[RowFacts]:
    """Rows without mistakes, as the service writes them."""
    return [
        RowFacts(row.code, row.name, row.guidance, points_of(row.maximum), parent, row.pk)
        for row, parent in zip(rows, parents(rows), strict=True)
    ]


def lines_typed(rows: Rows) -> tuple[Line, ...]:
    """Rows without mistakes, as versions are compared."""
    above = parents(rows)
    return tuple(
        Line(row.code, None if parent is None else rows[parent].code, row.name, row.guidance, points_of(row.maximum))
        for row, parent in zip(rows, above, strict=True)
    )
