import datetime as dt
import smtplib
from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.notices import reference_data, schedule
from portal.notices.enums import Channel
from portal.notices.models import Notice, NoticeState, ReminderRule
from products import reminders, tasks
from products.enums import DatePrecision, Stage
from products.models import Recognition

from ..factories import (
    ContactFactory,
    FacilityFactory,
    GrantFactory,
    ProductFactory,
    RecognitionFactory,
    SuccessionFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db

END = dt.date(2026, 12, 31)
REGISTERED = dt.date(2026, 1, 1)
DAYS = (180, 90, 30, 7, -1)


@pytest.fixture(autouse=True)
def lines():
    """The schedule that comes with the portal."""
    reference_data.load()


def on(before, end=END):
    """The day that lies `before` days before the last valid one."""
    return end - dt.timedelta(days=before)


def at(day):
    return dt.datetime.combine(day, dt.time(7), tzinfo=dt.timezone(dt.timedelta(hours=7)))


def run(day):
    return reminders.run(on=day, now=at(day))


# --- who gets a letter -----------------------------------------------------------------------------


@pytest.fixture
def recognition(province):
    return recognise(province)


def recognise(territory, **facts):
    if "product" not in facts:
        facility = FacilityFactory(territory=territory)
        ContactFactory(facility=facility, value=f"coso{facility.pk}@example.vn")
        facts["product"] = ProductFactory(facility=facility)
    found = RecognitionFactory(**{"expires_on": END, **facts})
    Recognition.objects.update(created_at=at(REGISTERED))
    return found


def recipients():
    return sorted(message.to[0] for message in mail.outbox)


def test_the_facility_and_the_officers_of_the_province_are_reminded(recognition, officer, leader, other_province):
    staff(Role.OFFICER, other_province)
    # The leader's waits for the letter at the end of the day.
    assert run(on(30)) == reminders.Outcome(planned=3, dropped=0, sent=2, failed=0)
    contact = recognition.product.facility.contacts.get()
    assert recipients() == sorted([contact.value, officer.email])
    assert Notice.objects.get(user=leader).channel == Channel.DIGEST


def test_without_consent_or_address_only_the_officer_is_reminded_and_told_so(recognition, officer):
    facility = recognition.product.facility
    facility.contacts.update(may_notify=False)
    ContactFactory(facility=facility, kind="phone", value="0912345678")
    run(on(30))
    assert recipients() == [officer.email]
    assert "cơ sở chưa được báo" in mail.outbox[0].body


def test_an_officer_follows_the_successor_of_the_unit(officer, province):
    former = SuccessionFactory(successor=province).predecessor
    recognise(former)
    run(on(30))
    assert officer.email in recipients()


def test_an_officer_granted_in_a_former_unit_is_reminded_of_todays(recognition, province):
    former = SuccessionFactory(successor=province).predecessor
    officer = staff(Role.OFFICER, former)
    run(on(30))
    assert officer.email in recipients()


@pytest.mark.parametrize(("ended", "told"), [(on(30), True), (on(31), False)])
def test_an_officer_whose_grant_ended_yesterday_is_not_reminded(recognition, officer, ended, told):
    Grant.objects.update(valid_to=ended)
    run(on(30))
    assert (officer.email in recipients()) is told


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_an_officer_who_left_or_has_no_address_is_not_reminded(recognition, officer, change):
    type(officer).objects.filter(pk=officer.pk).update(**change)
    run(on(30))
    assert officer.email not in recipients()


def test_one_address_gets_one_letter_in_whatever_capitals(recognition, officer):
    facility = recognition.product.facility
    ContactFactory(facility=facility, value=officer.email.upper())
    ContactFactory(facility=facility, value=f" {officer.email}")
    run(on(30))
    assert recipients().count(officer.email) == 1


def test_a_product_without_a_known_facility_is_the_officers_business(officer, province):
    recognise(province, product=ProductFactory(facility=None, territory=province))
    run(on(30))
    assert recipients() == [officer.email]


@pytest.mark.parametrize(
    "facts",
    [
        {"revoked_on": on(100), "status_reason": "Vi phạm"},
        {"withdrawn_on": on(100), "status_reason": "Xin rút"},
        {"published_at": None},
        {"expires_on": dt.date(2025, 12, 31)},
        {"expires_on": dt.date(2027, 12, 31)},
        {"stage": Stage.PROPOSED, "expires_on": None, "issued_on": None, "published_at": None},
    ],
    ids=["revoked", "withdrawn", "unpublished", "expired before", "far away", "proposed"],
)
def test_nobody_is_reminded_of_what_no_longer_or_not_yet_holds(province, officer, facts):
    recognise(province, **facts)
    assert run(on(30)).planned == 0
    assert mail.outbox == []


def test_a_provinces_own_line_and_words_reach_its_facilities_former_units_too(province, other_province):
    former = SuccessionFactory(successor=province).predecessor
    mine, theirs = recognise(former), recognise(other_province)
    ReminderRule.objects.create(
        kind="recognition_expiry", recipients="facility", days=45, territory=province, body="Chào {facility}."
    )
    run(on(45))
    assert dues() == {mine.uuid: {on(45)}, theirs.uuid: {on(90)}}
    assert any(letter.body.startswith(f"Chào {mine.product.facility.name}.") for letter in mail.outbox)
    run(on(30))
    assert dues() == {mine.uuid: {on(45)}, theirs.uuid: {on(90), on(30)}}


def dues():
    """Every recognition's letters by their due day."""
    found = {}
    for subject, due_on in Notice.objects.values_list("subject_id", "due_on"):
        found.setdefault(subject, set()).add(due_on)
    return found


def test_a_level_may_have_lines_of_its_own(province):
    due_45 = schedule.due_day(END, 45, working_days=False)
    ReminderRule.objects.create(kind="recognition_expiry", recipients="facility", days=45, level="national")
    other, national = recognise(province), recognise(province, level="national")
    run(on(45))
    assert dues() == {other.uuid: {on(90)}, national.uuid: {due_45}}


# --- how often -------------------------------------------------------------------------------------


@pytest.mark.crawl
def test_a_whole_year_of_mornings_sends_each_window_once(recognition, officer):
    day = REGISTERED
    while day < on(-120):
        run(day)
        day += dt.timedelta(days=1)
    assert sorted(set(Notice.objects.values_list("due_on", flat=True))) == sorted(
        schedule.due_day(END, before, working_days=False) for before in DAYS
    )
    assert len(mail.outbox) == 2 * len(DAYS)


def test_a_scheduler_that_slept_three_days_loses_none_and_doubles_none(recognition, officer):
    run(on(31))
    assert run(on(27)).sent == 2
    assert run(on(26)).sent == 0
    assert Notice.objects.filter(due_on=on(30), state=NoticeState.SENT).count() == 2


def test_running_twice_on_one_day_sends_once(recognition, officer):
    assert run(on(30)).sent == 2
    assert run(on(30)) == reminders.Outcome(planned=0, dropped=0, sent=0, failed=0)


def test_a_second_beat_that_planned_the_same_letters_sends_none_of_them(recognition, officer):
    other = list(reminders.letters_for(on(30)))
    run(on(30))
    assert reminders.notices.plan_many(other) == 0
    assert reminders.notices.send_due(now=at(on(30))).sent == 0
    assert len(mail.outbox) == 2


def test_when_the_mail_server_is_down_the_next_morning_tries_again(recognition, officer, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPConnectError(421, "bận")

    with monkeypatch.context() as down:
        down.setattr(EmailBackend, "send_messages", refuse)
        assert run(on(30)) == reminders.Outcome(planned=2, dropped=0, sent=0, failed=2)
    assert run(on(29)) == reminders.Outcome(planned=0, dropped=0, sent=2, failed=0)


def test_a_letter_that_a_later_window_replaces_is_given_up(recognition, officer):
    reminders.notices.plan_many(reminders.letters_for(on(90)))
    assert run(on(30)) == reminders.Outcome(planned=2, dropped=2, sent=2, failed=0)
    assert set(Notice.objects.filter(state=NoticeState.DROPPED).values_list("due_on", flat=True)) == {on(90)}


def test_a_letter_not_yet_sent_is_given_up_when_the_recognition_is_revoked(recognition, officer):
    reminders.notices.plan_many(reminders.letters_for(on(30)))
    Recognition.objects.update(revoked_on=on(30), status_reason="Vi phạm")
    assert run(on(29)) == reminders.Outcome(planned=0, dropped=2, sent=0, failed=0)


@pytest.mark.parametrize("number", [1, 3, 50])
def test_planning_costs_the_same_for_any_number_of_recognitions(province, officer, django_assert_num_queries, number):
    for _ in range(number):
        recognise(province)
    list(reminders.letters_for(on(30)))
    with django_assert_num_queries(6):  # lines, recognitions, staff, faults, representatives, addresses
        assert len(list(reminders.letters_for(on(30)))) == 2 * number


# --- what it says ----------------------------------------------------------------------------------


def test_the_letter_to_the_facility_says_what_ends_when_and_what_to_do(recognition):
    run(on(30))
    letter = mail.outbox[0]
    product = recognition.product
    assert letter.subject == f"Giấy chứng nhận sắp hết hiệu lực: {product.name}"
    assert letter.body.startswith(f"Kính gửi {product.facility.name},\n")
    assert f"cấp tỉnh năm 2024 của “{product.name}” có hiệu lực đến hết ngày 31/12/2026." in letter.body
    assert "hãy đăng ký vào kỳ bình chọn tới. Sở Công Thương Thái Nguyên báo" in letter.body
    assert f"http://127.0.0.1:8000/san-pham/{product.slug}/" in letter.body


def test_after_the_end_the_letter_says_so(recognition):
    run(on(-1))
    letter = mail.outbox[0]
    assert letter.subject.startswith("Giấy chứng nhận đã hết hiệu lực")
    assert "đã hết hiệu lực sau ngày 31/12/2026." in letter.body


def test_where_only_the_year_is_known_only_the_year_is_said(province):
    recognise(province, expiry_precision=DatePrecision.YEAR)
    run(on(30))
    assert "có hiệu lực đến hết năm 2026." in mail.outbox[0].body
    assert "31/12" not in mail.outbox[0].body


def test_letters_name_the_province_of_today():
    successor = TerritoryFactory(name="Phú Thọ")
    former = SuccessionFactory(
        successor=successor, predecessor__name="Vĩnh Phúc", predecessor__valid_to=dt.date(2025, 6, 30)
    ).predecessor
    recognise(former)
    run(on(30))
    assert "Sở Công Thương Phú Thọ" in mail.outbox[0].body


# --- how it is started -----------------------------------------------------------------------------


@pytest.fixture
def today(time_machine):
    time_machine.move_to(at(on(30)))


def command(*args):
    out = StringIO()
    call_command("send_reminders", *args, stdout=out)
    return out.getvalue().strip()


def test_the_task_reminds_for_today(recognition, officer, today):
    assert tasks.send_reminders.name == "products.tasks.send_reminders"
    assert tasks.send_reminders() == {"planned": 2, "dropped": 0, "sent": 2, "failed": 0, "calls": 0}


def test_the_command_counts_first_and_sends_with_apply(recognition, officer, today):
    assert command() == "Thư mới: 2. Chưa gửi gì; thêm --apply để gửi."
    assert not Notice.objects.exists()
    assert command("--apply") == "Thư mới: 2. Đã gửi: 2. Gửi không được: 0. Không gửi nữa: 0. Cán bộ báo tận nơi: 0."
    assert command() == "Thư mới: 0. Chưa gửi gì; thêm --apply để gửi."


def test_the_command_can_be_run_for_another_day(recognition, officer, today):
    assert command("--on", "2026-12-31", "--apply").startswith("Thư mới: 2. Đã gửi: 2.")
    assert set(Notice.objects.values_list("due_on", flat=True)) == {on(7)}


def test_a_day_that_is_no_day_is_refused_in_words(db):
    with pytest.raises(CommandError, match="“31/12/2026” không phải là ngày"):
        command("--on", "31/12/2026")


def test_two_grants_of_one_officer_make_one_letter(recognition, officer, province):
    GrantFactory(user=officer, territory=province)
    GrantFactory(user=UserFactory(email=officer.email), territory=province)
    run(on(30))
    assert recipients().count(officer.email) == 1
