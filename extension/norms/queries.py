"""Which norm is in force: of the province, of the nation, on a day.

A project's territory is the unit of its date. Its own norms go first, then those of the unit it went into, once it
had, then the nation's. A norm whose first day is unknown is never applied.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from portal.territory.models import Territory
from portal.territory.queries import register

from ..models import NormItem, SupportNorm
from ..models.norm import SupportNormQuerySet

PRIORITY_ITEM = "uu_tien"
# How sure the portal is of a norm that a demonstration invented: applied to its samples, never shown to the public.
SAMPLE = "sample"


@dataclass(frozen=True)
class Applied:
    """The norm that decides on an expense, and the percent: its own, or the nation's where its text states none."""

    norm: SupportNorm
    percent: Decimal | None
    percent_from: SupportNorm | None = None


@dataclass(frozen=True)
class Book:
    """Every norm that may apply in one place on one day, read at once."""

    norms: dict[int, SupportNorm]
    national: dict[int, SupportNorm]
    priority: SupportNorm | None

    def applied(self, item_id: int) -> Applied | None:
        norm = self.norms.get(item_id)
        if norm is None:
            return None
        whole = self.national.get(item_id)
        if norm.percent is None and norm.territory_id and whole is not None and whole.percent is not None:
            return Applied(norm, whole.percent, whole)
        return Applied(norm, norm.percent)


def norm_for(item: NormItem, territory: Territory | None, on: dt.date) -> SupportNorm | None:
    """The norm in force on the day: the province's own, else the nation's. One query."""
    places = places_of(territory, on)
    rows = _in_force(places, on).filter(item=item)
    return min(rows, key=lambda norm: _rank(norm, places), default=None)


def priority_multiplier(on: dt.date, territory: Territory | None) -> SupportNorm | None:
    """The norm that raises ceilings for priorities on the day, if one is in force. One query."""
    places = places_of(territory, on)
    rows = _in_force(places, on).filter(item__code=PRIORITY_ITEM, multiplier__isnull=False)
    return min(rows, key=lambda norm: _rank(norm, places), default=None)


def book(territory: Territory | None, on: dt.date, *, samples: bool = True) -> Book:
    """Everything that applies in a place on a day; without `samples` what the public may rely on. One query."""
    places = places_of(territory, on)
    norms: dict[int, SupportNorm] = {}
    national: dict[int, SupportNorm] = {}
    priority = None
    found = [norm for norm in _in_force(places, on) if samples or norm.certainty != SAMPLE]
    for norm in sorted(found, key=lambda norm: _rank(norm, places)):
        if norm.multiplier is not None:
            priority = priority or norm
            continue
        norms.setdefault(norm.item_id, norm)
        if norm.territory_id is None:
            national.setdefault(norm.item_id, norm)
    return Book(norms, national, priority)


def places_of(territory: Territory | None, on: dt.date) -> list[int]:
    """The unit, then what it had gone into by that day, nearest first. No query when the register is cached."""
    return list(_line(territory.pk, on)) if territory else []


def _line(territory_id: int, on: dt.date) -> Iterator[int]:
    units = register()
    seen: set[int] = set()
    while territory_id not in seen:
        seen.add(territory_id)
        yield territory_id
        if units.succeeded_on.get(territory_id, dt.date.max) > on:
            return
        territory_id = units.successor[territory_id]


def holding_on(on: dt.date) -> SupportNormQuerySet:
    """Norms in force on a day, wherever."""
    open_end = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return SupportNorm.objects.filter(open_end, start_known=True, valid_from__lte=on)


def _in_force(places: Iterable[int], on: dt.date) -> SupportNormQuerySet:
    here = Q(territory__isnull=True) | Q(territory__in=list(places))
    return holding_on(on).filter(here).select_related("item", "territory")


def _rank(norm: SupportNorm, places: list[int]) -> tuple[int, int]:
    """The nearest place first; of two that hold at once (the database refuses it) the one begun last."""
    near = places.index(norm.territory_id) if norm.territory_id in places else len(places)
    return near, -norm.valid_from.toordinal()
