"""The page of a facility."""

import datetime as dt
import json
import re
from html import unescape

import pytest
from django.test import Client

from facilities.enums import FacilityKind
from facilities.models import Facility, FacilityYear
from tests.factories import (
    BeneficiaryFactory,
    ContactFactory,
    FacilityFactory,
    ProductFactory,
    ProjectFactory,
    RecognitionFactory,
    SuccessionFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def text_of(client: Client, facility: Facility) -> str:
    response = client.get(f"/co-so/{facility.slug}/")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


@pytest.fixture
def maker(province) -> Facility:
    return FacilityFactory(name="HTX chè mẫu", territory=province)


def test_it_shows_products_recognitions_and_support(client, maker):
    RecognitionFactory(
        product=ProductFactory(name="Chè móc câu", facility=maker), level="national", year=2025, issued_on=None
    )
    BeneficiaryFactory(project=ProjectFactory(name="Hỗ trợ máy sấy"), facility=maker, extension_funds=200_000_000)
    BeneficiaryFactory(project=ProjectFactory(name="Đề án kín", is_public=False), facility=maker)
    text = text_of(client, maker)
    for said in ("Chè móc câu", "Cấp quốc gia", "Hỗ trợ máy sấy", "200 triệu đồng"):
        assert said in text
    assert "Đề án kín" not in text


def test_a_facility_without_a_published_product_has_no_page(client, maker):
    RecognitionFactory(product=ProductFactory(facility=maker), published_at=None)
    assert client.get(f"/co-so/{maker.slug}/").status_code == 404


def test_only_contacts_with_consent_to_publish_are_shown(client, maker):
    RecognitionFactory(product=ProductFactory(facility=maker))
    ContactFactory(facility=maker, kind="phone", value="0280 123 456", may_publish=True)
    ContactFactory(facility=maker, value="kin@example.vn", may_publish=False)
    text = text_of(client, maker)
    assert 'href="tel:0280123456"' in text
    assert "kin@example.vn" not in text


def test_without_consent_that_is_said(client, maker):
    RecognitionFactory(product=ProductFactory(facility=maker))
    assert "Cơ sở chưa đồng ý công bố" in text_of(client, maker)


def test_a_household_is_shown_as_in_the_decision_with_its_commune_and_nothing_more(client, province):
    household = FacilityFactory(
        name="Hộ kinh doanh mẫu",
        kind=FacilityKind.HOUSEHOLD,
        territory=province,
        tax_code="012345678901",
        address_recognised="Số 12, xóm Hồng Thái 2, xã Tân Cương, thành phố Thái Nguyên",
        latitude="21.59420",
        longitude="105.84820",
        founded_year=1999,
    )
    FacilityYear.objects.create(facility=household, year=2024, revenue=1_234_567_890)
    ContactFactory(facility=household, kind="phone", value="0912", person="Người liên hệ", may_publish=True)
    RecognitionFactory(product=ProductFactory(facility=household))
    text = text_of(client, household)
    assert "Hộ kinh doanh mẫu" in text
    assert "Xã Tân Cương, thành phố Thái Nguyên" in text
    for hidden in ("Số 12", "Hồng Thái", "012345678901", "105.84", "105,84", "1.234.567.890", "Người liên hệ", "1999"):
        assert hidden not in text


def test_no_page_shows_a_tax_code_or_money_earned(client, maker):
    maker.tax_code = "4600000001"
    maker.save()
    FacilityYear.objects.create(facility=maker, year=2024, revenue=7_654_321_000)
    RecognitionFactory(product=ProductFactory(facility=maker))
    text = text_of(client, maker)
    assert "4600000001" not in text
    assert "7.654.321.000" not in text


def test_province_then_and_now(client):
    former = TerritoryFactory(name="Vĩnh Phúc", slug="vinh-phuc-2025", valid_to=dt.date(2025, 6, 30))
    today = TerritoryFactory(name="Phú Thọ", slug="phu-tho", valid_from=dt.date(2025, 7, 1))
    SuccessionFactory(predecessor=former, successor=today)
    maker = FacilityFactory(territory=former)
    RecognitionFactory(product=ProductFactory(facility=maker))
    assert "Vĩnh Phúc, nay thuộc Phú Thọ" in text_of(client, maker)


def test_it_costs_the_same_number_of_queries_for_1_3_and_50_products(client, maker, django_assert_num_queries):
    for total in (1, 3, 50):
        while maker.products.count() < total:
            RecognitionFactory(product=ProductFactory(facility=maker))
            BeneficiaryFactory(facility=maker)
        client.get(f"/co-so/{maker.slug}/")
        with django_assert_num_queries(1 + 11):  # the register's mark, and the page
            client.get(f"/co-so/{maker.slug}/")


@pytest.mark.parametrize(("kind", "told"), [(FacilityKind.COOPERATIVE, True), (FacilityKind.HOUSEHOLD, False)])
def test_fairs_are_told_apart_and_a_household_s_sales_never(client, maker, kind, told):
    Facility.objects.filter(pk=maker.pk).update(kind=kind)
    product = RecognitionFactory(product=ProductFactory(facility=maker)).product
    project = ProjectFactory(name="Hội chợ mẫu", state="liquidated")
    BeneficiaryFactory(project=project, facility=maker, product=product, turns=3, fair_revenue=308_000_000)
    text = text_of(client, maker)
    assert ("Hội chợ, triển lãm" in text, "308 triệu" in text) == (True, told)
    page = " ".join(client.get(f"/san-pham/{product.slug}/").content.decode().split())
    assert ("308 triệu" in page) is told
    assert ("3 lượt tham gia" in page) is not told


def test_the_organisation_is_told_to_search_engines_without_an_address(client, maker):
    RecognitionFactory(product=ProductFactory(name="Chè móc câu", facility=maker))
    Facility.objects.filter(pk=maker.pk).update(address_recognised="Số 5, xã Tân Cương", tax_code="4600000000")
    page = client.get(f"/co-so/{maker.slug}/").content.decode()
    said = re.search(r'ld\+json">(.*?)</script>', page, re.DOTALL).group(1)
    organisation, crumbs = json.loads(said)["@graph"]
    assert (organisation["@type"], organisation["owns"][0]["name"]) == ("Organization", "Chè móc câu")
    assert crumbs["itemListElement"][-1]["name"] == "HTX chè mẫu"
    assert "Số 5" not in said
    assert "4600000000" not in page
    assert f'href="/co-so/{maker.slug}/lien-he/"' in page
