"""Calendars to subscribe to: a province's public one, and its staff's own by secret address. Thin views."""

import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.notices import feeds
from portal.notices.models import CalendarFeed
from portal.territory.queries import unit_by_slug, unit_today
from portal.text.clock import today
from portal.text.errors import Refusal

from . import calendar_events


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def calendars(request: HttpRequest) -> HttpResponse:
    """The person's calendars with their addresses, and those that may be made."""
    user: Any = request.user
    mine, provinces = feeds.open_feeds(user), feeds.provinces_of(user)
    status = 200
    if request.method == "POST":
        try:
            territory = get_object_or_404(provinces, slug=request.POST.get("province", ""))
            feeds.make(user=user, territory=territory, now=timezone.now())
            messages.success(request, _("Đã lập địa chỉ lịch. Hãy thêm địa chỉ vào ứng dụng lịch của bạn."))
            return redirect("calendar")
        except Refusal as refusal:
            messages.error(request, str(refusal))
            status = 409
    rows = [(feed, *_addresses(reverse("calendar_feed", args=[feed.token]))) for feed in mine]
    held = {feed.territory_id for feed, *_rest in rows}
    free = [unit for unit in provinces if unit.pk not in held]
    public = [(unit, _addresses(reverse("calendar_public", args=[unit.slug]))[0]) for unit in provinces]
    context = {"rows": rows, "free": free, "public": public if len(public) == 1 else ()}
    return render(request, "notices/calendar.html", context, status=status)


@require_POST
@login_required
def end(request: HttpRequest, token: UUID) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed, token=token, user=request.user)
    try:
        feeds.end(feed=feed, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("Đã thôi dùng lịch. Địa chỉ cũ không còn mở được."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("calendar")


@require_safe
def feed(request: HttpRequest, token: UUID) -> HttpResponse:
    """A staff calendar: whoever has the address reads it, until it is ended or its owner works there no more."""
    found = feeds.read(token, on=today())
    if found is None or found.territory is None:
        raise Http404
    with translation.override("vi"):
        content = calendar_events.staff_calendar(unit_today(found.territory.pk), today())
    answer = _calendar(request, content, found.territory.slug)
    patch_cache_control(answer, private=True, no_cache=True)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@require_safe
def public(request: HttpRequest, slug: str) -> HttpResponse:
    unit = unit_by_slug(slug)
    if unit is None:
        raise Http404
    now = unit_today(unit.pk)
    if now.slug != slug:
        return redirect("calendar_public", slug=now.slug, permanent=True)
    with translation.override("vi"):
        content = calendar_events.public_calendar(now, today())
    answer = _calendar(request, content, slug)
    patch_cache_control(answer, public=True, no_cache=True)
    return answer


def _calendar(request: HttpRequest, content: bytes, name: str) -> HttpResponse:
    """The calendar, or 304 when the reader has this very one."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = tag
    answer["Content-Disposition"] = f'inline; filename="{name}.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=tag, response=answer) or answer


def _addresses(path: str) -> tuple[str, str]:
    """As a web address, and as the one that opens a calendar program."""
    address = settings.SITE_URL + path
    return address, "webcal://" + address.split("://", 1)[1]
