"""Behind a proxy the log and the lock-out see the visitor, and nobody can pretend to be another."""

import pytest
from django.http import HttpRequest, HttpResponse

from portal.audit.middleware import ProxyMiddleware

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("unknown", PROXY),
        ("203.0.113.9, <script>", PROXY),
        ("", PROXY),
    ],
)
def test_the_last_forwarded_address_counts(header: str, seen: str) -> None:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": header}
    ProxyMiddleware(lambda _request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == seen
