import pytest
from django.core.cache import cache

from extension import queries
from extension.enums import ProjectState
from extension.models import Project
from portal.territory.enums import Basis
from products.models import PublishedFigure
from tests.factories import (
    BeneficiaryFactory,
    FacilityFactory,
    ProductFactory,
    ProjectFactory,
    SuccessionFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged():
    """A former unit and the one it went into, each with one granted project of 100 and 30 đồng."""
    succession = SuccessionFactory()
    cache.clear()
    ProjectFactory(territory=succession.predecessor, extension_funds=100)
    ProjectFactory(territory=succession.successor, extension_funds=30)
    return succession


def test_a_facility_counts_once_and_its_turns_add_up():
    facility = FacilityFactory()
    for turns in (15, 7):
        BeneficiaryFactory(facility=facility, turns=turns)
    BeneficiaryFactory(turns=1)
    found = queries.totals(queries.public_projects())
    assert (found.projects, found.facilities, found.turns) == (3, 2, 23)
    assert found.extension_funds == 3 * 200_000_000


@pytest.mark.parametrize("state", [ProjectState.REGISTERED, ProjectState.STOPPED])
def test_what_was_only_asked_for_or_given_up_counts_nowhere(state):
    row = BeneficiaryFactory(project__state=state)
    assert queries.totals(queries.public_projects()) == queries.Totals()
    assert queries.support_of_facility(row.facility) == []


def test_the_current_basis_counts_a_former_province_under_its_successor(merged):
    by_today = dict(queries.totals_by(Project.objects.all(), "province", basis=Basis.CURRENT))
    by_then = dict(queries.totals_by(Project.objects.all(), "province", basis=Basis.AT_THE_TIME))
    assert {key: row.extension_funds for key, row in by_today.items()} == {merged.successor_id: 130}
    assert {key: row.extension_funds for key, row in by_then.items()} == {
        merged.predecessor_id: 100,
        merged.successor_id: 30,
    }


def test_the_province_filter_means_the_family_or_the_unit_alone(merged):
    family = queries.territory_ids_of(merged.successor.slug, Basis.CURRENT)
    alone = queries.territory_ids_of(merged.successor.slug, Basis.AT_THE_TIME)
    assert (family, alone) == (
        frozenset({merged.successor_id, merged.predecessor_id}),
        frozenset({merged.successor_id}),
    )
    assert queries.public_projects(queries.Chosen(territory_ids=family)).count() == 2


def test_a_project_over_several_years_is_found_in_each_of_them():
    project = ProjectFactory(year=2022, year_to=2025)
    for year, hits in ((2021, []), (2022, [project]), (2024, [project]), (2026, [])):
        assert list(queries.public_projects(queries.Chosen(years=(year,)))) == hits


def test_words_are_found_without_diacritics():
    project = ProjectFactory(name="Ứng dụng máy sấy miến dong")
    ProjectFactory(name="Phòng trưng bày")
    found = queries.public_projects(queries.Chosen(words=queries.search_words("MAY say mien")))
    assert list(found) == [project]


def test_what_is_not_public_is_not_listed():
    ProjectFactory(is_public=False)
    assert not queries.public_projects().exists()


def test_support_of_a_product_includes_what_its_facility_received_as_a_whole():
    product = ProductFactory()
    sibling = ProductFactory(facility=product.facility, territory=product.territory)
    whole = BeneficiaryFactory(facility=product.facility, project__year=2022)
    own = BeneficiaryFactory(facility=product.facility, product=product, project__year=2025)
    BeneficiaryFactory(facility=product.facility, product=sibling)
    assert [line.beneficiary for line in queries.support_of_product(product)] == [own, whole]
    assert len(queries.support_of_facility(product.facility)) == 3


def figure(**facts):
    known = {
        "place": "Cao Bằng",
        "period": "2022",
        "what": "tổng kinh phí",
        "value_text": "1.075",
        "source": "Báo tỉnh",
    }
    return PublishedFigure.objects.create(**(known | facts))


def test_only_figures_about_support_stand_beside_the_list():
    territory = TerritoryFactory()
    shown = figure(year_from=2022, year_to=2022, territory=territory)
    figure(what="sản phẩm cấp tỉnh", level="province")
    figure(what="cơ sở đăng ký")
    groups = queries.published_figures(queries.Chosen())
    assert [group.figures for group in groups] == [(shown,)]
    assert queries.published_figures(queries.Chosen(years=(2021,))) == []
    assert queries.published_figures(queries.Chosen(territory_ids=frozenset({territory.pk}))) == groups


def test_a_source_that_disagrees_with_itself_is_known_as_such():
    assert queries.contradicts(figure(note="Mâu thuẫn trong nguồn: 850 + 900 = 1.750 triệu đồng."))
    assert not queries.contradicts(figure(period="2021", note="24 tỉnh và 20 quốc gia."))


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_the_list_costs_the_same_for_any_number_of_projects(client, rows, django_assert_num_queries):
    for number in range(rows):
        BeneficiaryFactory(project__name=f"Đề án {number}", project__slug=f"de-an-{number}")
    client.get("/khuyen-cong/")
    with django_assert_num_queries(1 + 12):  # the register's mark, and the page
        assert client.get("/khuyen-cong/").status_code == 200


def test_a_project_page_costs_the_same_for_any_number_of_beneficiaries(client, django_assert_num_queries):
    project = ProjectFactory()
    for _ in range(5):
        BeneficiaryFactory(project=project)
    with django_assert_num_queries(1 + 2):  # the register's mark, and the page
        assert client.get(f"/khuyen-cong/{project.slug}/").status_code == 200
