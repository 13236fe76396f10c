"""Validity of certificates: the dated rules as a table, and the one status that applies on a day."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from products.enums import DatePrecision, Level, Status
from products.models import Recognition
from products.validity import (
    Facts,
    Rule,
    begins_on,
    day_standing_for,
    first_stop,
    holds_on,
    last_valid_day,
    last_valid_day_of_year,
    level_exists,
    rule_for,
    status_of,
    term_of,
)
from tests import factories

A = Rule("a", dt.date(2014, 10, 21), dt.date(2018, 8, 15), 3, True)
B = Rule("b", dt.date(2018, 8, 16), dt.date(2025, 6, 30), 4, True)
C = Rule("c", dt.date(2025, 7, 1), None, 2, False)
RULES = (A, B, C)
SOON = 90


@pytest.mark.parametrize(
    ("decided", "rule"),
    [
        (dt.date(2014, 10, 20), None),
        (dt.date(2014, 10, 21), A),
        (dt.date(2018, 8, 15), A),
        (dt.date(2018, 8, 16), B),
        (dt.date(2025, 6, 30), B),
        (dt.date(2025, 7, 1), C),
        (dt.date(2099, 1, 1), C),
    ],
)
def test_the_rule_of_the_day_of_decision(decided: dt.date, rule: Rule | None) -> None:
    assert rule_for(RULES, decided_on=decided) == rule


@pytest.mark.parametrize(
    ("rule", "issued", "last"),
    [
        (A, dt.date(2016, 1, 1), dt.date(2018, 12, 31)),
        (A, dt.date(2016, 12, 31), dt.date(2018, 12, 31)),
        (B, dt.date(2021, 10, 2), dt.date(2024, 12, 31)),
        (C, dt.date(2025, 10, 3), dt.date(2027, 10, 3)),
        (C, dt.date(2028, 2, 29), dt.date(2030, 2, 28)),
        (Rule("d", dt.date(2000, 1, 1), None, 4, False), dt.date(2028, 2, 29), dt.date(2032, 2, 29)),
    ],
)
def test_the_last_valid_day(rule: Rule, issued: dt.date, last: dt.date) -> None:
    assert last_valid_day(rule, issued_on=issued) == last


@pytest.mark.parametrize(("rule", "year", "last"), [(A, 2016, 2018), (B, 2021, 2024), (C, 2025, 2027)])
def test_of_a_year_alone_the_last_year_is_known(rule: Rule, year: int, last: int) -> None:
    assert last_valid_day_of_year(rule, year=year) == dt.date(last, 12, 31)


def test_a_year_stands_for_its_last_day_and_for_districts_of_2025_for_30_june() -> None:
    assert day_standing_for(2025, Level.PROVINCE) == dt.date(2025, 12, 31)
    assert day_standing_for(2025, Level.DISTRICT) == dt.date(2025, 6, 30)
    assert day_standing_for(2024, Level.DISTRICT) == dt.date(2024, 12, 31)


@pytest.mark.parametrize(
    ("level", "on", "exists"),
    [
        (Level.DISTRICT, dt.date(2025, 6, 30), True),
        (Level.DISTRICT, dt.date(2025, 7, 1), False),
        (Level.COMMUNE, dt.date(2025, 6, 30), False),
        (Level.COMMUNE, dt.date(2025, 7, 1), True),
        (Level.NATIONAL, dt.date(2030, 1, 1), True),
    ],
)
def test_levels_are_dated(level: Level, on: dt.date, exists: bool) -> None:
    assert level_exists(level, on=on) is exists


def test_the_term_of_a_decision_an_issue_and_a_year() -> None:
    term = term_of(
        RULES, level=Level.NATIONAL, year=2025, decided_on=dt.date(2025, 6, 1), issued_on=dt.date(2025, 8, 1)
    )
    assert term is not None
    assert (term.rule, term.expires_on, term.precision) == (B, dt.date(2028, 12, 31), DatePrecision.DAY)
    only_year = term_of(RULES, level=Level.NATIONAL, year=2025)
    assert only_year is not None
    assert (only_year.rule, only_year.expires_on, only_year.precision) == (
        C,
        dt.date(2027, 12, 31),
        DatePrecision.YEAR,
    )
    assert term_of(RULES, level=Level.PROVINCE, year=2013) is None


# --- status ---------------------------------------------------------------------------------------------------

END = dt.date(2026, 12, 31)
ON = dt.date(2026, 6, 15)


@pytest.mark.parametrize(
    ("facts", "on", "status"),
    [
        (Facts(END), END - dt.timedelta(days=91), Status.VALID),
        (Facts(END), END - dt.timedelta(days=90), Status.EXPIRING),
        (Facts(END), END, Status.EXPIRING),
        (Facts(END), END + dt.timedelta(days=1), Status.EXPIRED),
        (Facts(None), ON, Status.EXPIRED),
        (Facts(END, suspended_from=ON), ON - dt.timedelta(days=1), Status.VALID),
        (Facts(END, suspended_from=ON), ON, Status.SUSPENDED),
        (Facts(END, suspended_from=ON, suspended_to=ON), ON, Status.SUSPENDED),
        (Facts(END, suspended_from=ON, suspended_to=ON), ON + dt.timedelta(days=1), Status.VALID),
        (Facts(END, superseded=True), ON, Status.SUPERSEDED),
        (Facts(END, superseded=True), END + dt.timedelta(days=1), Status.SUPERSEDED),
        (Facts(END, suspended_from=ON, superseded=True), ON, Status.SUSPENDED),
        (Facts(END, withdrawn_on=ON, suspended_from=ON), ON, Status.WITHDRAWN),
        (Facts(END, revoked_on=ON, withdrawn_on=ON, suspended_from=ON, superseded=True), ON, Status.REVOKED),
        (Facts(END, revoked_on=ON + dt.timedelta(days=1)), ON, Status.VALID),
        (Facts(END, revoked_on=ON), END + dt.timedelta(days=1), Status.REVOKED),
        (Facts(END, withdrawn_on=ON), ON - dt.timedelta(days=1), Status.VALID),
        (Facts(END, withdrawn_on=ON), ON, Status.WITHDRAWN),
        (Facts(END, suspended_from=ON), END + dt.timedelta(days=1), Status.SUSPENDED),
        # Every suspension counts for its own days, not only the latest.
        (
            Facts(END, suspended_from=ON, suspensions=((dt.date(2026, 3, 1), dt.date(2026, 3, 5)),)),
            dt.date(2026, 2, 28),
            Status.VALID,
        ),
        (
            Facts(END, suspended_from=ON, suspensions=((dt.date(2026, 3, 1), dt.date(2026, 3, 5)),)),
            dt.date(2026, 3, 1),
            Status.SUSPENDED,
        ),
        (
            Facts(END, suspended_from=ON, suspensions=((dt.date(2026, 3, 1), dt.date(2026, 3, 5)),)),
            dt.date(2026, 3, 5),
            Status.SUSPENDED,
        ),
        (
            Facts(END, suspended_from=ON, suspensions=((dt.date(2026, 3, 1), dt.date(2026, 3, 5)),)),
            dt.date(2026, 3, 6),
            Status.VALID,
        ),
        # A leap day is a day like any other.
        (Facts(dt.date(2028, 2, 29)), dt.date(2028, 2, 29), Status.EXPIRING),
        (Facts(dt.date(2028, 2, 29)), dt.date(2028, 3, 1), Status.EXPIRED),
        (Facts(dt.date(2028, 2, 28)), dt.date(2028, 2, 29), Status.EXPIRED),
    ],
)
def test_the_first_status_that_applies(facts: Facts, on: dt.date, status: Status) -> None:
    assert status_of(facts, on=on, expiring_days=SOON) == status


@pytest.fixture
def shared_row(db: None) -> Recognition:
    return factories.RecognitionFactory()


@pytest.mark.django_db
def test_a_proposal_without_an_end_counts_as_expired_in_both(shared_row: Recognition) -> None:
    row = Recognition.objects.create(
        product=shared_row.product, level=Level.NATIONAL, year=2025, territory=shared_row.territory, stage="proposed"
    )
    assert row.status(on=ON, expiring_days=SOON) == Status.EXPIRED
    assert list(Recognition.objects.with_status(Status.EXPIRED, on=ON, expiring_days=SOON)) == [row]


# --- in force on a day ----------------------------------------------------------------------------------------

FIRST = dt.date(2024, 2, 29)
LAST = dt.date(2026, 2, 28)
DAY = dt.timedelta(days=1)
WHOLE = Facts(LAST, begins_on=FIRST)


@pytest.mark.parametrize(
    ("facts", "on", "held"),
    [
        (WHOLE, FIRST - DAY, False),
        (WHOLE, FIRST, True),
        (WHOLE, LAST, True),
        (WHOLE, LAST + DAY, False),
        (replace(WHOLE, superseded=True), LAST, True),
        (replace(WHOLE, revoked_on=ON.replace(year=2025)), dt.date(2025, 6, 14), True),
        (replace(WHOLE, revoked_on=ON.replace(year=2025)), dt.date(2025, 6, 15), False),
        (replace(WHOLE, withdrawn_on=FIRST), FIRST, False),
        (replace(WHOLE, suspensions=((dt.date(2025, 3, 1), dt.date(2025, 3, 1)),)), dt.date(2025, 2, 28), True),
        (replace(WHOLE, suspensions=((dt.date(2025, 3, 1), dt.date(2025, 3, 1)),)), dt.date(2025, 3, 1), False),
        (replace(WHOLE, suspensions=((dt.date(2025, 3, 1), dt.date(2025, 3, 1)),)), dt.date(2025, 3, 2), True),
        (replace(WHOLE, suspensions=((dt.date(2025, 3, 1), None),)), LAST, False),
        (Facts(None), FIRST, False),
    ],
)
def test_in_force_from_the_first_day_to_the_last_unless_stopped(facts: Facts, on: dt.date, *, held: bool) -> None:
    assert holds_on(facts, on) is held


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({"issued_on": dt.date(2024, 5, 2), "decided_on": dt.date(2024, 4, 1)}, dt.date(2024, 5, 2)),
        ({"issued_on": None, "decided_on": dt.date(2024, 4, 1)}, dt.date(2024, 4, 1)),
        ({"issued_on": None, "decided_on": None}, dt.date(2024, 1, 1)),
    ],
)
def test_it_begins_with_the_issue_else_the_decision_else_the_year(known: dict[str, Any], first: dt.date) -> None:
    assert begins_on(**known, year=2024) == first


def test_the_first_stop_is_the_nearest_day_that_is_known() -> None:
    paused = replace(WHOLE, suspensions=((dt.date(2025, 3, 1), dt.date(2025, 3, 9)),), revoked_on=dt.date(2025, 8, 1))
    assert first_stop(paused, after=FIRST) == dt.date(2025, 2, 28)
    assert first_stop(paused, after=dt.date(2025, 3, 10)) == dt.date(2025, 7, 31)
    assert first_stop(WHOLE, after=FIRST) == LAST
