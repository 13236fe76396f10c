"""Pages of needs: the facility's own, the commune's, the shelf at the desk."""

import io
import re

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from extension.enums import NeedState, PriorityKind, ProjectState
from extension.models import Need, Project
from portal.accounts.enums import Role
from tests.factories import CommuneFactory, FacilityFactory, ProjectFactory, TerritoryFactory, staff

from .needs_world import NOW, World, priority

pytestmark = pytest.mark.django_db
S = NeedState
OWN = "/co-so-cua-toi/khuyen-cong/nhu-cau/"
SHELF = "/quan-tri/khuyen-cong/nhu-cau/"


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world():
    return World()


def words(response):
    return " ".join(response.content.decode().split())


def test_a_facility_registers_in_a_call_sees_the_answer_and_withdraws(client, world):
    call = world.call()
    client.force_login(world.maker)
    page = words(client.get(OWN))
    assert call.title in page
    assert "Nhận đến hết ngày 26/11/2026" in page
    form = client.get(f"{OWN}moi/?dot={call.uuid}").context["form"]
    assert (form.initial["call"], form.initial["year"]) == (str(call.uuid), 2027)
    typed = {
        "facility": str(world.facility.uuid), "call": str(call.uuid), "title": "Máy sấy", "year": "2027",
        "item": world.item.code, "cost": "600 triệu", "own_funds": "350 triệu",
    }  # fmt: skip
    need = Need.objects.get(uuid=client.post(f"{OWN}moi/", typed).url.split("/")[-2])
    assert (need.call, need.cost, need.own_funds, need.item) == (call, 600_000_000, 350_000_000, world.item)
    changed = client.post(f"{OWN}{need.uuid}/", {**typed, "title": "Máy sấy lạnh"})
    need.refresh_from_db()
    assert (changed.status_code, need.title) == (302, "Máy sấy lạnh")
    client.post(f"{OWN}{need.uuid}/", {"act": "rut"})
    need.refresh_from_db()
    assert need.state == S.WITHDRAWN


def test_the_only_open_call_is_offered_first_and_left_out_where_asked(client, world):
    call = world.call()
    client.force_login(world.maker)
    first = client.get(f"{OWN}moi/").context["form"].initial
    assert (first["call"], first["year"]) == (str(call.uuid), call.year)
    assert f'href="{OWN}moi/?dot=ngoai"' in words(client.get(OWN))
    assert "call" not in client.get(f"{OWN}moi/?dot=ngoai").context["form"].initial
    world.call(title="Đợt khác")
    assert "call" not in client.get(f"{OWN}moi/").context["form"].initial


def test_what_was_typed_wrong_is_said_at_its_field_and_nothing_is_written(client, world):
    client.force_login(world.maker)
    answer = client.post(
        f"{OWN}moi/",
        {
            "facility": str(world.facility.uuid),
            "title": "Máy",
            "year": "2027",
            "cost": "5 triệu",
            "own_funds": "6 triệu",
        },
    )
    assert answer.status_code == 400
    assert "Vốn tự có lớn hơn tổng chi phí." in words(answer)
    assert not Need.objects.exists()


def test_another_facility_cannot_be_named_in_the_form(client, world):
    client.force_login(world.maker)
    other = FacilityFactory(territory=world.province)
    answer = client.post(f"{OWN}moi/", {"facility": str(other.uuid), "title": "Máy", "year": "2027"})
    assert answer.status_code == 400
    assert not Need.objects.exists()


def test_a_need_of_another_facility_does_not_exist(client, world):
    need = world.need(facility=FacilityFactory(territory=world.province))
    client.force_login(world.maker)
    assert client.get(f"{OWN}{need.uuid}/").status_code == 404


def test_who_speaks_for_nobody_is_told_what_to_do(client, world):
    client.force_login(world.stranger)
    assert "Bạn chưa là người đại diện của cơ sở nào." in words(client.get(OWN))
    assert client.get(f"{OWN}moi/").url == OWN


def test_a_commune_registers_for_who_is_in_no_register(client, world):
    client.force_login(world.commune_officer)
    here = f"/viec-cua-xa/{world.commune.pk}/nhu-cau/"
    assert world.facility.name in words(client.get(f"{here}moi/?q=tan+cuong"))
    typed = {"facility_name": "Tổ hợp tác xóm Hồng Thái", "title": "Khung cửi", "year": "2027"}
    assert client.post(f"{here}moi/?co-so=moi", typed).url == here
    need = Need.objects.get()
    assert (need.facility, need.commune, need.registered_by) == (None, world.commune, world.commune_officer)
    assert "Tổ hợp tác xóm Hồng Thái" in words(client.get(here))


@pytest.mark.parametrize("chosen", ["khong-phai", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_facility_in_a_communes_address_does_not_exist(client, world, chosen):
    client.force_login(world.commune_officer)
    assert client.get(f"/viec-cua-xa/{world.commune.pk}/nhu-cau/moi/?co-so={chosen}").status_code == 404


def test_a_commune_sees_no_needs_of_another_commune(client, world):
    need = world.need(commune=CommuneFactory(territory=world.province), facility=None, facility_name="Xã bên")
    client.force_login(world.commune_officer)
    assert need.title not in words(client.get(f"/viec-cua-xa/{world.commune.pk}/nhu-cau/"))
    assert client.get(f"/viec-cua-xa/{world.commune.pk}/nhu-cau/{need.uuid}/").status_code == 404


# --- the desk --------------------------------------------------------------------------------------------------


def test_the_shelf_says_of_each_need_why_it_stands_there(client, world):
    priority("area", values="Tân Cương", points=3, name="Địa bàn ưu tiên")
    world.need(state=S.SHELVED)
    client.force_login(world.clerk)
    page = words(client.get(SHELF))
    assert "3 điểm" in page
    assert 'Địa bàn ưu tiên<span class="meta">Tân Cương. NĐ 45/2012/NĐ-CP</span>' in page


def test_the_shelf_says_where_areas_are_written_down_until_the_province_has_some(client, world):
    national = priority(PriorityKind.AREA, values="")
    client.force_login(world.clerk)
    said = "Tỉnh chưa ghi xã, phường nào là địa bàn ưu tiên"
    page = words(client.get(SHELF))
    assert said in page
    address = reverse("admin:extension_priorityrule_add")
    assert f'href="{address}?kind=area&amp;territory={world.province.pk}"' in page
    assert client.get(address, {"kind": "area", "territory": world.province.pk}).status_code == 200
    assert "chưa ghi xã, phường nào" in words(client.get(reverse("admin:extension_priorityrule_changelist")))
    client.force_login(world.officer)
    assert said not in words(client.get(SHELF))
    national.territory, national.values = world.province, "Tân Cương"
    national.save()
    client.force_login(world.clerk)
    assert said not in words(client.get(SHELF))


def test_a_bad_filter_leaves_the_whole_shelf(client, world):
    need = world.need()
    client.force_login(world.clerk)
    query = {"tinh-trang": "zz", "nam": "x", "noi-dung": "99", "dot": "zz", "tinh": "zz", "page": "zz"}
    assert need.title in words(client.get(SHELF, query))


def test_needs_of_another_province_stand_on_another_shelf(client, world):
    need = world.need(territory=TerritoryFactory(), title="Của tỉnh khác")
    client.force_login(world.clerk)
    assert need.title not in words(client.get(SHELF))
    assert client.get(f"{SHELF}{need.uuid}/").status_code == 404


def test_the_officer_shelves_needs_and_makes_a_group_project_of_them(client, world):
    rows = [world.need(), world.need(facility=FacilityFactory(territory=world.province))]
    client.force_login(world.clerk)
    for need in rows:
        assert client.post(f"{SHELF}{need.uuid}/", {"act": "xep", "wanted_funding": "local"}).status_code == 302
    query = "&".join(f"nhu-cau={need.uuid}" for need in rows)
    form = client.get(f"{SHELF}lap-de-an/?{query}").context["form"]
    assert (form.initial["kind"], form.initial["funding"], form.initial["year"]) == ("group", "local", 2027)
    typed = {
        "nhu-cau": [str(need.uuid) for need in rows], "name": "Đề án nhóm", "kind": "group", "funding": "local",
        "head": "3", "year": "2027",
    }  # fmt: skip
    answer = client.post(f"{SHELF}lap-de-an/", typed)
    project = Project.objects.get(name="Đề án nhóm")
    assert answer.url == reverse("admin:extension_project_change", args=[project.pk])
    assert project.needs.count() == project.beneficiaries.count() == 2


def test_needs_that_are_not_shelved_are_named_and_make_no_project(client, world):
    need = world.need()
    client.force_login(world.clerk)
    typed = {
        "nhu-cau": str(need.uuid),
        "name": "Đề án",
        "kind": "single",
        "funding": "local",
        "head": "3",
        "year": "2027",
    }
    answer = client.post(f"{SHELF}lap-de-an/", typed)
    assert answer.status_code == 409
    assert "Hãy đưa vào tủ trước." in words(answer)
    assert not Project.objects.exists()


def test_a_need_with_a_name_only_is_tied_to_a_facility_of_the_register(client, world):
    need = world.need(facility=None, facility_name="chè Tân Cương")
    client.force_login(world.clerk)
    assert world.facility.name in words(client.get(f"{SHELF}{need.uuid}/"))
    client.post(f"{SHELF}{need.uuid}/", {"act": "co-so", "facility": str(world.facility.pk)})
    need.refresh_from_db()
    assert need.facility == world.facility


def test_a_need_that_is_a_project_is_offered_back_only_when_the_project_came_to_nothing(client, world):
    project = ProjectFactory(territory=world.province, state=ProjectState.REGISTERED)
    need = world.need()
    Need.objects.filter(pk=need.pk).update(state=S.TURNED, project=project)
    client.force_login(world.clerk)
    page = f"{SHELF}{need.uuid}/"
    assert client.get(page).context["offered"] == []
    refused = client.post(page, {"act": "xep"})
    assert refused.status_code == 409
    assert "không chuyển sang “sẵn sàng lập đề án” được" in words(refused)
    Project.objects.update(state=ProjectState.REFUSED)
    assert client.get(page).context["offered"] == ["xem-lai"]
    assert client.post(page, {"act": "xem-lai"}).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.project) == (S.SHELVED, None)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.AGENCY_NATIONAL])
def test_others_at_the_desk_read_the_shelf_and_do_not_answer(client, world, role):
    need = world.need()
    client.force_login(staff(role, world.province))
    assert need.title in words(client.get(SHELF))
    assert client.post(f"{SHELF}{need.uuid}/", {"act": "xep"}).status_code == 403


def test_the_workbook_holds_the_reasons(client, world):
    priority("area", values="Tân Cương", points=3, name="Địa bàn")
    world.need()
    client.force_login(world.clerk)
    sheet = workbook(client)
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "Địa bàn: Tân Cương (NĐ 45/2012/NĐ-CP)" in cells


def test_the_workbook_prints_in_letters_of_8_points_on_a4_across(client, world):
    """Between the margins stand 149 characters of 11 points, 111 where Calibri is missing and a wider font is taken."""
    priority("area", values="Tân Cương", points=3, name="Các xã thuộc địa bàn đặc biệt khó khăn")
    for _row in range(3):
        world.need(title="Đầu tư dây chuyền chế biến chè xanh chất lượng cao", cost=200_000_000, own_funds=100_000_000)
    client.force_login(world.clerk)
    sheet = workbook(client)
    headings = [cell.value for cell in sheet[1]]
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    assert (len(headings), {"Tỉnh", "Đề án"} & set(headings)) == (12, set())
    assert 11 * 111 / sum(widths) >= 8
    assert sheet["F2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height >= 30
    assert [cell.value for cell in sheet[5] if cell.value is not None] == ["Cộng", 600_000_000, 300_000_000]
    assert all(cell.font.bold for cell in sheet[5] if cell.value is not None)
    turned = world.need(state=S.TURNED, project=ProjectFactory(territory=world.province))
    sheet = workbook(client, "?tinh-trang=turned")
    assert turned.project.name in [cell.value for cell in sheet[2]]
    client.force_login(staff(Role.AGENCY_NATIONAL))
    world.need(territory=TerritoryFactory(), facility=None, facility_name="Cơ sở khác", commune=None)
    sheet = workbook(client)
    assert "Tỉnh" in [cell.value for cell in sheet[1]]
    assert 11 * 149 / sum(sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]) >= 8


def workbook(client, query=""):
    answer = client.get(f"{SHELF}danh-sach.xlsx{query}")
    found = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    answer.close()
    return found


def test_every_page_of_needs_costs_the_same_for_one_and_for_many(client, world, django_assert_num_queries):
    """A list's cost, once with one need and once with sixteen."""
    priority()
    pages = {OWN: world.maker, f"/viec-cua-xa/{world.commune.pk}/nhu-cau/": world.commune_officer, SHELF: world.clerk}
    costs = {}
    for number in (1, 15):
        for _row in range(number):
            world.need(state=S.SHELVED)
        for address, person in pages.items():
            client.force_login(person)
            client.get(address)
            with django_assert_num_queries(costs.get(address, 40), exact=address in costs) as asked:
                assert client.get(address).status_code == 200
            costs[address] = len(asked)
    assert re.search(r"1 đến 16 trên 16", words(client.get(SHELF)))
