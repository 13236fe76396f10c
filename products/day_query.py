"""What the list of a day is asked for, and what of it makes sense. Nothing raises: what does not is said in words."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from portal.territory.enums import Basis
from portal.territory.queries import Unit, current_id, register, unit_by_slug
from portal.text.formats import day as day_words

from .enums import Level
from .filters import Params, last

THEN, NOW = "then", "now"
BASES = {NOW: Basis.CURRENT, THEN: Basis.AT_THE_TIME}
YEARS = range(1900, 2101)
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_VIETNAMESE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_PAGE = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class DayQuery:
    """A day, a unit or everywhere, on one of the two bases, and of one level or all."""

    day: dt.date
    unit: Unit | None = None
    basis: str = Basis.CURRENT
    level: str = ""
    page: int = 1
    told: tuple[str, ...] = ()

    @property
    def is_then(self) -> bool:
        return self.basis == Basis.AT_THE_TIME

    def query(self, **changes: Any) -> str:
        """The address's query, with other values where given; back on the first page unless told otherwise."""
        asked = replace(self, **{"page": 1, **changes})
        pairs = [("ngay", asked.day.isoformat()), ("tinh", asked.unit.slug if asked.unit else "")]
        pairs += [("co-so", THEN if asked.is_then else ""), ("cap", asked.level)]
        pairs += [("trang", str(asked.page) if asked.page > 1 else "")]
        return "?" + urlencode([(name, value) for name, value in pairs if value])


def day_of(text: str) -> dt.date | None:
    """A day as the browser sends it (2026-06-30) or as people write it (30/06/2026)."""
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _VIETNAMESE.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        return None
    try:
        return dt.date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def parse(params: Params, *, today: dt.date) -> DayQuery:
    """Read a query; what makes no sense is left out and said."""
    told: list[str] = []
    day = _day(last(params, "ngay").strip(), today, told)
    basis = _basis(last(params, "co-so").strip(), told)
    unit = _unit(last(params, "tinh").strip(), basis, told)
    level = last(params, "cap").strip()
    if level and level not in Level.values:
        told.append(_("Không có cấp “%(value)s” nên trang lấy mọi cấp.") % {"value": level[:60]})
        level = ""
    page = last(params, "trang").strip()
    if page and not _PAGE.fullmatch(page):
        told.append(_("Không có trang “%(value)s” nên mở trang đầu.") % {"value": page[:60]})
        page = ""
    return DayQuery(day, unit, basis, level, int(page or 1), tuple(told))


def _day(text: str, today: dt.date, told: list[str]) -> dt.date:
    if not text:
        return today
    found = day_of(text)
    if found is None:
        words = _("“%(value)s” không phải là ngày nên trang lấy hôm nay. Hãy ghi như 30/06/2026.")
        told.append(words % {"value": text[:60]})
        return today
    if found > today:
        told.append(_("Ngày %(day)s chưa tới: danh sách theo những gì sổ đang ghi.") % {"day": day_words(found)})
    return found


def _basis(text: str, told: list[str]) -> str:
    if text and text not in BASES:
        told.append(_("Không có cách tính “%(value)s” nên trang tính theo tỉnh hiện nay.") % {"value": text[:60]})
    return BASES.get(text, Basis.CURRENT)


def _unit(slug: str, basis: str, told: list[str]) -> Unit | None:
    if not slug:
        return None
    found = unit_by_slug(slug)
    if found is None:
        told.append(_("Không có tỉnh, thành phố “%(value)s” nên trang lấy cả nước.") % {"value": slug[:60]})
        return None
    today = current_id(found.pk)
    if basis == Basis.CURRENT and today != found.pk:
        now = register().units[today]
        told.append(
            _("%(then)s nay thuộc %(now)s nên trang lấy %(now)s. Muốn riêng %(then)s, hãy chọn “Tỉnh vào ngày đó”.")
            % {"then": found.name, "now": now.name}
        )
        return now
    return found
