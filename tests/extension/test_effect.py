import pytest
from django.urls import reverse

from extension.results import effect
from extension.results.effect import Life
from products.models import Recognition
from tests.factories import BeneficiaryFactory, ProductFactory, ProjectFactory, RecognitionFactory, staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("supported", "when"),
    [((), "never"), ((2020,), "before"), ((2021,), "before"), ((2022,), "after"), ((2020, 2023), "both")],
)
def test_support_stands_before_or_after_the_first_recognition(supported, when):
    assert Life(1, (("province", 2021), ("region", 2023)), supported).when == when


def test_recognised_again_is_the_same_level_twice_and_raised_a_higher_one_later():
    again = Life(1, (("province", 2021), ("province", 2024)))
    higher = Life(2, (("province", 2021), ("region", 2022)))
    together = Life(3, (("province", 2021), ("region", 2021)))
    assert [(one.renewed, one.raised) for one in (again, higher, together)] == [
        (True, False), (False, True), (False, False),
    ]  # fmt: skip


def test_a_product_is_supported_by_name_or_with_its_facility_but_not_by_a_stopped_or_a_sample_project(province):
    named, whole, stopped, sample = (RecognitionFactory(territory=province, year=2022).product for _n in range(4))
    BeneficiaryFactory(project=project(province), facility=named.facility, product=named)
    BeneficiaryFactory(project=project(province), facility=whole.facility)
    BeneficiaryFactory(project=project(province, state="stopped"), facility=stopped.facility)
    BeneficiaryFactory(project=project(province, is_illustrative=True), facility=sample.facility)
    neighbour = ProductFactory(facility=named.facility)
    RecognitionFactory(product=neighbour, territory=province, year=2022)
    found = effect.effect_of(Recognition.objects.published())
    supported = {life.product_id for life in found.lives if life.supported}
    assert supported == {named.pk, whole.pk}
    assert (found.total, found.supported.products, found.share) == (5, 2, 40)


def test_samples_stand_in_only_where_no_project_is_real_and_the_page_says_so(client, province):
    client.force_login(staff("leader", province))
    RecognitionFactory(territory=province, year=2022)
    sample = RecognitionFactory(territory=province, year=2022, is_illustrative=True).product
    BeneficiaryFactory(project=project(province, is_illustrative=True), facility=sample.facility)
    page, said = reverse("admin:support_effect"), "nên đây là số liệu minh họa"
    shown = client.get(page)
    assert (shown.context["effect"].share, said in shown.content.decode()) == (100, True)
    project(province)
    shown = client.get(page)
    assert (shown.context["effect"].share, said in shown.content.decode()) == (0, False)


def project(province, **facts):
    return ProjectFactory(
        **({"territory": province, "state": "running", "year": 2021, "is_illustrative": False} | facts)
    )


def test_the_page_answers_the_leader_and_costs_the_same_for_one_product_and_many(
    client, province, django_assert_max_num_queries
):
    client.force_login(staff("leader", province))
    page = reverse("admin:support_effect")
    counts = []
    for many in (1, 2, 40):
        for _n in range(many):
            row = RecognitionFactory(territory=province, year=2022)
            BeneficiaryFactory(project=project(province), facility=row.product.facility)
        with django_assert_max_num_queries(40) as found:
            said = client.get(page, {"cap": "province", "tu": "2020", "den": "x", "nhom": "before"})
        assert said.status_code == 200
        counts.append(len(found))
    assert "<b>100\N{NO-BREAK SPACE}%</b>" in said.content.decode()
    assert counts[1] == counts[2], counts
