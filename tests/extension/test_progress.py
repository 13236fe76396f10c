import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extension.enums import ProgressState, ProjectKind, ProjectState
from extension.models import Finding, ProgressReport
from extension.services import progress
from extension.services.progress import Told
from extension.watch import monthly, risk
from extension.watch.asked import asked_of, due
from extension.watch.queries import missing_reports, watched
from portal.text.errors import Refusal

from .watch_world import NOW, TODAY, Watch

MILLION = 1_000_000
OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


def send(world, month, percent, by=None, **facts):
    told = Told(percent=percent, done="Đã lắp khung", **facts)
    return progress.send_progress(project=world.project, month=month, told=told, actor=by or world.worker, now=NOW)


def refusal(act, *args, **facts):
    with pytest.raises(Refusal) as refused:
        act(*args, **facts)
    return refused.value.code


@pytest.mark.django_db
def test_a_report_is_sent_mended_and_then_stands():
    world = Watch()
    report = send(world, OCTOBER, 40, spent_extension=50 * MILLION)
    assert send(world, dt.date(2026, 10, 9), 45).pk == report.pk
    report.refresh_from_db()
    assert (report.percent, report.month, report.spent_extension) == (45, OCTOBER, 0)
    progress.return_progress(report=report, reason="Thiếu ảnh", actor=world.officer)
    assert send(world, OCTOBER, 45, by=world.maker).answer == ""
    progress.see_progress(report=report, actor=world.officer, now=NOW)
    assert ProgressReport.objects.get().state == ProgressState.SEEN
    assert refusal(send, world, OCTOBER, 50) == "already_seen"
    assert refusal(progress.return_progress, report=report, reason="Nữa", actor=world.officer) == "already_seen"


@pytest.mark.django_db
def test_what_cannot_be_true_is_refused_in_words():
    world = Watch()
    send(world, OCTOBER, 40)
    assert refusal(send, world, NOVEMBER, 30) == "went_back"
    assert send(world, NOVEMBER, 30, difficulties="Bão làm hỏng khung").percent == 30
    assert refusal(send, world, dt.date(2026, 12, 1), 50) == "month_ahead"
    assert refusal(send, world, dt.date(2026, 8, 1), 50) == "month_before"
    assert refusal(send, world, NOVEMBER, 101) == "invalid"
    assert refusal(send, world, NOVEMBER, 50, spent_extension=201 * MILLION) == "spent_too_much"
    assert refusal(send, world, NOVEMBER, 50, by=world.outsider) == "not_allowed"
    world.project.state = ProjectState.ACCEPTED
    world.project.save()
    assert refusal(send, world, NOVEMBER, 60) == "not_running"


@pytest.mark.django_db
def test_what_is_owed_is_asked_of_the_projects_side_and_told_to_its_people():
    world = Watch()
    world.project.extension_funds = 0
    Finding.objects.create(
        project=world.project,
        text="Chưa lắp",
        due_on=TODAY + dt.timedelta(days=3),
        found_by=world.officer,
        found_at=NOW,
    )
    send(world, OCTOBER, 40)
    for user in (world.worker, world.maker):
        rows = asked_of(user, TODAY)
        assert [(row.title, row.due_on) for row in rows] == [
            ("Khắc phục: Chưa lắp", TODAY + dt.timedelta(days=3)),
            ("Gửi báo cáo tiến độ tháng 09/2026, 11/2026", dt.date(2026, 9, 25)),
        ]
    assert asked_of(world.outsider, TODAY) == []
    told = list(due(TODAY))
    assert [(row.kind, row.due_on) for row in told] == [
        ("extension_finding", TODAY + dt.timedelta(days=3)),
        ("extension_progress", dt.date(2026, 11, 25)),
    ]
    assert {user.pk for user in told[0].who} == {user.pk for user in told[1].who} == {world.worker.pk, world.maker.pk}
    assert [row.months for row in missing_reports([world.project], on=TODAY)] == [(dt.date(2026, 9, 1),)]


@pytest.mark.django_db
def test_risk_of_projects_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    worlds = [Watch().project for _n in range(3)]
    watched(worlds, on=TODAY)  # the register of units is read once for all
    for projects in (worlds[:1], worlds):
        with django_assert_num_queries(5):
            rows = watched(projects, on=TODAY)
        assert [row.project for row in rows] == projects


def test_months_owed_begin_after_the_start_and_end_with_the_contract():
    def day(month):
        return month.replace(day=25)

    start = dt.date(2026, 9, 25)
    assert monthly.owed(start, None, dt.date(2026, 11, 24), day) == [OCTOBER]
    assert monthly.owed(start, None, dt.date(2026, 11, 25), day) == [OCTOBER, NOVEMBER]
    assert monthly.owed(start, dt.date(2026, 10, 30), dt.date(2026, 12, 31), day) == [OCTOBER]
    assert monthly.owed(None, None, TODAY, day) == []
    assert monthly.owed(start, None, TODAY, lambda _month: None) == []


FACTS = st.builds(
    risk.Facts,
    kind=st.sampled_from(ProjectKind.values),
    funds=st.one_of(st.none(), st.integers(0, 10**11)),
    paid=st.one_of(st.none(), st.integers(0, 10**11)),
    percent=st.one_of(st.none(), st.integers(0, 100)),
    days_unseen=st.one_of(st.none(), st.integers(0, 900)),
    reports_missing=st.integers(0, 12),
    findings_open=st.integers(0, 9),
    findings_late=st.integers(0, 9),
    findings_serious=st.integers(0, 3),
    days_left=st.one_of(st.none(), st.integers(-90, 400)),
)


@given(FACTS)
def test_more_of_anything_bad_never_lowers_the_risk(facts):
    before = risk.assess(facts)
    assert 0 <= before.points <= 100
    assert before.points == min(100, sum(reason.points for reason in before.reasons))
    for name in ("reports_missing", "findings_open", "findings_late", "findings_serious", "paid"):
        worse = {**facts.__dict__, name: (getattr(facts, name) or 0) + 1}
        assert risk.assess(risk.Facts(**worse)).points >= before.points
