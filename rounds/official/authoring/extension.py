"""The Word templates of the extension programme's papers; their facts are made by `portal.pages.extension_papers`."""

from collections.abc import Callable

from .forms import cell
from .parts import CENTER, RIGHT, Row, Sheet

SIGNED = "(Ký, ghi rõ họ tên)"


def acceptance_record() -> Sheet:
    sheet = Sheet(size=13)
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)
    sheet.head("")
    sheet.title("")
    with sheet.each("ground", "grounds"):
        sheet.prose("{{ ground }}", italic=True, after=3)
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
    sheet = Sheet(size=13)
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)
    sheet.head("")
    sheet.title("")
    with sheet.each("ground", "grounds"):
        sheet.prose("{{ ground }}", italic=True, after=3)
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
        sheet.prose("{{ line }}")
    sheet.signatures(("receiver", SIGNED, ""), ("giver", SIGNED, ""))
    return sheet


def plan_list() -> Sheet:
    sheet = Sheet(landscape=True)
    with sheet.when("draft_mark"):
        sheet.text("{{ draft_mark }}", bold=True, after=4)
    sheet.head("")
    sheet.title("")
    sheet.prose("{{ opening }}")
    with sheet.when("heads"):
        _section(sheet, "I. Nội dung")
        columns = [cell("{{ row.name }}"), cell("{{ row.projects }}", RIGHT), cell("{{ row.funds }}", RIGHT)]
        rows = [Row(tag="for row in heads"), Row(*columns, cell("{{ row.targets }}")), Row(tag="endfor")]
        sheet.table([9, 2.5, 4.5, 8], ["Nội dung khuyến công", "Số đề án", "Kinh phí (đồng)", "Mục tiêu"], rows)
    _section(sheet, "II. Đề án")
    with sheet.when("not projects"):
        sheet.prose("Kế hoạch chưa có đề án.")
    with sheet.when("projects"):
        columns = [cell("{{ row.place }}", CENTER), cell("{{ row.name }}"), cell("{{ row.unit }}")]
        columns += [cell(f"{{{{ row.{name} }}}}", RIGHT) for name in ("funds", "others", "total")]
        rows = [Row(tag="for row in projects"), Row(*columns), Row(tag="endfor")]
        heads = ["TT", "Đề án", "Đơn vị thực hiện", "Khuyến công (đồng)", "Đối ứng, khác (đồng)", "Cộng (đồng)"]
        sheet.table([1.2, 8.3, 5, 3.2, 3.2, 3.1], heads, rows)
    sheet.foot("", room=2)
    return sheet


def _section(sheet: Sheet, words: str) -> None:
    sheet.text(words, bold=True, before=6, after=4, keep=True)


TEMPLATES: dict[str, Callable[[], Sheet]] = {
    draw.__name__: draw for draw in (acceptance_record, project_file, liquidation_record, plan_list)
}
