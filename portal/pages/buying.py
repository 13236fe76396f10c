"""What a buyer needs, in words: the facts a maker declared, and the standards with what is left of their term. No query."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.formats import day, number
from products.enums import CapacityPeriod, StandardKind
from products.models import ProductStandard, TradeFacts
from products.traits import OCOP_YEARS, ocop_holds

# How the digits stand under the bars, by their number (GS1 General Specifications, human readable text).
_GROUPS = {8: (4, 4), 12: (1, 5, 5, 1), 13: (1, 6, 6), 14: (1, 2, 5, 5, 1)}
_DAYS_OF_MONTH, _DAYS_OF_YEAR, _MONTHS_OF_YEAR = 30, 365, 12
# Below this people count shelf life in days.
_MONTHS_FROM = 60


@dataclass(frozen=True)
class Fact:
    """`in_english` is the maker's English text, or anything but "" where the portal says the value in every language."""

    label: str
    value: str
    is_code: bool = False
    in_english: str = "-"


@dataclass(frozen=True)
class Standard:
    """A standard or title as it stands on a day. `state` is holds, ended or unknown."""

    row: ProductStandard
    name: str
    issued: str
    term: str
    state: str


def facts_of(trade: TradeFacts | None) -> list[Fact]:
    """What was declared, in the order a buyer asks; nothing for what was left open."""
    return [fact for fact in _facts(trade) if fact.value] if trade else []


def _facts(trade: TradeFacts) -> Iterator[Fact]:
    yield Fact(_("Mã số mã vạch (GTIN)"), grouped(trade.gtin), is_code=True)
    yield Fact(_("Quy cách đóng gói"), trade.display_pack, in_english=trade.pack_en)
    yield Fact(_("Hạn dùng"), shelf_life(trade.shelf_life_days) if trade.shelf_life_days else "")
    yield Fact(_("Bảo quản"), trade.display_storage, in_english=trade.storage_en)
    yield Fact(_("Khả năng cung ứng"), _capacity(trade), in_english="")
    yield Fact(_("Đơn hàng nhỏ nhất"), trade.minimum_order, in_english="")
    yield Fact(_("Thời gian giao"), _days(trade.lead_time_days) if trade.lead_time_days else "")
    yield Fact(_("Xuất khẩu"), _export(trade))
    yield Fact(_("Mã HS"), _hs(trade.hs_code), is_code=True)


def grouped(gtin: str) -> str:
    """The digits as they stand under the bars: 8 934563 138165."""
    parts, start = [], 0
    for size in _GROUPS.get(len(gtin), (len(gtin),)):
        parts.append(gtin[start : start + size])
        start += size
    return " ".join(parts)


def shelf_life(days: int) -> str:
    """Days as people say them: "45 ngày", "6 tháng (180 ngày)", "24 tháng (730 ngày)"."""
    months = 0
    if days >= _MONTHS_FROM:
        if days % _DAYS_OF_YEAR == 0:
            months = days // _DAYS_OF_YEAR * _MONTHS_OF_YEAR
        elif days % _DAYS_OF_MONTH == 0:
            months = days // _DAYS_OF_MONTH
    if not months:
        return _days(days)
    return ngettext("%(months)s tháng (%(days)s)", "%(months)s tháng (%(days)s)", months) % {
        "months": months,
        "days": _days(days),
    }


def _days(days: int) -> str:
    return ngettext("%(days)s ngày", "%(days)s ngày", days) % {"days": number(days)}


def _capacity(trade: TradeFacts) -> str:
    if trade.capacity is None:
        return ""
    return _("%(amount)s %(unit)s mỗi %(period)s") % {
        "amount": number(trade.capacity),
        "unit": trade.capacity_unit,
        "period": str(CapacityPeriod(trade.capacity_period).label),
    }


def _export(trade: TradeFacts) -> str:
    ready = _("sẵn sàng xuất khẩu") if trade.export_ready else ""
    markets = _("thị trường đã xuất hoặc nhắm tới: %(markets)s") % {"markets": trade.export_markets}
    said = "; ".join(part for part in (ready, markets if trade.export_markets else "") if part)
    return said[:1].upper() + said[1:]


def _hs(code: str) -> str:
    """In the groups of customs declarations: 0902.10.10."""
    return ".".join(part for part in (code[:4], code[4:6], code[6:8], code[8:]) if part)


# --- standards and titles ---------------------------------------------------------------------------------


def standards_of(rows: Iterable[ProductStandard], on: dt.date) -> list[Standard]:
    """Those that hold first, OCOP before the rest, and what has run out last and said as such."""
    told = [_standard(row, on) for row in rows]
    return sorted(told, key=lambda one: (one.state == "ended", one.row.kind != StandardKind.OCOP))


def _standard(row: ProductStandard, on: dt.date) -> Standard:
    state = _state(row, on)
    issued = _("cấp năm %(year)s") % {"year": row.issued_year} if row.issued_year else ""
    return Standard(row, _name(row), issued, _term(row, state), state)


def _name(row: ProductStandard) -> str:
    kind = str(StandardKind(row.kind).label)
    if row.kind == StandardKind.OCOP or not row.name or kind.lower() in row.name.lower():
        return str(row)
    return row.name if row.kind in {StandardKind.AWARD, StandardKind.OTHER} else f"{kind}: {row.name}"


def _state(row: ProductStandard, on: dt.date) -> str:
    if row.kind == StandardKind.OCOP:
        holds = ocop_holds(issued_year=row.issued_year, expires_on=row.expires_on, on=on)
        known = row.expires_on is not None or row.issued_year is not None
        return "ended" if not holds else "holds" if known else "unknown"
    if row.expires_on is None:
        return "lasting" if row.kind == StandardKind.AWARD else "unknown"
    return "holds" if row.expires_on >= on else "ended"


def _term(row: ProductStandard, state: str) -> str:
    if state == "lasting":
        return ""
    if row.expires_on is not None:
        words = _("còn hạn đến %(day)s") if state == "holds" else _("đã hết hạn ngày %(day)s")
        return words % {"day": day(row.expires_on)}
    if row.kind == StandardKind.OCOP and row.issued_year:
        last = row.issued_year + OCOP_YEARS
        words = _("hết hạn trong năm %(year)s") if state == "holds" else _("đã hết hạn trong năm %(year)s")
        return words % {"year": last}
    return _("chưa ghi ngày hết hạn")
