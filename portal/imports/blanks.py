"""Templates to fill in: headings, an example, lists to choose from, and a sheet that explains every column."""

import io
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .registry import Column, Importer

ROWS = 500
INK, INDIGO, PAPER, STRAW = "FF16203B", "FF2A3E6E", "FFF4EEE2", "FFF0D58F"
_LINE = Border(bottom=Side(style="thin", color="FF8A7F6E"))


def blank(importer: Importer) -> bytes:
    """The template of one kind of list as an .xlsx file."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _("Danh sách")
    _headings(sheet, importer)
    lists = book.create_sheet(_("Giá trị"))
    _choices(sheet, lists, importer)
    lists.sheet_state = "hidden"
    _guide(book.create_sheet(_("Cách ghi")), importer)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _headings(sheet: Any, importer: Importer) -> None:
    columns = [None, *importer.columns]
    for position, column in enumerate(columns, start=1):
        cell = sheet.cell(1, position, _("TT") if column is None else _heading(column))
        cell.font = Font(bold=True, color="FFFFFEFA")
        cell.fill = PatternFill("solid", fgColor=INDIGO)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(position)].width = 6 if column is None else column.width
        example = sheet.cell(2, position, 1 if column is None else column.example or None)
        example.number_format = "General" if column is None else "@"
        example.font = Font(italic=True, color="FF646B76")
    for line in range(3, ROWS + 2):
        for position in range(2, len(columns) + 1):
            sheet.cell(line, position).number_format = "@"
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "C2"


def _heading(column: Column) -> str:
    return f"{column.heading} *" if column.required else str(column.heading)


def _choices(sheet: Any, lists: Any, importer: Importer) -> None:
    """Drop-down lists; a value outside is only warned of, since officers write it in other ways too."""
    for position, column in enumerate(importer.columns, start=2):
        if not column.choices:
            continue
        for line, choice in enumerate(column.choices, start=1):
            lists.cell(line, position, str(choice))
        letter = get_column_letter(position)
        rule = DataValidation(
            type="list",
            formula1=f"='{lists.title}'!${letter}$1:${letter}${len(column.choices)}",
            allow_blank=True,
            errorStyle="warning",
            errorTitle=str(column.heading)[:30],
            error=_("Giá trị này không có trong danh sách. Cổng vẫn đọc nếu hiểu được."),
        )
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{ROWS + 1}")


def _guide(sheet: Any, importer: Importer) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 90
    sheet.append([_("Cách ghi danh sách: %(kind)s") % {"kind": importer.label}])
    sheet["A1"].font = Font(bold=True, size=14, color=INK)
    for text in _rules(importer):
        sheet.append([None, text])
    sheet.append([])
    for column in importer.columns:
        sheet.append([_("Cột “%(name)s”") % {"name": column.heading}, _explained(column)])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = _LINE


def _rules(importer: Importer) -> list[str]:
    rules = [
        _("Mỗi dòng một mục. Xóa dòng ví dụ in nghiêng trước khi gửi, hoặc ghi đè lên nó."),
        _("Cột có dấu * phải ghi. Cột khác bỏ trống được; ô trống không xóa điều đã có trong sổ."),
        _("Ngày ghi ngày/tháng/năm với năm bốn chữ số, ví dụ 12/03/2023. Hàng nghìn cách bằng dấu chấm, ví dụ 1.075."),
        _("Không đổi tên cột. Thêm cột riêng của bạn thì được, cổng không đọc cột đó."),
    ]
    if importer.section:
        rules.append(
            _("Có thể ghi nhóm thành một dòng riêng, ví dụ “I. Nhóm sản phẩm thủ công mỹ nghệ”, cho các dòng bên dưới.")
        )
    if importer.fill_down:
        rules.append(_("Một cơ sở có nhiều sản phẩm: ghi tên cơ sở ở từng dòng, hoặc gộp ô tên cơ sở qua các dòng đó."))
    return rules


def _explained(column: Column) -> str:
    parts = [_("Phải ghi.") if column.required else _("Không bắt buộc."), str(column.help)]
    if column.choices:
        parts.append(_("Chọn một trong: %(choices)s.") % {"choices": "; ".join(map(str, column.choices))})
    if column.example:
        parts.append(_("Ví dụ: %(example)s.") % {"example": column.example})
    return " ".join(part for part in parts if part)
