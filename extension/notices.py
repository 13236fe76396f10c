"""What extension tells people about: days of the year and of projects, progress, findings, settlements, results."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.accounts.queries import staff_reach
from portal.notices import people, schedule
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register
from portal.notices.schedule import Reminder
from portal.notices.wording import Field, Words

from .models import Finding, Project
from .needs import notices as need_notices  # noqa: F401


def _in_units(user_ids: Collection[int], on: dt.date) -> set[int]:
    """Those whose office carries out a project."""
    found = User.objects.filter(pk__in=user_ids, organisation__projects__isnull=False)
    return set(found.values_list("pk", flat=True))


def _words(_recipients: str, ended: bool) -> Words:
    title = _("Đã quá hạn: {title}") if ended else "{title}"
    body = _("{body}\n\nMở trang: {link}")
    return Words(title, body, _("{title}. {body}"))


people.register_standing(Audience.UNIT, _in_units)
SIDE = frozenset({Audience.FACILITY, Audience.UNIT, Audience.STAFF})
FIELDS = {
    "title": Field(gettext_lazy("việc và hạn"), gettext_lazy("Gửi báo cáo tiến độ tháng 11/2026")),
    "body": Field(
        gettext_lazy("việc bằng cả câu"), gettext_lazy("Báo cáo tháng 11/2026 cần gửi trước ngày 25/11/2026.")
    ),
    "last_day": Field(gettext_lazy("hạn"), "25/11/2026"),
    "province": Field(gettext_lazy("tỉnh hiện nay"), "Thái Nguyên"),
    "link": Field(gettext_lazy("trang cần mở"), "https://…"),
}
# Of each kind: its name, who hears of it, where the project's side works on it, where staff do.
KINDS: dict[str, tuple[Any, frozenset[Audience], str, str]] = {
    "extension_due": (gettext_lazy("Hạn trong năm khuyến công"), frozenset({Audience.STAFF}), "", ""),
    "extension_step": (gettext_lazy("Bước của đề án đến hạn"), SIDE, "", "project_steps"),
    "extension_progress": (gettext_lazy("Báo cáo tiến độ đề án"), SIDE, "own_progress", "project_watch"),
    "extension_finding": (gettext_lazy("Tồn tại phải khắc phục"), SIDE, "own_findings", "project_watch"),
    "extension_settlement": (gettext_lazy("Quyết toán, thanh lý đề án"), SIDE, "", "project_money"),
    "extension_result_again": (gettext_lazy("Hỏi lại kết quả sau hỗ trợ"), SIDE, "own_results", "project_results"),
}


def path_of(kind: str, project: Project | None, *, is_staff: bool) -> str:
    """Where a reader works on the matter."""
    _label, _whom, own, desk = KINDS[kind]
    if project is None:
        return reverse("admin:extension_plan_changelist")
    if is_staff:
        return reverse(f"admin:{desk}", args=[project.uuid])
    return reverse(own, args=[project.uuid]) if own else reverse("own_support")


def _page(kind: str) -> Any:
    def link(user: Any, subject_id: UUID) -> str:
        """The page of the project for its staff, one's own for everybody else."""
        if kind == "extension_due":
            return path_of(kind, None, is_staff=True) if staff_reach(user).roles else ""
        if kind == "extension_finding":
            finding = Finding.objects.select_related("project").filter(uuid=subject_id).first()
            project = finding.project if finding else None
        else:
            project = Project.objects.filter(uuid=subject_id).first()
        if project is None:
            return ""
        is_staff = Project.objects.visible_to(user).filter(pk=project.pk).exists()
        return path_of(kind, project, is_staff=is_staff)

    return link


for _code, (_label, _whom, _own, _desk) in KINDS.items():
    register(Kind(code=_code, label=_label, whom=_whom, link=_page(_code)))
    schedule.register(Reminder(kind=_code, fields=FIELDS, default=_words, by_level=False))
