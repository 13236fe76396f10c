"""When which reminder is due: pure, and read from rows that staff change."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notices import reference_data, schedule, wording
from portal.notices.forms import ReminderRuleForm
from portal.notices.models import ReminderRule
from portal.notices.schedule import Schedule, due_day
from portal.notices.wording import Words
from portal.text.workdays import is_working_day, working_days_until
from tests.factories import SuccessionFactory

KIND = "recognition_expiry"
END = dt.date(2026, 12, 31)
REGISTERED = dt.date(2026, 1, 1)
DAYS = (180, 90, 30, 7, -1)
DAY = dt.timedelta(days=1)


def rule(days, recipients="facility", **facts):
    return ReminderRule(kind=KIND, recipients=recipients, days=days, **facts)


def plan(*rules):
    return Schedule(KIND, rules)


def due(before, end=END):
    return due_day(end, before, working_days=False)


def one(found):
    assert len(found) <= 1
    return found[0].due_on if found else None


USUAL = plan(*(rule(days) for days in DAYS))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (due(180) - DAY, None),
        (due(180), due(180)),
        (due(90) - DAY, due(180)),
        (due(90), due(90)),
        (due(30) - DAY, due(90)),
        (due(30), due(30)),
        (due(7), due(7)),
        (END, due(7)),
        (END + DAY, END + DAY),
        (END + DAY + dt.timedelta(days=schedule.LATE_DAYS), END + DAY),
        (END + 2 * DAY + dt.timedelta(days=schedule.LATE_DAYS), None),
    ],
)
def test_of_several_overdue_lines_the_latest_is_due(today, expected):
    assert one(USUAL.windows(END, REGISTERED, "province", None, today)) == expected


@pytest.mark.parametrize(
    ("registered", "today", "expected"),
    [
        (due(90), due(90), due(90)),
        (due(90) + DAY, due(90) + DAY, None),
        (due(90) + DAY, due(30), due(30)),
        (END + DAY, END + DAY, END + DAY),
        (END + 2 * DAY, END + 2 * DAY, None),
    ],
)
def test_lines_due_before_the_matter_was_registered_are_skipped(registered, today, expected):
    assert one(USUAL.windows(END, registered, "province", None, today)) == expected


def test_without_a_line_after_the_end_nothing_is_said_after_it():
    assert plan(rule(30), rule(7)).windows(END, REGISTERED, "province", None, END + DAY) == []


def test_each_recipients_have_their_own_latest_line():
    found = plan(rule(30), rule(7), rule(30, "leader")).windows(END, REGISTERED, "province", None, END)
    assert {row.recipients: row.rule.days for row in found} == {"facility": 7, "leader": 30}


# --- working days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "days", "working", "expected"),
    [
        (dt.date(2026, 2, 25), 7, False, dt.date(2026, 2, 13)),  # Tết 2026: 16 to 20 February
        (dt.date(2026, 2, 25), 3, True, dt.date(2026, 2, 13)),
        (dt.date(2026, 12, 31), 180, False, dt.date(2026, 7, 3)),  # a Saturday
        (dt.date(2026, 9, 2), 0, False, dt.date(2026, 8, 28)),  # National Day, with a Monday swapped for a Saturday
        (dt.date(2026, 12, 31), -1, False, dt.date(2027, 1, 1)),
        (dt.date(2026, 12, 31), -1, True, dt.date(2027, 1, 4)),
        (dt.date(2028, 2, 29), 7, False, dt.date(2028, 2, 22)),
    ],
)
def test_a_day_nobody_works_on_becomes_the_working_day_before(end, days, working, expected):
    assert due_day(end, days, working_days=working) == expected


@given(
    end=st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31)),
    days=st.integers(0, 200),
    working=st.booleans(),
)
def test_before_the_end_it_is_a_working_day_never_later_than_counted(end, days, working):
    found = due_day(end, days, working_days=working)
    assert is_working_day(found)
    assert found <= end - dt.timedelta(days=days)
    if working:
        last = end if is_working_day(end) else due_day(end, 0, working_days=True)
        assert working_days_until(last, on=found) == days


@given(
    end=st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31)),
    asleep=st.lists(st.integers(1, 40), min_size=5, max_size=60),
)
def test_a_scheduler_that_sleeps_any_days_writes_each_line_at_most_once_and_never_early(end, asleep):
    on, written = end - dt.timedelta(days=200), []
    for nights in asleep:
        on += dt.timedelta(days=nights)
        for found in USUAL.windows(end, end - dt.timedelta(days=400), "province", None, on):
            assert found.due_on <= on
            written.append(found.due_on)
    assert [day for place, day in enumerate(written) if day not in written[:place]] == sorted(set(written))


# --- whose line -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_provinces_own_lines_stand_in_for_the_general_ones(province, other_province):
    lines = plan(rule(30), rule(7), rule(60, territory_id=province.pk))
    mine = lines.windows(END, REGISTERED, "province", province.pk, END)
    theirs = lines.windows(END, REGISTERED, "province", other_province.pk, END)
    assert ([row.rule.days for row in mine], [row.rule.days for row in theirs]) == ([60], [7])


@pytest.mark.django_db
def test_a_provinces_line_that_is_stopped_keeps_its_facilities_silent(province):
    lines = plan(rule(30), rule(30, territory_id=province.pk, is_active=False), rule(30, "officer"))
    assert [row.recipients for row in lines.windows(END, REGISTERED, "province", province.pk, END)] == ["officer"]


@pytest.mark.django_db
def test_a_former_units_matter_follows_the_lines_of_todays(province):
    former = SuccessionFactory(successor=province).predecessor
    lines = plan(rule(30), rule(60, territory_id=province.pk))
    assert [row.rule.days for row in lines.windows(END, REGISTERED, "province", former.pk, END)] == [60]


def test_a_line_for_a_level_stands_in_for_those_of_all_levels():
    lines = plan(rule(30), rule(7), rule(45, level="national"))
    assert [row.rule.days for row in lines.windows(END, REGISTERED, "national", None, END)] == [45]
    assert [row.rule.days for row in lines.windows(END, REGISTERED, "region", None, END)] == [7]


def test_a_line_speaks_only_for_days_on_which_it_was_in_force():
    new = rule(60, valid_from=due(60) + DAY)
    old = rule(90, valid_to=due(90) - DAY)
    assert plan(new, old).windows(END, REGISTERED, "province", None, due(30)) == []
    assert [row.rule for row in plan(rule(90, valid_to=due(90))).windows(END, REGISTERED, "", None, END)]


# --- the rows -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_schedule_that_comes_with_the_portal():
    reference_data.load()
    lines = ReminderRule.objects.filter(kind=KIND).values_list("recipients", "days")
    assert sorted(lines) == sorted([(who, days) for who in ("facility", "officer") for days in DAYS] + [("leader", 30)])


@pytest.mark.django_db
def test_loading_again_brings_back_nothing_that_staff_changed_stopped_or_deleted():
    reference_data.load()
    changed, stopped, deleted = ReminderRule.objects.order_by("pk")[:3]
    changed.days = 200
    changed.save()
    stopped.is_active = False
    stopped.save()
    deleted.delete()
    before = list(ReminderRule.objects.order_by("pk").values())
    assert reference_data.load()["reminders_created"] == 0
    assert list(ReminderRule.objects.order_by("pk").values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_schedule_is_one_query(django_assert_num_queries, number):
    ReminderRule.objects.bulk_create(rule(days) for days in range(number))
    with django_assert_num_queries(1):
        assert len(schedule.rules_for(KIND, END).rules) == number


@pytest.mark.django_db
def test_lines_that_ended_long_ago_or_begin_later_are_not_read():
    ReminderRule.objects.bulk_create(
        [rule(1, valid_to=END - dt.timedelta(days=200)), rule(2, valid_from=END + DAY), rule(3, valid_to=END - DAY)]
    )
    assert [row.days for row in schedule.rules_for(KIND, END).rules] == [3]


# --- the words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Chào {facility}", None),
        ("Không có ô điền", None),
        ("Chào {facilty}", "Không có ô điền {facilty}. Loại nhắc này có các ô: {facility}, {link}."),
        ("Chào {facility.__class__}", "Dấu { và } chỉ dùng để viết ô điền, như {facility}, {link}."),
        ("Chào {0}", "Dấu { và } chỉ dùng để viết ô điền, như {facility}, {link}."),
        ("Chào {", "Dấu { và } chỉ dùng để viết ô điền, như {facility}, {link}."),
    ],
)
def test_a_text_with_an_unknown_placeholder_is_refused_in_words(text, sentence):
    assert wording.fault(text, ["facility", "link"]) == sentence


@given(st.text(alphabet="{}abc_.!:0% ", max_size=30))
def test_filling_in_changes_known_placeholders_and_nothing_else(text):
    assert wording.fill(text, {"a": "Á"}) == text.replace("{a}", "Á")


def test_the_lines_own_words_come_before_those_of_the_kind():
    found = schedule.words(
        rule(7, title="Riêng: {product}"), {"product": "Chè"}, Words("Chung", "Thân {product}", "Tin")
    )
    assert found == Words("Riêng: Chè", "Thân Chè", "Tin")


def form(**facts):
    given_ = {"kind": KIND, "recipients": "facility", "days": 7, "valid_from": "2026-11-22", "is_active": True} | facts
    found = ReminderRuleForm(given_)
    found.fields["territory"].required = False
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"body": "Chào {ten}"}, "body"),
        ({"chat_text": "{"}, "chat_text"),
        ({"level": "xa-lạ"}, "level"),
        ({"kind": "unheard"}, "kind"),
        ({"valid_to": "2026-11-01"}, "valid_to"),
    ],
)
def test_a_wrong_line_is_refused_at_its_field(facts, field):
    assert list(form(**facts).errors) == [field]


@pytest.mark.django_db
def test_a_right_line_is_taken():
    assert form(body="Chào {facility}, {link}", level="national").errors == {}


@pytest.mark.django_db
def test_the_schedule_is_narrowed_by_the_names_of_its_kinds(client, administrator):
    ReminderRule.objects.all().delete()
    for kind in ("recognition_expiry", "yearly_report"):
        ReminderRule.objects.create(kind=kind, recipients="facility", days=30, valid_from=dt.date(2024, 1, 1))
    client.force_login(administrator)
    page = client.get("/quan-tri/notices/reminderrule/?kind=yearly_report")
    assert [row.kind for row in page.context["cl"].queryset] == ["yearly_report"]
    assert ">recognition_expiry<" not in page.content.decode()
