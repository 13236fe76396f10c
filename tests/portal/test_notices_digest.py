"""One letter a day: nothing doubled, nothing lost, whatever the scheduler did."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from portal.accounts.enums import Role
from portal.notices import choices, digests, kinds, queries, services, tasks
from portal.notices.enums import Channel
from portal.notices.models import Notice, NoticeState
from tests.factories import FacilityFactory, staff

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TEA = kinds.Kind(code="tea", label="Tin về chè", default=Channel.DIGEST)
SILK = kinds.Kind(code="silk", label="Tin về lụa", default=Channel.DIGEST)


@pytest.fixture(autouse=True)
def known(monkeypatch, time_machine):
    time_machine.move_to(NOW)
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    kinds.register(TEA)
    kinds.register(SILK)


def tell(user, title, kind="tea", due_on=TODAY):
    return services.plan(
        kind=kind, subject=FacilityFactory(), users=[user], due_on=due_on, title=title, body=f"Về {title}."
    )


def run(on=TODAY):
    gathered = digests.gather(on=on)
    return gathered, services.send_due(now=NOW + (on - TODAY), on=on).sent


def test_the_days_notices_leave_in_one_letter_grouped_by_kind(officer):
    for title, kind in (("chè một", "tea"), ("lụa", "silk"), ("chè hai", "tea")):
        tell(officer, title, kind)
    assert services.send_due(now=NOW) == services.Counts()
    assert run() == (1, 1)
    letter = mail.outbox[0]
    assert letter.subject == "3 thông báo ngày 20/11/2026"
    body = letter.body
    assert [
        body.index(words) for words in ("Tin về lụa", "Về lụa.", "Tin về chè", "Về chè một.", "Về chè hai.")
    ] == sorted(body.index(words) for words in ("Tin về lụa", "Về lụa.", "Tin về chè", "Về chè một.", "Về chè hai."))
    html = letter.alternatives[0].content
    assert html.count("<h3>") == 2
    assert "<img" not in html


def test_everything_in_a_letter_that_left_is_sent(officer):
    tell(officer, "chè")
    run()
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.SENT}


def test_running_twice_on_one_day_sends_once(officer):
    tell(officer, "chè")
    assert run() == (1, 1)
    assert run() == (0, 0)
    assert len(mail.outbox) == 1


def test_what_comes_after_the_days_letter_waits_for_the_next_day(officer):
    tell(officer, "sớm")
    run()
    tell(officer, "muộn")
    assert run() == (0, 0)
    assert run(TODAY + DAY) == (1, 1)
    assert ["muộn" in letter.body for letter in mail.outbox] == [False, True]
    assert "sớm" not in mail.outbox[1].body


def test_a_beat_that_slept_three_days_loses_none_and_doubles_none(officer):
    for days in range(3):
        tell(officer, f"ngày {days}", due_on=TODAY + days * DAY)
    assert run(TODAY + 3 * DAY) == (1, 1)
    assert all(f"Về ngày {days}." in mail.outbox[0].body for days in range(3))
    assert run(TODAY + 4 * DAY) == (0, 0)


def test_what_is_not_due_yet_is_not_in_it(officer):
    tell(officer, "mai", due_on=TODAY + DAY)
    assert run() == (0, 0)


def test_what_was_read_in_the_portal_is_not_mailed_any_more(officer):
    tell(officer, "chè")
    choices.mark_read(user=officer, now=NOW)
    assert run() == (0, 0)


def test_a_digest_is_not_itself_a_notice_to_read(officer):
    tell(officer, "chè")
    run()
    assert [row.title for row in queries.inbox(officer, on=TODAY)] == ["chè"]


def test_each_person_has_a_letter_of_their_own(officer, province):
    other = staff(Role.OFFICER, province)
    tell(officer, "chè")
    tell(other, "lụa")
    assert run() == (2, 2)
    assert {letter.to[0]: "Về chè." in letter.body for letter in mail.outbox} == {
        officer.email.lower(): True,
        other.email.lower(): False,
    }


def test_who_left_gets_no_letter(officer):
    tell(officer, "chè")
    type(officer).objects.update(is_active=False)
    assert run() == (1, 0)
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.DROPPED}


def test_a_dead_mail_server_loses_nothing(officer, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPServerDisconnected("không trả lời")

    tell(officer, "chè")
    with monkeypatch.context() as down:
        down.setattr(EmailBackend, "send_messages", refuse)
        assert run() == (1, 0)
    assert services.send_due(now=NOW + DAY).sent == 1
    assert "Về chè." in mail.outbox[0].body


def test_the_task_gathers_and_sends(officer):
    tell(officer, "chè")
    assert tasks.send_digests() == {"gathered": 1, "sent": 1, "failed": 0}
    assert tasks.send_digests.name == "portal.notices.tasks.send_digests"


@pytest.mark.parametrize("number", [1, 3, 50])
def test_gathering_costs_the_same_for_any_number_of_notices(officer, django_assert_num_queries, number):
    for each in range(number):
        tell(officer, f"tin {each}")
    with django_assert_num_queries(8):  # savepoint, read ones, waiting, people, insert, look, take, release
        assert digests.gather(on=TODAY) == 1
