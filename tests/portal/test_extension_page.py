"""The public page of industrial extension: sums that say what they leave out, charts and a map of the same numbers."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from extension.models import Call
from extension.queries import public_projects, totals, totals_by
from extension.reports.summary import summarise
from portal.pages import map as drawing
from portal.territory.enums import Basis
from portal.territory.models import Territory
from portal.territory.reference_data import load
from products import register
from tests.factories import BeneficiaryFactory, FairFactory, ProjectFactory, SuccessionFactory

pytestmark = pytest.mark.django_db
PAGE = "/khuyen-cong/"
ON = dt.date(2026, 11, 21)
BILLION = 1_000_000_000


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-21 09:00:00+07:00", tick=False):
        yield


def words(response):
    return " ".join(response.content.decode().split())


def call(**facts):
    territory = facts.pop("territory", None) or ProjectFactory().territory
    known = {
        "title": "Đợt đăng ký 2027", "title_en": "Call for 2027", "year": 2027, "funding": "local", "opens_on": ON,
        "closes_on": ON, "is_public": True,
    }  # fmt: skip
    return Call.objects.create(territory=territory, **{**known, **facts})


def test_the_sums_are_those_that_the_statistics_and_the_api_tell():
    unit = ProjectFactory(year=2024, funding="national").territory
    second = ProjectFactory(territory=unit, head=4, extension_funds=None, counterpart_funds=None, disbursed=None)
    BeneficiaryFactory(project=second, turns=3)
    ProjectFactory(territory=unit, state="registered")
    ProjectFactory(territory=unit, is_illustrative=True)
    found, whole = summarise(public_projects()), totals(public_projects())
    assert (found.total.projects, found.total.silent, found.total.facilities, found.total.turns) == (2, 1, 1, 3)
    assert found.total.extension_funds == whole.extension_funds == 200_000_000
    for by in ("year", "funding", "head", "province"):
        told = {
            key: (row.projects, row.extension_funds, row.counterpart_funds)
            for key, row in totals_by(public_projects(), by)
        }
        counted = getattr(found, f"by_{by}")
        assert {k: (s.projects, s.extension_funds, s.counterpart_funds) for k, s in counted.items()} == told


def test_both_bases_keep_or_join_a_former_province():
    succession = SuccessionFactory()
    ProjectFactory(territory=succession.predecessor)
    ProjectFactory(territory=succession.successor)
    now = summarise(public_projects(), basis=Basis.CURRENT).by_province
    then = summarise(public_projects(), basis=Basis.AT_THE_TIME).by_province
    assert {key: row.projects for key, row in now.items()} == {succession.successor_id: 2}
    assert {key: row.projects for key, row in then.items()} == {
        succession.successor_id: 1,
        succession.predecessor_id: 1,
    }


def test_seed_money_is_reckoned_of_projects_that_name_both_sources():
    ProjectFactory(extension_funds=12 * BILLION // 10, counterpart_funds=29 * BILLION // 10)
    ProjectFactory(extension_funds=BILLION, counterpart_funds=None)
    total = summarise(public_projects()).total
    assert (total.both, str(total.drawn_along)) == (1, "2.4")
    assert summarise(public_projects().none()).total.drawn_along is None


def test_the_page_says_how_many_sources_name_no_sum(client):
    ProjectFactory()
    ProjectFactory(extension_funds=None, counterpart_funds=None)
    page = words(client.get(PAGE))
    assert "1 đề án nguồn không nêu con số chính xác, không cộng vào đây" in page
    assert "1 đồng khuyến công đi cùng 1,5 đồng của cơ sở" in page


def test_charts_and_map_lead_to_the_projects_that_they_count(client):
    load()
    unit = Territory.objects.get(slug="lao-cai")
    ProjectFactory(territory=unit, year=2024)
    ProjectFactory(territory=unit, year=2025, head=4)
    html = client.get(PAGE).content.decode()
    assert re.findall(r'<a href="/khuyen-cong/\?province=lao-cai" aria-label="([^"]+)"', html) == ["Lào Cai: 2 đề án"]
    assert "Hoàng Sa" in html
    assert "lượt công nhận" not in html
    for query in re.findall(r'<th scope="row"><a href="(\?[^"]+)"', html):
        listed = client.get(PAGE + query.replace("&amp;", "&"))
        assert listed.context["totals"].projects in {1, 2}


def test_filters_narrow_sums_charts_map_and_list_alike(client):
    kept = ProjectFactory(year=2024, name="Máy ép gạch")
    ProjectFactory(year=2025, name="Hội chợ")
    answer = client.get(PAGE, {"year": "2024"})
    assert answer.context["totals"].projects == 1
    assert [row.label for row in answer.context["rows"]] == [str(kept.territory.name)]
    assert "Hội chợ</a>" not in words(answer)
    assert 'content="noindex, follow"' in words(answer)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "Nhận đến hết ngày 21/11/2026"),
        ({"opens_on": ON + dt.timedelta(days=1), "closes_on": ON + dt.timedelta(days=9)}, "Nhận từ 22/11/2026"),
        ({"opens_on": ON - dt.timedelta(days=9), "closes_on": ON - dt.timedelta(days=1)}, ""),
        ({"is_public": False}, ""),
    ],
)
def test_a_call_stands_on_the_page_until_the_end_of_its_last_day(client, facts, shown):
    call(**facts)
    page = words(client.get(PAGE))
    assert ("Đợt đăng ký 2027" in page) == bool(shown)
    assert shown in page


def test_english_pages_name_calls_and_fairs_in_english(client):
    call()
    FairFactory(name="Hội chợ xuân", name_en="Spring fair", starts_on=ON, ends_on=ON)
    page = words(client.get("/en/khuyen-cong/"))
    assert "Call for 2027" in page
    assert "Spring fair" in page


def test_a_call_moves_the_mark_that_pages_are_kept_under():
    assert register.is_watched(Call)


def test_later_pages_hold_the_list_only(client):
    for _number in range(21):
        ProjectFactory()
    page = client.get(PAGE, {"page": 2})
    assert "totals" not in page.context
    assert len(page.context["page"].object_list) == 1


def test_the_page_costs_the_same_for_one_and_for_many_projects(client, django_assert_max_num_queries):
    costs = []
    for rows in (1, 15):
        for number in range(rows):
            BeneficiaryFactory(project=ProjectFactory(year=2010 + number))
        call(territory=Territory.objects.first(), title=f"Đợt {timezone.now()}{rows}")
        client.get(PAGE)
        with django_assert_max_num_queries(20) as asked:
            client.get(PAGE, {"x": rows})
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_a_map_without_other_words_speaks_of_recognitions():
    assert drawing.said("Hà Nội", 5) == "Hà Nội: 5 lượt công nhận"
    assert [text for _place, text in drawing.legend()][-1] == "chưa có lượt nào"
