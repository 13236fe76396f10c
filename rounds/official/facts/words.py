"""Small words of official papers: dates, counts, blanks, and the last cleaning of every text."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.text.formats import number

# What XML cannot carry; a pasted text may hold it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DOTS = "…………………"
_FIRST_TWO_DIGIT_MONTH = 3


def clean(value: Any) -> Any:
    """The same facts with every text in NFC and without control characters; lazy texts made plain."""
    if isinstance(value, dict):
        return {str(key): clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(one) for one in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_XML.sub("", text)


def long_date(day: dt.date) -> str:
    """ "ngày 05 tháng 12 năm 2026": days below 10 and the months 1 and 2 take a zero (NĐ 30/2020, Phụ lục I)."""
    month = f"{day.month:02d}" if day.month < _FIRST_TWO_DIGIT_MONTH else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def blank_date(day: dt.date) -> str:
    """The same with the day left to the pen: papers are dated when they are signed."""
    month = f"{day.month:02d}" if day.month < _FIRST_TWO_DIGIT_MONTH else str(day.month)
    return f"ngày …… tháng {month} năm {day.year}"


def moment(at: dt.datetime) -> str:
    """ "17 giờ 00 phút, ngày 21 tháng 11 năm 2026", local."""
    local = timezone.localtime(at)
    return f"{local:%H} giờ {local:%M} phút, {long_date(local.date())}"


def count(value: int) -> str:
    """Counts of papers and products as offices write them: "03", "43"."""
    return f"{value:02d}" if 0 < value < 10 else number(value)  # noqa: PLR2004


def points(value: Decimal | None) -> str:
    """A score or mean with its comma; nothing where there is none."""
    return "" if value is None else number(value)


def lines(text: str) -> list[str]:
    """The paragraphs of a typed text, without empty ones."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def listed(parts: list[str]) -> str:
    """ "a, b và c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} và {parts[-1]}" if parts else ""
