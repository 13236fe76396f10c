"""What other deployments send here and fetch from here: known by their signatures, taken once."""

import base64
import json

import pytest
from django.core.cache import cache
from django.test import Client

from portal.audit.models import AuditEntry
from rounds.enums import PackageState
from rounds.exchange import keys
from rounds.exchange.package import MAX_PACKAGE
from rounds.models import ExchangePackage, Peer
from rounds.services import exchange
from rounds.services.exchange_client import KEY, NONCE, SIGNATURE, TIME, signed_headers

from . import exchange_world as world
from .exchange_world import CENTRE, OTHER, PROVINCE
from .nomination_world import NOON

pytestmark = pytest.mark.django_db
URL = "/api/v1/exchange/packages/"


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def sent(tmp_path) -> bytes:
    with world.deployment(PROVINCE, tmp_path / "sender"):
        return world.packed(world.build_province())


@pytest.fixture
def at_centre(tmp_path):
    with world.deployment(CENTRE, tmp_path / "centre"):
        yield world.build_centre()


def post(client, data: bytes, **headers):
    return client.post(URL, data=data, content_type="application/zip", **headers)


def signed(path: str = URL, method: str = "GET", *, key=PROVINCE, addressee=CENTRE, now=NOON) -> dict[str, str]:
    return signed_headers(key=key, method=method, path=path, addressee=addressee.public, now=now)


@pytest.fixture
def waiting(sent, at_centre) -> ExchangePackage:
    """A receipt that waits for the province."""
    exchange.apply(package=world.take(sent).package, actor=at_centre.agency, now=NOON)
    exchange.prepare_due(now=NOON)
    return ExchangePackage.objects.get(incoming=False)


def test_a_package_is_taken_once_and_said_to_be_known_the_second_time(client, sent, at_centre):
    first, again = post(client, sent), post(client, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["state"] == "prepared"
    assert again.json()["detail"] == "Gói này đã nhận lúc 12:00 ngày 21/11/2026, không ghi lại gì."
    assert first.json()["digest"] == again.json()["digest"] == ExchangePackage.objects.get().digest
    entry = AuditEntry.objects.get(action="exchange.take_in")
    assert (entry.actor, entry.data["peer"]) == (None, PROVINCE.public)
    assert ExchangePackage.objects.get().by_api


def test_no_session_and_no_form_token_are_asked_for(sent, at_centre):
    assert post(Client(enforce_csrf_checks=True), sent).status_code == 201


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"not a package", 400, "not_a_package"),
        (b"PK\x03\x04" + b"\0" * 60, 400, "cut_off"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence(client, at_centre, data, status, code):
    answer = post(client, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"].endswith(".")
    assert ExchangePackage.objects.count() == 0


def test_an_unknown_sender_is_403(client, sent, at_centre):
    Peer.objects.all().delete()
    assert post(client, sent).status_code == 403


def test_the_size_is_looked_at_before_the_body(client, at_centre):
    answer = client.generic("POST", URL, b"x", content_type="application/zip", CONTENT_LENGTH=str(MAX_PACKAGE + 1))
    assert answer.status_code == 413


def test_a_body_of_no_stated_length_is_411(client, at_centre):
    assert client.generic("POST", URL, b"x", content_type="application/zip", CONTENT_LENGTH="").status_code == 411


def test_without_a_key_of_its_own_the_centre_says_so(client, sent, at_centre, settings):
    settings.EXCHANGE_KEY = ""
    assert post(client, sent).status_code == 503


def test_too_many_calls_are_slowed_down(client, at_centre):
    cache.clear()
    statuses = {post(client, b"x").status_code for _call in range(61)}
    assert statuses == {400, 429}


def test_another_address_in_a_header_is_not_another_caller(client, at_centre):
    cache.clear()
    statuses = {post(client, b"x", headers={"X-Forwarded-For": f"10.0.0.{call}"}).status_code for call in range(61)}
    assert statuses == {400, 429}


def test_a_signed_time_that_only_looks_like_a_number_is_401(client, waiting):
    message = {"method": "GET", "path": URL, "body": b"", "addressee": CENTRE.public, "nonce": "n" * 20}
    signature = PROVINCE.sign(keys.request_message(**message, time="²"))
    headers = signed() | {TIME: "²", NONCE: "n" * 20, SIGNATURE: base64.b64encode(signature).decode()}
    assert client.get(URL, headers=headers).status_code == 401


def test_an_answer_waits_until_its_partner_says_it_has_it(client, waiting):
    listed = client.get(URL, headers=signed()).json()["packages"]
    assert [(row["digest"], row["kind"], row["size"]) for row in listed] == [
        (waiting.digest, "receipt", waiting.size)
    ]  # fmt: skip
    path = f"{URL}{waiting.digest}/"
    fetched = client.get(path, headers=signed(path))
    assert b"".join(fetched.streaming_content) == world.read(waiting)
    assert client.get(URL, headers=signed()).json()["packages"] == listed
    taken = f"{path}taken/"
    assert client.post(taken, headers=signed(taken, "POST")).status_code == 200
    waiting.refresh_from_db()
    assert waiting.state == PackageState.SENT
    assert client.get(URL, headers=signed()).json() == {"packages": []}


def test_nobody_else_sees_it(client, waiting, at_centre):
    world.peer(OTHER, at_centre.administrator, name="Khác", role="province", territory="thai-nguyen")
    assert client.get(URL, headers=signed(key=OTHER)).json() == {"packages": []}
    path = f"{URL}{waiting.digest}/"
    assert client.get(path, headers=signed(path, key=OTHER)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {KEY: OTHER.public},
        {KEY: "x"},
        {TIME: "0"},
        {TIME: "abc"},
        {NONCE: "short"},
        {SIGNATURE: "AAAA"},
        {SIGNATURE: "!"},
    ],
)
def test_a_request_that_is_not_signed_is_401(client, waiting, change):
    answer = client.get(URL, headers=signed() | change)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed")


def test_a_request_is_good_for_one_call_one_address_one_method_and_one_centre(client, waiting):
    headers = signed()
    assert client.get(URL, headers=headers).status_code == 200
    assert client.get(URL, headers=headers).status_code == 401
    assert client.get(f"{URL}?x=1", headers=signed()).status_code == 401
    assert client.get(f"{URL}{waiting.digest}/", headers=signed()).status_code == 401
    assert client.get(URL, headers=signed(method="POST")).status_code == 401
    assert client.get(URL, headers=signed(addressee=OTHER)).status_code == 401


def test_an_old_request_is_refused(client, waiting, time_machine):
    headers = signed()
    time_machine.shift(301)
    assert client.get(URL, headers=headers).status_code == 401


def test_the_documentation_tells_all_of_it(client):
    schema = client.get("/api/schema/?format=json").json()
    send = schema["paths"]["/api/v1/exchange/packages/"]
    assert {"200", "201", "400", "403", "409", "413"} <= set(send["post"]["responses"])
    assert {row["name"] for row in send["get"]["parameters"]} == {KEY, TIME, NONCE, SIGNATURE}
    assert json.dumps(schema).count("exchange_packages_") == 4
