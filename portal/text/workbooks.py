"""Opens .xlsx files that anybody may have sent: judged by their directory before anything is unpacked.

Values are read with openpyxl, row by row. What its fast reader does not tell (merged cells stand after the
rows, formulas nobody has calculated) is taken from the sheet's own XML, unpacked in pieces.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string

from .errors import Refusal
from .sheet_rows import BookReader, RowParser

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED = 150 * MEGABYTE
# A table of repeated words packs 30 to 60 times; a bomb a thousand times.
MAX_RATIO = 150
RATIO_MATTERS_FROM = 5 * MEGABYTE
MAX_PARTS = 2000
# Excel's own last column; and what 100,000 rows of 40 columns hold. A file may claim far more than it weighs.
LAST_COLUMN = 16_384
MAX_CELLS = 4_000_000
LAST_ROW = 1_048_576
PIECE = MEGABYTE // 4
OVERLAP = 16 * 1024

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_EMPTY_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True)
class Merge:
    """A merged block: rows and columns, counted from 1 and from 0, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class Facts:
    """What a sheet's XML tells besides values. `uncalculated` holds (row, column) of formulas without a value."""

    merges: list[Merge] = field(default_factory=list)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)


def refuse_unfit(file: IO[bytes], name: str) -> None:
    """Raise Refusal for what is no .xlsx, too large, or would unpack without measure. Unpacks nothing."""
    refuse_large(file)
    start = file.read(8)
    file.seek(0)
    if start.startswith(OLE_MAGIC):
        raise Refusal(
            "old_excel",
            _("Không đọc được tệp %(name)s. Đây là tệp Excel đời cũ (.xls) hoặc có mật khẩu. Hãy lưu lại dạng .xlsx.")
            % {"name": name},
        )
    if not start.startswith(ZIP_MAGIC):
        raise unreadable(name)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _refuse_bomb(entries)
            _refuse_other_kinds(archive, {entry.filename for entry in entries}, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise unreadable(name) from error
    finally:
        file.seek(0)


def refuse_large(file: IO[bytes]) -> None:
    """Raise Refusal for more than anybody's list weighs; leaves the file at its start."""
    file.seek(0, 2)
    if file.tell() > MAX_BYTES:
        raise Refusal("file_too_large", _("Tệp nặng hơn 20 MB. Hãy chia danh sách thành nhiều tệp rồi gửi lại."))
    file.seek(0)


def _refuse_bomb(entries: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    swollen = unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED or swollen or len(entries) > MAX_PARTS:
        raise bomb()


def _refuse_other_kinds(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    if "mimetype" in names and b"opendocument" in archive.read("mimetype")[:200]:
        raise Refusal("open_document", _("Tệp .ods không đọc được. Hãy lưu lại dạng .xlsx (Excel) rồi gửi lại."))
    if "xl/workbook.bin" in names:
        raise Refusal("binary_excel", _("Tệp .xlsb không đọc được. Hãy lưu lại dạng .xlsx (Excel) rồi gửi lại."))
    if "word/document.xml" in names:
        raise Refusal("word_file", _("Đây là tệp Word. Hãy chép bảng sang Excel, lưu dạng .xlsx rồi gửi lại."))
    if not any(entry.startswith("xl/worksheets/") for entry in names):
        raise unreadable(name)


def bomb() -> Refusal:
    return Refusal(
        "file_bomb",
        _("Tệp này khi mở ra lớn bất thường nên không đọc. Hãy chép bảng sang một tệp Excel mới rồi gửi lại."),
    )


def unreadable(name: str) -> Refusal:
    return Refusal(
        "bad_file",
        _("Không đọc được tệp %(name)s. Hãy mở tệp bằng Excel, lưu lại dạng .xlsx hoặc .csv (UTF-8) rồi thử lại.")
        % {"name": name},
    )


def _within_measure(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows, until they hold more cells than any list has."""
    cells = 0
    for number, row in rows:
        cells += len(row)
        if cells > MAX_CELLS:
            raise bomb()
        yield number, row


class Book:
    """An open workbook: names of the sheets people see, rows of one of them, its facts."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        reader = BookReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read()
        self._book, self._texts = reader.wb, reader.shared_strings
        visible = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        self._sheets = {sheet.title: sheet for sheet in visible or self._book.worksheets}

    @property
    def sheets(self) -> list[str]:
        return list(self._sheets)

    def rows(self, sheet: str) -> Iterator[tuple[int, Sequence[Any]]]:
        """Row number and values, one row at a time; a row that the file leaves out is empty."""
        try:
            yield from _within_measure(self._rows(sheet))
        except Refusal:
            raise
        except Exception as error:  # a broken sheet fails in as many ways as the zip and XML readers know
            raise unreadable(self._name) from error

    def _rows(self, sheet: str) -> Iterator[tuple[int, Sequence[Any]]]:
        due = 1
        with self._sheets[sheet]._get_source() as source:
            parser = RowParser(
                source,
                self._texts,
                data_only=True,
                epoch=self._book.epoch,
                date_formats=self._book._date_formats,
                timedelta_formats=self._book._timedelta_formats,
            )
            for number, values in parser.parse():
                if number > LAST_ROW:
                    return
                for left_out in range(due, number):
                    yield left_out, ()
                if number >= due:
                    due = number + 1
                    yield number, values

    def facts(self, sheet: str) -> Facts:
        """Merged cells and formulas without a value, from the XML, in one pass over its bytes."""
        # The reader keeps the part's name to itself; there is no other way to it that is not a second reader.
        part = posixpath.normpath(str(self._sheets[sheet]._worksheet_path)).lstrip("/")
        facts = Facts()
        with zipfile.ZipFile(self._file) as archive, archive.open(part) as stream:
            tail = b""
            while piece := stream.read(PIECE):
                _note(tail + piece, facts)
                tail = (tail + piece)[-OVERLAP:]
        return facts

    def close(self) -> None:
        self._book.close()
        self._texts.close()


def _note(xml: bytes, facts: Facts) -> None:
    if b"mergeCell " in xml:
        known = set(facts.merges)
        for left, top, right, bottom in _MERGE.findall(xml):
            merge = Merge(int(top), int(bottom), _column(left), _column(right))
            if merge not in known:
                facts.merges.append(merge)
    if b"<f" in xml or b":f" in xml:
        for attributes in _EMPTY_FORMULA.findall(xml):
            place = _REF.search(attributes)
            # A formula that gives an empty text has been calculated: it says so by its type.
            if place and b't="str"' not in attributes:
                facts.uncalculated.add((int(place[2]), _column(place[1])))


def _column(letters: bytes) -> int:
    return column_index_from_string(letters.decode("ascii")) - 1


@contextmanager
def opened(file: IO[bytes], name: str) -> Iterator[Book]:
    """A workbook, checked and open. Raises Refusal, never anything else."""
    refuse_unfit(file, name)
    try:
        book = Book(file, name)
    except Exception as error:
        raise unreadable(name) from error
    try:
        yield book
    finally:
        book.close()
