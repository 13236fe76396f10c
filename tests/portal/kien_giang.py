"""The sheet of Kiên Giang's round of 2023 as the office keeps it, with its real distribution and invented names:
179 dossiers of 102 facilities in four groups of 24, 140, 4 and 11; 72 entered for the first time.
"""

import datetime as dt
import io
import unicodedata
from itertools import count

from openpyxl import Workbook
from openpyxl.styles import Font

# Group as a section row, dossiers, facilities.
GROUPS = (
    ("I. Nhóm sản phẩm thủ công mỹ nghệ", 24, 14),
    ("II. Nhóm sản phẩm chế biến nông, lâm, thủy sản và thực phẩm (140 sản phẩm)", 140, 78),
    ("III. Nhóm sản phẩm thiết bị, máy móc, dụng cụ và phụ tùng cơ khí", 4, 3),
    ("IV. Nhóm các sản phẩm khác: 11 sản phẩm", 11, 7),
)
DOSSIERS, FACILITIES, FIRST_TIME = 179, 102, 72
GOODS = ("Nước mắm", "Khô cá sặc", "Tôm khô", "Hồ tiêu", "Rượu sim", "Mật ong", "Bánh tét", "Chiếu", "Giỏ cỏ bàng")
PLACES = ("Tân Hòa", "Vĩnh Thuận", "Hòn Đất", "An Biên", "Giồng Riềng", "Gò Quao")
FIRST_ROW = 9


def workbook(*, bad: bool = False) -> bytes:
    """The .xlsx file; with `bad` three rows are wrong (no product, a day of no month, a repeat)."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Tong hop 2023"
    for line, text in enumerate(
        ("UBND TỈNH KIÊN GIANG", "SỞ CÔNG THƯƠNG", "DANH SÁCH HỒ SƠ ĐĂNG KÝ BÌNH CHỌN NĂM 2023"), 1
    ):
        sheet.cell(line, 1, text).font = Font(bold=True)
        sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=9)
    headings = ["TT", "Cơ sở", None, None, "Xã, phường", "Sản phẩm", None, "Ngày nhận hồ sơ", "Gian trưng bày"]
    below = [None, "Tên", "Địa chỉ", "MST", None, "Tên sản phẩm", "Tham gia lần đầu", None, None]
    for column, (upper, lower) in enumerate(zip(headings, below, strict=True), 1):
        sheet.cell(5, column, upper)
        sheet.cell(6, column, lower)
    for block in ("A5:A6", "B5:D5", "E5:E6", "F5:G5", "H5:H6", "I5:I6"):
        sheet.merge_cells(block)
    sheet.append([f"({number})" for number in range(1, 10)])
    _body(sheet, bad=bad)
    last = sheet.max_row
    sheet.cell(last + 1, 2, f"Tổng cộng: {DOSSIERS} hồ sơ của {FACILITIES} cơ sở")
    sheet.cell(last + 3, 6, "Kiên Giang, ngày 20 tháng 4 năm 2023")
    sheet.cell(last + 4, 2, "Người lập biểu")
    sheet.cell(last + 4, 6, "KT. GIÁM ĐỐC")
    sheet.cell(last + 8, 6, "Họ và tên")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _body(sheet, *, bad: bool) -> None:
    number, maker = count(1), count(1)
    line = 8
    for title, dossiers, facilities in GROUPS:
        sheet.cell(line, 1, title)
        sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=9)
        line += 1
        for place in range(facilities):
            share = dossiers // facilities + (place < dossiers % facilities)
            line = _facility(sheet, line, next(maker), share, number)
    if bad:
        sheet.cell(FIRST_ROW + 3, 6).value = None
        sheet.cell(FIRST_ROW + 5, 8).value = "30/2/2023"
        sheet.cell(FIRST_ROW + 1, 6).value = sheet.cell(FIRST_ROW, 6).value


def _facility(sheet, line: int, maker: int, share: int, number) -> int:
    """One facility, its cells merged over its products."""
    place = PLACES[maker % len(PLACES)]
    name = f"Cơ sở mẫu {place} {maker}"
    name = unicodedata.normalize("NFD", name) if maker % 5 == 0 else f"{name}\u00a0 "
    for column, value in ((2, name), (3, f"Ấp {maker}, xã {place}"), (4, None), (5, f"Xã {place}")):
        sheet.cell(line, column, value)
        if share > 1:
            sheet.merge_cells(start_row=line, end_row=line + share - 1, start_column=column, end_column=column)
    for turn in range(share):
        running = next(number)
        sheet.cell(line + turn, 1, running)
        sheet.cell(line + turn, 6, f"{GOODS[(maker + turn) % len(GOODS)]} mẫu {place} {maker}")
        sheet.cell(line + turn, 7, "x" if running <= FIRST_TIME else None)
        sheet.cell(line + turn, 8, _day(running))
        sheet.cell(line + turn, 9, f"A{running}")
    return line + share


def _day(running: int) -> object:
    """A day in March 2023 in the ways one sheet mixes them."""
    day = dt.date(2023, 3, 1 + running % 28)
    ways = (
        f"{day.day}/{day.month}/{day.year}",
        f"ngày {day.day} tháng {day.month} năm {day.year}",
        day,
        f"{day:%d.%m.%Y}",
    )
    return ways[running % len(ways)]
