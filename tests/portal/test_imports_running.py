"""Lists that a worker writes: once, whole or not at all, and never lost when a worker dies."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError as BrokerError
from openpyxl import Workbook

from facilities.models import Facility
from facilities.services import update_facility
from portal.accounts.models import Grant
from portal.audit.models import AuditEntry
from portal.celery import app as celery
from portal.imports import running, services
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.imports.tasks import carry_out_import
from portal.text.errors import Refusal
from portal.text.sheets import HERE
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=HERE)
LATER = NOW + running.STUCK_AFTER


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def batch(officer: Any, province: Any) -> ImportBatch:
    made = Workbook()
    for row in (["TT", "Tên cơ sở", "Địa chỉ"], [1, "HTX Một", "xã A"], [2, "HTX Hai", "xã B"]):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    file = SimpleUploadedFile("co-so.xlsx", out.getvalue())
    return services.upload(
        file=file, name="co-so.xlsx", kind="facilities", scope=str(province.pk), actor=officer, now=NOW
    )


def ask(batch: ImportBatch) -> None:
    running.ask_to_apply(batch=batch, actor=batch.actor, now=NOW)


def carry_out(batch: ImportBatch) -> str:
    return running.carry_out(pk=batch.pk, now=NOW)


def again(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.get(pk=batch.pk)


def test_what_is_asked_for_is_written_once_however_often_the_message_comes(batch: ImportBatch) -> None:
    ask(batch)
    assert Facility.objects.count() == 0
    assert [carry_out(batch) for _twice in range(2)] == [BatchState.APPLIED, BatchState.APPLIED]
    assert Facility.objects.count() == 2
    found = again(batch)
    assert (found.applied_by, found.asked_at, found.asked_by) == (batch.actor, None, None)
    actions = AuditEntry.objects.filter(action__startswith="import.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["import.upload", "import.confirm", "import.apply"]


def test_a_list_is_confirmed_once(batch: ImportBatch) -> None:
    ask(batch)
    with pytest.raises(Refusal) as caught:
        ask(batch)
    assert caught.value.code == "import_out_of_order"
    assert "đang ghi" in str(caught.value)


def test_asking_hands_the_work_over_once_it_is_committed(
    batch: ImportBatch, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(celery.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        ask(batch)
        assert again(batch).state == BatchState.APPLYING
    assert again(batch).state == BatchState.APPLIED


def test_an_undo_runs_the_same_way(batch: ImportBatch) -> None:
    ask(batch)
    carry_out(batch)
    running.ask_to_undo(batch=batch, actor=batch.actor, now=NOW)
    assert carry_out(batch) == BatchState.UNDONE
    assert Facility.objects.count() == 0


def test_an_undo_that_is_refused_says_what_stands_in_the_way(batch: ImportBatch) -> None:
    ask(batch)
    carry_out(batch)
    update_facility(facility=Facility.objects.get(name="HTX Một"), actor=batch.actor, introduction="Sửa")
    running.ask_to_undo(batch=batch, actor=batch.actor, now=NOW)
    assert carry_out(batch) == BatchState.APPLIED
    assert any("HTX Một" in sentence for sentence in again(batch).refusal)
    assert Facility.objects.count() == 2


def test_when_the_register_moved_on_the_worker_previews_anew(batch: ImportBatch, province: Any) -> None:
    ask(batch)
    factories.FacilityFactory(name="HTX Một", territory=province, address_recognised="xã A")
    assert carry_out(batch) == BatchState.PREVIEWED
    found = again(batch)
    assert "Đã đối chiếu lại với sổ." in found.refusal[0]
    assert (found.rows_new, found.rows_same, Facility.objects.count()) == (1, 1, 1)


def test_who_lost_the_right_meanwhile_writes_nothing(batch: ImportBatch) -> None:
    ask(batch)
    Grant.objects.filter(user=batch.actor).delete()
    assert carry_out(batch) == BatchState.PREVIEWED
    assert again(batch).refusal
    assert Facility.objects.count() == 0


def test_a_worker_that_fails_leaves_the_list_as_it_was(batch: ImportBatch, monkeypatch: Any) -> None:
    def fails(**_facts: Any) -> Any:
        Facility.objects.update(name="x")
        raise ZeroDivisionError

    ask(batch)
    monkeypatch.setitem(running.WORK, BatchState.APPLYING, fails)
    with pytest.raises(ZeroDivisionError):
        carry_out(batch)
    assert again(batch).state == BatchState.PREVIEWED
    assert again(batch).refusal[0].startswith("Máy chủ gặp lỗi khi ghi.")


def test_without_a_broker_the_list_goes_back_with_a_sentence(
    batch: ImportBatch, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(*_given: Any) -> None:
        raise BrokerError

    monkeypatch.setattr(carry_out_import, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        ask(batch)
    found = again(batch)
    assert found.state == BatchState.PREVIEWED
    assert found.refusal[0].startswith("Chưa giao được việc ghi")


def test_only_stuck_work_is_asked_for_again_or_stopped(batch: ImportBatch) -> None:
    ask(batch)
    for act in (running.ask_again, running.stop):
        with pytest.raises(Refusal) as caught:
            act(batch=batch, actor=batch.actor, now=LATER - dt.timedelta(seconds=1))
        assert caught.value.code == "still_running"
    running.ask_again(batch=batch, actor=batch.actor, now=LATER)
    assert again(batch).asked_at == LATER
    running.stop(batch=batch, actor=batch.actor, now=LATER + running.STUCK_AFTER)
    assert again(batch).state == BatchState.PREVIEWED
    assert carry_out(batch) == BatchState.PREVIEWED  # a message that comes late finds nothing to do
    assert Facility.objects.count() == 0


def test_nothing_is_being_written_without_somebody_who_asked(batch: ImportBatch) -> None:
    for wrong in ({"state": "applying"}, {"asked_at": NOW, "asked_by": batch.actor}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ImportBatch.objects.filter(pk=batch.pk).update(**wrong)
