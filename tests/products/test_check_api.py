"""The machine's certificate check: everything the page says, as facts."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from products import codes
from products.enums import Level
from tests.factories import CertificateFactory, FacilityFactory, RecognitionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def on_the_day():
    with time_machine.travel(dt.datetime(2026, 11, 21, 9, 52, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def paper() -> Any:
    return CertificateFactory(recognition=RecognitionFactory(level=Level.NATIONAL), code=codes.generate(Level.NATIONAL))


def ask(client: Client, address: str, status: int = 200) -> dict[str, Any]:
    response = client.get(f"/api/v1/certificates/{address}")
    assert response.status_code == status
    assert "no-cache" in response.get("Cache-Control", "no-cache")
    found: dict[str, Any] = response.json()
    return found


def test_it_says_when_it_was_asked_in_vietnamese_time(client, paper) -> None:
    assert ask(client, f"{paper.code}/")["checked_at"] == "2026-11-21T16:52:00+07:00"


@pytest.mark.parametrize(
    ("typed", "answer", "days"),
    [
        ("2024-11-20", "yes", ("2024-11-20", "2024-11-20")),
        ("19/11/2024", "no", ("2024-11-19", "2024-11-19")),
        ("2024-11", "partly", ("2024-11-01", "2024-11-30")),
        ("2026", "yes", ("2026-01-01", "2026-11-21")),
    ],
)
def test_it_answers_by_day_of_production(client, paper, typed: str, answer: str, days: tuple[str, str]) -> None:
    held = ask(client, f"{paper.code}/?produced_on={typed}")["held_on"]
    assert (held["answer"], held["first"], held["last"]) == (answer, *days)
    assert (held["parts"][0]["first"], held["parts"][-1]["last"]) == days


def test_without_a_day_nothing_is_said_of_one(client, paper) -> None:
    assert ask(client, f"{paper.code}/")["held_on"] is None


@pytest.mark.parametrize("typed", ["2026-11-22", "hôm qua", "2025-02-29", ""])
def test_a_day_that_is_none_is_refused_in_a_sentence(client, paper, typed: str) -> None:
    answer = ask(client, f"{paper.code}/?produced_on={typed}", 400)
    assert answer["produced_on"][0].endswith(".")


def test_the_history_and_other_recognitions_come_with_it(client, paper) -> None:
    RecognitionFactory(product=paper.recognition.product, level=Level.PROVINCE, year=2022)
    answer = ask(client, f"{paper.code}/")
    assert [line["kind"] for line in answer["history"]] == ["recognised", "issued"]
    assert [(one["level"], one["year"]) for one in answer["other_recognitions"]] == [("province", 2022)]


def test_a_replaced_paper_names_the_one_in_use(client, paper) -> None:
    paper.superseded_on, paper.superseded_reason = dt.date(2026, 1, 1), "Rách"
    paper.save()
    new = CertificateFactory(recognition=paper.recognition, code=codes.generate(Level.NATIONAL))
    answer = ask(client, f"{paper.code}/")
    assert answer["superseded_by"] == answer["renewed_by"] == new.code


def test_a_household_past_its_revoked_end_is_not_named(client) -> None:
    row = RecognitionFactory(
        expires_on=dt.date(2026, 1, 1), revoked_on=dt.date(2025, 6, 1), status_reason="Hộ ông Mẫu vi phạm",
        product__facility=FacilityFactory(name="Hộ ông Mẫu", kind="household"),
    )  # fmt: skip
    paper = CertificateFactory(recognition=row, code=codes.generate(row.level))
    response = client.get(f"/api/v1/certificates/{paper.code}/?produced_on=2025")
    answer = response.json()
    assert (answer["status"], answer["product"], answer["facility"]) == ("revoked", None, None)
    assert "Mẫu" not in response.content.decode()


def test_a_cut_off_code_is_unknown_and_told_so(client) -> None:
    answer = ask(client, "T-7K2M/", 404)
    assert answer["status"] == "unknown"
    assert answer["reason"] == "Mã có 10 ký tự, ở đây có 5. Hãy gửi đủ mã in trên giấy chứng nhận."


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (dt.datetime(2027, 12, 31, 16, 59, 59, tzinfo=dt.UTC), "expiring"),
        (dt.datetime(2027, 12, 31, 17, 0, 0, tzinfo=dt.UTC), "expired"),
    ],
)
def test_the_state_turns_with_the_day_in_vietnam(client, paper, second: dt.datetime, status: str) -> None:
    with time_machine.travel(second, tick=False):
        assert ask(client, f"{paper.code}/")["status"] == status
