"""Reads the tables people send: CSV as Excel saves it, or a sheet of an .xlsx file, row after row.

Every cell becomes NFC text with single spaces. Headings are found by name, below any title, over one row or
two, in any order, with or without diacritics. A row of one text names the group of the rows below; a cell
merged over several rows holds for each of them; what stands below the table (totals, signatures) is left out.
What the file holds besides is named, not guessed.
"""

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from . import workbooks
from .cells import text_of
from .errors import Refusal
from .folding import fold
from .headings import Head, codes_of, find
from .workbooks import Facts, unreadable

HEADING_ROWS = 30
MAX_ROWS = 100_000
# A line of two cells may be a headline with its numbering; a line of signatures names at most four people.
HARDLY_ANYTHING, SIGNATURES = 2, 4
Line = tuple[int, Sequence[Any]]

_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_NUMBERING = re.compile(r"^\s*(?:[IVXLC]{1,6}|[A-Z]|\d{1,2})\s*[.)\-:/]\s*(?=\S)")
_ROMAN = re.compile(r"[IVXLC]{1,6}[.)]?|[A-H][.)]?")
_COLUMN_NUMBER = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?")
_COUNT = re.compile(r"\s*[:(\-–]\s*\(?\d[\d.]*\s*(?:sản phẩm|hồ sơ|cơ sở|sp)?\)?\s*$", re.IGNORECASE)
_TOTAL = re.compile(r"(?:tong (?:cong|so)|cong (?:nhom|toan|chung|\d|[ivx]{1,4}\b))\b|(?:tong|cong)$")
_BELOW = re.compile(
    r"(?:nguoi (?:lap|tong hop|ki)|can bo (?:lap|tong hop)|noi nhan|(?:kt |tl |tm |tuq |q )?(?:pho )?giam doc"
    r"|(?:kt |tm )?(?:pho )?chu tich|tm (?:ubnd|uy ban)|thu truong|(?:pho )?truong phong|lanh dao|xac nhan"
    r"|ke toan|ki ten|ki ghi ro|danh sach (?:nai |nay )?(?:co|gom)|an dinh)\b"
)
_SIGNED_ON = re.compile(r"\bngay\b.{0,14}\bthang\b.{0,14}\bnam\b")
_REMARK = re.compile(r"(?:ghi chu|luu y|chu thich)\b")


@dataclass(frozen=True)
class Row:
    """One line of the file: its number as the spreadsheet shows it, and its cells by column code.

    `problems` say which cells could not be read, `notes` what was taken from another cell.
    """

    number: int
    cells: dict[str, str]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    rows: list[Row]
    unknown: list[str] = field(default_factory=list)


def nothing_is_a_section(text: str) -> bool:
    return False


@dataclass(frozen=True)
class Layout:
    """What to look for. `headings` maps a column code to the headings it goes by; `required` names the codes
    without which there is no table. `fill_down` are columns of what one cell may say for several rows, the
    first of them leading; `section` is the column that a row of one text fills for the rows below.
    """

    headings: Mapping[str, Sequence[str]]
    required: tuple[str, ...]
    fill_down: tuple[str, ...] = ()
    section: str = ""
    is_section: Callable[[str], bool] = nothing_is_a_section


class Source(Protocol):
    """A file with sheets."""

    @property
    def sheets(self) -> list[str]: ...

    def rows(self, sheet: str) -> Iterator[Line]: ...

    def facts(self, sheet: str) -> Facts: ...


def read_table(path: Path, headings: Mapping[str, Sequence[str]], *, required: Iterable[str]) -> Table:
    """The rows of a .csv or .xlsx file.

    `headings` maps a column code to the headings it goes by (the code itself is one of them); `required`
    names the codes without which the file is refused. Empty lines are left out. Raises Refusal
    `no_file`, `bad_file`, `no_headings` or `too_many_rows` with a sentence; never anything else.
    """
    return read_layout(path, Layout(headings, tuple(required)))


def read_layout(path: Path, layout: Layout) -> Table:
    """The rows of a file by its layout, all at once; of several sheets the first that has the headings."""
    if not path.is_file():
        raise Refusal(
            "no_file",
            _("Không đọc được tệp %(name)s. Không có tệp này; hãy xem lại đường dẫn.") % {"name": path.name},
        )
    with path.open("rb") as file, source_of(file, path.name) as source:
        reading = Reading(source, layout, sheets_with(source, layout)[0])
        return Table(list(reading), reading.head.unknown)


@contextmanager
def source_of(file: IO[bytes], name: str) -> Iterator[Source]:
    """The file as sheets of lines, told by its bytes. Raises Refusal, never anything else."""
    file.seek(0)
    start = file.read(8)
    excel = name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
    if excel or start.startswith((workbooks.ZIP_MAGIC, workbooks.OLE_MAGIC)):
        with workbooks.opened(file, name) as book:
            yield book
    else:
        yield CsvSource(file, name)


def sheets_with(source: Source, layout: Layout) -> list[str]:
    """The sheets that hold such a table, in order. Raises Refusal `no_headings` when there is none."""
    codes, required = codes_of(layout.headings), set(layout.required)
    found: dict[str, int] = {}
    best: set[str] = set()
    for sheet in source.sheets:
        head, columns = find(_first_lines(source, sheet), codes, required)
        if head is not None:
            found[sheet] = len(columns)
        best = max(best, columns, key=len)
    if not found:
        raise _no_headings(layout, required - best)
    # A page of explanations may name a heading; a table names several.
    tables = [sheet for sheet, columns in found.items() if columns > 1]
    return tables or list(found)


def _first_lines(source: Source, sheet: str) -> list[list[str]]:
    return [[text_of(cell) for cell in cells] for _number, cells in itertools.islice(source.rows(sheet), HEADING_ROWS)]


def _no_headings(layout: Layout, missing: set[str]) -> Refusal:
    names = [layout.headings[code][0] if layout.headings[code] else code for code in layout.headings if code in missing]
    return Refusal(
        "no_headings",
        _("Không tìm thấy dòng tiêu đề có đủ các cột cần thiết. Còn thiếu: %(missing)s.")
        % {"missing": ", ".join(names)},
    )


class Reading:
    """The rows of one sheet, one at a time. `notes` say what was left out; they are whole after the last row."""

    def __init__(self, source: Source, layout: Layout, sheet: str) -> None:
        head, found = find(_first_lines(source, sheet), codes_of(layout.headings), set(layout.required))
        if head is None:
            raise _no_headings(layout, set(layout.required) - found)
        self.sheet, self.head, self.notes = sheet, head, list[str]()
        self._source, self._layout = source, layout

    def __iter__(self) -> Iterator[Row]:
        body = _Body(self._layout, self.head, self._source.facts(self.sheet), self.notes)
        lines = itertools.islice(self._source.rows(self.sheet), self.head.last + 1, None)
        for count, row in enumerate(body.rows(lines), start=1):
            if count > MAX_ROWS:
                raise Refusal("too_many_rows", _("Tệp có hơn 100.000 dòng. Hãy chia tệp thành nhiều phần."))
            yield row


class _Body:
    """Turns lines below the heading into rows, remembering what a cell above says for those below."""

    def __init__(self, layout: Layout, head: Head, facts: Facts, notes: list[str]) -> None:
        self.layout, self.head, self.notes = layout, head, notes
        self.uncalculated = facts.uncalculated
        self.columns = list(head.columns.items())
        self.tall = {
            (merge.first_row, merge.first_column): merge.last_row
            for merge in facts.merges
            if merge.last_row > merge.first_row
        }
        self.held: dict[int, tuple[int, Any]] = {}
        self.section = ""
        self.above: dict[str, str] = {}
        self.counted: int | None = None
        self.is_first = True

    def rows(self, lines: Iterable[Line]) -> Iterator[Row]:
        for number, values in lines:
            cells = self._merged(number, values) if self.tall else self._cells(values)
            if not any(cells.values()) and not any(value is not None and value != "" for value in values):
                continue
            if self._is_apart(cells, values):
                kind = self._apart(number, values)
                if kind == "end":
                    self.notes.append(_("Từ dòng %(number)s trở xuống là phần ký tên, không đọc.") % {"number": number})
                    return
                if kind == "skip":
                    continue
            self.is_first = False
            if row := self._row(number, cells, values):
                yield row

    def _cells(self, values: Sequence[Any]) -> dict[str, str]:
        width = len(values)
        return {code: text_of(values[index]) if index < width else "" for index, code in self.columns}

    def _merged(self, number: int, values: Sequence[Any]) -> dict[str, str]:
        """The cells, each block merged over several rows read in exactly those rows."""
        cells = self._cells(values)
        for index, code in self.columns:
            if last := self.tall.get((number, index)):
                self.held[index] = (last, cells[code])
            elif index in self.held and not cells[code]:
                last, text = self.held[index]
                if number <= last:
                    cells[code] = text
        return cells

    # --- what is no row ---------------------------------------------------------------------------

    def _is_apart(self, cells: dict[str, str], values: Sequence[Any]) -> bool:
        """Whether the line may be something else than a row: a required cell is empty, or hardly anything is there."""
        if not all(cells[code] for code in self.layout.required):
            return True
        return self.is_first or sum(value is not None and value != "" for value in values) <= HARDLY_ANYTHING

    def _apart(self, number: int, values: Sequence[Any]) -> str:
        texts = [text for text in map(text_of, values) if text]
        if self.is_first and len(texts) > HARDLY_ANYTHING and all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
            return "skip"
        running = self._running(values)
        if running.isdecimal() and not (len(texts) == HARDLY_ANYTHING and self.layout.is_section(_bare(texts[1]))):
            return "row"
        words = [text for text in texts if not _ROMAN.fullmatch(text) and not text.isdecimal()]
        if not words:
            return "skip"
        if _is_total(words[0]) or _REMARK.match(fold(words[0])):
            return "skip"
        if (
            any(_BELOW.match(fold(word)) or _SIGNED_ON.search(fold(word)) for word in words)
            and len(texts) <= SIGNATURES
        ):
            return "end"
        return self._headline(number, texts, words)

    def _headline(self, number: int, texts: list[str], words: list[str]) -> str:
        """A row of one text: the group of the rows below, or a heading that says nothing of them."""
        if len(words) > 1 and not all(word[0].isdigit() for word in words[1:]):
            return "row"
        bare = _bare(words[0])
        is_group = self.layout.is_section(bare) or fold(bare).startswith(("nhom ", "nganh "))
        if self.layout.section and is_group:
            self.section, self.above = bare, {}
            return "skip"
        if _ROMAN.fullmatch(texts[0]) or re.match(r"(?:[IVXLC]{1,6}|[A-H])\s*[.)\-:/]\s*\S", words[0]):
            self.above = {}
            self.notes.append(
                _("Dòng %(number)s “%(text)s” là dòng tiêu đề, không nhập.") % {"number": number, "text": words[0][:80]}
            )
            return "skip"
        return "row"

    # --- what is one ------------------------------------------------------------------------------

    def _row(self, number: int, cells: dict[str, str], values: Sequence[Any]) -> Row | None:
        notes = self._fill_down(cells, values)
        if not any(cells.values()):
            return None
        if self.section and not cells.get(self.layout.section):
            cells[self.layout.section] = self.section
        if self.layout.fill_down:
            self.above = {code: cells.get(code, "") for code in self.layout.fill_down}
        return Row(number, cells, self._problems(number, cells), notes)

    def _fill_down(self, cells: dict[str, str], values: Sequence[Any]) -> tuple[str, ...]:
        """Takes over the leading column from the row above where it was left blank and the running number goes on."""
        if not self.layout.fill_down:
            return ()
        leading = self.layout.fill_down[0]
        running = self._running(values)
        goes_on = self.counted is not None and (not running or running == str(self.counted + 1))
        if running.isdecimal():
            self.counted = int(running)
        if cells.get(leading) or not self.above.get(leading) or not goes_on or not any(cells.values()):
            return ()
        for code in self.layout.fill_down:
            if code in cells and not cells[code]:
                cells[code] = self.above[code]
        return (
            _("Ô “%(column)s” để trống nên lấy theo dòng trên: %(text)s.")
            % {"column": self.layout.headings[leading][0], "text": self.above[leading]},
        )

    def _running(self, values: Sequence[Any]) -> str:
        index = self.head.running
        return text_of(values[index]).rstrip(".") if index is not None and index < len(values) else ""

    def _problems(self, number: int, cells: dict[str, str]) -> tuple[str, ...]:
        found = [
            _("Ô %(cell)s là công thức chưa có kết quả. Hãy mở tệp bằng Excel, lưu lại, hoặc dán giá trị vào ô.")
            % {"cell": f"{get_column_letter(index + 1)}{number}"}
            for index, _code in self.columns
            if self.uncalculated and (number, index) in self.uncalculated
        ]
        found += [
            _("Ô %(cell)s báo lỗi %(error)s. Hãy sửa công thức hoặc gõ lại giá trị.")
            % {"cell": f"{get_column_letter(index + 1)}{number}", "error": cells[code]}
            for index, code in self.columns
            if cells[code].startswith("#") and _ERROR.fullmatch(cells[code])
        ]
        return tuple(found)


def _is_total(text: str) -> bool:
    """ "Tổng cộng" and the like; "Công …" has no dot below and is a name."""
    return bool(_TOTAL.match(fold(text))) and not text.lower().startswith("công")


def _bare(text: str) -> str:
    """A headline without its numbering and without how many rows follow."""
    return _COUNT.sub("", _NUMBERING.sub("", text)).strip(" :.-–")


class CsvSource:
    """A text file of separated values: UTF-8, UTF-16, or Windows-1258 where that reads as Vietnamese."""

    sheets = [""]

    def __init__(self, file: IO[bytes], name: str) -> None:
        workbooks.refuse_large(file)
        self._name = name
        self._text = _decoded(file.read(), name)
        first = self._text.splitlines()[:HEADING_ROWS]
        self._delimiter = max(",;\t", key=lambda sign: max((line.count(sign) for line in first), default=0))

    def rows(self, sheet: str) -> Iterator[Line]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter, strict=True)
        begins = 1  # a quoted cell may run over several lines: the row is known by its first
        try:
            for cells in reader:
                if len(cells) > workbooks.LAST_COLUMN:
                    raise workbooks.bomb()
                yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise unreadable(self._name) from error

    def facts(self, sheet: str) -> Facts:
        return Facts()


def _decoded(data: bytes, name: str) -> str:
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
        if "\0" not in text and (encoding != "cp1258" or _reads_as_vietnamese(text)):
            return text
    raise unreadable(name)


def _encodings(data: bytes) -> list[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    return ["utf-8", "cp1258"]


# Letters of Vietnamese outside ASCII, as they come out of Windows-1258 when it is the right reading.
_VIETNAMESE = frozenset("ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")


def _reads_as_vietnamese(text: str) -> bool:
    strange = [sign for sign in text.lower() if not sign.isascii() and sign not in "“”‘’–—…"]
    return all(sign in _VIETNAMESE for sign in strange)
