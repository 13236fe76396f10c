"""Notices to people: who may be written to, how each wants to hear, and what a legal notice overrides."""

import datetime as dt

import pytest
from django.core import mail

from facilities.enums import RepresentativeState
from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.audit.models import AuditEntry
from portal.notices import choices, kinds, people, queries, services, tasks
from portal.notices.enums import Audience, Channel
from portal.notices.models import Notice, NoticePreference, NoticeState
from portal.text.errors import Refusal
from tests.factories import ContactFactory, FacilityFactory, RepresentativeFactory, SeatFactory, UserFactory, staff

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 7, 0, tzinfo=dt.UTC)
FREE = kinds.Kind(code="free", label="Tin thường", whom=frozenset({Audience.STAFF, Audience.FACILITY}))
LEGAL = kinds.Kind(code="legal", label="Tin theo quy định", legal=True, whom=frozenset({Audience.STAFF}))
CONSENTED = kinds.Kind(code="consented", label="Thư nhắc", by_consent=True)


@pytest.fixture(autouse=True)
def known(monkeypatch, time_machine):
    time_machine.move_to(NOW)
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    for kind in (FREE, LEGAL, CONSENTED):
        kinds.register(kind)


@pytest.fixture
def facility(province):
    return FacilityFactory(territory=province)


def tell(facility, *users, kind="free", due_on=TODAY, recipients=()):
    return services.plan(
        kind=kind,
        subject=facility,
        users=users,
        recipients=recipients,
        due_on=due_on,
        title="Tiêu đề",
        body="Nội dung",
        territory=facility.territory,
    )


def channels():
    return list(Notice.objects.order_by("pk").values_list("channel", "recipient", "state"))


# --- who ------------------------------------------------------------------------------------------------------


def test_a_person_gets_it_in_the_portal_and_by_mail(facility, officer):
    assert tell(facility, officer) == 1
    assert channels() == [(Channel.EMAIL, officer.email.lower(), NoticeState.PLANNED)]
    assert services.send_due(now=NOW).sent == 1
    assert [list(message.to) for message in mail.outbox] == [[officer.email.lower()]]
    assert queries.unread_count(officer, on=TODAY) == 1


def test_telling_twice_tells_once(facility, officer):
    tell(facility, officer)
    assert tell(facility, officer, officer, recipients=[officer.email.upper()]) == 0


@pytest.fixture
def prompt_worker(monkeypatch):
    """A worker that starts the moment it is asked."""
    monkeypatch.setattr(tasks.send_letters, "delay", tasks.send_letters)


@pytest.mark.usefixtures("prompt_worker")
def test_what_was_planned_leaves_right_after_the_transaction(facility, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tell(facility, officer)
        assert mail.outbox == []
    assert len(mail.outbox) == 1


def test_without_a_worker_to_ask_the_act_stands_and_the_next_run_sends(
    facility, officer, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse():
        raise ConnectionError("không có hàng đợi")

    monkeypatch.setattr(tasks.send_letters, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        tell(facility, officer)
    assert tasks.send_letters() == {"sent": 1, "failed": 0}


@pytest.mark.usefixtures("prompt_worker")
def test_what_is_due_later_waits(facility, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tell(facility, officer, due_on=TODAY + dt.timedelta(days=1))
    assert mail.outbox == []
    assert queries.unread_count(officer, on=TODAY) == 0
    assert queries.unread_count(officer, on=TODAY + dt.timedelta(days=1)) == 1


def test_a_person_without_an_address_reads_it_in_the_portal(facility, officer):
    type(officer).objects.update(email="")
    assert tell(facility, officer) == 1
    assert channels() == [(Channel.PORTAL, "", NoticeState.SHOWN)]


def test_two_accounts_with_one_mailbox_get_one_letter(facility, province, officer):
    twin = staff(Role.OFFICER, province)
    type(twin).objects.filter(pk=twin.pk).update(email=officer.email)
    twin.refresh_from_db()
    assert tell(facility, officer, twin) == 2
    assert sorted(row[0] for row in channels()) == [Channel.EMAIL, Channel.PORTAL]


@pytest.mark.parametrize("change", ["inactive", "ended", "no role"])
def test_who_left_is_not_planned_for(facility, officer, change):
    if change == "inactive":
        type(officer).objects.update(is_active=False)
    elif change == "ended":
        Grant.objects.update(valid_to=TODAY - dt.timedelta(days=1))
    else:
        Grant.objects.all().delete()
    assert tell(facility, officer) == 0
    assert not Notice.objects.exists()


@pytest.mark.parametrize("kind", ["free", "legal"])
@pytest.mark.parametrize("change", ["inactive", "ended"])
def test_who_left_between_planning_and_sending_is_not_written_to(facility, officer, kind, change):
    tell(facility, officer, kind=kind)
    if change == "inactive":
        type(officer).objects.update(is_active=False)
    else:
        Grant.objects.update(valid_to=TODAY - dt.timedelta(days=1))
    assert services.send_due(now=NOW) == services.Counts()
    assert Notice.objects.get().state == NoticeState.DROPPED
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("state", "told"),
    [(RepresentativeState.APPROVED, 1), (RepresentativeState.PENDING, 1), (RepresentativeState.ENDED, 0)],
)
def test_a_representative_is_told_while_standing(facility, state, told):
    person = RepresentativeFactory(
        facility=facility,
        state=state,
        reason="Thôi việc." if state == RepresentativeState.ENDED else "",
        decided_at=None if state == RepresentativeState.PENDING else NOW,
    ).user
    assert tell(facility, person) == told


def test_an_officer_of_another_capacity_is_not_told_of_what_is_not_theirs(facility, province):
    judge = SeatFactory().user
    assert tell(facility, judge) == 0


def test_a_kind_for_anyone_reaches_any_active_account(facility):
    assert tell(facility, UserFactory(), kind="consented") == 1


def test_people_cannot_be_told_of_a_kind_nobody_registered(facility, officer):
    with pytest.raises(LookupError, match="unheard"):
        tell(facility, officer, kind="unheard")


@pytest.mark.parametrize("number", [1, 3, 40])  # SQLite takes so many rows at a time
def test_planning_for_people_costs_the_same_whatever_the_number(facility, province, django_assert_num_queries, number):
    persons = [staff(Role.OFFICER, province) for _each in range(number)]
    with django_assert_num_queries(7):  # addresses, preferences, active, two capacities, insert, count
        assert tell(facility, *persons) == number


# --- how ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (Channel.EMAIL, [(Channel.EMAIL, NoticeState.PLANNED)]),
        (Channel.DIGEST, [(Channel.DIGEST, NoticeState.PLANNED)]),
        (Channel.PORTAL, [(Channel.PORTAL, NoticeState.SHOWN)]),
        (Channel.OFF, []),
    ],
)
def test_each_hears_as_chosen(facility, officer, channel, expected):
    choices.choose(user=officer, channels={"free": channel}, now=NOW)
    tell(facility, officer)
    assert [(row[0], row[2]) for row in channels()] == expected


def test_a_legal_kind_is_mailed_whatever_was_chosen(facility, officer):
    NoticePreference.objects.create(user=officer, kind="legal", channel=Channel.OFF, changed_at=NOW)
    tell(facility, officer, kind="legal")
    assert [row[0] for row in channels()] == [Channel.EMAIL]


def test_a_legal_kind_cannot_be_turned_off(officer):
    with pytest.raises(Refusal) as caught:
        choices.choose(user=officer, channels={"legal": Channel.OFF}, now=NOW)
    assert caught.value.code == "notice_legal"
    assert "Tin theo quy định" in str(caught.value)


@pytest.mark.parametrize("channels_", [{"free": "pigeon"}, {"unheard": Channel.OFF}])
def test_a_choice_that_is_none_is_refused(officer, channels_):
    with pytest.raises(Refusal) as caught:
        choices.choose(user=officer, channels=channels_, now=NOW)
    assert caught.value.code == "notice_unknown"


def test_choosing_the_same_again_writes_nothing(officer):
    assert choices.choose(user=officer, channels={"free": Channel.OFF}, now=NOW) == 1
    assert choices.choose(user=officer, channels={"free": Channel.OFF}, now=NOW) == 0
    assert [row.sentence for row in AuditEntry.objects.all()] == ["Chọn cách nhận “Tin thường”: không báo."]


@pytest.mark.parametrize("channel", [Channel.OFF, Channel.PORTAL])
def test_what_waits_to_be_mailed_follows_the_choice_and_stays_readable(facility, officer, channel):
    tell(facility, officer)
    choices.choose(user=officer, channels={"free": channel}, now=NOW)
    assert services.send_due(now=NOW) == services.Counts()
    assert queries.unread_count(officer, on=TODAY) == 1


def test_only_kinds_that_concern_the_person_are_offered(officer):
    offered = {choice.kind.code for choice in queries.choices_of(officer, on=TODAY)}
    assert {"free", "legal", "consented"} <= offered
    judge = SeatFactory().user
    assert "free" not in {choice.kind.code for choice in queries.choices_of(judge, on=TODAY)}


def test_the_capacities_of_a_person(province, facility):
    person = staff(Role.COMMUNE_OFFICER, province)
    SeatFactory(user=person)
    assert people.audiences_of(person, on=TODAY) == {Audience.COMMUNE, Audience.SEATED}
    assert people.audiences_of(UserFactory(is_superuser=True), on=TODAY) == {Audience.STAFF}


# --- bare addresses --------------------------------------------------------------------------------------------


def test_a_letter_by_consent_leaves_while_the_address_agrees(facility):
    ContactFactory(facility=facility, value=" CoSo@example.vn")
    tell(facility, kind="consented", recipients=["coso@example.vn"])
    assert services.send_due(now=NOW).sent == 1


def test_a_letter_by_consent_does_not_leave_after_the_consent_ended(facility):
    contact = ContactFactory(facility=facility, value="coso@example.vn")
    tell(facility, kind="consented", recipients=["coso@example.vn"])
    type(contact).objects.update(may_notify=False)
    assert services.send_due(now=NOW) == services.Counts()
    assert Notice.objects.get().state == NoticeState.DROPPED


def test_every_kind_of_the_portal_is_registered_by_its_room():
    assert {
        "recognition_expiry",
        "supplement_requested",
        "dossier_concluded",
        "dossier_received",
        "round_result",
        "representative_approved",
        "facility_wanted",
    } <= {kind.code for kind in kinds.all_kinds()}
    legal = {kind.code for kind in kinds.all_kinds() if kind.legal}
    assert {"supplement_requested", "dossier_concluded", "representative_approved", "representative_refused"} <= legal


@pytest.mark.usefixtures("prompt_worker")
def test_sample_data_writes_to_nobody(facility, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), services.as_told(now=NOW):
        tell(facility, officer, recipients=["coso@example.vn"])
    assert services.send_due(now=NOW) == services.Counts()
    assert mail.outbox == []
    assert set(Notice.objects.values_list("state", "sent_at")) == {(NoticeState.SENT, NOW)}
    assert queries.unread_count(officer, on=TODAY) == 1


def test_who_is_let_go_still_hears_of_it(facility):
    person = RepresentativeFactory(facility=facility, state=RepresentativeState.ENDED, reason="Thôi việc.").user
    assert tell(facility, person, kind="representative_ended") == 1
    assert services.send_due(now=NOW).sent == 1
