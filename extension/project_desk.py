"""What the desk's pages of one project share: the door, the tabs, what a page is given."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Project

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
