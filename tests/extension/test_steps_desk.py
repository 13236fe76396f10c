import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from extension.enums import Funding, ProjectState
from extension.models import DueRule, Project, Workflow
from extension.services import projects, steps
from extension.steps.reference import load
from portal.accounts.enums import Role
from portal.text.clock import today
from tests.factories import BeneficiaryFactory, OrganisationFactory, ProjectFactory, staff

pytestmark = pytest.mark.django_db


def words(response):
    return " ".join(response.content.decode().split())


def enter(client, user):
    client.force_login(user)
    return client


def test_a_rule_whose_first_day_nobody_knows_is_in_force_since_always(client, province):
    DueRule.objects.create(code="progress", funding="local", day=25)
    page = words(enter(client, staff("extension_officer", province)).get("/quan-tri/extension/duerule/"))
    assert "từ trước đến nay" in page
    assert "1900" not in page


@pytest.fixture
def officer(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


@pytest.fixture
def project(province, officer):
    load()
    unit = OrganisationFactory(territory=province)
    row = projects.create_project(
        actor=officer,
        territory=province,
        name="Hỗ trợ máy sao chè",
        funding=Funding.LOCAL,
        head=3,
        year=2026,
        on=today() - dt.timedelta(days=30),
        implementing_unit=unit,
        extension_funds=200_000_000,
    )
    BeneficiaryFactory(project=row)
    return row


def page(project):
    return reverse("admin:project_steps", args=[project.uuid])


def test_a_step_is_recorded_and_the_project_moves_on_the_page(desk, project):
    first = project.workflow.steps.get(ordinal=1)
    said = words(desk.get(page(project)))
    assert f"Chưa ghi bước “{first.name}” làm xong." in said
    moving = {"act": "move", "to": "appraising", "on": today().isoformat()}
    assert desk.post(page(project), moving).status_code == 409
    done = {"act": "done", "step": first.pk, f"b{first.pk}-done_on": today().isoformat()}
    assert desk.post(page(project), done).status_code == 302
    assert desk.post(page(project), moving).status_code == 302
    project.refresh_from_db()
    assert (project.state, project.phase_since) == (ProjectState.APPRAISING, today())


def test_a_step_that_led_to_a_later_phase_is_not_taken_back(desk, officer, project):
    first = project.workflow.steps.get(ordinal=1)
    steps.record_step(project=project, step=first, actor=officer, done_on=today(), now=timezone.now())
    projects.change_state(project=project, to=ProjectState.APPRAISING, actor=officer, on=today())
    assert desk.post(page(project), {"act": "undo", "step": first.pk}).status_code == 409
    assert project.steps_done.count() == 1


def test_the_page_says_why_a_project_may_not_be_stopped_or_refused_without_a_reason(desk, province):
    row = ProjectFactory(territory=province, state=ProjectState.REGISTERED)
    answer = desk.post(page(row), {"act": "move", "to": "refused", "on": today().isoformat()})
    assert answer.status_code == 400
    assert "Hãy ghi lý do không duyệt đề án." in words(answer)


def test_tomorrow_is_not_recorded_today(desk, project):
    first = project.workflow.steps.get(ordinal=1)
    tomorrow = (today() + dt.timedelta(days=1)).isoformat()
    answer = desk.post(page(project), {"act": "done", "step": first.pk, f"b{first.pk}-done_on": tomorrow})
    assert "Ngày làm xong không được sau hôm nay." in words(answer)
    answer = desk.post(page(project), {"act": "move", "to": "refused", "on": tomorrow, "reason": "Trùng."})
    assert "Ngày chuyển không được sau hôm nay." in words(answer)


def test_an_officer_of_the_department_reads_and_does_not_move(client, province, project):
    reader = enter(client, staff(Role.OFFICER, province))
    assert "Chỉ cán bộ khuyến công và lãnh đạo Sở" in words(reader.get(page(project)))
    assert reader.post(page(project), {"act": "adopt"}).status_code == 403


def test_a_project_of_another_province_does_not_exist_here(desk):
    assert desk.get(page(ProjectFactory())).status_code == 404


def test_a_project_taken_from_a_source_joins_the_steps_on_request(desk, province, project):
    row = ProjectFactory(territory=province, state=ProjectState.RUNNING)
    assert "không theo trình tự nào" in words(desk.get(page(row)))
    assert desk.post(page(row), {"act": "adopt"}).status_code == 302
    row.refresh_from_db()
    assert row.workflow == project.workflow


def test_the_page_costs_the_same_with_every_step_done(desk, officer, project, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as before:
        desk.get(page(project))
    for step in project.workflow.steps.all():
        Project.objects.filter(pk=project.pk).update(state=step.phase)
        steps.record_step(project=project, step=step, actor=officer, done_on=today(), now=timezone.now())
    Project.objects.filter(pk=project.pk).update(state=ProjectState.REGISTERED)
    with django_assert_max_num_queries(len(before)):
        desk.get(page(project))


def test_a_province_copies_the_general_steps_and_new_projects_follow_its_own(desk, province, officer, project):
    general = project.workflow
    chosen = {"action": "copy_for_own_province", "_selected_action": [general.pk]}
    assert desk.post(reverse("admin:extension_workflow_changelist"), chosen).status_code == 302
    own = Workflow.objects.get(territory=province)
    assert list(own.steps.values_list("name", flat=True)) == list(general.steps.values_list("name", flat=True))
    facts = {"actor": officer, "territory": province, "funding": Funding.LOCAL, "head": 3, "year": 2026}
    assert projects.create_project(name="Sau", on=today(), **facts).workflow == own
    assert projects.create_project(name="Trước", on=today() - dt.timedelta(days=1), **facts).workflow == general


def test_an_officer_of_the_department_is_not_offered_to_copy(client, province, project):
    reader = enter(client, staff(Role.OFFICER, province))
    chosen = {"action": "copy_for_own_province", "_selected_action": [project.workflow.pk]}
    reader.post(reverse("admin:extension_workflow_changelist"), chosen)
    assert not Workflow.objects.filter(territory=province).exists()
