"""Whole pages kept for visitors who are not logged in."""

import gzip
import re
import time
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from portal.text.display import chosen

from . import lasting, lasting_texts, register
from .catalogue import Clock

LONGEST_QUERY = 500
NEAR_BYTES = 32 * 1024 * 1024
NEAR_SECONDS = 60.0
T = TypeVar("T")
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))")


def kept_page(
    request: HttpRequest,
    now: Clock,
    build: Callable[[str], HttpResponse],
    choosing: lasting.Choosing | None = None,
) -> HttpResponse:
    """The page as kept under the register's mark, the day, the language and how it is shown, else built and kept.

    `build` takes the mark. With `choosing` the page outlasts changes that do not reach it (`lasting`). Whoever carries a
    session, and very long queries, get a page of their own.
    """
    state, query = register.state(), request.META.get("QUERY_STRING", "")
    mark = state.word
    # A session's cookie is enough to step aside: asking who it is would cost as much as the page.
    if not mark or len(query) > LONGEST_QUERY or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return build(mark)
    # The address of the style sheet changes with a release, and a kept page must not outlive its style.
    style = static("css/components.css")
    asked = f"{request.path}?{query}|{get_language()}|{chosen(request)}|{now.on}|{now.expiring_days}|{style}"
    name = sha256(asked.encode()).hexdigest()
    # Under one mark one question has one answer, so who has seen it needs not be sent it again.
    etag = f'W/"{sha256(f"{mark}|{name}".encode()).hexdigest()[:32]}"'

    def content() -> bytes:
        return lasting.page(state, name, lambda: build(mark), choosing) if choosing else build(mark).content

    response = get_conditional_response(request, etag) or _answer(
        request, mark, name, content, is_shared=choosing is None
    )
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ("Cookie", "Accept-Encoding"))
    return response


def _answer(request: HttpRequest, mark: str, name: str, build: Callable[[], bytes], *, is_shared: bool) -> HttpResponse:
    """The page, squeezed once for all who can read it so: nothing on a kept page is secret or anybody's own."""

    def page() -> bytes:
        return _near.kept(mark, f"page:{name}", build, len, is_shared=is_shared)

    if not _GZIP.search(request.headers.get("Accept-Encoding", "")):
        return HttpResponse(page())
    squeezed = _near.kept(mark, f"page-gzip:{name}", lambda: gzip.compress(page(), 6, mtime=0), len)
    return HttpResponse(squeezed, headers={"Content-Encoding": "gzip"})


class _Near:
    """What was answered under the present mark, in the process's own memory: the cache costs more than all the rest."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._held: tuple[str, dict[str, tuple[float, Any]]] = ("", {})
        self._bytes = 0

    def at_hand(self, mark: str, name: str) -> Any:
        """What is here for a short while; None where nothing is."""
        held_mark, answers = self._held
        until, found = answers.get(name, (0.0, None)) if held_mark == mark else (0.0, None)
        return found if until > time.monotonic() else None

    def kept(
        self, mark: str, name: str, build: Callable[[], T], size: Callable[[T], int], *, is_shared: bool = True
    ) -> T:
        """What is here for a short while, else what is in the cache, else built; what is not shared is only here."""
        found: T | None = self.at_hand(mark, name)
        if found is not None:
            return found
        answer = register.kept(mark, name, build) if is_shared else build()
        with self._lock:
            if self._held[0] != mark or self._bytes + size(answer) > NEAR_BYTES:
                self._held, self._bytes = (mark, {}), 0
            self._held[1][name] = (time.monotonic() + NEAR_SECONDS, answer)
            self._bytes += size(answer)
        return answer


_near = _Near()
kept_near, at_hand = _near.kept, _near.at_hand


def forget() -> None:
    """Hold nothing in the process's own memory."""
    _near.forget()
    lasting.forget()
    lasting_texts.forget()
