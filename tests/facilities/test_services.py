"""Every write to the register of facilities."""

import datetime as dt

import pytest

from facilities import queries, rules, services
from facilities.enums import FacilityKind
from facilities.models import Contact, Facility, FacilityYear
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests.factories import ContactFactory, FacilityFactory

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 1)


def refusal(call, **facts) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(**facts)
    assert str(caught.value).endswith(".")
    return caught.value


def test_a_facility_is_entered_with_slug_keys_and_audit_row(province, officer):
    found = services.create_facility(
        name="  HTX  chè Tân Hương ",
        territory=province,
        tax_code="0100109106001",
        address="xã Phúc Xuân",
        actor=officer,
    )
    found.refresh_from_db()
    assert (found.name, found.slug, found.kind) == ("HTX chè Tân Hương", "htx-che-tan-huong", FacilityKind.COOPERATIVE)
    assert (found.tax_code, found.folded) == ("0100109106-001", "htx che tan huong")
    entry = AuditEntry.objects.get()
    assert entry.sentence == "Ghi cơ sở HTX chè Tân Hương vào danh bạ."
    assert (entry.actor, entry.territory) == (officer, province)


def test_a_second_facility_of_one_name_gets_another_address(province, other_province):
    one = services.create_facility(name="HTX Một", territory=province, actor=None)
    two = services.create_facility(name="HTX Một", territory=other_province, actor=None)
    assert (one.slug, two.slug) == ("htx-mot", "htx-mot-2")


def test_a_twin_is_refused_however_it_is_written(province):
    services.create_facility(name="Cơ sở Hòa Bình", territory=province, actor=None)
    found = refusal(services.create_facility, name="cơ sở  HOÀ BÌNH", territory=province, actor=None)
    assert (found.code, found.field) == ("facility_exists", "name")
    assert str(found).startswith("Thái Nguyên đã có cơ sở tên Cơ sở Hòa Bình.")
    assert Facility.objects.count() == 1


def test_a_tax_code_is_one_facility_s(province, other_province):
    services.create_facility(name="HTX Một", territory=province, tax_code="0100109106", actor=None)
    found = refusal(
        services.create_facility, name="HTX Hai", territory=other_province, tax_code="0100109106", actor=None
    )
    assert (found.code, found.field) == ("facility_exists", "tax_code")


@pytest.mark.parametrize("name", ["", "   ", " - "])
def test_a_facility_needs_a_name(province, name):
    found = refusal(services.create_facility, name=name, territory=province, actor=None)
    assert (found.code, found.field) == ("facility_invalid", "name")


def test_an_odd_tax_code_is_no_reason_to_refuse(province):
    assert services.create_facility(name="HTX", territory=province, tax_code="0100109107", actor=None).pk


def test_an_update_says_what_changed_and_masks_a_personal_id(province, officer):
    facility = FacilityFactory(territory=province, kind=FacilityKind.HOUSEHOLD)
    services.update_facility(facility=facility, actor=officer, tax_code="079123456789", reason="Bổ sung.")
    entry = AuditEntry.objects.get()
    assert entry.data == {"tax_code": {"before": "", "after": "•••••••••789"}}
    assert (entry.sentence, entry.reason) == (f"Sửa mã số thuế của cơ sở {facility.name}.", "Bổ sung.")


def test_an_update_without_a_change_writes_nothing(province):
    facility = FacilityFactory(territory=province)
    services.update_facility(facility=facility, actor=None, name=f" {facility.name} ")
    assert not AuditEntry.objects.exists()


def test_only_known_fields_are_updated(province):
    with pytest.raises(TypeError, match="slug"):
        services.update_facility(facility=FacilityFactory(territory=province), actor=None, slug="x")


def test_figures_of_a_year_are_written_over_and_never_negative(province):
    facility = FacilityFactory(territory=province)
    services.record_year(facility=facility, year=2024, revenue=5_000_000_000, workers=12, actor=None)
    services.record_year(facility=facility, year=2024, revenue=6_000_000_000, workers=14, actor=None)
    assert FacilityYear.objects.get().revenue == 6_000_000_000
    found = refusal(services.record_year, facility=facility, year=2025, revenue=-1, actor=None)
    assert (found.code, str(found)) == ("figures_invalid", "Số tiền không được âm.")


def test_consent_is_given_and_withdrawn_with_an_audit_row_each():
    contact = ContactFactory(may_notify=False, consent_on=None)
    services.grant_consent(contact=contact, may_publish=True, on=ON, proof="Giấy ngày 01/03/2026", actor=None)
    contact.refresh_from_db()
    assert (contact.may_publish, contact.may_notify, contact.consent_on) == (True, False, ON)
    services.withdraw_consent(contact=contact, actor=None, reason="Cơ sở yêu cầu.")
    services.withdraw_consent(contact=contact, actor=None)
    contact.refresh_from_db()
    assert not contact.may_publish
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "facility.consent",
        "facility.consent_end",
    ]
    assert refusal(services.grant_consent, contact=contact, on=ON, actor=None).code == "no_consent_named"


@pytest.mark.parametrize(
    "kind, written, stored",
    [
        ("email", " Che@Example.VN ", "che@example.vn"),
        ("website", "example.vn/che", "https://example.vn/che"),
        ("phone", "0208 385 1234", "0208 385 1234"),
        ("other", "Gian hàng số 5", "Gian hàng số 5"),
    ],
)
def test_contacts_are_kept_in_one_form(kind, written, stored):
    contact = services.add_contact(facility=FacilityFactory(), kind=kind, value=written, actor=None)
    assert (contact.value, contact.may_publish, contact.may_notify) == (stored, False, False)


@pytest.mark.parametrize(
    "kind, written",
    [
        ("email", "khong phai thu"),
        ("website", "javascript:alert(1)"),
        ("website", ""),
        ("phone", "không có"),
        ("zalo", "12"),
    ],
)
def test_contacts_that_lead_nowhere_are_refused(kind, written):
    facility = FacilityFactory()
    found = refusal(services.add_contact, facility=facility, kind=kind, value=written, actor=None)
    assert (found.code, found.field) == ("contact_invalid", "value")
    assert not Contact.objects.exists()


def test_a_row_means_the_facility_of_its_tax_code_else_of_its_name(province, other_province):
    plain = FacilityFactory(name="HTX Một", territory=province)
    coded = FacilityFactory(name="HTX Hai", territory=province, tax_code="0100109106")
    assert queries.match(name="Tên khác", territory=other_province, tax_code="0100109106") == coded
    assert queries.match(name="htx  hai", territory=province) == coded
    assert queries.match(name="HTX Một", territory=province, tax_code="0101248141") == plain
    assert queries.match(name="HTX Hai", territory=province, tax_code="0101248141") is None
    assert queries.match(name="HTX Một", territory=other_province) is None


def test_one_name_with_two_tax_codes_is_ambiguous(province):
    FacilityFactory(name="HTX Hai", territory=province, tax_code="0100109106", slug="a")
    FacilityFactory(name="HTX Hai", territory=province, tax_code="0101248141", slug="b")
    assert refusal(queries.match, name="HTX Hai", territory=province).code == "ambiguous_facility"


def test_only_the_province_s_own_officers_edit(province, officer, leader, administrator):
    here, elsewhere = FacilityFactory(territory=province), FacilityFactory()
    rules.require_edit(officer, here)
    rules.require_edit(administrator, elsewhere)
    for user, facility in [(officer, elsewhere), (leader, here)]:
        with pytest.raises(Refusal) as caught:
            rules.require_edit(user, facility)
        assert caught.value.code == "not_your_province"
