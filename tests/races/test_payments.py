"""Two payments at the same instant, on PostgreSQL; each race with a control in which the last đồng is spent twice."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.query import QuerySet

from extension.enums import PaymentKind
from extension.models import Payment, Project
from extension.services import payments
from portal.audit import triggers
from tests import factories as make
from tests.extension.money_world import NOW, TODAY, World, world

from .test_scoring import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made() -> World:
    return world(make.TerritoryFactory(), 100, percent=100)


def refusals(results: list[Any]) -> list[Any]:
    return [getattr(result, "code", type(result)) for result in results if isinstance(result, Exception)]


# --- the services -----------------------------------------------------------------------------------------


def proposed_together(made: World, **facts: Any) -> list[Any]:
    return together(*(lambda amount=amount: made.propose(amount, **facts) for amount in (60, 41)))


def test_two_proposals_at_once_do_not_promise_the_same_dong(made: World) -> None:
    assert refusals(proposed_together(made)) == ["line_ceiling"]
    assert Payment.objects.count() == 1


def test_control_without_the_lock_both_are_promised(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    locking, barrier, reading = QuerySet.select_for_update, threading.Barrier(2), payments.ledger_of

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model is Project else locking(self, **options)

    def after_both(*args: Any, **facts: Any) -> Any:
        ledger = reading(*args, **facts)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=2)
        return ledger

    monkeypatch.setattr(QuerySet, "select_for_update", plain)
    monkeypatch.setattr(payments, "ledger_of", after_both)
    assert refusals(proposed_together(made)) == []
    assert sum(Payment.objects.values_list("amount", flat=True)) == 101


def test_the_same_request_sent_twice_at_once_is_one_payment(made: World) -> None:
    key = uuid4()
    results = together(*(lambda: made.propose(100, request_key=key) for _time in range(2)))
    assert results[0] == results[1]
    assert Payment.objects.count() == 1


def test_paid_twice_at_once_is_paid_once(made: World) -> None:
    payment = made.approved(100)
    assert refusals(together(lambda: made.pay(payment), lambda: made.pay(payment))) == ["already_decided"]
    assert made.disbursed() == 100


# --- the database by itself -------------------------------------------------------------------------------


def proposal(made: World, amount: int) -> Payment:
    """Written past the service, which would have refused the second."""
    payment = Payment.objects.create(
        project=made.project,
        kind=PaymentKind.DISBURSEMENT,
        amount=amount,
        reason="Đợt chi",
        proposed_by=made.asks,
        proposed_at=NOW,
    )
    payment.lines.create(line=made.lines[0], amount=amount)
    return payment


def at_one_instant(*writes: Callable[[], Any]) -> list[Any]:
    """Each writes in a transaction of its own and ends it only when both have written, or one had to wait."""
    barrier = threading.Barrier(len(writes))

    def held(write: Callable[[], Any]) -> None:
        with transaction.atomic():
            write()
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=1)

    return together(*(lambda write=write: held(write) for write in writes))


def by_hand(made: World, payment: Payment) -> Callable[[], int]:
    return lambda: Payment.objects.filter(pk=payment.pk).update(
        state="approved", approved_by=made.leads, approved_at=NOW
    )


def approved_by_hand(made: World) -> list[Any]:
    both = [proposal(made, amount) for amount in (60, 41)]
    return at_one_instant(*(by_hand(made, payment) for payment in both))


@pytest.fixture
def guards_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The guards as they are, but none holds the project's row."""
    kept = {name: dataclasses.replace(guard, lock="") for name, guard in triggers._guards.items()}
    with monkeypatch.context() as patched:
        patched.setattr(triggers, "_guards", kept)
        triggers.install(connection)
    yield
    triggers.install(connection)


def test_two_payments_approved_at_once_by_hand_do_not_pass_the_line(made: World) -> None:
    assert refusals(approved_by_hand(made)) == [IntegrityError]
    assert Payment.objects.filter(state="approved").count() == 1


def test_control_guards_that_do_not_hold_the_project_let_both_pass(made: World, guards_do_not_wait: Any) -> None:
    assert refusals(approved_by_hand(made)) == []
    assert Payment.objects.filter(state="approved").count() == 2


def test_funds_lowered_while_money_is_paid_stay_above_it(made: World) -> None:
    payment = made.approved(60)
    paid = {"state": "paid", "paid_by": made.pays, "paid_at": NOW, "paid_on": TODAY}
    results = at_one_instant(
        lambda: Payment.objects.filter(pk=payment.pk).update(**paid),
        lambda: Project.objects.filter(pk=made.project.pk).update(extension_funds=59),
    )
    assert refusals(results) == [IntegrityError]


def test_paying_and_lowering_by_the_services_leave_one_of_the_two(made: World) -> None:
    payment = made.approved(60)

    def lower() -> None:
        with transaction.atomic():
            locked = Project.objects.select_for_update(of=("self",)).get(pk=made.project.pk)
            locked.extension_funds = 59
            locked.save()

    refused = refusals(together(lambda: made.pay(payment), lower))
    assert refused in (["ceiling"], [IntegrityError])
    found = Project.objects.get(pk=made.project.pk)
    assert (found.disbursed or 0) <= (found.extension_funds or 0)
