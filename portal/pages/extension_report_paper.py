"""A province's extension report of a period as an official paper, Word or PDF."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.utils import translation

from extension.reports.periods import Period
from portal.territory.models import Territory
from portal.text.formats import number
from rounds.official import pdf, word
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.words import clean

AGENCY = "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công;"
TEMPLATE = "extension_report"


class Tabled(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def rows(self) -> list[tuple[str, list[int]]]: ...


def render(
    province: Territory,
    period: Period,
    tables: Sequence[Tabled],
    work: Sequence[tuple[str, int | Decimal]],
    results: list[dict[str, Any]],
    *,
    words: str,
    on: dt.date,
    fmt: str,
) -> bytes:
    """The paper in the layout of Nghị định 30/2020/NĐ-CP."""
    with translation.override("vi"):
        facts = clean(_facts(province, period, tables, work, results, words=words, on=on))
        return word.render(TEMPLATE, facts) if fmt == "docx" else pdf.render(TEMPLATE, facts)


def _facts(
    province: Territory,
    period: Period,
    tables: Sequence[Tabled],
    work: Sequence[tuple[str, int | Decimal]],
    results: list[dict[str, Any]],
    *,
    words: str,
    on: dt.date,
) -> dict[str, Any]:
    office = offices.department(province, on)
    subject = f"Kết quả hoạt động khuyến công {period.name} trên địa bàn {offices.full_name(province, on)}"
    frame = paper(office, on, symbol="BC", kind="BÁO CÁO", subject=subject, number="", recipients=(AGENCY,))
    parts = [
        {"head": f"{place}. {table.title}", "columns": table.columns, "rows": _lines(table.rows)}
        for place, table in enumerate(tables, start=1)
    ]
    after = len(parts) + 1
    return frame | {
        "opening": f"{office.name} báo cáo kết quả hoạt động khuyến công {period.name} "
        f"(từ ngày {period.starts_on:%d/%m/%Y} đến hết ngày {period.ends_on:%d/%m/%Y}) như sau:",
        "parts": parts,
        "work_head": f"{after}. Công việc trong kỳ",
        "work": [{"words": said, "value": number(value)} for said, value in work],
        "results_head": f"{after + 1}. Kết quả sau hỗ trợ",
        "results": [
            {
                "name": f"{line['name']} ({line['unit']})",
                "target": _said(line["target"]),
                "achieved": _said(line["achieved"]),
            }
            for line in results
        ],
        "remarks_head": f"{after + 1 + bool(results)}. Nhận xét, khó khăn, kiến nghị",
        "remarks": [line for line in words.splitlines() if line.strip()],
    }


def _lines(rows: list[tuple[str, list[int]]]) -> list[dict[str, Any]]:
    return [{"label": label, "cells": [number(value) for value in values]} for label, values in rows]


def _said(value: str | None) -> str:
    return "–" if value is None else number(Decimal(value))
