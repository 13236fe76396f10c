"""A list written by a real worker, and what two of them, or a dead one, leave of it."""

import io
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from openpyxl import Workbook

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.celery import app
from portal.imports import running, services
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.imports.tasks import carry_out_import
from portal.territory.models import Territory
from portal.text.errors import Refusal
from tests import factories
from tests.races.test_scoring import Turnstile, hold, together
from tests.services.test_worker import WAIT_SECONDS, read_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ROWS = 20


@pytest.fixture
def batch(settings: Any, tmp_path: Path) -> ImportBatch:
    settings.MEDIA_ROOT = tmp_path / "media"
    province = factories.TerritoryFactory()
    book = Workbook()
    book.active.append(["TT", "Tên cơ sở", "Địa chỉ"])
    for number in range(ROWS):
        book.active.append([number + 1, f"Cơ sở mẫu {number}", "xã A"])
    out = io.BytesIO()
    book.save(out)
    return services.upload(
        file=SimpleUploadedFile("co-so.xlsx", out.getvalue()),
        name="co-so.xlsx",
        kind="facilities",
        scope=str(province.pk),
        actor=factories.staff(Role.OFFICER, province),
        now=timezone.now(),
    )


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker hears of what is asked."""
    monkeypatch.setattr(carry_out_import, "delay", lambda _pk: None)


def ask(batch: ImportBatch) -> None:
    running.ask_to_apply(batch=batch, actor=batch.actor, now=timezone.now())


def state(batch: ImportBatch) -> str:
    return ImportBatch.objects.values_list("state", flat=True).get(pk=batch.pk)


def test_a_real_worker_writes_the_list_and_takes_it_back(batch: ImportBatch, tmp_path: Path) -> None:
    app.control.purge()
    with worker(tmp_path) as process:
        read_until(process, "ready.")
        ask(batch)
        assert state(batch) in {BatchState.APPLYING, BatchState.APPLIED}
        read_until(process, carry_out_import.name, "succeeded")
        assert (state(batch), Facility.objects.count()) == (BatchState.APPLIED, ROWS)
        fresh = ImportBatch.objects.get(pk=batch.pk)
        running.ask_to_undo(batch=fresh, actor=batch.actor, now=timezone.now())
        read_until(process, carry_out_import.name, "succeeded")
    assert (state(batch), Facility.objects.count()) == (BatchState.UNDONE, 0)


def test_a_worker_killed_half_way_leaves_nothing_written_and_the_next_one_writes_all(
    batch: ImportBatch, tmp_path: Path
) -> None:
    app.control.purge()
    turnstile = Turnstile()
    province = Territory.objects.select_for_update(no_key=True).filter(pk=batch.territory_id)
    with worker(tmp_path) as process:
        read_until(process, "ready.")
        thread = hold(turnstile, lambda: list(province))  # so that the worker waits inside its transaction
        turnstile.inside.wait(timeout=WAIT_SECONDS)
        ask(batch)
        await_somebody_waiting()
        process.kill()
        process.wait(timeout=WAIT_SECONDS)
        turnstile.go.set()
        thread.join(timeout=WAIT_SECONDS)
    assert (state(batch), Facility.objects.count()) == (BatchState.APPLYING, 0)
    assert running.carry_out(pk=batch.pk, now=timezone.now()) == BatchState.APPLIED
    assert Facility.objects.count() == ROWS


def await_somebody_waiting() -> None:
    """Until a statement waits for a lock."""
    deadline = time.monotonic() + WAIT_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                return
    pytest.fail("The worker never came to the lock.")


def test_four_who_confirm_at_once_confirm_once(batch: ImportBatch, unheard: None) -> None:
    results = together(*[lambda: ask(batch)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refusal", "Refusal", "Refusal"]


def test_four_workers_with_one_message_write_once(batch: ImportBatch, unheard: None) -> None:
    ask(batch)
    results = together(*[lambda: running.carry_out(pk=batch.pk, now=timezone.now())] * 4)
    assert results == [BatchState.APPLIED] * 4
    assert Facility.objects.count() == ROWS


def test_a_list_that_a_living_worker_writes_is_never_taken_for_stuck(batch: ImportBatch, unheard: None) -> None:
    ask(batch)
    turnstile = Turnstile()
    thread = hold(turnstile, lambda: running.carry_out(pk=batch.pk, now=timezone.now()))
    turnstile.inside.wait(timeout=WAIT_SECONDS)
    try:
        with pytest.raises(Refusal) as caught:
            running.ask_again(batch=batch, actor=batch.actor, now=timezone.now() + running.STUCK_AFTER)
    finally:
        turnstile.go.set()
        thread.join(timeout=WAIT_SECONDS)
    assert caught.value.code == "still_running"
    assert state(batch) == BatchState.APPLIED
