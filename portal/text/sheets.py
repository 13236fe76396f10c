"""Writes tables as files that Excel opens right: .xlsx, and .csv in UTF-8 with its mark.

Rows are taken one at a time and let go, so memory stays flat however long the table. Numbers stay numbers,
dates stay dates. Text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line
break) is written as text: in .xlsx by its type, in .csv behind an apostrophe.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .cells import FORMULA

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
BOM = "\ufeff"
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_FORMAT, MOMENT_FORMAT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
# Sums are read in groups of three; years and counts of rows need none.
SUM_FORMAT, SUMS_FROM = "#,##0", 100_000
LINES_AT_ONCE = 200
LONGEST_TITLE = 31
NARROW, WIDE = 12, 60
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


def write_xlsx(
    target: IO[bytes],
    *,
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    about: Sequence[str] = (),
    widths: Sequence[int] = (),
) -> None:
    """The table as a workbook of one sheet: title, what is said about it, an empty row, headings, rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_NOT_IN_A_TITLE).strip()[:LONGEST_TITLE] or "1")
    above = [[title], *([line] for line in about), []] if about else []
    sheet.freeze_panes = f"A{len(above) + 2}"
    for number, heading in enumerate(headings, start=1):
        width = widths[number - 1] if number <= len(widths) else len(heading) + 4
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, NARROW), WIDE)
    cells = _Cells(sheet)
    for place, line in enumerate(above):
        sheet.append([cells.bold(text) if place == 0 else cells.text(text) for text in line])
    sheet.append([cells.bold(heading) for heading in headings])
    for row in rows:
        sheet.append([cells.of(value, place) for place, value in enumerate(row)])
    book.save(target)
    book.close()


class _Cells:
    """Values as openpyxl takes them. It writes each row at once, so one formatted cell serves a whole column."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
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
                return self.text(value)
            case dt.datetime():
                return self._formatted(_here(value), MOMENT_FORMAT, place)
            case dt.date():
                return self._formatted(value, DAY_FORMAT, place)
            case _:
                return value

    def text(self, text: str) -> Any:
        clean = text if text.isprintable() else ILLEGAL_CHARACTERS_RE.sub("", text)
        if not (is_formula(clean) or clean in ERROR_CODES):
            return clean
        cell = WriteOnlyCell(self.sheet, value=clean)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell

    def bold(self, text: str) -> Any:
        cell = WriteOnlyCell(self.sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = "s"
        cell.font = Font(bold=True)
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
