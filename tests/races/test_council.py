"""The council's session when two write at the same instant, on PostgreSQL; each race with a control that can be lost."""

import contextlib
import threading
from typing import Any

import pytest
from django.db.models.query import QuerySet

from portal.text.errors import Refusal
from rounds.enums import SessionState, VerdictChoice
from rounds.models import CouncilSession, Dossier, Round, Verdict
from rounds.services import council, sessions, set_proposals
from tests import factories
from tests.races.test_scoring import together
from tests.rounds import helpers
from tests.rounds.helpers import AFTER, NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are no longer locked."""
    locking = QuerySet.select_for_update

    def plain(self: Any, **options: Any) -> Any:
        return self if self.model in (Round, Dossier, CouncilSession, Verdict) else locking(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


def meet_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Nobody passes `module.name` before both have come to it, or a second has gone by."""
    barrier, original = threading.Barrier(2), getattr(module, name)

    def after_both(*args: Any, **facts: Any) -> Any:
        result = original(*args, **facts)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=2)
        return result

    monkeypatch.setattr(module, name, after_both)


def say(dossier: Dossier, actor: Any, votes: int) -> Any:
    return lambda: council.record_verdict(
        dossier=dossier, choice=VerdictChoice.RECOGNISE, votes_for=votes, actor=actor, now=AFTER
    )


def ready(province: Any, officer: Any, leader: Any) -> tuple[CouncilSession, Dossier]:
    round_ = helpers.deliberating_round(province, officer)
    session = helpers.council_session(round_, leader)
    sessions.record_words(session=session, discussion="", conclusion="Nhất trí.", actor=leader, now=AFTER)
    return session, round_.dossiers.get(entry_code="001")


def closing(session: CouncilSession, leader: Any) -> Any:
    return lambda: sessions.close_session(session=session, actor=leader, now=AFTER)


def minuted(session: CouncilSession) -> list[str]:
    kept = CouncilSession.objects.get(pk=session.pk)
    return [row["code"] for group in (kept.minutes or {}).get("groups", []) for row in group["rows"]]


def test_two_words_on_one_dossier_at_once_are_one_word_with_its_history(province, officer, leader):
    _session, dossier = ready(province, officer, leader)
    results = together(say(dossier, leader, 7), say(dossier, leader, 6))
    assert [type(result).__name__ for result in results] == ["Verdict", "Verdict"]
    assert (Verdict.objects.count(), Verdict.history.count()) == (1, 2)


def test_control_without_locks_one_of_the_two_is_lost(province, officer, leader, unlocked, monkeypatch):
    _session, dossier = ready(province, officer, leader)
    meet_at(monkeypatch, council, "_faults")
    results = together(say(dossier, leader, 7), say(dossier, leader, 6))
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "Verdict"]


def close_and_speak(monkeypatch: pytest.MonkeyPatch, session: CouncilSession, dossier: Dossier, leader: Any) -> Any:
    """A word comes in when the minutes have been written and are not locked yet; the closing waits for it in vain."""
    read, spoken, original = threading.Event(), threading.Event(), sessions.minutes.written

    def slow(*args: Any, **facts: Any) -> Any:
        found = original(*args, **facts)
        read.set()
        spoken.wait(timeout=3)
        return found

    monkeypatch.setattr(sessions.minutes, "written", slow)

    def speak() -> Any:
        read.wait(timeout=10)
        try:
            return say(dossier, leader, 7)()
        finally:
            spoken.set()

    said, _closed = together(speak, closing(session, leader))
    return said


def test_a_word_that_comes_while_the_minutes_are_being_locked_is_refused(province, officer, leader, monkeypatch):
    session, dossier = ready(province, officer, leader)
    said = close_and_speak(monkeypatch, session, dossier, leader)
    assert (said.code, Verdict.objects.count()) == ("no_session", 0)
    assert CouncilSession.objects.get(pk=session.pk).state == SessionState.CLOSED


def test_control_without_locks_a_word_slips_past_the_minutes(province, officer, leader, unlocked, monkeypatch):
    session, dossier = ready(province, officer, leader)
    said = close_and_speak(monkeypatch, session, dossier, leader)
    assert isinstance(said, Verdict)
    assert (minuted(session), CouncilSession.objects.get(pk=session.pk).state) == ([], SessionState.CLOSED)


def test_a_proposal_decided_by_two_at_once_is_carried_out_once(province, officer, leader):
    round_ = helpers.receiving_round(province, officer)
    facility = factories.FacilityFactory(territory=province)
    parts = [helpers.submitted(round_, officer, facility=facility) for _number in range(2)]
    proposal = set_proposals.propose_gather(
        round_=round_, dossiers=parts, name="Bộ", basis="fitting", actor=officer, now=NOON
    )
    other = factories.staff("leader", province)
    acts = [
        lambda one=one: set_proposals.decide(proposal=proposal, accept=True, actor=one, now=AFTER)
        for one in (leader, other)
    ]
    results = together(*acts)
    assert [result.code for result in results if isinstance(result, Refusal)] == ["already_decided"]
    assert Dossier.objects.filter(is_gathered_set=True).count() == 1
