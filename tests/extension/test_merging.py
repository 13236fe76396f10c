"""What a facility was given, asked for and sold at fairs goes with it when two entries of it become one."""

import datetime as dt

import pytest
from django.urls import reverse

from extension.enums import AlarmState, ProjectState
from extension.models import Beneficiary, DuplicateAlarm, EstimateLine, Need, Project
from extension.services.projects import update_project
from facilities.merging import merge_facilities, undo_merging
from portal.accounts.enums import Role
from portal.text.errors import Refusal
from tests import factories as make

from .money_world import NOW, approve, estimate, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(province):
    return make.FacilityFactory(territory=province), make.FacilityFactory(territory=province)


def merge(pair, officer):
    return merge_facilities(survivor=pair[0], loser=pair[1], reason="Nhập hai lần.", actor=officer, now=NOW)


def supported(province, facility):
    """A project of the facility with money on its line, a need and a place at a fair."""
    made = world(province, 100_000_000)
    made.estimate.state = "replaced"
    made.estimate.save()
    found, made.lines = estimate(made, 100_000_000, version=2, decided=False)
    EstimateLine.objects.filter(estimate=found).update(facility=facility)
    approve(found, made)
    given = Beneficiary.objects.create(project=made.project, facility=facility, extension_funds=100_000_000)
    need = Need.objects.create(
        territory=province, facility=facility, year=2026, title="Máy sấy", registered_by=made.asks, registered_at=NOW
    )
    stand = make.ParticipationFactory(facility=facility, fair=make.FairFactory(territory=province))
    return made, given, need, stand


def test_needs_lines_fairs_and_support_go_with_the_facility_and_come_back(pair, officer, province):
    survivor, loser = pair
    made, given, need, stand = supported(province, loser)
    made.paid(40_000_000)
    merging = merge(pair, officer)
    line = made.lines[0]
    for row in (line, given, need, stand):
        row.refresh_from_db()
        assert row.facility == survivor
    assert (line.approved, made.disbursed()) == (100_000_000, 40_000_000)
    made.paid(60_000_000)
    undo_merging(merging=merging, actor=officer, now=NOW)
    for row in (line, given, need, stand):
        row.refresh_from_db()
        assert row.facility == loser


def test_two_entries_that_one_project_supports_are_said_and_nothing_moves(pair, officer, province):
    survivor, loser = pair
    made, given, need, stand = supported(province, loser)
    Beneficiary.objects.create(project=made.project, facility=survivor)
    with pytest.raises(Refusal) as refused:
        merge(pair, officer)
    assert refused.value.code == "merge_clash"
    assert refused.value.details == (f"Cả hai đều có đối tượng thụ hưởng: {loser}.",)
    for row in (made.lines[0], given, need, stand, loser):
        row.refresh_from_db()
        assert getattr(row, "facility", loser) == loser
    assert loser.merged_into is None


def test_what_both_entries_were_paid_for_raises_an_alarm_that_is_answered_once(client, pair, officer, province):
    first, second = (supported(province, facility)[0] for facility in pair)
    merging = merge(pair, officer)
    alarm = DuplicateAlarm.objects.get()
    assert (alarm.line, alarm.other, alarm.state) == (second.lines[0], first.lines[0], AlarmState.OPEN)
    page = reverse("admin:project_estimate", args=[second.project.uuid])
    client.force_login(second.asks)
    assert client.get(page).context["may_answer"]
    answer = {"act": "alarm", "alarm": alarm.pk, "state": "confirmed", "reason": "Một máy, thu hồi lần sau."}
    assert client.post(page, answer).status_code == 302
    assert client.post(page, answer | {"state": "dismissed"}).status_code == 409
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.CONFIRMED
    undo_merging(merging=merging, actor=officer, now=NOW)
    assert DuplicateAlarm.objects.get().state == AlarmState.CONFIRMED


def test_an_open_alarm_goes_when_the_two_are_brought_apart_and_given_up_money_raises_none(pair, officer, province):
    first, _second = (supported(province, facility)[0] for facility in pair)
    merging = merge(pair, officer)
    assert DuplicateAlarm.objects.count() == 1
    undo_merging(merging=merging, actor=officer, now=NOW)
    assert not DuplicateAlarm.objects.exists()
    Project.objects.filter(pk=first.project.pk).update(state=ProjectState.STOPPED)
    merge(pair, officer)
    assert not DuplicateAlarm.objects.exists()


def test_a_project_is_not_moved_to_a_province_that_had_gone_into_another_by_then(province):
    former = make.TerritoryFactory(name="Bắc Kạn", slug="bac-kan-2025", valid_to=dt.date(2025, 6, 30))
    make.SuccessionFactory(predecessor=former, successor=province)
    officer = make.staff(Role.EXTENSION_OFFICER, province)
    project = make.ProjectFactory(territory=province, year=2026, extension_funds=5)
    with pytest.raises(Refusal) as refused:
        update_project(project=project, actor=officer, territory=former)
    assert str(refused.value) == "Năm 2026 không có đơn vị Bắc Kạn. Hãy chọn Thái Nguyên."
    project.refresh_from_db()
    assert project.territory == province


def test_a_project_of_a_former_province_is_paid_by_the_people_of_today(province):
    former = make.TerritoryFactory(name="Bắc Kạn", slug="bac-kan-2025", valid_to=dt.date(2025, 6, 30))
    make.SuccessionFactory(predecessor=former, successor=province)
    made = world(former, 1_000)
    made.asks, made.pays = (make.staff(Role.EXTENSION_OFFICER, province) for _person in range(2))
    made.leads = make.staff(Role.LEADER, province)
    made.paid(1_000)
    assert made.disbursed() == 1_000
    with pytest.raises(Refusal) as refused:
        update_project(project=made.project, actor=made.asks, territory=province)
    assert refused.value.code == "keeps_its_place"
