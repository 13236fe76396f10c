"""Rows of one sheet of an .xlsx file, in the memory of one row however long the sheet is.

openpyxl's own reader of rows keeps a trace of every row it has read, and every text of the book; ten thousand
rows take megabytes. Here each row is forgotten once it is read, and the texts lie in a file of their own.
What a cell means (numbers, days, errors) is left to openpyxl.
"""

import mmap
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO, Any
from xml.etree.ElementTree import Element

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

SI, T, V, IS, ROW, DATA = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "v", "is", "row", "sheetData"))
DIGITS = "0123456789"


class Texts(Sequence[str]):
    """The texts that the cells of a book share, kept in a temporary file; of each its beginning is remembered."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the book
        self._ends = array("Q", [0])
        self._read: mmap.mmap | None = None

    def append(self, text: str) -> None:
        self._ends.append(self._ends[-1] + self._file.write(text.encode()))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: Any) -> Any:
        start, end = self._ends[place], self._ends[place + 1]
        if start == end:
            return ""
        if self._read is None:
            self._file.flush()
            self._read = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._read[start:end].decode()

    def close(self) -> None:
        if self._read is not None:
            self._read.close()
        self._file.close()


class BookReader(ExcelReader):
    """openpyxl's reader of a book, with the shared texts in a file."""

    def read_strings(self) -> None:
        self.shared_strings = Texts()
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                _keep(source, self.shared_strings)


def _keep(source: IO[bytes], texts: Texts) -> None:
    table: Element | None = None
    for event, node in iterparse(source, events=("start", "end")):
        if table is None:
            table = node
        elif event == "end" and node.tag == SI:
            texts.append(_text(node))
            table.clear()


def _text(node: Element) -> str:
    """What openpyxl reads of it; plain text, as most are, without its detour."""
    first = node[0] if len(node) == 1 else None
    text = first.text or "" if first is not None and first.tag == T else Text.from_tree(node).content
    return text.replace("x005F_", "")


class RowParser(WorkSheetParser):
    """openpyxl's parser of a sheet, for its rows alone: the number of each, and its values by column."""

    def parse(self) -> Iterator[tuple[int, list[Any]]]:
        data: Element | None = None
        for event, node in iterparse(self.source, events=("start", "end")):
            if event == "start":
                data = node if node.tag == DATA else data
            elif node.tag == ROW:
                yield self.parse_row(node)
                self.row_dimensions.clear()
                if data is not None:
                    data.clear()
            elif node.tag == DATA:
                return

    def parse_row(self, row: Element) -> tuple[int, list[Any]]:
        number, cells = super().parse_row(row)
        values = [None] * (cells[-1][0] if cells else 0)
        for column, value in cells:
            if column <= len(values):
                values[column - 1] = value
        return number, values

    def parse_cell(self, element: Element) -> tuple[int, Any]:
        """Texts and plain numbers at once, the rest as openpyxl reads it."""
        place = element.get("r")
        value = self._plain(element, element.get("t", "n")) if place and self.data_only else None
        if value is None or not place:
            cell = super().parse_cell(element)
            return cell["column"], cell["value"]
        self.col_counter = _column(place.rstrip(DIGITS))
        return self.col_counter, value

    def _plain(self, element: Element, kind: str) -> Any:
        """The value of a cell that needs no thought; None for the others."""
        if kind == "inlineStr":
            text = element[0][0] if len(element) == 1 and element[0].tag == IS and len(element[0]) == 1 else None
            return text.text if text is not None and text.tag == T else None
        if kind == "s":
            place = element.findtext(V)
            return self.shared_strings[int(place)] if place else None
        if kind == "n" and int(element.get("s", 0)) not in self.date_formats:
            number = element.findtext(V)
            return _number(number) if number else None
        return None


_column = lru_cache(maxsize=1024)(column_index_from_string)


def _number(text: str) -> int | float:
    return float(text) if "." in text or "E" in text or "e" in text else int(text)
