"""The periods that are reported on: months, quarters, half-years, years. Pure."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from ..enums import Cycle

MONTHS = {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.HALF: 6, Cycle.YEAR: 12}
CODES = {Cycle.MONTH: "thang", Cycle.QUARTER: "quy", Cycle.HALF: "nua-nam", Cycle.YEAR: "nam"}
FIRST_YEAR, LAST_YEAR = 2004, 2100


@dataclass(frozen=True)
class Period:
    cycle: Cycle
    year: int
    ordinal: int

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.year, (self.ordinal - 1) * MONTHS[self.cycle] + 1, 1)

    @property
    def ends_on(self) -> dt.date:
        month = self.ordinal * MONTHS[self.cycle]
        return dt.date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def code(self) -> str:
        """As addresses and file names write it: "quy-3-2026"."""
        return f"{CODES[self.cycle]}-{self.ordinal}-{self.year}"

    @property
    def name(self) -> str:
        """As officers write it: "tháng 9/2026", "quý III/2026", "6 tháng đầu năm 2026", "năm 2026"."""
        if self.cycle == Cycle.MONTH:
            return _("tháng %(n)s/%(year)s") % {"n": self.ordinal, "year": self.year}
        if self.cycle == Cycle.QUARTER:
            return _("quý %(n)s/%(year)s") % {"n": ("I", "II", "III", "IV")[self.ordinal - 1], "year": self.year}
        if self.cycle == Cycle.HALF:
            words = _("6 tháng đầu năm %(year)s") if self.ordinal == 1 else _("6 tháng cuối năm %(year)s")
            return words % {"year": self.year}
        return _("năm %(year)s") % {"year": self.year}


def read_code(code: str) -> Period:
    """The period that a code names. Raises Refusal("no_such_period") in words."""
    words, ordinal, year = _parts(code)
    cycle = next((cycle for cycle, word in CODES.items() if word == words), None)
    if cycle is None or not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= ordinal <= 12 // MONTHS[cycle]:
        raise Refusal(
            "no_such_period",
            _(
                "Không có kỳ báo cáo này. Một kỳ là một tháng, một quý, nửa năm hoặc một năm, từ năm %(first)s."
                " Hãy chọn một kỳ trong bảng."
            )
            % {"first": FIRST_YEAR},
        )
    return Period(cycle, year, ordinal)


def _parts(code: str) -> tuple[str, int, int]:
    found = re.fullmatch(r"([a-z-]+)-(\d{1,2})-(\d{4})", code, re.ASCII)
    return (found[1], int(found[2]), int(found[3])) if found else ("", 0, 0)


def periods_of(cycle: Cycle, year: int) -> list[Period]:
    """Every period of a cycle in a year, in their order."""
    return [Period(cycle, year, ordinal) for ordinal in range(1, 12 // MONTHS[cycle] + 1)]
