"""Officers who act at the same instant, on PostgreSQL; each race runs with a control that shows it can be lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.query import QuerySet

from portal.text.errors import Refusal
from products.models import Decision, Recognition
from rounds.enums import RoundState
from rounds.models import Dossier, Round
from rounds.services import dossiers, gathering, guards, lifecycle, receiving
from tests import factories
from tests.races.test_scoring import together
from tests.rounds import helpers
from tests.rounds.helpers import AFTER, DECIDE, NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
R = RoundState


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of rounds and dossiers are no longer locked."""
    locking = QuerySet.select_for_update

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model in (Round, Dossier) else locking(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


def meet_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, parties: int) -> None:
    """Nobody passes `module.name` before all have come to it."""
    barrier, original = threading.Barrier(parties), getattr(module, name)

    def after_all(*args: Any, **facts: Any) -> Any:
        result = original(*args, **facts)
        barrier.wait(timeout=10)
        return result

    monkeypatch.setattr(module, name, after_all)


def decide(round_: Round, leader: Any, **changes: Any) -> Callable[[], Decision]:
    return lambda: lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **{**DECIDE, **changes})


def drafts(province: Any, officer: Any, total: int) -> list[Dossier]:
    round_ = helpers.receiving_round(province, officer)
    return [
        dossiers.create_dossier(round_=round_, product=helpers.product_of(province), actor=officer, now=NOON)
        for _number in range(total)
    ]


def submitting(dossier: Dossier, officer: Any) -> Callable[[], Dossier]:
    return lambda: dossiers.submit(dossier=dossier, actor=officer, now=NOON)


def test_a_decision_sent_four_times_at_once_recognises_once(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    results = together(*[decide(round_, leader)] * 4)
    assert len({result.pk for result in results}) == 1
    assert (Decision.objects.count(), Recognition.objects.count()) == (1, 2)


def test_control_without_the_row_lock_the_second_is_not_answered(province, officer, leader, unlocked, monkeypatch):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    meet_before(monkeypatch, lifecycle, "refuse_wrong_day", 2)
    results = together(*[decide(round_, leader)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Decision", "Refusal"]


def test_of_two_different_decisions_one_is_recorded(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    results = together(decide(round_, leader), decide(round_, leader, number="346"))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["transition_out_of_order"]
    assert (Decision.objects.count(), Recognition.objects.count()) == (1, 2)


def test_a_step_taken_by_two_at_once_is_taken_once(province, officer):
    round_ = helpers.receiving_round(province, officer)

    def step() -> Round:
        return lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=AFTER)

    results = together(step, step)
    assert sorted(type(result).__name__ for result in results) == ["Refusal", "Round"]


def test_control_without_the_row_lock_both_take_the_step(province, officer, unlocked, monkeypatch):
    round_ = helpers.receiving_round(province, officer)
    meet_before(monkeypatch, guards, "check", 2)

    def step() -> Round:
        return lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=AFTER)

    assert [type(result).__name__ for result in together(step, step)] == ["Round", "Round"]


def test_eight_dossiers_submitted_at_once_get_eight_numbers(province, officer):
    found = drafts(province, officer, 8)
    together(*[submitting(dossier, officer) for dossier in found])
    codes = Dossier.objects.order_by("entry_code").values_list("entry_code", flat=True)
    assert list(codes) == [f"{number:03}" for number in range(1, 9)]


def test_control_without_the_row_lock_two_ask_for_the_same_number(province, officer, unlocked, monkeypatch):
    found = drafts(province, officer, 2)
    meet_before(monkeypatch, receiving, "next_code", 2)
    results = together(*[submitting(dossier, officer) for dossier in found])
    assert sorted(type(result).__name__ for result in results) == ["Dossier", "IntegrityError"]


def test_a_form_sent_four_times_at_once_makes_one_dossier(province, officer):
    round_ = helpers.receiving_round(province, officer)
    product = helpers.product_of(province)

    def enter() -> Dossier:
        return dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON)

    results = together(*[enter] * 4)
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["dossier_exists"] * 3
    assert Dossier.objects.count() == 1


def test_without_the_row_lock_the_constraint_still_speaks_in_words(province, officer, unlocked, monkeypatch):
    round_ = helpers.receiving_round(province, officer)
    product = helpers.product_of(province)
    meet_before(monkeypatch, dossiers, "refuse_entry", 2)

    def enter() -> Dossier:
        return dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON)

    results = together(enter, enter)
    assert [result.code for result in results if isinstance(result, Refusal)] == ["dossier_exists"]
    assert Dossier.objects.count() == 1


def test_control_without_any_door_two_dossiers_collide(province):
    round_ = factories.RoundFactory(territory=province)
    product = helpers.product_of(province)
    results = together(*[lambda: Dossier.objects.create(round=round_, product=product)] * 2)
    assert sum(isinstance(result, IntegrityError) for result in results) == 1


def saving(dossier: Dossier, officer: Any, booth: str) -> Callable[[], Dossier]:
    return lambda: dossiers.update_dossier(dossier=dossier, actor=officer, revision=dossier.revision, booth=booth)


def test_of_two_officers_who_save_the_same_page_one_wins_and_the_other_is_told(province, officer, leader):
    dossier = Dossier.objects.get(pk=drafts(province, officer, 1)[0].pk)
    results = together(saving(dossier, officer, "A1"), saving(dossier, leader, "B2"))
    refused = [result for result in results if isinstance(result, Refusal)]
    saved = [result for result in results if isinstance(result, Dossier)]
    assert [refusal.code for refusal in refused] == ["moved_on"]
    found = Dossier.objects.get(pk=dossier.pk)
    assert (found.booth, found.revision) == (saved[0].booth, dossier.revision + 1)
    assert "đã sửa hồ sơ này lúc" in str(refused[0])


def test_control_without_the_row_lock_one_save_is_lost_in_silence(province, officer, leader, unlocked, monkeypatch):
    dossier = Dossier.objects.get(pk=drafts(province, officer, 1)[0].pk)
    meet_before(monkeypatch, dossiers, "lock_dossier", 2)
    results = together(saving(dossier, officer, "A1"), saving(dossier, leader, "B2"))
    assert [type(result).__name__ for result in results] == ["Dossier", "Dossier"]
    assert Dossier.objects.get(pk=dossier.pk).revision == dossier.revision + 1


def gathering_of(parts: list[Dossier], officer: Any, name: str) -> Callable[[], Dossier]:
    return lambda: gathering.gather(
        round_=parts[0].round, dossiers=parts, name=name, basis="fitting", actor=officer, now=NOON
    )


def test_a_dossier_goes_into_one_set_though_two_leaders_gather_it_at_once(province, officer, leader):
    other = factories.staff("leader", province)
    round_ = helpers.receiving_round(province, officer)
    facility = factories.FacilityFactory(territory=province)
    parts = [helpers.submitted(round_, officer, facility=facility) for _number in range(3)]
    results = together(gathering_of(parts[:2], other, "Bộ thứ nhất"), gathering_of(parts[1:], leader, "Bộ thứ hai"))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["part_out_of_order"]
    assert Dossier.objects.filter(is_gathered_set=True).count() == 1
    assert Dossier.objects.filter(gathered_into__isnull=False).count() == 2
