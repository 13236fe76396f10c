"""The record of a project's appraisal: what the portal found beside room for what the appraisers say."""

import datetime as dt
from typing import Any

from extension.enums import AlarmState, EstimateState, ProjectState
from extension.estimates import duplicates
from extension.file import queries as file_queries
from extension.models import Estimate, Project
from extension.services import estimates
from portal.text.formats import day, number
from rounds.official.facts import offices
from rounds.official.facts.grounds import extension_grounds
from rounds.official.facts.heads import paper
from rounds.official.facts.words import blank_date, count

from .parts import BLANK, Sums, about, decided, dong, in_words, mark

APPRAISED = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Nội dung khuyến công"}
APPRAISED |= {"Đơn vị thực hiện", "Đối tượng thụ hưởng"}
CONCLUDED = ("Kết quả (đạt, đạt sau khi sửa, không đạt)", "Kinh phí khuyến công đề nghị duyệt", "Bằng chữ")
MEMBERS = 5


def newest_estimate(project: Project) -> Estimate | None:
    """The edition to appraise; nothing before one is written. One query."""
    found = project.estimates.order_by("-version").first()
    if found:
        found.project = project
    return found


def appraisal_facts(project: Project, estimate: Estimate, on: dt.date) -> dict[str, Any]:
    """What can be judged by the register, each with an empty place for the appraisers. About fifteen queries."""
    rows = estimates.lines_of(estimate)
    asked = Sums(*(sum(getattr(line, name) for line in rows) for name in ("asked", "counterpart", "other")))
    office = offices.department(project.territory, on)
    frame = paper(office, on, symbol="BB", kind="BIÊN BẢN", subject="Thẩm định đề án khuyến công", dated=False)
    return frame | {
        "draft_mark": mark(project, ""),
        "grounds": extension_grounds(on, project.funding),
        "opening": f"Hôm nay, {blank_date(on)}, tại {BLANK}, {office.name} họp thẩm định đề án dưới đây.",
        "members": MEMBERS,
        "project": [pair for pair in about(project) if pair[0] in APPRAISED],
        "sums": [
            ["Tổng chi phí", dong(asked.total)],
            ["Đề nghị khuyến công", dong(asked.extension)],
            ["Đề nghị khuyến công, bằng chữ", in_words(asked.extension)],
            ["Vốn đối ứng", dong(asked.counterpart)],
            ["Nguồn khác", dong(asked.other)],
        ],
        "checks": [
            {"place": str(place), "name": name, "found": found}
            for place, (name, found) in enumerate(_checks(project, estimate, on), start=1)
        ],
        "decision": _decision(estimate),
        "concluded": [[label, ""] for label in CONCLUDED],
        "writer": ["THƯ KÝ"],
        "signer": ["CHỦ TRÌ THẨM ĐỊNH"],
    }


def _checks(project: Project, estimate: Estimate, on: dt.date) -> list[tuple[str, str]]:
    rows = estimates.lines_of(estimate)
    judged = estimates.judged(estimate, rows)
    problems = [f"Dòng {n}: {one}" for n, row in enumerate(judged, start=1) for one in row.problems]
    allowed = sum(row.allowed or 0 for row in judged)
    raised = sum(1 for row in judged if row.priority_norm)
    shared = any(line.counterpart for line in rows)
    return [
        ("Hồ sơ đăng ký đề án", _papers(project, on)),
        ("Nội dung, đối tượng được hỗ trợ", project.get_head_display()),
        ("Sự cần thiết, tính khả thi", ""),
        (
            "Dự toán so với mức chi",
            " ".join(problems)
            or f"{count(len(rows))} dòng, mức chi ngày {day(estimate.on)} cho phép {number(allowed)} đồng; "
            "không dòng nào vượt.",
        ),
        ("Ưu tiên, hệ số nâng mức", f"{count(raised)} dòng áp dụng." if raised else "Không dòng nào áp dụng."),
        ("Hỗ trợ trùng", _alarms(estimate)),
        (
            "Vốn đối ứng, năng lực của cơ sở",
            "Có vốn đối ứng trong dự toán." if shared else "Dự toán không ghi vốn đối ứng.",
        ),
        ("Mục tiêu, hiệu quả", _aims(project)),
    ]


def _papers(project: Project, on: dt.date) -> str:
    stages = [one for one in file_queries.file_of(project, on).stages if one.phase == ProjectState.APPROVED]
    rows = [row for stage in stages for row in stage.rows]
    if not rows:
        return ""
    lacking = [row.rule.name for row in rows if not row.is_there]
    held = len(rows) - len(lacking)
    said = [f"Có {count(held)} trên {count(len(rows))} giấy tờ."] if held else []
    said += [f"Chưa có: {'; '.join(lacking)}."] if lacking else []
    return " ".join(said)


def _alarms(estimate: Estimate) -> str:
    found = list(duplicates.alarms_of(estimate))
    if not found:
        return "Không thấy khoản nào trùng trong sổ."
    open_ = sum(1 for one in found if one.state == AlarmState.OPEN)
    same = sum(1 for one in found if one.state == AlarmState.CONFIRMED)
    said = [f"{count(len(found))} cảnh báo"]
    said += [f"{count(open_)} chưa trả lời"] if open_ else []
    said += [f"{count(same)} được xác nhận là trùng"] if same else []
    return f"{', '.join(said)}."


def _aims(project: Project) -> str:
    aims = project.results.filter(target__isnull=False).count()
    return f"Đề án ghi {count(aims)} chỉ tiêu có mục tiêu." if aims else "Đề án chưa ghi mục tiêu."


def _decision(estimate: Estimate) -> str:
    if estimate.state != EstimateState.APPROVED:
        return ""
    where = decided(estimate.number, estimate.signed_on, estimate.issuer)
    return f"Dự toán đã được phê duyệt{f' tại văn bản {where}' if where else ''}."
