"""What every public answer of the API has in common: limits said in headers, ETag and 304, answers that are kept.

The register's mark changes whenever anything public does (`products.register`), so one look at it tells whether a
copy is still right, before any list is read.
"""

import inspect
from collections.abc import Callable
from functools import cache, wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from portal.text import rates
from portal.text.clock import today
from portal.text.pagination import CURSOR, PAGE_SIZE
from products import register
from products.kept_pages import at_hand, kept_near

View = Callable[..., HttpResponseBase]
PURPOSE = "api"
LONGEST_QUERY = 500
MOST_KNOWN = 2000
# A copy may be kept, and is asked about each time: 304 costs one look at the mark.
FRESH = "public, no-cache"
MEANT_TO_READ = ("GET", "HEAD")


class _Unkept(Exception):
    """An answer that is no answer to keep: a refusal in words."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def public(view: View) -> View:
    """A view whose answer follows from the register, the day, the language and the address: kept, with ETag."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in MEANT_TO_READ:
            return view(request, *args, **kwargs)
        rate = getattr(request, "rate_of_api", None) or _counted(request)
        if rate.is_over:
            return _told(_too_often(rate), rate)
        mark = register.mark()
        etag = _etag(request, mark)
        known = get_conditional_response(request, etag=etag) if etag else None
        return _told(_marked(known or _kept(request, mark, etag, lambda: view(request, *args, **kwargs)), etag), rate)

    return answered


class KeptAnswerMiddleware:
    """Gives what `public` keeps without asking who calls: nothing of it depends on that.

    Stands behind what writes headers on every answer, before what only pages of people need. It knows the addresses
    that this process has answered so; of any other, and of what is not at hand any more, the view decides.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return (_at_hand(request) if _is_known(request) else None) or self.get_response(request)


# Addresses whose answers were kept by this process.
_known: set[str] = set()


def _is_known(request: HttpRequest) -> bool:
    # Whoever is logged in may have to prove a second factor first.
    is_asked_so = request.method in MEANT_TO_READ and settings.SESSION_COOKIE_NAME not in request.COOKIES
    return is_asked_so and request.get_full_path() in _known and _is_plain(request)


def _at_hand(request: HttpRequest) -> HttpResponseBase | None:
    """What `public` would answer, where that is at hand; what was counted for it is counted once."""
    rate = _counted(request)
    if rate.is_over:
        return _told(_too_often(rate), rate)
    mark = register.mark()
    etag = _etag(request, mark)
    found = at_hand(mark, f"api:{etag}") if etag else None
    if found is None:
        request.rate_of_api = rate  # type: ignore[attr-defined]
        return None
    content, kind = found
    known = get_conditional_response(request, etag=etag)
    return _told(_marked(known or HttpResponse(content, content_type=kind), etag), rate)


def by_content(view: View) -> View:
    """A view that shows more than the register's mark knows of: its ETag is taken from the answer itself."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in MEANT_TO_READ:
            return view(request, *args, **kwargs)
        rate = _counted(request)
        if rate.is_over:
            return _told(_too_often(rate), rate)
        response = _rendered(view(request, *args, **kwargs))
        if response.status_code != HttpResponse.status_code:
            return _told(response, rate)
        etag = f'W/"{sha256(response.content).hexdigest()[:32]}"'
        return _told(_marked(get_conditional_response(request, etag=etag, response=response) or response, etag), rate)

    return answered


def counting_itself(view: View) -> View:
    """A view with limits of its own that must hear of every call: answered first, then compared with the copy."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        rate = getattr(request, "rate", None)
        if rate is not None:
            rates.tell(response, rate)
        if request.method not in MEANT_TO_READ or response.status_code != HttpResponse.status_code:
            return response
        assert isinstance(response, HttpResponse)
        etag = _etag(request, register.mark())
        _marked(response, etag)
        return (get_conditional_response(request, etag=etag, response=response) if etag else None) or response

    return answered


def kept_count(request: Request, queryset: QuerySet[Any]) -> int:
    """How many rows a list has, counted once for all its pages while the register stays as it is."""
    asked = sorted((name, value) for name, values in request.query_params.lists() for value in values)
    asked = [pair for pair in asked if pair[0] not in {CURSOR, PAGE_SIZE}]
    name = sha256(f"{request.path}{asked}{today()}{settings.EXPIRING_DAYS}".encode()).hexdigest()
    return register.kept(register.mark(), f"api-count:{name}", queryset.count)


def _counted(request: HttpRequest) -> rates.Rate:
    most, seconds = _rate(api_settings.DEFAULT_THROTTLE_RATES["anon"])
    return rates.counted(request, PURPOSE, most=most, seconds=seconds, now=timezone.now())


@cache
def _rate(text: str) -> tuple[int, int]:
    most, seconds = SimpleRateThrottle.parse_rate(None, text)  # type: ignore[arg-type]
    assert most is not None
    assert seconds is not None
    return most, seconds


def _too_often(rate: rates.Rate) -> JsonResponse:
    sentence = _("Bạn đã gọi quá nhiều lần. Hãy thử lại sau %(seconds)s giây.") % {"seconds": rate.seconds}
    return JsonResponse({"detail": sentence}, status=429)


def _told(response: HttpResponseBase, rate: rates.Rate) -> HttpResponseBase:
    rates.tell(response, rate)
    return response


def _marked(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    if etag and response.status_code in {200, 304}:
        response["ETag"], response["Cache-Control"] = etag, FRESH
        patch_vary_headers(response, ("Accept", "Accept-Language"))
    return response


def _etag(request: HttpRequest, mark: str) -> str:
    """Weak, since the same answer may travel packed or not. Empty while nothing was ever written."""
    if not mark:
        return ""
    facts = (mark, today(), settings.EXPIRING_DAYS, settings.SITE_URL, get_language(), _release(), _indented(request))
    address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
    return f'W/"{sha256(f"{facts}{address}".encode(errors="replace")).hexdigest()[:32]}"'


def _kept(request: HttpRequest, mark: str, etag: str, build: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer as kept under its ETag, else built, and kept when it is one."""
    if not etag or not _is_plain(request) or len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        return build()

    def read() -> tuple[bytes, str]:
        response = _rendered(build())
        if response.status_code != HttpResponse.status_code:
            raise _Unkept(response)
        return response.content, response["Content-Type"]

    try:
        content, kind = kept_near(mark, f"api:{etag}", read, lambda found: len(found[0]))
    except _Unkept as unkept:
        return unkept.response
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known.add(request.get_full_path())
    return HttpResponse(content, content_type=kind)


def _is_plain(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "*/*")
    return "*/*" in accept or "application/json" in accept


def _rendered(response: HttpResponseBase) -> HttpResponse:
    if hasattr(response, "render") and not response.is_rendered:  # type: ignore[attr-defined]
        response.render()
    assert isinstance(response, HttpResponse)
    return response


def _indented(request: HttpRequest) -> bool:
    return "indent" in request.headers.get("Accept", "")


@cache
def _release() -> str:
    """A word for the code that writes the answers: a copy of an older form is not taken for one of this."""
    from extension import api as projects
    from facilities import api as facilities
    from portal.text import serializers as written
    from products import api, changes_api, serializers
    from rounds import api as rounds

    from . import api_products, statistics_api

    modules = (api, api_products, changes_api, serializers, facilities, projects, rounds, statistics_api, written)
    return sha256("".join(inspect.getsource(module) for module in modules).encode()).hexdigest()[:12]
