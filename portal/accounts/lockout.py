"""What a person sees who has typed too many wrong passwords."""

from typing import Any

from axes.helpers import get_cool_off, get_failure_limit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def locked(request: HttpRequest, original_response: Any = None, credentials: Any = None) -> HttpResponse:
    """The page that says so, and from what time on it is worth trying again (status 429)."""
    cool_off = get_cool_off(request)
    until = timezone.localtime(timezone.now() + cool_off) if cool_off else None
    context = {"limit": get_failure_limit(request, credentials), "until": f"{until:%H:%M}" if until else ""}
    response = render(request, "accounts/locked.html", context, status=settings.AXES_HTTP_RESPONSE_CODE)
    if cool_off:
        response["Retry-After"] = str(int(cool_off.total_seconds()))
    return response
