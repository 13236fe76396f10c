"""Officers who act on one project, need or report at the same instant, on PostgreSQL; each race with a control that is lost."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.query import QuerySet

from extension.enums import AlarmState, Cycle, EstimateState, NeedState, ReportState
from extension.models import DuplicateAlarm, Estimate, EstimateLine, Need, Payment, Project, ReportPeriod
from extension.needs import queries as need_queries
from extension.reports.periods import Period
from extension.services import needs, reports
from portal.accounts.enums import Role
from portal.audit import triggers
from portal.text.errors import Refusal
from tests import factories as make
from tests.extension import estimate_world, money_world, needs_world
from tests.extension.estimate_world import MILLION
from tests.races.test_scoring import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
HOLDS = 1.0


@pytest.fixture
def guards_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The guards as they are, but none holds a row."""
    kept = {name: dataclasses.replace(guard, lock="") for name, guard in triggers._guards.items()}
    with monkeypatch.context() as patched:
        patched.setattr(triggers, "_guards", kept)
        triggers.install(connection)
    yield
    triggers.install(connection)


def without_locks_on(monkeypatch: pytest.MonkeyPatch, *models: type) -> None:
    locking = QuerySet.select_for_update

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model in models else locking(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


def meeting(act: Callable[..., Any]) -> Callable[..., Any]:
    """The same act, after which each of two waits for the other, or a moment."""
    both = threading.Barrier(2)

    def met(*args: Any, **facts: Any) -> Any:
        found = act(*args, **facts)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=HOLDS)
        return found

    return met


def first_and_then(first: Callable[[], Any], then: Callable[[], Any]) -> list[Any]:
    """`first` writes and ends its transaction only when `then` is through, or had to wait for it."""
    written, through = threading.Event(), threading.Event()

    def held() -> Any:
        with transaction.atomic():
            found = first()
            written.set()
            through.wait(timeout=HOLDS)
        return found

    def after() -> Any:
        written.wait(timeout=10)
        try:
            return then()
        finally:
            through.set()

    return together(held, after)


def codes(results: list[Any]) -> list[Any]:
    return [getattr(one, "code", type(one)) for one in results if isinstance(one, Exception)]


# --- two supports abroad ----------------------------------------------------------------------------------


def abroad_at_once(province: Any) -> int:
    """One support abroad stands; two more estimates are approved at one instant. How many supports stand then."""
    world = estimate_world.World(province)
    world.approved(world.line("abroad", asked=50, cost=50))
    found = [world.proposed(world.line("abroad", asked=50, cost=50), project=world.another()) for _time in range(2)]
    EstimateLine.objects.update(approved=50 * MILLION)
    DuplicateAlarm.objects.update(
        state=AlarmState.DISMISSED, reason="Khác nước.", decided_by=world.leader, decided_at=estimate_world.NOW
    )
    decided = {"state": "approved", "decided_by": world.leader, "decided_at": estimate_world.NOW}
    first_and_then(
        *(lambda estimate=estimate: Estimate.objects.filter(pk=estimate.pk).update(**decided) for estimate in found)
    )
    return Estimate.objects.filter(state=EstimateState.APPROVED).count()


def test_a_facility_goes_abroad_twice_a_year_though_two_approve_at_once(province: Any) -> None:
    assert abroad_at_once(province) == 2


def test_control_without_turns_it_goes_a_third_time(province: Any, guards_do_not_wait: None) -> None:
    assert abroad_at_once(province) == 3


# --- an estimate approved while a line changes ------------------------------------------------------------


def approved_while_a_line_changes(province: Any) -> tuple[list[Any], int | None]:
    """What was refused, and what the line of the approved estimate says."""
    world = estimate_world.World(province)
    estimate = world.proposed(world.line(asked=300))
    EstimateLine.objects.update(approved=300 * MILLION)
    decided = {"state": "approved", "decided_by": world.leader, "decided_at": estimate_world.NOW}
    results = first_and_then(
        lambda: Estimate.objects.filter(pk=estimate.pk).update(**decided),
        lambda: EstimateLine.objects.update(approved=200 * MILLION),
    )
    return codes(results), EstimateLine.objects.values_list("approved", flat=True).get()


def test_a_line_does_not_change_while_its_estimate_is_approved(province: Any) -> None:
    assert approved_while_a_line_changes(province) == ([IntegrityError], 300 * MILLION)


def test_control_guards_that_do_not_wait_let_the_line_differ(province: Any, guards_do_not_wait: None) -> None:
    assert approved_while_a_line_changes(province) == ([], 200 * MILLION)


# --- a report locked while a payment of its days is recorded ----------------------------------------------

QUARTER = Period(Cycle.QUARTER, 2025, 2)
SENT = money_world.NOW.replace(month=7)


def locked_while_paying(province: Any) -> tuple[list[Any], str, int]:
    """What was refused, the report's state, and how many payments of its days there are."""
    made = money_world.world(province, 100, percent=100)
    agency = make.staff(Role.AGENCY_NATIONAL)
    payment = made.approved(100)
    facts: dict[str, Any] = {"territory": province, "period": QUARTER, "words": "", "figures": {}, "now": SENT}
    report = reports.send_report(actor=made.leads, **facts)
    later = SENT.replace(day=20)
    results = first_and_then(
        lambda: made.pay(payment, on=QUARTER.ends_on, now=later),
        lambda: reports.lock_report(report=report, actor=agency, now=later),
    )
    state = ReportPeriod.objects.values_list("state", flat=True).get(pk=report.pk)
    return codes(results), state, Payment.objects.filter(state="paid").count()


def test_a_report_is_not_locked_over_a_payment_that_its_figures_do_not_hold(province: Any) -> None:
    assert locked_while_paying(province) == (["moved"], ReportState.SENT, 1)


def test_control_without_waiting_it_is_locked_and_the_payment_stands(province: Any, guards_do_not_wait: None) -> None:
    assert locked_while_paying(province) == ([], ReportState.LOCKED, 1)


def test_a_payment_waits_for_the_lock_of_its_days_and_is_refused(province: Any) -> None:
    made = money_world.world(province, 100, percent=100)
    payment = made.approved(100)
    days: dict[str, Any] = {
        "starts_on": QUARTER.starts_on,
        "ends_on": QUARTER.ends_on,
        "cycle": "quarter",
        "year": 2025,
        "ordinal": 2,
    }
    report = ReportPeriod.objects.create(territory=province, state="sent", sent_at=SENT, **days)
    rows = ReportPeriod.objects.filter(pk=report.pk)
    results = first_and_then(lambda: rows.update(state="locked", locked_at=SENT), lambda: made.pay(payment))
    assert codes(results) == ["invalid"]
    assert made.disbursed() is None


# --- one need, two officers -------------------------------------------------------------------------------


def turned_twice(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    world = needs_world.World()
    need = world.need(state=NeedState.SHELVED)
    facts: dict[str, Any] = {"funding": "local", "head": 3, "year": 2027, "actor": world.clerk, "now": needs_world.NOW}
    monkeypatch.setattr(need_queries, "ranks_of", meeting(need_queries.ranks_of))
    return codes(together(*(lambda name=name: needs.turn(needs=[need], name=name, **facts) for name in "AB")))


def test_a_need_becomes_one_project_though_two_officers_turn_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert turned_twice(monkeypatch) == ["not_shelved"]
    assert Project.objects.count() == 1


def test_control_without_the_lock_it_becomes_two(monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks_on(monkeypatch, Need)
    assert turned_twice(monkeypatch) == []
    assert Project.objects.count() == 2


def registered_twice(monkeypatch: pytest.MonkeyPatch) -> int:
    world = needs_world.World()
    monkeypatch.setattr(needs, "_once", meeting(needs._once))
    facts: dict[str, Any] = {"facility": world.facility, "year": 2027, "title": "Máy sấy", "actor": world.maker}
    results = together(*(lambda: needs.register(now=needs_world.NOW, **facts) for _time in range(2)))
    assert all(isinstance(one, Need | Refusal) for one in results)
    return Need.objects.count()


def test_a_need_sent_twice_at_once_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registered_twice(monkeypatch) == 1


def test_control_without_holding_the_facility_it_is_registered_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks_on(monkeypatch, make.FacilityFactory._meta.model)
    assert registered_twice(monkeypatch) == 2
