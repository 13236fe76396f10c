"""The portal's reader of rows says what openpyxl says, and keeps nothing of what it has read."""

import datetime as dt
import io
import random
import zipfile

from openpyxl import Workbook, load_workbook

from portal.imports.repeats import Firsts
from portal.text.workbooks import Book

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHEET}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
    '<sheet name="DS" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>Tên cơ sở</t></si><si><t/></si>'
    "<si><r><t>Hợp </t></r><r><t>tác xã</t></r></si>"
    '<si><t xml:space="preserve"> chè </t><phoneticPr fontId="1"/></si></sst>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="D2" t="s"><v>2</v></c></row>'
    '<row r="4"><c r="B4"><v>1.5</v></c><c r="C4"><v>12</v></c><c r="D4" t="b"><v>1</v></c></row>'
    '<row r="5"/><row><c t="s"><v>3</v></c><c t="e"><v>#N/A</v></c><c t="str"><v>x</v></c></row>'
    '<row r="8"><c r="AB8" t="inlineStr"><is><t>cuối</t></is></c></row>'
    "</sheetData></worksheet>",
}


def packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def ours(content: bytes) -> list[tuple[object, ...]]:
    book = Book(io.BytesIO(content), "ds.xlsx")
    try:
        return [tuple(values) for _number, values in book.rows(book.sheets[0])]
    finally:
        book.close()


def theirs(content: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def test_shared_texts_gaps_and_every_kind_of_cell_are_read_as_openpyxl_reads_them() -> None:
    read = ours(packed(PARTS))
    assert read == theirs(packed(PARTS))
    assert read[1] == ("Tên cơ sở", None, "", "Hợp tác xã")
    assert read[5] == (" chè ", "#N/A", "x")


def test_what_openpyxl_writes_is_read_back() -> None:
    book = Workbook()
    for row in (
        ["Tên", 1, 2.5, None, True],
        [],
        [
            dt.datetime(2023, 3, 12),  # noqa: DTZ001  # Excel knows no time zones
            dt.date(2023, 3, 12),
            dt.time(8, 30),
            "=1+1",
            "  hai  chữ ",
        ],
        [None, "", -3, 1e20, "x\ny"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert ours(out.getvalue()) == theirs(out.getvalue())


def test_the_first_row_of_a_thing_is_remembered_like_a_dictionary_does() -> None:
    dice, firsts, known = random.Random(7), Firsts(), dict[tuple[str, int], int]()
    for row in range(1, 20_000):
        key = (f"HTX {dice.randrange(9_000)}", dice.randrange(2))
        assert firsts.get(*key) == known.get(key)
        assert firsts.add(row, *key) == known.setdefault(key, row)
