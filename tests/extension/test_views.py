import datetime as dt

import pytest

from portal.territory.models import Territory
from products.models import PublishedFigure
from tests.factories import (
    BeneficiaryFactory,
    FacilityFactory,
    ProjectFactory,
    RecognitionFactory,
    SuccessionFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/khuyen-cong/"


def words(response):
    return " ".join(response.content.decode().split())


def test_an_empty_list_says_what_to_do_next(client):
    assert "Chưa có đề án khuyến công nào được công bố." in words(client.get(LIST))


def test_a_filter_without_a_hit_offers_the_whole_list(client):
    ProjectFactory(funding="local")
    page = words(client.get(LIST, {"funding": "national"}))
    assert "Không có đề án đã công bố nào khớp điều kiện lọc." in page
    assert "xem mọi đề án" in page


@pytest.mark.parametrize(
    "query",
    [
        {"funding": "gold"},
        {"head": "12"},
        {"year": "năm"},
        {"province": "khong-co"},
        {"basis": "hom-qua"},
        {"page": "zz"},
    ],
)
def test_a_bad_value_is_ignored_and_named(client, query):
    project = ProjectFactory()
    response = client.get(LIST, query)
    assert response.status_code == 200
    assert project.name in words(response)
    if "page" not in query:
        assert f"không có trong danh mục: {next(iter(query.values()))}" in words(response)


def test_a_sum_that_was_only_asked_for_is_called_so(client):
    ProjectFactory(state="registered", extension_funds=450_000_000)
    page = words(client.get(LIST))
    assert "450 triệu đồng" in page
    assert "kinh phí đề nghị" in page
    assert "1 đề án mới đăng ký, chưa được duyệt nên chưa tính là hỗ trợ." in page


def test_a_sum_in_the_words_of_the_source_is_marked(client):
    ProjectFactory(extension_funds=None, counterpart_funds=None, published_sum="hơn 1,2 tỷ đồng")
    page = words(client.get(LIST))
    assert "hơn 1,2 tỷ đồng" in page
    assert "theo nguồn, không cộng" in page


def test_both_bases_of_territory_list_the_right_projects(client):
    succession = SuccessionFactory()
    old = ProjectFactory(territory=succession.predecessor, name="Đề án trước sáp nhập")
    new = ProjectFactory(territory=succession.successor, name="Đề án sau sáp nhập")
    slug = Territory.objects.get(pk=succession.successor_id).slug
    current = words(client.get(LIST, {"province": slug}))
    then = words(client.get(LIST, {"province": slug, "basis": "at_the_time"}))
    assert old.name in current
    assert new.name in current
    assert old.name not in then
    assert new.name in then


def test_a_contradiction_in_a_source_is_shown_as_one(client):
    PublishedFigure.objects.create(
        place="Cao Bằng",
        period="2022",
        what="tổng kinh phí",
        value_text="1.075",
        unit="triệu đồng",
        source="Báo Cao Bằng",
        note="Mâu thuẫn trong nguồn: 850 + 900 = 1.750 triệu đồng.",
    )
    page = words(client.get(LIST))
    assert "số liệu mâu thuẫn" in page
    assert "Mâu thuẫn trong nguồn: 850 + 900 = 1.750 triệu đồng." in page
    assert "không cộng vào tổng" in page


def test_a_project_shows_whom_it_supports(client):
    row = BeneficiaryFactory(turns=15, fair_revenue=308_000_000)
    page = words(client.get(f"{LIST}{row.project.slug}/"))
    assert row.facility.name in page
    assert "15 lượt" in page
    assert "308 triệu đồng" in page


def test_the_pages_are_only_read(client):
    assert client.options(LIST).status_code == 405


@pytest.mark.parametrize("slug", ["khong-co", "rieng-tu"])
def test_what_is_not_public_is_not_found(client, slug):
    ProjectFactory(slug="rieng-tu", is_public=False)
    assert client.get(f"{LIST}{slug}/").status_code == 404


def test_a_household_that_left_the_register_is_named_neither_on_the_page_nor_by_the_api(client):
    """One without a page whom the register never knew keeps its published name, but no address that leads nowhere."""
    project = ProjectFactory()
    told = RecognitionFactory(product__facility=FacilityFactory(name="Hợp tác xã Chè", kind="cooperative"))
    ended = {"revoked_on": dt.date(2024, 1, 1), "expires_on": dt.date(2025, 12, 31), "status_reason": "Vi phạm"}
    house = FacilityFactory(name="Hộ ông Mẫu", kind="household")
    lost = RecognitionFactory(product__facility=house, year=2023, issued_on=dt.date(2023, 1, 1), **ended)
    new = FacilityFactory(name="Công ty Mới", kind="company")
    for facility in (told.product.facility, lost.product.facility, new):
        BeneficiaryFactory(project=project, facility=facility)
    page = words(client.get(f"{LIST}{project.slug}/"))
    assert "Hộ ông Mẫu" not in page
    assert f'<a href="/co-so/{told.product.facility.slug}/">Hợp tác xã Chè</a>' in page
    rows = client.get(f"/api/v1/extension/projects/{project.slug}/").json()["beneficiaries"]
    assert [(row["name"], row["facility"] and row["facility"]["slug"]) for row in rows] == [
        ("Hợp tác xã Chè", told.product.facility.slug),
        ("Công ty Mới", None),
    ]
