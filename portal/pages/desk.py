"""The desk: Django's admin, entered by role or seat, grouped by task, opening on what waits for this person."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from extension import desk as extension_desk
from products import certificate_desk, check_desk, inquiry_desk, papers_desk, rating_desk
from rounds import exchange_desk, nominate_desk

from . import (
    campaign_desk,
    department_reports,
    desk_search,
    entrance,
    extension_papers,
    extension_reports,
    todo,
    yearly_reports_desk,
)
from .desk_menu import menu
from .quality import views as quality


class PortalAdminSite(AdminSite):
    site_header = _("Quản trị")
    site_title = _("Quản trị")
    index_title = _("Việc chờ bạn")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active) and entrance.works_at_desk(request.user)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Strangers are asked to log in on the portal's own page; who is known but does not work here is told so."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if self.has_permission(request):
                return guarded(request, *args, **kwargs)
            if request.user.is_authenticated:
                raise PermissionDenied(
                    _("Trang quản trị dành cho cán bộ, hội đồng và tổ giúp việc. Giám khảo chấm ở trang Chấm điểm.")
                )
            return redirect_to_login(request.get_full_path())

        return update_wrapper(inner, view)

    def get_urls(self) -> list[Any]:
        own = [
            path("tim/", self.admin_view(self.search), name="search"),
            *quality.urls(self),
            *campaign_desk.urls(self),
            *papers_desk.urls(self),
            *certificate_desk.urls(self),
        ]
        own += [*yearly_reports_desk.urls(self), *department_reports.urls(self), *nominate_desk.urls(self)]
        own += [*exchange_desk.urls(self), *extension_desk.urls(self), *extension_reports.urls(self)]
        own += extension_papers.urls(self)
        own += [*check_desk.urls(self), *inquiry_desk.urls(self), *rating_desk.urls(self)]
        return [*own, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """None: the menu groups the tables by task."""
        return []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"desk_menu": SimpleLazyObject(lambda: menu(self, request))}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "board": todo.board(request.user, now=timezone.now()),
            **(extra_context or {}),
        }
        request.current_app = self.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Tables are not listed by app: the menu groups them by task."""
        return redirect("admin:index")

    def search(self, request: HttpRequest) -> TemplateResponse:
        query = request.GET.get("q", "")
        found = desk_search.search(request, self._registry, query)
        context = {**self.each_context(request), "title": _("Tìm kiếm"), "query": query, "found": found}
        return TemplateResponse(request, "admin/search.html", context)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or request.path.removesuffix("login/"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")
