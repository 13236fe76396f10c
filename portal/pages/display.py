"""Larger words and higher contrast for whoever asks, without script and without an account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.text.display import AGE, COOKIE, LARGE, LARGER, LONGEST_WAY_BACK, SIZES, Display, chosen, display

PLAIN = "thuong"
SIZE_NAMES = {PLAIN: _("Cỡ chữ thường"), LARGE: _("Cỡ chữ lớn"), LARGER: _("Cỡ chữ rất lớn")}


@require_safe
def display_page(request: HttpRequest) -> HttpResponse:
    """Keeps what was asked and leads back to where it was asked; asked nothing, offers the choices."""
    now = display(chosen(request))
    if not {"co", "tuong-phan"} & request.GET.keys():
        back = _way_back(request)
        return render(request, "pages/display.html", {"sizes": SIZE_NAMES.items(), "plain": PLAIN, "back": back})
    response = HttpResponseRedirect(_way_back(request))
    _keep(response, _asked(request, now))
    # The answer sets a cookie: nobody on the way may hand it to the next reader.
    add_never_cache_headers(response)
    return response


def _asked(request: HttpRequest, now: Display) -> Display:
    """What is not said stays as it is."""
    size, contrast = request.GET.get("co"), request.GET.get("tuong-phan")
    return Display(
        size=now.size if size is None else size if size in SIZES else "",
        contrast=now.contrast if contrast is None else contrast == "1",
    )


def _keep(response: HttpResponse, asked: Display) -> None:
    if asked.code:
        response.set_cookie(COOKIE, asked.code, max_age=AGE, httponly=True, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")


def _way_back(request: HttpRequest) -> str:
    """A page of this portal, or the page of the choices itself."""
    asked = request.GET.get("ve", "")
    own = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if own and len(asked) <= LONGEST_WAY_BACK else reverse("display")
