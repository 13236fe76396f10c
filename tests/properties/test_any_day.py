"""The status of any day, in the database and in Python; and who was in force on a day in a unit, against a count by hand."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.territory.enums import Basis
from portal.territory.models import Succession, Territory
from portal.territory.queries import forget_register
from products.as_of import facts_of, in_force, recognitions_on
from products.enums import DatePrecision, Stage, Status
from products.models import Recognition, Suspension
from products.validity import Period, holds_on, status_of
from products.validity_sql import status_condition
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SOON = 3
TRIED = settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# A leap day and the turn of two years lie within, and so few days that edges meet.
days = st.sampled_from(
    [dt.date(2024, 2, 26) + n * DAY for n in range(8)]
    + [dt.date(2024, 12, 30) + n * DAY for n in range(4)]
    + [dt.date(2025, 6, 29) + n * DAY for n in range(4)]
)
maybe = st.one_of(st.none(), days)


@dataclass(frozen=True)
class Life:
    """One recognition as the register may hold it, days unknown included."""

    issued_on: dt.date | None
    signed_on: dt.date | None
    expires_on: dt.date | None
    pauses: tuple[Period, ...]
    withdrawn_on: dt.date | None
    revoked_on: dt.date | None
    published: bool
    unit: int
    household: bool

    @property
    def begins_on(self) -> dt.date:
        return self.issued_on or self.signed_on or dt.date(2024, 1, 1)


@st.composite
def lives(draw: Any) -> Life:
    issued_on = draw(maybe)
    expires_on = draw(st.one_of(st.none(), days) if issued_on is None else days.filter(lambda day: day >= issued_on))
    edges = sorted(draw(st.sets(days, max_size=4)))
    pairs: list[Period] = list(zip(edges[::2], edges[1::2], strict=False))
    if len(edges) % 2:
        pairs.append((edges[-1], None))
    proposed = expires_on is None
    return Life(
        issued_on=issued_on,
        signed_on=None if proposed else draw(maybe),
        expires_on=expires_on,
        pauses=tuple(pairs),
        withdrawn_on=draw(maybe),
        revoked_on=draw(maybe),
        published=not proposed and draw(st.integers(0, 4)) > 0,
        unit=draw(st.integers(0, 3)),
        household=draw(st.booleans()),
    )


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written within is gone afterwards: a revocation could not be removed otherwise."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(life: Life, units: list[Territory]) -> Recognition:
    decision = factories.DecisionFactory(signed_on=life.signed_on, year=life.signed_on.year) if life.signed_on else None
    ended = life.pauses or life.withdrawn_on or life.revoked_on
    latest = life.pauses[-1] if life.pauses else (None, None)
    row = factories.RecognitionFactory(
        product__facility__kind="household" if life.household else "cooperative",
        product__facility__territory=units[life.unit],
        territory=units[life.unit],
        stage=Stage.RECOGNISED if life.expires_on else Stage.PROPOSED,
        year=2024,
        decision=decision,
        issued_on=life.issued_on,
        expires_on=life.expires_on,
        expiry_precision=DatePrecision.DAY,
        suspended_from=latest[0],
        suspended_to=latest[1],
        withdrawn_on=life.withdrawn_on,
        revoked_on=life.revoked_on,
        status_reason="Lý do" if ended else "",
        **({} if life.published else {"published_at": None}),
    )
    for begins_on, ends_on in life.pauses:
        Suspension.objects.create(recognition=row, begins_on=begins_on, ends_on=ends_on, basis="b", reason="r")
    return row


@pytest.fixture
def units(db: None) -> list[Territory]:
    """Two that merge into a third on 1 March 2024, which goes into a fourth on 1 July 2025; one that stands."""
    first, second = (factories.TerritoryFactory(valid_to=dt.date(2024, 2, 29)) for _ in range(2))
    merged = factories.TerritoryFactory(valid_from=dt.date(2024, 3, 1), valid_to=dt.date(2025, 6, 30))
    standing = factories.TerritoryFactory()
    for gone, into, on in ((first, merged, dt.date(2024, 3, 1)), (second, merged, dt.date(2024, 3, 1)),
                           (merged, standing, dt.date(2025, 7, 1))):  # fmt: skip
        Succession.objects.create(predecessor=gone, successor=into, on=on)
    forget_register()
    return [first, second, merged, standing]


# --- status ---------------------------------------------------------------------------------------------------------


@TRIED
@given(life=lives().filter(lambda life: life.expires_on is not None), on=days)
def test_exactly_one_status_applies_on_any_day_and_the_database_agrees(
    *, units: list[Territory], life: Life, on: dt.date
) -> None:
    with taken_back():
        row = store(life, units)
        applying = [
            status
            for status in Status
            if Recognition.objects.filter(
                status_condition(status, on=on, expiring_days=SOON, any_day=True), pk=row.pk
            ).exists()
        ]
        assert applying == [status_of(facts_of(row), on=on, expiring_days=SOON)]
        held = Recognition.objects.filter(in_force(on), pk=row.pk).exists()
        assert held is holds_on(facts_of(row), on)


@TRIED
@given(life=lives(), on=days)
def test_today_is_told_by_the_row_alone_where_the_earlier_suspensions_are_over(
    *, units: list[Territory], life: Life, on: dt.date
) -> None:
    """What `suspend` sees to: when a later suspension is recorded, the earlier ones have ended."""
    over = all(ends_on is not None and ends_on < on for _begins_on, ends_on in life.pauses[:-1])
    with taken_back():
        row = store(life, units)
        if not over:
            return
        whole = status_of(facts_of(row), on=on, expiring_days=SOON)
        assert row.status(on=on, expiring_days=SOON) == whole
        assert list(Recognition.objects.with_status(whole, on=on, expiring_days=SOON)) == [row]


# --- in force on a day, in a unit ---------------------------------------------------------------------------------


def in_force_by_hand(life: Life, day: dt.date) -> bool:
    """Said once more, without the house's own functions."""
    stopped = [first for first in (life.withdrawn_on, life.revoked_on) if first is not None and first <= day]
    paused = [1 for first, last in life.pauses if first <= day <= (last or dt.date.max)]
    return bool(life.expires_on and life.begins_on <= day <= life.expires_on and not stopped and not paused)


def in_unit_by_hand(life: Life, asked: int, day: dt.date, basis: str) -> bool:
    """Units 0 and 1 are 2 from 1 March 2024, and 2 is 3 from 1 July 2025."""
    if basis == Basis.CURRENT:
        return True  # all four are one unit today
    last_day = {0: dt.date(2024, 2, 29), 1: dt.date(2024, 2, 29), 2: dt.date(2025, 6, 30)}.get(asked, dt.date.max)
    then = min(day, last_day)
    unit = life.unit
    if unit in (0, 1) and then >= dt.date(2024, 3, 1):
        unit = 2
    if unit == 2 and then >= dt.date(2025, 7, 1):
        unit = 3
    return unit == asked


def seen_by_hand(life: Life, at: dt.date) -> bool:
    lost = life.household and life.revoked_on is not None and life.revoked_on <= at
    return not (lost and life.expires_on is not None and life.expires_on < at)


@TRIED
@given(
    found=st.lists(lives(), max_size=4),
    day=days,
    asked=st.one_of(st.none(), st.integers(0, 3)),
    basis=st.sampled_from([Basis.CURRENT, Basis.AT_THE_TIME]),
    at=maybe,
)
def test_who_was_in_force_in_a_unit_is_who_a_count_by_hand_finds(
    *, units: list[Territory], found: list[Life], day: dt.date, asked: int | None, basis: str, at: dt.date | None
) -> None:
    with taken_back():
        rows = {store(life, units).pk: life for life in found}
        unit = units[asked] if asked is not None else None
        answer = set(recognitions_on(day, unit=unit, basis=basis, at=at).values_list("pk", flat=True))
        by_hand = {
            pk
            for pk, life in rows.items()
            if life.published
            and in_force_by_hand(life, day)
            and (asked is None or in_unit_by_hand(life, asked, day, basis))
            and (at is None or seen_by_hand(life, at))
        }
        assert answer == by_hand


@TRIED
@given(found=st.lists(lives(), max_size=4), day=days)
def test_each_recognition_is_in_exactly_one_unit_of_the_day(
    *, units: list[Territory], found: list[Life], day: dt.date
) -> None:
    """So that the parts add up to the whole."""
    with taken_back():
        for life in found:
            store(life, units)
        whole = recognitions_on(day)
        standing = [
            unit for unit in units if unit.valid_from <= day and (unit.valid_to is None or day <= unit.valid_to)
        ]
        # A recognition told of a unit that did not exist yet on the day belongs to none that did.
        known = whole.filter(territory__valid_from__lte=day)
        parts = [
            pk
            for unit in standing
            for pk in recognitions_on(day, unit=unit, basis=Basis.AT_THE_TIME).values_list("pk", flat=True)
            if pk in set(known.values_list("pk", flat=True))
        ]
        assert sorted(parts) == sorted(known.values_list("pk", flat=True))
