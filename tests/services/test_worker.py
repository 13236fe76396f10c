"""The daily task with a real broker, a real worker and a real beat."""

import datetime as dt
import os
import shelve
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal.accounts.enums import Role
from portal.celery import app
from portal.notices import choices, reference_data
from portal.notices import services as notices
from portal.notices.enums import Channel
from portal.notices.models import Notice, NoticeState
from portal.notices.outbox import STUCK_AFTER
from portal.notices.tasks import send_digests, send_letters
from portal.text.clock import today
from products.tasks import send_reminders
from tests import factories
from tests.portal.fake_smtp import listening

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
WAIT_SECONDS = 90
DONE = "products.tasks.send_reminders"


def environment(mail: Path, email: str = "") -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    return os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DJANGO_DEBUG": "1",
        "EMAIL_URL": email or f"filemail:///{mail}",
    }


@contextmanager
def celery(*arguments: str, mail: Path, email: str = "") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "celery", "-A", "portal", *arguments]
    process = subprocess.Popen(
        command, env=environment(mail, email), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    alarm = threading.Timer(WAIT_SECONDS, process.kill)
    alarm.start()
    try:
        yield process
    finally:
        alarm.cancel()
        process.terminate()
        process.communicate(timeout=WAIT_SECONDS)


def read_until(process: subprocess.Popen[str], *needles: str) -> str:
    """Lines up to the one that holds every needle; fails when the process ends first."""
    seen = ""
    assert process.stdout is not None
    for line in process.stdout:
        seen += line
        if all(needle in line for needle in needles):
            return seen
    pytest.fail(f"never said {needles}:\n{seen}")


@pytest.fixture
def expiring() -> factories.RecognitionFactory:
    """A recognition registered long ago that ends in 30 days, with one consented address."""
    reference_data.load()
    recognition = factories.RecognitionFactory(
        issued_on=today() - dt.timedelta(days=700), expires_on=today() + dt.timedelta(days=30)
    )
    type(recognition).objects.update(created_at=timezone.now() - dt.timedelta(days=700))
    factories.ContactFactory(facility=recognition.product.facility, value="coso@example.vn")
    return recognition


def worker(mail: Path, email: str = ""):
    quiet = ("--without-mingle", "--without-gossip")
    return celery("worker", "--pool", "solo", "--loglevel", "INFO", *quiet, mail=mail, email=email)


def sent_letters(mail: Path) -> int:
    return sum(path.read_text().count("To: coso@example.vn") for path in mail.iterdir())


def test_the_suite_runs_on_real_services() -> None:
    assert connection.vendor == "postgresql"
    assert settings.REDIS_URL
    assert not settings.CELERY_TASK_ALWAYS_EAGER


def test_a_real_worker_sends_the_reminder_once(expiring: object, tmp_path: Path) -> None:
    app.control.purge()
    with worker(tmp_path) as process:
        read_until(process, "ready.")
        for _twice in range(2):
            send_reminders.delay()
            read_until(process, DONE, "succeeded")
    assert sent_letters(tmp_path) == 1
    assert list(Notice.objects.filter(recipient="coso@example.vn").values_list("state", flat=True)) == [
        NoticeState.SENT
    ]


def test_a_beat_that_slept_runs_the_missed_task(expiring: object, tmp_path: Path) -> None:
    app.control.purge()
    mail, schedule = tmp_path / "mail", tmp_path / "schedule"
    mail.mkdir()
    run_beat_once_to_make(schedule, mail)
    sleep_for_three_days(schedule)
    with worker(mail) as process:
        read_until(process, "ready.")
        with celery("beat", "--schedule", str(schedule), "--pidfile", str(tmp_path / "b.pid"), mail=mail):
            read_until(process, DONE, "succeeded")
    assert sent_letters(mail) == 1


@pytest.fixture
def asked_for_a_digest() -> Notice:
    """A notice that waits for the end of the day, planned for a person who chose the digest."""
    person = factories.staff(Role.OFFICER, factories.TerritoryFactory())
    choices.choose(user=person, channels={"recognition_expiry": Channel.DIGEST}, now=timezone.now())
    notices.plan(
        kind="recognition_expiry",
        subject=factories.FacilityFactory(),
        users=[person],
        due_on=today(),
        title="Tin",
        body="Nội dung",
    )
    return Notice.objects.get()


def digests_in(mail: Path) -> int:
    return sum(path.read_text().count("Subject:") for path in mail.iterdir())


def test_a_real_worker_sends_the_days_digest_once(asked_for_a_digest: Notice, tmp_path: Path) -> None:
    app.control.purge()
    with worker(tmp_path) as process:
        read_until(process, "ready.")
        for _twice in range(2):
            send_digests.delay()
            read_until(process, send_digests.name, "succeeded")
    assert digests_in(tmp_path) == 1
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.SENT}


def test_a_beat_that_slept_sends_the_digest_of_all_the_days(asked_for_a_digest: Notice, tmp_path: Path) -> None:
    app.control.purge()
    mail, schedule = tmp_path / "mail", tmp_path / "schedule"
    mail.mkdir()
    run_beat_once_to_make(schedule, mail)
    sleep_for_three_days(schedule, "send-digests")
    with worker(mail) as process:
        read_until(process, "ready.")
        with celery("beat", "--schedule", str(schedule), "--pidfile", str(tmp_path / "b.pid"), mail=mail):
            read_until(process, send_digests.name, "succeeded")
    assert digests_in(mail) == 1


def run_beat_once_to_make(schedule: Path, mail: Path) -> None:
    with celery("beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "DEBUG", mail=mail) as beat:
        read_until(beat, "Waking up in")


def sleep_for_three_days(schedule: Path, name: str = "send-reminders") -> None:
    with shelve.open(str(schedule), writeback=True) as store:
        entry = store["entries"][name]
        entry.last_run_at = app.now() - dt.timedelta(days=3)


def test_two_beats_send_every_letter_once(expiring: object, tmp_path: Path) -> None:
    app.control.purge()
    mail = tmp_path / "mail"
    mail.mkdir()
    schedules = [tmp_path / "one", tmp_path / "two"]
    for schedule in schedules:
        run_beat_once_to_make(schedule, mail)
        sleep_for_three_days(schedule)
    with worker(mail) as process:
        read_until(process, "ready.")
        with (
            celery("beat", "--schedule", str(schedules[0]), "--pidfile", "", mail=mail),
            celery("beat", "--schedule", str(schedules[1]), "--pidfile", "", mail=mail),
        ):
            read_until(process, DONE, "succeeded")
            read_until(process, DONE, "succeeded")
    assert sent_letters(mail) == 1


LETTERS = 40


def test_a_worker_killed_in_the_middle_of_a_batch_doubles_none_and_loses_none(tmp_path: Path) -> None:
    facility = factories.FacilityFactory()
    addresses = [f"coso{number}@example.vn" for number in range(LETTERS)]
    # Planned for tomorrow first, so that nothing of this process asks a worker to send them.
    notices.plan(
        kind="test",
        subject=facility,
        recipients=addresses,
        due_on=today() + dt.timedelta(days=1),
        title="Tin",
        body="Nội dung",
    )
    Notice.objects.update(due_on=today())
    app.control.purge()
    with listening() as server:
        server.pause_seconds = 0.05
        smtp = f"smtp://127.0.0.1:{server.port}"
        with worker(tmp_path, email=smtp) as process:
            read_until(process, "ready.")
            send_letters.delay()
            server.wait_for(LETTERS // 4, WAIT_SECONDS)
            process.kill()
            process.wait(timeout=WAIT_SECONDS)
        claimed = Notice.objects.filter(state=NoticeState.SENDING).count()
        assert 0 < claimed < LETTERS
        app.control.purge()
        with worker(tmp_path, email=smtp) as process:
            read_until(process, "ready.")
            send_letters.delay()
            read_until(process, send_letters.name, "succeeded")
    arrived = [recipient for recipient, _text in server.taken]
    assert len(arrived) == len(set(arrived))
    sent = set(Notice.objects.filter(state=NoticeState.SENT).values_list("recipient", flat=True))
    assert sent <= set(arrived)
    # What was claimed when the worker died may or may not have left: all of it waits for a person, and only it.
    later = timezone.now() + STUCK_AFTER
    waiting = set(notices.stuck(now=later).values_list("recipient", flat=True))
    assert sent | waiting == set(addresses)
    assert len(waiting) == claimed
