"""The public API of the register: what it tells, what it keeps to itself, what it answers to bad questions."""

import datetime as dt
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.settings import api_settings

from products import codes
from products.enums import DatePrecision, Level, ProductGroup, Stage
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = "2026-11-21 09:00:00+07:00"


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def ask(client: Client, address: str, expect: int = 200, /, **query: Any) -> Any:
    response = client.get(f"/api/v1/{address}", query)
    assert response.status_code == expect, response.content
    return response.json()


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer["results"]]


# --- products -----------------------------------------------------------------------------------------------


def test_a_product_says_who_makes_it_where_and_how_it_was_recognised(client: Client) -> None:
    then = factories.TerritoryFactory(name="Vĩnh Phúc", slug="vinh-phuc-2025", valid_to=dt.date(2025, 6, 30))
    now = factories.TerritoryFactory(name="Phú Thọ", slug="phu-tho", valid_from=dt.date(2025, 7, 1))
    factories.SuccessionFactory(predecessor=then, successor=now)
    facility = factories.FacilityFactory(name="HTX Mẫu", territory=then, kind="cooperative")
    product = factories.ProductFactory(name="Bộ trà", is_set=True, facility=facility, group=ProductGroup.PROCESSING)
    factories.SetMemberFactory(product_set=product, name="Trà đinh")
    decision = factories.DecisionFactory(number="15", symbol="QĐ-UBND", issuer="UBND tỉnh Vĩnh Phúc", territory=then)
    row = factories.RecognitionFactory(product=product, round_ordinal=6, decision=decision, territory=then)
    paper = factories.CertificateFactory(recognition=row)
    answer = ask(client, f"products/{product.slug}/")
    assert (answer["name"], answer["is_set"], answer["group"]) == ("Bộ trà", True, "processing")
    assert answer["members"] == [{"name": "Trà đinh", "slug": None}]
    assert answer["facility"] == {"slug": facility.slug, "name": "HTX Mẫu", "kind": "cooperative"}
    assert answer["province"] == {"slug": "phu-tho", "name": "Phú Thọ"}
    assert (answer["images"], answer["links"]) == ([], [])
    assert answer["recognitions"] == [
        {
            "uuid": str(row.uuid),
            "level": "province",
            "year": 2024,
            "round_ordinal": "VI",
            "province_at_the_time": {"slug": "vinh-phuc-2025", "name": "Vĩnh Phúc"},
            "decision": {"number": "15/QĐ-UBND", "date": "2024-11-20", "issuer": "UBND tỉnh Vĩnh Phúc"},
            "certificate_code": paper.code,
            "issued_on": "2024-11-20",
            "expires_on": "2027-12-31",
            "expires_precision": "day",
            "expires_certain": False,
            "status": "valid",
            "is_illustrative": False,
        }
    ]


def test_who_reads_all_page_by_page_meets_every_product_once_whichever_way(client: Client) -> None:
    for number in range(7):
        factories.RecognitionFactory(product__name=f"Chè {number}", product__sort_key="che" if number < 4 else "")
    factories.ProductFactory(name="Chưa công nhận")

    def walked(start: dict[str, Any], way: str) -> list[list[str]]:
        found, address = [], f"/api/v1/products/?{urlencode(start)}"
        while address:
            answer = client.get(address).json()
            found.append(names(answer))
            assert answer["count"] == 7
            address, last = answer[way], address
        return [*found, [last]]

    # Asked without conditions the list has its query at hand; with one that all meet it is put together anew.
    *pages, [last] = walked({"page_size": 3}, "next")
    *others, _end = walked({"page_size": 3, "level": "province"}, "next")
    assert pages == others
    assert sorted(name for page in pages for name in page) == [f"Chè {number}" for number in range(7)]
    *back, _start = walked(dict(parse_qsl(urlsplit(last).query)), "previous")
    assert back == pages[::-1]


def test_a_member_of_a_set_leads_only_to_a_product_that_is_public(client: Client) -> None:
    row = factories.RecognitionFactory(product=factories.ProductFactory(is_set=True))
    shown = factories.RecognitionFactory().product
    factories.SetMemberFactory(product_set=row.product, name="Trà đinh", product=shown)
    factories.SetMemberFactory(product_set=row.product, name="Trà nháp", product=factories.ProductFactory())
    found = {member["name"]: member["slug"] for member in ask(client, f"products/{row.product.slug}/")["members"]}
    assert found == {"Trà đinh": shown.slug, "Trà nháp": None}


def test_an_unknown_ordinal_is_null(client: Client) -> None:
    row = factories.RecognitionFactory(round_ordinal=0)
    answer = ask(client, f"products/{row.product.slug}/")
    assert answer["recognitions"][0]["round_ordinal"] is None


def test_only_published_recognitions_and_photos_are_told(client: Client) -> None:
    hidden = factories.RecognitionFactory(published_at=None)
    factories.RecognitionFactory(product=hidden.product, level=Level.NATIONAL)
    factories.RecognitionFactory(
        product__name="Chỉ đề nghị", stage=Stage.PROPOSED, issued_on=None, expires_on=None, published_at=None
    )
    answer = ask(client, "products/")
    assert [row["level"] for row in answer["results"][0]["recognitions"]] == ["national"]
    assert answer["count"] == 1
    assert ask(client, "recognitions/")["count"] == 1
    assert client.get("/api/v1/products/chi-de-nghi/").status_code == 404


def test_lists_come_in_pages(client: Client) -> None:
    for _number in range(3):
        factories.RecognitionFactory()
    answer = ask(client, "products/", page_size=2)
    assert (answer["count"], len(answer["results"]), answer["previous"]) == (3, 2, None)
    following = client.get(answer["next"]).json()
    assert (following["count"], len(following["results"]), following["next"]) == (3, 1, None)
    assert client.get(following["previous"]).json()["results"] == answer["results"]


def test_one_recognition_must_meet_level_and_year_together(client: Client) -> None:
    product = factories.ProductFactory()
    factories.RecognitionFactory(product=product, level=Level.PROVINCE, year=2020)
    factories.RecognitionFactory(product=product, level=Level.NATIONAL, year=2023)
    assert ask(client, "products/", level="national", year="2023")["count"] == 1
    assert ask(client, "products/", level="national", year="2020")["count"] == 0
    assert client.get("/api/v1/products/?level=national&level=province&year=2020").json()["count"] == 1


@pytest.mark.parametrize("words", ["mỳ chũ", "mi chu", "Mì Chũ"])
def test_search_matches_with_and_without_diacritics(client: Client, words: str) -> None:
    factories.RecognitionFactory(product__name="Mỳ Chũ")
    factories.RecognitionFactory(product__name="Chiếu cói")
    assert names(ask(client, "products/", q=words)) == ["Mỳ Chũ"]


def test_a_province_takes_in_what_was_merged_into_it_unless_asked_at_the_time(client: Client) -> None:
    then = factories.TerritoryFactory(name="Bình Định", slug="binh-dinh-2025", valid_to=dt.date(2025, 6, 30))
    now = factories.TerritoryFactory(name="Gia Lai", slug="gia-lai", valid_from=dt.date(2025, 7, 1))
    factories.SuccessionFactory(predecessor=then, successor=now)
    factories.RecognitionFactory(product__facility__territory=then)
    assert ask(client, "products/", province="gia-lai")["count"] == 1
    assert ask(client, "products/", province="gia-lai", basis="at_the_time")["count"] == 0
    assert ask(client, "products/", province="binh-dinh-2025", basis="at_the_time")["count"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", "galaxy"),
        ("group", "toys"),
        ("status", "fine"),
        ("province", "atlantis"),
        ("basis", "later"),
        ("year", "23"),
        ("year", "٢٠٢٣"),
    ],
)
@pytest.mark.parametrize("address", ["products/", "recognitions/"])
def test_an_unknown_value_is_answered_with_400_and_a_sentence(
    client: Client, address: str, name: str, value: str
) -> None:
    answer = ask(client, address, 400, **{name: value})
    assert list(answer) == [name]
    assert answer[name][0].endswith(".")
    assert value in answer[name][0]


@pytest.mark.parametrize("address", ["products/", "recognitions/"])
def test_a_page_costs_the_same_for_one_and_many(client: Client, address: str, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def full() -> None:
        row = factories.RecognitionFactory(decision=factories.DecisionFactory())
        factories.CertificateFactory(recognition=row)
        factories.SetMemberFactory(product_set=row.product)

    full()
    ask(client, address)
    with CaptureQueriesContext(connection) as few:
        ask(client, address)
    expected = len(few)
    for _number in range(9):
        full()
    ask(client, address)  # the register of provinces is kept again
    with django_assert_num_queries(expected):
        ask(client, address)


# --- certificates -------------------------------------------------------------------------------------------


@pytest.fixture
def paper() -> Any:
    row = factories.RecognitionFactory(level=Level.NATIONAL, product__name="Chè Tân Cương")
    return factories.CertificateFactory(recognition=row, code=codes.generate(Level.NATIONAL))


def test_a_code_is_answered_however_it_is_typed(client: Client, paper: Any) -> None:
    typed = codes.display(paper.code).lower().replace("0", "o")
    answer = ask(client, f"certificates/{typed}/")
    assert (answer["code"], answer["status"], answer["reason"]) == (paper.code, "valid", "")
    assert (answer["on"], answer["level"], answer["expires_on"]) == ("2026-11-21", "national", "2027-12-31")
    assert answer["product"]["name"] == "Chè Tân Cương"


def test_an_unknown_code_is_404_in_words(client: Client, paper: Any) -> None:
    answer = ask(client, "certificates/Q-0000-0000-0/", 404)
    assert (answer["status"], answer["on"]) == ("unknown", "2026-11-21")
    assert answer["reason"].startswith("Sổ công nhận không có giấy chứng nhận mang mã này.")


def test_a_certificate_that_is_not_published_is_unknown(client: Client, paper: Any) -> None:
    paper.recognition.published_at = None
    paper.recognition.save()
    assert ask(client, f"certificates/{paper.code}/", 404)["status"] == "unknown"


def test_a_revoked_certificate_says_why(client: Client, paper: Any) -> None:
    row = paper.recognition
    row.revoked_on, row.status_reason = dt.date(2026, 6, 15), "Vi phạm an toàn thực phẩm"
    row.save()
    answer = ask(client, f"certificates/{paper.code}/")
    assert (answer["status"], answer["reason"]) == ("revoked", "Vi phạm an toàn thực phẩm")


def test_a_replaced_certificate_is_superseded_and_names_the_new_one(client: Client, paper: Any) -> None:
    paper.superseded_on, paper.superseded_reason = dt.date(2026, 1, 1), "Rách"
    paper.save()
    new = factories.CertificateFactory(recognition=paper.recognition, code=codes.generate(Level.NATIONAL))
    answer = ask(client, f"certificates/{paper.code}/")
    assert (answer["status"], answer["reason"], answer["renewed_by"]) == ("superseded", "Rách", new.code)
    assert ask(client, f"certificates/{new.code}/")["status"] == "valid"


def test_where_only_the_year_is_known_the_precision_says_so(client: Client, paper: Any) -> None:
    row = paper.recognition
    row.expiry_precision, row.issued_on = DatePrecision.YEAR, None
    row.save()
    answer = ask(client, f"certificates/{paper.code}/")
    assert (answer["issued_on"], answer["expires_precision"]) == (None, "year")


# --- manners ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["products/", "recognitions/", "facilities/", "rounds/", "extension/projects/"])
def test_the_api_is_for_reading(client: Client, address: str) -> None:
    response = client.post(f"/api/v1/{address}", {})
    assert response.status_code == 405
    assert response.json() == {"detail": "Dữ liệu công khai chỉ để đọc. Hãy dùng GET."}


def test_too_many_calls_are_asked_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"anon": "2/min"})
    ask(client, "products/")
    ask(client, "products/")
    response = client.get("/api/v1/products/")
    assert response.status_code == 429
    assert response.json()["detail"].startswith("Bạn đã gọi quá nhiều lần. Hãy thử lại sau")


def test_another_address_in_a_header_is_not_another_caller(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"anon": "2/min"})
    calls = [client.get("/api/v1/products/", headers={"X-Forwarded-For": f"10.0.0.{call}"}) for call in range(3)]
    assert [call.status_code for call in calls] == [200, 200, 429]


def test_what_a_household_lost_is_not_told_in_the_hours_before_the_sweep(client: Client) -> None:
    facility = factories.FacilityFactory(kind="household", name="Hộ mẫu")
    ended = {"issued_on": dt.date(2024, 11, 1), "expires_on": dt.date(2026, 11, 20)}
    lost = {"revoked_on": dt.date(2026, 3, 1), "status_reason": "Vi phạm"}
    gone = factories.RecognitionFactory(product__facility=facility, **lost, **ended)
    kept = factories.RecognitionFactory(product__facility=facility, **ended)
    assert names(ask(client, "products/")) == [kept.product.name]
    assert [row["uuid"] for row in ask(client, "recognitions/")["results"]] == [str(kept.uuid)]
    ask(client, f"products/{gone.product.slug}/", 404)
    ask(client, f"recognitions/{gone.uuid}/", 404)


def test_recognitions_come_newest_first_with_their_product(client: Client) -> None:
    factories.RecognitionFactory(year=2020, product__name="Cũ")
    factories.RecognitionFactory(year=2025, product__name="Mới", published_at=timezone.now())
    answer = ask(client, "recognitions/")
    assert [row["product"]["name"] for row in answer["results"]] == ["Mới", "Cũ"]
