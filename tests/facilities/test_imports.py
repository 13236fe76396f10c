"""Registers of facilities from spreadsheets."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from facilities.models import Facility
from portal.territory import reference_data
from tests.factories import FacilityFactory

pytestmark = pytest.mark.django_db
HEAD = "Tên cơ sở,Tỉnh,Loại hình,MST,Địa chỉ,Năm\n"


@pytest.fixture(autouse=True)
def provinces(db):
    reference_data.load()


@pytest.fixture
def write(tmp_path):
    def _write(text: str, name: str = "co-so.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8-sig")
        return path

    return _write


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_facilities", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path: Path, *options: str) -> tuple[list[str], str]:
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_facilities", str(path), *options, stdout=StringIO(), stderr=err)
    return err.getvalue().splitlines(), str(caught.value)


def test_a_dry_run_counts_and_writes_nothing(write):
    path = write(HEAD + "HTX chè Tân Hương,Thái Nguyên,,,xã Phúc Xuân,2023\n")
    assert "Thêm 1 cơ sở, bổ sung 0, bỏ qua 0" in run(path)
    assert Facility.objects.count() == 0


def test_apply_writes_with_the_province_of_the_row_s_year(write):
    run(
        write(HEAD + "HTX chè Tân Hương,TP. Thái Nguyên,,,xã Phúc Xuân,2023\nCông ty Á,thai nguyen,,,,2026\n"),
        "--apply",
    )
    assert list(Facility.objects.values_list("name", "kind", "territory__slug")) == [
        ("Công ty Á", "enterprise", "thai-nguyen"),
        ("HTX chè Tân Hương", "cooperative", "thai-nguyen-2025"),
    ]


def test_running_twice_skips_what_is_there(write):
    path = write(HEAD + "HTX chè Tân Hương,Thái Nguyên,,,xã Phúc Xuân,2023\n")
    run(path, "--apply")
    assert "Thêm 0 cơ sở, bổ sung 0, bỏ qua 1" in run(path, "--apply")
    assert Facility.objects.count() == 1


def test_a_fuller_row_fills_what_is_empty_and_overwrites_nothing(write):
    run(write(HEAD + "Cơ sở Hòa Bình,Cao Bằng,,,,2023\n"), "--apply")
    out = run(write(HEAD + "Cơ sở Hoà Bình,Cao Bằng,HTX,0100109106,xã Độc Lập,2023\n"), "--apply")
    assert "bổ sung 1" in out
    facility = Facility.objects.get()
    assert (facility.name, facility.kind, facility.tax_code, facility.address_recognised) == (
        "Cơ sở Hòa Bình",
        "cooperative",
        "0100109106",
        "xã Độc Lập",
    )


def test_bad_rows_are_named_one_per_line_and_nothing_is_written(write):
    path = write(
        HEAD
        + "HTX Tốt,Cao Bằng,,,,2023\n"
        + ",Cao Bằng,,,,2023\n"
        + "HTX Hai,Cao Bang Tinh,,,,2023\n"
        + "HTX Ba,Bình Định,,,,2026\n"
        + "HTX Bốn,Cao Bằng,Hội,,,2023\n"
        + "HTX Năm,Cao Bằng,,,,hai ba\n"
        + "htx  tốt,Cao Bằng,,0100109106,,2023\n"
    )
    lines, sentence = refused(path, "--apply")
    assert [line.partition(":")[0] for line in lines] == [f"Dòng {n}" for n in (3, 4, 5, 6, 7, 8)]
    assert "trùng với dòng 2" in lines[-1]
    assert sentence.startswith("6 dòng có lỗi. Chưa ghi gì.")
    assert Facility.objects.count() == 0


def test_a_wrong_check_digit_is_a_warning_and_never_fails(write):
    out = run(write(HEAD + "HTX Tốt,Cao Bằng,,0100109107,,2023\n"), "--apply")
    assert "Lưu ý. Dòng 2: Mã số thuế 0100109107 sai chữ số kiểm tra." in out
    assert Facility.objects.get().tax_code == "0100109107"


def test_unknown_columns_are_named_and_ignored(write):
    assert "Không dùng các cột: Ghi chú." in run(write("facility,province,Ghi chú\nHTX Tốt,Cao Bằng,x\n"))


def test_a_missing_column_is_named(write):
    _lines, sentence = refused(write("Tên cơ sở,Địa chỉ\nHTX,xã A\n"))
    assert sentence == "Không tìm thấy dòng tiêu đề có đủ các cột cần thiết. Còn thiếu: Tỉnh, thành phố."


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old excel"])
def test_a_broken_excel_file_is_refused_in_words(tmp_path, content):
    path = tmp_path / "hong.xlsx"
    path.write_bytes(content)
    _lines, sentence = refused(path)
    assert sentence.startswith("Không đọc được tệp hong.xlsx.")


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    _lines, sentence = refused(tmp_path / "khong-co.csv")
    assert sentence.startswith("Không đọc được tệp khong-co.csv.")


def test_excel_with_a_title_above_the_heading_and_numbers_as_codes(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH CƠ SỞ"])
    sheet.append([])
    sheet.append(["TT", "Tên cơ sở *", "Tỉnh/Thành phố", "Mã số thuế", "Năm"])
    sheet.append([1, "Công ty Á", "Hà Nội", 100109106, 2024])
    path = tmp_path / "a.xlsx"
    book.save(path)
    run(path, "--apply")
    assert Facility.objects.get().tax_code == "0100109106"


def test_semicolons_as_a_vietnamese_excel_saves_them(write):
    run(write("Tên cơ sở;Tỉnh\nHTX Một;Cao Bằng\n"), "--apply")
    assert Facility.objects.get().name == "HTX Một"


def test_two_facilities_of_one_name_need_a_tax_code(write):
    run(write(HEAD + "HTX Một,Cao Bằng,,0100109106,,2023\nHTX Một,Cao Bằng,,0101248141,,2023\n"), "--apply")
    assert Facility.objects.count() == 2
    lines, _sentence = refused(write(HEAD + "HTX Một,Cao Bằng,,,,2023\n"), "--apply")
    assert lines == ["Dòng 2: Cao Bằng có nhiều cơ sở tên HTX Một. Hãy ghi mã số thuế để biết là cơ sở nào."]


def test_a_name_taken_in_another_province_is_another_facility(write):
    FacilityFactory(name="HTX Một")
    assert "Thêm 1 cơ sở" in run(write(HEAD + "HTX Một,Cao Bằng,,,,2023\n"), "--apply")


def test_a_code_that_another_name_holds_is_told_and_not_silently_joined(write):
    FacilityFactory(name="Hộ kinh doanh Á", tax_code="0100109106")
    out = run(write(HEAD + "HTX chè Tân Hương,Thái Nguyên,,0100109106,xã Phúc Xuân,2026\n"))
    assert (
        "Dòng 2: Mã số thuế 0100109106 đang là của “Hộ kinh doanh Á”, nên dòng này được coi là cơ sở đó. "
        "Hãy đối chiếu tên."
    ) in out
    assert "Thêm 0 cơ sở, bổ sung 1, bỏ qua 0" in out
