"""The report on the year's rounds: four groups, and per level what was registered and what was certified."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q

from portal.territory.queries import family_ids
from products.enums import Level, ProductGroup, Stage
from products.models import Recognition
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier, Round

from . import offices
from .heads import paper
from .things import group_name


def voting_report(round_: Round, on: dt.date) -> dict[str, Any]:
    """Báo cáo kết quả bình chọn: four groups, and per level what was registered and certified. Four queries."""
    office = offices.standing(round_, on)
    levels = _report_levels(round_)
    registered, held = _registered(round_), _rounds_held(round_)
    certified = _certified(round_)
    rows = []
    for group in ProductGroup:
        cells = [_cells(level, [group], registered, certified, held) for level in levels]
        rows.append({"group": group_name(group), "cells": cells})
    total = [_cells(level, list(ProductGroup), registered, certified, held) for level in levels]
    frame = paper(
        office,
        on,
        symbol="BC",
        kind="BÁO CÁO",
        subject=f"Kết quả bình chọn {offices.PROGRAMME} năm {round_.year}{_in_area(round_, on)}",
        recipients=("Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công;",),
    )
    return frame | {
        "opening": f"{office.name} báo cáo số sản phẩm, bộ sản phẩm đăng ký và được cấp giấy chứng nhận "
        f"{offices.PROGRAMME} năm {round_.year} như sau:",
        "levels": [offices.LEVEL_WORDS[level].capitalize() for level in levels],
        "rows": rows,
        "total": {"group": "Tổng cộng", "cells": total},
        "note": "Ghi chú: một bộ sản phẩm tính là một. Dấu “–” ở cấp không có kỳ bình chọn ghi trên cổng trong năm. Hồ "
        "sơ được gộp thành bộ tính theo số hồ sơ đã đăng ký.",
    }


def _in_area(round_: Round, on: dt.date) -> str:
    return f" trên địa bàn {offices.full_name(round_.territory, on)}" if round_.territory else ""


def _report_levels(round_: Round) -> list[Level]:
    """District to its last year, commune from its first (TT 38/2025/TT-BCT); both in the year of the change."""
    changed = offices.AGENCY_SINCE.year
    lowest = ([Level.DISTRICT] if round_.year <= changed else []) + ([Level.COMMUNE] if round_.year >= changed else [])
    return [*lowest, Level.PROVINCE, Level.REGION, Level.NATIONAL]


def _area_of(round_: Round, path: str) -> Q:
    if round_.territory_id:
        return Q(**{f"{path}__in": family_ids(round_.territory_id)})
    return Q()


def _registered(round_: Round) -> dict[tuple[str, str], int]:
    """Dossiers handed in, per level and group. A set that was gathered here is counted by its parts. One query."""
    rows = (
        Dossier.objects.filter(_area_of(round_, "product__territory"), round__year=round_.year, gathered__isnull=True)
        .exclude(state__in=[DossierState.DRAFT, DossierState.WITHDRAWN])
        .exclude(round__state=RoundState.CANCELLED)
        .values_list("round__level", "product__group")
        .annotate(total=Count("pk"))
    )
    return {(level, group): total for level, group, total in rows.order_by()}


def _certified(round_: Round) -> dict[tuple[str, str], int]:
    """Recognitions of the year, per level and group. One query."""
    rows = (
        Recognition.objects.filter(_area_of(round_, "territory"), year=round_.year, stage=Stage.RECOGNISED)
        .values_list("level", "product__group")
        .annotate(total=Count("pk"))
    )
    return {(level, group): total for level, group, total in rows.order_by()}


def _rounds_held(round_: Round) -> frozenset[str]:
    """Levels of which the portal knows a round in the year. One query."""
    mine = _area_of(round_, "territory") | Q(territory__isnull=True)
    found = Round.objects.filter(mine, year=round_.year).exclude(state=RoundState.CANCELLED)
    return frozenset(found.order_by().values_list("level", flat=True).distinct())


def _cells(
    level: Level,
    groups: list[ProductGroup],
    registered: dict[tuple[str, str], int],
    certified: dict[tuple[str, str], int],
    held: frozenset[str],
) -> dict[str, str]:
    entered = sum(registered.get((level, group), 0) for group in groups)
    given = sum(certified.get((level, group), 0) for group in groups)
    return {
        "registered": str(entered) if level in held else "–",
        "certified": str(given) if level in held or given else "–",
    }
