import datetime as dt

import pytest

from extension.enums import AcceptanceOutcome as Outcome
from extension.enums import CommitteeRole, DueCode, ProjectState
from extension.file import queries as file_queries
from extension.models import DueRule, Finding, ResultIndicator
from extension.services import accepting, projects, results
from extension.services.accepting import Member, Said
from portal.text.errors import Refusal
from tests.extension.file_world import MEMBERS, NOW, ON, upload, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(province):
    return world(province)


def set_up(scene, members=MEMBERS, **given):
    known = {"decision_number": "5/QĐ-SCT", "decision_on": ON - dt.timedelta(days=5)} | given
    return accepting.set_up(project=scene.project, members=members, actor=scene.officer, now=NOW, **known)


def record(scene, row, outcome=Outcome.PASSED, votes=(True, True, None), **given):
    keys = row.members.values_list("pk", flat=True)
    said = {pk: Said(vote) for pk, vote in zip(keys, votes, strict=True)}
    known = {"held_on": ON, "conclusion": ""} | given
    return accepting.record_outcome(acceptance=row, outcome=outcome, said=said, actor=scene.officer, now=NOW, **known)


def refused(call, *args, **given):
    with pytest.raises(Refusal) as found:
        call(*args, **given)
    return found.value.code


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (MEMBERS[:2], "too_few"),
        ((*MEMBERS, Member("Phạm Thị Mẫu", "", CommitteeRole.CHAIR)), "no_chair"),
        (tuple(Member(one.full_name) for one in MEMBERS), "no_chair"),
        ((MEMBERS[0], MEMBERS[2], Member("Phạm Thị Mẫu")), "no_secretary"),
        ((*MEMBERS, Member("lê  văn MẪU")), "twice"),
    ],
)
def test_a_committee_has_three_people_one_chair_a_secretary_and_nobody_twice(scene, members, code):
    assert refused(set_up, scene, members) == code


def test_an_acceptance_that_passed_lets_the_project_go_on_and_sets_the_day_to_ask_again(scene):
    DueRule.objects.create(code=DueCode.RESULT_AGAIN, days=365, legal_basis="Mẫu")
    line = results.add_line(project=scene.project, indicator=indicator(), actor=scene.officer)
    missing = file_queries.to_be_accepted(scene.project)
    assert missing == [str(file_queries.FIRST_TO_ACCEPT)]
    record(scene, set_up(scene))
    line.refresh_from_db()
    assert (file_queries.to_be_accepted(scene.project), line.ask_on) == ([], ON + dt.timedelta(days=365))
    moved = projects.change_state(project=scene.project, to=ProjectState.ACCEPTED, actor=scene.officer, on=ON)
    assert moved.state == ProjectState.ACCEPTED


def indicator():
    return ResultIndicator.objects.create(code="jobs", name="Lao động", unit="người", compares_before=True)


def test_half_of_the_committee_is_not_enough_and_silence_is_no_consent(scene):
    row = set_up(scene, (*MEMBERS, Member("Phạm Thị Mẫu")))
    assert refused(record, scene, row, votes=(True, True, None, False)) == "majority_missing"
    assert record(scene, row, votes=(True, True, True, None)).outcome == Outcome.PASSED


def test_what_must_be_mended_becomes_a_serious_finding_with_its_day(scene):
    row = set_up(scene)
    assert refused(record, scene, row, Outcome.TO_MEND) == "conclusion_missing"
    assert refused(record, scene, row, Outcome.TO_MEND, conclusion="Chưa nối đất cho máy.") == "term_missing"
    by = ON + dt.timedelta(days=20)
    record(scene, row, Outcome.TO_MEND, conclusion="Chưa nối đất cho máy.", mend_by=by)
    assert list(Finding.objects.values_list("project", "text", "is_serious", "due_on")) == [
        (scene.project.pk, "Chưa nối đất cho máy.", True, by)
    ]


def test_after_a_failed_meeting_comes_another_committee_never_beside_an_open_one(scene):
    first = set_up(scene)
    assert refused(set_up, scene) == "open_already"
    record(scene, first, Outcome.FAILED, votes=(False, False, None), conclusion="Máy chưa chạy.")
    assert file_queries.to_be_accepted(scene.project) == [str(file_queries.FIRST_TO_ACCEPT)]
    second = set_up(scene)
    record(scene, second)
    assert (second.ordinal, refused(set_up, scene)) == (2, "open_already")


def test_a_recorded_outcome_stands_and_takes_its_signed_record(scene):
    row = set_up(scene)
    given = {"acceptance": row, "upload": upload(), "actor": scene.officer, "now": NOW}
    assert refused(accepting.attach_record, **given) == "not_recorded"
    record(scene, row)
    assert refused(record, scene, row) == "already_recorded"
    assert accepting.attach_record(**given).file.content_type == "application/pdf"


def test_a_meeting_lies_between_its_decision_and_today_and_a_leader_does_not_write_it(scene):
    row = set_up(scene)
    assert refused(record, scene, row, held_on=ON + dt.timedelta(days=1)) == "invalid"
    assert refused(record, scene, row, held_on=row.decision_on - dt.timedelta(days=1)) == "invalid"
    scene.officer = scene.leader
    assert refused(record, scene, row) == "not_allowed"
