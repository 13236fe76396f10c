"""The list of the papers of a project's file."""

import datetime as dt
from typing import Any

from extension.file import queries as file_queries
from extension.file.evidence import Wanted
from extension.models import Project
from portal.text.formats import day
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.words import count, long_date


def file_facts(project: Project, on: dt.date) -> dict[str, Any]:
    """Every paper by phase, those still missing first."""
    held = file_queries.file_of(project, on)
    office = offices.department(project.territory, on)
    frame = paper(office, on, symbol="DM", kind="DANH MỤC", subject="Giấy tờ trong hồ sơ đề án khuyến công")
    lacking = [row.rule.name for stage in held.stages for row in stage.missing]
    said = f"còn thiếu {count(len(lacking))} giấy tờ bắt buộc" if lacking else "đủ giấy tờ bắt buộc"
    return frame | {
        "opening": f"Hồ sơ đề án “{project.name}” tính đến {long_date(on)} {said}.",
        "missing": lacking,
        "stages": [
            {
                "head": f"Cần trước khi chuyển sang “{str(stage.phase.label).lower()}”",
                "rows": [_wanted(place, row) for place, row in enumerate(stage.rows, start=1)],
            }
            for stage in held.stages
        ],
    }


def _wanted(place: int, row: Wanted) -> dict[str, str]:
    state = "Có" if row.is_there else "Thiếu" if row.is_missing else "Nếu có"
    papers = [", ".join(one for one in (p.number, day(p.dated_on) if p.dated_on else "") if one) for p in row.papers]
    held = "; ".join(one for one in (*papers, row.elsewhere) if one)
    return {"place": str(place), "name": row.rule.name, "state": state, "held": held}
