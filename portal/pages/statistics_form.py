"""The question form of a page of statistics: the fields it heeds, filled with what was asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from products.columns import IN_FORCE
from products.enums import Level, ProductGroup, Status

from .statistics_query import IN_FORCE_WORD, WITHIN, WITHIN_BY_DEFAULT, Choice, Question, choices, province_choices

FIRST_YEAR = 2014
# Those a reader sees at once; the others open on a phone.
FIRST_FIELDS = ("level", "province", "from", "to")


@dataclass(frozen=True)
class Field:
    """One field of the form. `more` are options of a group of their own, `several` those chosen together."""

    name: str
    label: str
    none: str  # the words for "everything"; empty where one must be chosen
    options: list[Choice]
    more: list[Choice]
    default: str = ""

    @property
    def is_first(self) -> bool:
        return self.name in FIRST_FIELDS

    @property
    def is_used(self) -> bool:
        """Whether something else than what a new question begins with is chosen."""
        return any(option.chosen and option.value != self.default for option in self.options)


@dataclass(frozen=True)
class Form:
    fields: list[Field]

    @property
    def first(self) -> list[Field]:
        return [field for field in self.fields if field.is_first] or self.fields

    @property
    def rest(self) -> list[Field]:
        return [field for field in self.fields if field not in self.first]

    @property
    def is_open(self) -> bool:
        """Whether one of the fields that are folded away is used."""
        return any(field.is_used for field in self.rest)


def form(question: Question, names: Collection[str], *, year: int, by: Mapping[str, Any]) -> Form:
    """The fields of a page, in the order in which a question is said; `year` is the last that may be asked for."""
    return Form([field for field in _fields(question, year, by) if field.name in names])


def _fields(question: Question, year: int, by: Mapping[str, Any]) -> list[Field]:
    today, ended = province_choices(question)
    years = [(str(one), str(one)) for one in range(year, FIRST_YEAR - 1, -1)]
    return [
        Field("level", _("Cấp"), _("Mọi cấp"), choices(question, "level", reversed(Level.choices)), []),
        Field("province", _("Tỉnh, thành phố"), _("Cả nước"), today, ended),
        _year("from", _("Từ năm"), _("Đầu tiên"), question.year_from, years),
        _year("to", _("Đến năm"), _("Nay"), question.year_to, years),
        Field("group", _("Nhóm sản phẩm"), _("Mọi nhóm"), choices(question, "group", ProductGroup.choices), []),
        Field("kind", _("Loại hình cơ sở"), _("Mọi loại hình"), choices(question, "kind", FacilityKind.choices), []),
        Field("status", _("Hiệu lực hôm nay"), _("Còn hay hết"), _statuses(question), []),
        Field("basis", _("Tính theo"), "", choices(question, "basis", Basis.choices), [], Basis.CURRENT),
        Field("by", _("Chia theo"), _("Tự chọn"), choices(question, "by", by.items()), []),
        Field(
            "within",
            _("Trong vòng"),
            "",
            [Choice(str(n), _("%(n)s năm") % {"n": n}, n == question.within) for n in WITHIN],
            [],
            str(WITHIN_BY_DEFAULT),
        ),
    ]


def _year(name: str, label: str, none: str, value: int | None, years: list[tuple[str, str]]) -> Field:
    """A year that is asked for stays in view, whatever it is."""
    known = years if value is None or (str(value), str(value)) in years else [(str(value), str(value)), *years]
    return Field(name, label, none, [Choice(year, words, year == str(value)) for year, words in known], [])


def _statuses(question: Question) -> list[Choice]:
    """In force first, which holds what ends soon as well; then each by itself."""
    whole = Choice(IN_FORCE_WORD, _("Còn hiệu lực"), set(question.status) == set(IN_FORCE))
    each = [s for s in reversed(Status) if s not in {Status.SUPERSEDED, Status.VALID} or s.value in question.status]
    return [whole, *(Choice(s.value, str(s.label), not whole.chosen and s.value in question.status) for s in each)]
