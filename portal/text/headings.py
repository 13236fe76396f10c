"""Finds the headings of a table as departments draw it: below title rows, over one row or two. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .folding import fold

# Running numbers go by these headings.
RUNNING = {"tt", "stt", "so tt", "so thu tu", "s tt", "no"}


@dataclass(frozen=True)
class Head:
    """Where the table begins: index of the last heading line, columns by position, what nobody knows."""

    last: int
    columns: dict[int, str]
    running: int | None = None
    unknown: list[str] = field(default_factory=list)


Codes = dict[str, str]


def codes_of(headings: Mapping[str, Sequence[str]]) -> Codes:
    """Column codes by folded heading; a code is one of its own headings."""
    return {_folded(name): code for code, names in headings.items() for name in (code, *names)}


def find(lines: Sequence[Sequence[str]], codes: Codes, required: set[str]) -> tuple[Head | None, set[str]]:
    """The heading that names every required column and the most of the others, and the most columns any line named."""
    best: Head | None = None
    most: set[str] = set()
    for index, cells in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else ()
        head = _of(index, cells, below, codes)
        found = set(head.columns.values())
        if required <= found and (best is None or len(found) > len(best.columns)):
            best = head
        most = max(most, found, key=len)
    return best, most if best is None else set(best.columns.values())


def _of(index: int, cells: Sequence[str], below: Sequence[str], codes: Codes) -> Head:
    """The heading that begins at a line: alone, or with the line below when that names more columns."""
    single = _named([[cell] if cell else [] for cell in cells], codes)
    double = _named(_pairs(cells, below), codes) if any(cells) and any(below) else {}
    if len(double) > len(single):
        texts = [lower or upper for upper, lower in _columns(cells, below)]
        return _head(index + 1, double, texts)
    return _head(index, single, list(cells))


def _head(last: int, columns: dict[int, str], texts: Sequence[str]) -> Head:
    running = next((position for position, text in enumerate(texts) if _folded(text) in RUNNING), None)
    unknown = [text for position, text in enumerate(texts) if text and position not in columns]
    return Head(last, columns, running, unknown)


def _named(candidates: Sequence[Sequence[str]], codes: Codes) -> dict[int, str]:
    columns: dict[int, str] = {}
    for position, texts in enumerate(candidates):
        code = next((codes[key] for text in texts if (key := _folded(text)) in codes), None)
        if code and code not in columns.values():
            columns[position] = code
    return columns


def _pairs(cells: Sequence[str], below: Sequence[str]) -> list[list[str]]:
    """What each column may be called: "Tên" under "Cơ sở" is "Tên cơ sở"; alone, what stands in one of the lines."""
    found = []
    for upper, lower in _columns(cells, below):
        if upper and lower:
            found.append([f"{lower} {upper}", f"{upper} {lower}", lower])
        else:
            found.append([text for text in (upper, lower) if text])
    return found


def _columns(cells: Sequence[str], below: Sequence[str]) -> list[tuple[str, str]]:
    """Upper and lower text of each column; an upper heading reaches right over blanks with a lower one."""
    pairs: list[tuple[str, str]] = []
    reach = ""
    for position in range(max(len(cells), len(below))):
        upper = cells[position] if position < len(cells) else ""
        lower = below[position] if position < len(below) else ""
        reach = (upper if lower else "") if upper else (reach if lower else "")
        pairs.append((upper or reach, lower))
    return pairs


def _folded(text: str) -> str:
    return fold(re.sub(r"\(.*?\)|\*", " ", text))
