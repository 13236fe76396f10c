"""The examples of docs/api.md run as they stand there."""

import io
import re
import shlex
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from products.models import RegisterMark
from tests import factories

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
SITE = "https://sanpham.example.vn"
EXAMPLES = re.findall(r"```(bash|python)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch, client: Client, settings: Any) -> None:
    """The address of the examples is answered by this portal."""
    settings.SITE_URL = SITE
    factories.TerritoryFactory(name="Gia Lai", slug="gia-lai")
    for _number in range(101):
        factories.RecognitionFactory()
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "a" * 32, "number": 0})
    monkeypatch.setattr(urllib.request, "urlopen", lambda asked: _answered(client, asked))


def _answered(client: Client, asked: Any) -> Any:
    address, headers = (asked, {}) if isinstance(asked, str) else (asked.full_url, dict(asked.header_items()))
    path = address.removeprefix(SITE).removeprefix("https://testserver").removeprefix("http://testserver")
    assert path.startswith("/api/v1/"), address
    response = client.get(path, headers={"if-none-match": headers["If-none-match"]} if headers else None)
    told = Message()
    for name, value in response.items():
        told[name] = value
    if response.status_code >= 300:
        raise urllib.error.HTTPError(address, response.status_code, "", told, io.BytesIO(response.content))
    body = io.BytesIO(response.content)
    body.headers = told  # type: ignore[attr-defined]
    return body


def test_there_are_examples() -> None:
    assert sorted(kind for kind, _text in EXAMPLES) == ["bash"] * 4 + ["python"] * 2


@pytest.mark.parametrize("text", [text for kind, text in EXAMPLES if kind == "bash"])
def test_an_address_asked_by_hand_answers(text: str, client: Client) -> None:
    program, address = shlex.split(text)
    assert program == "curl"
    response = client.get(address.removeprefix(SITE))
    assert response.status_code == (404 if "/certificates/" in address else 200)
    assert response.json()


def test_following_next_reads_every_row() -> None:
    assert len(_run("next")["names"]) == 101


def test_asking_with_the_etag_says_that_nothing_is_new() -> None:
    assert _run("ETag")["is_still_right"] is True


def _run(word: str) -> dict[str, Any]:
    held: dict[str, Any] = {}
    exec(next(text for kind, text in EXAMPLES if kind == "python" and word in text), held)
    return held


def test_every_address_of_the_table_is_one_of_the_api(client: Client) -> None:
    known = {path.removeprefix("/api/v1/") for path in client.get("/api/schema/?format=json").json()["paths"]}
    named = {
        re.sub(r"<[^>]+>", "{}", one)
        for one in re.findall(r"`([a-z/]+/(?:<[^>]+>/)?)`", PAGE.partition("## Đi hết")[0])
    }
    told = {re.sub(r"\{[^}]+\}", "{}", one) for one in known if not one.startswith("exchange")}
    assert told == named - {"/api/v", "/api/docs/", "/api/schema/"}
