"""The day of production as it is printed on a pack: a day, a month or a year. Pure."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

LONGEST = 40
_CENTURY = 2000
_SHORT_YEAR = 2
# "NSX: 03/02/2025", "MFG 03.02.2025": what packs print before the day.
_PREFIX = re.compile(r"^(?:nsx|mfg|sx|ngày|tháng|năm)\W*", re.IGNORECASE)
_FORMS = (
    re.compile(r"(?P<d>[0-9]{1,2})[/.\- ]+(?P<m>[0-9]{1,2})[/.\- ]+(?P<y>[0-9]{4}|[0-9]{2})"),
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>[0-9]{4})"),
    re.compile(r"(?P<m>[0-9]{1,2})[/.\- ]+(?P<y>[0-9]{4})"),
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})"),
    re.compile(r"(?P<y>[0-9]{4})"),
)


@dataclass(frozen=True)
class Span:
    """From the first to the last day on which a pack may have been made."""

    first: dt.date
    last: dt.date

    @property
    def is_day(self) -> bool:
        return self.first == self.last


def read_span(text: str, *, on: dt.date) -> Span:
    """What a person copied from a pack; a month or year that still runs ends today.

    Raises Refusal `no_date`, `unknown_date`, `no_such_date` or `future_date`, each with a sentence.
    """
    words = _PREFIX.sub("", unicodedata.normalize("NFKC", text[:LONGEST]).strip()).strip(" .")
    if not words:
        raise Refusal("no_date", _("Chưa có ngày sản xuất. Hãy ghi ngày in trên bao bì, ví dụ 03/02/2025."))
    found = next((match for form in _FORMS if (match := form.fullmatch(words))), None)
    if found is None:
        raise Refusal(
            "unknown_date",
            _("Không đọc được “%(text)s”. Hãy ghi ngày như 03/02/2025, tháng như 02/2025 hoặc năm như 2025.")
            % {"text": words},
        )
    span = _span(found.groupdict(), words)
    if span.first > on:
        raise Refusal("future_date", _("%(text)s chưa đến. Hãy ghi ngày sản xuất in trên bao bì.") % {"text": words})
    return Span(span.first, min(span.last, on))


def _span(parts: dict[str, str | None], words: str) -> Span:
    year = int(parts["y"] or 0) + (_CENTURY if len(parts["y"] or "") == _SHORT_YEAR else 0)
    month, day = (int(parts.get(name) or 0) for name in ("m", "d"))
    try:
        if parts.get("d"):
            return Span(dt.date(year, month, day), dt.date(year, month, day))
        if parts.get("m"):
            return Span(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))
        return Span(dt.date(year, 1, 1), dt.date(year, 12, 31))
    except ValueError:
        raise Refusal(
            "no_such_date", _("Không có ngày %(text)s. Hãy xem lại ngày in trên bao bì.") % {"text": words}
        ) from None
