"""Validity of certificates: the dated rules as a table, and the one status that applies on a day."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from products.enums import DatePrecision, Level, Status
from products.models import Recognition
from products.validity import (
    Facts,
    Rule,
    day_standing_for,
    last_valid_day,
    last_valid_day_of_year,
    level_exists,
    rule_for,
    status_of,
    term_of,
)
from products.validity_sql import status_condition
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
    ],
)
def test_the_first_status_that_applies(facts: Facts, on: dt.date, status: Status) -> None:
    assert status_of(facts, on=on, expiring_days=SOON) == status


days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 12))
maybe = st.one_of(st.none(), days)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(end=days, start=maybe, length=st.one_of(st.none(), st.integers(0, 5)), withdrawn=maybe, revoked=maybe, on=days)
@pytest.mark.django_db
def test_exactly_one_status_applies_and_the_database_agrees(
    *,
    shared_row: Recognition,
    end: dt.date,
    start: dt.date | None,
    length: int | None,
    withdrawn: dt.date | None,
    revoked: dt.date | None,
    on: dt.date,
) -> None:
    until = start + dt.timedelta(days=length) if start and length is not None else None
    ended = bool(start or withdrawn or revoked)
    Recognition.objects.filter(pk=shared_row.pk).update(
        issued_on=None,
        expires_on=end,
        suspended_from=start,
        suspended_to=until,
        withdrawn_on=withdrawn,
        revoked_on=revoked,
        status_reason="Lý do" if ended else "",
    )
    fresh = Recognition.objects.get(pk=shared_row.pk)
    applying = [
        status
        for status in Status
        if Recognition.objects.filter(status_condition(status, on=on, expiring_days=3), pk=shared_row.pk).exists()
    ]
    assert applying == [fresh.status(on=on, expiring_days=3)]


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
