"""The certificate check: one box for a code, a QR code's address or a name, and the answer to it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.text.errors import Refusal
from portal.text.formats import number
from portal.text.qr import draw

from . import asking, check_counts, check_limits, checking, codes, register
from .asking import Asked, Kind
from .catalogue import PER_PAGE, Clock
from .check_counts import UNKNOWN
from .enums import CheckWay
from .making_day import read_span

# How the visitor came to a certificate, where the address says so; a printed QR code's address says nothing.
WAYS = {"ma": CheckWay.CODE, "ten": CheckWay.NAME}
# Stands in a kept page where the minute of the check belongs.
MINUTE = "\ue000\ue001"
_KEPT_QUERIES = {"", *(urlencode({"tu": way}) for way in WAYS)}
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Kept:
    """A page as kept: under which mark of the register, its certificate and the state it tells."""

    mark: str
    content: bytes
    certificate_id: int
    answer: str


def limited(view: View) -> View:
    """Answer 429 with a sentence where one address asks too often; what is answered is never kept on the way.

    One look into the cache tells the limits and brings the page if it is kept; counting waits until it has gone out.
    """

    @require_safe
    @cache_control(private=True, no_cache=True, max_age=0)
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now, caller = timezone.now(), check_limits.caller_of(request)
        key = _key(request, now)
        wait, found = check_limits.wait_and_more(caller, now, *filter(None, [key]))
        if wait:
            return too_often(request, wait)
        response = view(request, *args, now=now, kept=found.get(key), key=key, **kwargs)
        check_counts.after(response, lambda: check_limits.count(caller, now))
        return response

    return inner


def _key(request: HttpRequest, now: dt.datetime) -> str:
    """The name a page is kept under, which the day is part of; empty for who gets a page of their own.

    A session's cookie is enough to step aside: asking who it is would cost as much as the page.
    """
    query = request.META.get("QUERY_STRING", "")
    if query not in _KEPT_QUERIES or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return ""
    # The address of the style sheet changes with a release, and a kept page must not outlive its style.
    facts = (
        request.path,
        query,
        get_language(),
        timezone.localdate(now),
        settings.EXPIRING_DAYS,
        static("css/check.css"),
    )
    return "check:page:" + sha256(repr(facts).encode()).hexdigest()


def _clock(now: dt.datetime) -> Clock:
    """The day of a moment in Vietnam; the whole answer rests on this one reading of the clock."""
    return Clock(on=timezone.localdate(now), expiring_days=settings.EXPIRING_DAYS)


def too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    """What who asks too often is told: how long to wait."""
    facts = {"nav": "verify", "minutes": max(1, -(-seconds // 60))}
    response = render(request, "products/verify_wait.html", facts, status=429)
    response["Retry-After"] = str(seconds)
    return response


# --- the box ----------------------------------------------------------------------------------------------


@limited
def verify(request: HttpRequest, *, now: dt.datetime, kept: Kept | None, key: str) -> HttpResponse:
    """Ask for a code or a name. What is a code leads to its answer, a name is looked up on this page."""
    if "ma" not in request.GET:
        return render(request, "products/verify.html", {"nav": "verify"})
    asked = asking.read(request.GET["ma"], hosts=_hosts())
    if asked.kind == Kind.PERHAPS:
        is_there = checking.checked(asked.code, _clock(now)) is not None
        asked = Asked(Kind.CODE if is_there else Kind.NAME, asked.code, words=asked.words)
    return _BOX.get(asked.kind, _to_code)(request, asked, now)


def _hosts() -> set[str]:
    own = urlsplit(settings.SITE_URL).hostname or ""
    return {own.lower(), *(host.strip("[]").lower() for host in settings.ALLOWED_HOSTS if "*" not in host)}


def _nothing(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    return render(request, "products/verify.html", {"nav": "verify", "asked": True})


def _to_code(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    if not asked.code:
        return _unknown(request, asked, now)
    return redirect(f"{reverse('verify_code', args=[codes.display(asked.code)])}?{urlencode({'tu': 'ma'})}")


def _to_page(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    return redirect(asked.words)


def _names(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    found = checking.by_name(asked.words, _page_number(request), _clock(now))
    start = (found.page - 1) * PER_PAGE
    facts = {
        "nav": "verify",
        "typed": asked.words,
        "names": found,
        "total": number(found.total),
        "pages": {
            "first": number(start + 1),
            "last": number(min(start + PER_PAGE, found.total)),
            "previous": _names_query(asked.words, found.page - 1) if found.page > 1 else "",
            "next": _names_query(asked.words, found.page + 1) if found.page < found.pages else "",
        },
    }
    return render(request, "products/verify.html", facts)


def _names_query(words: str, page: int) -> str:
    return "?" + urlencode({"ma": words, **({"page": page} if page > 1 else {})})


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= len("999999") else 1


def _elsewhere(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    """An address of another site: said before anything else, for that is how a label leads people astray."""
    return _unknown(request, asked, now)


_BOX: dict[Kind, Callable[[HttpRequest, Asked, dt.datetime], HttpResponse]] = {
    Kind.NOTHING: _nothing,
    Kind.NAME: _names,
    Kind.PAGE: _to_page,
    Kind.ELSEWHERE: _elsewhere,
}


# --- one code ---------------------------------------------------------------------------------------------


@limited
def verify_code(request: HttpRequest, code: str, *, now: dt.datetime, kept: Kept | None, key: str) -> HttpResponse:
    """What a code stands for today; 404 with an explanation when the register has none."""
    asked, clock = asking.of_path(code), _clock(now)
    if request.GET.keys() & {"ngay", "phieu"}:
        found = checking.checked(asked.code, clock) if asked.kind == Kind.CODE else None
        return _followed_up(request, found, clock, now) if found else _unknown(request, asked, now)
    page = _page(request, asked, now, kept, key) if asked.kind == Kind.CODE else None
    if page is None:
        return _unknown(request, asked, now)
    response = HttpResponse(page.content.replace(MINUTE.encode(), f"{timezone.localtime(now):%H:%M}".encode()))
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    _count(request, response, clock.on, page.certificate_id, page.answer)
    return response


def _page(request: HttpRequest, asked: Asked, now: dt.datetime, kept: Kept | None, key: str) -> Kept | None:
    """The page of a code: as kept while the register's mark is the same, else built anew.

    The mark moves with every change of the register, so a revocation shows at once. Codes that are not there
    are not kept: anyone can make up as many as they like.
    """
    clock, mark = _clock(now), register.mark() if key else ""
    if kept is not None and mark and kept.mark == mark:
        return kept
    found = checking.checked(asked.code, clock)
    if found is None:
        return None
    content = render(request, _template(found), {**_facts(found, clock, now), "minute": MINUTE}).content
    page = Kept(mark, content, found.certificate.pk, found.status)
    if mark:
        cache.set(key, page, register.SECONDS)
    return page


def _template(found: checking.Answer) -> str:
    return "products/verify_withheld.html" if found.is_withheld else "products/verify_result.html"


def _facts(found: checking.Answer, clock: Clock, now: dt.datetime) -> dict[str, Any]:
    row = found.row
    facts = {
        "nav": "verify",
        "code": codes.display(found.certificate.code),
        "checked_at": timezone.localtime(now),
        "minute": f"{timezone.localtime(now):%H:%M}",
        "found": found,
        "standing": found.standing,
        "row": row,
        "ended_on": row.expires_on + dt.timedelta(days=1) if row.expires_on else None,
        "renewed": codes.display(found.in_use.code) if found.in_use else "",
    }
    if found.is_withheld:
        return facts
    return {**facts, "product": row.product, "detail": checking.detail(found, clock)}


def _followed_up(request: HttpRequest, found: checking.Answer, clock: Clock, now: dt.datetime) -> HttpResponse:
    """The same certificate asked further: by a day of production, or as a slip to print. Not counted again."""
    facts = _facts(found, clock, now)
    if found.is_withheld:
        return render(request, "products/verify_withheld.html", facts)
    if "ngay" in request.GET:
        facts |= _made(request.GET["ngay"], found, facts["detail"], clock)
    if "phieu" not in request.GET:
        return render(request, "products/verify_result.html", facts)
    address = settings.SITE_URL + reverse("verify_code", args=[facts["code"]])
    return render(request, "products/verify_slip.html", {**facts, "address": address, "qr": draw(address)})


def _made(typed: str, found: checking.Answer, detail: checking.Detail, clock: Clock) -> dict[str, Any]:
    try:
        span = read_span(typed, on=clock.on)
    except Refusal as refusal:
        return {"typed_day": typed[:40], "refused": refusal.sentence}
    made = checking.made(found, span, detail.others)
    return {"typed_day": typed[:40], "made": made, "span": checking.span_words(span)}


def _unknown(request: HttpRequest, asked: Asked, now: dt.datetime) -> HttpResponse:
    """No such code: what may be wrong with it, and, where exactly one certificate is that near, which."""
    if asked.kind in {Kind.CODE, Kind.MISTYPED}:
        wait = check_limits.unknown(check_limits.caller_of(request), asked.code, now)
        if wait:
            return too_often(request, wait)
    meant = checking.nearest(asked.code) if asked.kind == Kind.MISTYPED else ""
    facts = {
        "nav": "verify",
        "asked": asked,
        "code": (codes.display(asked.code) or asked.words)[:60],
        "length": len(asked.code),
        "whole": codes.LENGTH,
        "meant": codes.display(meant),
        "places": checking.wrong_places(asked.code, meant) if meant else [],
        "checked_at": timezone.localtime(now),
        "minute": f"{timezone.localtime(now):%H:%M}",
    }
    response = render(request, "products/verify_unknown.html", facts, status=404)
    if asked.kind != Kind.ELSEWHERE:
        _count(request, response, timezone.localdate(now), None, UNKNOWN)
    return response


def _count(request: HttpRequest, response: HttpResponse, on: dt.date, certificate_id: int | None, answer: str) -> None:
    if check_counts.is_counted(request):
        check_counts.count_when_sent(response, on=on, certificate_id=certificate_id, way=_way(request), answer=answer)


def _way(request: HttpRequest) -> CheckWay:
    """Typed, found by name, or else scanned; a link from one of our own pages counts as found by name."""
    if "ma" in request.GET:
        return CheckWay.CODE
    told = WAYS.get(request.GET.get("tu", ""))
    if told:
        return told
    came_from = urlsplit(request.headers.get("Referer", "")).netloc
    return CheckWay.NAME if came_from and came_from == request.get_host() else CheckWay.QR
