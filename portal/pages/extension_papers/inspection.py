"""The record of an inspection; a form for the pen while it is only planned."""

import datetime as dt
from typing import Any

from django.utils import timezone

from extension.enums import Funding, InspectionState
from extension.models import Inspection
from extension.watch import queries as watch_queries
from extension.watch.queries import Line
from portal.text.formats import day
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.words import count, lines, listed

from .parties import runs
from .parts import BLANK, about, on_day

INSPECTED = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Đơn vị thực hiện", "Đối tượng thụ hưởng", "Hợp đồng"}
INSPECTED |= {"Kinh phí khuyến công được duyệt"}


def inspection_facts(inspection: Inspection, on: dt.date) -> dict[str, Any]:
    """What was asked, found and concluded on the spot. About ten queries."""
    project = inspection.project
    is_done = inspection.state == InspectionState.DONE
    seen_on = timezone.localdate(inspection.done_at) if inspection.done_at else None
    day_of = seen_on or inspection.planned_on
    national = project.funding == Funding.NATIONAL
    office = offices.department(project.territory, day_of) if national else runs(project, day_of)
    asked, others = watch_queries.lines_of(inspection, on)
    photos = len(others) + sum(len(line.photos) for line in asked)
    frame = paper(
        office,
        day_of,
        symbol="BB",
        kind="BIÊN BẢN",
        subject="Kiểm tra việc thực hiện đề án khuyến công",
        dated=is_done,
    )
    return frame | {
        "draft_mark": "" if is_done else "MẪU ĐỂ GHI TẠI CHỖ",
        "opening": f"Hôm nay, {on_day(seen_on, day_of)}, tại {inspection.place or BLANK}, "
        "việc thực hiện đề án dưới đây được kiểm tra.",
        "people": [
            ["Người kiểm tra", listed([str(person) for person in inspection.inspectors.all()])],
            ["Làm việc với", inspection.met],
            *_position(inspection),
        ],
        "project": [pair for pair in about(project) if pair[0] in INSPECTED],
        "checks": [_check(place, line) for place, line in enumerate(asked, start=1)],
        "photos": f"Ảnh chụp tại chỗ lưu trên cổng: {count(photos)} ảnh." if photos else "",
        "findings": [
            {
                "place": str(place),
                "text": f"{row.text}{' (nghiêm trọng)' if row.is_serious else ''}",
                "due": day(row.due_on),
            }
            for place, row in enumerate(inspection.findings.order_by("due_on", "pk") if is_done else (), start=1)
        ],
        "is_done": is_done,
        "conclusion": lines(inspection.conclusion),
        "closing": "Biên bản đã được đọc lại cho hai bên cùng nghe và thống nhất ký tên.",
        "left": ["ĐẠI DIỆN ĐƠN VỊ", "ĐƯỢC KIỂM TRA"],
        "right": ["ĐẠI DIỆN", "ĐOÀN KIỂM TRA"],
    }


def _position(inspection: Inspection) -> list[list[str]]:
    """Where the device stood, if that was written down; no dotted line asks a pen for it."""
    if inspection.latitude is None or inspection.longitude is None:
        return []
    near = f" (sai số khoảng {inspection.accuracy} m)" if inspection.accuracy else ""
    return [["Vị trí của máy (vĩ độ, kinh độ)", f"{inspection.latitude}; {inspection.longitude}{near}"]]


def _check(place: int, line: Line) -> dict[str, str]:
    return {"place": str(place), "name": line.item.question, "answer": line.answer_words, "note": line.note}
