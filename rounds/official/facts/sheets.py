"""Score sheets (Phụ lục 4): blank for the hall, or as a judge submitted it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from portal.text.folding import normalise
from rounds.enums import SheetState
from rounds.judge_queries import Outlines
from rounds.models import Dossier, Score, ScoreSheet
from rounds.outline import Node, Outline
from rounds.sheet_states import hands_of, sheet_states
from rounds.states import BEFORE_SEAL

from . import offices
from .things import group_name
from .words import lines, long_date, points


def blank_sheets(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """One empty sheet per dossier. Two queries for the criteria."""
    listed = list(dossiers)
    outlines = Outlines({one.round_id: one.round for one in listed}.values())
    return [_sheet(one, outlines.of(one.round_id, one.product.group), on, None) for one in listed]


def filled_sheets(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """Every submitted sheet of the dossiers, by entry code and judge; before the seal of those alone that every judge
    has finished with: until then nobody reads another's points. Five queries, before the seal those of the states."""
    listed = {one.pk: one for one in finished(dossiers)}
    return _filled(listed, ScoreSheet.objects.filter(dossier__in=list(listed)), on)


def finished(dossiers: Iterable[Dossier]) -> list[Dossier]:
    """Without those of unsealed rounds that still wait for a judge."""
    listed = list(dossiers)
    unsealed = {one.round_id: one.round for one in listed if one.round.state in BEFORE_SEAL}
    states = sheet_states(*unsealed.values()) if unsealed else {}
    return [one for one in listed if one.round_id not in unsealed or not hands_of(states.get(one.pk, {})).waiting]


def chosen_sheets(chosen: "QuerySet[ScoreSheet]", on: dt.date) -> list[dict[str, Any]]:
    """The submitted ones of the chosen sheets, by entry code and judge. Six queries."""
    dossiers = Dossier.objects.filter(pk__in=chosen.values("dossier")).select_related("round__territory", "product")
    return _filled(dossiers.in_bulk(), chosen, on)


def _filled(listed: Mapping[int, Dossier], chosen: "QuerySet[ScoreSheet]", on: dt.date) -> list[dict[str, Any]]:
    outlines = Outlines({one.round_id: one.round for one in listed.values()}.values())
    sheets = (
        chosen.filter(state=SheetState.SUBMITTED)
        .select_related("judge__organisation")
        .prefetch_related(Prefetch("scores", Score.objects.only("sheet", "criterion", "points", "note")))
        .order_by("dossier__entry_code", "dossier_id", "judge__full_name", "scoring_pass", "pk")
    )
    found = []
    for sheet in sheets:
        dossier = listed[sheet.dossier_id]
        found.append(_sheet(dossier, outlines.of(dossier.round_id, dossier.product.group), on, sheet))
    return found


def _sheet(dossier: Dossier, outline: Outline, on: dt.date, sheet: ScoreSheet | None) -> dict[str, Any]:
    round_ = dossier.round
    scores = {score.criterion_id: score for score in sheet.scores.all()} if sheet else {}
    given = {pk: score.points for pk, score in scores.items() if score.points is not None}
    notes = {pk: score.note for pk, score in scores.items()}
    day = timezone.localdate(sheet.submitted_at) if sheet and sheet.submitted_at else None
    place = offices.authority(round_, on).place
    return {
        "form_mark": "Phụ lục 4",
        "superior": ["HỘI ĐỒNG BÌNH CHỌN"],
        "issuer": ["BAN GIÁM KHẢO"],
        "kind": "PHIẾU CHẤM ĐIỂM",
        "subject": f"Bình chọn {offices.PROGRAMME} {offices.occasion(round_, on)}",
        "code": dossier.entry_code,
        "rows": [
            ("Tên hội đồng", offices.council_name(round_, on)),
            ("Bộ sản phẩm" if dossier.product.is_set else "Sản phẩm", normalise(dossier.product.name)),
            ("Nhóm sản phẩm", group_name(dossier.product.group)),
            ("Mã số hồ sơ", dossier.entry_code),
            *([("Lượt chấm", str(sheet.get_scoring_pass_display()))] if sheet and round_.has_site_pass else []),
            ("Họ và tên giám khảo", str(sheet.judge) if sheet else ""),
            ("Chức danh", _title(sheet)),
        ],
        "criteria": [row for head in outline.heads for row in _rows(head, given, notes, filled=sheet is not None)],
        "total_max": points(outline.maximum),
        "total": points(sheet.total) if sheet and sheet.total is not None else "",
        "remark": lines(sheet.remark) if sheet else [],
        "remark_lines": 0 if sheet and sheet.remark.strip() else 3,
        "place_date": f"{place}, {long_date(day)}" if day else f"{place}, ngày …… tháng …… năm {round_.year}",
        "signer": ["GIÁM KHẢO"],
        "signer_note": "(Ký, ghi rõ họ tên)",
        "signer_name": str(sheet.judge) if sheet else "",
    }


def _title(sheet: ScoreSheet | None) -> str:
    if sheet is None:
        return ""
    return ", ".join(part for part in (sheet.judge.title, str(sheet.judge.organisation or "")) if part)


def _rows(head: Node, given: Mapping[int, Decimal], notes: Mapping[int, str], *, filled: bool) -> list[dict[str, Any]]:
    """The head with its sum, then everything below it in the order of the sheet."""
    return [_row(node, given, notes, filled=filled) for node in (head, *head.walk())]


def _row(node: Node, given: Mapping[int, Decimal], notes: Mapping[int, str], *, filled: bool) -> dict[str, Any]:
    shown = "" if not filled or node.is_guidance else points(node.total(given))
    if node.is_input and node.row.pk not in given:
        shown = ""
    return {
        "code": node.row.code,
        "name": normalise(node.row.name),
        "max": "" if node.is_guidance else points(node.maximum),
        "points": shown,
        "note": notes.get(node.row.pk, ""),
        "style": "head" if node.depth == 0 else "sum" if not node.is_input and node.inputs else "row",
    }
