import datetime as dt

import pytest
from django.urls import reverse

from extension.enums import Funding, ProjectState
from extension.services import projects
from extension.steps.phases import FOR_BENEFICIARY, FOR_PUBLIC, WAY
from extension.steps.reference import load
from portal.accounts.enums import Role
from portal.text.clock import today
from tests.factories import (
    BeneficiaryFactory,
    OrganisationFactory,
    ProjectFactory,
    RepresentativeFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db
PAGE = "/co-so-cua-toi/khuyen-cong/"


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def maker():
    return RepresentativeFactory()


def test_every_phase_has_words_for_everybody():
    assert set(FOR_BENEFICIARY) == set(FOR_PUBLIC) == set(ProjectState)
    assert set(WAY) < set(ProjectState)


def test_a_maker_reads_the_projects_of_the_own_facility_in_the_words_of_the_step(client, maker, province):
    load()
    clerk = staff(Role.EXTENSION_OFFICER, province)
    project = projects.create_project(
        actor=clerk,
        territory=province,
        name="Máy sao chè",
        funding=Funding.LOCAL,
        head=3,
        year=2026,
        on=today() - dt.timedelta(days=3),
    )
    BeneficiaryFactory(project=project, facility=maker.facility)
    BeneficiaryFactory(project=ProjectFactory(name="Của người khác"))
    client.force_login(maker.user)
    said = words(client.get(PAGE))
    assert "Máy sao chè" in said
    assert "Trung tâm Khuyến công đang kiểm tra hồ sơ đăng ký." in said
    assert "Của người khác" not in said


def test_people_of_the_implementing_unit_read_its_projects(client):
    unit = OrganisationFactory()
    ProjectFactory(name="Đơn vị làm", implementing_unit=unit, state=ProjectState.RUNNING)
    client.force_login(UserFactory(organisation=unit))
    said = words(client.get(PAGE))
    assert "Đơn vị làm" in said
    assert "Đơn vị bạn thực hiện." in said


def test_somebody_without_a_facility_reads_what_to_do(client):
    client.force_login(UserFactory())
    said = words(client.get(PAGE))
    assert "Bạn chưa là người đại diện của cơ sở nào." in said
    assert f'href="{reverse("claim_new")}"' in said


def test_the_public_page_shows_the_way_of_a_project_that_is_kept_here_and_none_of_a_source(client, province):
    load()
    clerk = staff(Role.EXTENSION_OFFICER, province)
    kept = projects.create_project(
        actor=clerk,
        territory=province,
        name="Máy sao chè",
        funding=Funding.LOCAL,
        head=3,
        year=2026,
        on=today(),
        is_public=True,
    )
    told = ProjectFactory(territory=province, state=ProjectState.RUNNING)
    page = words(client.get(reverse("extension_project", args=[kept.slug])))
    assert "Đang nhận hồ sơ đăng ký." in page
    english = words(client.get(f"/en/khuyen-cong/{kept.slug}/"))
    assert "Registration papers being received." in english
    assert 'id="giai-doan"' not in words(client.get(reverse("extension_project", args=[told.slug])))


def test_the_page_costs_the_same_for_any_number_of_projects(client, maker, django_assert_max_num_queries):
    client.force_login(maker.user)
    BeneficiaryFactory(facility=maker.facility, project__state=ProjectState.LIQUIDATED)
    client.get(PAGE)
    with django_assert_max_num_queries(60) as before:
        client.get(PAGE)
        count = len(before)
    for _each in range(10):
        BeneficiaryFactory(facility=maker.facility, project__state=ProjectState.LIQUIDATED)
    client.get(PAGE)
    with django_assert_max_num_queries(count):
        client.get(PAGE)
