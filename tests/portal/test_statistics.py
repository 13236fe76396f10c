"""Figures on both bases: what is counted, what is distinct, what stands apart."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.territory.models import Territory
from products.enums import Level, ProductGroup, Stage
from products.models import PublishedFigure
from rounds.enums import DossierState, RoundState
from rounds.models import Result
from tests import factories

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/statistics/recognitions/"


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel("2026-11-21 09:00:00+07:00", tick=False):
        yield


@pytest.fixture
def merged() -> tuple[Territory, Territory, Territory]:
    """Bình Định and the former Gia Lai, which became Gia Lai."""
    one = factories.TerritoryFactory(name="Bình Định", slug="binh-dinh-2025", valid_to=dt.date(2025, 6, 30))
    two = factories.TerritoryFactory(name="Gia Lai", slug="gia-lai-2025", valid_to=dt.date(2025, 6, 30))
    now = factories.TerritoryFactory(name="Gia Lai", slug="gia-lai", valid_from=dt.date(2025, 7, 1))
    factories.SuccessionFactory(predecessor=one, successor=now)
    factories.SuccessionFactory(predecessor=two, successor=now)
    return one, two, now


def ask(client: Client, address: str = ADDRESS, expect: int = 200, /, **query: Any) -> Any:
    response = client.get(address, query)
    assert response.status_code == expect, response.content
    return response.json()


def counted(answer: Any) -> dict[str, int]:
    return {row["key"]: row["recognitions"] for row in answer["rows"]}


def test_recognitions_are_singles_plus_sets_and_makers_are_distinct(client: Client) -> None:
    facility = factories.FacilityFactory()
    single = factories.ProductFactory(facility=facility)
    factories.RecognitionFactory(product=single, year=2020)
    factories.RecognitionFactory(product=single, year=2024)
    boxed = factories.ProductFactory(facility=facility, is_set=True)
    factories.SetMemberFactory.create_batch(3, product_set=boxed)
    factories.RecognitionFactory(product=boxed)
    factories.RecognitionFactory(product=factories.ProductFactory(facility=None))
    factories.RecognitionFactory(published_at=None)
    factories.RecognitionFactory(stage=Stage.PROPOSED, issued_on=None, expires_on=None, published_at=None)
    assert ask(client)["total"] == {"recognitions": 4, "singles": 3, "sets": 1, "products": 3, "facilities": 1}


def test_a_former_province_counts_under_its_successor_or_apart(client: Client, merged: Any) -> None:
    one, two, now = merged
    for unit in (one, one, two, now):
        factories.RecognitionFactory(product__facility__territory=unit)
    current = ask(client, by="province")
    assert [(row["key"], row["label"], row["recognitions"]) for row in current["rows"]] == [("gia-lai", "Gia Lai", 4)]
    then = ask(client, by="province", basis="at_the_time")
    assert counted(then) == {"binh-dinh-2025": 2, "gia-lai": 1, "gia-lai-2025": 1}
    assert {row["key"]: row["label"] for row in then["rows"]}["gia-lai-2025"] == "Gia Lai (đến 2025)"


def test_a_product_recognised_before_and_after_a_merger_is_one_product_on_the_current_basis(
    client: Client, merged: Any
) -> None:
    one, _two, now = merged
    product = factories.ProductFactory(facility__territory=one)
    factories.RecognitionFactory(product=product, year=2023, territory=one)
    factories.RecognitionFactory(product=product, year=2025, territory=now)
    [row] = ask(client, by="province")["rows"]
    assert (row["recognitions"], row["products"], row["facilities"]) == (2, 1, 1)


def test_a_province_filter_follows_the_basis(client: Client, merged: Any) -> None:
    one, _two, now = merged
    factories.RecognitionFactory(product__facility__territory=one)
    factories.RecognitionFactory(product__facility__territory=now)
    assert ask(client, province="gia-lai")["total"]["recognitions"] == 2
    assert ask(client, province="gia-lai", basis="at_the_time")["total"]["recognitions"] == 1
    assert ask(client, province="binh-dinh-2025", basis="at_the_time")["total"]["recognitions"] == 1


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("level", {"national": 1, "province": 2}),
        ("group", {"handicraft": 1, "processing": 2}),
        ("year", {"2020": 2, "2023": 1}),
        ("facility_kind", {"cooperative": 2, "unknown": 1}),
    ],
)
def test_rows_by_every_question(client: Client, by: str, keys: dict[str, int]) -> None:
    factories.RecognitionFactory(level=Level.NATIONAL, year=2023)
    factories.RecognitionFactory(year=2020, product__group=ProductGroup.HANDICRAFT)
    factories.RecognitionFactory(year=2020, product=factories.ProductFactory(facility=None))
    assert counted(ask(client, by=by)) == keys


def test_years_are_inclusive_and_status_is_of_today(client: Client) -> None:
    for year in (2019, 2020, 2021, 2022):
        factories.RecognitionFactory(year=year)
    factories.RecognitionFactory(year=2023, expires_on=dt.date(2026, 11, 20))
    assert ask(client, **{"from": "2020"}, to="2021")["total"]["recognitions"] == 2
    assert ask(client, status="expired")["total"]["recognitions"] == 1
    assert ask(client)["total"]["recognitions"] == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("by", "colour"), ("level", "x"), ("province", "x"), ("basis", "x"), ("from", "hai nghìn"), ("status", "x")],
)
def test_an_unknown_value_is_answered_with_400(client: Client, name: str, value: str) -> None:
    assert ask(client, ADDRESS, 400, **{name: value})[name][0].endswith(".")


def figure(**changes: Any) -> PublishedFigure:
    facts: dict[str, Any] = {
        "place": "Cả nước", "period": "2025 (lần VI)", "year_from": 2025, "year_to": 2025, "measure": "recognised",
        "what": "sản phẩm đạt cấp quốc gia", "level": Level.NATIONAL, "value": Decimal(108), "value_text": "108",
        "source": "Bản tin",
    }  # fmt: skip
    return PublishedFigure.objects.create(**facts | changes)


def test_published_totals_stand_apart(client: Client, merged: Any) -> None:
    figure()
    figure(place="Bình Định", territory=merged[0], level="", value=None, value_text="40 / 20 / 8", precision="text")
    figure(what="đề án", measure="projects", level="")
    answer = ask(client)
    assert answer["total"]["recognitions"] == 0
    assert [(row["place"], row["value_text"]) for row in answer["published"]] == [
        ("Bình Định", "40 / 20 / 8"),
        ("Cả nước", "108"),
    ]
    assert [row["place"] for row in ask(client, province="gia-lai")["published"]] == ["Bình Định"]
    assert ask(client, status="valid")["published"] == []
    assert ask(client, to="2024")["published"] == []


def test_statistics_cost_the_same_for_one_and_many(client: Client) -> None:
    costs = []
    for more in (1, 2, 47):
        factories.RecognitionFactory.create_batch(more)
        ask(client, by="province")  # the register of provinces is kept again
        with CaptureQueriesContext(connection) as seen:
            ask(client, by="province")
        costs.append(len(seen))
    assert len(set(costs)) == 1


# --- rounds -------------------------------------------------------------------------------------------------


def test_a_round_counts_its_dossiers_by_group_and_its_result_once_announced(client: Client) -> None:
    one = factories.RoundFactory(state=RoundState.DELIBERATION, year=2025)
    first = factories.DossierFactory(round=one, first_time=True)
    factories.DossierFactory(round=one, product__group=ProductGroup.HANDICRAFT, state=DossierState.SUBMITTED)
    factories.DossierFactory(round=one, state=DossierState.DRAFT, submitted_at=None)
    Result.objects.create(dossier=first, sheets=7, points=Decimal(560), divisor=7, passed=True, rank=1)
    first.recognition = factories.RecognitionFactory(product=first.product, published_at=None)
    first.save()
    address = "/api/v1/statistics/rounds/"
    [row] = ask(client, address)["results"]
    assert (row["dossiers"], row["facilities"], row["first_time"], row["eligible"]) == (2, 2, 1, 1)
    assert [row[name] for name in ("scored", "passed", "recognised", "singles", "sets")] == [None] * 5
    one.state, one.decision = RoundState.ANNOUNCED, factories.DecisionFactory()
    one.announced_at = timezone.now()
    one.save()
    [row] = ask(client, address)["results"]
    assert [row[name] for name in ("scored", "passed", "recognised", "singles", "sets")] == [1, 1, 1, 1, 0]
    assert [(group["key"], group["dossiers"]) for group in row["groups"]] == [("handicraft", 1), ("processing", 1)]


def test_drafts_and_cancelled_rounds_are_not_told(client: Client) -> None:
    factories.RoundFactory(state=RoundState.DRAFT)
    assert ask(client, "/api/v1/statistics/rounds/")["count"] == 0
    assert ask(client, "/api/v1/rounds/")["count"] == 0


# --- extension ----------------------------------------------------------------------------------------------


def test_support_is_summed_in_dong_and_turns_are_not_facilities(client: Client) -> None:
    facility = factories.FacilityFactory()
    for year in (2024, 2025):
        project = factories.ProjectFactory(year=year, disbursed=100_000_000)
        factories.BeneficiaryFactory(project=project, facility=facility, turns=3)
    factories.ProjectFactory(is_public=False)
    answer = ask(client, "/api/v1/statistics/extension/", by="year")
    assert answer["total"] == {
        "projects": 2,
        "facilities": 1,
        "turns": 6,
        "extension_funds": 400_000_000,
        "counterpart_funds": 600_000_000,
        "disbursed": 200_000_000,
    }
    assert [(row["key"], row["projects"], row["facilities"]) for row in answer["rows"]] == [
        ("2024", 1, 1),
        ("2025", 1, 1),
    ]


@pytest.mark.parametrize("by", ["funding", "head", "year", "province", "region"])
def test_support_by_every_question(client: Client, by: str) -> None:
    factories.ProjectFactory()
    [row] = ask(client, "/api/v1/statistics/extension/", by=by)["rows"]
    assert row["projects"] == 1
    assert row["label"]


# --- the page -----------------------------------------------------------------------------------------------


def test_the_page_shows_both_bases_and_opens_a_merged_unit(client: Client, merged: Any) -> None:
    one, two, _now = merged
    for unit in (one, two):
        factories.RecognitionFactory(product__facility__territory=unit)
    text = client.get("/thong-ke/").content.decode()
    assert "2 lượt công nhận có trang trên cổng, tính đến 21/11/2026." in text
    assert "Bình Định, đến 30/06/2025" in text
    assert "Theo tỉnh, thành phố hiện nay" in text
    apart = client.get("/thong-ke/", {"basis": "at_the_time"}).content.decode()
    assert "Theo tỉnh, thành phố khi công nhận" in apart


def test_published_totals_are_hatched_and_the_registers_part_is_solid(client: Client) -> None:
    figure()
    factories.RecognitionFactory(level=Level.NATIONAL, year=2025)
    answer = client.get("/thong-ke/").context["overview"].national
    assert [(item.label, item.value, item.published, item.note) for item in answer.chart.items] == [
        ("2025, lần VI", 1, 108, "1 có trang")
    ]
    assert [cell.shown for cell in answer.table.lines[0].cells] == ["2025, lần VI", "108", "1", "Bản tin"]
    column = answer.wide.split("</text>")[2]
    assert re.findall(r'class="f-([a-z]+)"', column) == ["hatch", "solid"]
    assert answer.sentence == "Năm 2025, kỳ cấp quốc gia công bố 108 lượt công nhận; cổng có trang của 1 lượt."


def test_an_empty_register_says_what_to_do_and_a_bad_basis_is_named(client: Client) -> None:
    assert "Sổ chưa có công nhận nào được công bố." in client.get("/thong-ke/").content.decode()
    response = client.get("/thong-ke/", {"basis": "sau này"})
    assert response.status_code == 200
    assert "Không có cách tính tỉnh “sau này” nên điều kiện này được bỏ qua." in response.content.decode()


def test_made_up_recognitions_are_named_as_such(client: Client) -> None:
    factories.RecognitionFactory(is_illustrative=True)
    assert "Trong đó có 1 lượt minh họa của cơ sở mẫu." in client.get("/thong-ke/").content.decode()


def test_the_funnel_is_drawn_where_one_source_gives_all_four_numbers(client: Client) -> None:
    place = {"place": "Đồng Tháp (cũ)", "period": "2012-2021", "year_from": 2012, "year_to": 2021}
    figure(**place, what="đăng ký", measure="registered", level=Level.PROVINCE, value=Decimal(353))
    figure(**place, what="tỉnh", level=Level.PROVINCE, value=Decimal(189))
    figure(**place, what="khu vực", level=Level.REGION, value=Decimal(35))
    assert "Từ đăng ký đến quốc gia" not in client.get("/thong-ke/").content.decode()
    figure(**place, what="quốc gia", value=Decimal(14))
    text = client.get("/thong-ke/").content.decode()
    assert "54% số đăng ký" in text
    assert "19% cấp tỉnh" in text
    assert "40% cấp khu vực" in text
    assert (
        "recognised at provincial level, 54% of entries"
        in client.get("/en/thong-ke/tu-tinh-len-quoc-gia/").content.decode()
    )
