"""A version of the criteria approved, returned and rewritten at the same instant, on PostgreSQL; each race with a control."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.query import QuerySet

from portal.audit import triggers
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import Body, SeatRole
from rounds.models import CriteriaSet, Criterion, Round
from rounds.services import criteria
from tests import factories
from tests.races.test_rounds import meet_before
from tests.races.test_scoring import together
from tests.rounds.helpers import NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of rounds and of criteria sets are no longer locked."""
    locking = QuerySet.select_for_update

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model in (Round, CriteriaSet) else locking(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


@pytest.fixture
def proposed(province: Any, officer: Any) -> CriteriaSet:
    round_ = factories.RoundFactory(territory=province, year=2026)
    draft = criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=officer)
    return criteria.propose(criteria_set=draft, tag=criteria.version_tag(draft), actor=officer, now=NOON)


def approving(version: CriteriaSet, person: Any) -> Callable[[], CriteriaSet]:
    tag = criteria.version_tag(version)
    return lambda: criteria.approve(criteria_set=version, tag=tag, actor=person, now=NOON)


def chair_of(round_: Round) -> Any:
    return factories.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.CHAIR).user


def test_of_two_who_approve_at_once_one_does(proposed, leader):
    results = together(approving(proposed, leader), approving(proposed, chair_of(proposed.round)))
    assert sorted(type(result).__name__ for result in results) == ["CriteriaSet", "Refusal"]
    assert AuditEntry.objects.filter(action="criteria.approve").count() == 1


def test_control_without_the_locks_both_believe_they_did(proposed, leader, unlocked, monkeypatch):
    meet_before(monkeypatch, criteria, "writers_of", 2)
    triggers.drop(connection)
    results = together(approving(proposed, leader), approving(proposed, chair_of(proposed.round)))
    assert [type(result).__name__ for result in results] == ["CriteriaSet", "CriteriaSet"]
    assert AuditEntry.objects.filter(action="criteria.approve").count() == 2


def test_approved_and_taken_back_at_once_is_one_or_the_other(proposed, leader, officer):
    results = together(approving(proposed, leader), lambda: criteria.take_back(criteria_set=proposed, actor=officer))
    assert sorted(type(result).__name__ for result in results) == ["CriteriaSet", "Refusal"]
    proposed.refresh_from_db()
    assert (proposed.state == "approved") is isinstance(results[0], CriteriaSet)


def test_two_who_save_at_once_one_is_told(province, officer, leader):
    round_ = factories.RoundFactory(territory=province, year=2026)
    draft = criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=officer)
    tag = criteria.version_tag(draft)
    rows = [criteria.RowFacts("1", "Một", max_points=None)]

    def saving(name: str, person: Any) -> Callable[[], CriteriaSet]:
        head = {"name": name, "legal_basis": "", "change_reason": "", "is_illustrative": False}
        return lambda: criteria.save_draft(criteria_set=draft, rows=rows, tag=tag, actor=person, **head)

    results = together(saving("Của cán bộ", officer), saving("Của lãnh đạo", leader))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [one.code for one in refused] == ["moved_on"]


def test_a_row_written_by_hand_waits_for_the_approval_and_is_refused(proposed, leader):
    """The database's own guard locks the set's row, whoever writes."""
    row = Criterion.objects.filter(criteria_set=proposed).first()

    def by_hand() -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE rounds_criterion SET name = 'Khác' WHERE id = %s", [row.pk])
        return "written"

    results = together(approving(proposed, leader), by_hand)
    assert isinstance(results[1], IntegrityError)
    row.refresh_from_db()
    assert row.name != "Khác"
