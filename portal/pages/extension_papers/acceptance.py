"""The record of an acceptance."""

import datetime as dt
from dataclasses import replace
from typing import Any

from extension.enums import AcceptanceOutcome, CommitteeRole
from extension.models import Acceptance, AcceptanceMember, Project, ResultLine
from extension.results import queries as result_queries
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.words import blank_date, count, lines, long_date

from .parts import BLANK, about, figure

OUTCOMES = {
    AcceptanceOutcome.PASSED: "Hội đồng nghiệm thu đề án: đạt.",
    AcceptanceOutcome.TO_MEND: "Hội đồng nghiệm thu đề án: đạt sau khi khắc phục các điểm dưới đây.",
    AcceptanceOutcome.FAILED: "Hội đồng nghiệm thu đề án: không đạt.",
}


def record_facts(project: Project, row: Acceptance) -> dict[str, Any]:
    """The facts of the record; the names of offices are those of its day."""
    on = row.held_on or row.decision_on
    members = list(row.members.all())
    frame = paper(
        _committee(project, on),
        on,
        symbol="BB",
        kind="BIÊN BẢN",
        subject="Nghiệm thu đề án khuyến công",
        dated=row.held_on is not None,
    )
    return frame | {
        "draft_mark": "" if row.outcome else "DỰ THẢO, CHƯA GHI KẾT QUẢ",
        "grounds": [
            f"Căn cứ Quyết định số {row.decision_number} {long_date(row.decision_on)} về việc thành lập Hội đồng nghiệm thu."
        ],
        "opening": f"Hôm nay, {_when(row)}, tại {row.place or BLANK}, Hội đồng họp nghiệm thu đề án dưới đây.",
        "project": about(project),
        "members": [_member(place, one) for place, one in enumerate(members, start=1)],
        "agreed": _agreed(row, members),
        "results": [_result(place, one) for place, one in enumerate(result_queries.lines_of(project), start=1)],
        "outcome": OUTCOMES[AcceptanceOutcome(row.outcome)] if row.outcome else f"Hội đồng nghiệm thu đề án: {BLANK}",
        "conclusion": lines(row.conclusion) or ([BLANK * 6, BLANK * 6] if not row.outcome else []),
        "closing": "Biên bản đã được đọc lại cho các thành viên dự họp cùng nghe và thống nhất ký tên.",
        "writer": ["THƯ KÝ"],
        "writer_name": _named(members, CommitteeRole.SECRETARY),
        "signer": ["CHỦ TỊCH HỘI ĐỒNG"],
        "signer_name": _named(members, CommitteeRole.CHAIR),
    }


def _committee(project: Project, on: dt.date) -> offices.Office:
    """The committee as the writer of a paper, under the department."""
    above = offices.department(project.territory, on)
    issuer = ("HỘI ĐỒNG NGHIỆM THU",)
    return replace(
        above, name="Hội đồng nghiệm thu", superior=above.issuer, issuer=issuer, symbol="HĐNT", signer=("CHỦ TỊCH",)
    )


def _when(row: Acceptance) -> str:
    return long_date(row.held_on) if row.held_on else blank_date(row.decision_on)


def _member(place: int, one: AcceptanceMember) -> dict[str, str]:
    said = {True: "Đồng ý", False: "Không đồng ý", None: ""}[one.agrees]
    return {
        "place": str(place),
        "name": one.full_name,
        "office": one.office,
        "role": str(one.get_role_display()),
        "said": ". ".join(words for words in (said, one.remark) if words),
    }


def _agreed(row: Acceptance, members: list[AcceptanceMember]) -> str:
    if not row.outcome:
        return f"Số thành viên đồng ý nghiệm thu: {BLANK} trên {count(len(members))}."
    agreed = sum(one.agrees is True for one in members)
    absent = sum(one.agrees is None for one in members)
    away = f" Vắng {count(absent)} thành viên." if absent else ""
    return f"Số thành viên đồng ý nghiệm thu: {count(agreed) if agreed else '0'} trên {count(len(members))}.{away}"


def _result(place: int, line: ResultLine) -> dict[str, str]:
    about = f" ({line.beneficiary})" if line.beneficiary is not None else ""
    figures = {name: figure(getattr(line, name)) for name in ("target", "before", "achieved")}
    return {"place": str(place), "name": f"{line.indicator.name}{about}, {line.indicator.unit}", **figures}


def _named(members: list[AcceptanceMember], role: CommitteeRole) -> str:
    return next((one.full_name for one in members if one.role == role), "")
