"""The ledger under random outages: every letter leaves exactly once or waits for a person; none lost, none doubled."""

import datetime as dt
import smtplib
from collections import Counter

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.enums import Role
from portal.notices import outbox, reference_data, services
from portal.notices.models import Errand, Notice, NoticeState
from products import reminders
from products.models import Recognition
from tests.factories import (
    ContactFactory,
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    TerritoryFactory,
    staff,
)

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 6, 1, 0, 0, tzinfo=dt.UTC)
REGISTERED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Killed(BaseException):
    """SIGKILL: nothing catches it, nothing is tidied up."""


class World:
    """A mail server and a worker that misbehave as told; what arrived is counted by the letter's own name."""

    def __init__(self, monkeypatch):
        self.up, self.killed_at, self.broken = True, None, False
        self.arrived = Counter()
        send = EmailBackend.send_messages

        def through(backend, messages):
            if self.killed_at == "before":
                self.killed_at = None
                raise Killed
            if not self.up:
                raise smtplib.SMTPServerDisconnected("không trả lời")
            done = send(backend, messages)
            self.arrived.update(message.extra_headers["Message-ID"] for message in messages)
            if self.killed_at == "after":
                self.killed_at = None
                raise Killed
            if self.broken:
                self.broken = False
                raise outbox.MayHaveLeft("đứt giữa chừng")
            return done

        monkeypatch.setattr(EmailBackend, "send_messages", through)


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 3)
    return World(monkeypatch)


@pytest.fixture
def register():
    reference_data.load()
    province = TerritoryFactory()
    staff(Role.OFFICER, province)
    for ends_in in (20, 35, 95, 100, 190):
        facility = FacilityFactory(territory=province)
        if ends_in != 35:  # this one has no address: a call for a person
            ContactFactory(facility=facility, value=f"coso{ends_in}@example.vn")
        RecognitionFactory(
            product=ProductFactory(facility=facility),
            territory=province,
            issued_on=dt.date(2025, 1, 1),
            expires_on=START.date() + dt.timedelta(days=ends_in),
        )
    Recognition.objects.update(created_at=REGISTERED)


STEPS = st.lists(
    st.sampled_from(
        [
            "morning",
            "morning",
            "letters",
            "letters",
            "twice",
            "down",
            "up",
            "kill before",
            "kill after",
            "break",
            "sleep",
            "back",
        ]
    ),
    min_size=5,
    max_size=20,
)


def play(world, steps):
    """Runs the steps; returns the moment after the last."""
    now = START
    for step in steps:
        now += dt.timedelta(hours=5)
        try:
            match step:
                case "down" | "up":
                    world.up = step == "up"
                case "kill before" | "kill after":
                    world.killed_at = step.split()[1]
                case "break":
                    world.broken = True
                case "sleep":
                    now += dt.timedelta(days=3)
                case "back":
                    now -= dt.timedelta(days=1)
                case "letters":
                    services.send_due(now=now)
                case "twice":
                    late = list(reminders.letters_for(now.date()))
                    reminders.run(on=now.date(), now=now)
                    services.plan_many(late, on=now.date())
                    reminders.run(on=now.date(), now=now)
                case _:
                    reminders.run(on=now.date(), now=now)
        except Killed:
            pass
    return now


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_letter_leaves_exactly_once_or_waits_for_a_person(world, register, steps):
    with transaction.atomic():
        world.up, world.killed_at, world.broken, world.arrived = True, None, False, Counter()
        mail.outbox.clear()
        now = play(world, steps)
        world.up, world.killed_at, world.broken = True, None, False
        # The server is well again: whatever is left to a machine leaves within the longest wait.
        now = max(now, START + dt.timedelta(days=200)) + dt.timedelta(days=2)
        services.send_due(now=now)
        services.send_due(now=now + outbox.LONGEST_WAIT)
        assert max(world.arrived.values(), default=0) <= 1, "doubled"
        states = dict(Notice.objects.exclude(recipient="").values_list("pk", "state"))
        assert set(states.values()) <= {
            NoticeState.SENT,
            NoticeState.SENDING,
            NoticeState.DROPPED,
            NoticeState.SHOWN,
        }, "left behind"
        sent = Notice.objects.filter(state=NoticeState.SENT)
        for notice in sent:
            assert world.arrived[_name(notice)] == 1, "lost"
        # What may or may not have left is a person's, and only that.
        assert set(services.stuck(now=now + dt.timedelta(days=1))) == set(
            Notice.objects.filter(state=NoticeState.SENDING)
        )
        for dropped in Notice.objects.filter(state=NoticeState.DROPPED):
            assert world.arrived[_name(dropped)] == 0
            assert _replaced(dropped, now), "given up by the machine without a later letter in its place"
        transaction.set_rollback(True)


def _name(notice):
    from portal.notices.letters import _headers

    return _headers(notice)["Message-ID"]


def _replaced(notice, now):
    """A later letter of the same matter stands in the ledger, or its term is long over."""
    later = Notice.objects.filter(subject_id=notice.subject_id, due_on__gt=notice.due_on)
    ends = Recognition.objects.get(uuid=notice.subject_id).expires_on
    return later.exists() or ends < now.date()


def test_the_control_without_claims_a_letter_is_doubled(world, register):
    """Shows that the game above can be lost: were a dead run's claims forgotten, its letters would be sent again."""
    play(world, ["kill after", "morning"])
    Notice.objects.filter(state=NoticeState.SENDING).update(state=NoticeState.PLANNED, claimed_at=None)
    play(world, ["morning"])
    assert max(world.arrived.values()) == 2


def test_a_facility_without_an_address_is_one_call_per_line_and_the_latest_waits(world, register):
    day = START.date()
    for ahead in range(60):
        reminders.run(on=day + dt.timedelta(days=ahead), now=START + dt.timedelta(days=ahead))
    calls = Errand.objects.order_by("due_on")
    assert len(calls) == len(set(calls.values_list("due_on", flat=True))) == 4
    assert [call.dropped_at is None for call in calls] == [False, False, False, True]
