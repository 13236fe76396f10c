"""The desk's pages for facilities."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from tests.factories import FacilityFactory, GrantFactory, SuccessionFactory, staff

pytestmark = pytest.mark.django_db
LIST = reverse("admin:facilities_facility_changelist")
ADD = reverse("admin:facilities_facility_add")


@pytest.fixture
def desk(client, officer):
    officer.is_staff = True
    officer.save()
    client.force_login(officer)
    return client


def change(facility: Facility) -> str:
    return reverse("admin:facilities_facility_change", args=[facility.pk])


def typed(territory, **facts) -> dict[str, object]:
    rows = {f"{prefix}-{what}_FORMS": 0 for prefix in ("years", "contacts") for what in ("INITIAL", "TOTAL")}
    return {"name": "HTX chè Tân Hương", "kind": "cooperative", "territory": territory.pk, **rows, **facts}


def contact_row(facility=None, **facts) -> dict[str, object]:
    row = {"kind": "email", "value": "che@example.vn", "may_publish": "on", "consent_on": "2026-03-01", **facts}
    row = {f"contacts-0-{name}": value for name, value in row.items()}
    return {"contacts-TOTAL_FORMS": 1, "contacts-0-facility": facility.pk if facility else "", **row}


def shown(page) -> list[str]:
    return [facility.name for facility in page.context["cl"].result_list]


@pytest.mark.parametrize("asked", ["che tan huong", "Chè Tân Hương", "tân chè", "0100109106"])
def test_facilities_are_found_with_and_without_diacritics_and_by_tax_code(desk, province, asked):
    FacilityFactory(name="HTX chè Tân Hương", territory=province, tax_code="0100109106")
    FacilityFactory(name="HTX miến Bình Liêu", territory=province)
    assert shown(desk.get(LIST, {"q": asked})) == ["HTX chè Tân Hương"]


def test_only_the_own_province_is_reached(desk, province):
    FacilityFactory(name="HTX Nhà", territory=province)
    elsewhere = FacilityFactory(name="HTX Xa")
    assert shown(desk.get(LIST)) == ["HTX Nhà"]
    assert desk.get(change(elsewhere)).status_code == 404


def test_the_list_shows_today_s_province_and_filters_by_it(client):
    merger = SuccessionFactory(predecessor__name="Vĩnh Phúc", successor__name="Phú Thọ")
    old = FacilityFactory(name="HTX Cũ", territory=merger.predecessor)
    FacilityFactory(name="HTX Mới", territory=merger.successor)
    FacilityFactory(name="HTX Xa")
    user = staff(Role.OFFICER, merger.successor)
    GrantFactory(user=user, role=Role.OFFICER)
    user.is_staff = True
    user.save()
    client.force_login(user)
    page = client.get(LIST, {"province": merger.successor.slug})
    assert sorted(shown(page)) == ["HTX Cũ", "HTX Mới"]
    assert "Vĩnh Phúc, nay là Phú Thọ" in page.content.decode()
    assert client.get(change(old)).status_code == 200


@pytest.mark.parametrize(
    "missing, names", [("kind", ["Cơ sở A"]), ("tax_code", ["Cơ sở A", "HTX B"]), ("address", ["HTX B"])]
)
def test_what_old_lists_left_open_is_found(desk, province, missing, names):
    FacilityFactory(name="Cơ sở A", kind="unknown", territory=province, address_recognised="xã A")
    FacilityFactory(name="HTX B", territory=province)
    FacilityFactory(name="HTX C", territory=province, tax_code="0100109106", address_today="xã C")
    assert shown(desk.get(LIST, {"missing": missing})) == names


def test_a_facility_is_added_with_contact_consent_and_audit(desk, officer, province):
    answer = desk.post(ADD, {**typed(province, tax_code="0100109106"), **contact_row()})
    assert answer.status_code == 302, answer.context["errors"]
    facility = Facility.objects.get()
    assert facility.slug == "htx-che-tan-huong"
    assert facility.contacts.get().consent_on == dt.date(2026, 3, 1)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "actor"))
    assert actions == [("facility.create", officer.pk), ("facility.consent", officer.pk)]


def test_an_odd_tax_code_is_saved_with_a_warning(desk, province):
    answer = desk.post(ADD, typed(province, tax_code="0100109107"))
    assert answer.status_code == 302
    warnings = [str(message) for message in get_messages(answer.wsgi_request) if message.level_tag == "warning"]
    assert warnings == ["Mã số thuế 0100109107 sai chữ số kiểm tra. Hãy đối chiếu với giấy đăng ký kinh doanh."]
    assert Facility.objects.get().tax_code == "0100109107"


def test_a_twin_is_said_at_its_field_and_nothing_typed_is_lost(desk, province):
    FacilityFactory(name="HTX chè Tân Hương", territory=province)
    answer = desk.post(ADD, typed(province, name="htx chè  TÂN HƯƠNG", address_recognised="xóm Nam Đồng"))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {
        "name": [
            "Thái Nguyên đã có cơ sở tên HTX chè Tân Hương. Hãy dùng cơ sở đã có, hoặc nhập mã số thuế để phân biệt."
        ]
    }
    assert "xóm Nam Đồng" in answer.content.decode()


def test_a_form_sent_twice_makes_one_facility(desk, province):
    desk.post(ADD, typed(province))
    assert desk.post(ADD, typed(province)).status_code == 200
    assert Facility.objects.count() == 1


def test_publication_without_a_date_of_consent_is_refused_in_words(desk, province):
    answer = desk.post(ADD, {**typed(province), **contact_row(consent_on="")})
    assert answer.status_code == 200
    assert "Hãy ghi ngày cơ sở đồng ý trước khi công bố hoặc gửi thư nhắc." in answer.content.decode()
    assert not Facility.objects.exists()


def test_a_contact_that_leads_nowhere_is_refused_in_words(desk, province):
    answer = desk.post(ADD, {**typed(province), **contact_row(kind="website", value="javascript:alert(1)")})
    assert "không đúng dạng https://congty.vn." in answer.content.decode()
    assert not Facility.objects.exists()


def test_a_change_is_audited_with_what_was_before(desk, province):
    facility = FacilityFactory(name="HTX Cũ", territory=province)
    answer = desk.post(change(facility), typed(province, name="HTX Mới"))
    assert answer.status_code == 302
    assert AuditEntry.objects.get().data == {"name": {"before": "HTX Cũ", "after": "HTX Mới"}}


def test_another_province_cannot_be_chosen(desk, province, other_province):
    answer = desk.post(ADD, typed(other_province))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["territory"]


def test_a_leader_s_province_is_not_an_officer_s(desk, officer, other_province):
    GrantFactory(user=officer, role=Role.LEADER, territory=other_province)
    answer = desk.post(ADD, typed(other_province))
    assert answer.context["adminform"].form.errors == {
        "territory": ["Bạn không phải cán bộ của tỉnh này. Hãy chọn tỉnh của bạn."]
    }


def test_the_list_costs_the_same_for_three_and_thirty(desk, province):
    FacilityFactory.create_batch(3, territory=province)
    desk.get(LIST)
    with CaptureQueriesContext(connection) as few:
        desk.get(LIST)
    FacilityFactory.create_batch(27, territory=province)
    with CaptureQueriesContext(connection) as many:
        desk.get(LIST)
    assert len(many) == len(few)


@pytest.mark.parametrize(("role", "sees"), [(Role.OFFICER, True), (Role.LEADER, True), (Role.AGENCY_NATIONAL, False)])
def test_a_households_tax_code_is_whole_for_its_province_only(client, province, role, sees):
    household = FacilityFactory(territory=province, kind="household", tax_code="012345678901")
    company = FacilityFactory(territory=province, kind="company", tax_code="0100109106")
    client.force_login(staff(role, province if role != Role.AGENCY_NATIONAL else None))
    pages = ["/quan-tri/facilities/facility/", f"/quan-tri/facilities/facility/{household.pk}/change/"]
    for page in pages:
        shown = client.get(page).content.decode()
        assert ("012345678901" in shown) is sees
        assert sees or "•901" in shown
    assert company.tax_code in client.get(pages[0]).content.decode()
