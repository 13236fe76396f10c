"""Redis gone mid-way: pages still come, limits hold nobody up, and nothing that must happen once happens twice."""

import time
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client, override_settings
from structlog.testing import capture_logs

from portal.celery import app
from portal.notices.tasks import send_letters
from portal.text import caches as own
from products import codes
from products.enums import Level
from products.models import RegisterMark
from tests import factories
from tests.with_services import free_port

GONE = {
    "default": {
        "BACKEND": "portal.text.caches.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}


@pytest.fixture(autouse=True)
def gone(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The cache is a port where nobody listens."""
    monkeypatch.setattr(own, "absence", own._Absence())
    with override_settings(CACHES=GONE):
        yield


@pytest.mark.django_db
def test_pages_and_the_api_come_without_redis(client: Client) -> None:
    row = factories.RecognitionFactory()
    paper = factories.CertificateFactory(recognition=row, code=codes.generate(Level.PROVINCE))
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "a" * 32})
    for address in (
        "/", "/san-pham/", f"/san-pham/{row.product.slug}/", f"/co-so/{row.product.facility.slug}/", "/thong-ke/",
        f"/tra-cuu/{paper.code}/", "/du-lieu-mo/", "/api/v1/products/", f"/api/v1/certificates/{paper.code}/",
        "/dang-nhap/", "/dang-ky/",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address


def test_nothing_is_found_and_nothing_is_added() -> None:
    cache = caches["default"]
    cache.set("a", 1)
    assert (cache.get("a"), cache.get("a", 7), cache.get_many(["a"]), "a" in cache) == (None, 7, {}, False)
    # What is added is what must be the only one: a nonce that cannot be kept counts as used.
    assert cache.add("nonce", 1) is False
    assert (cache.incr("calls"), cache.delete("a"), cache.set_many({"a": 1})) == (1, False, [])


def test_no_page_waits_for_the_result_of_a_task() -> None:
    """Listening for one is tried again for twenty seconds while Redis does not answer."""
    assert app.tasks[send_letters.name].ignore_result


def test_it_is_said_once_and_redis_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(own.time, "monotonic", lambda: now)
    cache = caches["default"]
    with capture_logs() as said:
        for _page in range(20):
            cache.get("a")
    assert [line["event"] for line in said] == ["cache_gone"]
    assert own.absence.is_on()
    now += own.LEFT_ALONE + 1
    assert not own.absence.is_on()


def test_an_answer_after_an_absence_is_said_too() -> None:
    own.absence.begin(OSError("gone"))
    with capture_logs() as said:
        own.absence.end()
        own.absence.end()
    assert [line["event"] for line in said] == ["cache_back"]
