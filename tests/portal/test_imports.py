"""Lists brought in from spreadsheets: what is read, what a preview says, what is written, what an undo takes back."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from facilities.models import Facility
from facilities.services import update_facility
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.imports import services
from portal.imports.enums import BatchState, Verdict
from portal.imports.models import ImportBatch
from portal.text import workbooks
from portal.text.errors import Refusal
from portal.text.sheets import HERE
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=HERE)
HEAD = ["TT", "Tên cơ sở", "Mã số thuế", "Địa chỉ", "Xã, phường"]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def book(*rows: list[Any], merge: tuple[str, ...] = (), title: str = "DS") -> bytes:
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    for block in merge:
        made.active.merge_cells(block)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bring(content: bytes, actor: Any, province: Any, *, name: str = "co-so.xlsx") -> ImportBatch:
    return services.upload(
        file=SimpleUploadedFile(name, content),
        name=name,
        kind="facilities",
        scope=str(province.pk),
        actor=actor,
        now=NOW,
    )


def refused(*args: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        bring(*args, **more)
    return caught.value


def verdicts(batch: ImportBatch) -> list[tuple[int, str]]:
    return list(batch.rows.values_list("number", "verdict"))


def confirm(batch: ImportBatch) -> ImportBatch:
    return services.confirm(batch=batch, actor=batch.actor, now=NOW)


def undo(batch: ImportBatch) -> ImportBatch:
    return services.undo(batch=batch, actor=batch.actor, now=NOW)


# --- from preview to undo -----------------------------------------------------------------------------------


def test_a_preview_says_new_changed_same_and_wrong_and_writes_nothing(officer: Any, province: Any) -> None:
    factories.FacilityFactory(name="HTX Một", territory=province, address_recognised="xã A")
    factories.FacilityFactory(name="HTX Hai", territory=province, address_recognised="xã A")
    batch = bring(
        book(
            HEAD,
            [1, "HTX Một", "", "xã B"],
            [2, "HTX hai", "", "xã  A."],
            [3, "HTX Ba", "", "xã A"],
            [4, "", "", "xã A", "Không rõ"],
            [5, "HTX ba", "", "xã C"],
        ),
        officer,
        province,
    )
    assert verdicts(batch) == [
        (2, Verdict.CHANGED),
        (3, Verdict.SAME),
        (4, Verdict.NEW),
        (5, Verdict.WRONG),
        (6, Verdict.WRONG),
    ]
    assert batch.rows.get(number=2).diff == [["địa chỉ hiện nay", "", "xã B"]]
    assert batch.rows.get(number=6).sentences == ["Trùng với dòng 4. Hãy bỏ một trong hai dòng."]
    assert (batch.state, batch.rows_new, batch.rows_changed, batch.rows_same, batch.rows_wrong) == (
        BatchState.PREVIEWED, 1, 1, 1, 2,
    )  # fmt: skip
    assert Facility.objects.count() == 2


def test_one_wrong_row_stops_the_whole_list(officer: Any, province: Any) -> None:
    batch = bring(book(HEAD, [1, "HTX Một"], [2, "HTX Hai", "x" * 30]), officer, province)
    with pytest.raises(Refusal, match="Còn 1 dòng sai nên chưa ghi gì"):
        confirm(batch)
    assert Facility.objects.count() == 0


def test_confirming_writes_everything_with_the_log(officer: Any, province: Any) -> None:
    commune = factories.CommuneFactory(territory=province, name="Phúc Xuân", valid_from=dt.date(2025, 7, 1))
    factories.FacilityFactory(name="HTX Một", territory=province)
    batch = confirm(
        bring(
            book(HEAD, [1, "HTX Một", "0100109106", "xã B"], [2, "Công ty Hai", "", "xã A", "xã Phúc Xuân"]),
            officer,
            province,
        )
    )
    assert batch.state == BatchState.APPLIED
    assert list(Facility.objects.order_by("pk").values_list("name", "tax_code", "address_recognised", "commune")) == [
        ("HTX Một", "0100109106", "xã B", None),
        ("Công ty Hai", "", "xã A", commune.pk),
    ]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "import.upload", "facility.update", "facility.create", "import.apply",
    ]  # fmt: skip


def test_undo_removes_what_was_created_and_puts_back_what_was_changed(officer: Any, province: Any) -> None:
    factories.FacilityFactory(name="HTX Một", territory=province, address_recognised="xã A")
    before = list(Facility.objects.values().order_by("pk"))
    batch = confirm(bring(book(HEAD, [1, "HTX Một", "0100109106", "xã B"], [2, "Công ty Hai"]), officer, province))
    assert Facility.objects.count() == 2
    assert undo(batch).state == BatchState.UNDONE
    after = list(Facility.objects.values().order_by("pk"))
    assert [row | {"updated_at": None} for row in after] == [row | {"updated_at": None} for row in before]
    assert AuditEntry.objects.latest("pk").action == "import.undo"


def test_an_import_is_undone_at_most_once(officer: Any, province: Any) -> None:
    batch = undo(confirm(bring(book(HEAD, [1, "HTX Một"]), officer, province)))
    with pytest.raises(Refusal, match="đã hoàn tác nên không làm việc này được nữa"):
        undo(batch)
    with pytest.raises(Refusal, match="đã hoàn tác"):
        confirm(batch)


def test_undo_refuses_by_name_what_was_built_on_since(officer: Any, province: Any) -> None:
    batch = confirm(bring(book(HEAD, [1, "HTX Một"], [2, "HTX Hai"], [3, "HTX Ba"]), officer, province))
    factories.ProductFactory(name="Chè mẫu", facility=Facility.objects.get(name="HTX Một"))
    update_facility(facility=Facility.objects.get(name="HTX Hai"), actor=officer, address_today="xã C")
    with pytest.raises(Refusal) as caught:
        undo(batch)
    assert [str(line) for line in caught.value.details] == [
        "Cơ sở “HTX Hai” đã được sửa sau lần nhập này.",
        "Cơ sở “HTX Một” đã được dùng trong sản phẩm “Chè mẫu”.",
    ]
    assert Facility.objects.count() == 3


def test_undo_refuses_where_a_changed_field_was_changed_again(officer: Any, province: Any) -> None:
    known = factories.FacilityFactory(name="HTX Một", territory=province, address_recognised="xã A")
    batch = confirm(bring(book(HEAD, [1, "HTX Một", "", "xã B"]), officer, province))
    update_facility(facility=known, actor=officer, address_today="xã C")
    with pytest.raises(Refusal) as caught:
        undo(batch)
    assert "đã được sửa tiếp (địa chỉ hiện nay)" in str(caught.value.details[0])
    known.refresh_from_db()
    assert known.address_today == "xã C"


def test_confirming_refuses_when_the_register_moved_on(officer: Any, province: Any) -> None:
    batch = bring(book(HEAD, [1, "HTX Một"], [2, "HTX Hai"]), officer, province)
    factories.FacilityFactory(name="HTX Hai", territory=province)
    with pytest.raises(Refusal) as caught:
        confirm(batch)
    assert caught.value.code == "moved_on"
    assert "1 dòng (dòng 3)" in str(caught.value)
    again = services.preview(batch=batch, actor=officer, now=NOW)
    assert (again.rows_new, again.rows_same) == (1, 1)
    assert confirm(again).state == BatchState.APPLIED


def test_a_row_refused_while_writing_leaves_nothing_written(officer: Any, province: Any, monkeypatch: Any) -> None:
    batch = bring(book(HEAD, [1, "HTX Một"], [2, "HTX Hai"]), officer, province)
    from facilities import services as rooms

    create = rooms.create_facility

    def second_fails(**facts: Any) -> Any:
        if facts["name"] == "HTX Hai":
            raise Refusal("facility_exists", "Cơ sở này vừa được người khác ghi.")
        return create(**facts)

    monkeypatch.setattr(rooms, "create_facility", second_fails)
    with pytest.raises(Refusal, match=r"Dòng 3: Cơ sở này vừa được người khác ghi\. Chưa ghi gì\."):
        confirm(batch)
    assert Facility.objects.count() == 0


def test_a_list_that_is_all_there_has_nothing_to_confirm(officer: Any, province: Any) -> None:
    factories.FacilityFactory(name="HTX Một", territory=province)
    with pytest.raises(Refusal, match="không có gì để nhập"):
        confirm(bring(book(HEAD, [1, "HTX Một"]), officer, province))


def test_a_discarded_list_is_forgotten(officer: Any, province: Any) -> None:
    batch = services.discard(batch=bring(book(HEAD, [1, "HTX Một"]), officer, province), actor=officer, now=NOW)
    assert (batch.state, batch.rows.count()) == (BatchState.DISCARDED, 0)


def test_ten_thousand_rows_with_three_hundred_bad_ones_are_all_reported_and_nothing_is_written(
    officer: Any, province: Any
) -> None:
    rows = [[n, f"Cơ sở mẫu {n}" if n % 33 or n > 9900 else "", "", f"xã {n}"] for n in range(1, 10_001)]
    batch = bring(book(HEAD, *rows), officer, province)
    # A blank name under a running number that goes on is taken from above, and so repeats it.
    assert (batch.rows_wrong, batch.rows_new) == (300, 9700)
    assert batch.rows.filter(verdict=Verdict.WRONG).exclude(sentences=[]).count() == 300
    with pytest.raises(Refusal, match="Còn 300 dòng sai"):
        confirm(batch)
    assert Facility.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_judging_costs_the_same_queries_for_any_number_of_rows(
    officer: Any, province: Any, rows: int, django_assert_num_queries: Any
) -> None:
    batch = bring(book(HEAD, *([n, f"HTX {n}", f"010010{n:04}"] for n in range(rows))), officer, province)
    with django_assert_num_queries(9):
        services.preview(batch=batch, actor=officer, now=NOW)


# --- who -----------------------------------------------------------------------------------------------------


def test_only_the_uploader_and_the_province_s_officers_and_leaders_see_a_list(
    officer: Any, leader: Any, province: Any, other_province: Any
) -> None:
    extension = factories.staff(Role.EXTENSION_OFFICER, province)
    mine = bring(book(HEAD, [1, "HTX Một"]), extension, province)
    other = factories.staff(Role.OFFICER, other_province)
    seen = {
        user: ImportBatch.objects.visible_to(user).filter(pk=mine.pk).exists()
        for user in (extension, officer, leader, other, factories.staff(Role.EXTENSION_OFFICER, province))
    }
    assert list(seen.values()) == [True, True, True, False, False]


def test_a_list_may_only_go_where_the_person_works(officer: Any, province: Any, other_province: Any) -> None:
    assert refused(book(HEAD, [1, "HTX"]), officer, other_province).code == "scope_unknown"
    batch = bring(book([*HEAD, "Tỉnh"], [1, "HTX", "", "", "", "Cao Bằng"]), officer, province)
    assert batch.rows.get().sentences == ["Cao Bằng ngoài phạm vi của bạn. Hãy chỉ nhập cơ sở của tỉnh mình."]


# --- sheets as departments keep them ---------------------------------------------------------------------------


def names(batch: ImportBatch) -> list[str]:
    return list(batch.rows.values_list("title", flat=True))


def test_a_sheet_with_titles_two_heading_rows_and_signatures_is_read(officer: Any, province: Any) -> None:
    batch = bring(
        book(
            ["UBND TỈNH THÁI NGUYÊN"],
            ["DANH SÁCH CƠ SỞ CÔNG NGHIỆP NÔNG THÔN"],
            [],
            ["TT", "Cơ sở", None, None, "Năm thành lập"],
            [None, "Tên", "Địa chỉ", "MST"],
            ["(1)", "(2)", "(3)", "(4)", "(5)"],
            [1, "HTX Mo\u0323\u0302t\u00a0", "xã A ", 100109106, 2015],
            [2, "  HTX Hai", "xã B", "0101248141", "2016"],
            [None, "Tổng cộng: 2 cơ sở"],
            [None, None, "Thái Nguyên, ngày 12 tháng 3 năm 2023"],
            [None, "Người lập biểu", None, "GIÁM ĐỐC"],
            [None, "Họ và tên"],
            merge=("A1:E1", "A2:E2", "A4:A5", "B4:D4", "E4:E5"),
        ),
        officer,
        province,
    )
    assert names(batch) == ["HTX Một", "HTX Hai"]
    assert batch.rows.get(number=7).cells == {
        "name": "HTX Một", "address": "xã A", "tax_code": "100109106", "founded_year": "2015",
    }  # fmt: skip
    assert batch.notes == ["Từ dòng 10 trở xuống là phần ký tên, không đọc."]


def test_of_several_sheets_with_such_a_table_the_person_chooses_one(officer: Any, province: Any) -> None:
    made = Workbook()
    made.active.append(["Bìa"])
    for title in ("Năm 2022", "Năm 2023"):
        sheet = made.create_sheet(title)
        sheet.append(HEAD)
        sheet.append([1, f"HTX {title}"])
    out = io.BytesIO()
    made.save(out)
    batch = bring(out.getvalue(), officer, province)
    assert (batch.state, batch.rows.count()) == (BatchState.UPLOADED, 0)
    assert services.sheets_of(batch) == ["Năm 2022", "Năm 2023"]
    batch = services.preview(batch=batch, actor=officer, now=NOW, sheet="Năm 2023")
    assert names(batch) == ["HTX Năm 2023"]
    assert batch.notes[0] == "Đã đọc trang tính “Năm 2023”."


def test_a_formula_gives_its_kept_value_and_one_without_is_a_sentence(officer: Any, province: Any) -> None:
    content = book(HEAD, [1, "HTX Một", "", '=CONCATENATE("xã ","A")'], [2, "HTX Hai", "", "xã B"])
    batch = bring(content, officer, province)
    assert batch.rows.get(number=2).sentences == [
        "Ô D2 là công thức chưa có kết quả. Hãy mở tệp bằng Excel, lưu lại, hoặc dán giá trị vào ô."
    ]
    kept = changed_part(
        content, b"<v></v>", b"<v>x\xc3\xa3 A</v>", b"<v />", b"<v>x\xc3\xa3 A</v>", b"<v/>", b"<v>x\xc3\xa3 A</v>"
    )
    assert bring(kept, officer, province).rows.get(number=2).cells["address"] == "xã A"


def changed_part(content: bytes, *pairs: bytes) -> bytes:
    """The workbook with bytes of its first sheet replaced, and its formula typed as text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b'r="D2"', b'r="D2" t="str"')
                for before, after in zip(pairs[::2], pairs[1::2], strict=True):
                    data = data.replace(before, after)
            new.writestr(entry, data)
    return out.getvalue()


def test_text_that_begins_like_a_formula_is_text(officer: Any, province: Any) -> None:
    batch = bring("Tên cơ sở,Địa chỉ\nHTX Một,=1+1\n".encode(), officer, province, name="a.csv")
    assert batch.rows.get().cells["address"] == "=1+1"


def test_an_error_of_excel_is_a_sentence(officer: Any, province: Any) -> None:
    batch = bring("Tên cơ sở,Địa chỉ\nHTX Một,#REF!\n".encode(), officer, province, name="a.csv")
    assert batch.rows.get().sentences == ["Ô B2 báo lỗi #REF!. Hãy sửa công thức hoặc gõ lại giá trị."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_text_files_are_read_in_the_encodings_officers_save(officer: Any, province: Any, encoding: str) -> None:
    text = "Tên cơ sở;Địa chỉ\nHợp tác xã Một;xã Đồng Hỷ\n"
    data = decomposed_tones(text).encode(encoding) if encoding == "cp1258" else text.encode(encoding)
    assert names(bring(data, officer, province, name="a.csv")) == ["Hợp tác xã Một"]


def decomposed_tones(text: str) -> str:
    """Windows-1258 keeps the vowel and writes the tone after it."""
    import unicodedata

    marks = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    out = []
    for sign in text:
        parts = unicodedata.normalize("NFD", sign)
        tone = "".join(part for part in parts if part in marks)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in marks))
        out.append(base + tone)
    return "".join(out)


# --- files that are not what they say ----------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_without_being_unpacked(officer: Any, province: Any, monkeypatch: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (160 * 1024 * 1024))
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda *_args: pytest.fail("unpacked"))
    refusal = refused(out.getvalue(), officer, province)
    assert (refusal.code, refusal.field) == ("file_bomb", "file")
    assert ImportBatch.objects.count() == 0


def test_a_small_book_that_claims_cells_without_measure_is_refused(
    officer: Any, province: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 100_000)
    book = Workbook()
    book.active.append(["Tên cơ sở", "Loại hình"])
    for number in range(2, 12):
        book.active.cell(number, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    refusal = refused(out.getvalue(), officer, province)
    assert (refusal.code, refusal.field) == ("file_bomb", "file")


def test_a_text_file_of_one_endless_row_is_refused(officer: Any, province: Any) -> None:
    refusal = refused(("Tên cơ sở,Loại hình\n" + "," * 20_000).encode(), officer, province, name="a.csv")
    assert (refusal.code, refusal.field) == ("file_bomb", "file")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "a.xls", "đời cũ (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "a.xlsx", "đời cũ (.xls)"),
        (b"%PDF-1.7 not a book", "a.xlsx", "Không đọc được tệp a.xlsx."),
        (b"MZ\x90\x00\x03 program", "a.csv", "Không đọc được tệp a.csv."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.csv", "Không đọc được tệp a.csv."),
        (b"PK\x03\x04 broken", "a.csv", "Không đọc được tệp a.csv."),
        (b"", "a.csv", "Không tìm thấy dòng tiêu đề"),
        (b'T\xc3\xaan c\xc6\xa1 s\xe1\xbb\x9f\n"HTX', "a.csv", "Không đọc được tệp a.csv."),
    ],
)  # fmt: skip
def test_a_renamed_or_broken_file_is_refused_in_words(
    officer: Any, province: Any, content: bytes, name: str, words: str
) -> None:
    refusal = refused(content, officer, province, name=name)
    assert words in str(refusal)
    assert refusal.field == "file"


def test_an_open_document_is_refused_in_words(officer: Any, province: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "Tệp .ods không đọc được" in str(refused(out.getvalue(), officer, province, name="a.ods"))


def test_more_than_twenty_megabytes_are_refused(officer: Any, province: Any) -> None:
    content = b"T\xc3\xaan c\xc6\xa1 s\xe1\xbb\x9f\n" + b"HTX\n" * (6 * 1024 * 1024)
    assert refused(content, officer, province, name="a.csv").code == "file_too_large"


def test_a_book_renamed_csv_is_read_as_what_it_is(officer: Any, province: Any) -> None:
    assert names(bring(book(HEAD, [1, "HTX Một"]), officer, province, name="a.csv")) == ["HTX Một"]


def test_the_commune_named_in_the_sheet_is_noted_when_nobody_knows_it(officer: Any, province: Any) -> None:
    factories.CommuneFactory(territory=province, name="Phúc Xuân")
    batch = bring(book(HEAD, [1, "HTX Một", "", "", "xã Lạ"]), officer, province)
    assert batch.rows.get().sentences == [
        "Danh mục không có xã, phường “xã Lạ” của tỉnh hiện nay nên ô này không được ghi."
    ]
