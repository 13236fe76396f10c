"""The query of the public list, read kindly: a bad value is ignored, and the page says so."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.territory.enums import Basis

from . import queries
from .enums import ActivityHead, Funding


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the filters for the query, and how to show them again."""

    chosen: queries.Chosen
    basis: str
    province: str
    q: str
    ignored: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        return self.chosen != queries.EVERYTHING


def read(query: QueryDict) -> Asked:
    """Filters of a query string. No query (the register of units is cached)."""
    ignored: list[str] = []
    basis = query.get("basis", Basis.CURRENT)
    if basis not in Basis.values:
        ignored.append(basis)
        basis = Basis.CURRENT
    province = query.get("province", "").strip()
    territory_ids = queries.territory_ids_of(province, basis) if province else None
    if province and territory_ids is None:
        ignored.append(province)
        province = ""
    q = query.get("q", "").strip()[:200]
    chosen = queries.Chosen(
        funding=tuple(v for v in _given(query, "funding") if _keep(v in Funding.values, v, ignored)),
        heads=tuple(int(v) for v in _given(query, "head") if _keep(v in _heads(), v, ignored)),
        years=tuple(int(v) for v in _given(query, "year") if _keep(_is_year(v), v, ignored)),
        territory_ids=territory_ids,
        words=queries.search_words(q),
    )
    return Asked(chosen=chosen, basis=basis, province=province, q=q, ignored=tuple(ignored))


def said(ignored: tuple[str, ...]) -> str:
    """One sentence about the values that meant nothing; empty when there were none."""
    if not ignored:
        return ""
    return _("Trang bỏ qua giá trị lọc không có trong danh mục: %(values)s.") % {
        "values": ", ".join(value[:60] for value in ignored)
    }


def _given(query: QueryDict, name: str) -> list[str]:
    return [value for value in dict.fromkeys(query.getlist(name)) if value]


def _keep(good: bool, value: str, ignored: list[str]) -> bool:
    if not good:
        ignored.append(value)
    return good


def _heads() -> set[str]:
    return {str(value) for value in ActivityHead.values}


def _is_year(value: str) -> bool:
    return value.isascii() and value.isdigit() and 1990 <= int(value[:5]) <= 2100  # noqa: PLR2004  plausible years
