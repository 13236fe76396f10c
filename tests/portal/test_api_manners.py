"""How the API behaves towards programs: pages that stay right, copies that are known, limits said, reading from anywhere."""

import base64
import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from portal.text import pagination
from products.enums import ChangeKind, Level
from products.models import (
    DistributionChannel,
    IntellectualProperty,
    ProductStandard,
    RegisterChange,
    RegisterMark,
    TradeFacts,
)
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = "2026-11-21 09:00:00+07:00"
LISTS = [
    "products/", "recognitions/", "facilities/", "rounds/", "extension/projects/", "extension/fairs/", "statistics/rounds/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def marked() -> None:
    """The register as after a commit, which a test's own transaction never reaches."""
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "a" * 32, "number": 0})


def ask(client: Client, address: str, **query: Any) -> Any:
    response = client.get(f"/api/v1/{address}", query)
    assert response.status_code == 200, response.content
    return response.json()


def walk(client: Client, address: str, way: str = "next") -> list[Any]:
    found, asked = [], 0
    while address and asked < 50:
        answer = client.get(address).json()
        found.append(answer["results"])
        address, asked = answer[way], asked + 1
    return found


# --- pages ----------------------------------------------------------------------------------------------


def a_list(address: str, number: int) -> None:
    match address:
        case "rounds/" | "statistics/rounds/":
            for ordinal in range(number):
                factories.RoundFactory(year=2020 + ordinal % 2, state="receiving")
        case "extension/projects/":
            for ordinal in range(number):
                factories.ProjectFactory(year=2020 + ordinal % 2)
        case "extension/fairs/":
            for ordinal in range(number):
                day = dt.date(2020 + ordinal % 3, 5, 6)
                factories.FairFactory(starts_on=day, ends_on=day, is_illustrative=not ordinal % 2)
        case _:
            for ordinal in range(number):
                factories.RecognitionFactory(
                    year=2020 + ordinal % 2, product__name=f"Chè {ordinal % 3}", product__slug=f"che-{ordinal}"
                )


def test_every_list_that_is_read_page_by_page_is_walked_below(client: Client) -> None:
    paths = client.get("/api/schema/", {"format": "json"}).json()["paths"]
    read = {path: ways["get"] for path, ways in paths.items() if "get" in ways}
    named = {path: {one["name"] for one in way.get("parameters", ())} for path, way in read.items()}
    assert {path.removeprefix("/api/v1/") for path, names in named.items() if "cursor" in names} == set(LISTS)


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 7), (2, [2, 2, 2, 1]), (5, [5, 2])])
@pytest.mark.parametrize("address", LISTS)
def test_pages_followed_to_the_end_and_back_hold_every_row_once(
    client: Client, address: str, size: int, lengths: list[int]
) -> None:
    a_list(address, 7)
    whole = ask(client, address, page_size=100)["results"]
    pages = walk(client, f"/api/v1/{address}?page_size={size}")
    assert [len(page) for page in pages] == lengths
    assert [row for page in pages for row in page] == whole
    address = f"/api/v1/{address}?page_size={size}"
    assert walk(client, address) == pages
    for _page in range(len(pages) - 1):
        address = client.get(address).json()["next"]
    assert [row for page in reversed(walk(client, address, "previous")) for row in page] == whole


def test_what_is_entered_meanwhile_neither_repeats_nor_hides_a_row(client: Client) -> None:
    made = [factories.RecognitionFactory(product__name=name).product for name in ("B1", "B2", "B3", "B4")]
    first = ask(client, "products/", page_size=2)
    factories.RecognitionFactory(product__name="A0")
    made[1].recognitions.all().delete()
    second = client.get(first["next"]).json()
    assert [row["name"] for row in second["results"]] == ["B3", "B4"]
    before = client.get(second["previous"]).json()
    assert [row["name"] for row in before["results"]] == ["A0", "B1"]
    assert (before["previous"], second["count"]) == (None, 4)


@pytest.mark.parametrize("address", LISTS)
def test_a_number_of_a_page_is_refused_in_a_sentence_that_leads_to_next(client: Client, address: str) -> None:
    response = client.get(f"/api/v1/{address}", {"page": "2"})
    assert response.status_code == 400
    assert "next" in response.json()["page"][0]


def cursor(facts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x", "é", "%00", "a" * 5000, cursor(1), cursor([]), cursor([0]), cursor([0, 2020]), cursor([0, "2020", 1]), cursor([0, 2020, True]),
        cursor([2, 2020, 1]), cursor([0, 10**30, 1]), cursor([0, None, 1]), cursor([0, 2020, 1, 1]), cursor({"a": 1}),
    ],
)  # fmt: skip
def test_a_cursor_no_list_gave_out_is_refused_in_words(client: Client, text: str) -> None:
    response = client.get("/api/v1/recognitions/", {"cursor": text})
    assert response.status_code == 400, response.content
    assert response.json()["cursor"][0].startswith("cursor này không phải của danh sách này.")


@pytest.mark.parametrize("day", ["2026-13-01", "hôm qua", "", 20260506, "2026-05-06T00:00:00", None, True])
def test_a_cursor_with_what_is_no_day_is_refused(client: Client, day: Any) -> None:
    response = client.get("/api/v1/extension/fairs/", {"cursor": cursor([0, day, 1])})
    assert (response.status_code, list(response.json())) == (400, ["cursor"])


def test_a_moment_is_the_same_to_the_microsecond_when_it_comes_back() -> None:
    row, keys = change(1, at=dt.datetime(2026, 11, 1, 7, 59, 59, 123456, dt.UTC)), ("-at", "pk")
    assert pagination._read(pagination._write(row, keys, back=True), RegisterChange, keys) == (True, [row.at, row.pk])
    for at in ("2026-11-01T07:59:59", "2026-11-01", "0001-01-01T00:00:00+14:00", 5):
        with pytest.raises(ValidationError):
            pagination._read(cursor([0, at, row.pk]), RegisterChange, keys)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_cursor_with_letters_no_database_takes_is_refused(client: Client, text: str) -> None:
    assert client.get("/api/v1/products/", {"cursor": cursor([0, text, 1])}).status_code == 400


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "²"])
def test_a_size_that_is_no_number_is_refused(client: Client, size: str) -> None:
    assert "page_size" in client.get("/api/v1/products/", {"page_size": size}).json()


def test_a_count_and_a_page_leave_out_what_a_household_lost_before_the_sweep(client: Client) -> None:
    household = factories.FacilityFactory(kind="household")
    ended = {"issued_on": dt.date(2024, 11, 1), "expires_on": dt.date(2026, 11, 20), "status_reason": "Vi phạm"}
    factories.RecognitionFactory(product__facility=household, revoked_on=dt.date(2026, 3, 1), **ended)
    factories.RecognitionFactory()
    for address in ("products/", "recognitions/", "facilities/"):
        answer = ask(client, address)
        assert (answer["count"], len(answer["results"])) == (1, 1), address


# --- questions ------------------------------------------------------------------------------------------


def test_products_are_found_by_what_a_buyer_asks(client: Client) -> None:
    row = factories.RecognitionFactory(product__facility__kind="household", product__name="Chè")
    factories.RecognitionFactory(product__name="Gốm")
    ProductStandard.objects.create(product=row.product, kind="ocop", stars=4, issued_year=2025)
    DistributionChannel.objects.create(product=row.product, kind="supermarket", name="Siêu thị mẫu")
    TradeFacts.objects.create(product=row.product, export_ready=True, declared_on=dt.date(2026, 1, 1))
    for query in ({"kind": "household"}, {"stars": "4"}, {"channel": "supermarket"}, {"export": "ready"}):
        assert [one["name"] for one in ask(client, "products/", **query)["results"]] == ["Chè"], query
        assert ask(client, "recognitions/", **query)["count"] == 1
        assert client.get("/api/v1/products/", dict.fromkeys(query, "zzz")).status_code == 400


def test_products_are_those_in_force_on_a_day_asked_for(client: Client) -> None:
    old = factories.RecognitionFactory(year=2019, issued_on=dt.date(2019, 10, 1), expires_on=dt.date(2022, 10, 1))
    factories.RecognitionFactory(product=old.product, level=Level.NATIONAL, year=2025, issued_on=dt.date(2025, 9, 1))
    factories.RecognitionFactory()
    answer = ask(client, "products/", on="2020-01-01")
    assert [row["slug"] for row in answer["results"]] == [old.product.slug]
    assert {row["year"]: row["status"] for row in answer["results"][0]["recognitions"]}[2019] == "valid"
    assert ask(client, "products/", on="2020-01-01", status="expired")["count"] == 0
    for bad in ("0000-01-01", "9999-12-31", "2026-02-30", "hôm qua"):
        assert "on" in client.get("/api/v1/products/", {"on": bad}).json()


@pytest.mark.parametrize(
    "address",
    [
        "facilities/", "rounds/", "extension/projects/", "extension/fairs/", "statistics/recognitions/",
        "statistics/rounds/", "statistics/extension/", "statistics/renewals/", "statistics/funnel/", "statistics/shares/",
    ],
)  # fmt: skip
def test_what_knows_only_today_says_so_when_asked_for_another_day(client: Client, address: str) -> None:
    response = client.get(f"/api/v1/{address}", {"on": "2021-12-31"})
    assert response.status_code == 400
    assert "/api/v1/recognitions/" in response.json()["on"][0]
    assert client.get(f"/api/v1/{address}", {"on": ""}).status_code == 200


def test_one_product_is_told_with_all_its_page_shows(client: Client, django_assert_num_queries: Any) -> None:
    row = factories.RecognitionFactory()
    product = row.product
    ProductStandard.objects.create(product=product, kind="ocop", stars=3, issued_year=2021)
    ProductStandard.objects.create(product=product, kind="iso", name="ISO 22000", expires_on=dt.date(2027, 1, 1))
    DistributionChannel.objects.create(product=product, kind="shop", name="Quầy 7")
    IntellectualProperty.objects.create(product=product, kind="trademark", name="Nhãn 9")
    TradeFacts.objects.create(product=product, gtin="8934563138165", pack="hộp 250 g", declared_on=dt.date(2026, 1, 1))
    project = factories.ProjectFactory(state="approved")
    factories.BeneficiaryFactory(project=project, facility=product.facility, extension_funds=200_000_000)
    ask(client, f"products/{product.slug}/")
    with django_assert_num_queries(13):
        answer = ask(client, f"products/{product.slug}/")
    assert [(one["kind"], one["stars"], one["in_force"]) for one in answer["standards"]] == [
        ("iso", None, True),
        ("ocop", 3, False),
    ]
    assert answer["channels"] == [{"kind": "shop", "name": "Quầy 7"}]
    assert answer["properties"] == [{"kind": "trademark", "name": "Nhãn 9", "expires_on": None}]
    assert (answer["trade"]["gtin"], answer["trade"]["pack"]) == ("8934563138165", "hộp 250 g")
    assert [(one["project"], one["extension_funds"]) for one in answer["support"]] == [(project.slug, 200_000_000)]
    assert ask(client, f"products/{factories.RecognitionFactory().product.slug}/")["trade"] is None


# --- what has changed -----------------------------------------------------------------------------------


def change(number: int, **facts: Any) -> RegisterChange:
    told = {
        "kind": ChangeKind.PUBLISHED,
        "slug": f"che-{number}",
        "at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    } | facts
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": f"{number:032}", "number": number})
    return RegisterChange.objects.create(number=number, **told)


def test_changes_are_followed_by_their_numbers(client: Client) -> None:
    for number in range(1, 6):
        change(number)
    first = ask(client, "changes/", after=1, limit=2)
    assert ([row["number"] for row in first["results"]], first["last"]) == ([2, 3], 5)
    assert first["results"][0]["url"].endswith("/api/v1/products/che-2/")
    assert first["next"].endswith("/api/v1/changes/?after=3&limit=2")
    last = ask(client, "changes/", after=3)
    assert ([row["number"] for row in last["results"]], last["next"]) == ([4, 5], None)
    assert ask(client, "changes/", after=5)["results"] == []


def test_what_is_gone_has_no_address_and_all_names_no_product(client: Client) -> None:
    change(1, kind=ChangeKind.GONE)
    change(2, kind=ChangeKind.ALL, slug="")
    rows = ask(client, "changes/")["results"]
    assert [(row["kind"], row["slug"], row["url"]) for row in rows] == [("gone", "che-1", None), ("all", None, None)]


def test_a_number_older_than_what_is_kept_is_answered_with_410_in_words(client: Client) -> None:
    change(8)
    response = client.get("/api/v1/changes/", {"after": 3})
    assert response.status_code == 410
    assert (response.json()["first"], response.json()["last"]) == (8, 8)
    assert "đọc lại toàn bộ" in response.json()["detail"]
    assert ask(client, "changes/", after=7)["results"]
    RegisterChange.objects.all().delete()
    assert client.get("/api/v1/changes/", {"after": 3}).status_code == 410
    assert ask(client, "changes/", after=8)["results"] == []


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"after": "9" * 40}, {"after": "²"}]
)
def test_a_number_that_is_none_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get("/api/v1/changes/", query).status_code == 400


# --- copies ---------------------------------------------------------------------------------------------


def test_a_copy_that_is_still_right_costs_one_look_at_the_mark(client: Client, marked: None) -> None:
    factories.RecognitionFactory()
    for address in ("products/", "recognitions/", "facilities/", "changes/", "statistics/recognitions/", "rounds/"):
        first = client.get(f"/api/v1/{address}")
        assert first["Cache-Control"] == "public, no-cache"
        with CaptureQueriesContext(connection) as asked:
            again = client.get(f"/api/v1/{address}", headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content, len(asked)) == (304, b"", 1), address
        assert again["ETag"] == first["ETag"]


def test_an_answer_is_kept_and_right_the_moment_the_register_changes(client: Client, marked: None) -> None:
    factories.RecognitionFactory()
    first = client.get("/api/v1/products/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/api/v1/products/").content == first.content
    assert len(asked) == 1
    factories.RecognitionFactory()
    RegisterMark.objects.update(word="b" * 32)
    now = client.get("/api/v1/products/", headers={"if-none-match": first["ETag"]})
    assert (now.status_code, now.json()["count"]) == (200, 2)
    assert now["ETag"] != first["ETag"]


def test_a_copy_of_yesterday_of_another_query_or_language_is_no_copy(client: Client, marked: None) -> None:
    etags = {client.get("/api/v1/products/")["ETag"], client.get("/api/v1/products/?level=national")["ETag"]}
    etags.add(client.get("/api/v1/statistics/recognitions/")["ETag"])
    with time_machine.travel("2026-11-22 00:00:01+07:00", tick=False):
        etags.add(client.get("/api/v1/products/")["ETag"])
    assert len(etags) == 4


def test_figures_of_rounds_and_certificates_have_their_copies_too(client: Client, marked: None) -> None:
    factories.RoundFactory(state="receiving")
    paper = factories.CertificateFactory()
    for address in ("statistics/rounds/", f"certificates/{paper.code}/"):
        first = client.get(f"/api/v1/{address}")
        if first.status_code == 200:
            assert client.get(f"/api/v1/{address}", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_head_answers_like_get_without_the_body(client: Client, marked: None) -> None:
    response = client.head("/api/v1/products/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get("/api/v1/products/")["ETag"]


# --- answers at hand ------------------------------------------------------------------------------------

AT_HAND = "portal.audit.middleware.ActorMiddleware.__call__"


@pytest.fixture
def deeper(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that got as far as the middleware that only pages of people need."""
    found: list[str] = []

    def passed(self: Any, request: Any) -> Any:
        found.append(request.get_full_path())
        return self.get_response(request)

    monkeypatch.setattr(AT_HAND, passed)
    return found


def told(response: Any) -> dict[str, set[str]]:
    """The headers, but how much is left; what stands in a list in any order."""
    return {name: set(re.split("[,;] ?", value)) for name, value in response.items() if not name.endswith("Remaining")}


@pytest.mark.parametrize(
    "address", ["products/", "products/?level=province", "facilities/", "statistics/recognitions/"]
)
@pytest.mark.parametrize("asked", [{}, {"origin": "https://nghien-cuu.example.org"}, {"accept": "application/json"}])
def test_an_answer_at_hand_is_the_first_one_over_again(
    address: str, asked: dict[str, str], marked: None, deeper: list[str]
) -> None:
    factories.RecognitionFactory()
    address = f"/api/v1/{address}"
    first, again = Client().get(address, headers=asked), Client().get(address, headers=asked)
    assert deeper == [address]
    assert (first["RateLimit-Remaining"], again["RateLimit-Remaining"]) == ("299", "298")
    assert (again.status_code, again.content) == (200, first.content)
    assert told(again) == told(first)
    seen = Client().get(address, headers=asked | {"if-none-match": first["ETag"]})
    assert (seen.status_code, seen.content, seen["RateLimit-Remaining"], seen["Vary"]) == (
        304,
        b"",
        "297",
        first["Vary"],
    )
    head = Client().head(address, headers=asked)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    assert deeper == [address]


def test_what_is_not_at_hand_is_counted_once(client: Client, marked: None, deeper: list[str]) -> None:
    client.get("/api/v1/products/")
    factories.RecognitionFactory()
    RegisterMark.objects.update(word="b" * 32)
    now = client.get("/api/v1/products/")
    assert (now.json()["count"], now["RateLimit-Remaining"], len(deeper)) == (1, "298", 2)
    spaced = client.get("/api/v1/products/", headers={"accept": "application/json; indent=2"})
    assert spaced.content.startswith(b'{\n  "count"')
    assert client.get("/api/v1/products/", headers={"accept": "text/html"}).status_code == 406
    assert client.post("/api/v1/products/").status_code == 405
    assert client.get("/api/v1/products/")["RateLimit-Remaining"] == "295"


def test_an_answer_at_hand_is_refused_like_any_other_beyond_the_limit(
    client: Client, marked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"anon": "2/min"})
    said = [client.get("/api/v1/products/") for _call in range(3)]
    assert [(one.status_code, one["RateLimit-Remaining"]) for one in said] == [(200, "1"), (200, "0"), (429, "0")]
    assert said[2]["Retry-After"] == "60"


def test_who_has_still_to_prove_a_second_factor_is_given_nothing_at_hand(
    client: Client, marked: None, settings: Any
) -> None:
    assert Client().get("/api/v1/products/").status_code == 200
    settings.REQUIRE_TOTP = True
    client.force_login(factories.UserFactory())
    assert client.get("/api/v1/products/").status_code == 403
    assert Client().get("/api/v1/products/").status_code == 200


# --- limits and other sites -----------------------------------------------------------------------------


def test_every_answer_says_how_much_is_left(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"anon": "2/min"})
    said = [client.get("/api/v1/facilities/") for _call in range(3)]
    assert [one["RateLimit-Remaining"] for one in said] == ["1", "0", "0"]
    assert {one["RateLimit-Limit"] for one in said} == {one["X-RateLimit-Limit"] for one in said} == {"2"}
    assert said[2].status_code == 429
    assert said[2]["Retry-After"] == said[2]["RateLimit-Reset"] == "60"
    with time_machine.travel("2026-11-21 09:01:00+07:00", tick=False):
        assert client.get("/api/v1/facilities/").status_code == 200


def test_pages_of_other_sites_may_read_what_is_public_and_nothing_else(client: Client) -> None:
    origin = {"origin": "https://nghien-cuu.example.org"}
    answer = client.get("/api/v1/products/", headers=origin)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert "etag" in answer["Access-Control-Expose-Headers"]
    asked = client.options("/api/v1/products/", headers=origin | {"access-control-request-method": "GET"})
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    for address in ("/api/v1/exchange/packages/", "/quan-tri/", "/dang-nhap/", "/san-pham/", "/api/docs/"):
        assert "Access-Control-Allow-Origin" not in client.get(address, headers=origin), address


def test_every_product_costs_the_same_on_the_last_page_as_on_the_first(client: Client) -> None:
    a_list("products/", 6)
    first = ask(client, "products/", page_size=2)
    with CaptureQueriesContext(connection) as early:
        client.get("/api/v1/products/?page_size=2")
    with CaptureQueriesContext(connection) as late:
        client.get(client.get(first["next"]).json()["next"])
    assert len(late) - len(early) == len(early)
    assert not [query for query in late if "OFFSET" in query["sql"]]
