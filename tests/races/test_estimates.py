"""Two estimates approved at the same instant, on PostgreSQL; with a control in which approvals take no turns."""

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from extension.enums import EstimateState
from extension.models import DuplicateAlarm, Estimate, EstimateLine
from portal.audit import triggers
from tests.extension.estimate_world import MILLION, NOW, World
from tests.races.test_scoring import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
TAKE_TURNS = {"machine_supported_once", "abroad_twice_a_year"}


@pytest.fixture
def without_turns() -> Iterator[None]:
    """The same guards, but two approvals no longer wait for one another."""
    for guard in triggers.registered():
        if guard.name in TAKE_TURNS:
            triggers._run(connection, [f'DROP TRIGGER "{guard.trigger_name("UPDATE")}" ON "{guard.table}"'])
            triggers._run(connection, dataclasses.replace(guard, lock="").create("postgresql"))
    yield
    triggers.install(connection)


def one_machine_twice(province: Any) -> tuple[World, list[Estimate]]:
    """Two projects, each with a proposed estimate for the same machine, and nobody warned."""
    world = World(province)
    found = [
        world.proposed(world.line(machine="Máy mẫu số 7"), project=project)
        for project in (world.project, world.another())
    ]
    EstimateLine.objects.update(approved=300 * MILLION)
    DuplicateAlarm.objects.all().delete()
    return world, found


def approving(estimate: Estimate, leader: Any, both: threading.Barrier) -> Any:
    """Approve by hand and stay within the transaction until the other has come as far as it can."""

    def act() -> int:
        with transaction.atomic():
            changed = Estimate.objects.filter(pk=estimate.pk).update(
                state=EstimateState.APPROVED, decided_by=leader, decided_at=NOW
            )
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(timeout=1.5)
        return changed

    return act


def approved_at_once(province: Any) -> int:
    world, found = one_machine_twice(province)
    both = threading.Barrier(2)
    together(*(approving(estimate, world.leader, both) for estimate in found))
    return Estimate.objects.filter(state=EstimateState.APPROVED).count()


def test_of_two_approvals_at_once_one_machine_is_supported_once(province: Any) -> None:
    assert approved_at_once(province) == 1


def test_control_without_turns_the_machine_is_supported_twice(province: Any, without_turns: None) -> None:
    assert approved_at_once(province) == 2
