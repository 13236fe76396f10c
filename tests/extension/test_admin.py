import datetime as dt
from pathlib import Path

import pytest
from django.urls import reverse

import extension.admin
from extension.enums import ProjectState
from extension.models import Beneficiary, Programme, Project
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from tests.factories import (
    BeneficiaryFactory,
    FacilityFactory,
    OrganisationFactory,
    ProgrammeFactory,
    ProjectFactory,
    SuccessionFactory,
    TerritoryFactory,
    staff,
)

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/extension/project/add/"
LIST = "/quan-tri/extension/project/"


@pytest.fixture
def desk(client, province):
    """The client of the province's extension officer."""
    return enter(client, staff(Role.EXTENSION_OFFICER, province))


def enter(client, user):
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def typed(province, rows=(), **changes):
    """The form as typed, with rows of beneficiaries."""
    facts = {
        "name": "Hỗ trợ máy sao chè",
        "kind": "group",
        "head": "3",
        "year": "2026",
        "territory": province.pk,
        "funding": "local",
        "extension_funds": "200 triệu",
    } | changes
    initial = sum("id" in row for row in rows)
    facts |= {"beneficiaries-TOTAL_FORMS": len(rows), "beneficiaries-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        known = {"kind": "facility", "turns": "1"} | row
        facts |= {f"beneficiaries-{number}-{name}": value for name, value in known.items()}
    return facts


def change(project):
    return reverse("admin:extension_project_change", args=[project.pk])


def words(response):
    return " ".join(response.content.decode().split())


def test_money_is_typed_as_people_say_it(desk, province):
    facility = FacilityFactory(territory=province)
    row = {"facility": facility.pk, "extension_funds": "150 triệu", "turns": "3"}
    response = desk.post(ADD, typed(province, [row], counterpart_funds="1.075.000.000"))
    assert response.status_code == 302
    project = Project.objects.get()
    assert (project.extension_funds, project.counterpart_funds) == (200_000_000, 1_075_000_000)
    assert list(Beneficiary.objects.values_list("facility", "extension_funds", "turns")) == [
        (facility.pk, 150_000_000, 3)
    ]
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == [
        "extension.beneficiary_add",
        "extension.create",
    ]


def test_an_unclear_sum_is_refused_at_its_field_and_stays_typed(desk, province):
    response = desk.post(ADD, typed(province, extension_funds="2.605 tỷ"))
    assert response.status_code == 200
    assert "có thể đọc theo hai cách" in words(response)
    assert 'value="2.605 tỷ"' in words(response)
    assert not Project.objects.exists()


def test_paying_out_more_than_was_approved_is_refused_at_its_field(desk, province):
    response = desk.post(ADD, typed(province, disbursed="201 triệu"))
    assert "Đã giải ngân 201 triệu đồng, vượt kinh phí khuyến công đã duyệt 200 triệu đồng." in words(response)


def test_parts_above_the_whole_are_refused(desk, province):
    rows = [{"facility": FacilityFactory(territory=province).pk, "extension_funds": "150 triệu"} for _ in range(2)]
    response = desk.post(ADD, typed(province, rows))
    assert "Các cơ sở được ghi tổng 300 triệu đồng, vượt kinh phí khuyến công của đề án là 200 triệu đồng." in words(
        response
    )
    assert not Project.objects.exists()


def test_the_whole_and_its_parts_fall_together(desk, province):
    project = ProjectFactory(territory=province, extension_funds=200_000_000, counterpart_funds=None)
    first, second = (
        BeneficiaryFactory(project=project, facility=FacilityFactory(territory=province), extension_funds=100_000_000)
        for _ in range(2)
    )
    rows = [
        {"id": first.pk, "project": project.pk, "facility": first.facility_id, "extension_funds": "90 triệu"},
        {"id": second.pk, "project": project.pk, "facility": second.facility_id, "extension_funds": "10 triệu"},
    ]
    response = desk.post(change(project), typed(province, rows, name=project.name, extension_funds="100 triệu"))
    assert response.status_code == 302
    project.refresh_from_db()
    assert project.extension_funds == 100_000_000
    assert sorted(project.beneficiaries.values_list("extension_funds", flat=True)) == [10_000_000, 90_000_000]


def test_a_removed_row_goes_through_the_log(desk, province):
    project = ProjectFactory(territory=province, counterpart_funds=None)
    row = BeneficiaryFactory(project=project, facility=FacilityFactory(territory=province))
    rows = [{"id": row.pk, "project": project.pk, "facility": row.facility_id, "DELETE": "on"}]
    assert desk.post(change(project), typed(province, rows, name=project.name)).status_code == 302
    assert not Beneficiary.objects.exists()
    assert AuditEntry.objects.filter(action="extension.beneficiary_remove").count() == 1


def test_the_list_holds_only_the_own_province(desk, province):
    mine = ProjectFactory(territory=province, name="Đề án của tỉnh")
    other = ProjectFactory(name="Đề án tỉnh khác")
    page = words(desk.get(LIST))
    assert mine.name in page
    assert other.name not in page
    assert desk.get(change(other)).status_code == 404


@pytest.mark.parametrize("asked", ["may sao", "MÁY SAO", "kc-07"])
def test_the_search_needs_no_diacritics_and_knows_codes(desk, province, asked):
    hit = ProjectFactory(territory=province, name="Hỗ trợ máy sao chè", code="KC-07")
    ProjectFactory(territory=province, name="Phòng trưng bày")
    found = desk.get(LIST, {"q": asked}).context["cl"].result_list
    assert list(found) == [hit]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER])
def test_officers_and_leaders_read(client, province, role):
    project = ProjectFactory(territory=province)
    enter(client, staff(role, province))
    assert client.get(change(project)).status_code == 200
    assert client.post(change(project), typed(province)).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_sealed_project_is_read_only(desk, province):
    project = ProjectFactory(territory=province, state=ProjectState.LIQUIDATED)
    assert desk.post(change(project), typed(province)).status_code == 403


def test_only_offices_within_reach_can_be_the_implementing_unit(desk, province):
    own = OrganisationFactory(territory=province)
    OrganisationFactory()
    field = desk.get(ADD).context["adminform"].form.fields["implementing_unit"]
    assert list(field.queryset) == [own]


def test_a_national_programme_is_read_by_a_province_and_changed_by_none_of_it(desk, province):
    national = ProgrammeFactory(territory=None)
    own = ProgrammeFactory(territory=province)
    ProgrammeFactory()
    rows = desk.get("/quan-tri/extension/programme/").context["cl"].result_list
    assert set(rows) == {national, own}
    address = reverse("admin:extension_programme_change", args=[national.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"name": "Đổi", "year_from": "2021", "year_to": "2025"}).status_code == 403
    assert Programme.objects.get(pk=national.pk).name == national.name


def test_the_agency_keeps_the_national_programmes(client):
    enter(client, staff(Role.AGENCY_NATIONAL))
    national = ProgrammeFactory(territory=None)
    address = reverse("admin:extension_programme_change", args=[national.pk])
    assert client.post(address, {"name": "Tên mới", "year_from": "2021", "year_to": "2025"}).status_code == 302
    assert Programme.objects.get(pk=national.pk).name == "Tên mới"
    assert AuditEntry.objects.get().action == "extension.programme"


def test_a_province_adds_its_own_programme_but_no_national_one(desk, province):
    facts = {"name": "Chương trình của tỉnh", "year_from": "2026", "year_to": "2030"}
    assert desk.post("/quan-tri/extension/programme/add/", facts | {"territory": province.pk}).status_code == 302
    desk.post("/quan-tri/extension/programme/add/", facts | {"name": "Chương trình quốc gia"})
    assert list(Programme.objects.values_list("name", "territory")) == [("Chương trình của tỉnh", province.pk)]


def test_what_the_service_refuses_stands_at_its_input_and_nothing_typed_is_lost(desk, province):
    former = [
        TerritoryFactory(name=name, slug=f"cu-{n}", valid_from=dt.date(1997, 1, 1), valid_to=dt.date(2025, 6, 30))
        for n, name in enumerate(("Bắc Kạn", "Thái Nguyên"))
    ]
    for one in former:
        SuccessionFactory(predecessor=one, successor=province)
    province.name, province.valid_from = "Thái Nguyên", dt.date(2025, 7, 1)
    province.save()
    response = desk.post(ADD, typed(province, year="2005", summary="Sao chè bằng điện."))
    page = words(response)
    assert response.status_code == 200
    said = "Năm 2005 chưa có đơn vị Thái Nguyên như hiện nay. Hãy chọn Bắc Kạn (đến 2025) hoặc Thái Nguyên (đến 2025)."
    assert response.context["adminform"].form.errors == {"territory": [said]}
    assert "Hỗ trợ máy sao chè</textarea>" in page
    assert "Sao chè bằng điện.</textarea>" in page
    assert 'value="200 triệu"' in page
    assert not Project.objects.exists()


def test_a_refused_row_beside_the_project_is_said_above_the_form_with_everything_typed(desk, province):
    project = ProjectFactory(territory=province, is_illustrative=True, counterpart_funds=None)
    row = {"facility": FacilityFactory(territory=province).pk}
    response = desk.post(change(project), typed(province, [row], name="Tên vừa gõ"))
    form = response.context["adminform"].form
    assert form.errors == {"__all__": ["Đề án minh họa chỉ ghi cho cơ sở mẫu, không ghi cho cơ sở thật."]}
    assert "Tên vừa gõ</textarea>" in words(response)
    assert not Beneficiary.objects.exists()


def test_the_desk_registers_the_tables_of_every_room():
    here = Path(extension.admin.__file__)
    told = here.read_text()
    for found in here.parent.glob("*/*admin.py"):
        assert f"from .{found.parent.name} import {found.stem}" in told, found
