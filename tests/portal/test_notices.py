import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from portal.audit.models import AuditEntry
from portal.notices import outbox, services
from portal.notices.models import Notice, NoticeState
from portal.text.errors import Refusal

from ..factories import FacilityFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 7, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def facility():
    return FacilityFactory()


def plan(facility, *recipients, due_on=TODAY, kind="test"):
    return services.plan(
        kind=kind, subject=facility, recipients=recipients, due_on=due_on, title="Tiêu đề", body="Nội dung"
    )


@pytest.fixture
def dead_server(monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPServerDisconnected("máy chủ thư không trả lời")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    return monkeypatch


def test_a_letter_is_in_the_ledger_before_it_is_sent(facility):
    assert plan(facility, "a@example.vn", "b@example.vn") == 2
    assert list(Notice.objects.values_list("state", flat=True)) == [NoticeState.PLANNED] * 2
    assert mail.outbox == []


def test_planning_twice_adds_nothing(facility):
    plan(facility, "a@example.vn")
    assert plan(facility, "a@example.vn", "A@example.vn ", "b@example.vn") == 1
    assert Notice.objects.count() == 2


def test_planning_nothing_is_nothing(facility):
    assert plan(facility) == 0


@pytest.mark.parametrize("number", [1, 3, 40])  # SQLite takes so many rows at a time
def test_planning_costs_two_statements_whatever_the_number(facility, django_assert_num_queries, number):
    with django_assert_num_queries(2):
        assert plan(facility, *[f"{n}@example.vn" for n in range(number)]) == number


def test_what_is_due_is_sent_once(facility):
    plan(facility, "a@example.vn", due_on=TODAY - dt.timedelta(days=3))
    plan(facility, "a@example.vn")
    plan(facility, "a@example.vn", due_on=TODAY + dt.timedelta(days=1))
    assert services.send_due(now=NOW) == services.Counts(sent=2)
    assert services.send_due(now=NOW) == services.Counts()
    assert [message.to for message in mail.outbox] == [["a@example.vn"]] * 2
    assert Notice.objects.filter(state=NoticeState.SENT, sent_at=NOW).count() == 2


def test_more_letters_than_one_batch_all_leave(facility, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    plan(facility, *[f"{n}@example.vn" for n in range(5)])
    assert services.send_due(now=NOW).sent == 5


def test_a_dead_mail_server_leaves_an_error_and_the_next_run_tries_again(facility, dead_server):
    plan(facility, "a@example.vn")
    assert services.send_due(now=NOW) == services.Counts(failed=1)
    notice = Notice.objects.get()
    assert notice.state == NoticeState.FAILED
    assert "máy chủ thư không trả lời" in notice.error
    dead_server.undo()
    assert services.send_due(now=LATER) == services.Counts(sent=1)
    notice.refresh_from_db()
    assert (notice.state, notice.error) == (NoticeState.SENT, "")


def test_one_bad_address_does_not_hold_up_the_others(facility, monkeypatch):
    send = EmailBackend.send_messages

    def pick(self, messages):
        if messages[0].to == ["xau@example.vn"]:
            raise smtplib.SMTPRecipientsRefused({})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", pick)
    plan(facility, "xau@example.vn", "tot@example.vn")
    assert services.send_due(now=NOW) == services.Counts(sent=1, failed=1)


def _claimed(facility, minutes):
    plan(facility, "a@example.vn")
    Notice.objects.update(state=NoticeState.SENDING, claimed_at=NOW - dt.timedelta(minutes=minutes))
    return Notice.objects.get()


def test_a_letter_stuck_in_sending_is_never_sent_by_the_machine(facility):
    notice = _claimed(facility, 24 * 60)
    assert services.send_due(now=NOW) == services.Counts()
    assert mail.outbox == []
    assert list(services.stuck(now=NOW)) == [notice]


@pytest.mark.parametrize(("minutes", "is_stuck"), [(29, False), (30, True)])
def test_stuck_means_half_an_hour(facility, minutes, is_stuck):
    _claimed(facility, minutes)
    assert services.stuck(now=NOW).exists() is is_stuck


def test_a_person_may_send_a_stuck_letter_again(facility, administrator):
    notice = _claimed(facility, 31)
    services.send_again(notice=notice, actor=administrator, now=NOW)
    assert AuditEntry.objects.get().sentence == "Cho gửi lại thư “Tiêu đề”."
    assert services.send_due(now=NOW).sent == 1


def test_a_person_may_confirm_that_a_stuck_letter_left(facility, administrator):
    notice = _claimed(facility, 31)
    services.confirm_sent(notice=notice, actor=administrator, now=NOW)
    notice.refresh_from_db()
    assert (notice.state, notice.sent_at) == (NoticeState.SENT, NOW)
    assert services.send_due(now=NOW).sent == 0


def test_a_letter_that_is_not_stuck_cannot_be_settled(facility, administrator):
    notice = _claimed(facility, 5)
    with pytest.raises(Refusal) as caught:
        services.send_again(notice=notice, actor=administrator, now=NOW)
    assert caught.value.code == "notice_not_stuck"


def test_unsent_letters_that_nobody_would_write_today_are_given_up(facility):
    plan(facility, "a@example.vn", "b@example.vn")
    plan(facility, "a@example.vn", kind="other")
    keep = {(facility.uuid, "a@example.vn", TODAY)}
    assert services.drop_unsent(kind="test", on=TODAY, keep=keep) == 1
    assert Notice.objects.get(state=NoticeState.DROPPED).recipient == "b@example.vn"


def test_a_sent_letter_is_never_given_up(facility):
    plan(facility, "a@example.vn")
    services.send_due(now=NOW)
    assert services.drop_unsent(kind="test", on=TODAY, keep=set()) == 0
