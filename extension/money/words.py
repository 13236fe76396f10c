"""Sums of money as officers write them, read into whole đồng. Pure.

"200 triệu", "12,31 tỷ đồng", "1 tỷ 075 triệu" and "1.075.000.000" are read; what could mean two sums
("2.605 tỷ", "1.5 triệu", a bare "200") is refused with a sentence that shows how to write it. On English pages
"950,000", "1.5 million" and "1,075 million" are read too.
"""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

UNITS = {
    "tỷ": 1_000_000_000,
    "triệu": 1_000_000,
    "nghìn": 1_000,
    "đồng": 1,
}
_SPELLINGS = {
    "tỉ": "tỷ",
    "ty": "tỷ",
    "ti": "tỷ",
    "tr": "triệu",
    "trieu": "triệu",
    "ngàn": "nghìn",
    "nghin": "nghìn",
    "ngan": "nghìn",
    "đ": "đồng",
    "₫": "đồng",
    "vnđ": "đồng",
    "vnd": "đồng",
    "dong": "đồng",
}
# How English says the units, and the words that leave a number to be written the English way.
_ENGLISH = {"billion": "tỷ", "bn": "tỷ", "million": "triệu", "mil": "triệu", "thousand": "nghìn"}
_NEUTRAL = frozenset({"đồng", "đ", "₫", "vnđ", "vnd", "dong"})
ENGLISH_UNITS = frozenset(_ENGLISH)
# Below this a number without a unit is more likely millions than đồng.
SMALLEST_BARE = 10_000
LARGEST = 10**15
_TOKEN = re.compile(r"\s*([\d.,]+)\s*([^\W\d]+|₫)?")
_GROUPED = re.compile(r"\d{1,3}(\.\d{3})+|\d{1,3}(,\d{3}){2,}")
_DECIMAL = re.compile(r"(\d+|\d{1,3}(?:\.\d{3})+),(\d+)")
_ONE_DOT = re.compile(r"\d+\.\d+")

_ENGLISH_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")

Part = tuple[str, str]


def parse_money(text: str, *, language: str = "vi") -> int | None:
    """Whole đồng, or None for an empty text. Raises Refusal("money_unclear") in words.

    In English ("en") a comma parts thousands and a point decimals; with a Vietnamese unit ("12,31 tỷ"), and in
    "1.075.000.000", numbers are read as in Vietnamese.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", text).lower().replace("\u00a0", " ").split())
    if not cleaned:
        return None
    return _english(cleaned) if language == "en" else _vietnamese(cleaned)


def _english(cleaned: str) -> int:
    words = set(re.findall(r"[^\W\d_]+|₫", cleaned))
    said = cleaned
    if words <= ENGLISH_UNITS | _NEUTRAL:
        said = re.sub(r"\d[\d.,]*", lambda found: _from_english(found[0], cleaned), said)
    said = re.sub(r"[^\W\d_]+", lambda word: _ENGLISH.get(word[0], word[0]), said)
    try:
        return _vietnamese(said)
    except Refusal:
        if cleaned.isdigit():
            raise
        raise _unclear(cleaned) from None


def _from_english(number: str, text: str) -> str:
    """ "1,075.5" as Vietnamese writes it; a number with several points is Vietnamese already."""
    if _ENGLISH_NUMBER.fullmatch(number):
        return number.replace(",", "").replace(".", ",")
    if _GROUPED.fullmatch(number):
        return number
    raise _unclear(text)


def _vietnamese(cleaned: str) -> int:
    parts = _split(cleaned)
    return _single(*parts[0]) if len(parts) == 1 else _compound(parts, cleaned)


def _split(text: str) -> list[Part]:
    """("12,31", "tỷ") pairs that cover the whole text; a last word "đồng" belongs to the unit before it."""
    body = _without_last_dong(text)
    parts: list[Part] = []
    position = 0
    while position < len(body):
        found = _TOKEN.match(body, position)
        if not found:
            raise _unclear(text)
        parts.append((found[1], _unit(found[2] or "", text)))
        position = found.end()
    if body != text and len(parts) == 1 and not parts[0][1]:
        parts = [(parts[0][0], "đồng")]
    return parts


def _without_last_dong(text: str) -> str:
    words = re.sub(r"(\d)(vnđ|vnd|đồng|dong|đ|₫)$", r"\1 \2", text).split(" ")
    if len(words) > 1 and _SPELLINGS.get(words[-1], words[-1]) == "đồng":
        return " ".join(words[:-1])
    return text


def _unit(word: str, text: str) -> str:
    unit = _SPELLINGS.get(word, word)
    if unit and unit not in UNITS:
        raise _unclear(text)
    return unit


def _single(number: str, unit: str) -> int:
    if not unit:
        return _bare(number)
    if unit == "tỷ" and re.fullmatch(r"\d{1,3}\.\d{3}", number):
        raise _two_ways(number, unit)
    return _checked(_number(number, unit) * UNITS[unit], f"{number} {unit}")


def _bare(number: str) -> int:
    value = _number(number, "")
    if value and value < SMALLEST_BARE:
        raise Refusal(
            "money_unclear",
            _("“%(text)s” chưa rõ là đồng hay triệu đồng. Hãy ghi đơn vị, ví dụ “%(text)s triệu”.") % {"text": number},
        )
    return _checked(value, number)


def _compound(parts: list[Part], text: str) -> int:
    """ "1 tỷ 075 triệu": units must fall, and every later part must be smaller than the unit before it."""
    total, ceiling = Decimal(0), None
    for number, unit in parts:
        if not unit or not (number.isdigit() or _GROUPED.fullmatch(number)):
            raise _unclear(text)
        value = _number(number, unit) * UNITS[unit]
        if ceiling is not None and value >= ceiling:
            raise _unclear(text)
        total, ceiling = total + value, UNITS[unit]
    return _checked(total, text)


def _number(text: str, unit: str) -> Decimal:
    if text.isdigit() and text.isascii():
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub(r"[.,]", "", text))
    decimal = _DECIMAL.fullmatch(text)
    # "1,075" alone may group thousands the English way.
    if decimal and (unit or len(decimal[2]) != len("000")):
        return Decimal(f"{decimal[1].replace('.', '')}.{decimal[2]}")
    if decimal or _ONE_DOT.fullmatch(text):
        raise _two_ways(text, unit)
    raise _unclear(text)


def _checked(value: Decimal, text: str) -> int:
    if value != value.to_integral_value():
        raise Refusal("money_unclear", _("“%(text)s” có phần lẻ của một đồng. Hãy ghi số đồng chẵn.") % {"text": text})
    if value > LARGEST:
        raise Refusal("money_unclear", _("Số tiền quá lớn. Hãy kiểm tra lại số chữ số và đơn vị."))
    return int(value)


def _two_ways(number: str, unit: str) -> Refusal:
    return Refusal(
        "money_unclear",
        _("“%(text)s” có thể đọc theo hai cách. Hãy dùng dấu phẩy cho phần lẻ, như “%(comma)s”, hoặc ghi đủ số đồng.")
        % {"text": f"{number} {unit}".strip(), "comma": f"{number.replace('.', ',')} {unit or _('triệu')}"},
    )


def _unclear(text: str) -> Refusal:
    return Refusal(
        "money_unclear",
        _("Chưa đọc được số tiền “%(text)s”. Hãy ghi như “200 triệu”, “12,31 tỷ” hoặc “1.075.000.000”.")
        % {"text": text},
    )
