"""After approval nobody's hand changes what was approved; published facts stay editable."""

import datetime as dt
from typing import Any

import pytest

from extension.approval import FACTS
from extension.enums import AdjustmentKind, BeneficiaryKind, ProjectState
from extension.models import Adjustment
from extension.services import adjusting, estimates, projects
from portal.text.errors import Refusal
from tests.extension.estimate_world import MILLION, NOW, ON, World
from tests.extension.file_world import rule
from tests.factories import FacilityFactory, OrganisationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=30)


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(Refusal) as found:
        call(**given)
    assert str(found.value).endswith(".")
    return str(found.value.code)


@pytest.fixture
def running(province: Any) -> World:
    """A single project under way by an approved estimate of 300 million."""
    world = World(province)
    world.approved(world.line())
    world.project.refresh_from_db()
    world.project.state = ProjectState.RUNNING
    world.project.save()
    return world


def other_facts(project: Any) -> dict[str, Any]:
    return {
        "extension_funds": 299 * MILLION,
        "counterpart_funds": 1,
        "other_funds": 1,
        "year": 2027,
        "year_to": 2028,
        "ends_on": dt.date(2028, 1, 1),
        "implementing_unit": OrganisationFactory(territory=project.territory),
        "territory": project.territory,
        "funding": "national" if project.funding == "local" else "local",
        "kind": "group",
        "head": 1 if project.head != 1 else 2,
    }


def test_what_was_approved_is_not_changed_by_hand_and_the_rest_is(running: World) -> None:
    facts = other_facts(running.project)
    assert facts.keys() == FACTS
    for name, value in facts.items():
        if name != "territory":
            code = refused(projects.update_project, project=running.project, actor=running.clerk, **{name: value})
            assert code in {"fixed_by_approval", "by_estimate", "keeps_its_place"}, name
    projects.update_project(project=running.project, actor=running.clerk, contract_number="01/HĐ")


def test_facts_of_a_published_project_stay_editable(running: World) -> None:
    told = running.another(state=ProjectState.RUNNING, extension_funds=200 * MILLION)
    facts = {name: value for name, value in other_facts(told).items() if name != "territory"}
    projects.update_project(project=told, actor=running.clerk, **facts)
    projects.remove_beneficiary(beneficiary=told.beneficiaries.get(), actor=running.clerk)


def test_whom_an_approved_project_supports_is_not_changed_by_hand(running: World) -> None:
    row = running.project.beneficiaries.get()
    other = FacilityFactory(territory=running.province)
    given = {"actor": running.clerk}
    assert refused(projects.add_beneficiary, project=running.project, facility=other, **given) == "fixed_by_approval"
    assert refused(projects.update_beneficiary, beneficiary=row, facility=other, **given) == "fixed_by_approval"
    assert refused(projects.remove_beneficiary, beneficiary=row, **given) == "fixed_by_approval"
    projects.update_beneficiary(beneficiary=row, people=12, **given)


def test_a_group_gains_members_but_does_not_lose_one_whose_machine_was_approved(running: World) -> None:
    running.project.kind = "group"
    running.project.save()
    given = {"actor": running.clerk}
    class_ = projects.add_beneficiary(
        project=running.project, kind=BeneficiaryKind.TRAINEES, name="Lớp may", people=30, **given
    )
    projects.remove_beneficiary(beneficiary=class_, **given)
    row = running.project.beneficiaries.get()
    assert refused(projects.remove_beneficiary, beneficiary=row, **given) == "fixed_by_approval"


def adjusted(world: World, **after: Any) -> Adjustment:
    rule(AdjustmentKind.FUNDS, funding=world.project.funding)
    row = adjusting.propose(
        project=world.project, kind="funds", reason="Giá giảm.", after=after, actor=world.clerk, now=LATER
    )
    return adjusting.agree(adjustment=row, actor=world.leader, now=LATER, number="15/QĐ-SCT", signed_on=LATER.date())


def test_another_edition_waits_for_an_agreed_adjustment_and_stays_within_it(running: World) -> None:
    given = {"project": running.project, "on": ON, "actor": running.clerk}
    assert refused(estimates.begin, **given) == "not_adjusted"
    adjusted(running, extension_funds=250 * MILLION)
    again = estimates.begin(**given)
    line = again.lines.get()
    for asked, code in ((251, "above_agreed"), (250, "")):
        lines = [running.line(asked=asked, cost=600, uuid=line.uuid)]
        estimates.save_lines(estimate=again, lines=lines, actor=running.clerk)
        proposed = estimates.propose(estimate=again, actor=running.clerk, now=LATER)
        if code:
            assert refused(running.approve, estimate=proposed, now=LATER) == code
            again = estimates.send_back(estimate=proposed, actor=running.leader, answer="Quá số.", now=LATER)
        else:
            running.approve(proposed, now=LATER)
    running.project.refresh_from_db()
    assert running.project.extension_funds == 250 * MILLION
    assert refused(estimates.begin, **given) == "not_adjusted"


def test_an_estimate_for_a_facility_that_has_left_is_not_approved(province: Any) -> None:
    world = World(province)
    proposed = world.proposed(world.line())
    projects.remove_beneficiary(beneficiary=world.project.beneficiaries.get(), actor=world.clerk)
    assert refused(world.approve, estimate=proposed) == "wrong_line"


def test_the_form_shows_what_approval_fixed_and_does_not_take_it(running: World, client: Any) -> None:
    client.force_login(running.clerk)
    page = client.get(f"/quan-tri/extension/project/{running.project.pk}/change/")
    assert page.status_code == 200
    assert not FACTS & set(page.context["adminform"].form.fields)
    wrong = client.post(f"/quan-tri/de-an/{running.project.uuid}/du-toan/", {"act": "begin", "on": "2026-03-02"})
    assert wrong.status_code == 409
    assert "hãy đề nghị điều chỉnh" in wrong.content.decode()


def test_a_project_is_not_moved_to_another_province_by_hand(running: World) -> None:
    elsewhere = TerritoryFactory()
    given = {"project": running.project, "actor": running.clerk, "territory": elsewhere}
    assert refused(projects.update_project, **given) == "not_allowed"
