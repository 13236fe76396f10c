"""Error pages in words, sentences in JSON under /api/. Each keeps its status code.

Only the page of an address that leads nowhere asks the register what is near, and does without when it cannot.
"""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts import resuming
from products.views import clock

from . import lost


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if _is_api(request):
        return _said(_("Địa chỉ hoặc dữ liệu gửi lên không đúng. Hãy xem lại lời gọi."), 400)
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "403.html", {"sentence": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if _is_api(request):
        return _said(_("Không có dữ liệu ở địa chỉ này. Hãy xem lại địa chỉ hoặc số trang."), 404)
    facts = {"found": lost.help_for(request.path, clock()), "ways": lost.ways_on()}
    return render(request, "404.html", facts, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return _said(_("Hệ thống đang gặp lỗi. Hãy gọi lại sau ít phút."), 500)
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page left open too long comes back with what was typed; a post from another site gets nothing."""
    if resuming.came_from_here(request) and request.path != reverse("login") and (kept := resuming.keep(request)):
        return render(request, "accounts/resume.html", {"kept": kept, "stale": True}, status=403)
    return render(request, "403_csrf.html", status=403)


def _is_api(request: HttpRequest) -> bool:
    """Whether a program asked: it reads JSON, not pages."""
    return request.path.startswith("/api/v1/")


def _said(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"detail": sentence}, status=status)
