"""Each Word template in a few lines. The names in braces are the facts of `rounds.official.facts`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .parts import CENTER, JUSTIFY, LEFT, RIGHT, TABLE_SIZE, Row, Sheet, add_row, ruled_table, write

# Four levels, and five in the year when districts gave way to communes: the width of a column, millimetres.
REPORT_COLUMN = {4: 22.0, 5: 18.5}
PLAIN: dict[str, object] = {}
BOLD = {"bold": True}


def cell(words: str, align: object = LEFT, **look: object) -> tuple[str, object, dict[str, object]]:
    return words, align, look


def goods(row: str = "row") -> list[tuple[str, object, dict[str, object]]]:
    return [
        cell(f"{{{{ {row}.product }}}}", LEFT, bold=True),
        cell(f"{{%p if {row}.members %}}"),
        cell(f"Gồm: {{{{ {row}.members }}}}", LEFT, size=11),
        cell("{%p endif %}"),
    ]


def grouped(columns: Sequence[object], head: str = "{{ group.head }} ({{ group.count }})") -> list[Row]:
    """A row that heads each group, and one row per line of it."""
    return [
        Row(tag="for group in groups"),
        Row(head, over=True),
        Row(tag="for row in group.rows"),
        Row(*columns),
        Row(tag="endfor"),
        Row(tag="endfor"),
    ]


def proposals(sheet: Sheet, *, scores: bool = False, notes: bool = True) -> None:
    columns: list[object] = [
        cell("{{ row.place }}", CENTER),
        goods(),
        cell("{{ row.facility }}"),
        cell("{{ row.address }}"),
    ]
    header = ["TT", "Sản phẩm, bộ sản phẩm", "Cơ sở", "Địa chỉ"]
    widths = [1.1, 5.5, 4.5, 5.5]
    if scores:
        columns.append(cell("{{ row.mean }}", CENTER))
        header.append("Điểm trung bình")
        widths.append(2)
    if notes:
        columns.append(cell("{{ row.note }}"))
        header.append("Ghi chú")
        widths.append(2.4)
    sheet.table(widths, header, grouped(columns))


def submission() -> Sheet:
    sheet = Sheet()
    sheet.head("")
    sheet.title("")
    sheet.to("")
    with sheet.each("ground", "grounds"):
        sheet.prose("{{ ground }}", italic=True, after=3)
    sheet.prose("{{ opening }}")
    with sheet.each("section", "sections"):
        sheet.prose("{{ section.head }}", bold=True, keep=True)
        sheet.prose("{{ section.text }}")
    sheet.table(
        [7, 3, 3, 3],
        ["Nhóm", "Sản phẩm", "Bộ sản phẩm", "Cộng"],
        [
            Row(tag="for row in summary[:-1]"),
            Row(*_summary(PLAIN)),
            Row(tag="endfor"),
            Row(tag="for row in summary[-1:]"),
            Row(*_summary(BOLD)),
            Row(tag="endfor"),
        ],
    )
    sheet.prose("{{ request_head }}", bold=True, keep=True)
    sheet.prose("{{ request }}")
    sheet.prose("{{ enclosed_head }}", keep=True)
    with sheet.each("paper", "enclosed"):
        sheet.prose("- {{ paper }}")
    sheet.prose("Trân trọng./.", keep=True)
    sheet.foot("")
    sheet.landscape_annex()
    sheet.annex_head()
    proposals(sheet, scores=True)
    return sheet


def _summary(look: Mapping[str, object]) -> list[object]:
    """A row of the small table, which stays on one page."""
    together = {**look, "keep": True}
    numbers = [cell(f"{{{{ row.{name} }}}}", CENTER, **together) for name in ("singles", "sets", "total")]
    return [cell("{{ row.group }}", LEFT, **together), *numbers]


def provisional_list() -> Sheet:
    sheet = Sheet()
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    proposals(sheet, notes=False)
    sheet.prose("{{ closing }}", keep=True)
    sheet.foot("")
    return sheet


def decision_draft() -> Sheet:
    sheet = Sheet()
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)
    sheet.head("")
    sheet.title("")
    sheet.text("{{ person }}", bold=True, align=CENTER, after=6)
    with sheet.each("ground", "grounds"):
        sheet.prose("{{ ground }}", italic=True, after=3)
    sheet.prose("{{ proposal }}", italic=True)
    sheet.text("{{ order }}", bold=True, align=CENTER, before=4, after=6)
    with sheet.each("article", "articles[:-1]"):
        _article(sheet, "article", keep=False)
    _article(sheet, "articles[-1]", keep=True)
    sheet.foot("")
    sheet.landscape_annex()
    sheet.annex_head()
    proposals(sheet)
    return sheet


def _article(sheet: Sheet, name: str, *, keep: bool) -> None:
    line = sheet.document.add_paragraph()
    write(line, f"{{{{ {name}.head }}}} ", size=14, bold=True)
    write(line, f"{{{{ {name}.text }}}}", size=14, align=JUSTIFY, indent=1.27, after=6, keep=keep)


def abstract_list() -> Sheet:
    sheet = Sheet(landscape=True)
    sheet.form_mark("")
    sheet.head("")
    sheet.title("")
    maker = [
        cell("{{ row.facility }}", LEFT, bold=True),
        cell("{{ row.address }}"),
        cell("{%p if row.phone %}"),
        cell("Điện thoại: {{ row.phone }}"),
        cell("{%p endif %}"),
    ]
    columns = [
        cell("{{ row.place }}", CENTER), goods(), maker, cell("{{ row.summary }}"), cell("{{ row.certificate }}"),
    ]  # fmt: skip
    header = ["TT", "Sản phẩm, bộ sản phẩm", "Cơ sở, địa chỉ, điện thoại", "Tóm tắt về sản phẩm", "Giấy chứng nhận"]
    sheet.table([1.1, 5.4, 5.8, 6.6, 5.8], header, grouped(columns))
    sheet.prose("{{ total }}", keep=True)
    sheet.foot("")
    return sheet


def tally_record() -> Sheet:
    sheet = Sheet(landscape=True)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    columns: list[object] = [cell("{{ row.rank }}", CENTER), cell("{{ row.code }}", CENTER)]
    columns += [cell("{{ row.product }}"), cell("{{ row.facility }}")]
    columns += [cell(f"{{{{ row.{name} }}}}", CENTER) for name in ("sheets", "points", "mean", "passed")]
    header = ["Thứ hạng", "Số hồ sơ", "Sản phẩm, bộ sản phẩm", "Cơ sở", "Số phiếu hợp lệ", "Tổng điểm"]
    header += ["Điểm trung bình", "Kết quả"]
    sheet.table([1.5, 1.6, 6.7, 5.6, 1.7, 2, 2, 2.2], header, grouped(columns, "{{ group.head }}"))
    with sheet.when("seal"):
        sheet.text("{{ seal }}", size=11, after=6)
    sheet.text("Thành viên Ban Giám khảo", bold=True, after=4, keep=True)
    members = [cell("{{ judge.place }}", CENTER, before=10, after=10)]
    members += [cell(f"{{{{ judge.{name} }}}}") for name in ("name", "title", "role")]
    rows = [Row(tag="for judge in judges"), Row(*members, cell("")), Row(tag="endfor")]
    sheet.table([1.2, 6, 6, 5, 6], ["TT", "Họ và tên", "Chức danh", "Vai trò", "Chữ ký"], rows)
    sheet.prose("{{ closing }}", keep=True)
    sheet.signatures(("[writer]", "(Ký, ghi rõ họ tên)", ""), ("signer", "(Ký, ghi rõ họ tên)", ""))
    return sheet


def council_minutes() -> Sheet:
    sheet = Sheet(landscape=True, size=13)
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    _section(sheet, "I. Thành phần")
    columns = [cell("{{ one.place }}", CENTER)]
    columns += [cell(f"{{{{ one.{name} }}}}") for name in ("name", "title", "role", "presence")]
    rows = [Row(tag="for one in members"), Row(*columns), Row(tag="endfor")]
    sheet.table([1.2, 6, 7, 5, 5], ["TT", "Họ và tên", "Chức danh", "Vai trò", "Có mặt, vắng"], rows)
    sheet.prose("{{ quorum }}")
    sheet.prose("{{ leaders }}")
    _listed(sheet, "II. Thành viên không biểu quyết do xung đột lợi ích", "aside")
    _listed(sheet, "III. Bộ sản phẩm", "sets")
    _section(sheet, "IV. Ý kiến thảo luận")
    with sheet.each("line", "discussion"):
        sheet.prose("{{ line }}")
    _section(sheet, "V. Kết quả xét từng hồ sơ")
    with sheet.when("seal"):
        sheet.text("{{ seal }}", size=11, after=6)
    with sheet.when("not groups"):
        sheet.prose("Phiên họp này chưa cho ý kiến về hồ sơ nào.")
    with sheet.when("groups"):
        _decided_table(sheet)
    _listed(sheet, "VI. Đề nghị khác thứ tự điểm", "departures")
    _section(sheet, "VII. Kết luận")
    sheet.prose("{{ quota }}")
    with sheet.each("line", "conclusion"):
        sheet.prose("{{ line }}")
    sheet.prose("{{ closing }}", keep=True)
    note = "(Ký, ghi rõ họ tên)"
    sheet.signatures(("writer", note, "{{ writer_name }}"), ("signer", note, "{{ signer_name }}"))
    return sheet


def _section(sheet: Sheet, words: str) -> None:
    sheet.text(words, bold=True, before=6, after=4, keep=True)


def _listed(sheet: Sheet, words: str, source: str) -> None:
    _section(sheet, words)
    with sheet.each("line", source):
        sheet.prose("- {{ line }}", after=3)


def _decided_table(sheet: Sheet) -> None:
    columns: list[object] = [cell(f"{{{{ row.{name} }}}}", CENTER) for name in ("rank", "code")]
    columns += [cell("{{ row.product }}"), cell("{{ row.facility }}")]
    columns += [cell(f"{{{{ row['{name}'] }}}}", CENTER) for name in ("mean", "voters", "for", "against", "abstain")]
    columns += [cell("{{ row.result }}"), cell("{{ row.reason }}")]
    header = ["Hạng", "Hồ sơ", "Sản phẩm, bộ sản phẩm", "Cơ sở", "Điểm trung bình", "Được biểu quyết"]
    header += ["Đồng ý", "Không", "Trắng", "Ý kiến, giải", "Lý do"]
    widths = [1.4, 1.5, 4.5, 3.8, 1.7, 1.7, 1.5, 1.8, 1.5, 2.4, 4.2]
    sheet.table(widths, header, grouped(columns, "{{ group.head }}"))


def voting_report() -> Sheet:
    sheet = Sheet(landscape=True)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    for levels in REPORT_COLUMN:
        with sheet.when(f"levels|length == {levels}"):
            _report_table(sheet, levels)
    sheet.text("{{ note }}", size=12, italic=True, after=6, align=JUSTIFY, keep=True)
    sheet.foot("", room=2)
    return sheet


def _report_table(sheet: Sheet, levels: int) -> None:
    """Two columns per level under a head of two rows."""
    sizes = [11.0, 236.0 - 2 * levels * REPORT_COLUMN[levels], *[REPORT_COLUMN[levels]] * (2 * levels)]
    table = ruled_table(sheet.document, sizes)
    top, below = add_row(table, sizes, head=True), add_row(table, sizes, head=True)
    for place, words in enumerate(("TT", "Nhóm sản phẩm")):
        _report_cell(top.cells[place].merge(below.cells[place]), words, bold=True)
    for level in range(levels):
        first = 2 + 2 * level
        _report_cell(top.cells[first].merge(top.cells[first + 1]), f"{{{{ levels[{level}] }}}}", bold=True)
        _report_cell(below.cells[first], "Đăng ký", bold=True)
        _report_cell(below.cells[first + 1], "Được cấp giấy chứng nhận", bold=True)
    Row(tag="for row in rows").draw(table, sizes)
    _report_row(add_row(table, sizes), "{{ loop.index }}", "row", levels, bold=False)
    Row(tag="endfor").draw(table, sizes)
    _report_row(add_row(table, sizes), "", "total", levels, bold=True)
    sheet.text("", size=6, keep=True)


def _report_row(row: Any, place: str, source: str, levels: int, *, bold: bool) -> None:
    _report_cell(row.cells[0], place, bold=bold)
    _report_cell(row.cells[1], f"{{{{ {source}.group }}}}", bold=bold, align=LEFT)
    for level in range(levels):
        for offset, name in enumerate(("registered", "certified")):
            _report_cell(row.cells[2 + 2 * level + offset], f"{{{{ {source}.cells[{level}].{name} }}}}", bold=bold)


def _report_cell(one: Any, words: str, *, bold: bool, align: Any = CENTER) -> None:
    write(one.paragraphs[0], words, size=TABLE_SIZE, bold=bold, align=align, before=2, after=2)


def department_report() -> Sheet:
    sheet = Sheet(landscape=True)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    _section(sheet, "1. Bình chọn và công nhận")
    for levels in REPORT_COLUMN:
        with sheet.when(f"levels|length == {levels}"):
            _report_table(sheet, levels)
    sheet.text("{{ note }}", size=12, italic=True, after=6, align=JUSTIFY)
    with sheet.each("section", "sections"):
        _section(sheet, "{{ section.head }}")
        rows = [
            Row(tag="for line in section.lines"),
            Row(cell("{{ line.words }}"), cell("{{ line.value }}", RIGHT)),
            Row(tag="endfor"),
        ]
        sheet.table([17, 7], ["Chỉ tiêu", "Số liệu"], rows)
    with sheet.when("remarks"):
        _section(sheet, "{{ remarks_head }}")
        with sheet.each("line", "remarks"):
            sheet.prose("{{ line }}")
    sheet.foot("", room=2)
    return sheet


# Columns of figures beside the name, then how many of the last are sums: with what was planned, and without.
EXTENSION_COLUMNS = {10: 5, 8: 4}


def extension_report() -> Sheet:
    sheet = Sheet(landscape=True)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    with sheet.each("part", "parts"):
        _section(sheet, "{{ part.head }}")
        for count, sums in EXTENSION_COLUMNS.items():
            with sheet.when(f"part.columns|length == {count}"):
                _extension_table(sheet, count, sums)
    _section(sheet, "{{ work_head }}")
    rows = [
        Row(tag="for line in work"),
        Row(cell("{{ line.words }}"), cell("{{ line.value }}", RIGHT)),
        Row(tag="endfor"),
    ]
    sheet.table([17, 7], ["Việc", "Số liệu"], rows)
    with sheet.when("results"):
        _section(sheet, "{{ results_head }}")
        columns = [cell("{{ line.name }}"), cell("{{ line.target }}", RIGHT), cell("{{ line.achieved }}", RIGHT)]
        rows = [Row(tag="for line in results"), Row(*columns), Row(tag="endfor")]
        sheet.table([14, 5, 5], ["Chỉ tiêu", "Mục tiêu", "Đạt được"], rows)
    with sheet.when("remarks"):
        _section(sheet, "{{ remarks_head }}")
        with sheet.each("line", "remarks"):
            sheet.prose("{{ line }}")
    sheet.foot("", room=2)
    return sheet


def _extension_table(sheet: Sheet, count: int, sums: int) -> None:
    rows = [
        Row(tag="for row in part.rows[:-1]"),
        Row(*_extension_cells("row", count)),
        Row(tag="endfor"),
        Row(*_extension_cells("part.rows[-1]", count, bold=True)),
    ]
    headings = ["", *(f"{{{{ part.columns[{place}] }}}}" for place in range(count))]
    sheet.table([4.0, *[1.75] * (count - sums), *[2.65] * sums], headings, rows)


def _extension_cells(row: str, count: int, **look: object) -> list[tuple[str, object, dict[str, object]]]:
    figures = [cell(f"{{{{ {row}.cells[{place}] }}}}", RIGHT, size=10.5, **look) for place in range(count)]
    return [cell(f"{{{{ {row}.label }}}}", LEFT, size=10.5, **look), *figures]


def bodies_list() -> Sheet:
    sheet = Sheet()
    sheet.annex_head()
    with sheet.each("body", "bodies"):
        sheet.text("{{ body.head }}", bold=True, after=4, keep=True)
        with sheet.when("not body.rows"):
            sheet.text("Chưa có thành viên.", after=6)
        with sheet.when("body.rows"):
            unit = "{{ row.title }}{% if row.title and row.unit %}, {% endif %}{{ row.unit }}"
            columns = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}"), cell(unit), cell("{{ row.role }}")]
            rows = [Row(tag="for row in body.rows"), Row(*columns), Row(tag="endfor")]
            sheet.table([1.1, 5, 6, 4.6], ["TT", "Họ và tên", "Chức danh, đơn vị", "Vai trò"], rows)
    return sheet


def result_letter() -> Sheet:
    return _letter("{{ one.complaint }}", is_posted=True)


def complaint_answer() -> Sheet:
    return _letter(is_posted=True)


def supplement_letter() -> Sheet:
    return _letter("{{ one.deadline }}")


def _letter(*last: str, is_posted: bool = False) -> Sheet:
    """A letter to each: what it says, then `last`. One that is posted carries the address below the name."""
    sheet = Sheet()
    sheet.begin_copies()
    sheet.head("one.")
    sheet.to("one.")
    if is_posted:
        with sheet.when("one.to_address"):
            sheet.text("{{ one.to_address }}", size=13, align=CENTER, after=8)
    sheet.prose("{{ one.opening }}")
    with sheet.each("clause", "one.clauses"):
        sheet.prose("{{ clause }}")
    for line in last:
        sheet.prose(line)
    sheet.prose("{{ one.closing }}", keep=True)
    sheet.foot("one.")
    sheet.end_copies()
    return sheet


def nomination_letter() -> Sheet:
    sheet = Sheet()
    sheet.head("")
    sheet.to("")
    sheet.prose("{{ opening }}")
    with sheet.each("clause", "clauses"):
        sheet.prose("- {{ clause }}")
    sheet.prose("{{ enclosed }}")
    sheet.prose("{{ closing }}", keep=True)
    sheet.foot("")
    return sheet


def registration_form() -> Sheet:
    sheet = Sheet(size=13)
    sheet.begin_copies()
    _facility_head(sheet)
    sheet.to("one.")
    sheet.text("I. Cơ sở công nghiệp nông thôn", bold=True, after=4, keep=True)
    sheet.fields("one.maker", numbers=True)
    sheet.text("II. Sản phẩm đăng ký", bold=True, before=4, after=4, keep=True)
    sheet.fields("one.goods", numbers=True)
    sheet.members()
    sheet.text("III. Giấy tờ kèm theo", bold=True, before=4, after=4, keep=True)
    with sheet.when("not one.papers"):
        sheet.dotted("2")
    with sheet.each("row", "one.papers"):
        sheet.text("{{ row.place }}. {{ row.name }} ({{ row.form|lower }})", after=2)
    sheet.prose("{{ one.pledge }}", before=4, keep=True)
    sheet.signatures(None, ("one.signer", "{{ one.signer_note }}", "{{ one.signer_name }}"))
    sheet.end_copies()
    return sheet


def _facility_head(sheet: Sheet) -> None:
    sheet.form_mark("one.")
    sheet.motto()
    sheet.text("{{ one.place_date }}", italic=True, align=RIGHT, before=4)
    sheet.title("one.")


def statement() -> Sheet:
    sheet = Sheet(size=13)
    sheet.begin_copies()
    _facility_head(sheet)
    sheet.text("I. Cơ sở và sản phẩm", bold=True, after=4, keep=True)
    sheet.fields("one.maker")
    sheet.fields("one.goods")
    sheet.members()
    with sheet.when("one.years"):
        sheet.text("Kết quả sản xuất, kinh doanh:", after=4, keep=True)
        columns = [cell("{{ row.year }}", CENTER)]
        columns += [cell(f"{{{{ row.{name} }}}}", RIGHT) for name in ("revenue", "export", "workers")]
        rows = [Row(tag="for row in one.years"), Row(*columns), Row(tag="endfor")]
        sheet.table([2, 5, 5, 3], ["Năm", "Doanh thu (đồng)", "Xuất khẩu (đồng)", "Lao động"], rows)
    with sheet.each("line", "one.general"):
        sheet.prose("{{ line }}")
    sheet.text("II. Thuyết minh theo tiêu chí", bold=True, before=4, after=4, keep=True)
    with sheet.each("part", "one.parts"):
        sheet.text("{{ part.head }}", bold=True, after=4, keep=True)
        with sheet.when("not part.lines"):
            sheet.dotted("3")
        with sheet.each("line", "part.lines"):
            sheet.prose("{{ line }}")
    sheet.prose("{{ one.pledge }}", before=4, keep=True)
    sheet.signatures(None, ("one.signer", "{{ one.signer_note }}", "{{ one.signer_name }}"))
    sheet.end_copies()
    return sheet


def receipt() -> Sheet:
    sheet = Sheet(size=13)
    sheet.begin_copies()
    sheet.head("one.")
    sheet.title("one.")
    with sheet.each("label, value", "one.rows"), sheet.when("value"):
        sheet.text("{{ label }}: {{ value }}", after=4)
    sheet.text("{{ one.papers_head }}", bold=True, before=4, after=4, keep=True)
    with sheet.when("not one.papers"):
        sheet.text("Chưa nhận giấy tờ nào.", after=4)
    with sheet.when("one.papers"):
        columns = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}"), cell("{{ row.form }}", CENTER)]
        rows = [Row(tag="for row in one.papers"), Row(*columns, cell("{{ row.note }}")), Row(tag="endfor")]
        sheet.table([1.1, 7.5, 3, 4.4], ["TT", "Giấy tờ", "Hình thức", "Ghi chú"], rows)
    with sheet.when("one.missing"):
        sheet.text("{{ one.missing_head }}", bold=True, after=4, keep=True)
        with sheet.each("line", "one.missing"):
            sheet.text("{{ line }}", after=3)
    sheet.prose("{{ one.closing }}", before=4, keep=True)
    note = "{{ one.signer_note }}"
    sheet.signatures(("[one.giver]", note, ""), ("[one.taker]", note, ""))
    sheet.end_copies()
    return sheet


def score_sheet() -> Sheet:
    sheet = Sheet(size=13)
    sheet.begin_copies()
    sheet.form_mark("one.")
    sheet.head("one.", numbered=False)
    sheet.title("one.")
    sheet.fields("one.rows")
    looks: tuple[tuple[str, dict[str, object]], ...] = (
        ("head", {"bold": True}),
        ("sum", {"italic": True}),
        ("row", {}),
    )
    rows = [Row(tag="for row in one.criteria")]
    for style, look in looks:
        numbers = [cell(f"{{{{ row.{name} }}}}", CENTER, **look) for name in ("max", "points")]
        words = [cell("{{ row.code }}", CENTER, **look), cell("{{ row.name }}", LEFT, **look)]
        rows += [Row(tag=f"if row.style == '{style}'"), Row(*words, *numbers, cell("{{ row.note }}")), Row(tag="endif")]
    rows.append(Row(tag="endfor"))
    total = [cell(words, CENTER, bold=True) for words in ("{{ one.total_max }}", "{{ one.total }}")]
    rows.append(Row(cell(""), cell("Tổng điểm", LEFT, bold=True), *total, cell("")))
    header = ["TT", "Tiêu chí", "Điểm tối đa", "Điểm chấm", "Ghi chú"]
    sheet.table([1.5, 7.7, 1.7, 1.7, 3.4], header, rows)
    sheet.text("Nhận xét:", bold=True, after=4, keep=True)
    with sheet.each("line", "one.remark"):
        sheet.prose("{{ line }}")
    sheet.dotted("one.remark_lines", keep=True)
    note, name = "{{ one.signer_note }}", "{{ one.signer_name }}"
    sheet.signatures(None, ("one.signer", note, name), date="{{ one.place_date }}", room=2)
    sheet.end_copies()
    return sheet


TEMPLATES: dict[str, Callable[[], Sheet]] = {
    draw.__name__: draw
    for draw in (
        abstract_list,
        bodies_list,
        complaint_answer,
        council_minutes,
        decision_draft,
        department_report,
        extension_report,
        nomination_letter,
        provisional_list,
        receipt,
        registration_form,
        result_letter,
        score_sheet,
        statement,
        submission,
        supplement_letter,
        tally_record,
        voting_report,
    )
}
