"""The monthly report of a project's progress, as the implementing unit signs it."""

from typing import Any

from django.utils import timezone

from extension.models import ProgressReport, Project
from portal.text.formats import percent
from rounds.official.facts.words import lines, long_date

from .parties import parties
from .parts import about, dong, mark, term

REPORTED = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Đơn vị thực hiện", "Đối tượng thụ hưởng", "Hợp đồng"}


def progress_facts(project: Project, report: ProgressReport) -> dict[str, Any]:
    """What was reported for the month, on the day it was sent. About six queries."""
    on = timezone.localdate(report.sent_at)
    giver = parties(project, on).giver
    return {
        "draft_mark": mark(project, ""),
        "kind": "BÁO CÁO",
        "subject": f"Tiến độ thực hiện đề án khuyến công, tháng {report.month:%m/%Y}",
        "to": [giver.name],
        "place_date": f"{giver.place}, {long_date(on)}",
        "project": [
            *(pair for pair in about(project) if pair[0] in REPORTED),
            ["Thời gian thực hiện", term(project) if project.starts_on or project.ends_on else ""],
        ],
        "volume": [["Khối lượng hoàn thành", percent(report.percent)]],
        "done": lines(report.done),
        "spent": [
            ["Khuyến công đã chi đến nay", f"{dong(report.spent_extension)}{_of(project.extension_funds)}"],
            ["Vốn đối ứng đã chi đến nay", f"{dong(report.spent_counterpart)}{_of(project.counterpart_funds)}"],
        ],
        "difficulties": lines(report.difficulties) or ["Không có."],
        "closing": "Đơn vị báo cáo chịu trách nhiệm về số liệu trên.",
        "right": ["ĐẠI DIỆN ĐƠN VỊ BÁO CÁO"],
    }


def _of(whole: int | None) -> str:
    return f" trên {dong(whole)}" if whole is not None else ""
