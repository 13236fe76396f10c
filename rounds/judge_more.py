"""More pages of the judges: what works without a network. Thin."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@lru_cache(maxsize=1)
def _worker() -> bytes:
    return (Path(settings.BASE_DIR) / "static" / "js" / "sw.js").read_bytes()


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address whose scope is the judges' pages and nothing else."""
    return HttpResponse(
        _worker(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "public, no-cache"}
    )


@never_cache
@login_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a judge sees where there is no network and no copy; kept on the device with the first page."""
    return render(request, "rounds/judge_offline.html", {"nav": ""})
