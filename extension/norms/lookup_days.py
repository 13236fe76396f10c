"""The day or the year that a question in plain words names: "năm 2024", "ngày 15/03/2023", "in March 2023". Pure."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

YEARS = range(1900, 2101)
_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NAMES = "|".join(_MONTHS)
_OF_YEAR = r"(?:,?\s*n[ăa]m\s+|\s*[/-]\s*|\s+)"
# "in 2000 triệu" is money, "15/03/2023/TT" no day.
_ENDS = r"(?!\w|[.,/-]\w)(?!\s*(?:tỷ|tỉ|triệu|trieu|nghìn|ngàn|đồng|dong|million|billion|thousand)(?!\w))"
# How a day is written, and which part of it stands where; what says more goes before what says less.
_SHAPES = tuple(
    (re.compile(rf"(?<![\w./-]){shape}{_ENDS}", re.IGNORECASE), order)
    for shape, order in (
        (r"(?:ng[àa]y\s+|on\s+)?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", "dmy"),
        (r"(?:ng[àa]y\s+|on\s+)?(\d{4})-(\d{1,2})-(\d{1,2})", "ymd"),
        (rf"(?:ng[àa]y\s+)?(\d{{1,2}})\s+th[áa]ng\s+(\d{{1,2}}){_OF_YEAR}(\d{{4}})", "dmy"),
        (rf"(?:on\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_NAMES}),?\s+(\d{{4}})", "dmy"),
        (rf"(?:on\s+)?({_NAMES})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", "mdy"),
        (rf"th[áa]ng\s+(\d{{1,2}}){_OF_YEAR}(\d{{4}})", "my"),
        (rf"in\s+({_NAMES}),?\s+(?:of\s+)?(\d{{4}})", "my"),
        (r"(?:n[ăa]m|year|in)\s+(\d{4})", "y"),
    )
)


@dataclass(frozen=True)
class Days:
    """A day, a month or a year, from its first day to its last."""

    first: dt.date
    last: dt.date

    def taken(self, today: dt.date) -> dt.date:
        """The day that an answer is for: the last of what is over, the first of what is to come, today within."""
        return min(max(today, self.first), self.last)


def days_in(text: str) -> tuple[Days | None, str, str]:
    """What the text names first, and the text without it; a sentence where it names a day that there is not."""
    text = unicodedata.normalize("NFC", text)
    for shape, order in _SHAPES:
        if match := shape.search(text):
            # Without its mark "nam" may end the name of a place: "Quang Nam 2024".
            start = match.start(1) if match[0].lower().startswith("nam") else match.start()
            rest = f"{text[:start]} {text[match.end() :]}"
            try:
                return _days(dict(zip(order, match.groups(), strict=True))), rest, ""
            except ValueError:
                return None, rest, str(no_such_day(match[0]))
    return None, text, ""


def read_day(text: str) -> Days | None:
    """The day of a date field, None for an empty one. Raises Refusal("no_such_day") in words."""
    if not text:
        return None
    try:
        found = dt.date.fromisoformat(text)
    except ValueError as wrong:
        raise no_such_day(text) from wrong
    if found.year not in YEARS:
        raise no_such_day(text)
    return Days(found, found)


def no_such_day(text: str) -> Refusal:
    return Refusal(
        "no_such_day",
        _("Cổng không hiểu “%(text)s” là ngày nào. Hãy ghi ngày, tháng, năm từ 1900 đến 2100, ví dụ 15/03/2023.")
        % {"text": text.strip()[:40]},
    )


def _days(said: dict[str, str]) -> Days:
    """Raises ValueError for what no calendar has."""
    year = int(said["y"])
    if year not in YEARS:
        raise ValueError(year)
    if "m" not in said:
        return Days(dt.date(year, 1, 1), dt.date(year, 12, 31))
    month = _MONTHS.get(said["m"].lower()) or int(said["m"])
    if "d" in said:
        found = dt.date(year, month, int(said["d"]))
        return Days(found, found)
    return Days(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))
