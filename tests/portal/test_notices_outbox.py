"""The way out: growing waits, refusals, broken lines, and what is left to a person."""

import datetime as dt
import smtplib
import socket

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from portal.notices import faults, letters, outbox, services
from portal.notices.enums import Channel
from portal.notices.models import AddressFault, Notice, NoticeState
from portal.text.errors import Refusal
from tests.factories import FacilityFactory

from .fake_smtp import listening

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 0, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
QUARTER = dt.timedelta(minutes=15)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW)


def plan(*addresses, due_on=TODAY):
    services.plan(
        kind="test", subject=FacilityFactory(), recipients=addresses, due_on=due_on, title="Tiêu đề", body="Nội dung"
    )


class Gate:
    """A mail server that can be switched off, and counts how often it was asked."""

    def __init__(self, monkeypatch):
        self.up, self.asked = True, 0
        send = EmailBackend.send_messages

        def through(backend, messages):
            self.asked += 1
            if not self.up:
                raise smtplib.SMTPServerDisconnected("không trả lời")
            return send(backend, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", through)


@pytest.fixture
def gate(monkeypatch):
    return Gate(monkeypatch)


@pytest.mark.parametrize(
    ("attempts", "wait"), [(1, QUARTER), (2, 2 * QUARTER), (3, HOUR), (4, 2 * HOUR), (5, 4 * HOUR), (60, 4 * HOUR)]
)
def test_waits_double_up_to_four_hours(attempts, wait):
    assert outbox.next_try(attempts, NOW) == NOW + wait


def test_three_days_without_a_mail_server_lose_nothing(gate):
    plan("a@example.vn", "b@example.vn")
    gate.up = False
    at = NOW
    while at < NOW + 3 * DAY:
        services.send_due(now=at)
        at += QUARTER
    assert 15 < gate.asked < 30
    assert mail.outbox == []
    assert list(services.waiting_long(now=at)) == list(Notice.objects.order_by("-due_on", "-pk"))
    gate.up = True
    assert services.send_due(now=at + 4 * HOUR) == services.Counts(sent=2)
    assert sorted(letter.to[0] for letter in mail.outbox) == ["a@example.vn", "b@example.vn"]


def test_a_dead_server_is_asked_once_in_a_run_however_many_letters_wait(gate):
    plan(*[f"{n}@example.vn" for n in range(250)])
    gate.up = False
    assert services.send_due(now=NOW) == services.Counts(failed=outbox.BATCH)
    assert gate.asked == 1
    gate.up = True
    assert services.send_due(now=NOW + HOUR).sent == 250


def test_what_failed_is_not_tried_again_before_its_time(gate):
    plan("a@example.vn")
    gate.up = False
    services.send_due(now=NOW)
    gate.up = True
    assert services.send_due(now=NOW + QUARTER - dt.timedelta(seconds=1)).sent == 0
    assert services.send_due(now=NOW + QUARTER).sent == 1


def test_a_clock_set_back_by_a_day_neither_doubles_nor_holds_up(gate):
    plan("a@example.vn", due_on=TODAY - DAY)
    gate.up = False
    services.send_due(now=NOW)
    gate.up = True
    assert services.send_due(now=NOW - DAY).sent == 1
    assert services.send_due(now=NOW - DAY).sent == 0
    assert services.send_due(now=NOW).sent == 0


def test_a_claim_from_before_the_clock_was_set_back_is_a_persons(gate):
    plan("a@example.vn")
    Notice.objects.update(state=NoticeState.SENDING, claimed_at=NOW + DAY)
    assert services.stuck(now=NOW).count() == 1
    assert services.send_due(now=NOW + 2 * DAY).sent == 0


def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(monkeypatch):
    write = letters.message

    def stumble(notice, server):
        if notice.recipient == "a@example.vn":
            raise KeyError("mẫu")
        return write(notice, server)

    monkeypatch.setattr(letters, "message", stumble)
    plan("a@example.vn", "b@example.vn")
    assert services.send_due(now=NOW) == services.Counts(sent=1, failed=1)


def test_a_line_break_in_a_title_holds_no_letter_back_and_adds_no_header():
    notice = Notice(recipient="a@example.vn", kind="test", title="Chè\r\nBcc: la@example.vn", body="Nội dung")
    letter = letters.message(notice, None)
    assert letter.subject == "Chè Bcc: la@example.vn"
    assert letter.message()["Bcc"] is None


@pytest.mark.parametrize(("hours", "shown"), [(23, False), (25, True)])
def test_what_waits_for_a_day_is_shown_to_a_person(gate, hours, shown):
    plan("a@example.vn", due_on=TODAY - DAY)
    assert services.waiting_long(now=NOW + hours * HOUR).exists() is shown


# --- what a person does ---------------------------------------------------------------------------------------


def test_only_a_person_gives_up(officer):
    plan("a@example.vn")
    notice = Notice.objects.get()
    services.give_up(notice=notice, actor=officer, now=NOW)
    notice.refresh_from_db()
    assert notice.state == NoticeState.DROPPED
    with pytest.raises(Refusal) as caught:
        services.give_up(notice=notice, actor=officer, now=NOW)
    assert caught.value.code == "notice_not_waiting"


def test_a_letter_given_up_stays_readable_for_who_has_an_account(officer):
    services.plan(
        kind="recognition_expiry", subject=FacilityFactory(), users=[officer], due_on=TODAY, title="T", body="N"
    )
    services.give_up(notice=Notice.objects.get(), actor=officer, now=NOW)
    assert Notice.objects.values_list("state", "channel").get() == (NoticeState.SHOWN, Channel.PORTAL)


def test_a_person_may_have_a_waiting_letter_tried_at_once(gate, officer):
    plan("a@example.vn")
    gate.up = False
    services.send_due(now=NOW)
    gate.up = True
    services.try_now(notice=Notice.objects.get(), actor=officer, now=NOW)
    assert services.send_due(now=NOW + dt.timedelta(seconds=1)).sent == 1


# --- a real line ----------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings):
    with listening() as server:
        settings.EMAIL_BACKEND = "portal.notices.smtp.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server


def test_letters_leave_over_smtp(smtp):
    plan("a@example.vn", "b@example.vn")
    assert services.send_due(now=NOW).sent == 2
    assert [recipient for recipient, _text in smtp.taken] == ["a@example.vn", "b@example.vn"]


def test_the_envelope_names_the_letter_and_the_reader_sees_the_portal(smtp, settings):
    settings.BOUNCE_ADDRESS = "tra-lai@example.vn"
    settings.DEFAULT_FROM_EMAIL = "Cổng sản phẩm <khong-tra-loi@example.vn>"
    plan("a@example.vn")
    services.send_due(now=NOW)
    text = smtp.taken[0][1]
    assert b"<khong-tra-loi@example.vn>" in text
    assert b"tra-lai+" not in text


def test_an_address_refused_for_good_is_broken_at_once(smtp):
    smtp.answers["a@example.vn"] = "550 5.1.1 no such user"
    plan("a@example.vn", "b@example.vn")
    assert services.send_due(now=NOW) == services.Counts(sent=1, failed=1)
    assert faults.broken() == {"a@example.vn"}
    assert AddressFault.objects.get().diagnosis == "550 5.1.1 no such user"
    assert Notice.objects.get(recipient="a@example.vn").state == NoticeState.DROPPED
    assert services.send_due(now=NOW + DAY) == services.Counts()


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "550 5.7.1 relaying denied"])
def test_a_passing_refusal_waits_and_blames_no_address(smtp, answer):
    smtp.answers["a@example.vn"] = answer
    plan("a@example.vn")
    assert services.send_due(now=NOW) == services.Counts(failed=1)
    assert not AddressFault.objects.exists()
    smtp.answers.clear()
    assert services.send_due(now=NOW + QUARTER).sent == 1


def test_a_line_that_breaks_under_the_text_leaves_it_to_a_person(smtp):
    smtp.breaks_after_text = True
    plan("a@example.vn")
    assert services.send_due(now=NOW) == services.Counts(failed=1)
    smtp.breaks_after_text = False
    assert services.send_due(now=NOW + DAY) == services.Counts()
    assert services.stuck(now=NOW + HOUR).count() == 1
    assert len(smtp.taken) == 1


def test_a_broken_line_does_not_hold_up_the_next_letter(smtp):
    smtp.answers["b@example.vn"] = "250 ok"
    smtp.breaks_after_text = True
    plan("a@example.vn", "b@example.vn")
    assert services.send_due(now=NOW) == services.Counts(failed=2)
    assert [recipient for recipient, _text in smtp.taken] == ["a@example.vn", "b@example.vn"]


def test_a_busy_server_ends_the_run(smtp):
    smtp.busy = True
    plan("a@example.vn", "b@example.vn")
    assert services.send_due(now=NOW) == services.Counts(failed=2)
    smtp.busy = False
    assert services.send_due(now=NOW + QUARTER).sent == 2


def test_a_server_that_is_not_there_costs_no_letter(settings):
    settings.EMAIL_BACKEND = "portal.notices.smtp.Backend"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = unused.getsockname()
        plan("a@example.vn")
        assert services.send_due(now=NOW) == services.Counts(failed=1)
    assert Notice.objects.get().state == NoticeState.FAILED
