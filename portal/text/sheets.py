"""Writes tables as files that Excel opens right: .xlsx, and .csv in UTF-8 with its mark.

Rows are taken one at a time and let go, so memory stays flat however long the table; the first of them say how
wide a column is. A sheet prints on A4 across, all columns on one page, its headings on each. Numbers stay numbers,
dates stay dates. Text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line
break) is written as text: in .xlsx by its type, in .csv behind an apostrophe.
"""

import csv
import datetime as dt
import itertools
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from .cells import FORMULA

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
BOM = "\ufeff"
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_FORMAT, MOMENT_FORMAT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
# Sums are read in groups of three; years and counts of rows need none.
SUM_FORMAT, SUMS_FROM = "#,##0", 10_000
LINES_AT_ONCE = 200
LONGEST_TITLE = 31
# Characters: a column as it is at least, as it finds its own width in a table of few and of many columns, and as it
# may be asked for.
NARROW, TIGHT, ROOMY, WIDE = 8, 24, 45, 60
FEW_COLUMNS = 8
ROWS_MEASURED = 200
LINE_HEIGHT, MOST_LINES = 15, 20
_BOLD = Font(name="Calibri", size=11, bold=True)
_SHADE = PatternFill("solid", fgColor="FFF4EEE2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_FROM_THE_TOP = Alignment(vertical="top")
_CENTRED = Alignment(wrap_text=True, horizontal="center", vertical="center")
_NOT_IN_A_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class _Lines:
    """What the csv writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for something to run."""
    return text.startswith(FORMULA)


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The table as pieces of a .csv file: its mark, the headings, then some lines at a time."""
    writer = csv.writer(_Lines())
    piece = [BOM + writer.writerow([_csv_text(heading) for heading in headings])]
    for row in rows:
        piece.append(writer.writerow([_csv_cell(value) for value in row]))
        if len(piece) >= LINES_AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _csv_cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case str():
            return _csv_text(value)
        case dt.datetime():
            return f"{_here(value):%Y-%m-%d %H:%M}"
        case dt.date():
            return value.isoformat()
        case bool():
            return int(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def _csv_text(text: str) -> str:
    return f"'{text}" if is_formula(text) else text


class Strong(tuple[Any, ...]):
    """A row in bold: the name of what follows, or a sum."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: title, what is said about it, an empty row, headings, rows.

    `tab` is its name below, the title when not given; a width that is not given is found from the first rows.
    """

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    about: Sequence[str] = ()
    widths: Sequence[int] = ()
    tab: str = ""


def with_sums(rows: Iterable[Sequence[Any]], columns: Iterable[int], words: str) -> Iterator[Sequence[Any]]:
    """The rows, then a bold one that sums these columns; an empty table stays empty."""
    sums = dict.fromkeys(columns, 0)
    width = 0
    for row in rows:
        width = len(row)
        for place in sums:
            sums[place] += row[place] or 0
        yield row
    if width:
        yield Strong((words, *(sums.get(place) for place in range(1, width))))


def write_xlsx(
    target: IO[bytes],
    *,
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    about: Sequence[str] = (),
    widths: Sequence[int] = (),
) -> None:
    """The table as a workbook of one sheet."""
    write_workbook(target, [Sheet(title, headings, rows, about, widths)])


def write_workbook(target: IO[bytes], sheets: Iterable[Sheet]) -> None:
    book = Workbook(write_only=True)
    for one in sheets:
        _write_sheet(book, one)
    book.save(target)
    book.close()


def _write_sheet(book: Workbook, one: Sheet) -> None:
    name = (one.tab or one.title).translate(_NOT_IN_A_TITLE).strip()[:LONGEST_TITLE]
    sheet: Any = book.create_sheet(name or "1")
    above = [[one.title], *([line] for line in one.about), []] if one.about else []
    rows = iter(one.rows)
    first = list(itertools.islice(rows, ROWS_MEASURED))
    widths = _widths(one, first)
    _set_up(sheet, len(above) + 1, widths)
    cells = _Cells(sheet, widths)
    for place, line in enumerate(above):
        sheet.append([cells.bold(text) if place == 0 else cells.text(text) for text in line])
    _append(sheet, len(above) + 1, map(cells.heading, one.headings), _lines(one.headings, widths))
    for number, row in enumerate(itertools.chain(first, rows), start=len(above) + 2):
        shaped = cells.strong if isinstance(row, Strong) else cells.of
        shown = [shaped(value, place) for place, value in enumerate(row)]
        _append(sheet, number, shown, _lines(row, widths) if cells.take_wrapped() else 1)


def _append(sheet: Any, number: int, cells: Iterable[Any], lines: int) -> None:
    """A row as high as its lines: not every program finds that by itself."""
    shown = list(cells)
    if lines > 1:
        sheet.row_dimensions[number].height = LINE_HEIGHT * min(lines, MOST_LINES)
        shown = [_from_the_top(sheet, value) for value in shown]
    sheet.append(shown)
    sheet.row_dimensions.pop(number, None)


def _from_the_top(sheet: Any, value: Any) -> Any:
    cell = value if isinstance(value, Cell) else WriteOnlyCell(sheet, value=value)
    if not cell.alignment.vertical:
        cell.alignment = _FROM_THE_TOP
    return cell


def _lines(texts: Sequence[Any], widths: Sequence[int]) -> int:
    """Lines that the longest text takes, words broken whole."""
    pairs = zip(texts, widths, strict=False)
    return max((len(textwrap.wrap(text, width - 1)) for text, width in pairs if isinstance(text, str)), default=1)


def _set_up(sheet: Any, heading: int, widths: Sequence[int]) -> None:
    sheet.freeze_panes = f"A{heading + 1}"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = Worksheet.ORIENTATION_LANDSCAPE, Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.print_options.gridLines = True
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.HeaderFooter.oddFooter.center.text = "&P/&N"


def _widths(one: Sheet, rows: Sequence[Sequence[Any]]) -> list[int]:
    """As asked for; else as wide as the longest of the first cells and as the longest word of the heading."""
    longest = [max((len(word) for word in heading.split()), default=0) + 2 for heading in one.headings]
    for row in rows:
        for place, value in enumerate(row[: len(longest)]):
            if not (isinstance(row, Strong) and isinstance(value, str)):
                longest[place] = max(longest[place], _length(value) + 2)
    found = [min(width, ROOMY if len(longest) <= FEW_COLUMNS else TIGHT) for width in longest]
    for place, width in enumerate(one.widths[: len(found)]):
        found[place] = min(width or found[place], WIDE)
    return [max(width, NARROW) for width in found]


def _length(value: Any) -> int:
    match value:
        case None:
            return 0
        case str():
            return len(value)
        case dt.datetime():
            return len(MOMENT_FORMAT)
        case dt.date():
            return len(DAY_FORMAT)
        case int():
            return len(f"{value:,}")
        case _:
            return len(str(value))


class _Cells:
    """Values as openpyxl takes them. It writes each row at once, so one formatted cell serves a whole column."""

    def __init__(self, sheet: Any, widths: Sequence[int]) -> None:
        self.sheet = sheet
        self.widths = widths
        self._has_wrapped = False
        self._shaped: dict[tuple[int, str], Any] = {}

    def of(self, value: Any, place: int) -> Any:
        match value:
            case int() if abs(value) >= SUMS_FROM:
                return self._formatted(value, SUM_FORMAT, place)
            case None | int():
                return int(value) if isinstance(value, bool) else value
            case "":
                return None  # an empty cell takes no place
            case str():
                return self.text(value, place)
            case dt.datetime():
                return self._formatted(_here(value), MOMENT_FORMAT, place)
            case dt.date():
                return self._formatted(value, DAY_FORMAT, place)
            case _:
                return value

    def text(self, text: str, place: int | None = None) -> Any:
        """Text as text; what is longer than its column is wide goes on below."""
        clean = text if text.isprintable() else ILLEGAL_CHARACTERS_RE.sub("", text)
        is_long = place is not None and place < len(self.widths) and len(clean) > self.widths[place]
        is_evil = is_formula(clean) or clean in ERROR_CODES
        if not (is_long or is_evil):
            return clean
        cell = WriteOnlyCell(self.sheet, value=clean)
        cell.data_type = "s"
        cell.quotePrefix = is_evil
        if is_long:
            cell.alignment = _WRAPPED
            self._has_wrapped = True
        return cell

    def take_wrapped(self) -> bool:
        """Whether a text since the last time is longer than its column is wide."""
        found, self._has_wrapped = self._has_wrapped, False
        return found

    def bold(self, text: str) -> Any:
        cell = WriteOnlyCell(self.sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = "s"
        cell.font = _BOLD
        return cell

    def heading(self, text: str) -> Any:
        cell = self.bold(text)
        cell.alignment, cell.fill = _CENTRED, _SHADE
        return cell

    def strong(self, value: Any, place: int) -> Any:
        if isinstance(value, str):
            return self.bold(value)
        cell = WriteOnlyCell(self.sheet, value=value)
        cell.font, cell.number_format = _BOLD, SUM_FORMAT if isinstance(value, int) else "General"
        return cell

    def _formatted(self, value: Any, shape: str, place: int) -> Any:
        cell = self._shaped.get((place, shape))
        if cell is None:
            cell = self._shaped[place, shape] = WriteOnlyCell(self.sheet, value=value)
            cell.number_format = shape
        cell.value = value
        return cell


def _here(moment: dt.datetime) -> dt.datetime:
    """A moment as the clock on the wall shows it; spreadsheets know no time zones."""
    return moment.astimezone(HERE).replace(tzinfo=None) if moment.tzinfo else moment
