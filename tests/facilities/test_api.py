"""`/api/v1/facilities/`: the public part of the register."""

from decimal import Decimal

import pytest
from rest_framework.test import APIRequestFactory

from facilities.api import FacilityViewSet
from tests.factories import ContactFactory, FacilityFactory, ProductFactory, RecognitionFactory, SuccessionFactory

pytestmark = pytest.mark.django_db


def ask(slug: str | None = None, **params):
    request = APIRequestFactory().get("/api/v1/facilities/", params)
    if slug:
        return FacilityViewSet.as_view({"get": "retrieve"})(request, slug=slug)
    return FacilityViewSet.as_view({"get": "list"})(request)


def public(**facts):
    facility = FacilityFactory(**facts)
    RecognitionFactory(product=ProductFactory(facility=facility))
    return facility


def names(answer) -> list[str]:
    return [row["name"] for row in answer.data["results"]]


def test_only_facilities_with_a_published_recognition_are_listed():
    public(name="HTX Một")
    FacilityFactory(name="HTX Hai")
    RecognitionFactory(product=ProductFactory(facility=FacilityFactory(name="HTX Ba")), published_at=None)
    answer = ask()
    assert (answer.data["count"], names(answer)) == (1, ["HTX Một"])


def test_a_facility_is_told_without_tax_code_or_figures():
    merger = SuccessionFactory(predecessor__name="Vĩnh Phúc", successor__name="Phú Thọ")
    facility = public(
        name="HTX Một",
        territory=merger.predecessor,
        tax_code="0100109106",
        address_recognised="Số 5, xã A",
        latitude=Decimal("21.5"),
        longitude=Decimal("105.8"),
    )
    ContactFactory(facility=facility, value="kin@example.vn")
    ContactFactory(facility=facility, value="mo@example.vn", may_publish=True)
    data = ask(facility.slug).data
    assert data["province"] == {"slug": merger.successor.slug, "name": "Phú Thọ"}
    assert data["province_at_the_time"] == {"slug": merger.predecessor.slug, "name": "Vĩnh Phúc"}
    assert data["contacts"] == [{"kind": "email", "value": "mo@example.vn"}]
    assert (data["address"], data["location"]["latitude"]) == ("Số 5, xã A", "21.50000")
    assert "0100109106" not in str(data)
    assert not {"tax_code", "revenue", "years"} & set(data)


def test_of_a_household_only_the_commune_is_told():
    household = public(
        name="Hộ kinh doanh Mẫu",
        kind="household",
        tax_code="079123456789",
        address_recognised="Số 5, xã Tân Cương, Thái Nguyên",
        latitude=Decimal("21.5"),
        longitude=Decimal("105.8"),
    )
    data = ask(household.slug).data
    assert (data["address"], data["address_recognised"], data["location"]) == ("xã Tân Cương", "xã Tân Cương", None)
    assert "079123456789" not in str(data)


def test_an_unpublished_facility_is_404():
    assert ask(FacilityFactory().slug).status_code == 404


def test_filters_narrow_and_a_repeated_key_means_or():
    public(name="HTX chè Một", kind="cooperative")
    public(name="Công ty Hai", kind="enterprise")
    public(name="Hộ Ba", kind="household")
    assert names(ask(kind=["cooperative", "enterprise"])) == ["Công ty Hai", "HTX chè Một"]
    assert names(ask(q="che MOT")) == ["HTX chè Một"]


def test_a_province_of_today_takes_in_the_former_ones_unless_asked_otherwise():
    merger = SuccessionFactory()
    public(name="HTX Cũ", territory=merger.predecessor)
    public(name="HTX Mới", territory=merger.successor)
    now, then = merger.successor.slug, merger.predecessor.slug
    assert names(ask(province=now)) == ["HTX Cũ", "HTX Mới"]
    assert names(ask(province=now, basis="at_the_time")) == ["HTX Mới"]
    assert names(ask(province=then, basis="at_the_time")) == ["HTX Cũ"]
    assert names(ask(province=then)) == ["HTX Cũ", "HTX Mới"]


@pytest.mark.parametrize("name", ["kind", "province", "basis"])
def test_an_unknown_value_of_a_filter_is_400_with_a_sentence(name):
    answer = ask(**{name: "gi-do"})
    assert answer.status_code == 400
    assert str(answer.data[name][0]).startswith("Không có giá trị “gi-do”.")


def test_a_page_costs_the_same_for_one_and_for_twenty(django_assert_num_queries):
    public()
    ask()
    for count in (0, 19):
        for _number in range(count):
            ContactFactory(facility=public(), may_publish=True)
        ask()  # reads the register of provinces, which the new rows made the cache forget
        with django_assert_num_queries(4):
            ask()
