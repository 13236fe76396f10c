"""Coming in and going out. Lock-out after wrong passwords is django-axes' business."""

import base64
from http import HTTPStatus
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as otp_login

from portal.text.errors import Refusal

from . import resuming, services
from .forms import LoginForm, TokenForm


@method_decorator(sensitive_post_parameters(), name="dispatch")
class LoginView(auth.LoginView):
    """Takes along what was posted without a session, and leads to where it may be posted again."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sealed = self.request.POST.get(resuming.FIELD, "")
        return super().get_context_data(**kwargs) | {"kept": sealed if resuming.unsealed(sealed) else ""}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if kept := resuming.unsealed(self.request.POST.get(resuming.FIELD, "")):
            resuming.put_away(self.request, kept)
            response = redirect("resume")
        resuming.remember_person(self.request, response)
        return response


class LogoutView(auth.LogoutView):
    """A look at the address asks with a button; only the button logs out."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return render(request, "accounts/logout.html")


def ask_to_log_in(request: HttpRequest, kept: resuming.Kept, *, of_another: bool = False) -> HttpResponse:
    """The login page with what was typed, sealed, in its form."""
    context = {
        "form": LoginForm(request),
        "next": kept.path,
        "kept": resuming.sealed(kept),
        "of_another": of_another,
    }
    status = HTTPStatus.OK if of_another else HTTPStatus.UNAUTHORIZED
    return render(request, "accounts/login.html", context, status=status)


@never_cache
@login_required
def resume(request: HttpRequest) -> HttpResponse:
    """What was typed before the login, with a button that posts it again; only for who typed it."""
    kept = resuming.waiting(request)
    if kept is None or request.method == "POST":
        resuming.forget(request)
        return redirect(settings.LOGIN_REDIRECT_URL)
    if not kept.belongs_to(request.user):
        return ask_to_log_in(request, kept, of_another=True)
    return render(request, "accounts/resume.html", {"kept": kept})


class PasswordChangeView(auth.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("password_change")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Đã đổi mật khẩu. Các máy khác của bạn phải đăng nhập lại."))
        return super().form_valid(form)


@never_cache
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the code from the phone; who has none yet is led to get one."""
    device = services.enrolled_device(request.user)  # type: ignore[arg-type]
    if device is None:
        return redirect(f"{reverse('second_factor_enrol')}?{request.GET.urlencode()}")
    return _ask(request, device, "accounts/second_factor.html", {})


@never_cache
@login_required
def second_factor_enrol(request: HttpRequest) -> HttpResponse:
    """Show the key once, as a picture to scan and as text to type, and take the first code."""
    try:
        device = services.begin_enrolment(user=request.user)  # type: ignore[arg-type]
    except Refusal:
        return redirect(f"{reverse('second_factor')}?{request.GET.urlencode()}")
    picture = segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4)
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    groups = " ".join(key[i : i + 4] for i in range(0, len(key), 4))
    return _ask(request, device, "accounts/second_factor_enrol.html", {"picture": picture, "key": groups})


def _ask(request: HttpRequest, device: Any, template: str, context: dict[str, Any]) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if form.is_valid():
        try:
            otp_login(request, services.check_token(device=device, token=form.cleaned_data["token"]))
            return redirect(_next(request))
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
    return render(request, template, {"form": form, "next": _next(request), **context})


def _next(request: HttpRequest) -> str:
    """Where the person was going, if that is within the portal."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)
