"""Whole pages kept for visitors who are not logged in."""

from collections.abc import Callable
from hashlib import sha256

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from . import register
from .catalogue import Clock

LONGEST_QUERY = 500


def kept_page(request: HttpRequest, now: Clock, build: Callable[[str], HttpResponse]) -> HttpResponse:
    """The page as kept under the register's mark, the day and the language, else built and kept.

    `build` takes the mark. Who is logged in, and very long queries, get a page of their own.
    """
    mark, query = register.mark(), request.GET.urlencode()
    if not mark or len(query) > LONGEST_QUERY or request.user.is_authenticated:
        return build(mark)
    asked = f"{request.path}?{query}|{get_language()}|{now.on}|{now.expiring_days}"
    key = f"register:{mark}:page:{sha256(asked.encode()).hexdigest()}"
    content = cache.get(key)
    if content is None:
        content = build(mark).content
        cache.set(key, content, register.SECONDS)
    return HttpResponse(content)
