"""Whole pages kept for visitors who are not logged in."""

from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from . import register
from .catalogue import Clock

LONGEST_QUERY = 500


def kept_page(request: HttpRequest, now: Clock, build: Callable[[str], HttpResponse]) -> HttpResponse:
    """The page as kept under the register's mark, the day and the language, else built and kept.

    `build` takes the mark. Whoever carries a session, and very long queries, get a page of their own.
    """
    mark, query = register.mark(), request.META.get("QUERY_STRING", "")
    # A session's cookie is enough to step aside: asking who it is would cost as much as the page.
    if not mark or len(query) > LONGEST_QUERY or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return build(mark)
    # The address of the style sheet changes with a release, and a kept page must not outlive its style.
    style = static("css/components.css")
    asked = f"{request.path}?{query}|{get_language()}|{now.on}|{now.expiring_days}|{style}"
    content = register.kept(mark, f"page:{sha256(asked.encode()).hexdigest()}", lambda: build(mark).content)
    response = HttpResponse(content)
    patch_vary_headers(response, ("Cookie",))
    return response
