"""A province's calendar: for its staff by a secret address, for everyone without a name."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from portal.accounts.models import Grant
from portal.audit.models import AuditEntry
from portal.notices import feeds, reference_data
from portal.text.errors import Refusal
from rounds.enums import RoundState
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, RoundFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)
MAKER = "Hộ kinh doanh Nguyễn Thị Mẫu"
LONG = "Chè đinh thượng hạng sấy thăng hoa đặc sản vùng cao ướp sen Tây Hồ loại một"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    reference_data.load()


@pytest.fixture
def ending(province):
    facility = FacilityFactory(territory=province, name=MAKER)
    return RecognitionFactory(
        product=ProductFactory(facility=facility, name=LONG), territory=province, expires_on=dt.date(2027, 3, 31)
    )


@pytest.fixture
def feed(officer, province):
    return feeds.make(user=officer, territory=province, now=NOW)


def read(client, address, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer, {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def own(feed):
    return reverse("calendar_feed", args=[feed.token])


def test_staff_see_what_ends_and_when_reminders_leave(client, ending, feed):
    _answer, events = read(client, own(feed))
    end = events["1 giấy chứng nhận hết hiệu lực"]
    assert (end["dtstart"].dt, end["dtend"].dt) == (dt.date(2027, 3, 31), dt.date(2027, 4, 1))
    assert f"{LONG}, {MAKER}" in str(end["description"])
    assert events["Thư nhắc 1 cơ sở"]["dtstart"].params["VALUE"] == "DATE"


def test_the_public_calendar_counts_and_names_nobody(client, ending, province):
    answer, events = read(client, reverse("calendar_public", args=[province.slug]))
    assert list(events) == ["1 giấy chứng nhận hết hiệu lực"]
    text = answer.content.decode().replace("\r\n ", "")
    assert MAKER not in text
    assert LONG not in text
    assert answer["Cache-Control"] == "public, no-cache"


def test_lines_are_folded_by_bytes_and_names_stay(client, ending, feed):
    first, _events = read(client, own(feed))
    lines = first.content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # no letter is cut in two
    second, _events = read(client, own(feed))
    assert second.content == first.content


def test_an_unchanged_calendar_is_not_sent_again(client, ending, feed):
    tag = read(client, own(feed))[0]["ETag"]
    assert client.get(own(feed), headers={"if-none-match": tag}).status_code == 304
    type(ending).objects.update(expires_on=dt.date(2027, 4, 30))
    assert client.get(own(feed), headers={"if-none-match": tag}).status_code == 200


def test_terms_of_rounds(client, province, feed):
    until = NOW + dt.timedelta(days=10)
    RoundFactory(territory=province, state=RoundState.RECEIVING, receiving_until=until, scoring_until=until)
    RoundFactory(territory=province, state=RoundState.DRAFT, receiving_until=until, year=2027)
    _answer, mine = read(client, own(feed))
    assert sum(name.startswith("Hạn nhận hồ sơ") for name in mine) == 2
    assert any(name.startswith("Hạn nộp phiếu chấm") for name in mine)
    _answer, public = read(client, reverse("calendar_public", args=[province.slug]))
    assert [name.split(":")[0] for name in public] == ["Hạn nhận hồ sơ"]


def test_an_ended_calendar_leads_nowhere(client, feed, officer):
    feeds.end(feed=feed, actor=officer, now=NOW)
    assert client.get(own(feed)).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="feed.").count() == 2
    with pytest.raises(Refusal):
        feeds.end(feed=feed, actor=officer, now=NOW)


def test_who_left_reads_no_more(client, feed):
    Grant.objects.update(valid_to=TODAY - dt.timedelta(days=1))
    assert client.get(own(feed)).status_code == 404


def test_reading_is_noted_once_a_day(client, feed, django_assert_num_queries):
    client.get(own(feed))
    feed.refresh_from_db()
    assert feed.last_read_on == timezone.localdate(NOW)


def test_another_provinces_calendar_is_refused(officer, other_province):
    with pytest.raises(Refusal) as caught:
        feeds.make(user=officer, territory=other_province, now=NOW)
    assert caught.value.code == "feed_reach"


def test_a_person_makes_and_ends_one_on_the_page(client, officer, province):
    client.force_login(officer)
    assert client.post(reverse("calendar"), {"province": province.slug}).status_code == 302
    feed = feeds.open_feeds(officer).get()
    assert str(feed.token) in client.get(reverse("calendar")).content.decode()
    client.post(reverse("calendar_end", args=[feed.token]))
    assert not feeds.open_feeds(officer).exists()


@pytest.mark.parametrize("number", [1, 3, 50])
def test_a_calendar_costs_the_same_for_any_number(client, province, feed, django_assert_num_queries, number):
    for _each in range(number):
        RecognitionFactory(
            product=ProductFactory(facility__territory=province), territory=province, expires_on=dt.date(2027, 3, 31)
        )
    client.get(own(feed))
    # feed, grants, recognitions, schedule, rounds, reporting rules; of extension: projects, days, plans, reports …
    with django_assert_num_queries(14):
        client.get(own(feed))
