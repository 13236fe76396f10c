"""A partner that answers as no web server does: tried again later, and nobody else waits for it."""

import http.client
import io
import urllib.error

import pytest

from rounds.services import exchange_client
from rounds.services.exchange_client import Reply, Unreachable

URL = "https://cuc.example.vn/api/v1/exchange/packages/"


@pytest.mark.parametrize(
    "error",
    [
        http.client.BadStatusLine("SSH-2.0"),
        http.client.InvalidURL("nonnumeric port"),
        http.client.IncompleteRead(b""),
        urllib.error.URLError("no route"),
        TimeoutError(),
    ],
)
def test_no_answer_is_worth_another_try(monkeypatch, error):
    def fails(*_args, **_more):
        raise error

    monkeypatch.setattr(exchange_client._opener, "open", fails)
    with pytest.raises(Unreachable) as found:
        exchange_client._call("GET", URL, headers={}, data=None)
    assert "cuc.example.vn" in str(found.value)


def test_an_answer_that_is_cut_off_is_worth_another_try(monkeypatch):
    class Cut(io.BytesIO):
        status = 200

        def read(self, *_size):
            raise http.client.IncompleteRead(b"{")

    monkeypatch.setattr(exchange_client._opener, "open", lambda *_args, **_more: Cut())
    with pytest.raises(Unreachable):
        exchange_client._call("GET", URL, headers={}, data=None)


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b"[1]", b'{"detail": 5}', b"\xff"])
def test_a_strange_answer_says_nothing(body):
    assert Reply(400, body).sentence == ""
