"""What a question in plain words asks: "máy sấy 600 triệu ở Lai Châu" names an expense, a sum, a province, maybe a day. Pure.

Words count with or without diacritics. The longest words win: "dây chuyền sấy" is a line, not a dryer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.text.errors import Refusal
from portal.text.folding import fold

from ..money.words import ENGLISH_UNITS, parse_money
from .lookup_days import Days, days_in

LONGEST = 300
_UNITS = r"tỷ|tỉ|ty|ti|triệu|trieu|tr|nghìn|nghin|ngàn|ngan|đồng|dong|đ|₫|vnđ|vnd|billion|bn|million|mil|thousand"
_SUM = re.compile(
    rf"(?<![\w.,])\d[\d.,]*(?:\s*(?:{_UNITS})(?!\w)(?:\s*\d[\d.,]*(?:\s*(?:{_UNITS}))(?!\w))?)", re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w.,])\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})(?![\w.,]*\d)|(?<![\w.,])\d{7,}(?!\d)")
# On English pages "950,000" is no decimal.
_BARE_ENGLISH = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w.,]*\d)")


@dataclass(frozen=True)
class Named:
    """Something a question may name: its key, its names, and words people use for it."""

    key: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Understood:
    """Keys of the expenses named, the nearest first; the province's; the sum in đồng and the days, or why they are not clear."""

    items: tuple[str, ...] = ()
    place: str = ""
    cost: int | None = None
    fault: str = ""
    days: Days | None = None
    day_fault: str = ""


def understand(text: str, *, items: Iterable[Named], places: Iterable[Named], language: str = "vi") -> Understood:
    """What is named in the text; nothing is guessed that no word says."""
    days, rest, day_fault = days_in(text[:LONGEST])
    cost, rest, fault = _sum_in(rest, language)
    folded = f" {fold(rest)} "
    place = max(places, key=lambda one: _longest(one, folded), default=None)
    found = place if place is not None and _longest(place, folded) else None
    if found:
        folded = _without(found, folded)
    scored = sorted(((_longest(item, folded), item.key) for item in items), key=lambda pair: -pair[0])
    best = tuple(key for length, key in scored if length)
    return Understood(best, found.key if found else "", cost, fault, days, day_fault)


def _sum_in(text: str, language: str) -> tuple[int | None, str, str]:
    """The first sum of money said, and the text without it; where none is clear, why the first is not."""
    faults = []
    for pattern in (_SUM, _BARE, *([_BARE_ENGLISH] if language == "en" else ())):
        for match in pattern.finditer(text):
            try:
                cost = read_sum(match[0].rstrip(".,"), language)
            except Refusal as refusal:
                faults.append(str(refusal))
                continue
            if cost:
                return cost, f"{text[: match.start()]} {text[match.end() :]}", ""
    return None, text, next(iter(faults), "")


def read_sum(text: str, language: str) -> int | None:
    """A sum said in Vietnamese or English; a number before an English unit is written the English way.

    None for an empty text. Raises Refusal("money_unclear") in words.
    """
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", text)}
    return parse_money(text, language="en" if words & ENGLISH_UNITS else language)


def _longest(one: Named, folded: str) -> int:
    """Length of the longest of its words that stands in the text as whole words; 0 when none does."""
    return max((len(word) for word in map(fold, one.words) if word and f" {word} " in folded), default=0)


def _without(one: Named, folded: str) -> str:
    word = max((word for word in map(fold, one.words) if word and f" {word} " in folded), key=len)
    return folded.replace(f" {word} ", "  ")
