"""The Word templates of the extension programme's papers; their facts are made by `portal.pages.extension_papers`."""

from collections.abc import Callable

from .forms import cell
from .parts import CENTER, LEFT, RIGHT, Row, Sheet

SIGNED = "(Ký, ghi rõ họ tên)"
SEALED = "(Ký, ghi rõ họ tên, đóng dấu)"


def acceptance_record() -> Sheet:
    sheet = _begun()
    sheet.prose("{{ opening }}")
    _section(sheet, "I. Đề án")
    sheet.fields("project")
    _section(sheet, "II. Hội đồng nghiệm thu")
    columns = [cell("{{ one.place }}", CENTER)]
    columns += [cell(f"{{{{ one.{name} }}}}") for name in ("name", "office", "role", "said")]
    rows = [Row(tag="for one in members"), Row(*columns), Row(tag="endfor")]
    sheet.table([1, 4, 4.6, 2.4, 4], ["TT", "Họ và tên", "Chức danh, đơn vị", "Vai trò", "Ý kiến"], rows)
    sheet.prose("{{ agreed }}")
    _section(sheet, "III. Kết quả so với mục tiêu")
    with sheet.when("not results"):
        sheet.prose("Đề án không ghi chỉ tiêu.")
    with sheet.when("results"):
        figures = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}")]
        figures += [cell(f"{{{{ row.{name} }}}}", CENTER) for name in ("target", "before", "achieved")]
        rows = [Row(tag="for row in results"), Row(*figures), Row(tag="endfor")]
        sheet.table([1, 6, 3, 3, 3], ["TT", "Chỉ tiêu", "Mục tiêu", "Trước hỗ trợ", "Đạt được"], rows)
    _section(sheet, "IV. Kết luận")
    sheet.prose("{{ outcome }}", bold=True)
    with sheet.each("line", "conclusion"):
        sheet.prose("{{ line }}")
    sheet.prose("{{ closing }}", keep=True)
    sheet.signatures(("writer", SIGNED, "{{ writer_name }}"), ("signer", SIGNED, "{{ signer_name }}"))
    return sheet


def project_file() -> Sheet:
    sheet = Sheet(size=13)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    with sheet.when("missing"):
        _section(sheet, "Giấy tờ còn thiếu")
        with sheet.each("line", "missing"):
            sheet.prose("- {{ line }}", after=3)
    with sheet.each("stage", "stages"):
        _section(sheet, "{{ stage.head }}")
        columns = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}"), cell("{{ row.state }}", CENTER)]
        rows = [Row(tag="for row in stage.rows"), Row(*columns, cell("{{ row.held }}")), Row(tag="endfor")]
        sheet.table([1, 7.2, 2.6, 5.2], ["TT", "Giấy tờ", "Trong hồ sơ", "Số, ngày"], rows)
    sheet.foot("")
    return sheet


def liquidation_record() -> Sheet:
    sheet = _begun()
    sheet.prose("{{ opening }}")
    sheet.fields("parties")
    _section(sheet, "I. Đề án")
    sheet.fields("project")
    _section(sheet, "II. Kinh phí (đồng)")
    columns = [cell("{{ row.name }}"), *(cell(f"{{{{ row.{name} }}}}", RIGHT) for name in ("approved", "settled"))]
    rows = [Row(tag="for row in sums"), Row(*columns), Row(tag="endfor")]
    sheet.table([7, 4.5, 4.5], ["Nguồn", "Được duyệt", "Được quyết toán"], rows)
    sheet.fields("paid")
    _section(sheet, "III. Thanh lý")
    with sheet.each("line", "closing"):
        sheet.prose("{{ line }}", keep=True)
    sheet.signatures(("receiver", SIGNED, ""), ("giver", SIGNED, ""))
    return sheet


def plan_list() -> Sheet:
    sheet = Sheet(landscape=True)
    _draft_mark(sheet)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    _plan_tables(sheet)
    sheet.foot("", room=2)
    return sheet


def plan_submission() -> Sheet:
    sheet = Sheet()
    sheet.head("")
    sheet.title("")
    sheet.to("")
    with sheet.each("ground", "grounds"):
        sheet.prose("{{ ground }}", italic=True, after=3)
    sheet.prose("{{ opening }}")
    sheet.fields("sums")
    with sheet.when("unknown"):
        sheet.prose("{{ unknown }}")
    sheet.prose("{{ request }}", before=4)
    sheet.prose("Hồ sơ kèm theo:", keep=True)
    with sheet.each("paper", "enclosed"):
        sheet.prose("- {{ paper }}")
    sheet.prose("Trân trọng./.", keep=True)
    sheet.foot("")
    sheet.landscape_annex()
    sheet.annex_head()
    _plan_tables(sheet)
    return sheet


def _plan_tables(sheet: Sheet) -> None:
    with sheet.when("heads"):
        _section(sheet, "I. Nội dung")
        columns = [cell("{{ row.name }}"), cell("{{ row.projects }}", RIGHT), cell("{{ row.funds }}", RIGHT)]
        rows = [Row(tag="for row in heads"), Row(*columns, cell("{{ row.targets }}")), Row(tag="endfor")]
        sheet.table([9, 2.5, 4.5, 8], ["Nội dung khuyến công", "Số đề án", "Kinh phí (đồng)", "Mục tiêu"], rows)
    _section(sheet, "II. Đề án")
    with sheet.when("not projects"):
        sheet.prose("Kế hoạch chưa có đề án.")
    with sheet.when("projects"):
        names = ("funds", "others", "total")
        whole = [cell(f"{{{{ projects_total.{name} }}}}", RIGHT, bold=True) for name in names]
        last = Row(cell(""), cell("Cộng", LEFT, bold=True), cell(""), *whole)
        rows = [*_rows("projects", lambda keep: _planned(names, keep=keep)), last]
        heads = ["TT", "Đề án", "Đơn vị thực hiện", "Khuyến công (đồng)", "Đối ứng, khác (đồng)", "Cộng (đồng)"]
        sheet.table([1.2, 8.3, 5, 3.2, 3.2, 3.1], heads, rows)


def contract() -> Sheet:
    sheet = _begun()
    sheet.prose("{{ opening }}")
    _section(sheet, "Bên A (bên giao)")
    sheet.fields("giver")
    _section(sheet, "Bên B (bên thực hiện)")
    sheet.fields("receiver")
    sheet.prose("{{ agreed }}", before=4)
    _articles(sheet, "before")
    _section(sheet, "{{ money.head }}")
    with sheet.each("line", "money.lines"):
        sheet.prose("{{ line }}", keep=True)
    rows = [Row(tag="for row in sources"), Row(cell("{{ row.name }}"), cell("{{ row.sum }}", RIGHT)), Row(tag="endfor")]
    whole = Row(cell("Cộng", LEFT, bold=True), cell("{{ sources_total }}", RIGHT, bold=True))
    sheet.table([10, 6], ["Nguồn", "Số tiền (đồng)"], [*rows, whole])
    with sheet.each("line", "words"):
        sheet.prose("{{ line }}")
    with sheet.when("not expenses"):
        sheet.prose("Dự toán chi tiết là phụ lục kèm theo hợp đồng này.")
    with sheet.when("expenses"):
        sheet.prose("Dự toán theo từng khoản chi:", keep=True)
        _expenses(sheet)
    _articles(sheet, "after")
    _articles(sheet, "last", keep=True)
    _section(sheet, "Điều 10. Hiệu lực")
    sheet.prose("{{ closing }}", keep=True)
    sheet.signatures(("left", SEALED, ""), ("right", SEALED, ""))
    return sheet


def project_proposal() -> Sheet:
    sheet = _begun()
    _section(sheet, "I. Thông tin chung")
    sheet.fields("general")
    _section(sheet, "II. Sự cần thiết")
    with sheet.each("line", "need"):
        sheet.prose("{{ line }}")
    sheet.dotted("3")
    _section(sheet, "III. Mục tiêu")
    heads = ["TT", "Chỉ tiêu", "Trước hỗ trợ", "Mục tiêu"]
    _filled(sheet, "aims", ("place", "name", "before>", "target>"), heads, [1, 8.6, 3.2, 3.2])
    _section(sheet, "IV. Nội dung, quy mô")
    with sheet.each("line", "work"):
        sheet.prose("{{ line }}")
    with sheet.when("not work"):
        sheet.dotted("3")
    _section(sheet, "V. Đối tượng thụ hưởng")
    heads = ["TT", "Tên", "Địa chỉ", "Sản phẩm, số lượt, lao động"]
    _filled(sheet, "supported", ("place", "name", "where", "note"), heads, [1, 5.8, 5, 4.2])
    _section(sheet, "VI. Kinh phí")
    sheet.fields("sources")
    sheet.prose("{{ words }}")
    with sheet.when("not expenses"):
        sheet.prose("Chưa lập dự toán theo từng khoản chi.")
    with sheet.when("expenses"):
        sheet.prose("{{ estimate }}", keep=True)
        _expenses(sheet)
    _section(sheet, "VII. Tiến độ")
    heads = ["TT", "Việc", "Ai làm", "Hạn, ngày làm xong"]
    _filled(sheet, "steps", ("place", "name", "who", "due"), heads, [1, 6.5, 5.1, 3.4])
    _section(sheet, "VIII. Hiệu quả, khả năng nhân rộng")
    sheet.dotted("3", keep=True)
    _section(sheet, "IX. Tổ chức thực hiện")
    with sheet.each("line", "roles"):
        sheet.prose("{{ line }}", keep=True)
    sheet.foot("")
    return sheet


def appraisal_record() -> Sheet:
    sheet = _begun()
    sheet.prose("{{ opening }}")
    _section(sheet, "I. Thành phần")
    rows = [Row(tag="for place in range(1, members + 1)"), Row(cell("{{ place }}", CENTER), *[cell("")] * 3)]
    sheet.table([1, 5.2, 6.4, 3.4], ["TT", "Họ và tên", "Chức danh, đơn vị", "Vai trò"], [*rows, Row(tag="endfor")])
    _section(sheet, "II. Đề án")
    sheet.fields("project")
    sheet.fields("sums")
    _section(sheet, "III. Nội dung thẩm định")
    room = [cell(""), cell("")]
    columns = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}"), cell("{{ row.found }}"), room]
    rows = [Row(tag="for row in checks"), Row(*columns), Row(tag="endfor")]
    sheet.table([1, 4.3, 5.8, 4.9], ["TT", "Nội dung", "Hồ sơ, sổ ghi nhận", "Ý kiến thẩm định"], rows)
    _section(sheet, "IV. Kết luận")
    with sheet.when("decision"):
        sheet.prose("{{ decision }}")
    sheet.fields("concluded")
    sheet.prose("Ý kiến khác, nội dung phải sửa:", keep=True)
    sheet.dotted("3", keep=True)
    sheet.signatures(("writer", SIGNED, ""), ("signer", SIGNED, ""))
    return sheet


def inspection_record() -> Sheet:
    sheet = _begun(grounds=False)
    sheet.prose("{{ opening }}")
    sheet.fields("people")
    _section(sheet, "I. Đề án")
    sheet.fields("project")
    _section(sheet, "II. Nội dung kiểm tra")
    heads = ["TT", "Nội dung", "Kết quả", "Ghi chú"]
    _filled(sheet, "checks", ("place", "name", "answer|", "note"), heads, [1, 6.7, 2.6, 5.7])
    with sheet.when("photos"):
        sheet.prose("{{ photos }}")
    _section(sheet, "III. Tồn tại phải khắc phục")
    with sheet.when("findings or not is_done"):
        _filled(sheet, "findings", ("place", "text", "due|"), ["TT", "Tồn tại", "Khắc phục trước"], [1, 11.8, 3.2])
    with sheet.when("is_done and not findings"):
        sheet.prose("Không có.")
    _section(sheet, "IV. Kết luận")
    with sheet.each("line", "conclusion"):
        sheet.prose("{{ line }}")
    with sheet.when("not conclusion"):
        sheet.dotted("3", keep=True)
    sheet.prose("{{ closing }}", keep=True)
    sheet.signatures(("left", SIGNED, ""), ("right", SIGNED, ""))
    return sheet


def payment_request() -> Sheet:
    sheet = _from_a_unit()
    _section(sheet, "I. Bên đề nghị")
    sheet.fields("asker")
    _section(sheet, "II. Đề án")
    sheet.fields("project")
    _section(sheet, "III. Số tiền đề nghị")
    sheet.fields("reason")
    sheet.fields("amount")
    with sheet.when("rows"):
        heads = ["TT", "Khoản chi", "Được duyệt (đồng)", "Đã đề nghị trước (đồng)", "Lần này (đồng)", "Còn lại (đồng)"]
        widths = [0.9, 3.3, 2.95, 2.95, 2.95, 2.95]
        _sums(sheet, "rows", total="total", names=("approved", "before", "now", "left"), heads=heads, widths=widths)
    _section(sheet, "IV. Giấy tờ kèm theo")
    sheet.fields("papers", numbers=True, keep=True)
    with sheet.when("not papers"):
        sheet.dotted("3", keep=True)
    sheet.prose("{{ closing }}", keep=True, before=4)
    sheet.signatures(("left", SIGNED, ""), ("right", SIGNED, ""))
    return sheet


def progress_report() -> Sheet:
    sheet = _from_a_unit()
    _section(sheet, "I. Đề án")
    sheet.fields("project")
    _section(sheet, "II. Khối lượng đã làm")
    sheet.fields("volume")
    with sheet.each("line", "done"):
        sheet.prose("{{ line }}")
    _section(sheet, "III. Kinh phí")
    sheet.fields("spent")
    _section(sheet, "IV. Khó khăn, kiến nghị")
    with sheet.each("line", "difficulties"):
        sheet.prose("{{ line }}")
    sheet.prose("{{ closing }}", keep=True)
    sheet.signatures(None, ("right", SIGNED, ""))
    return sheet


def _from_a_unit() -> Sheet:
    """A paper that a unit without a letterhead of the state sends to its office."""
    sheet = Sheet(size=13)
    _draft_mark(sheet)
    sheet.motto()
    sheet.text("{{ place_date }}", italic=True, align=RIGHT, before=4)
    sheet.title("")
    sheet.to("")
    return sheet


def _begun(*, grounds: bool = True) -> Sheet:
    """A paper with its mark, head and title, and the texts it rests on."""
    sheet = Sheet(size=13)
    _draft_mark(sheet)
    sheet.head("")
    sheet.title("")
    if grounds:
        with sheet.each("ground", "grounds"):
            sheet.prose("{{ ground }}", italic=True, after=3)
    return sheet


def _draft_mark(sheet: Sheet) -> None:
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)


def _articles(sheet: Sheet, source: str, *, keep: bool = False) -> None:
    with sheet.each("article", source):
        _section(sheet, "{{ article.head }}")
        with sheet.each("line", "article.lines"):
            sheet.prose("{{ line }}", after=4, keep=keep)


def _expenses(sheet: Sheet) -> None:
    heads = ["TT", "Nội dung chi", "Thành tiền (đồng)", "Khuyến công (đồng)", "Đối ứng, khác (đồng)"]
    names = ("total", "extension", "others")
    _sums(sheet, "expenses", total="expenses_total", names=names, heads=heads, widths=[1, 5.7, 3.1, 3.1, 3.1])


def _sums(
    sheet: Sheet, source: str, *, total: str, names: tuple[str, ...], heads: list[str], widths: list[float]
) -> None:
    """A table of expenses with what they add up to; the last of them is not parted from the sum."""
    whole = [cell(f"{{{{ {total}.{name} }}}}", RIGHT, bold=True) for name in names]
    last = Row(cell(""), cell("Cộng", LEFT, bold=True), *whole)
    sheet.table(widths, heads, [*_rows(source, lambda keep: _expense(names, keep=keep)), last])


def _rows(source: str, draw: Callable[[bool], Row]) -> list[Row]:
    """The rows of a source, of which the last stays with what follows it."""
    loop = [Row(tag=f"for row in {source}"), Row(tag="if loop.last"), draw(True)]
    return [*loop, Row(tag="else"), draw(False), Row(tag="endif"), Row(tag="endfor")]


def _planned(names: tuple[str, ...], *, keep: bool) -> Row:
    said = [cell(f"{{{{ row.{name} }}}}", LEFT, keep=keep) for name in ("name", "unit")]
    figures = (cell(f"{{{{ row.{name} }}}}", RIGHT, keep=keep) for name in names)
    return Row(cell("{{ row.place }}", CENTER, keep=keep), *said, *figures)


def _expense(names: tuple[str, ...], *, keep: bool) -> Row:
    """What the expense is; below it for whom and by which norm; its sums."""
    said = [cell("{{ row.name }}", LEFT, keep=keep)]
    for name in ("about", "why"):
        said.append(cell(f"{{%p if row.{name} %}}"))
        said.append(cell(f"{{{{ row.{name} }}}}", LEFT, size=11, keep=keep))
        said.append(cell("{%p endif %}"))
    figures = (cell(f"{{{{ row.{name} }}}}", RIGHT, keep=keep) for name in names)
    return Row(cell("{{ row.place }}", CENTER, keep=keep), said, *figures)


def _filled(sheet: Sheet, source: str, names: tuple[str, ...], heads: list[str], widths: list[float]) -> None:
    """A table of the rows, or dotted lines where there are none. A name ends in ">" for the right, "|" for the middle."""
    sides = {">": RIGHT, "|": CENTER}
    columns = [
        cell(f"{{{{ row.{name.rstrip('>|')} }}}}", CENTER if name == "place" else sides.get(name[-1], LEFT))
        for name in names
    ]
    with sheet.when(source):
        sheet.table(widths, heads, [Row(tag=f"for row in {source}"), Row(*columns), Row(tag="endfor")])
    with sheet.when(f"not {source}"):
        sheet.dotted("3")


def _section(sheet: Sheet, words: str) -> None:
    sheet.text(words, bold=True, before=6, after=4, keep=True)


DRAWN: tuple[Callable[[], Sheet], ...] = (
    acceptance_record,
    project_file,
    liquidation_record,
    plan_list,
    plan_submission,
    contract,
    project_proposal,
    appraisal_record,
    inspection_record,
    payment_request,
    progress_report,
)
TEMPLATES: dict[str, Callable[[], Sheet]] = {draw.__name__: draw for draw in DRAWN}
