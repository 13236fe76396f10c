"""Two people who press the nudge at once, two schedulers that wake at once: nobody is told twice. With a control."""

import datetime as dt
from typing import Any

import pytest

from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.enums import Body, RoundState, ScoringPass, SeatRole
from rounds.models import Nudge, Seat
from rounds.services import nudging
from tests import factories as make

from .test_scoring import Turnstile, behind, hold, together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def round_() -> Any:
    found = make.RoundFactory(state=RoundState.SCORING, scoring_until=NOW + dt.timedelta(hours=20))
    for _each in range(3):
        make.SeatFactory(round=found)
    make.DossierFactory(round=found)
    return found


@pytest.fixture
def chair(round_: Any) -> Any:
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.CHAIR).user


def nudge(round_: Any, chair: Any) -> nudging.Nudged:
    return nudging.nudge(round_=round_, scoring_pass=ScoringPass.DOSSIER, actor=chair, now=NOW)


def test_two_nudges_at_once_tell_each_judge_once(round_, chair):
    results = together(*[lambda: nudge(round_, chair)] * 4)
    assert sorted(result.told for result in results if not isinstance(result, Refusal)) == [0, 0, 0, 3]
    assert Nudge.objects.count() == 3
    assert Notice.objects.filter(kind="scoring_nudge").count() == 3


def test_control_without_the_lock_of_the_seats_they_are_told_twice(round_, chair, monkeypatch):
    def unlocked(of_round: Any, _judges: Any) -> set[int]:
        seats = Seat.objects.filter(round=of_round, body=Body.JURY, until__isnull=True)
        return set(seats.values_list("user_id", flat=True))

    monkeypatch.setattr(nudging, "_lock", unlocked)
    monkeypatch.setattr(nudging, "_note", lambda *_args: None)  # the audit's own lock would line them up
    turnstile = Turnstile()
    holder = hold(turnstile, lambda: nudge(round_, chair))
    waited, result = behind(turnstile, lambda: nudge(round_, chair))
    holder.join(timeout=10)
    assert (waited, result.told) == (False, 3)
    assert Nudge.objects.count() == 6


def test_two_schedulers_at_once_remind_each_judge_once(round_):
    results = together(*[lambda: nudging.remind_all(now=NOW)] * 4)
    assert sum(results) == 3
    assert Notice.objects.filter(kind="scoring_nudge").count() == 3


def test_two_schedulers_without_the_lock_are_told_apart_by_the_key(round_, monkeypatch):
    def unlocked(of_round: Any, _judges: Any) -> set[int]:
        seats = Seat.objects.filter(round=of_round, body=Body.JURY, until__isnull=True)
        return set(seats.values_list("user_id", flat=True))

    monkeypatch.setattr(nudging, "_lock", unlocked)
    results = together(*[lambda: nudging.remind_all(now=NOW)] * 4)
    assert sum(results) == 3
    assert Nudge.objects.count() == 3
