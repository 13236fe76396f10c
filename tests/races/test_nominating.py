"""Lists of nominations when two act at the same instant, on PostgreSQL; each race with a control that can be lost."""

from typing import Any

import pytest
from django.db.models.query import QuerySet

from portal.audit.models import AuditEntry
from rounds.enums import ListState
from rounds.models import Dossier, NominationList, Round
from rounds.services import nominating, nominations_taken
from tests.races.test_council import meet_at
from tests.races.test_scoring import together
from tests.rounds import nomination_world as world
from tests.rounds.nomination_world import NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are no longer locked."""
    locking = QuerySet.select_for_update

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model in (Round, NominationList) else locking(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


def ready(province: Any, officer: Any) -> NominationList:
    product = world.certified(province)
    row = nominating.open_list(round_=world.round_above(), territory=province, actor=officer, now=NOON)
    nominating.choose(nomination_list=row, product=product, actor=officer, now=NOON)
    return world.letter(row, officer)


def opening(round_: Round, province: Any, actor: Any) -> Any:
    return lambda: nominating.open_list(round_=round_, territory=province, actor=actor, now=NOON)


def sending(row: NominationList, actor: Any) -> Any:
    return lambda: nominating.send(nomination_list=row, actor=actor, now=NOON)


def receiving(row: NominationList, actor: Any) -> Any:
    return lambda: nominating.receive(nomination_list=row, actor=actor, now=NOON)


def names(results: list[Any]) -> list[str]:
    return sorted(getattr(one, "code", type(one).__name__) for one in results)


def test_two_officers_open_one_list(province, officer, leader):
    world.certified(province)
    round_ = world.round_above()
    results = together(opening(round_, province, officer), opening(round_, province, leader))
    assert names(results) == ["NominationList", "NominationList"]
    assert NominationList.objects.get().nominations.count() == 1


def test_two_officers_send_a_list_once(province, officer, leader):
    row = ready(province, officer)
    assert names(together(sending(row, officer), sending(row, leader))) == ["NominationList", "list_not_draft"]
    assert AuditEntry.objects.filter(action="nomination.send").count() == 1


def test_control_without_locks_it_is_sent_twice(province, officer, leader, unlocked, monkeypatch):
    row = ready(province, officer)
    meet_at(monkeypatch, nominating, "manifest_of")
    assert names(together(sending(row, officer), sending(row, leader))) != ["NominationList", "list_not_draft"]


def test_a_list_taken_in_twice_at_once_makes_its_dossiers_once(province, officer):
    row = ready(province, officer)
    nominating.send(nomination_list=row, actor=officer, now=NOON)
    results = together(receiving(row, world.agency()), receiving(row, world.agency()))
    assert names(results) == ["NominationList", "NominationList"]
    assert Dossier.objects.filter(round=row.round).count() == 1
    assert AuditEntry.objects.filter(action="nomination.receive").count() == 1


def test_control_without_locks_one_of_the_two_fails(province, officer, unlocked, monkeypatch):
    row = ready(province, officer)
    nominating.send(nomination_list=row, actor=officer, now=NOON)
    meet_at(monkeypatch, nominations_taken, "_frozen_versions")
    results = together(receiving(row, world.agency()), receiving(row, world.agency()))
    assert names(results) != ["NominationList", "NominationList"] or (
        AuditEntry.objects.filter(action="nomination.receive").count() == 2
    )


def test_received_and_returned_at_once_is_one_of_the_two(province, officer):
    row = ready(province, officer)
    nominating.send(nomination_list=row, actor=officer, now=NOON)
    back = lambda: nominating.return_(nomination_list=row, reason="Thiếu dấu.", actor=world.agency(), now=NOON)  # noqa: E731
    assert names(together(receiving(row, world.agency()), back)) == ["NominationList", "list_not_sent"]
    row.refresh_from_db()
    assert (row.state == ListState.RECEIVED) == Dossier.objects.filter(round=row.round).exists()
