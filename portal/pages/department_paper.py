"""The department's yearly report as an official paper, Word or PDF."""

import datetime as dt
from typing import Any

from django.utils import translation

from portal.territory.models import Territory
from portal.text.formats import number
from products.enums import Level, ProductGroup
from rounds.official import pdf, word
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.things import group_name
from rounds.official.facts.words import clean

AGENCY = "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công;"
TEMPLATE = "department_report"


def render(
    province: Territory,
    year: int,
    figures: dict[str, Any],
    sections: list[tuple[Any, list[tuple[Any, int]]]],
    *,
    remarks: str,
    number_of_paper: str,
    on: dt.date,
    fmt: str,
) -> bytes:
    """The paper in the layout of Nghị định 30/2020/NĐ-CP."""
    with translation.override("vi"):
        facts = clean(
            _facts(province, year, figures, sections, remarks=remarks, number_of_paper=number_of_paper, on=on)
        )
        return word.render(TEMPLATE, facts) if fmt == "docx" else pdf.render(TEMPLATE, facts)


def _facts(
    province: Territory,
    year: int,
    figures: dict[str, Any],
    sections: list[tuple[Any, list[tuple[Any, int]]]],
    *,
    remarks: str,
    number_of_paper: str,
    on: dt.date,
) -> dict[str, Any]:
    office = offices.department(province, on)
    selection = figures["selection"]
    levels = list(next(iter(selection.values())))
    frame = paper(
        office,
        on,
        symbol="BC",
        kind="BÁO CÁO",
        subject=f"Kết quả bình chọn, quản lý {offices.PROGRAMME} năm {year} trên địa bàn "
        f"{offices.full_name(province, on)}",
        number=number_of_paper,
        recipients=(AGENCY,),
    )
    numbered = [
        {"head": f"{place}. {title}", "lines": [{"words": str(w), "value": number(v)} for w, v in lines]}
        for place, (title, lines) in enumerate(sections, start=2)
    ]
    return frame | {
        "opening": f"{office.name} báo cáo kết quả bình chọn, quản lý {offices.PROGRAMME} năm {year} như sau:",
        "levels": [str(Level(level).label) for level in levels],
        "rows": [
            {"group": group_name(group), "cells": [_cell(cells[level]) for level in levels]}
            for group, cells in selection.items()
        ],
        "total": {
            "group": "Tổng cộng",
            "cells": [
                _cell([sum(selection[group][level][at] for group in ProductGroup.values) for at in (0, 1)])
                for level in levels
            ],
        },
        "note": "Ghi chú: một bộ sản phẩm tính là một. Số của đơn vị cũ tính vào tỉnh hiện nay.",
        "sections": numbered,
        "remarks_head": f"{len(numbered) + 2}. Nhận xét, kiến nghị",
        "remarks": [line for line in remarks.splitlines() if line.strip()],
    }


def _cell(pair: list[int]) -> dict[str, str]:
    return {"registered": number(pair[0]), "certified": number(pair[1])}
