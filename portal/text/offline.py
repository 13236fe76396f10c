"""The service worker of pages for places without a network."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@lru_cache(maxsize=1)
def _script() -> bytes:
    return (Path(settings.BASE_DIR) / "static" / "js" / "sw.js").read_bytes()


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script, to whoever asks: the address that it is served at bounds the pages that it sees."""
    return HttpResponse(
        _script(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "public, no-cache"}
    )
