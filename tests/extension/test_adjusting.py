import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from extension.enums import AdjustmentKind, Authority, ProjectState
from extension.models import Adjustment
from extension.services import adjusting, projects
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests.extension.file_world import NOW, ON, rule, upload, world
from tests.factories import FacilityFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
K = AdjustmentKind


@pytest.fixture
def scene(province):
    for kind in K:
        rule(kind)
    return world(province)


def propose(scene, kind=K.TIME, **after):
    after = after or ({"ends_on": "2026-12-31"} if kind == K.TIME else {})
    return adjusting.propose(
        project=scene.project, kind=kind, reason="Máy về chậm.", after=after, actor=scene.officer, now=NOW
    )


def agree(row, actor, **given):
    known = {"number": "12/QĐ-SCT", "signed_on": ON} | given
    return adjusting.agree(adjustment=row, actor=actor, now=NOW, **known)


def refused(call, *args, **given):
    with pytest.raises(Refusal) as found:
        call(*args, **given)
    return found.value.code


def test_an_agreed_adjustment_changes_the_project_and_says_who_by_which_paper(scene):
    row = agree(propose(scene), scene.leader)
    scene.project.refresh_from_db()
    assert (scene.project.ends_on, row.state, row.decided_by) == (dt.date(2026, 12, 31), "approved", scene.leader)
    assert row.before == {"ends_on": None}
    acts = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["extension.adjust_propose", "extension.adjust_agree", "extension.update"]


def test_a_year_of_prolonging_moves_the_last_year_of_the_project(scene):
    agree(propose(scene, ends_on="2027-03-31"), scene.leader)
    scene.project.refresh_from_db()
    assert scene.project.year_to == 2027


def test_whoever_proposes_does_not_decide_not_even_past_the_service(scene):
    row = propose(scene)
    assert refused(agree, row, scene.officer) == "not_allowed"
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.filter(pk=row.pk).update(decided_by=scene.officer)


def test_an_officer_decides_what_the_centre_may_but_not_their_own_proposal(province):
    rule(K.TIME, Authority.CENTRE)
    scene = world(province)
    row = propose(scene)
    assert refused(agree, row, scene.officer) == "same_person"
    other = world(province).officer
    assert agree(row, other).decided_by == other


def test_a_leader_writes_down_the_ministrys_decision_only_with_its_paper_and_the_agency_without(province):
    rule(K.STOP, Authority.MINISTRY, funding="national")
    scene = world(province, funding="national")
    row = propose(scene, K.STOP)
    assert (row.authority, refused(agree, row, scene.leader)) == ("ministry", "paper_missing")
    assert agree(row, scene.leader, upload=upload()).file is not None
    scene.project.refresh_from_db()
    assert scene.project.state == ProjectState.STOPPED
    again = world(province, funding="national")
    agree(propose(again, K.STOP), again.agency)
    again.project.refresh_from_db()
    assert again.project.state == ProjectState.STOPPED


def test_the_agency_has_no_say_in_what_the_department_decides(scene):
    assert refused(agree, propose(scene), scene.agency) == "not_allowed"


def test_a_provinces_own_rule_comes_before_the_general_one_and_only_in_its_days(province):
    rule(K.TIME, Authority.DEPARTMENT)
    rule(K.TIME, Authority.COMMITTEE, territory=province, valid_from=dt.date(2026, 1, 1), valid_to=dt.date(2026, 6, 9))
    rule(K.TIME, Authority.CENTRE, territory=province, valid_from=ON)
    assert propose(world(province)).authority == Authority.CENTRE


def test_without_a_rule_of_authority_nothing_is_proposed(province):
    assert refused(propose, world(province)) == "no_authority"


def test_one_proposal_waits_at_a_time(scene):
    propose(scene)
    assert refused(propose, scene, K.STOP) == "already_waiting"


def test_what_changed_since_the_proposal_was_read_is_not_agreed_to(scene):
    row = propose(scene)
    projects.update_project(project=scene.project, actor=None, ends_on=dt.date(2026, 11, 1))
    assert refused(agree, row, scene.leader) == "stale"
    assert Adjustment.objects.get(pk=row.pk).state == "proposed"


def test_a_project_does_not_stop_by_a_word_alone(scene):
    given = {"project": scene.project, "to": ProjectState.STOPPED, "actor": scene.leader, "on": ON, "reason": "Thôi."}
    assert refused(projects.change_state, **given) == "not_ready"
    agree(propose(scene, K.STOP), scene.leader)
    scene.project.refresh_from_db()
    assert (scene.project.state, scene.project.phase_since) == (ProjectState.STOPPED, ON)


def test_funds_are_not_lowered_below_what_was_paid_by_one_dong(scene):
    scene.project.disbursed = 150_000_000
    scene.project.save()
    assert refused(propose, scene, K.FUNDS, extension_funds=149_999_999) == "below_paid"
    agree(propose(scene, K.FUNDS, extension_funds=150_000_000), scene.leader)
    scene.project.refresh_from_db()
    assert scene.project.extension_funds == 150_000_000


def test_another_unit_and_another_facility_take_over(scene):
    unit, facility = OrganisationFactory(territory=scene.project.territory), FacilityFactory()
    agree(propose(scene, K.UNIT, implementing_unit=unit.pk), scene.leader)
    agree(propose(scene, K.BENEFICIARY, leaves=scene.beneficiary.pk, joins=facility.pk), scene.leader)
    scene.project.refresh_from_db()
    assert scene.project.implementing_unit == unit
    assert list(scene.project.beneficiaries.values_list("facility", flat=True)) == [facility.pk]


def test_a_refusal_leaves_the_project_and_asks_for_a_reason(scene):
    row = propose(scene)
    given = {"adjustment": row, "actor": scene.leader, "now": NOW}
    assert refused(adjusting.refuse, **given, answer=" ") == "reason_missing"
    assert adjusting.refuse(**given, answer="Chưa đủ lý do.").state == "refused"
    assert refused(agree, row, scene.leader) == "already_decided"
    assert propose(scene).pk != row.pk


def test_nothing_is_adjusted_after_acceptance_and_nothing_that_changes_nothing(scene, province):
    assert refused(propose, scene, K.CONTENT, name=scene.project.name) == "nothing_changes"
    done = world(province, state=ProjectState.ACCEPTED)
    assert refused(propose, done) == "wrong_state"
