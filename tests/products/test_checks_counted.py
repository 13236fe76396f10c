"""Checks are limited per address and counted per day, with nothing kept of who asked."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import DatabaseError
from django.test import RequestFactory

from portal.accounts.enums import Role
from products import check_counts, check_limits, codes
from products.models import Certificate, CheckCount
from tests.factories import CertificateFactory, RecognitionFactory, TerritoryFactory, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]
NOW = dt.datetime(2026, 11, 21, 9, 50, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)
UNKNOWN_CODES = [body + codes.check_character(body) for n in range(400) if (body := f"T{n:08}")]


@pytest.fixture
def on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def paper() -> Certificate:
    return CertificateFactory(recognition=RecognitionFactory(level="national"), code=codes.generate("national"))


def counted() -> list[tuple[Any, ...]]:
    return sorted(CheckCount.objects.values_list("certificate__code", "way", "answer", "count"), key=str)


# --- counting ---------------------------------------------------------------------------------------------


def test_each_way_and_answer_of_a_day_has_one_number(client, paper):
    for query in ("", "", "?tu=ma", "?tu=ten"):
        client.get(f"/tra-cuu/{paper.code}/{query}")
    client.get(f"/tra-cuu/{paper.code}/", headers={"referer": "http://testserver/san-pham/che/"})
    client.get(f"/api/v1/certificates/{paper.code}/")
    assert counted() == [
        (paper.code, "api", "valid", 1),
        (paper.code, "code", "valid", 1),
        (paper.code, "name", "valid", 2),
        (paper.code, "qr", "valid", 2),
    ]


def test_kept_pages_are_counted_like_fresh_ones(client, paper):
    from products.models import RegisterMark

    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "mark"})
    for _time in range(3):
        client.get(f"/tra-cuu/{paper.code}/")
    assert counted() == [(paper.code, "qr", "valid", 3)]


def test_unknown_codes_are_counted_without_being_written_down(client):
    for code in (*UNKNOWN_CODES[:2], "T-7K2M"):
        client.get(f"/tra-cuu/{code}/")
    assert counted() == [(None, "qr", "unknown", 3)]


def test_the_next_day_begins_at_midnight_in_vietnam(client, paper):
    client.get(f"/tra-cuu/{paper.code}/")
    with time_machine.travel(dt.datetime(2026, 11, 21, 17, 0, tzinfo=dt.UTC), tick=False):
        client.get(f"/tra-cuu/{paper.code}/")
    assert sorted(CheckCount.objects.values_list("on", "count")) == [(TODAY, 1), (dt.date(2026, 11, 22), 1)]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "facebookexternalhit/1.1"},
    ],
)
def test_machines_that_read_ahead_are_not_counted(client, paper, headers: dict[str, str]):
    assert client.get(f"/tra-cuu/{paper.code}/", headers=headers).status_code == 200
    assert counted() == []


def test_a_look_at_the_headers_a_day_of_production_and_a_slip_are_not_counted(client, paper):
    client.head(f"/tra-cuu/{paper.code}/")
    client.get(f"/tra-cuu/{paper.code}/?ngay=2025")
    client.get(f"/tra-cuu/{paper.code}/?phieu=1")
    client.get("/tra-cuu/?ma=chè")
    assert counted() == []


def test_a_count_that_fails_costs_no_answer(client, paper, monkeypatch):
    def fail(**_facts: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(check_counts, "count", fail)
    assert client.get(f"/tra-cuu/{paper.code}/").status_code == 200


def test_nothing_of_the_visitor_is_stored(client, paper):
    client.get(f"/tra-cuu/{paper.code}/", REMOTE_ADDR="203.0.113.77", headers={"user-agent": "Máy của Mẫu"})
    assert {field.name for field in CheckCount._meta.fields} == {"id", "on", "certificate", "way", "answer", "count"}
    kept = cache._cache if isinstance(cache._cache, dict) else cache._cache.get_client().keys("*")
    assert kept
    assert not [key for key in kept if "203.0.113.77" in str(key)]


# --- limits -----------------------------------------------------------------------------------------------


@pytest.mark.crawl
def test_a_hall_behind_one_address_is_served(client, paper):
    for _phone in range(300):
        assert client.get(f"/tra-cuu/{paper.code}/").status_code == 200


def test_the_same_wrong_label_scanned_by_a_hall_counts_once(client, paper):
    for _phone in range(60):
        assert client.get(f"/tra-cuu/{UNKNOWN_CODES[0]}/").status_code == 404
    assert client.get(f"/tra-cuu/{paper.code}/").status_code == 200


def test_who_tries_many_codes_is_stopped_while_right_codes_are_still_answered(client, paper):
    statuses = [client.get(f"/tra-cuu/{code}/").status_code for code in UNKNOWN_CODES[:32]]
    assert statuses == [404] * 30 + [429] * 2
    assert client.get(f"/tra-cuu/{paper.code}/").status_code == 200
    response = client.get(f"/tra-cuu/{UNKNOWN_CODES[40]}/")
    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert "thử lại sau 10 phút" in " ".join(response.content.decode().split())
    assert client.get(f"/tra-cuu/{UNKNOWN_CODES[40]}/", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_who_goes_on_trying_gets_no_answer_at_all_until_the_time_is_over(client, paper):
    for code in UNKNOWN_CODES[:151]:
        client.get(f"/tra-cuu/{code}/")
    assert client.get(f"/tra-cuu/{paper.code}/").status_code == 429
    with time_machine.travel(NOW + dt.timedelta(minutes=10), tick=False):
        assert client.get(f"/tra-cuu/{paper.code}/").status_code == 200


def test_too_many_questions_of_any_kind_are_asked_to_wait(client, paper, monkeypatch):
    monkeypatch.setattr(check_limits, "QUESTIONS", replace(check_limits.QUESTIONS, most=3))
    statuses = [
        client.get(a).status_code for a in ("/tra-cuu/", "/tra-cuu/?ma=a", f"/tra-cuu/{paper.code}/", "/tra-cuu/")
    ]
    assert statuses == [200, 200, 200, 429]
    assert client.get(f"/api/v1/certificates/{paper.code}/").status_code == 429


def test_page_and_api_share_what_is_left_of_guesses(client):
    for code in UNKNOWN_CODES[:30]:
        client.get(f"/tra-cuu/{code}/")
    response = client.get(f"/api/v1/certificates/{UNKNOWN_CODES[31]}/")
    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert response.json()["detail"].startswith("Bạn đã gọi quá nhiều lần.")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.1", "203.0.113.1", True),
        ("203.0.113.1", "203.0.113.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", "", True),
        ("không rõ", "không rõ", True),
    ],
)
def test_an_address_is_one_caller_and_so_is_a_home_of_the_sixth_version(one: str, other: str, same: bool):
    asked = [check_limits.caller_of(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (one, other)]
    assert (asked[0] == asked[1]) == same
    assert one not in asked[0] or not one


# --- the desk ---------------------------------------------------------------------------------------------


def test_the_desk_sees_the_month_of_its_own_certificates(client, officer, province):
    mine = CertificateFactory(recognition=RecognitionFactory(territory=province, product__name="Chè ta"), code="T1")
    theirs = CertificateFactory(
        recognition=RecognitionFactory(territory=TerritoryFactory(), product__name="Chè họ"), code="T2"
    )
    for number, certificate, day in ((7, mine, TODAY), (5, theirs, TODAY), (9, mine, dt.date(2026, 10, 31))):
        CheckCount.objects.create(on=day, certificate=certificate, way="qr", answer="revoked", count=number)
    CheckCount.objects.create(on=TODAY, way="code", answer="unknown", count=11)
    client.force_login(officer)
    text = " ".join(client.get("/quan-tri/luot-tra-cuu/").content.decode().split())
    assert "Lượt tra cứu tháng 11/2026" in text
    assert "<dt>Tất cả</dt><dd>7</dd>" in text
    assert "<dt>Mã không có trong sổ</dt><dd>11 " in text
    assert "Chè ta" in text
    assert "Chè họ" not in text
    assert text.count("Chè ta") == 2  # asked most, and asked though it was revoked
    october = " ".join(client.get("/quan-tri/luot-tra-cuu/?thang=2026-10").content.decode().split())
    assert "<dt>Tất cả</dt><dd>9</dd>" in october


@pytest.mark.parametrize("month", ["", "2026-13", "x", "2031-01", "2026-11-01"])
def test_a_month_that_is_none_is_this_month(client, officer, month: str):
    client.force_login(officer)
    assert "tháng 11/2026" in client.get("/quan-tri/luot-tra-cuu/", {"thang": month}).content.decode()


def test_the_counts_are_for_staff(client, province):
    client.force_login(
        staff(Role.SUPPORT_MEMBER if hasattr(Role, "SUPPORT_MEMBER") else Role.COMMUNE_OFFICER, province)
    )
    assert client.get("/quan-tri/luot-tra-cuu/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_desk_page_costs_the_same_for_any_number(
    client, officer, province, django_assert_max_num_queries, rows: int
):
    for n in range(rows):
        certificate = CertificateFactory(recognition=RecognitionFactory(territory=province), code=f"T{n}")
        CheckCount.objects.create(on=TODAY, certificate=certificate, way="qr", answer="expired", count=1)
    client.force_login(officer)
    client.get("/quan-tri/luot-tra-cuu/")
    with django_assert_max_num_queries(14):
        client.get("/quan-tri/luot-tra-cuu/")
