"""Entries that may be one: facilities and products of one tax code or of one name without its marks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Left, Length

from facilities import taxcode
from facilities.enums import RegisterKind
from facilities.models import Facility, NotTwins
from portal.territory.queries import current_ids
from products.models import Product

# Of more than this many of one name, each is set beside the first only.
ALL_PAIRS_UP_TO = 6


@dataclass(frozen=True)
class Pair:
    """Two entries, the smaller id first, and what they share."""

    first: int
    second: int
    by_tax_code: bool = False


def facility_pairs(found: QuerySet[Facility]) -> list[Pair]:
    """By the ten digits of the company's tax code, then by folded name within a province of today. Three queries."""
    parted = _parted(RegisterKind.FACILITY)
    by_code: dict[str, list[int]] = {}
    coded = found.annotate(size=Length("tax_code")).filter(size__in=(taxcode.LENGTH, taxcode.STORED_LENGTH))
    shared = _twice(coded.annotate(company=Left("tax_code", taxcode.LENGTH)), "company")
    companies = coded.annotate(company=Left("tax_code", taxcode.LENGTH)).filter(company__in=shared)
    for pk, company in companies.order_by("pk").values_list("pk", "company"):
        by_code.setdefault(company, []).append(pk)
    by_name: dict[tuple[str, int], list[int]] = {}
    today = current_ids()
    named = found.filter(folded__in=_twice(found, "folded")).order_by("folded", "pk")
    for pk, folded, territory_id in named.values_list("pk", "folded", "territory_id"):
        by_name.setdefault((folded, today[territory_id]), []).append(pk)
    pairs = {(a, b): Pair(a, b, by_tax_code=True) for a, b in _couples(by_code.values())}
    pairs |= {(a, b): Pair(a, b) for a, b in _couples(by_name.values()) if (a, b) not in pairs}
    return [pair for key, pair in pairs.items() if key not in parted]


def product_pairs(found: QuerySet[Product]) -> list[Pair]:
    """By folded name, of one facility, of facilities of one folded name, or with one whose maker is unknown,
    within a province of today. Two queries."""
    parted = _parted(RegisterKind.PRODUCT)
    today = current_ids()
    groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
    named = found.filter(folded__in=_twice(found, "folded")).order_by("folded", "pk")
    for pk, folded, maker, made_in, territory_id in named.values_list(
        "pk", "folded", "facility__folded", "facility__territory_id", "territory_id"
    ):
        groups.setdefault((folded, today[made_in or territory_id]), []).append((pk, maker or ""))
    couples = [couple for rows in groups.values() for couple in _of_one_maker(rows)]
    return [Pair(*couple) for couple in couples if couple not in parted]


def _twice(found: QuerySet[Any], field: str) -> QuerySet[Any]:
    """The values that more than one row has."""
    counted = found.exclude(**{field: ""}).order_by().values(field).annotate(rows=Count("pk"))
    return counted.filter(rows__gt=1).values(field)


def _parted(kind: str) -> set[tuple[int, int]]:
    return set(NotTwins.objects.filter(kind=kind).values_list("first_id", "second_id"))


def _couples(groups: Iterable[list[int]]) -> Iterator[tuple[int, int]]:
    for group in groups:
        if len(group) <= ALL_PAIRS_UP_TO:
            yield from combinations(sorted(group), 2)
        else:
            yield from ((min(group), other) for other in sorted(group)[1:])


def _of_one_maker(rows: list[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    by_maker: dict[str, list[int]] = {}
    for pk, maker in rows:
        by_maker.setdefault(maker, []).append(pk)
    unknown = by_maker.pop("", [])
    yield from _couples([unknown, *by_maker.values()])
    for one in unknown[:ALL_PAIRS_UP_TO]:
        for others in by_maker.values():
            yield min(one, others[0]), max(one, others[0])
