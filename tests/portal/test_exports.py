"""Lists of the desk as files: the same rows as on the page, safe to open, fit to be imported again."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from facilities.imports import import_facilities
from facilities.models import Facility
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.sheets import with_sums, write_xlsx
from products.imports import import_recognitions
from products.models import Product, Recognition, ValidityRule
from tests import factories as make

pytestmark = pytest.mark.django_db
FACILITIES = reverse("admin:facilities_facility_changelist")
RECOGNITIONS = reverse("admin:products_recognition_changelist")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def as_csv(response) -> list[list[str]]:
    text = content(response).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def as_sheet(response):
    return load_workbook(io.BytesIO(content(response))).worksheets[0]


def test_a_list_offers_both_files_as_it_stands(desk, province):
    make.FacilityFactory(territory=province, kind="household")
    page = desk.get(FACILITIES, {"kind": "household", "p": "1"}).content.decode()
    assert 'href="?kind=household&amp;tai=xlsx"' in page
    assert 'href="?kind=household&amp;tai=csv"' in page


def test_the_file_has_the_rows_of_the_search_filters_and_order_and_no_others(desk, province):
    make.FacilityFactory(name="HTX chè Hảo Đạt", territory=province)
    make.FacilityFactory(name="HTX chè An Bình", territory=province)
    make.FacilityFactory(name="HTX miến", territory=province)
    make.FacilityFactory(name="HTX chè xa")
    make.FacilityFactory(name="Hộ chè", territory=province, kind="household")
    rows = as_csv(desk.get(FACILITIES, {"q": "che", "kind": "cooperative", "o": "-0", "tai": "csv"}))
    assert [row[0] for row in rows[1:]] == ["HTX chè Hảo Đạt", "HTX chè An Bình"]


@pytest.mark.parametrize("evil", ["=1+1", "+84 912", "-HTX", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_text_that_would_run_as_a_formula_is_text(desk, province, evil):
    facility = make.FacilityFactory(territory=province)
    Facility.objects.filter(pk=facility.pk).update(name=evil)
    assert as_csv(desk.get(FACILITIES, {"tai": "csv"}))[1][0] == f"'{evil}"
    cell = next(row[0] for row in as_sheet(desk.get(FACILITIES, {"tai": "xlsx"})).iter_rows() if row[0].value == evil)
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_numbers_and_days_keep_their_kind(desk, province):
    product = make.ProductFactory(facility__territory=province, facility__founded_year=1998)
    decision = make.DecisionFactory(territory=province)
    make.RecognitionFactory(product=product, decision=decision, issued_on=dt.date(2025, 9, 2))
    sheet = as_sheet(desk.get(RECOGNITIONS, {"tai": "xlsx"}))
    headings, row = list(sheet.iter_rows())[-2:]
    cells = {heading.value: cell for heading, cell in zip(headings, row, strict=True)}
    assert cells["Năm"].data_type == "n"
    assert cells["Ngày cấp"].is_date
    assert cells["Ngày cấp"].number_format == "dd/mm/yyyy"
    assert cells["Ngày cấp"].value.date() == dt.date(2025, 9, 2)


def test_a_sheet_prints_across_a4_with_all_columns_on_one_page_and_its_headings_on_each():
    out = io.BytesIO()
    long = "Cơ sở mẫu có tên rất dài, dài hơn bề ngang của cột, nên xuống dòng"
    rows = with_sums([[long, 9_999, 12_310_000_000], ["Cơ sở mẫu", None, 1]], (1, 2), "Cộng")
    write_xlsx(out, title="Sổ", headings=["Cơ sở", "Số lượng", "Số tiền (đồng)"], rows=rows, about=["Năm 2026"])
    sheet = load_workbook(out).worksheets[0]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$4:$4", "A5")
    assert sheet["A5"].alignment.wrap_text
    assert sheet.row_dimensions[5].height == 30
    assert (sheet["C5"].data_type, sheet["C5"].number_format) == ("n", "#,##0")
    assert sheet.column_dimensions["C"].width > len("12.310.000.000")
    assert [cell.value for cell in sheet[7]] == ["Cộng", 9_999, 12_310_000_001]
    assert all(cell.font.bold for cell in sheet[7])


def test_the_workbook_says_what_it_is_and_the_csv_begins_with_its_headings(desk, province, officer):
    make.FacilityFactory(territory=province, kind="household")
    response = desk.get(FACILITIES, {"kind__exact": "household", "tai": "xlsx"})
    assert "filename*=utf-8''C%C6%A1%20s%E1%BB%9F%20" in response["Content-Disposition"]
    lines = [row[0].value for row in as_sheet(response).iter_rows(max_row=3)]
    assert lines[0] == "Cơ sở"
    assert str(officer) in lines[1]
    assert lines[2] == "Lọc theo: loại hình: Hộ kinh doanh."
    assert as_csv(desk.get(FACILITIES, {"tai": "csv"}))[0][0] == "Tên cơ sở"


def test_an_unknown_kind_of_file_shows_the_list(desk):
    assert desk.get(FACILITIES, {"tai": "exe", "q": "che"})["Location"] == f"{FACILITIES}?q=che"
    assert desk.get(RECOGNITIONS, {"tai": "csv", "year__x": "1"})["Location"] == RECOGNITIONS


def test_who_may_not_see_the_list_gets_no_file(client):
    client.force_login(make.staff(Role.OFFICER, make.TerritoryFactory()))
    assert client.get(reverse("admin:accounts_user_changelist"), {"tai": "csv"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "code"),
    [(Role.OFFICER, "012345678901"), (Role.LEADER, "012345678901"), (Role.AGENCY_NATIONAL, "•••••••••901")],
)
def test_a_households_tax_code_is_for_the_staff_of_its_province(client, province, role, code):
    make.FacilityFactory(territory=province, kind="household", tax_code="012345678901")
    make.FacilityFactory(territory=province, kind="enterprise", tax_code="0100109106")
    client.force_login(make.staff(role, province))
    shown = {row[2] for row in as_csv(client.get(FACILITIES, {"tai": "csv"}))[1:]}
    assert shown == {code, "0100109106"}


def test_taking_a_file_is_on_record(desk, province, officer):
    make.FacilityFactory.create_batch(2, territory=province)
    content(desk.get(FACILITIES, {"tai": "csv"}))
    entry = AuditEntry.objects.get(action="list.export")
    assert entry.actor == officer
    assert entry.sentence == "Xuất danh sách cơ sở, 2 dòng, ra tệp csv."


def test_the_same_few_queries_for_one_row_and_for_fifty(desk, province):
    content(desk.get(RECOGNITIONS, {"tai": "xlsx"}))  # reads the register of provinces into the cache
    counts = []
    for more in (1, 2, 47):
        for product in make.ProductFactory.create_batch(more, facility__territory=province):
            make.RecognitionFactory(product=product)
        with CaptureQueriesContext(connection) as seen:
            content(desk.get(RECOGNITIONS, {"tai": "xlsx"}))
        counts.append(len(seen))
    assert len(set(counts)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "audit_auditentry", "notices_notice", "territory_territory", "territory_commune", "accounts_user",
        "accounts_grant", "accounts_organisation", "products_product", "products_decision", "products_certificate",
        "products_publishedfigure", "products_validityrule", "rounds_round", "rounds_dossier", "rounds_criteriaset",
        "extension_project", "extension_programme",
    ],
)  # fmt: skip
def test_every_list_of_the_desk_can_be_taken(client, province, name):
    make.DossierFactory()
    client.force_login(make.staff(Role.ADMINISTRATOR))
    for wanted in ("csv", "xlsx"):
        assert content(client.get(reverse(f"admin:{name}_changelist"), {"tai": wanted}))


@pytest.fixture
def old_province(province):
    """A unit that went into another of the same name, as Đồng Tháp did."""
    old = make.TerritoryFactory(name=province.name, slug="cu-2025", valid_to=dt.date(2025, 6, 30))
    make.SuccessionFactory(predecessor=old, successor=province)
    return old


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_the_register_of_facilities_comes_back_as_it_went(desk, province, tmp_path: Path, wanted):
    make.FacilityFactory(name="HTX chè", territory=province, tax_code="0100109106", address_recognised="Xã Tân Cương")
    make.FacilityFactory(name="Hộ Mẫu", territory=province, kind="household", founded_year=1990, name_en="Sample")
    facts = ["name", "kind", "tax_code", "territory", "address_recognised", "address_today", "founded_year", "name_en"]
    before = set(Facility.objects.values_list(*facts))
    file = tmp_path / f"a.{wanted}"
    file.write_bytes(content(desk.get(FACILITIES, {"tai": wanted})))
    Facility.objects.all().delete()
    report = import_facilities(path=file, on=dt.date(2026, 11, 21), actor=None, apply=True)
    assert (report.created, report.errors) == (2, [])
    assert set(Facility.objects.values_list(*facts)) == before


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_recognitions_come_back_as_they_went(desk, province, tmp_path: Path, wanted):
    ValidityRule.objects.create(code="mau", legal_basis="Mẫu", years=4, to_end_of_year=True)
    product = make.ProductFactory(facility__territory=province, is_set=True, name="Bộ ấm chén")
    make.SetMemberFactory(product_set=product, name="Ấm")
    decision = make.DecisionFactory(territory=province, signed_on=dt.date(2025, 9, 1), year=2025)
    row = make.RecognitionFactory(
        product=product, decision=decision, year=2025, round_ordinal=6, issued_on=dt.date(2025, 9, 2),
        expires_on=dt.date(2028, 12, 31), validity_confirmed=True,
    )  # fmt: skip
    make.CertificateFactory(recognition=row, official_number="12/GCN")
    facts = ["product__name", "product__facility__name", "level", "year", "round_ordinal", "territory", "issued_on",
             "expires_on", "decision__number", "certificates__official_number", "product__members__name"]  # fmt: skip
    before = set(Recognition.objects.values_list(*facts))
    file = tmp_path / f"a.{wanted}"
    file.write_bytes(content(desk.get(RECOGNITIONS, {"tai": wanted})))
    row.certificates.all().delete()
    Recognition.objects.all().delete()
    Product.objects.all().delete()
    report = import_recognitions(file, now=timezone.now(), today=dt.date(2026, 11, 21), actor=None, apply=True)
    assert report.errors == []
    assert set(Recognition.objects.values_list(*facts)) == before
