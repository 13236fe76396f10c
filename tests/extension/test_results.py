import datetime as dt
from decimal import Decimal as D

import pytest
from django.urls import reverse

from extension.enums import ProjectState
from extension.models import ResultIndicator, ResultLine
from extension.results import queries as result_queries
from extension.results import rows as result_rows
from extension.results.amounts import parse_amount
from extension.services import results
from portal.text.errors import Refusal
from tests.extension.file_world import ON, world
from tests.factories import BeneficiaryFactory, RepresentativeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs():
    return ResultIndicator.objects.create(code="jobs", name="Lao động", unit="người", compares_before=True)


@pytest.fixture
def done(province):
    return world(province, state=ProjectState.LIQUIDATED)


def line_of(scene, indicator, **facts):
    return ResultLine.objects.create(project=scene.project, indicator=indicator, **facts)


def refused(line, actor, on=ON, **facts):
    with pytest.raises(Refusal) as found:
        results.tell(line=line, facts=facts, actor=actor, on=on)
    return found.value.code


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", D(12)), ("1.250", D(1250)), ("3,5", D("3.5")), ("1.250,75", D("1250.75")), (" ", None), ("0", D(0))],
)
def test_amounts_are_read_as_people_write_them(text, value):
    assert parse_amount(text) == value


@pytest.mark.parametrize("text", ["1.5", "-3", "1,250,000", "mười", "²", "1e5", "12,345"])
def test_an_amount_that_may_mean_two_is_not_guessed(text):
    with pytest.raises(Refusal):
        parse_amount(text)


def test_the_speaker_of_the_only_facility_tells_what_stands_a_year_later_from_two_months_before(done, jobs):
    line = line_of(done, jobs, ask_on=ON + dt.timedelta(days=60))
    assert refused(line, done.speaker, on=ON - dt.timedelta(days=1), later=D(15)) == "too_early"
    told = results.tell(line=line, facts={"later": D(15)}, actor=done.speaker, on=ON)
    assert (told.later, told.answered_on, told.answered_by) == (D(15), ON, done.speaker)
    taken_back = results.tell(line=line, facts={"later": None}, actor=done.speaker, on=ON)
    assert (taken_back.answered_on, taken_back.answered_by) == (None, None)


def test_a_facility_tells_its_own_lines_not_its_neighbours_nor_those_of_all(done, jobs):
    other = BeneficiaryFactory(project=done.project)
    near = RepresentativeFactory(facility=other.facility).user
    own = line_of(done, jobs, beneficiary=done.beneficiary)
    whole = line_of(done, jobs)
    assert refused(own, near, achieved=D(1)) == "not_allowed"
    assert refused(whole, done.speaker, achieved=D(1)) == "not_allowed"
    assert list(result_queries.own_lines(done.speaker)) == [own]
    assert list(result_queries.own_lines(near)) == []
    done.officer.organisation = done.unit
    assert set(result_queries.own_lines(done.officer)) == {own, whole}


def test_targets_are_the_officers_and_stand_after_acceptance(done, jobs):
    line = line_of(done, jobs, target=D(10))
    assert refused(line, done.speaker, target=D(1)) == "not_allowed"
    assert refused(line, done.officer, target=D(1)) == "target_fixed"


def test_nothing_is_told_of_a_stopped_project_nor_reached_before_the_work_begins(province, jobs):
    stopped, early = world(province, state=ProjectState.STOPPED), world(province, state=ProjectState.APPROVED)
    assert refused(line_of(stopped, jobs), stopped.officer, achieved=D(1)) == "wrong_state"
    assert refused(line_of(early, jobs), early.officer, achieved=D(1)) == "too_early"


def test_a_result_is_said_against_what_stood_before_and_silence_is_not_zero(jobs):
    line = ResultLine(indicator=jobs, target=D(10), before=D(8), achieved=D(12))
    words = [(f.label, f.words, f.change) for f in result_rows.figures_of(line)]
    assert words == [
        ("Mục tiêu", "10 người", ""),
        ("Trước hỗ trợ", "8 người", ""),
        ("Khi nghiệm thu", "12 người", "tăng 50\N{NO-BREAK SPACE}%"),
        ("Sau một năm", "chưa rõ", ""),
    ]
    assert result_rows.percent(D(1), D(0)) is None


def test_the_facility_is_asked_in_time_on_its_page_and_by_letter(client, done, jobs):
    line_of(done, jobs, ask_on=ON + dt.timedelta(days=20))
    asked = result_queries.asked_of(done.speaker, ON)
    assert [(one.url, one.due_on) for one in asked] == [
        (reverse("own_results", args=[done.project.uuid]), ON + dt.timedelta(days=20))
    ]
    [due] = result_queries.due(ON)
    assert (due.subject, {one.pk for one in due.who}) == (done.project, {done.speaker.pk, done.officer.pk})
    client.force_login(done.speaker)
    assert client.get(asked[0].url).status_code == 200
    client.force_login(RepresentativeFactory().user)
    assert client.get(asked[0].url).status_code == 404


def test_a_wrong_figure_is_named_above_the_page_with_its_indicator_and_input(client, done, jobs):
    line = line_of(done, jobs, ask_on=ON)
    client.force_login(done.speaker)
    sent = {"act": "tell", f"d{line.pk}-before": "mười người"}
    page = client.post(reverse("own_results", args=[done.project.uuid]), sent)
    assert page.status_code == 400
    assert page.context["refused"][0].startswith("Lao động, trước hỗ trợ: “mười người” không đọc được là một số.")


def test_asking_again_costs_the_same_for_one_project_and_many(django_assert_max_num_queries, province, jobs):
    counts = []
    for many in (1, 1, 3):
        for _n in range(many):
            line_of(world(province, state=ProjectState.LIQUIDATED), jobs, ask_on=ON)
        with django_assert_max_num_queries(8) as found:
            assert list(result_queries.due(ON))
        counts.append(len(found))
    assert len(set(counts)) == 1, counts
