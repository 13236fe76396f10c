"""What the desk's pages of one project share: the door, the tabs, what a page is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text.errors import Refusal
from portal.text.inputs import OK

from . import rules
from .models import Project

# Forms with what was typed, by the place where the page shows them.
Bound = dict[str, forms.Form]

# The name of the page below "admin:", and its words on the tab. Each takes the project's uuid.
TABS: tuple[tuple[str, Any], ...] = (
    ("project_steps", gettext_lazy("Tiến trình")),
    ("project_estimate", gettext_lazy("Dự toán")),
    ("project_money", gettext_lazy("Chi và quyết toán")),
    ("project_watch", gettext_lazy("Kiểm tra, tiến độ")),
    ("project_file", gettext_lazy("Nghiệm thu, hồ sơ")),
    ("project_results", gettext_lazy("Kết quả")),
)


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


def project_or_404(request: HttpRequest, uuid: Any) -> Project:
    """The project, if the person's staff roles reach it; else it does not exist. One query."""
    rows = Project.objects.visible_to(request.user)
    found = rows.select_related("territory", "programme", "plan", "implementing_unit").filter(uuid=uuid).first()
    if found is None:
        raise Http404(_("Không có đề án này."))
    return found


def tabs(project: Project, current: str) -> list[Tab]:
    """The project's own form first, then every page of its work."""
    own = Tab(_("Thông tin"), reverse("admin:extension_project_change", args=[project.pk]), current == "")
    rest = [Tab(str(label), reverse(f"admin:{name}", args=[project.uuid]), name == current) for name, label in TABS]
    return [own, *rest]


def context(request: HttpRequest, site: AdminSite, project: Project, current: str, title: str) -> dict[str, Any]:
    """What every page of a project is drawn from."""
    return {
        **site.each_context(request),
        "opts": Project._meta,
        "has_view_permission": True,
        "title": title,
        "project": project,
        "tabs": tabs(project, current),
    }


def refuse_stale(request: HttpRequest, mark: str) -> None:
    """Raises Refusal("stale") when a decision was sent from a page that showed something else than what stands now."""
    if request.POST.get("read", mark) != mark:
        raise Refusal("stale", _("Nội dung đã được trình lại sau khi bạn mở trang. Hãy đọc lại rồi quyết định."))


def shown_or_done(
    request: HttpRequest,
    subject: Any,
    *,
    may: bool,
    why_not: Any = rules.ONLY_EXTENSION_OFFICER,
    act: Callable[[HttpRequest, Any, Bound], tuple[str, int]],
    draw: Callable[[Bound], dict[str, Any]],
    template: str,
    page: str,
) -> HttpResponse:
    """A page on which one subject is looked at and worked on.

    An act that is done leads back to `page` with its words; one that is not shows the page again with what was
    typed, and with the status of its refusal. Raises PermissionDenied (403) for a post of who may not.
    """
    bound: Bound = {}
    status = OK
    if request.method == "POST":
        if not may:
            raise PermissionDenied(str(why_not))
        said, status = act(request, subject, bound)
        if said:
            messages.success(request, said)
            return redirect(page, subject.uuid)
    return render(request, template, draw(bound), status=status)
