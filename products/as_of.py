"""Which recognitions were in force on a day, in a unit as it was that day or is today: the one query.

Pages, exports and the API all ask here. What counts is what the register holds today of that day: published,
begun (from the day of issue, else of the decision, else from 1 January of the year), not past its end, not
revoked, withdrawn or suspended on that day. A re-issued certificate changes nothing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.territory.enums import Basis
from portal.territory.models import Territory
from portal.territory.queries import Unit, family_ids, register
from portal.text.formats import day as day_words

from .enums import DatePrecision, Stage
from .models import Recognition, RecognitionQuerySet, Suspension
from .permits import why_not
from .validity import Facts, Period, holds_on
from .validity_sql import due_to_be_withheld, suspended

Answer = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Held:
    """Whether a recognition was in force on a day, and one sentence that says why."""

    answer: Answer
    why: str


def recognitions_on(
    day: dt.date,
    *,
    unit: Territory | Unit | None = None,
    basis: str = Basis.CURRENT,
    at: dt.date | None = None,
) -> RecognitionQuerySet:
    """Published recognitions in force on the day. One query when read.

    `unit` narrows them to an area: on the basis of today its unit of today with all that went into it; at the
    time, the unit as it stood on the day. `at` is the day of the question (today), by which what a household
    lost has left public view even before the nightly sweep; without it only the sweep counts.
    """
    rows = Recognition.objects.published().filter(in_force(day))
    if at is not None:
        rows = rows.exclude(due_to_be_withheld(at))
    if unit is None:
        return rows
    return rows.filter(territory__in=area_of(unit.pk, day, basis=basis))


def in_force(day: dt.date) -> Q:
    """A condition on Recognition that is true exactly where `validity.holds_on` is."""
    ended = Q(revoked_on__lte=day) | Q(withdrawn_on__lte=day)
    return begun(day) & Q(expires_on__gte=day) & ~ended & ~suspended(day, any_day=True)


def begun(day: dt.date) -> Q:
    """From the day of issue, else of the decision, else from 1 January of the year."""
    unissued = Q(issued_on__isnull=True)
    undated = Q(decision__isnull=True) | Q(decision__signed_on__isnull=True)
    return (
        Q(issued_on__lte=day)
        | (unissued & Q(decision__signed_on__lte=day))
        | (unissued & undated & Q(year__lte=day.year))
    )


def area_of(unit_id: int, day: dt.date, *, basis: str) -> frozenset[int]:
    """The units whose recognitions belong to a unit. No query when the territory register is cached.

    At the time: the unit with all that had gone into it by the day, or by its own end where it ended before;
    so each recognition is in exactly one unit that stood on the day.
    """
    if basis == Basis.CURRENT:
        return family_ids(unit_id)
    found = register()
    until = found.units[unit_id].until if unit_id in found.units else None
    then = min(day, until) if until else day
    return frozenset(pk for pk in {*found.units, unit_id} if unit_on(pk, then) == unit_id)


def unit_on(territory_id: int, day: dt.date) -> int:
    """The unit that a unit was part of on a day: itself, or what it had gone into by then."""
    found = register()
    while territory_id in found.successor and found.succeeded_on[territory_id] <= day:
        territory_id = found.successor[territory_id]
    return territory_id


def suspensions_of(rows: Iterable[Recognition]) -> dict[int, list[Period]]:
    """Every suspension of many recognitions. One query."""
    found: dict[int, list[Period]] = {row.pk: [] for row in rows}
    listed = Suspension.objects.filter(recognition__in=found).values_list("recognition_id", "begins_on", "ends_on")
    for pk, begins_on, ends_on in listed:
        found[pk].append((begins_on, ends_on))
    return found


def facts_of(recognition: Recognition) -> Facts:
    """Everything that decides any day of one recognition. One query, more where the decision is not selected."""
    return recognition.facts(suspensions=suspensions_of([recognition])[recognition.pk])


def held_on(recognition: Recognition, day: dt.date, *, facts: Facts | None = None) -> Held:
    """Whether a recognition was in force on a day, say of production; "unknown" where only a year is known.

    Who asks about many days gives the facts, read once.
    """
    if recognition.stage == Stage.PROPOSED:
        return Held("no", _("Sản phẩm mới được đề nghị, chưa được công nhận."))
    facts = facts or facts_of(recognition)
    if not holds_on(facts, day):
        return Held("no", why_not(facts, day))
    unclear = _unclear(recognition, day)
    if unclear:
        return Held("unknown", unclear)
    return Held("yes", _("Công nhận có hiệu lực vào ngày %(day)s.") % {"day": day_words(day)})


def _unclear(row: Recognition, day: dt.date) -> str:
    """Why the day cannot be decided, in a year of which the register does not know the days; else empty."""
    if row.issued_on is None and row.begins_on == dt.date(row.year, 1, 1) and day.year == row.year:
        return _("Chỉ biết công nhận trong năm %(year)s, chưa rõ từ ngày nào.") % {"year": row.year}
    to_end_of_year = row.validity_rule is not None and row.validity_rule.to_end_of_year
    if row.expiry_precision != DatePrecision.YEAR or to_end_of_year or row.expires_on is None:
        return ""
    if day.year == row.expires_on.year:
        return _("Chỉ biết công nhận hết hiệu lực trong năm %(year)s, chưa rõ ngày nào.") % {"year": day.year}
    return ""
