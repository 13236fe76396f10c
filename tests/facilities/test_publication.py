"""What of a facility the public may see."""

import datetime as dt
from decimal import Decimal

import pytest

from facilities import publication
from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.territory.models import Commune
from tests import factories as make

PIN = {"latitude": Decimal("21.5"), "longitude": Decimal("105.8")}
ADDRESS = "Số 5, xóm Nam, xã Tân Cương, TP. Thái Nguyên"


def facility(kind: str, **facts) -> Facility:
    return Facility(name="Cơ sở mẫu", kind=kind, address_recognised=ADDRESS, **{**PIN, **facts})


def test_a_firm_shows_its_address_and_pin():
    firm = facility(FacilityKind.ENTERPRISE, address_today="Số 5, phường Tân Cương, Thái Nguyên")
    assert publication.public_address(firm) == "Số 5, phường Tân Cương, Thái Nguyên"
    assert publication.public_address_recognised(firm) == ADDRESS
    assert publication.public_pin(firm) == (Decimal("21.5"), Decimal("105.8"))


@pytest.mark.parametrize("kind", [FacilityKind.HOUSEHOLD, FacilityKind.UNKNOWN])
def test_of_a_household_only_the_commune_is_shown(kind):
    household = facility(kind)
    assert publication.public_address(household) == "xã Tân Cương"
    assert publication.public_address_recognised(household) == "xã Tân Cương"
    assert publication.public_pin(household) is None
    household.commune = Commune(name="Tân Cương", kind="ward")
    assert publication.public_address(household) == "Phường Tân Cương"


def test_a_personal_id_makes_any_kind_a_person():
    assert publication.public_pin(facility(FacilityKind.COOPERATIVE, tax_code="079123456789")) is None


@pytest.mark.parametrize(
    "address, commune",
    [
        (ADDRESS, "xã Tân Cương"),
        ("Thôn 2 - xã Phù Lãng - Bắc Ninh", "xã Phù Lãng"),
        ("Tổ 5, P. Quang Trung; Thái Nguyên", "P. Quang Trung"),
        ("Thị trấn Chũ, Lục Ngạn", "Thị trấn Chũ"),
        ("12 Lê Lợi, Hà Nội", ""),
        ("", ""),
    ],
)
def test_the_commune_is_read_from_an_address(address, commune):
    assert publication.commune_of(address) == commune


@pytest.mark.django_db
def test_a_household_that_left_the_register_is_named_nowhere_and_no_other_facility_is_silenced():
    on = dt.date(2026, 1, 1)
    ended = {"revoked_on": dt.date(2024, 1, 1), "expires_on": dt.date(2025, 12, 31), "status_reason": "Vi phạm"}
    makers = {
        name: make.FacilityFactory(name=name, kind=kind)
        for name, kind in (
            ("lost", "household"),
            ("kept", "household"),
            ("never", "household"),
            ("firm", FacilityKind.COOPERATIVE),
        )
    }
    for name in ("lost", "kept", "firm"):
        make.RecognitionFactory(product__facility=makers[name], year=2023, issued_on=dt.date(2023, 1, 1), **ended)
    make.RecognitionFactory(product__facility=makers["kept"], expires_on=dt.date(2027, 12, 31))
    assert list(Facility.objects.withheld(on=on)) == [makers["lost"]]
    assert not Facility.objects.withheld(on=dt.date(2025, 12, 31)).exists()
