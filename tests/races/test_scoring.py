"""Judges who act at the same instant, on PostgreSQL; each race runs with a control that shows it can be lost."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from portal.audit import triggers
from portal.text.errors import Refusal
from rounds.enums import Body, SeatRole, SheetState
from rounds.models import Conflict, Round, Score, ScoreSheet, SheetSave, SheetVersion
from rounds.services import conflicts, reopening, scoring
from tests.factories import SeatFactory
from tests.rounds.test_scoring import NOW, Bench

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start at one instant; what each returned or raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            barrier.wait(timeout=10)
            results[place] = act()
        except (Refusal, IntegrityError) as refused:
            results[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


class Turnstile:
    """Lets one writer stop inside its transaction until another has come as far as it can."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()

    def stop(self) -> None:
        self.inside.set()
        self.go.wait(timeout=10)


def behind(turnstile: Turnstile, act: Callable[[], Any], wait: float = 1.0) -> tuple[bool, Any]:
    """Start `act` while another stands in the turnstile. Whether it had to wait, and what came of it."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(act())
        except (Refusal, IntegrityError) as refused:
            results.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    turnstile.inside.wait(timeout=10)
    thread.start()
    thread.join(timeout=wait)
    waited = thread.is_alive()
    turnstile.go.set()
    thread.join(timeout=30)
    return waited, results[0]


def hold(turnstile: Turnstile, act: Callable[[], Any]) -> threading.Thread:
    """Do `act` in a transaction of its own and stop before it commits."""

    def run() -> None:
        try:
            with transaction.atomic():
                act()
                turnstile.stop()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_sheet_opened_eight_times_at_once_is_one(bench):
    opened = together(*[bench.open] * 8)
    assert len({sheet.pk for sheet in opened}) == 1
    assert ScoreSheet.objects.count() == 1


def test_control_without_the_unique_door_two_openings_collide(bench):
    def plainly() -> ScoreSheet:
        with transaction.atomic():
            return ScoreSheet.objects.create(dossier=bench.dossier, judge=bench.judge)

    results = together(*[plainly] * 4)
    assert sum(isinstance(result, IntegrityError) for result in results) == 3


def test_of_two_saves_from_the_same_revision_one_is_told_of_the_other(bench):
    sheet = bench.open()
    results = together(*[lambda n=n: bench.save(sheet, {"1.1": (Decimal(n), "")}, revision=0) for n in (3, 7)])
    assert sorted(type(result).__name__ for result in results) == ["Saved", "Stale"]
    kept = next(result for result in results if isinstance(result, scoring.Saved))
    assert Score.objects.get().points == (3 if results[0] is kept else 7)
    assert ScoreSheet.objects.get().revision == 1


def test_control_without_the_row_lock_both_saves_think_they_were_first(bench, monkeypatch):
    sheet = bench.open()
    meeting = threading.Barrier(2)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_options: self)
    write = scoring._write

    def late_write(*args: Any) -> None:
        meeting.wait(timeout=10)
        write(*args)

    monkeypatch.setattr(scoring, "_write", late_write)
    triggers.drop(connection)
    try:
        results = together(*[lambda n=n: bench.save(sheet, {"1.1": (Decimal(n), "")}, revision=0) for n in (3, 7)])
    finally:
        triggers.install(connection)
    assert [type(result).__name__ for result in results] == ["Saved", "Saved"]


def test_a_sheet_submitted_twice_at_once_is_submitted_once(bench):
    sheet = bench.full()
    results = together(*[lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)] * 4)
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["sealed"] * 3


def test_a_score_never_slips_into_a_sheet_that_is_being_submitted(bench):
    sheet, turnstile = bench.full(), Turnstile()
    holder = hold(turnstile, lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW))
    waited, result = behind(turnstile, lambda: Score.objects.filter(sheet=sheet).update(points=1))
    holder.join(timeout=10)
    assert waited
    assert isinstance(result, IntegrityError)
    assert set(Score.objects.values_list("points", flat=True)) == {Decimal(4)}


def test_control_without_the_guard_it_slips_in(bench):
    sheet, turnstile = bench.full(), Turnstile()
    triggers.drop(connection)
    try:
        holder = hold(turnstile, lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW))
        waited, result = behind(turnstile, lambda: Score.objects.filter(sheet=sheet).update(points=1))
        holder.join(timeout=10)
    finally:
        triggers.install(connection)
    assert (waited, result) == (False, 9)


def test_a_sheet_is_not_opened_past_a_conflict_that_is_being_declared(bench):
    turnstile = Turnstile()
    holder = hold(
        turnstile, lambda: conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW)
    )
    waited, result = behind(turnstile, bench.open)
    holder.join(timeout=10)
    assert waited
    assert (result.code, ScoreSheet.objects.count()) == ("conflict", 0)


def test_control_without_the_guard_a_conflict_and_a_sheet_stand_together(bench):
    turnstile = Turnstile()
    triggers.drop(connection)
    try:
        holder = hold(
            turnstile, lambda: conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW)
        )
        behind(turnstile, bench.open)
        holder.join(timeout=10)
        together_in_the_end = ScoreSheet.objects.exclude(state=SheetState.VOIDED).count(), Conflict.objects.count()
        ScoreSheet.objects.all().delete()
    finally:
        triggers.install(connection)
    assert together_in_the_end == (1, 1)


def test_a_saving_judge_and_a_declaration_never_wait_in_a_ring(bench):
    sheet = bench.open()
    for turn in range(5):
        results = together(
            lambda turn=turn: bench.save(sheet, {"1.1": (Decimal(turn), "")}, revision=turn),
            lambda: conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW),
        )
        assert isinstance(results[1], conflicts.Recusal)
    assert ScoreSheet.objects.get().state == SheetState.VOIDED


def test_a_submission_waits_for_whoever_closes_the_round(bench):
    sheet, turnstile = bench.full(), Turnstile()

    def close() -> None:
        round_ = Round.objects.select_for_update().get(pk=bench.round.pk)
        round_.state = "deliberation"
        round_.save(update_fields=["state"])

    holder = hold(turnstile, close)
    waited, result = behind(turnstile, lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW))
    holder.join(timeout=10)
    assert (waited, result.code) == (True, "not_scoring")


def chair_of(bench: Bench) -> Any:
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.CHAIR).user


def test_one_save_sent_four_times_at_once_with_its_key_is_written_once(bench):
    sheet, key = bench.open(), uuid4()
    results = together(*[lambda: bench.save(sheet, {"1.1": (Decimal(8), "")}, revision=0, key=key)] * 4)
    assert {result.revision for result in results} == {1}
    assert sum(result.written for result in results) == 1
    assert (SheetSave.objects.count(), ScoreSheet.objects.get().revision) == (1, 1)


def test_control_without_the_unique_key_it_would_be_kept_twice(bench):
    sheet = bench.open()
    facts = {"sheet": sheet, "digest": "", "revision": 1, "saved_at": NOW}
    together(*[lambda: SheetSave.objects.create(key=uuid4(), **facts)] * 4)
    assert SheetSave.objects.count() == 4


def test_a_save_behind_a_submission_is_refused_and_changes_nothing(bench):
    sheet, turnstile = bench.full(), Turnstile()
    holder = hold(turnstile, lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW))
    waited, result = behind(turnstile, lambda: bench.save(sheet, {"1.1": (Decimal(9), "")}, revision=1, key=uuid4()))
    holder.join(timeout=10)
    assert (waited, result.code) == (True, "sealed")
    assert (bench.points()["1.1"], SheetSave.objects.count()) == (Decimal(4), 0)


def test_of_a_reopening_and_a_submission_at_once_the_sheet_is_sealed_or_open_never_both(bench):
    sheet, chair, turnstile = bench.full(), chair_of(bench), Turnstile()
    holder = hold(turnstile, lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW))
    waited, result = behind(turnstile, lambda: reopening.reopen(sheet=sheet, reason="Nhập nhầm", actor=chair, now=NOW))
    holder.join(timeout=10)
    assert (waited, result.state, result.edition) == (True, SheetState.DRAFT, 2)
    assert SheetVersion.objects.get().content["total"] == "36.00"


def test_reopened_four_times_at_once_it_is_reopened_once(bench):
    sheet, chair = scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW), chair_of(bench)
    results = together(*[lambda: reopening.reopen(sheet=sheet, reason="Nhập nhầm", actor=chair, now=NOW)] * 4)
    assert [result.code for result in results if isinstance(result, Refusal)] == ["not_sealed"] * 3
    assert (SheetVersion.objects.count(), ScoreSheet.objects.get().edition) == (1, 2)


def test_a_judge_removed_while_the_save_waits_is_refused(bench):
    """What is checked is read after the lock, not before the wait."""
    sheet, turnstile = bench.full(), Turnstile()

    def remove() -> None:
        ScoreSheet.objects.select_for_update().get(pk=sheet.pk)
        bench.seat.until, bench.seat.until_reason = NOW.date(), "Thay người"
        bench.seat.save()

    holder = hold(turnstile, remove)
    waited, result = behind(turnstile, lambda: bench.save(sheet, {"1.1": (Decimal(9), "")}, revision=1))
    holder.join(timeout=10)
    assert (waited, result.code) == (True, "not_seated")
