"""Published totals of support beside the projects of the register; contradictions of the sources shown as such."""

from decimal import Decimal

import pytest

from extension.enums import Funding, ProjectState
from portal.pages.figures import compared
from portal.pages.support_figures import read
from products.models import PublishedFigure
from tests import factories as make

pytestmark = pytest.mark.django_db


def figure(territory, **facts) -> PublishedFigure:
    given = {
        "place": territory.name, "territory": territory, "period": "2018-2022", "year_from": 2018, "year_to": 2022,
        "what": "đề án khuyến công", "measure": "projects", "value": Decimal(2), "value_text": "2", "precision": "exact",
        "unit": "đề án", "source": "Báo Cao Bằng điện tử",
    }  # fmt: skip
    return PublishedFigure.objects.create(**given | facts)


@pytest.fixture
def projects(other_province):
    facts = {"territory": other_province, "is_public": True, "state": ProjectState.LIQUIDATED}
    first = make.ProjectFactory(
        **facts, year=2018, funding=Funding.NATIONAL, head=3, extension_funds=850_000_000, counterpart_funds=50_000_000
    )
    make.ProjectFactory(
        **facts, year=2022, funding=Funding.LOCAL, head=4, extension_funds=225_000_000, counterpart_funds=None
    )
    make.ProjectFactory(**facts | {"is_public": False}, year=2022)
    make.ProjectFactory(**facts | {"state": ProjectState.REGISTERED}, year=2022)
    make.ProjectFactory(**facts, year=2023)
    maker = make.FacilityFactory(territory=other_province, name="Hợp tác xã Tâm Hòa")
    make.BeneficiaryFactory(project=first, facility=maker, extension_funds=200_000_000, fair_revenue=308_000_000)
    return first


def counted(row: PublishedFigure):
    [line] = compared([row])
    return line.at_the_time and (line.at_the_time.value, line.at_the_time.agrees)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, (2, True)),
        ({"what": "đề án khuyến công quốc gia", "value": Decimal(20)}, (1, False)),
        ({"what": "đề án khuyến công cấp tỉnh", "value": Decimal(1)}, (1, True)),
        ({"what": "đề án hỗ trợ máy móc", "value": Decimal(1)}, (1, True)),
        ({"what": "tổng kinh phí", "measure": "funds", "value": Decimal(1075), "unit": "triệu đồng"}, (1075, True)),
        (
            {"what": "tổng kinh phí", "measure": "funds", "value": Decimal("1.1"), "unit": "tỷ đồng", "precision": "over",
             "note": "còn lại đối ứng"},
            (Decimal("1.125"), True),
        ),
        ({"what": "hỗ trợ HTX Tâm Hòa", "measure": "funds", "value": Decimal(200), "unit": "triệu đồng"}, (200, True)),
        ({"what": "cơ sở được hỗ trợ", "measure": "facilities_supported", "value": Decimal(1)}, (1, True)),
        (
            {"place": "HTX Tâm Hòa (Cao Bằng)", "what": "doanh thu tại hội chợ", "measure": "fair_sales",
             "value": Decimal(308), "unit": "triệu đồng"},
            (308, True),
        ),
    ],
)  # fmt: skip
def test_a_total_of_support_is_held_against_the_projects_it_speaks_of(projects, other_province, facts, said):
    assert counted(figure(other_province, **facts)) == said


@pytest.mark.parametrize(
    "facts",
    [
        {"what": "kế hoạch kinh phí khuyến công địa phương"},
        {"what": "đề nghị khuyến công quốc gia"},
        {"period": "6 tháng 2025"},
        {"period": "2025 đợt 1"},
        {"period": "10 năm", "year_from": None, "year_to": None},
    ],
)
def test_a_plan_a_wish_or_part_of_a_year_is_held_against_nothing(projects, other_province, facts):
    row = figure(other_province, **facts)
    assert read(row) is None
    assert counted(row) is None


def test_a_source_that_contradicts_itself_says_so_beside_the_count(projects, other_province, client):
    note = "Nguồn mâu thuẫn: 850 + 900 = 1.750, khác 1.075."
    figure(other_province, what="tổng kinh phí", measure="funds", value=Decimal(1075), unit="triệu đồng", note=note)
    page = client.get("/thong-ke/da-cong-bo/").content.decode()
    assert note in page
    assert "1.075 (khớp)" in page
    assert "1 số có nguồn tự mâu thuẫn" in page
