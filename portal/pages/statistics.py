"""Figures that join rooms, on both bases of territory (contract, statistics).

Recognitions are singles plus sets. Products and facilities are distinct within a row, so rows need not
add up; an unknown facility and the members of a set are not counted. Published totals for which no
list exists stand apart, never inside a total.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from extension import queries as extension
from extension.enums import ActivityHead, Funding
from extension.models import ProjectQuerySet
from facilities.enums import FacilityKind
from portal.territory.enums import Basis, Region
from portal.territory.queries import Unit, current_id, current_ids, register
from portal.text.formats import day
from products import column_reads, columns
from products.catalogue import Clock
from products.columns import Numbers, Shelf
from products.enums import LEVEL_RANK, Level, ProductGroup
from products.facets import unit_label
from products.models import PublishedFigure, Recognition
from products.traits_sql import kind_condition
from products.validity_sql import status_condition
from rounds.admitted import admitted
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier, Round, RoundCount

BY = ("level", "group", "province", "year", "facility_kind")
EXTENSION_BY = ("funding", "head", "year", "province", "region")
RECOGNISED_MEASURES = ("recognised", "recognised_sets", "recognised_cumulative", "facilities_recognised")
ANNOUNCED = (RoundState.ANNOUNCED, RoundState.CLOSED)


@dataclass(frozen=True)
class Asked:
    """What a figure is asked of. Several values of one field mean or; None for provinces means all of them."""

    levels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    territory_ids: frozenset[int] | None = None
    basis: str = Basis.CURRENT
    year_from: int | None = None
    year_to: int | None = None
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    numbers: Numbers

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "label": self.label, **asdict(self.numbers)}


@dataclass(frozen=True)
class Figures:
    total: Numbers
    rows: list[Row]
    published: list[PublishedFigure] = field(default_factory=list)


# --- recognitions -------------------------------------------------------------------------------------


# What rows are called by the columns in memory.
_COLUMNS = {"facility_kind": "kind", "province": "unit"}


def recognitions(*, by: str, asked: Asked, clock: Clock, shelf: Shelf | None = None) -> Figures:
    """Published recognitions counted by one of `BY`. Two queries, the register of units cached."""
    shelf = shelf or columns.shelf()
    mask = _mask(shelf, asked, clock)
    today = current_ids() if by == "province" and asked.basis == Basis.CURRENT else None
    counted = shelf.count(_COLUMNS.get(by, by), mask, today=today)
    rows = [Row(*key_and_label(by, value), found) for value, found in counted.items()]
    return Figures(total=shelf.total(mask), rows=_ordered(by, rows), published=published(asked))


def _mask(shelf: Shelf, asked: Asked, clock: Clock) -> columns.Mask:
    return shelf.mask(
        clock,
        levels=asked.levels,
        groups=asked.groups,
        kinds=asked.kinds,
        units=asked.territory_ids,
        year_from=asked.year_from,
        year_to=asked.year_to,
        statuses=asked.statuses,
    )


def recognitions_asked(asked: Asked, clock: Clock) -> QuerySet[Recognition]:
    """The rows that a question means: what the lists behind the numbers show."""
    found: QuerySet[Recognition] = Recognition.objects.published().order_by()
    if asked.levels:
        found = found.filter(level__in=asked.levels)
    if asked.groups:
        found = found.filter(product__group__in=asked.groups)
    if asked.territory_ids is not None:
        found = found.filter(territory__in=asked.territory_ids)
    if asked.year_from is not None:
        found = found.filter(year__gte=asked.year_from)
    if asked.year_to is not None:
        found = found.filter(year__lte=asked.year_to)
    if asked.kinds:
        found = found.filter(kind_condition(asked.kinds, "product__"))
    if asked.statuses:
        condition = Q(pk__in=[])
        for status in asked.statuses:
            condition |= status_condition(status, on=clock.on, expiring_days=clock.expiring_days)
        found = found.filter(condition)
    return found


def key_and_label(by: str, value: Any) -> tuple[str, str]:
    """The stable key and the words of one row."""
    if by == "province":
        unit = register().units[value]
        return unit.slug, unit_label(unit)
    labels: dict[str, Any] = {"level": Level, "group": ProductGroup, "facility_kind": FacilityKind}
    if by in labels:
        return str(value), str(labels[by](value).label)
    return str(value), str(value)


def _ordered(by: str, rows: Iterable[Row]) -> list[Row]:
    """Levels from the top, groups and kinds as the law lists them, years in order, provinces by their count."""
    if by == "level":
        return sorted(rows, key=lambda row: (-LEVEL_RANK[Level(row.key)], row.key))
    if by == "group":
        return sorted(rows, key=lambda row: ProductGroup.values.index(row.key))
    if by == "facility_kind":
        return sorted(rows, key=lambda row: FacilityKind.values.index(row.key))
    if by == "province":
        return sorted(rows, key=lambda row: (-row.numbers.recognitions, row.key))
    return sorted(rows, key=lambda row: row.key)


# --- totals that were published -------------------------------------------------------------------------


def published(asked: Asked, measures: Sequence[str] = RECOGNISED_MEASURES) -> list[PublishedFigure]:
    """Published totals of the measures within the question. One query, none when a status or a kind of maker is
    asked for: a total says nothing of either.
    """
    if asked.statuses or asked.kinds:
        return []
    found = PublishedFigure.objects.filter(measure__in=measures).select_related("territory")
    if asked.levels:
        found = found.filter(Q(level__in=asked.levels) | Q(level=""))
    if asked.groups:
        found = found.filter(group__in=asked.groups)
    if asked.territory_ids is not None:
        found = found.filter(territory__in=asked.territory_ids)
    if asked.year_from is not None:
        found = found.filter(year_from__gte=asked.year_from)
    if asked.year_to is not None:
        found = found.filter(year_to__lte=asked.year_to)
    return list(found.order_by("place", "year_from", "pk"))


# --- rounds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoundNumbers:
    """Counts of one round. What a jury or council decided stays None until the result is announced."""

    dossiers: int = 0
    facilities: int = 0
    first_time: int = 0
    eligible: int = 0
    scored: int | None = None
    passed: int | None = None
    recognised: int | None = None
    singles: int | None = None
    sets: int | None = None


@dataclass(frozen=True)
class RoundFigures:
    """`carried_on` is the day of the open data that tell the numbers, where the dossiers are kept in another portal."""

    round: Round
    numbers: RoundNumbers
    by_group: dict[str, RoundNumbers]
    carried_on: dt.date | None = None


_RESULTS = ("scored", "passed", "recognised", "singles", "sets")
# Entries gathered into a set stay entries, the set made of them is none. Before scoring the set is admitted and
# scored for them; after the seal they were admitted and scored themselves.
_ENTERED = Q(is_gathered_set=False)
_ROUND_COUNTS = {
    "dossiers": Count("pk", filter=_ENTERED),
    "facilities": Count("product__facility", distinct=True),
    "first_time": Count("pk", filter=_ENTERED & Q(first_time=True)),
    "eligible": Count("pk", filter=admitted()),
    "scored": Count("pk", filter=Q(result__sheets__gt=0)),
    "passed": Count("pk", filter=Q(result__passed=True)),
    "recognised": Count("pk", filter=Q(recognition__isnull=False)),
    "singles": Count("pk", filter=Q(recognition__isnull=False, product__is_set=False)),
    "sets": Count("pk", filter=Q(recognition__isnull=False, product__is_set=True)),
}


def rounds(found: Sequence[Round]) -> list[RoundFigures]:
    """Counts per round and group. Three queries for any number of rounds."""
    entered = Dossier.objects.filter(round__in=[row.pk for row in found]).exclude(state=DossierState.DRAFT).order_by()
    totals = {row["round"]: dict(row) for row in entered.values("round").annotate(**_ROUND_COUNTS)}
    groups: dict[int, dict[str, dict[str, Any]]] = {}
    for row in entered.values("round", "product__group").annotate(**_ROUND_COUNTS):
        groups.setdefault(row["round"], {})[row["product__group"]] = dict(row)
    told = _told_elsewhere(found)
    return [
        told.get(one.pk)
        or RoundFigures(
            round=one,
            numbers=_round_numbers(one, totals.get(one.pk)),
            by_group={
                group: _round_numbers(one, groups[one.pk][group])
                for group in ProductGroup.values
                if group in groups.get(one.pk, {})
            },
        )
        for one in found
    ]


def _told_elsewhere(found: Sequence[Round]) -> dict[int, RoundFigures]:
    """Rounds whose dossiers are kept in another portal, by key."""
    rows: dict[int, dict[str, RoundCount]] = {}
    for row in RoundCount.objects.filter(round__in=[one.pk for one in found]):
        rows.setdefault(row.round_id, {})[row.group] = row
    return {
        one.pk: RoundFigures(
            round=one,
            numbers=_carried(rows[one.pk][""]),
            by_group={group: _carried(rows[one.pk][group]) for group in ProductGroup.values if group in rows[one.pk]},
            carried_on=rows[one.pk][""].on,
        )
        for one in found
        if one.pk in rows
    }


def _carried(row: RoundCount) -> RoundNumbers:
    return RoundNumbers(**{name: getattr(row, name) for name in _ROUND_COUNTS})


def _round_numbers(one: Round, counts: dict[str, Any] | None) -> RoundNumbers:
    known: dict[str, Any] = {name: counts[name] if counts else 0 for name in _ROUND_COUNTS}
    if one.state not in ANNOUNCED:
        known |= dict.fromkeys(_RESULTS)
    return RoundNumbers(**known)


# --- extension ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExtensionRow:
    key: str
    label: str
    totals: extension.Totals

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "label": self.label, **asdict(self.totals)}


def support(*, by: str, chosen: extension.Chosen, basis: str) -> tuple[extension.Totals, list[ExtensionRow]]:
    """Granted, published projects by one of `EXTENSION_BY`. Four queries. Money in đồng."""
    return support_of(extension.public_projects(chosen), by=by, basis=basis)


def support_of(projects: ProjectQuerySet, *, by: str, basis: str) -> tuple[extension.Totals, list[ExtensionRow]]:
    """The same of any projects."""
    rows = [
        ExtensionRow(*extension_label(by, key), totals)
        for key, totals in extension.totals_by(projects, by, basis=basis)
    ]
    return extension.totals(projects), sorted(rows, key=lambda row: (by == "province", row.label, row.key))


def extension_label(by: str, key: Any) -> tuple[str, str]:
    if by == "province":
        return key_and_label("province", key)
    if by == "funding":
        return str(key), str(Funding(key).label)
    if by == "head":
        return str(key), str(ActivityHead(key).label)
    if by == "region":
        return str(key), _("Khu vực %(name)s") % {"name": Region(key).label}
    return str(key), str(key)


# --- what the page draws ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProvinceRow:
    """One province of the table; under "hiện nay" it opens to the units it came from."""

    unit: Unit
    label: str
    by_level: dict[str, int]
    total: int
    former: list["ProvinceRow"] = field(default_factory=list)
    # The unit that all of them were recognised in, where there is but one.
    only_unit: int | None = None


def provinces(asked: Asked, clock: Clock, *, shelf: Shelf | None = None) -> list[ProvinceRow]:
    """Recognitions by province and level, the largest first. One query."""
    shelf = shelf or columns.shelf()
    then: dict[int, dict[str, int]] = {}
    for (territory_id, level), number in shelf.cross(("unit", "level"), _mask(shelf, asked, clock)).items():
        then.setdefault(territory_id, {})[level] = number
    if asked.basis == Basis.AT_THE_TIME:
        return _by_size(_province(pk, levels) for pk, levels in then.items())
    families: dict[int, list[int]] = {}
    for pk in then:
        families.setdefault(current_id(pk), []).append(pk)
    return _by_size(_family(now, {pk: then[pk] for pk in pks}) for now, pks in families.items())


def _family(now: int, parts: dict[int, dict[str, int]]) -> ProvinceRow:
    summed: dict[str, int] = {}
    for levels in parts.values():
        for level, number in levels.items():
            summed[level] = summed.get(level, 0) + number
    former = _by_size(_province(pk, levels, part=True) for pk, levels in parts.items()) if len(parts) > 1 else []
    return replace(_province(now, summed, former), only_unit=next(iter(parts)) if len(parts) == 1 else None)


def _province(
    pk: int, levels: dict[str, int], former: list[ProvinceRow] | None = None, *, part: bool = False
) -> ProvinceRow:
    unit = register().units[pk]
    label = dated(unit) if unit.until or part else unit.name
    return ProvinceRow(unit, label, levels, sum(levels.values()), former or [])


def dated(unit: Unit) -> str:
    """A unit's name with the day to which, or from which, it stood."""
    if unit.until:
        return _("%(name)s, đến %(day)s") % {"name": unit.name, "day": day(unit.until)}
    return _("%(name)s, từ %(day)s") % {"name": unit.name, "day": day(unit.since)}


def _by_size(rows: Iterable[ProvinceRow]) -> list[ProvinceRow]:
    return sorted(rows, key=lambda row: (-row.total, row.unit.slug))


def by_level_and_year(asked: Asked, clock: Clock, *, shelf: Shelf | None = None) -> list[tuple[str, int, int]]:
    """Level, year and how many recognitions. One query."""
    shelf = shelf or columns.shelf()
    found = shelf.cross(("level", "year"), _mask(shelf, asked, clock))
    return sorted((level, year, number) for (level, year), number in found.items())


def years_known(shelf: Shelf | None = None) -> list[int]:
    """The years of which the register holds a recognition. One query."""
    return [int(year) for year in np.unique((shelf or columns.shelf()).row(column_reads.Row.YEAR))]


def illustrative(asked: Asked, clock: Clock, *, shelf: Shelf | None = None) -> int:
    """How many of the counted recognitions are made up to show the portal. One query."""
    shelf = shelf or columns.shelf()
    made_up = shelf.of_items(shelf.item(column_reads.Item.ILLUSTRATIVE) == 1)
    made_up |= shelf.row(column_reads.Row.ILLUSTRATIVE) == 1
    return int(np.count_nonzero(made_up & _mask(shelf, asked, clock)))


@dataclass(frozen=True)
class Step:
    """One step of a funnel: a published number and its share of the step above."""

    label: str
    value: int
    share: int | None
    width: int
    of: str


FUNNEL = (("registered", "province"), ("recognised", "province"), ("recognised", "region"), ("recognised", "national"))


def published_funnels() -> list[list[PublishedFigure]]:
    """From registration to the nation, for each place and source that gives all four numbers. One query."""
    figures = PublishedFigure.objects.filter(measure__in=["registered", "recognised"], group="", value__isnull=False)
    by_source: dict[tuple[str, str, str], dict[tuple[str, str], PublishedFigure]] = {}
    for figure in figures.order_by("place", "period", "pk"):
        place = (figure.place, figure.period, figure.source)
        by_source.setdefault(place, {}).setdefault((figure.measure, figure.level), figure)
    return [[steps[step] for step in FUNNEL] for steps in by_source.values() if all(step in steps for step in FUNNEL)]


def funnel_steps(figures: list[PublishedFigure]) -> list[Step]:
    """The numbers of one funnel with their shares of the step above."""
    steps: list[Step] = []
    first = max(int(figures[0].value or 0), 1)
    for figure in figures:
        value = int(figure.value or 0)
        before = steps[-1] if steps else None
        share = int((Decimal(value) * 100 / before.value).to_integral_value()) if before and before.value else None
        steps.append(Step(_step_label(figure), value, share, value * 100 // first, _base(before)))
    return steps


def _base(before: Step | None) -> str:
    """What a share is a share of: "số đăng ký", "cấp tỉnh"."""
    if before is None:
        return ""
    return before.label.removeprefix(_("công nhận ")) if before.share is not None else _("số đăng ký")


def _step_label(figure: PublishedFigure) -> str:
    if figure.measure == "registered":
        return _("đăng ký bình chọn")
    return _("công nhận %(level)s") % {"level": str(Level(figure.level).label).lower()}
