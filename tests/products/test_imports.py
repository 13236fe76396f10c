"""import_recognitions: what a published list becomes in the register, and what stops it."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from facilities.models import Facility
from portal.audit.models import AuditEntry
from portal.territory import reference_data as territory_data
from portal.territory.models import Territory
from products import codes, reference_data
from products.completeness import incomplete_products
from products.enums import DatePrecision, Level, ProductGroup, Stage
from products.models import Certificate, Decision, Product, Recognition

pytestmark = pytest.mark.django_db

LIST = Path(reference_data.FOLDER) / "recognised_products.csv"
COLUMNS = ["level", "year", "round_ordinal", "province", "product", "is_set", "facility", "facility_address", "group"]
ROW = {
    "level": "province",
    "year": "2023",
    "province": "Thanh Hóa",
    "product": "Chiếu cói Quảng Phúc",
    "is_set": "0",
    "facility": "HTX Quảng Phúc",
    "group": "handicraft",
}


@pytest.fixture(autouse=True)
def reference() -> None:
    territory_data.load()
    reference_data.load()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: dict[str, str], name: str = "danh-sach.csv") -> Path:
        columns = list(dict.fromkeys([*COLUMNS, *(key for row in rows for key in row)]))
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def run(path: Path, *, apply: bool = True) -> str:
    out = io.StringIO()
    call_command("import_recognitions", str(path), *(["--apply"] if apply else []), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(path: Path) -> tuple[list[str], str]:
    errors = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_recognitions", str(path), "--apply", stdout=io.StringIO(), stderr=errors)
    return errors.getvalue().splitlines(), str(caught.value)


# --- the published list itself ------------------------------------------------------------------------------


def test_every_row_of_the_published_list_is_entered_and_a_second_run_skips_them_all() -> None:
    first = run(LIST)
    assert "95 công nhận mới, 0 đề nghị mới, 0 dòng bổ sung, 0 dòng đã có trong sổ." in first
    assert (Recognition.objects.published().count(), Product.objects.count()) == (95, 94)
    assert Product.objects.filter(is_set=True).count() == sum(row["is_set"] == "1" for row in _rows(LIST))
    second = run(LIST)
    assert "0 công nhận mới, 0 đề nghị mới, 0 dòng bổ sung, 95 dòng đã có trong sổ." in second
    assert (Recognition.objects.count(), Product.objects.count(), Certificate.objects.count()) == (95, 94, 95)


def test_a_product_recognised_at_two_levels_is_one_product() -> None:
    run(LIST)
    product = Product.objects.get(name="Chiếu trúc")
    assert product.facility is not None
    assert product.facility.name == "Công ty TNHH một thành viên 688"
    assert list(product.recognitions.order_by("year").values_list("level", "year", "round_ordinal")) == [
        (Level.REGION, 2020, 0),
        (Level.NATIONAL, 2021, 4),
    ]


def test_former_provinces_keep_their_identity() -> None:
    run(LIST)
    assert Recognition.objects.get(product__name="Xe rùa").territory.slug == "nam-dinh-2025"
    assert Recognition.objects.get(product__name="Dầu dừa").territory.slug == "vinh-long"
    assert Recognition.objects.get(product__name="Trà Cascara").territory.slug == "lam-dong-2025"


def test_district_recognitions_name_their_place() -> None:
    run(LIST)
    assert Recognition.objects.get(product__name="Trà Cascara").locality == "TP Bảo Lộc"


def test_imported_certificates_have_a_public_code_and_no_official_number() -> None:
    run(LIST)
    papers = list(Certificate.objects.all())
    assert all(codes.is_valid(paper.code) for paper in papers)
    assert {paper.official_number for paper in papers} == {""}


def test_sets_without_members_are_flagged_and_their_names_only_propose() -> None:
    out = run(LIST)
    noodles = Product.objects.get(name="Bộ sản phẩm: Bánh canh gạo, bánh phở, bún tươi")
    assert noodles.members.count() == 0
    assert "(tên gợi ý: Bánh canh gạo; bánh phở; bún tươi)" in out
    assert incomplete_products(Product.objects.all()).filter(pk=noodles.pk).exists()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- dry and real -------------------------------------------------------------------------------------------


def test_without_apply_nothing_is_written_and_the_counts_are_told(write: Callable[..., Path]) -> None:
    out = run(write(ROW), apply=False)
    assert "1 công nhận mới" in out
    assert "Chạy thử, chưa ghi gì." in out
    assert (Product.objects.count(), Facility.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_applied_rows_are_published_and_audited(write: Callable[..., Path]) -> None:
    run(write(ROW))
    row = Recognition.objects.get()
    assert row.published_at is not None
    assert row.product.group == ProductGroup.HANDICRAFT
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {"facility.create", "product.create", "recognition.create", "recognition.publish"}


# --- validity -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "year", "end"),
    [
        ("province", "2016", dt.date(2018, 12, 31)),
        ("province", "2018", dt.date(2021, 12, 31)),
        ("district", "2025", dt.date(2028, 12, 31)),
        ("national", "2025", dt.date(2027, 12, 31)),
    ],
)
def test_where_only_the_year_is_known_the_end_is_known_to_the_year(
    write: Callable[..., Path], level: str, year: str, end: dt.date
) -> None:
    run(write(ROW | {"level": level, "year": year}))
    row = Recognition.objects.get()
    assert (row.expires_on, row.expiry_precision, row.issued_on) == (end, DatePrecision.YEAR, None)
    assert row.validity_confirmed is False


def test_decision_dates_give_an_exact_end(write: Callable[..., Path]) -> None:
    papers = {"decision_number": "2568/QĐ-BCT", "decision_date": "18/09/2025", "issued_on": "2025-10-03"}
    run(write(ROW | papers | {"level": "national", "year": "2025"}))
    row = Recognition.objects.get()
    assert (row.expires_on, row.expiry_precision) == (dt.date(2027, 10, 3), DatePrecision.DAY)
    decision = Decision.objects.get()
    assert (decision.full_number, decision.signed_on, decision.issuer) == (
        "2568/QĐ-BCT",
        dt.date(2025, 9, 18),
        "Bộ Công Thương",
    )


def test_an_end_that_the_list_states_is_kept(write: Callable[..., Path]) -> None:
    run(write(ROW | {"expires_on": "30/06/2026"}))
    row = Recognition.objects.get()
    assert (row.expires_on, row.validity_confirmed) == (dt.date(2026, 6, 30), True)


def test_rows_of_one_decision_share_it(write: Callable[..., Path]) -> None:
    paper = {"decision_number": "12/QĐ-UBND", "decision_date": "02/10/2023"}
    run(write(ROW | paper, ROW | paper | {"product": "Chiếu hoa"}))
    decision = Decision.objects.get()
    assert decision.issuer == "Ủy ban nhân dân tỉnh Thanh Hóa"
    assert decision.recognitions.count() == 2


# --- how officers write -------------------------------------------------------------------------------------


def test_vietnamese_headings_and_values_are_understood_in_excel(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH SẢN PHẨM ĐƯỢC CÔNG NHẬN"])
    sheet.append(
        ["STT", "Cấp", "Năm", "Lần thứ", "Tỉnh", "Tên sản phẩm", "Bộ sản phẩm", "Cơ sở", "Địa chỉ", "Nhóm sản phẩm",
         "Sản phẩm trong bộ", "Mã số thuế", "Ngày cấp"]
    )  # fmt: skip
    sheet.append(
        [1, "Cấp quốc gia", 2023, "V", "Tỉnh Thái Nguyên", "Bộ trà Tân Cương", "Có", "HTX Tân Cương", "xã Tân Cương",
         "Chế biến nông, lâm, thủy sản và thực phẩm", "Trà đinh; Trà nõn", "", dt.date(2023, 11, 5)]
    )  # fmt: skip
    path = tmp_path / "danh-sach.xlsx"
    book.save(path)
    out = run(path)
    row = Recognition.objects.get()
    assert (row.level, row.year, row.round_ordinal, row.territory.slug) == (Level.NATIONAL, 2023, 5, "thai-nguyen-2025")
    assert (row.issued_on, row.expires_on) == (dt.date(2023, 11, 5), dt.date(2026, 12, 31))
    assert list(row.product.members.values_list("name", flat=True)) == ["Trà đinh", "Trà nõn"]
    assert "Bỏ qua các cột không dùng: STT." in out


def test_unknown_columns_are_ignored_and_named(write: Callable[..., Path]) -> None:
    out = run(write(ROW | {"Giải thưởng": "A"}))
    assert "Bỏ qua các cột không dùng: Giải thưởng." in out


def test_names_that_differ_only_by_habit_are_one_and_diacritics_tell_apart(write: Callable[..., Path]) -> None:
    run(write(ROW | {"product": "Mỳ Chũ", "facility": "HTX Hòa Bình"}))
    out = run(write(ROW | {"product": "mì  chũ", "facility": "HTX Hoà Bình"}))
    assert "1 dòng đã có trong sổ" in out
    run(write(ROW | {"product": "Mứt dừa"}))
    run(write(ROW | {"product": "Mứt dứa"}))
    assert Product.objects.count() == 3


def test_an_empty_is_set_counts_as_a_single_product_and_is_flagged(write: Callable[..., Path]) -> None:
    out = run(write(ROW | {"is_set": ""}))
    product = Product.objects.get()
    assert (product.is_set, product.set_certain) == (False, False)
    assert "Dòng 2: chưa ghi là bộ hay sản phẩm đơn" in out


def test_an_inferred_group_is_flagged(write: Callable[..., Path]) -> None:
    run(write(ROW | {"group_certainty": "inferred"}))
    assert Product.objects.get().group_certain is False


def test_an_odd_tax_code_is_a_warning(write: Callable[..., Path]) -> None:
    out = run(write(ROW | {"tax_code": "0100109107"}))
    assert "Dòng 2: Mã số thuế 0100109107 sai chữ số kiểm tra" in out
    assert Facility.objects.get().tax_code == "0100109107"


# --- identity and completion --------------------------------------------------------------------------------


def test_a_fuller_row_names_the_maker_of_a_flagged_one(write: Callable[..., Path]) -> None:
    run(write(ROW | {"facility": ""}))
    out = run(write(ROW))
    assert "0 công nhận mới, 0 đề nghị mới, 1 dòng bổ sung, 0 dòng đã có trong sổ." in out
    product = Product.objects.get()
    assert product.facility == Facility.objects.get()
    assert Recognition.objects.count() == 1


def test_a_fuller_row_adds_members_ordinal_and_papers(write: Callable[..., Path]) -> None:
    run(write(ROW | {"is_set": "1"}))
    before = Recognition.objects.get()
    fuller = {"is_set": "1", "members": "Chiếu đôi; Chiếu đơn", "round_ordinal": "VII", "certificate_number": "15/GCN"}
    out = run(write(ROW | fuller | {"decision_number": "7/QĐ-UBND", "decision_date": "01/10/2023"}))
    assert "1 dòng bổ sung" in out
    row = Recognition.objects.get()
    assert (row.pk, row.round_ordinal) == (before.pk, 7)
    assert (row.expires_on, row.expiry_precision) == (dt.date(2026, 12, 31), DatePrecision.DAY)
    assert row.certificates.get().official_number == "15/GCN"
    assert row.product.members.count() == 2


def test_a_sparser_row_after_a_fuller_one_is_skipped(write: Callable[..., Path]) -> None:
    run(write(ROW))
    out = run(write(ROW | {"facility": ""}))
    assert "1 dòng đã có trong sổ" in out
    assert Product.objects.count() == 1


def test_what_the_register_knows_is_not_overwritten(write: Callable[..., Path]) -> None:
    run(write(ROW | {"round_ordinal": "V", "facility_address": "xã Quảng Phúc"}))
    out = run(write(ROW | {"group": "other", "facility_address": "xã Khác", "round_ordinal": "V"}))
    assert "sổ đang ghi nhóm khác" in out
    assert Product.objects.get().group == ProductGroup.HANDICRAFT
    assert Facility.objects.get().address_recognised == "xã Quảng Phúc"


def test_a_facility_is_known_by_its_tax_code(write: Callable[..., Path]) -> None:
    run(write(ROW | {"tax_code": "0100109106"}))
    out = run(write(ROW | {"tax_code": "0100109106", "facility": "Hợp tác xã Quảng Phúc", "product": "Chiếu hoa"}))
    assert Facility.objects.count() == 1
    assert "mã số thuế này là của HTX Quảng Phúc" in out


def test_two_known_ordinals_in_one_year_are_two_recognitions(write: Callable[..., Path]) -> None:
    run(write(ROW | {"round_ordinal": "1"}, ROW | {"round_ordinal": "2"}))
    assert sorted(Recognition.objects.values_list("round_ordinal", flat=True)) == [1, 2]


def test_a_recognition_without_a_maker_moves_to_the_makers_product(write: Callable[..., Path]) -> None:
    run(write(ROW | {"facility": ""}))
    run(write(ROW | {"level": "region", "year": "2022"}))
    assert Product.objects.count() == 2
    run(write(ROW))
    made = Product.objects.get(facility__isnull=False)
    assert made.recognitions.count() == 2
    assert Recognition.objects.count() == 2


# --- proposals ----------------------------------------------------------------------------------------------


def test_a_proposal_has_no_certificate_and_is_not_published(write: Callable[..., Path]) -> None:
    run(write(ROW | {"stage": "đề nghị"}))
    row = Recognition.objects.get()
    assert (row.stage, row.published_at, row.expires_on) == (Stage.PROPOSED, None, None)
    assert Certificate.objects.count() == 0


def test_a_proposal_becomes_a_recognition_when_a_list_says_so(write: Callable[..., Path]) -> None:
    run(write(ROW | {"stage": "proposed"}))
    out = run(write(ROW))
    assert "1 công nhận mới, 0 đề nghị mới, 1 dòng bổ sung" in out
    row = Recognition.objects.get()
    assert row.stage == Stage.RECOGNISED
    assert row.published_at is not None
    assert Certificate.objects.count() == 1


# --- bad input ----------------------------------------------------------------------------------------------


def test_a_repeat_inside_one_file_is_an_error_and_nothing_is_written(write: Callable[..., Path]) -> None:
    errors, why = refused(write(ROW, ROW | {"product": "Chiếu hoa"}, ROW))
    assert errors == ["Dòng 4: Dòng này lặp lại dòng 2: cùng sản phẩm, cấp, năm và lần. Hãy bỏ một dòng."]
    assert why == "Có 1 dòng sai nên chưa ghi gì. Hãy sửa tệp rồi chạy lại."
    assert (Product.objects.count(), Facility.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"province": "Thanh Hoa Kỳ"}, "Không có tỉnh, thành phố nào tên “Thanh Hoa Kỳ”"),
        ({"province": "Nam Định", "year": "2025"}, None),
        ({"province": "Bắc Giang", "year": "2026"}, "Bắc Giang"),
        ({"level": "làng"}, "Cấp “làng” không có."),
        ({"level": ""}, "Chưa ghi cấp công nhận."),
        ({"level": "district", "year": "2026"}, "Cấp huyện chỉ có đến 30/06/2025."),
        ({"level": "commune", "year": "2024"}, "Cấp xã chỉ có từ 01/07/2025."),
        ({"year": "23"}, "Năm “23” không hợp lệ."),
        ({"year": "2099"}, "Năm 2099 chưa đến."),
        ({"year": "2010"}, "Chưa có quy định hiệu lực cho công nhận năm 2010."),
        ({"product": ""}, "Chưa có tên sản phẩm."),
        ({"is_set": "có lẽ"}, "Cột bộ sản phẩm ghi “có lẽ”."),
        ({"group": "đồ chơi"}, "Nhóm “đồ chơi” không có."),
        ({"round_ordinal": "VIIII"}, "Lần thứ “VIIII” không hợp lệ."),
        ({"members": "A; B"}, "Có thành phần nhưng lại ghi không phải bộ sản phẩm."),
        ({"issued_on": "31/02/2023"}, "Ngày cấp “31/02/2023” không phải là ngày."),
        ({"issued_on": "01/10/2023", "expires_on": "01/09/2023"}, "Ngày hết hiệu lực không được trước ngày cấp."),
        ({"decision_number": "số mấy"}, "Số quyết định “số mấy” không hợp lệ."),
        ({"stage": "proposed", "certificate_number": "1"}, "Sản phẩm mới được đề nghị thì chưa có quyết định"),
        ({"stage": "nghe nói"}, "Giai đoạn “nghe nói” không có."),
        ({"facility_kind": "câu lạc bộ"}, "Loại hình “câu lạc bộ” không có."),
        ({"product": "x" * 301}, "Cột sản phẩm dài quá 300 ký tự."),
    ],
)
def test_a_bad_row_is_named_in_one_sentence(
    write: Callable[..., Path], change: dict[str, str], sentence: str | None
) -> None:
    path = write(ROW | change, ROW | {"product": "Dòng tốt"})
    if sentence is None:
        run(path)
        assert Recognition.objects.count() == 2
        return
    errors, _why = refused(path)
    assert len(errors) == 1
    assert errors[0].startswith("Dòng 2: ")
    assert sentence in errors[0]
    assert Recognition.objects.count() == 0


def test_every_bad_row_gets_its_line(write: Callable[..., Path]) -> None:
    errors, _why = refused(write(ROW | {"year": ""}, ROW | {"level": "x"}, ROW))
    assert [line.split(":")[0] for line in errors] == ["Dòng 2", "Dòng 3"]


def test_a_broken_excel_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "hong.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    errors, why = refused(path)
    assert errors == []
    assert why.startswith("Không đọc được tệp hong.xlsx.")


def test_a_missing_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    _errors, why = refused(tmp_path / "khong-co.csv")
    assert why == "Không đọc được tệp khong-co.csv. Không có tệp này; hãy xem lại đường dẫn."


def test_a_file_without_the_needed_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "thieu.csv"
    path.write_text("năm,tỉnh,sản phẩm\n2023,Thanh Hóa,Chiếu\n", encoding="utf-8")
    _errors, why = refused(path)
    assert "Còn thiếu: cấp." in why


def test_half_of_a_year_belongs_to_the_unit_that_stood_then(write: Callable[..., Path]) -> None:
    run(write(ROW | {"province": "Lâm Đồng", "level": "district", "year": "2025"}))
    assert Recognition.objects.get().territory == Territory.objects.get(slug="lam-dong-2025")
