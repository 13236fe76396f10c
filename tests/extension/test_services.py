import datetime as dt

import pytest

from extension import guards
from extension.enums import BeneficiaryKind, ProjectKind, ProjectState
from extension.models import Beneficiary, Estimate, Project
from extension.services import projects as services
from extension.services import steps
from extension.states import PROJECT_TRANSITIONS
from extension.steps.reference import load
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests.factories import (
    BeneficiaryFactory,
    FacilityFactory,
    OrganisationFactory,
    ProductFactory,
    ProjectFactory,
    SuccessionFactory,
    TerritoryFactory,
    staff,
)

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 2)


@pytest.fixture
def extension_officer(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def project(province):
    return ProjectFactory(territory=province, state=ProjectState.REGISTERED, extension_funds=200_000_000)


def create(actor, province, **facts):
    known = {"name": "Hỗ trợ máy sao chè", "funding": "local", "head": 3, "year": 2026} | facts
    return services.create_project(actor=actor, territory=province, **known)


def test_creating_a_project_writes_it_and_one_line_of_the_log(province, extension_officer):
    project = create(extension_officer, province, extension_funds=200_000_000)
    assert (project.slug, project.state, project.extension_funds) == (
        "ho-tro-mai-sao-che".replace("mai", "may"),
        "registered",
        200_000_000,
    )
    assert list(AuditEntry.objects.values_list("action", "actor", "territory")) == [
        ("extension.create", extension_officer.pk, province.pk)
    ]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER])
def test_officers_and_leaders_read_but_do_not_write(province, role):
    with pytest.raises(Refusal) as refused:
        create(staff(role, province), province)
    assert refused.value.code == "not_allowed"
    assert Project.objects.count() == 0


def test_an_extension_officer_does_not_write_in_another_province(other_province, extension_officer, project):
    with pytest.raises(Refusal):
        create(extension_officer, other_province)
    with pytest.raises(Refusal):
        services.update_project(project=project, actor=extension_officer, territory=other_province)


def test_changing_nothing_writes_nothing(project, extension_officer):
    services.update_project(project=project, actor=extension_officer, name=project.name)
    assert AuditEntry.objects.count() == 0


def test_disbursed_money_stays_within_the_extension_funds(project, extension_officer):
    with pytest.raises(Refusal) as refused:
        services.update_project(project=project, actor=extension_officer, disbursed=200_000_001)
    assert "không được vượt" in str(refused.value)
    services.update_project(project=project, actor=extension_officer, disbursed=200_000_000)
    project.refresh_from_db()
    assert project.disbursed == 200_000_000


def test_an_unknown_fact_is_a_mistake_of_the_caller(project, extension_officer):
    with pytest.raises(TypeError):
        services.update_project(project=project, actor=extension_officer, state="approved")


def test_the_table_of_states_names_every_state():
    assert set(PROJECT_TRANSITIONS) == set(ProjectState)


@pytest.fixture
def unguarded(monkeypatch):
    """What the estimate, the papers and the money ask for is tested where they are."""
    monkeypatch.setattr(guards, "MISSING", {})


@pytest.mark.parametrize("before", list(ProjectState))
@pytest.mark.parametrize("after", list(ProjectState))
@pytest.mark.usefixtures("unguarded")
def test_only_the_transitions_of_the_table_happen(province, extension_officer, before, after):
    unit = OrganisationFactory(territory=province)
    project = ProjectFactory(territory=province, state=before, implementing_unit=unit, disbursed=1)
    BeneficiaryFactory(project=project)

    def move():
        services.change_state(project=project, to=after, actor=extension_officer, on=ON, reason="Theo quyết định.")

    if after in PROJECT_TRANSITIONS[before]:
        move()
    else:
        with pytest.raises(Refusal) as refused:
            move()
        assert refused.value.code == "illegal_transition"
    project.refresh_from_db()
    assert project.state == (after if after in PROJECT_TRANSITIONS[before] else before)


def test_approval_says_everything_that_is_missing(project, extension_officer):
    Project.objects.update(extension_funds=None, counterpart_funds=None)
    with pytest.raises(Refusal) as refused:
        services.change_state(project=project, to=ProjectState.APPROVED, actor=extension_officer, on=ON)
    assert refused.value.details == ("Chưa ghi kinh phí khuyến công được duyệt.", "Chưa ghi đối tượng thụ hưởng.")


def test_a_group_project_is_approved_before_its_beneficiaries_are_known(project, extension_officer):
    Project.objects.update(kind=ProjectKind.GROUP)
    moved = services.change_state(project=project, to=ProjectState.APPROVED, actor=extension_officer, on=ON)
    assert moved.state == ProjectState.APPROVED


@pytest.mark.parametrize(
    ("before", "to"),
    [(ProjectState.REGISTERED, ProjectState.REFUSED), (ProjectState.RUNNING, ProjectState.STOPPED)],
)
@pytest.mark.usefixtures("unguarded")
def test_refusing_and_stopping_need_a_reason_which_the_log_keeps(project, leader, before, to):
    Project.objects.update(state=before)
    with pytest.raises(Refusal) as refused:
        services.change_state(project=project, to=to, actor=leader, on=ON, reason="  ")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")
    services.change_state(project=project, to=to, actor=leader, on=ON, reason="Cơ sở xin thôi.")
    assert AuditEntry.objects.get().reason == "Cơ sở xin thôi."


def test_a_project_does_not_move_to_a_day_before_its_phase(project, extension_officer):
    Project.objects.update(phase_since=ON)
    with pytest.raises(Refusal) as refused:
        services.change_state(
            project=project, to=ProjectState.APPRAISING, actor=extension_officer, on=ON - dt.timedelta(days=1)
        )
    assert (refused.value.code, refused.value.field) == ("before_phase", "on")


def test_a_project_is_of_a_province_of_its_time(province, extension_officer):
    ended = TerritoryFactory(valid_to=dt.date(2025, 6, 30))
    SuccessionFactory(predecessor=ended, successor=province)
    clerk = staff(Role.EXTENSION_OFFICER, province)
    with pytest.raises(Refusal) as refused:
        create(clerk, ended, year=2026)
    assert (refused.value.code, refused.value.field) == ("province_ended", "territory")
    assert create(clerk, ended, year=2025).territory == ended


def test_sums_of_an_approved_estimate_are_not_typed_by_hand(project, extension_officer, leader):
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    Estimate.objects.create(
        project=project, on=ON, state="approved", proposed_by=extension_officer, decided_by=leader, decided_at=at
    )
    with pytest.raises(Refusal) as refused:
        services.update_project(project=project, actor=extension_officer, extension_funds=1)
    assert refused.value.code == "by_estimate"


def test_another_source_means_other_steps_until_one_is_done(province, extension_officer):
    load()
    project = create(extension_officer, province, on=ON)
    moved = services.update_project(project=project, actor=extension_officer, on=ON, funding="national")
    assert moved.workflow.funding == "national"
    step = moved.workflow.steps.first()
    now = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    steps.record_step(project=moved, step=step, actor=extension_officer, done_on=ON, now=now)
    with pytest.raises(Refusal) as refused:
        services.update_project(project=moved, actor=extension_officer, on=ON, funding="local")
    assert refused.value.code == "steps_begun"


def test_an_officer_does_not_move_a_project(project, officer):
    with pytest.raises(Refusal):
        services.change_state(project=project, to=ProjectState.STOPPED, actor=officer, on=ON, reason="Thử.")


def test_a_liquidated_project_does_not_change(project, extension_officer):
    Project.objects.update(state=ProjectState.LIQUIDATED)
    for write in (
        lambda: services.update_project(project=project, actor=extension_officer, name="Tên khác"),
        lambda: services.add_beneficiary(project=project, actor=extension_officer, facility=FacilityFactory()),
    ):
        with pytest.raises(Refusal) as refused:
            write()
        assert refused.value.code == "sealed"


def test_a_facility_is_written_once_with_its_turns(project, extension_officer):
    facility = FacilityFactory()
    row = services.add_beneficiary(project=project, actor=extension_officer, facility=facility, turns=15)
    with pytest.raises(Refusal) as refused:
        services.add_beneficiary(project=project, actor=extension_officer, facility=facility)
    assert refused.value.sentence == "Cơ sở này đã có trong đề án. Hãy sửa số lượt của dòng đã có."
    assert Beneficiary.objects.get() == row


def test_the_parts_stay_within_the_whole(project, extension_officer):
    first = services.add_beneficiary(
        project=project, actor=extension_officer, facility=FacilityFactory(), extension_funds=150_000_000
    )
    with pytest.raises(Refusal) as refused:
        services.add_beneficiary(
            project=project, actor=extension_officer, facility=FacilityFactory(), extension_funds=50_000_001
        )
    assert refused.value.code == "funds_exceeded"
    with pytest.raises(Refusal):
        services.update_project(project=project, actor=extension_officer, extension_funds=149_999_999)
    services.update_beneficiary(beneficiary=first, actor=extension_officer, extension_funds=200_000_000)
    assert Beneficiary.objects.get().extension_funds == 200_000_000


def test_a_product_of_another_facility_is_refused(project, extension_officer):
    with pytest.raises(Refusal) as refused:
        services.add_beneficiary(
            project=project, actor=extension_officer, facility=FacilityFactory(), product=ProductFactory()
        )
    assert refused.value.code == "wrong_product"


def test_a_class_of_trainees_needs_a_name_and_no_facility(project, extension_officer):
    with pytest.raises(Refusal) as refused:
        services.add_beneficiary(project=project, actor=extension_officer, kind=BeneficiaryKind.TRAINEES, people=30)
    assert refused.value.sentence == "Thụ hưởng là cơ sở thì chọn cơ sở; là cụm hoặc lớp thì ghi tên."


def test_an_illustrative_project_never_names_a_real_facility(project, extension_officer):
    Project.objects.update(is_illustrative=True)
    with pytest.raises(Refusal) as refused:
        services.add_beneficiary(project=project, actor=extension_officer, facility=FacilityFactory())
    assert refused.value.code == "illustrative_only"


def test_removing_a_line_leaves_its_sum_in_the_log(project, extension_officer):
    row = services.add_beneficiary(
        project=project, actor=extension_officer, facility=FacilityFactory(), extension_funds=7_000_000
    )
    services.remove_beneficiary(beneficiary=row, actor=extension_officer)
    assert AuditEntry.objects.order_by("-pk")[0].data == {"funds": 7_000_000, "turns": 1}
    assert not Beneficiary.objects.exists()
