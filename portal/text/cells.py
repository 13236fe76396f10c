"""What officers type into cells, understood: texts, numbers, days, yes and no. Pure.

Every reader takes the cell's text and returns a value, None for an empty cell, or raises Refusal `bad_cell`
with a whole sentence; it raises nothing else, whatever the text. Numbers are written the Vietnamese way:
"1.075" is one thousand and seventy-five, "1.075,5" has a half.
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .errors import Refusal
from .folding import fold

# Days that Excel counts from 30/12/1899; numbers outside are no days anybody means here.
EXCEL_EPOCH = dt.date(1899, 12, 30)
SERIALS = range(18_264, 73_051)  # 01/01/1950 to 31/12/2099
YEARS = range(1800, 2101)
LONGEST_NUMBER = 30
# Excel keeps fifteen digits; the rest of a binary fraction is noise.
DECIMALS = 10
TOO_LARGE = 1e15
SHORT_YEAR, LONG_YEAR = 2, 4
# What a spreadsheet takes for the beginning of something to run.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII)
_DAY = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d+)(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d+)", re.ASCII)
_MONTH = re.compile(r"(?:thang )?\d{1,2}(?: nam)? \d{4}", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[,.]\d+)?", re.ASCII)
# Thousands in dots, then decimals after a comma; or no thousands and decimals after a comma or a dot.
_GROUPED = re.compile(r"([+-]?)(\d{1,3}(?:[. ]\d{3})+)(?:,(\d+))?", re.ASCII)
_PLAIN = re.compile(r"([+-]?)(\d+)(?:[,.](\d+))?", re.ASCII)
_UNIT = re.compile(r"\s*(?:đồng|đ|vnđ|vnd|%)\s*\.?$", re.IGNORECASE)
_YES = {fold(word) for word in ("1", "có", "x", "v", "đúng", "true", "yes", "rồi", "✓", "✔")} - {""}
_NO = {fold(word) for word in ("0", "không", "chưa", "sai", "false", "no")}
_TICKS = {"✓", "✔", "☑", "×", "✗", "+"}
_BLANKS = {"-", "–", "—", ".", "…", "..."}
# Zero-width characters and the byte order mark that a copy from the web leaves behind.
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


def text_of(cell: Any) -> str:
    """A cell as NFC text with single spaces. A number keeps its value; its decimals stand after a comma."""
    if isinstance(cell, str):  # before the others: nearly every cell is text
        return _tidy(_unguarded(cell) if cell[:1] == "'" else cell)
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case int():
            return str(cell)
        case float():
            return _of_float(cell)
        case dt.datetime():
            return cell.date().isoformat()
        case dt.date():
            return cell.isoformat()
        case _:
            return _tidy(str(cell))


def _unguarded(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running the text: lists exported as .csv carry it."""
    return text[1:] if text[1:].startswith(FORMULA) else text


def _tidy(text: str) -> str:
    """NFC, with single spaces. Asks before it works: most cells are tidy, and a list has a hundred thousand."""
    if not text.isascii():
        if _INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _of_float(number: float) -> str:
    if not abs(number) < TOO_LARGE:  # nor infinite, nor no number at all
        return str(number)
    return f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".").replace(".", ",")


def is_blank(text: str) -> bool:
    """Nothing, or a dash that stands for nothing."""
    return not text or text in _BLANKS


def number_of(text: str, what: str) -> Decimal | None:
    """A number as written in Vietnam: "1.075" = 1075, "1.075,5" = 1075.5, "12,5" = 12.5. `what` names the column."""
    tidy = _tidy(text)
    if is_blank(tidy):
        return None
    digits = _UNIT.sub("", tidy)
    if len(digits) <= LONGEST_NUMBER:
        if found := _GROUPED.fullmatch(digits):
            return _decimal(found[1], re.sub(r"[. ]", "", found[2]), found[3])
        if found := _PLAIN.fullmatch(digits):
            return _decimal(found[1], found[2], found[3])
    raise _bad(_("%(what)s “%(text)s” không phải là số. Hãy ghi số, ví dụ 1.075 hoặc 1.075,5."), what=what, text=tidy)


def _decimal(sign: str, whole: str, rest: str | None) -> Decimal:
    return Decimal(f"{sign}{whole}.{rest or 0}")


def whole_of(text: str, what: str, *, least: int = 0, most: int = 10**18) -> int | None:
    """A whole number ("1.075" = 1075). Decimals, and numbers out of bounds, are refused."""
    number = number_of(text, what)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _bad(
            _("%(what)s “%(text)s” có phần lẻ. Hãy ghi số nguyên; hàng nghìn cách bằng dấu chấm."),
            what=what,
            text=_tidy(text),
        )
    if not least <= number <= most:
        raise _bad(
            _("%(what)s “%(text)s” nằm ngoài khoảng cho phép. Hãy kiểm tra lại số."), what=what, text=_tidy(text)
        )
    return int(number)


def day_of(text: str, what: str) -> dt.date | None:
    """A day: 12/3/2023, 12.3.2023, 2023-03-12, "ngày 12 tháng 3 năm 2023", or Excel's number of the day.

    A year of two digits is refused: 12/3/23 may be meant in more than one way.
    """
    tidy = _tidy(text)
    if is_blank(tidy):
        return None
    if found := _SERIAL.fullmatch(tidy):
        if int(found[1]) in SERIALS:
            return EXCEL_EPOCH + dt.timedelta(days=int(found[1]))
    elif parts := _parts(tidy):
        return _date(*parts, what=what, text=tidy)
    if _MONTH.fullmatch(fold(tidy)):
        raise _bad(_("%(what)s “%(text)s” chưa có ngày. Hãy ghi đủ ngày/tháng/năm."), what=what, text=tidy)
    raise _not_a_day(what, tidy)


def _parts(text: str) -> tuple[str, str, str] | None:
    """Year, month, day as written."""
    if found := _ISO.fullmatch(text):
        return found[1], found[2], found[3]
    if found := _DAY.fullmatch(text) or _WORDS.fullmatch(fold(text)):
        return found[3], found[2], found[1]
    return None


def _date(year: str, month: str, day: str, *, what: str, text: str) -> dt.date:
    if len(year) == SHORT_YEAR:
        raise _bad(_("%(what)s “%(text)s” ghi năm hai chữ số. Hãy ghi năm bốn chữ số."), what=what, text=text)
    if len(year) == LONG_YEAR and int(year) in YEARS:
        try:
            return dt.date(int(year), int(month), int(day))
        except ValueError:
            pass
    raise _not_a_day(what, text)


def _not_a_day(what: str, text: str) -> Refusal:
    return _bad(
        _("%(what)s “%(text)s” không phải là ngày. Hãy ghi ngày/tháng/năm, ví dụ 03/10/2025."), what=what, text=text
    )


def year_of(text: str, what: str) -> int | None:
    """A year of four digits, also written "năm 2023"."""
    tidy = _tidy(text)
    if is_blank(tidy):
        return None
    digits = re.sub(r"^năm\s+", "", tidy, flags=re.IGNORECASE)
    if re.fullmatch(r"\d{4}", digits, re.ASCII) and int(digits) in YEARS:
        return int(digits)
    raise _bad(_("%(what)s “%(text)s” không hợp lệ. Hãy ghi năm bằng bốn chữ số."), what=what, text=tidy)


def yes_of(text: str, what: str) -> bool | None:
    """Yes (có, x, 1, ✓) or no (không, 0), or None for an empty cell."""
    tidy = _tidy(text)
    if is_blank(tidy):
        return None
    if tidy in _TICKS or fold(tidy) in _YES:
        return True
    if fold(tidy) in _NO:
        return False
    raise _bad(_("%(what)s ghi “%(text)s”. Hãy ghi “có” hoặc “không”."), what=what, text=tidy)


def short(text: str, what: str, longest: int) -> str:
    """A text that fits its column. Raises when it is too long, or holds characters no text has."""
    tidy = _tidy(text)
    if len(tidy) > longest:
        raise _bad(_("%(what)s dài quá %(longest)s ký tự. Hãy rút gọn."), what=what, text="", longest=longest)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in tidy):
        raise _bad(_("%(what)s có ký tự lạ. Hãy gõ lại ô này."), what=what, text="")
    return tidy


def _bad(sentence: str, *, what: str, text: str, **more: Any) -> Refusal:
    return Refusal("bad_cell", sentence % {"what": what, "text": text[:60], **more})
