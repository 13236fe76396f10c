"""Plans and the jury at the same instant, on PostgreSQL; each race runs with a control that shows it can be lost."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection

from portal.audit import triggers
from portal.text.errors import Refusal
from rounds.enums import Body, PlanMethod, RoundState, SeatRole
from rounds.models import Assignment, AssignmentPlan, Conflict, Dossier, ScoreSheet, Seat
from rounds.services import assigning, conflicts, scoring
from tests import factories

from .test_scoring import Turnstile, behind, hold, together

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


class Hall:
    """A round being scored by three judges, all of whom have everything; a plan by which each has two thirds."""

    def __init__(self) -> None:
        self.round = factories.RoundFactory(state=RoundState.SCORING, quorum=1, year=2026)
        factories.CriteriaSetFactory(round=self.round)
        head = factories.SeatFactory(round=self.round, body=Body.JURY, role=SeatRole.HEAD_JUDGE)
        factories.SeatFactory.create_batch(2, round=self.round, body=Body.JURY)
        factories.DossierFactory.create_batch(3, round=self.round)
        self.actor = head.user
        self.apply(self.plan(per_dossier=3))
        self.next = self.plan(per_dossier=2)

    def plan(self, **terms: Any) -> AssignmentPlan:
        self.round.refresh_from_db()
        return assigning.plan(
            round_=self.round, method=PlanMethod.BALANCED, seed="a", actor=self.actor, now=NOW, **terms
        )

    def apply(self, plan: AssignmentPlan) -> AssignmentPlan:
        return assigning.apply(plan=plan, actor=self.actor, now=NOW, reason="Giảm việc.")

    def leaving(self) -> tuple[Dossier, Any]:
        """A dossier and a judge who is to lose it by the next plan."""
        kept = {(entry, judge) for entry, judge in self.next.pairs}
        for row in Assignment.objects.filter(released_at=None).select_related("dossier", "judge"):
            if (str(row.dossier.uuid), str(row.judge.uuid)) not in kept:
                return row.dossier, row.judge
        raise AssertionError

    def staying(self) -> tuple[Dossier, Any]:
        entry, judge = self.next.pairs[0]
        return Dossier.objects.get(uuid=entry), Seat.objects.get(round=self.round, user__uuid=judge).user


def live() -> int:
    return Assignment.objects.filter(released_at=None).count()


def test_a_plan_applied_twice_at_once_is_applied_once() -> None:
    hall = Hall()
    results = together(lambda: hall.apply(hall.next), lambda: hall.apply(hall.next))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["plan_over"]
    assert live() == 6


def test_control_without_the_locks_both_think_they_are_first(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    meeting = threading.Barrier(2)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_options: self)
    put_in_force = assigning._put_in_force

    def late(*args: Any) -> Any:
        meeting.wait(timeout=10)
        return put_in_force(*args)

    monkeypatch.setattr(assigning, "_put_in_force", late)
    results = together(lambda: hall.apply(hall.next), lambda: hall.apply(hall.next))
    assert not [result for result in results if isinstance(result, Refusal)]


def test_a_conflict_declared_while_a_plan_is_applied_comes_before_or_after() -> None:
    hall = Hall()
    dossier, judge = hall.staying()
    turnstile = Turnstile()
    holder = hold(turnstile, lambda: conflicts.declare(dossier=dossier, user=judge, reason="Góp vốn.", now=NOW))
    waited, result = behind(turnstile, lambda: hall.apply(hall.next))
    holder.join(timeout=30)
    assert waited
    assert isinstance(result, Refusal)
    assert result.code == "facts_changed"
    assert Conflict.objects.filter(dossier=dossier, user=judge, withdrawn_at=None).exists()
    assert not Assignment.objects.filter(dossier=dossier, judge=judge, released_at=None).exists()


def test_a_conflict_declared_behind_a_plan_releases_what_the_plan_gave() -> None:
    hall = Hall()
    dossier, judge = hall.staying()
    turnstile = Turnstile()
    holder = hold(turnstile, lambda: hall.apply(hall.next))
    waited, result = behind(
        turnstile, lambda: conflicts.declare(dossier=dossier, user=judge, reason="Góp vốn.", now=NOW)
    )
    holder.join(timeout=30)
    assert waited
    assert (result.conflict.dossier, result.conflict.user) == (dossier, judge)
    assert not Assignment.objects.filter(dossier=dossier, judge=judge, released_at=None).exists()


def test_a_sheet_opened_behind_a_plan_that_takes_the_dossier_away_is_refused() -> None:
    hall = Hall()
    dossier, judge = hall.leaving()
    turnstile = Turnstile()
    holder = hold(turnstile, lambda: hall.apply(hall.next))
    waited, result = behind(turnstile, lambda: scoring.open_sheet(dossier=dossier, judge=judge, now=NOW))
    holder.join(timeout=30)
    assert waited
    assert isinstance(result, Refusal)
    assert result.code == "not_assigned"
    assert not ScoreSheet.objects.exists()


def test_control_without_the_guard_the_sheet_would_be_there_and_assigned_to_nobody() -> None:
    hall = Hall()
    dossier, judge = hall.leaving()
    triggers.drop(connection)
    try:
        turnstile = Turnstile()
        holder = hold(turnstile, lambda: hall.apply(hall.next))
        _waited, result = behind(turnstile, lambda: scoring.open_sheet(dossier=dossier, judge=judge, now=NOW))
        holder.join(timeout=30)
        assert isinstance(result, ScoreSheet)
        assert not Assignment.objects.filter(dossier=dossier, judge=judge, released_at=None).exists()
    finally:
        triggers.install(connection)


def test_a_sheet_opened_just_before_holds_the_plan_up() -> None:
    hall = Hall()
    dossier, judge = hall.leaving()
    turnstile = Turnstile()
    holder = hold(turnstile, lambda: scoring.open_sheet(dossier=dossier, judge=judge, now=NOW))
    waited, result = behind(turnstile, lambda: hall.apply(hall.next))
    holder.join(timeout=30)
    assert waited
    assert isinstance(result, Refusal)
    assert result.code == "facts_changed"
    assert Assignment.objects.filter(dossier=dossier, judge=judge, released_at=None).exists()
