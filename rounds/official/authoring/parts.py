"""Pieces of a Word template in the layout of Nghị định 30/2020/NĐ-CP, with docxtpl's tags as their text."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

FONT = "Times New Roman"
LEFT, CENTER, RIGHT, JUSTIFY = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
PORTRAIT, LANDSCAPE = (210, 297), (297, 210)
MARGINS = {"top_margin": 20, "bottom_margin": 20, "left_margin": 30, "right_margin": 20}
TEXT_WIDTH = {"portrait": 160, "landscape": 247}
FIRST_LINE = 1.27
TABLE_SIZE = 12
EPOCH = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Sheet:
    """One template being drawn: A4, the margins, the type, page numbers in the middle of the top from page 2."""

    def __init__(self, *, landscape: bool = False, size: float = 14) -> None:
        self.document = Document()
        self.size = size
        self.width = TEXT_WIDTH["landscape" if landscape else "portrait"]
        self._type()
        self._page(self.document.sections[0], landscape=landscape)
        self._numbers(self.document.sections[0])

    def _type(self) -> None:
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(self.size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:eastAsia", "w:cs", "w:hAnsi", "w:ascii"):
            fonts.set(qn(kind), FONT)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "vi-VN")
        style.element.get_or_add_rPr().append(language)
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(0), Pt(0), 1.0
        shape.widow_control = True
        core = self.document.core_properties
        core.author, core.title, core.comments = "", "", ""
        core.created = core.modified = EPOCH

    def _page(self, section: Any, *, landscape: bool) -> None:
        width, height = LANDSCAPE if landscape else PORTRAIT
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        for name, size in MARGINS.items():
            setattr(section, name, Mm(size))
        section.header_distance = Mm(10)

    def _numbers(self, section: Any) -> None:
        section.different_first_page_header_footer = True
        section.first_page_header.is_linked_to_previous = False
        line = section.header.paragraphs[0]
        line.alignment = CENTER
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            run = line.add_run()
            run.font.size = Pt(13)
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            element.text = text
            run._r.append(element)

    # --- sections and copies ---------------------------------------------------------------------------

    def landscape_annex(self) -> None:
        """What follows stands on pages of its own, sideways, numbered on."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self._page(section, landscape=True)
        section.different_first_page_header_footer = False
        self.width = TEXT_WIDTH["landscape"]

    def begin_copies(self) -> None:
        self.tag("{%p for one in copies %}")

    def end_copies(self) -> None:
        """Between two copies a new section, numbered from 1; after the last the section of the document."""
        own = self.document.sections[0]._sectPr
        start = OxmlElement("w:pgNumType")
        start.set(qn("w:start"), "1")
        own.find(qn("w:pgMar")).addnext(start)
        self.tag("{%p if not loop.last %}")
        last = self.text("", size=1)
        last.get_or_add_pPr().append(deepcopy(own))
        self.tag("{%p endif %}")
        self.tag("{%p endfor %}")

    # --- text ------------------------------------------------------------------------------------------

    def tag(self, words: str) -> None:
        """A line that holds only one of docxtpl's paragraph tags; it leaves nothing behind."""
        self.document.add_paragraph(words)

    def text(self, words: str, **look: Any) -> Any:
        return write(self.document.add_paragraph(), words, **{"size": self.size, **look})._p

    def prose(self, words: str, **look: Any) -> None:
        """Body text: justified, its first line in by 1.27 cm, 6 points below."""
        self.text(words, **{"align": JUSTIFY, "indent": FIRST_LINE, "after": 6, **look})

    def each(self, name: str, source: str) -> "Loop":
        """A paragraph loop: `with sheet.each("line", "one.lines"): …`."""
        return Loop(self, f"for {name} in {source}", "endfor")

    def when(self, condition: str) -> "Loop":
        return Loop(self, f"if {condition}", "endif")

    def rule(self, holder: Any, *, width: float, of: float) -> None:
        rule(holder, width=width, of=of)

    # --- the parts every paper has ---------------------------------------------------------------------

    def head(self, one: str, *, numbered: bool = True) -> None:
        """Bodies left, quốc hiệu right; below them the number and the place with the date."""
        left, right = self.width * 0.42, self.width * 0.58
        table = bare_table(self.document, 2 if numbered else 1, (left, right))
        bodies, motto = table.rows[0].cells
        lines(bodies, f"{one}superior", size=12)
        lines(bodies, f"{one}issuer", size=12, bold=True)
        rule(bodies, width=26, of=left)
        quoc_hieu(motto, of=right)
        if numbered:
            number, date = table.rows[1].cells
            write(number.paragraphs[0], f"{{{{ {one}number }}}}", size=13, align=CENTER, before=4)
            number.add_paragraph(f"{{%p if {one}about %}}")
            write(number.add_paragraph(), f"{{{{ {one}about }}}}", size=12, align=CENTER)
            number.add_paragraph("{%p endif %}")
            write(date.paragraphs[0], f"{{{{ {one}place_date }}}}", size=13, italic=True, align=CENTER, before=4)
        self.text("", size=6)

    def motto(self) -> None:
        """Quốc hiệu in the middle of the page, for forms that a facility signs."""
        table = bare_table(self.document, 1, (self.width,))
        quoc_hieu(table.rows[0].cells[0], of=self.width)

    def title(self, one: str, *, rule_below: bool = True) -> None:
        self.text(f"{{{{ {one}kind }}}}", bold=True, size=14, align=CENTER)
        self.text(f"{{{{ {one}subject }}}}", bold=True, size=14, align=CENTER, after=2)
        if rule_below:
            rule(self.document, width=self.width / 4, of=self.width)
        self.text("", size=6)

    def to(self, one: str) -> None:
        """ "Kính gửi:" with one addressee beside it, or several below."""
        with self.when(f"{one}to|length == 1"):
            self.text(f"Kính gửi: {{{{ {one}to[0] }}}}", align=CENTER, after=8)
        with self.when(f"{one}to|length > 1"):
            self.text("Kính gửi:", align=CENTER)
            with self.each("addressee", f"{one}to"):
                self.text("- {{ addressee }}", align=CENTER, after=4)

    def foot(self, one: str, *, room: int = 3) -> None:
        """Nơi nhận left in 11 points, the signature right; one row that no page parts from the last words."""
        self.text("", size=6, keep=True)
        table = bare_table(self.document, 1, (self.width / 2, self.width / 2))
        left, right = table.rows[0].cells
        write(left.paragraphs[0], "Nơi nhận:", size=12, bold=True, italic=True)
        lines(left, f"{one}recipients", size=11, before_words="- ", align=LEFT, keep_first=True)
        signature(right, f"{one}signer", room=room)

    def signatures(self, *cells: tuple[str, str, str] | None, date: str = "", room: int = 3) -> None:
        """Who signs side by side: (list of lines, note, name) per column, or nothing."""
        self.text("", size=6, keep=True)
        shares = (0.4, 0.6) if cells[0] is None else (0.5, 0.5)
        table = bare_table(self.document, 1, [self.width * share for share in shares])
        for cell, found in zip(table.rows[0].cells, cells, strict=True):
            if found is None:
                continue
            lines_of, note, name = found
            if date:
                write(cell.paragraphs[0], date, size=13, italic=True, align=CENTER)
            signature(cell, lines_of, note=note, name=name, keep_first=bool(date), room=room)

    def form_mark(self, one: str) -> None:
        self.text(f"{{{{ {one}form_mark }}}}, Thông tư số 26/2014/TT-BCT", italic=True, size=12, align=RIGHT, after=4)

    def annex_head(self) -> None:
        for words, look in (
            ("{{ annex.head }}", {"bold": True}),
            ("{{ annex.title }}", {"bold": True}),
            ("{{ annex.belongs_to }}", {"italic": True, "after": 2}),
        ):
            self.text(words, align=CENTER, **look)
        rule(self.document, width=self.width / 5, of=self.width)
        self.text("", size=6)

    def fields(self, source: str, *, numbers: bool = False, keep: bool = False) -> None:
        """ "Nhãn: nội dung" per line; dotted to the margin where nothing is known."""
        with self.each("label, value", source):
            line = self.document.add_paragraph()
            line.paragraph_format.tab_stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
            prefix = "{{ loop.index }}. " if numbers else ""
            words = f"{prefix}{{{{ label }}}}: {{% if value %}}{{{{ value }}}}{{% else %}}"
            write(line, words, size=self.size, after=2, keep=keep)
            line.add_run("\t").font.size = Pt(self.size)
            line.add_run("{% endif %}")

    def dotted(self, count: str, *, keep: bool = False) -> None:
        with self.each("_dots", f"range({count})"):
            line = self.document.add_paragraph()
            line.paragraph_format.tab_stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
            line.paragraph_format.space_after = Pt(4)
            line.paragraph_format.keep_with_next = keep or None
            line.add_run("\t")

    def members(self) -> None:
        """The members of a set, numbered."""
        with self.when("one.product.members"):
            self.text("{{ one.members_head }}", after=4)
            with self.each("member", "one.product.members"):
                self.text("{{ loop.index }}. {{ member }}", left=0.8, after=3)

    # --- tables ----------------------------------------------------------------------------------------

    def table(self, widths: Sequence[float], header: Sequence[str], rows: Iterable["Row"]) -> None:
        """A ruled table; its head comes again on every page, no row is parted. Widths are shares of the text's."""
        sizes = [self.width * share / sum(widths) for share in widths]
        table = ruled_table(self.document, sizes)
        head = add_row(table, sizes, head=True)
        for cell, words in zip(head.cells, header, strict=True):
            write(cell.paragraphs[0], words, size=TABLE_SIZE, bold=True, align=CENTER, before=2, after=2)
        for row in rows:
            row.draw(table, sizes)
        self.text("", size=6)

    def saved(self) -> bytes:
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()


class Loop:
    """What stands inside is repeated, or left out, as a whole."""

    def __init__(self, sheet: Sheet, opening: str, closing: str) -> None:
        self.sheet, self.opening, self.closing = sheet, opening, closing

    def __enter__(self) -> None:
        self.sheet.tag(f"{{%p {self.opening} %}}")

    def __exit__(self, *_error: object) -> None:
        self.sheet.tag(f"{{%p {self.closing} %}}")


class Row:
    """One row of a table: cells as (words, alignment, look), one cell over all columns, or a tag."""

    def __init__(self, *cells: Any, tag: str = "", over: bool = False) -> None:
        self.cells, self.tag, self.over = cells, tag, over

    def draw(self, table: Any, sizes: Sequence[float]) -> None:
        row = add_row(table, sizes)
        if self.tag:
            row.cells[0].paragraphs[0].add_run(f"{{%tr {self.tag} %}}")
        elif self.over:
            first = row.cells[0].merge(row.cells[-1])
            write(first.paragraphs[0], self.cells[0], size=TABLE_SIZE, bold=True, before=2, after=2)
            first.paragraphs[0].paragraph_format.keep_with_next = True
        else:
            for cell, found in zip(row.cells, self.cells, strict=True):
                fill(cell, found)


def fill(cell: Any, found: Any) -> None:
    """A cell's paragraphs: one (words, align, look), or a list of them."""
    parts = found if isinstance(found, list) else [found]
    for place, (words, align, look) in enumerate(parts):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        spacing = {} if words.startswith("{%p") else {"before": 2, "after": 2}
        write(paragraph, words, align=align, **{"size": TABLE_SIZE, **spacing, **look})


def write(
    paragraph: Any,
    words: str,
    *,
    size: float,
    bold: bool = False,
    italic: bool = False,
    align: Any = LEFT,
    indent: float = 0,
    left: float = 0,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
) -> Any:
    """Words in one look. Spacing in points, indents in centimetres."""
    run = paragraph.add_run(words)
    run.bold, run.italic, run.font.size = bold or None, italic or None, Pt(size)
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    if indent:
        shape.first_line_indent = Cm(indent)
    if left:
        shape.left_indent = Cm(left)
    shape.keep_with_next = keep or None
    return paragraph


def lines(
    cell: Any,
    source: str,
    *,
    size: float,
    bold: bool = False,
    align: Any = CENTER,
    before_words: str = "",
    keep_first: bool = False,
) -> None:
    """A list of texts, one paragraph each, inside a cell."""
    first = cell.paragraphs[0]
    opening = first if not keep_first and not first.text else cell.add_paragraph()
    opening.add_run(f"{{%p for line in {source} %}}")
    write(cell.add_paragraph(), f"{before_words}{{{{ line }}}}", size=size, bold=bold, align=align)
    cell.add_paragraph("{%p endfor %}")


def rule(holder: Any, *, width: float, of: float) -> None:
    """A thin line of that width in the middle of what is `of` wide; millimetres."""
    paragraph = holder.add_paragraph()
    side = max(0.0, (of - width) / 2)
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Mm(side)
    shape.space_before = shape.space_after = Pt(0)
    paragraph.add_run("").font.size = Pt(1)
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    mark = OxmlElement("w:rPr")
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "4")
    mark.append(size)
    properties.append(mark)


def quoc_hieu(cell: Any, *, of: float) -> None:
    write(cell.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True, align=CENTER)
    write(cell.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", size=13, bold=True, align=CENTER)
    rule(cell, width=62, of=of)


def signature(
    cell: Any, source: str, *, note: str = "", name: str = "", keep_first: bool = False, room: int = 3
) -> None:
    """Quyền hạn, chức vụ, room for the pen, the name."""
    lines(cell, source, size=14, bold=True, keep_first=keep_first)
    if note:
        write(cell.add_paragraph(), note, size=13, italic=True, align=CENTER)
    for _each in range(room):
        write(cell.add_paragraph(), "", size=14, align=CENTER)
    write(cell.add_paragraph(), name, size=14, bold=True, align=CENTER)


def bare_table(holder: Any, rows: int, widths: Sequence[float]) -> Any:
    """A table without rules, to set things side by side; its rows stay whole."""
    table = holder.add_table(rows=rows, cols=len(widths))
    _fixed(table, widths)
    _padding(table, 0)
    for row in table.rows:
        _whole(row)
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def ruled_table(holder: Any, widths: Sequence[float]) -> Any:
    table = holder.add_table(rows=0, cols=len(widths))
    table.style = "Table Grid"
    _fixed(table, widths)
    _padding(table, 1.4)
    return table


def _padding(table: Any, sides: float) -> None:
    """Room between a cell's text and its left and right border, in millimetres."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(sides * 56.7)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def _fixed(table: Any, widths: Sequence[float]) -> None:
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)


def add_row(table: Any, widths: Sequence[float], *, head: bool = False) -> Any:
    row = table.add_row()
    _whole(row)
    if head:
        again = OxmlElement("w:tblHeader")
        row._tr.get_or_add_trPr().append(again)
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    return row


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
