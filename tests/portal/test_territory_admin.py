"""The desk's pages for provinces."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.territory import reference_data
from portal.territory.models import Commune, Territory
from tests.factories import CommuneFactory, staff

pytestmark = pytest.mark.django_db
LIST = "admin:territory_territory_changelist"


@pytest.fixture(autouse=True)
def provinces(db):
    reference_data.load()


@pytest.fixture
def agency(client):
    user = staff(Role.AGENCY_NATIONAL)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return user


@pytest.fixture
def province_officer(client):
    user = staff(Role.OFFICER, unit("thai-nguyen"))
    user.is_staff = True
    user.save()
    client.force_login(user)
    return user


def unit(slug: str) -> Territory:
    return Territory.objects.get(slug=slug)


def change(pk: int) -> str:
    return reverse("admin:territory_territory_change", args=[pk])


def management(prefix: str, initial: int, total: int) -> dict[str, int]:
    return {f"{prefix}-INITIAL_FORMS": initial, f"{prefix}-TOTAL_FORMS": total}


def test_the_list_is_searched_by_old_names_without_diacritics(client, agency):
    page = client.get(reverse(LIST), {"q": "thua thien hue"})
    assert page.status_code == 200
    assert [row.slug for row in page.context["cl"].result_list] == ["hue"]


def test_the_list_tells_what_an_ended_unit_is_today(client, agency):
    page = client.get(reverse(LIST), {"standing": "ended", "q": "Vĩnh Phúc"})
    assert "Phú Thọ" in page.content.decode()


def test_an_officer_of_a_province_reads_but_does_not_write(client, province_officer):
    assert client.get(reverse(LIST)).status_code == 200
    page = client.get(change(unit("cao-bang").pk))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    for url in (reverse("admin:territory_merge"), reverse("admin:territory_rename", args=[unit("hue").pk])):
        assert client.get(url).status_code == 403
        assert client.post(url, {}).status_code == 403


def test_the_agency_writes_a_merger(client, agency):
    url = reverse("admin:territory_merge")
    assert client.get(url).status_code == 200
    old = [unit("cao-bang"), unit("lang-son")]
    facts = {"predecessors": [row.pk for row in old], "code": "04", "name": "Cao Bằng", "on": "2026-10-01"}
    answer = client.post(url, {**facts, "kind": "province", "region": "north", "legal_basis": "Nghị quyết 2"})
    new = unit("cao-bang")
    assert answer.status_code == 302
    assert answer["Location"] == change(new.pk)
    assert {row.predecessor.slug for row in new.origins.all()} == {"cao-bang-2026", "lang-son-2026"}
    assert client.get(change(new.pk)).status_code == 200


def test_a_merger_that_is_refused_keeps_what_was_typed(client, agency):
    facts = {"predecessors": [unit("cao-bang").pk], "successor": unit("cao-bang").pk, "on": "2026-10-01"}
    answer = client.post(
        reverse("admin:territory_merge"),
        {**facts, "kind": "province", "region": "north", "legal_basis": "Nghị quyết 7"},
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Hãy chọn đơn vị kế thừa khác." in text
    assert "Nghị quyết 7" in text
    assert unit("cao-bang").valid_to is None


def test_a_merger_needs_a_successor_and_a_day_that_came(client, agency):
    answer = client.post(
        reverse("admin:territory_merge"),
        {"predecessors": [unit("cao-bang").pk], "on": "2099-01-01", "kind": "province", "region": "north"},
    )
    errors = answer.context["form"].errors
    assert set(errors) == {"code", "name", "on"}
    assert errors["on"] == ["Ngày này chưa tới. Hãy ghi vào sổ từ ngày nghị quyết có hiệu lực."]


def test_the_agency_writes_a_new_kind(client, agency):
    row = unit("quang-ninh")
    url = reverse("admin:territory_rename", args=[row.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"name": "Quảng Ninh", "kind": "city", "on": "2026-10-01"})
    assert answer.status_code == 302
    assert list(row.names.values_list("full_name", "valid_from", "valid_to")) == [
        ("Tỉnh Quảng Ninh", dt.date(1900, 1, 1), dt.date(2026, 9, 30)),
        ("Thành phố Quảng Ninh", dt.date(2026, 10, 1), None),
    ]


def test_renaming_a_unit_that_is_not_there_is_404(client, agency):
    assert client.get(reverse("admin:territory_rename", args=[999_999])).status_code == 404


def test_a_unit_is_added_with_its_first_name(client, agency):
    url = reverse("admin:territory_territory_add")
    facts = {"code": "97", "name": "Phú  Quốc", "kind": "city", "valid_from": "2026-10-01", "region": "south"}
    answer = client.post(url, {**facts, "region_certain": "on"})
    assert answer.status_code == 302
    new = unit("phu-quoc")
    assert new.names.get().full_name == "Thành phố Phú Quốc"
    assert AuditEntry.objects.get().action == "territory.create"


def test_a_code_in_use_is_said_at_its_field(client, agency):
    facts = {"code": "91", "name": "Phú Quốc", "kind": "city", "valid_from": "2026-10-01", "region": "south"}
    answer = client.post(reverse("admin:territory_territory_add"), facts)
    errors = answer.context["adminform"].form.errors
    assert errors == {"code": ["Mã 91 đang là của An Giang trong thời gian này. Hãy kiểm tra lại mã và ngày."]}


def correction(row: Territory, **names: str) -> dict[str, object]:
    name = row.names.get()
    return {
        "code": row.code,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": "",
        "region": row.region,
        "region_certain": "on",
        "legal_basis": row.legal_basis,
        **management("names", 1, 2 if names else 1),
        **management("successions", 0, 0),
        **management("origins", 0, 0),
        "names-0-id": name.pk,
        "names-0-territory": row.pk,
        "names-0-name": name.name,
        "names-0-full_name": name.full_name,
        "names-0-kind": name.kind,
        "names-0-valid_from": name.valid_from.isoformat(),
        "names-1-territory": row.pk,
        "names-1-kind": "province",
        **names,
    }


def test_overlapping_names_are_refused_in_words(client, agency):
    row = unit("cao-bang")
    facts = {"names-1-name": "Cao Bình", "names-1-full_name": "Tỉnh Cao Bình", "names-1-valid_from": "2026-10-01"}
    answer = client.post(change(row.pk), correction(row, **facts))
    assert answer.status_code == 200
    assert "Hai tên cùng có hiệu lực vào ngày 01/10/2026." in answer.content.decode()
    assert row.names.count() == 1


def test_a_dated_name_added_by_hand_becomes_the_unit_s_own(client, agency):
    row = unit("cao-bang")
    facts = {"names-1-name": "Cao Bình", "names-1-full_name": "Tỉnh Cao Bình", "names-1-valid_from": "2026-10-01"}
    answer = client.post(change(row.pk), {**correction(row, **facts), "names-0-valid_to": "2026-09-30"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.slug) == ("Cao Bình", "cao-binh")
    assert AuditEntry.objects.get().action == "territory.correct"


def test_the_uncertain_region_is_settled_at_the_desk(client, agency):
    row = unit("lam-dong")
    client.post(change(row.pk), {**correction(row), "region": "south"})
    row.refresh_from_db()
    assert (row.region, row.region_certain) == ("south", True)


def test_communes_are_searched_without_diacritics_and_only_within_reach(client, province_officer):
    CommuneFactory(territory=unit("thai-nguyen"), name="Tân Cương")
    CommuneFactory(territory=unit("cao-bang"), name="Tân Cương")
    page = client.get(reverse("admin:territory_commune_changelist"), {"q": "tan cuong"})
    assert page.status_code == 200
    assert [row.territory.slug for row in page.context["cl"].result_list] == ["thai-nguyen"]
    assert Commune.objects.count() == 2
