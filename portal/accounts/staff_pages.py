"""Desk pages of no table of their own that the staff of provinces and the agency share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from .admin_base import AGENCY, PROVINCE_STAFF
from .enums import Role
from .queries import staff_reach

VIEWERS = PROVINCE_STAFF | AGENCY | {Role.ADMINISTRATOR}
View = Callable[..., HttpResponseBase]


def for_staff(site: AdminSite) -> Callable[[View], Any]:
    """Opens a view, which takes the site after the request, to that staff at the desk; others get 403 in words."""

    def guarded(view: View) -> Any:
        @wraps(view)
        def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if not VIEWERS & staff_reach(request.user).roles:
                raise PermissionDenied(_("Trang này dành cho cán bộ Sở Công Thương và Cục."))
            return view(request, site, **kwargs)

        return site.admin_view(inner)

    return guarded
