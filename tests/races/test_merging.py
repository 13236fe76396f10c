"""Two entries of a facility made one while money of one of them is decided, on PostgreSQL; with controls in which the
merge does not take turns with other work, and the two wait for one another until the database ends one.
"""

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from extension.enums import AlarmState, EstimateState, PaymentState
from extension.estimates import merged
from extension.models import Beneficiary, DuplicateAlarm, Estimate, EstimateLine, Need, Participation, Payment
from extension.services import estimates, fairs, needs, payments, projects
from facilities import merging
from facilities.models import Facility, Merging
from portal.accounts.enums import Role
from portal.audit import triggers
from tests import factories as make
from tests.extension import estimate_world
from tests.extension.money_world import NOW
from tests.extension.test_merging import supported
from tests.races.test_extension import HOLDS, codes, first_and_then
from tests.races.test_scoring import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def no_turns() -> Iterator[None]:
    """A merge that holds nothing of the extension's before the facilities."""
    merging.facilities_joining.disconnect(dispatch_uid="work-on-joining-facilities")
    yield
    merged.connect()


@pytest.fixture
def nothing_waits(no_turns: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nor do the guards of the database hold a row, as those of lines and beneficiaries hold their project."""
    kept = {name: dataclasses.replace(guard, lock="") for name, guard in triggers._guards.items()}
    with monkeypatch.context() as patched:
        patched.setattr(triggers, "_guards", kept)
        triggers.install(connection)
    yield
    triggers.install(connection)


@pytest.fixture
def pair(province: Any) -> tuple[Facility, Facility]:
    return make.FacilityFactory(territory=province), make.FacilityFactory(territory=province)


def merge(pair: tuple[Facility, Facility], officer: Any) -> Callable[[], Any]:
    facts = {"reason": "Nhập hai lần.", "actor": officer, "now": NOW}
    return lambda: merging.merge_facilities(survivor=pair[0], loser=pair[1], **facts)


def told(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act; an end that the database put to it is a result like another."""

    def done() -> Any:
        try:
            return act()
        except OperationalError as ended:
            return ended

    return done


def at_one_point(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> None:
    """What is named stops, once it is through, until the other is there too, or had to wait."""
    both = threading.Barrier(2)

    def stopping(act: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **facts: Any) -> Any:
            found = act(*args, **facts)
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(timeout=HOLDS)
            return found

        return met

    for module, name in places:
        monkeypatch.setattr(module, name, stopping(getattr(module, name)))


def whole(pair: tuple[Facility, Facility]) -> bool:
    """Whether the merge is done to the last row."""
    kept, gone = pair
    named = [model.objects.filter(facility=gone).exists() for model in (EstimateLine, Beneficiary, Need, Participation)]
    gone.refresh_from_db()
    return gone.merged_into == kept and Merging.objects.count() == 1 and not any(named)


# --- money that is approved and paid ------------------------------------------------------------------------------


def decided_at_once(
    monkeypatch: pytest.MonkeyPatch, province: Any, pair: tuple[Facility, Facility], officer: Any, *, is_paid: bool
) -> list[Any]:
    """Money of a line is approved or paid while the facility that the line names becomes one with another."""
    made = [supported(province, facility)[0] for facility in pair][1]
    payment = made.approved(40_000_000) if is_paid else made.propose(40_000_000)
    at_one_point(monkeypatch, (payments, "_lock_payment"), (merging, "record"))
    approving = {"payment": payment, "actor": made.leads, "now": NOW}
    act = (lambda: made.pay(payment)) if is_paid else (lambda: payments.approve_payment(**approving))
    return codes(together(told(act), told(merge(pair, officer))))


@pytest.mark.parametrize("is_paid", [False, True])
def test_money_decided_while_two_entries_become_one_is_decided_and_the_merge_is_whole(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any, is_paid: bool
) -> None:
    assert decided_at_once(monkeypatch, province, pair, officer, is_paid=is_paid) == []
    assert Payment.objects.get().state == (PaymentState.PAID if is_paid else PaymentState.APPROVED)
    assert whole(pair)
    assert DuplicateAlarm.objects.get().state == AlarmState.OPEN


def test_control_without_turns_one_of_the_two_is_ended_by_the_database(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any, nothing_waits: None
) -> None:
    assert decided_at_once(monkeypatch, province, pair, officer, is_paid=False) == [OperationalError]


# --- an estimate that is approved -------------------------------------------------------------------------------


def two_machines(province: Any, pair: tuple[Facility, Facility]) -> Callable[[], Any]:
    """A machine of the one is approved; one of the other is about to be."""
    world = estimate_world.World(province)
    world.facility = pair[0]
    world.approved(world.line(), project=world.another())
    world.facility = pair[1]
    estimate = world.proposed(world.line(), project=world.another())
    assert not DuplicateAlarm.objects.exists()
    return lambda: world.approve(estimate)


def test_an_estimate_approved_before_the_merge_is_asked_about(pair: Any, officer: Any, province: Any) -> None:
    approving = two_machines(province, pair)
    assert codes(first_and_then(approving, merge(pair, officer))) == []
    assert Estimate.objects.filter(state=EstimateState.APPROVED).count() == 2
    assert DuplicateAlarm.objects.get().state == AlarmState.OPEN
    assert whole(pair)


def test_an_estimate_that_waits_for_the_merge_is_refused(pair: Any, officer: Any, province: Any) -> None:
    approving = two_machines(province, pair)
    assert codes(first_and_then(merge(pair, officer), approving)) == ["duplicate"]
    assert Estimate.objects.filter(state=EstimateState.APPROVED).count() == 1
    assert DuplicateAlarm.objects.get().state == AlarmState.OPEN
    assert whole(pair)


def both_at_once(monkeypatch: pytest.MonkeyPatch, province: Any, pair: Any, officer: Any) -> list[Any]:
    approving = two_machines(province, pair)
    at_one_point(monkeypatch, (estimates, "_proposed"), (merging, "move"))
    return together(told(approving), told(merge(pair, officer)))


def test_of_both_at_once_neither_is_ended_and_two_supports_do_not_pass_unseen(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any
) -> None:
    assert codes(both_at_once(monkeypatch, province, pair, officer)) in ([], ["duplicate"])
    assert DuplicateAlarm.objects.get().state == AlarmState.OPEN
    assert whole(pair)


def test_control_of_both_at_once_without_turns_one_is_ended(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any, no_turns: None
) -> None:
    assert codes(both_at_once(monkeypatch, province, pair, officer)) == [OperationalError]


# --- brought apart again -----------------------------------------------------------------------------------------


def test_money_approved_while_two_entries_are_brought_apart_is_approved(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any
) -> None:
    made = [supported(province, facility)[0] for facility in pair][1]
    row, payment = merge(pair, officer)(), made.propose(40_000_000)
    at_one_point(monkeypatch, (payments, "_lock_payment"), (merging, "record"))
    results = together(
        told(lambda: payments.approve_payment(payment=payment, actor=made.leads, now=NOW)),
        told(lambda: merging.undo_merging(merging=row, actor=officer, now=NOW)),
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Payment.objects.get().state == PaymentState.APPROVED
    assert EstimateLine.objects.filter(facility=pair[1]).exists()
    assert not DuplicateAlarm.objects.exists()


# --- what else names a facility -----------------------------------------------------------------------------------


def stand_changed(monkeypatch: pytest.MonkeyPatch, province: Any, pair: Any, officer: Any) -> list[Any]:
    """A place at a fair is changed while its facility becomes one with another."""
    row = make.ParticipationFactory(facility=pair[1], fair=make.FairFactory(territory=province))
    keeper = make.staff(Role.EXTENSION_OFFICER, province)
    at_one_point(monkeypatch, (fairs, "_locked"), (merging, "lock_pair"))
    facts: dict[str, Any] = {"participation": row, "actor": keeper, "booths": 3}
    return together(told(lambda: fairs.change_participant(**facts)), told(merge(pair, officer)))


def test_a_place_at_a_fair_changes_while_its_facility_becomes_one_with_another(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any
) -> None:
    assert codes(stand_changed(monkeypatch, province, pair, officer)) == []
    assert Participation.objects.get().booths == 3
    assert whole(pair)


def test_control_without_turns_the_fair_and_the_merge_wait_for_one_another(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any, no_turns: None
) -> None:
    assert codes(stand_changed(monkeypatch, province, pair, officer)) == [OperationalError]


def writings(province: Any, gone: Facility) -> list[Callable[[], Any]]:
    """A line of support, a place at a fair and a need, each of a facility that is going."""
    clerk, project = make.staff(Role.EXTENSION_OFFICER, province), make.ProjectFactory(territory=province)
    fair = make.FairFactory(territory=province)
    need: dict[str, Any] = {"facility": gone, "year": 2026, "title": "Máy sấy", "actor": clerk, "now": NOW}
    return [
        lambda: projects.add_beneficiary(project=project, actor=clerk, facility=gone),
        lambda: fairs.add_participant(fair=fair, facility=gone, actor=clerk),
        lambda: needs.register(**need),
    ]


def test_nothing_new_is_written_of_an_entry_that_has_just_gone(pair: Any, officer: Any, province: Any) -> None:
    acts = writings(province, pair[1])
    results = first_and_then(merge(pair, officer), lambda: codes(together(*acts)))
    assert results[1] == ["merged"] * 3
    assert whole(pair)


def test_control_without_holding_the_facility_it_is_written_of_what_is_gone(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any
) -> None:
    act = writings(province, pair[1])[0]
    monkeypatch.setattr(projects, "hold_facility", lambda _facility: None)
    assert codes(first_and_then(merge(pair, officer), act)) == []
    assert not whole(pair)


def test_a_merge_does_not_wait_once_it_holds_the_facilities(
    monkeypatch: pytest.MonkeyPatch, pair: Any, officer: Any, province: Any
) -> None:
    made = supported(province, pair[1])[0]
    # What came to name the facility only after the merge had held what it knew of.
    knew, known = merged._held, []
    monkeypatch.setattr(merged, "_held", lambda *args, waits: None if waits else known.append(knew(*args, waits=waits)))
    results = first_and_then(lambda: made.propose(40_000_000), merge(pair, officer))
    assert codes(results) == ["busy"]
    assert Facility.objects.filter(merged_into=None).count() == 2
