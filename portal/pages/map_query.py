"""What the map is asked for. Nothing raises: what makes no sense is left out and said."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from portal.territory.enums import Basis
from products.enums import Level, ProductGroup, Status
from products.filters import Filters, Params, last

from .statistics import Asked
from .statistics_query import Question

SORTS = ("recognitions", "name", "products", "facilities")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class MapQuery:
    """Levels, groups, states and a span of years, on one of the two bases; and how the table is sorted."""

    level: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    basis: str = Basis.CURRENT
    sort: str = SORTS[0]
    told: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        return bool(self.level or self.group or self.status or self.year_from or self.year_to)

    @property
    def asked(self) -> Asked:
        """The same question to the statistics."""
        return Asked(
            levels=self.level,
            groups=self.group,
            basis=self.basis,
            year_from=self.year_from,
            year_to=self.year_to,
            statuses=self.status,
        )

    def query(self, **changes: Any) -> str:
        """The address's query, with other values where given; "?" alone leads back to everything."""
        asked = replace(self, **changes)
        pairs: list[tuple[str, Any]] = [("level", value) for value in asked.level]
        pairs += [("group", value) for value in asked.group]
        pairs += [("status", value) for value in asked.status]
        pairs += [("from", asked.year_from), ("to", asked.year_to)]
        pairs += [("basis", asked.basis if asked.basis != Basis.CURRENT else "")]
        pairs += [("sort", asked.sort if asked.sort != SORTS[0] else "")]
        return "?" + urlencode([(name, value) for name, value in pairs if value])

    def listed(self, *slugs: str, **more: str) -> str:
        """The address of the list of exactly what is counted in the provinces named, or in all."""
        question = Question(
            level=self.level,
            group=self.group,
            status=self.status,
            province=slugs,
            basis=self.basis,
            year_from=self.year_from,
            year_to=self.year_to,
        )
        return question.listed(**more)

    def catalogue(self, slug: str, years: Sequence[int]) -> str:
        """The query of the catalogue that lists the products of one province; `years` are those of the register."""
        first, end = self.year_from or 0, self.year_to or 9999
        span = tuple(str(year) for year in years if first <= year <= end) if self.year_from or self.year_to else ()
        return Filters(
            group=self.group, level=self.level, province=(slug,), basis=self.basis, year=span, status=self.status
        ).query


def parse(params: Params) -> MapQuery:
    """Read a query, by the names that the API's statistics use."""
    told: list[str] = []
    keep = _keeper(params, told)
    first, end = _year(params, "from", told), _year(params, "to", told)
    if first and end and first > end:
        told.append(_("Năm đầu sau năm cuối nên trang lấy từ %(first)s đến %(last)s.") % {"first": end, "last": first})
        first, end = end, first
    return MapQuery(
        level=keep("level", _("cấp"), Level.values),
        group=keep("group", _("nhóm"), ProductGroup.values),
        status=keep("status", _("hiệu lực"), Status.values),
        year_from=first,
        year_to=end,
        basis=_one(params, "basis", _("cách tính tỉnh"), Basis.values, told),
        sort=_one(params, "sort", _("cách xếp"), SORTS, told),
        told=tuple(told[:5]),
    )


def _keeper(params: Params, told: list[str]) -> Callable[[str, str, Sequence[str]], tuple[str, ...]]:
    def keep(key: str, words: str, known: Sequence[str]) -> tuple[str, ...]:
        values = list(dict.fromkeys(value.strip() for value in params.getlist(key) if value.strip()))
        told.extend(_ignored(words, value) for value in values if value not in known)
        return tuple(value for value in values if value in known)

    return keep


def _one(params: Params, key: str, words: str, known: Sequence[str], told: list[str]) -> str:
    value = last(params, key).strip()
    if value and value not in known:
        told.append(_ignored(words, value))
    return value if value in known else str(known[0])


def _year(params: Params, key: str, told: list[str]) -> int | None:
    value = last(params, key).strip()
    if value and not _YEAR.fullmatch(value):
        told.append(_ignored(_("năm"), value))
        return None
    return int(value) if value else None


def _ignored(words: str, value: str) -> str:
    return _("Không có %(key)s “%(value)s” nên điều kiện này được bỏ qua.") % {"key": words, "value": value[:60]}
