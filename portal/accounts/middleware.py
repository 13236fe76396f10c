"""Between login and page: the second factor (when REQUIRE_TOTP is on), and what was posted without a session."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from . import resuming
from .views import ask_to_log_in

OPEN = frozenset({"login", "logout", "second_factor", "second_factor_enrol", "healthz", "demo_accounts"})


class SecondFactorMiddleware:
    """Stands after OTPMiddleware, which says whether the person has proved it in this session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not settings.REQUIRE_TOTP:
            return None
        match = request.resolver_match
        user: Any = request.user
        if not user.is_authenticated or user.is_verified() or (match and match.url_name in OPEN):
            return None
        if match and match.route.startswith("api/"):
            return JsonResponse({"detail": _("Hãy nhập mã xác thực trước.")}, status=403)
        there = request.get_full_path() if request.method == "GET" else ""
        return redirect(f"{reverse('second_factor')}?{urlencode({'next': there})}" if there else "second_factor")


class KeptPostMiddleware:
    """A form posted after the session ended is not lost: the login page carries what was typed.

    Stands after AuthenticationMiddleware. The answer is 401, so that no script takes it for success.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != HTTPStatus.FOUND:
            return response
        if request.user.is_authenticated:
            resuming.forget(request, request.get_full_path())
        elif response.headers["Location"].partition("?")[0] == reverse("login") != request.path:
            kept = resuming.keep(request)
            return ask_to_log_in(request, kept) if kept else response
        return response
