"""Reads the tables people send: CSV as Excel saves it, or the first sheet of an .xlsx file.

Every cell becomes NFC text with single spaces. Headings are found by name, in any row near the top,
in any order, with or without diacritics; what the file holds besides is named, not guessed.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from .errors import Refusal
from .folding import fold, normalise

HEADING_ROWS = 20
MAX_ROWS = 100_000


@dataclass(frozen=True)
class Row:
    """One line of the file: its number as the spreadsheet shows it, and its cells by column code."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    rows: list[Row]
    unknown: list[str] = field(default_factory=list)


def read_table(path: Path, headings: Mapping[str, Sequence[str]], *, required: Iterable[str]) -> Table:
    """The rows of a .csv or .xlsx file.

    `headings` maps a column code to the headings it goes by (the code itself is one of them); `required`
    names the codes without which the file is refused. Empty lines are left out. Raises Refusal
    `no_file`, `bad_file`, `no_headings` or `too_many_rows` with a sentence; never anything else.
    """
    lines = [(number, [_text(cell) for cell in cells]) for number, cells in _lines(path)]
    start, columns, unknown = _find_headings(lines, headings, set(required))
    rows = [
        Row(number, {code: cells[index] for index, code in columns.items() if index < len(cells)})
        for number, cells in lines[start + 1 :]
    ]
    return Table([row for row in rows if any(row.cells.values())], unknown)


def _lines(path: Path) -> Iterable[tuple[int, Sequence[Any]]]:
    if not path.is_file():
        raise Refusal(
            "no_file",
            _("Không đọc được tệp %(name)s. Không có tệp này; hãy xem lại đường dẫn.") % {"name": path.name},
        )
    try:
        lines = _excel(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path)
    except Refusal:
        raise
    except Exception as error:  # a broken workbook fails in as many ways as the zip and XML readers know
        raise _unreadable(path) from error
    if len(lines) > MAX_ROWS:
        raise Refusal("too_many_rows", _("Tệp có hơn 100.000 dòng. Hãy chia tệp thành nhiều phần."))
    return lines


def _unreadable(path: Path) -> Refusal:
    return Refusal(
        "bad_file",
        _("Không đọc được tệp %(name)s. Hãy mở tệp bằng Excel, lưu lại dạng .xlsx hoặc .csv (UTF-8) rồi thử lại.")
        % {"name": path.name},
    )


def _excel(path: Path) -> list[tuple[int, Sequence[Any]]]:
    with path.open("rb") as file:
        book = load_workbook(io.BytesIO(file.read()), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = []
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            rows.append((number, cells))
            if number > MAX_ROWS:
                break
        return rows
    finally:
        book.close()


def _csv(path: Path) -> list[tuple[int, Sequence[Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path) from error
    if "\0" in text:
        raise _unreadable(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Sequence[Any]]] = []
    begins = 1  # a quoted cell may run over several lines: the row is known by its first
    for cells in reader:
        rows.append((begins, cells))
        begins = reader.line_num + 1
    return rows


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime():
            return cell.date().isoformat()
        case dt.date():
            return cell.isoformat()
        case _:
            return normalise(str(cell))


def _heading(text: str) -> str:
    return fold(re.sub(r"\(.*?\)|\*", " ", text))


def _find_headings(
    lines: list[tuple[int, list[str]]], headings: Mapping[str, Sequence[str]], required: set[str]
) -> tuple[int, dict[int, str], list[str]]:
    """Index of the heading row, column codes by position, and the headings nobody knows."""
    codes = {_heading(name): code for code, names in headings.items() for name in (code, *names)}
    best: set[str] = set()
    for index, (_number, cells) in enumerate(lines[:HEADING_ROWS]):
        columns: dict[int, str] = {}
        for position, cell in enumerate(cells):
            code = codes.get(_heading(cell))
            if code and code not in columns.values():
                columns[position] = code
        found = set(columns.values())
        if required <= found:
            unknown = [cell for position, cell in enumerate(cells) if cell and position not in columns]
            return index, columns, unknown
        best = max(best, found, key=len)
    missing = [headings[code][0] if headings[code] else code for code in headings if code in required - best]
    raise Refusal(
        "no_headings",
        _("Không tìm thấy dòng tiêu đề có đủ các cột cần thiết. Còn thiếu: %(missing)s.")
        % {"missing": ", ".join(missing)},
    )
