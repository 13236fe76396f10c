"""The list of a day: page, file and API tell the same, on both bases, whatever is typed."""

import datetime as dt
import io
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from portal.territory.models import Territory
from products.models import Recognition, Suspension
from tests.factories import CertificateFactory, ProductFactory, RecognitionFactory, SuccessionFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(dt.datetime(2026, 6, 20, 3, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def merged() -> tuple[Territory, Territory]:
    """Bắc Giang, which went into Bắc Ninh on 1 July 2025."""
    gone = TerritoryFactory(name="Bắc Giang", slug="bac-giang-2025", valid_to=dt.date(2025, 6, 30))
    now = TerritoryFactory(name="Bắc Ninh", slug="bac-ninh", valid_from=dt.date(2025, 7, 1))
    SuccessionFactory(predecessor=gone, successor=now)
    return gone, now


def row(name: str, unit: Territory, **facts: Any) -> Recognition:
    return RecognitionFactory(product=ProductFactory(name=name, territory=unit), territory=unit, **facts)


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/danh-muc/{query}").content.decode()
    return [unescape(found) for found in re.findall(r'day-row__name"><a[^>]*>([^<]+)', page)]


def words(client: Client, query: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/danh-muc/{query}").content.decode())))


def of_api(client: Client, query: str) -> list[str]:
    return sorted(found["product"]["name"] for found in client.get(f"/api/v1/recognitions/{query}").json()["results"])


def test_it_lists_what_is_in_force_on_the_day(client: Client, province: Territory) -> None:
    row("Chè", province)
    row("Miến", province, expires_on=dt.date(2026, 6, 19))
    row("Gốm", province, issued_on=dt.date(2026, 6, 20))
    row("Mật ong", province, revoked_on=dt.date(2026, 6, 1), status_reason="Vi phạm")
    row("Kín", province, published_at=None)
    paused = row("Nón", province)
    Suspension.objects.create(
        recognition=paused, begins_on=dt.date(2026, 5, 1), ends_on=dt.date(2026, 5, 31), basis="b", reason="r"
    )
    expected = {
        "": ["Chè", "Gốm", "Nón"],
        "2026-06-19": ["Chè", "Miến", "Nón"],
        "2026-05-31": ["Chè", "Mật ong", "Miến"],
        "2026-05-30": ["Chè", "Mật ong", "Miến"],
        "2026-04-30": ["Chè", "Mật ong", "Miến", "Nón"],
        "2020-01-01": [],
    }
    for day, found in expected.items():
        assert sorted(names(client, f"?ngay={day}")) == sorted(found), day
        assert of_api(client, f"?on={day}" if day else "?on=2026-06-20") == sorted(found), day


def test_a_unit_is_asked_for_as_it_was_or_as_it_is(client: Client, merged: tuple[Territory, Territory]) -> None:
    gone, now = merged
    row("Mỳ Chũ", gone, expires_on=dt.date(2027, 12, 31))
    row("Tranh Đông Hồ", now, issued_on=dt.date(2025, 9, 1), year=2025)
    both = ["Mỳ Chũ", "Tranh Đông Hồ"]
    for query, api, found in (
        ("tinh=bac-ninh", "province=bac-ninh", both),
        ("tinh=bac-giang-2025", "province=bac-giang-2025", both),
        ("tinh=bac-ninh&co-so=then", "province=bac-ninh&basis=at_the_time", both),
        ("tinh=bac-giang-2025&co-so=then", "province=bac-giang-2025&basis=at_the_time", ["Mỳ Chũ"]),
        ("ngay=2025-06-30&tinh=bac-giang-2025&co-so=then", "on=2025-06-30&province=bac-giang-2025&basis=at_the_time",
         ["Mỳ Chũ"]),
        ("ngay=2025-06-30&tinh=bac-ninh&co-so=then", "on=2025-06-30&province=bac-ninh&basis=at_the_time", []),
        ("ngay=2025-06-30&tinh=bac-ninh", "on=2025-06-30&province=bac-ninh", ["Mỳ Chũ"]),
    ):  # fmt: skip
        assert sorted(names(client, f"?{query}")) == found, query
        on = "" if "on=" in api else "on=2026-06-20&"
        assert of_api(client, f"?{on}{api}") == found, api


def test_what_was_replaced_by_its_unit_of_today_is_said(client: Client, merged: tuple[Territory, Territory]) -> None:
    assert "Bắc Giang nay thuộc Bắc Ninh nên trang lấy Bắc Ninh." in words(client, "?tinh=bac-giang-2025")


def test_rows_stand_under_the_unit_of_the_day_and_say_the_unit_of_then(
    client: Client, merged: tuple[Territory, Territory]
) -> None:
    row("Mỳ Chũ", merged[0])
    now = client.get("/danh-muc/?co-so=then")
    assert [part.name for part in now.context["parts"]] == ["Bắc Ninh"]
    assert "Công nhận khi thuộc Bắc Giang" in now.content.decode()
    before = client.get("/danh-muc/?co-so=then&ngay=2025-06-30")
    assert [part.name for part in before.context["parts"]] == ["Bắc Giang"]
    offered = {slug for slug, _label, _chosen in before.context["units"]}
    assert "bac-giang-2025" in offered
    assert "bac-ninh" not in offered


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("ngay=2026-02-29", "“2026-02-29” không phải là ngày nên trang lấy hôm nay. Hãy ghi như 30/06/2026."),
        ("ngay=hom+qua", "“hom qua” không phải là ngày nên trang lấy hôm nay."),
        ("ngay=0000-01-01", "“0000-01-01” không phải là ngày"),
        ("ngay=2030-01-01", "Ngày 01/01/2030 chưa tới: danh sách theo những gì sổ đang ghi."),
        ("tinh=atlantis", "Không có tỉnh, thành phố “atlantis” nên trang lấy cả nước."),
        ("co-so=luc-nao", "Không có cách tính “luc-nao” nên trang tính theo tỉnh hiện nay."),
        ("cap=lang", "Không có cấp “lang” nên trang lấy mọi cấp."),
        ("trang=0", "Không có trang “0” nên mở trang đầu."),
        ("trang=7", "Danh sách không có trang 7 nên mở trang cuối."),
    ],
)
def test_bad_input_is_said_and_left_out(client: Client, province: Territory, query: str, sentence: str) -> None:
    row("Chè", province)
    found = client.get(f"/danh-muc/?{query}")
    assert found.status_code == 200
    assert sentence in words(client, f"?{query}")


def test_a_day_is_read_as_people_write_it(client: Client, province: Territory) -> None:
    row("Chè", province, expires_on=dt.date(2024, 12, 31))
    assert names(client, "?ngay=29/2/2024") == []
    assert names(client, "?ngay=31.12.2024") == ["Chè"]


@pytest.mark.parametrize("text", ["2026-02-29", "29/06/2026", "hôm qua", "20260630"])
def test_the_api_refuses_what_is_no_day(client: Client, text: str) -> None:
    answer = client.get("/api/v1/recognitions/", {"on": text})
    assert (answer.status_code, answer.json()["on"]) == (
        400,
        [f"“{text}” không phải là ngày. Hãy ghi năm-tháng-ngày, ví dụ 2026-06-30."],
    )


def test_the_api_tells_the_status_of_the_day(client: Client, province: Territory) -> None:
    row("Chè", province, expires_on=dt.date(2026, 6, 19))
    for day, status in (("2026-03-20", "valid"), ("2026-03-21", "expiring")):
        assert [found["status"] for found in client.get(f"/api/v1/recognitions/?on={day}").json()["results"]] == [
            status
        ]
    assert of_api(client, "?on=2026-03-21&status=valid") == []


def test_the_file_says_what_the_page_says(client: Client, merged: tuple[Territory, Territory]) -> None:
    paper = CertificateFactory(recognition=row("Mỳ Chũ", merged[0]), official_number="12/GCN")
    answer = client.get("/danh-muc/?tai=xlsx&co-so=then")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]  # type: ignore[union-attr]
    told = [line for line in lines if "Mỳ Chũ" in line]
    assert len(told) == 1
    assert told[0][:3] == ["Bắc Ninh", "Bắc Giang", "Mỳ Chũ"]
    assert "12/GCN" in told[0]
    assert any("Sản phẩm được công nhận còn hiệu lực ngày 20/06/2026, cả nước." in line for line in lines)
    assert paper.recognition.expires_on


def test_a_household_that_lost_it_is_not_named_even_before_the_sweep(client: Client, province: Territory) -> None:
    lost = row("Rượu", province, revoked_on=dt.date(2026, 1, 1), status_reason="x", expires_on=dt.date(2026, 6, 19))
    assert names(client, "?ngay=2025-12-31") == ["Rượu"]
    lost.product.facility.kind = "household"
    lost.product.facility.save()
    assert names(client, "?ngay=2025-12-31") == []
    for page in (f"/san-pham/{lost.product.slug}/", f"/co-so/{lost.product.facility.slug}/"):
        assert client.get(page).status_code == 404


@pytest.mark.parametrize("address", ["/danh-muc/", "/danh-muc/?co-so=then", "/api/v1/recognitions/?on=2026-06-20"])
def test_any_number_of_rows_costs_the_same(client: Client, province: Territory, address: str) -> None:
    costs = []
    for number in (1, 2, 47):
        for index in range(number):
            CertificateFactory(recognition=row(f"Chè {number} {index}", province))
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{address}{'&' if '?' in address else '?'}x={number}")
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_pages_follow_each_other_without_loss(client: Client, province: Territory) -> None:
    for index in range(53):
        row(f"Chè {index}", province)
    both = names(client) + names(client, "?trang=2")
    assert (len(both), len(set(both))) == (53, 53)


def test_in_english_the_page_is_there(client: Client, province: Territory) -> None:
    row("Chè", province)
    assert client.get("/en/danh-muc/").status_code == 200
