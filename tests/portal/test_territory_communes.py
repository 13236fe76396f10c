"""The statistics office's list of communes."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from portal.territory import reference_data
from portal.territory.models import Commune

pytestmark = pytest.mark.django_db
HEAD = ["STT", "Mã", "Tên", "Tiếng Anh", "Cấp", "Nghị định", "Mã TP", "Tỉnh / Thành Phố"]
ROWS = [
    [1, "00004", "Phường Ba Đình", "", "Phường", "1656/NQ-UBTVQH15", "01", "Thành phố Hà Nội"],
    [2, 5443, "Xã Tân Cương", "", "Xã", "1683/NQ-UBTVQH15", 19, "Tỉnh Thái Nguyên"],
    [3, "20333", "Đặc khu Hoàng Sa", "", "Đặc khu", "1659/NQ-UBTVQH15", "48", "Thành phố Đà Nẵng"],
]


@pytest.fixture(autouse=True)
def provinces(db):
    reference_data.load()


@pytest.fixture
def sheet(tmp_path):
    def _sheet(rows, head=HEAD, above=(["DANH MỤC ĐƠN VỊ HÀNH CHÍNH"], [])):
        book = Workbook()
        for row in [*above, head, *rows]:
            book.active.append(row)
        path = tmp_path / "xa.xlsx"
        book.save(path)
        return path

    return _sheet


def run(path, *options):
    out = StringIO()
    call_command("load_communes", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path, *options):
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("load_communes", str(path), *options, stdout=StringIO(), stderr=err)
    return err.getvalue().splitlines(), str(caught.value)


def test_a_dry_run_counts_and_writes_nothing(sheet):
    out = run(sheet(ROWS))
    assert "Thêm 3, đổi 0, giữ nguyên 0 đơn vị." in out
    assert "Danh sách có 3 đơn vị, danh mục ngày 01/07/2025 có 3.321." in out
    assert Commune.objects.count() == 0


def test_apply_writes_names_without_kind_and_codes_with_their_zeros(sheet):
    run(sheet(ROWS), "--apply")
    found = Commune.objects.order_by("code").values_list(
        "code", "name", "kind", "territory__slug", "valid_from", "folded"
    )
    assert list(found) == [
        ("00004", "Ba Đình", "ward", "ha-noi", dt.date(2025, 7, 1), "ba dinh"),
        ("05443", "Tân Cương", "commune", "thai-nguyen", dt.date(2025, 7, 1), "tan cuong"),
        ("20333", "Hoàng Sa", "special_zone", "da-nang", dt.date(2025, 7, 1), "hoang sa"),
    ]


def test_running_twice_changes_nothing(sheet):
    run(sheet(ROWS), "--apply")
    assert "Thêm 0, đổi 0, giữ nguyên 3 đơn vị." in run(sheet(ROWS), "--apply")
    assert Commune.objects.count() == 3


def test_a_commune_that_became_a_ward_later_is_two_dated_rows(sheet):
    run(sheet(ROWS), "--apply")
    ward = [[2, "05443", "Phường Tân Cương", "", "Phường", "", "19", "Thái Nguyên"]]
    out = run(sheet(ward), "--on", "2026-03-01", "--apply")
    assert "Thêm 0, đổi 1, giữ nguyên 0 đơn vị." in out
    assert "Danh sách không có 2 đơn vị" in out
    dates = Commune.objects.filter(code="05443").order_by("valid_from").values_list("kind", "valid_from", "valid_to")
    assert list(dates) == [
        ("commune", dt.date(2025, 7, 1), dt.date(2026, 2, 28)),
        ("ward", dt.date(2026, 3, 1), None),
    ]


def test_bad_rows_are_named_one_per_line_and_nothing_is_written(sheet):
    bad = [
        *ROWS,
        [4, "0x", "Xã A", "", "Xã", "", "01", "Hà Nội"],
        [5, "00010", "Xã B", "", "Xã", "", "02", "Tỉnh Hà Giang"],
        [6, "00011", "Xã C", "", "Huyện", "", "01", "Hà Nội"],
        [7, "00012", "Xã D", "", "Xã", "", "24", "Tỉnh Bắc Giang"],
        [8, "00004", "Xã E", "", "Xã", "", "01", "Hà Nội"],
        [9, "00014", "", "", "Xã", "", "01", "Hà Nội"],
    ]
    lines, sentence = refused(sheet(bad), "--apply")
    assert lines == [
        "Dòng 7: mã xã “0x” không phải 5 chữ số.",
        "Dòng 8: không có tỉnh mang mã 02 vào ngày 01/07/2025.",
        "Dòng 9: cấp “Huyện” không phải xã, phường hoặc đặc khu.",
        "Dòng 10: mã 24 là của Bắc Ninh, nhưng cột tỉnh ghi Tỉnh Bắc Giang.",
        "Dòng 11: mã 00004 đã có ở dòng 4.",
        "Dòng 12: chưa có tên.",
    ]
    assert sentence == "6 dòng có lỗi. Chưa ghi gì. Hãy sửa tệp rồi nạp lại."
    assert Commune.objects.count() == 0


def test_a_sheet_without_the_columns_is_refused_in_words(sheet):
    _lines, sentence = refused(sheet([["x"]], head=["Tên"]))
    assert sentence == "Không tìm thấy dòng tiêu đề có đủ các cột cần thiết. Còn thiếu: Mã, Mã TP."


def test_an_empty_sheet_is_refused_in_words(sheet):
    _lines, sentence = refused(sheet([]))
    assert sentence == "Tệp không có dòng nào. Hãy kiểm tra lại tệp."


def test_a_broken_workbook_is_refused_in_words(tmp_path):
    path = tmp_path / "xa.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    _lines, sentence = refused(path)
    assert sentence.startswith("Không đọc được tệp xa.xlsx.")


def test_the_whole_country_loads_in_few_queries(sheet, django_assert_max_num_queries):
    rows = [[n, f"{n:05}", f"Xã Số {n}", "", "Xã", "", "01", "Hà Nội"] for n in range(1, 3322)]
    path = sheet(rows)
    with django_assert_max_num_queries(30):
        out = run(path, "--apply")
    assert "Thêm 3321" in out
    assert "Lưu ý" not in out
    assert Commune.objects.count() == 3321
