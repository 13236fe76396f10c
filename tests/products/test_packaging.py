"""The packaging kit: the mark in every form, only while it may be printed, each taking out counted."""

import datetime as dt
import io
import re

import pypdfium2
import pytest
import time_machine
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from facilities.address_today import addresses_of
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from portal.text.seal import LINES
from products import codes, kit, packaging
from products.enums import Level
from products.packaging import Mark
from products.validity import Facts

from .. import factories as make

pytestmark = pytest.mark.crawl

TODAY = dt.date(2026, 11, 22)
SOME = Mark("province", 2024, 2027, "Cấp tỉnh", "Provincial level")


def mark(level):
    return Mark(level, 2024, 2027, str(Level(level).label), kit.LEVEL_EN[Level(level)])


def drawn(**kwargs):
    given = {"form": "ngang", "ink": "mau", "format": "png", "width": 60} | kwargs
    return packaging.draw(given.pop("mark", SOME), **given)


# --- the mark ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LINES)
@pytest.mark.parametrize("form", packaging.FORMS)
def test_a_picture_is_as_wide_as_asked_for_at_300_dots_to_the_inch(level, form):
    for width in (packaging.SMALLEST[form], 100):
        picture = Image.open(io.BytesIO(drawn(mark=mark(level), form=form, width=width)))
        assert abs(picture.width - width / 25.4 * 300) <= 1.5
        assert picture.getpixel((0, 0))[3] == 0  # no ground around the seal's uneven corner


@pytest.mark.parametrize("level", LINES)
def test_each_ink_uses_its_own_colours_only(level):
    allowed = {
        "mau": {"#a3231b", "#fffcf6", "#16203b"},
        "mot-mau": {"#000000", "#ffffff"},
        "am-ban": {"#ffffff"},
    }
    for ink, colours in allowed.items():
        found = set(re.findall(rb'(?:fill|stroke)="(#[0-9a-f]{6})"', drawn(mark=mark(level), ink=ink, format="svg")))
        assert {one.decode() for one in found} <= colours


def test_the_svg_holds_outlines_and_needs_no_font_and_no_picture():
    svg = drawn(format="svg")
    assert svg.startswith(b"<svg")
    assert b"<text" not in svg
    assert b"font-family" not in svg
    assert b"<image" not in svg


def test_the_pdf_is_one_page_cut_to_the_mark_and_holds_no_picture():
    pdf = drawn(format="pdf", width=80)
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        page = document[0]
        assert abs(page.get_width() / 72 * 25.4 - 80) < 0.1
        assert "Cấp tỉnh 2024–2027" in page.get_textpage().get_text_range().replace("\r\n", " ")
        assert all(one.type != pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for one in page.get_objects())


def test_no_two_levels_look_alike():
    pictures = {level: drawn(mark=mark(level), form="dau", width=25) for level in LINES}
    assert len(set(pictures.values())) == len(LINES)


def test_a_mark_of_one_year_names_it_once():
    assert Mark("province", 2026, 2026, "Cấp tỉnh", "").years() == "2026"
    assert SOME.years() == "2024–2027"


@pytest.mark.parametrize("text", ["0", "39", "401", "1e3", "-50", "abc", "60.5", "9" * 40, "٦٠"])
def test_a_width_that_cannot_be_printed_is_refused_in_words(text):
    with pytest.raises(Refusal, match="Bề ngang cần là số từ 40 đến 400 mm"):
        packaging.require_width("ngang", text)


def test_paths_are_read_as_steps():
    assert packaging.steps("M1 2 3 4Q5 6 7 8L9 10Z") == [
        ["M", [1.0, 2.0]],
        ["L", [3.0, 4.0]],
        ["Q", [5.0, 6.0], [7.0, 8.0]],
        ["L", [9.0, 10.0]],
        ["Z"],
    ]


@pytest.mark.parametrize(("level", "steps"), [("province", 0), ("national", 5)])
def test_the_inner_frame_is_drawn_where_the_seal_has_one(level, steps):
    assert len(packaging.steps(packaging.shape(level).inner)) == steps


@pytest.mark.parametrize("width", [20, 30])
def test_the_qr_leads_to_the_check_page(width):
    address = "https://sanpham.example.vn/tra-cuu/T-7K2M-9XTA-3/"
    picture = Image.open(io.BytesIO(packaging.qr(address, format="png", width=width)))
    assert zxingcpp.read_barcodes(picture)[0].text == address
    assert abs(picture.width / 300 * 25.4 - width) < 2
    with pypdfium2.PdfDocument(packaging.qr(address, format="pdf", width=width)) as document:
        page = document[0]
        assert abs(page.get_width() / 72 * 25.4 - width) < 0.1
        assert zxingcpp.read_barcodes(page.render(scale=8).to_pil())[0].text == address
    assert f'width="{width}.0mm"' in packaging.qr(address, format="svg", width=width).decode()


# --- how long, with which words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (Facts(dt.date(2027, 12, 31)), "In bao bì đến ngày 31/12/2027"),
        (Facts(dt.date(2026, 11, 22)), "In bao bì đến ngày 22/11/2026"),
        (Facts(dt.date(2026, 11, 21)), ""),
        (Facts(dt.date(2027, 12, 31), precision="year"), "In bao bì đến hết năm 2027"),
        (Facts(dt.date(2027, 12, 31), revoked_on=dt.date(2026, 11, 22)), ""),
        (Facts(dt.date(2027, 12, 31), revoked_on=dt.date(2027, 3, 1)), "In bao bì đến ngày 28/02/2027"),
        (Facts(dt.date(2027, 12, 31), withdrawn_on=dt.date(2026, 1, 1)), ""),
        (Facts(dt.date(2027, 12, 31), suspended_from=dt.date(2026, 1, 1)), ""),
        (Facts(dt.date(2027, 12, 31), suspended_from=dt.date(2026, 1, 1), suspended_to=dt.date(2026, 11, 21)),
         "In bao bì đến ngày 31/12/2027"),
        (Facts(dt.date(2028, 2, 29)), "In bao bì đến ngày 29/02/2028"),
        (Facts(None), ""),
    ],
)  # fmt: skip
def test_the_line_says_until_when_packs_may_be_printed(facts, line):
    assert packaging.print_line(facts, TODAY) == line


# --- the pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def row(province):
    facility = make.FacilityFactory(territory=province, name="Hợp tác xã mẫu", address_recognised="xóm 3, xã Tân Cương")
    product = make.ProductFactory(facility=facility, name="Chè mẫu", name_en="Sample tea")
    found = make.RecognitionFactory(product=product, decision=make.DecisionFactory(number="12"))
    make.CertificateFactory(recognition=found, code=codes.generate("province"))
    return found


@pytest.fixture
def maker(row, client):
    user = make.RepresentativeFactory(facility=row.product.facility).user
    client.force_login(user)
    return user


@pytest.fixture
def frozen():
    with time_machine.travel(dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC), tick=False):
        yield


def address(name, row, *args):
    return reverse(name, args=[row.product.facility.uuid, row.uuid, *args])


FILES = [("packaging_mark", "ngang", "mau", "svg"), ("packaging_mark", "dau", "am-ban", "pdf"), ("packaging_qr", "png")]


@pytest.mark.django_db
@pytest.mark.parametrize("asked", FILES)
def test_every_file_taken_out_is_an_act_and_counted(row, maker, client, frozen, asked):
    name, *args = asked
    answer = client.get(address(name, row, *args))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="bieu-trung-')
    entry = AuditEntry.objects.get(action=kit.DOWNLOADED)
    assert (entry.actor, entry.subject_id) == (maker, str(row.pk))
    assert "Đã tải 1 tệp" in client.get(address("packaging_product", row)).content.decode()


@pytest.mark.django_db
def test_looking_at_the_mark_on_the_page_is_not_counted(row, maker, client, frozen):
    answer = client.get(address("packaging_mark", row, "ngang", "mau", "svg"), {"xem": 1})
    assert answer["Content-Disposition"].startswith("inline")
    assert not AuditEntry.objects.filter(action=kit.DOWNLOADED).exists()


def expire(row):
    row.expires_on = dt.date(2026, 11, 21)


def revoke(row):
    row.revoked_on, row.status_reason = dt.date(2026, 1, 1), "Vi phạm"


def withdraw(row):
    row.withdrawn_on, row.status_reason = dt.date(2026, 1, 1), "Ngừng làm"


def suspend(row):
    row.suspended_from, row.status_reason = dt.date(2026, 1, 1), "Đang kiểm tra"


@pytest.mark.django_db
@pytest.mark.parametrize("asked", FILES)
@pytest.mark.parametrize(
    "ended",
    [(expire, "đã hết hiệu lực"), (revoke, "đã bị thu hồi"), (withdraw, "đã xin rút"), (suspend, "đang tạm dừng")],
)
@pytest.mark.usefixtures("maker", "frozen")
def test_nothing_is_handed_out_once_it_may_not_be_printed(row, client, asked, ended):
    end, why = ended
    end(row)
    row.save()
    name, *args = asked
    answer = client.get(address(name, row, *args))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert why in page
    assert "Vì vậy cổng không phát tệp biểu trưng." in page
    assert not AuditEntry.objects.filter(action=kit.DOWNLOADED).exists()


@pytest.mark.django_db
def test_the_last_day_counts_whole_and_the_next_not_at_all(row, maker, client):
    row.expires_on = dt.date(2026, 11, 22)
    row.save()
    path = address("packaging_mark", row, "ngang", "mau", "svg")
    for moment, status in [("2026-11-22 16:59:59+00:00", 200), ("2026-11-22 17:00:00+00:00", 409)]:
        with time_machine.travel(moment, tick=False):
            client.force_login(maker)
            assert client.get(path).status_code == status


@pytest.mark.django_db
def test_a_wrong_width_comes_back_with_words(row, maker, client, frozen):
    answer = client.get(address("packaging_mark", row, "ngang", "mau", "png"), {"rong": "3"})
    assert answer.status_code == 400
    assert "Bề ngang cần là số từ 40 đến 400 mm" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("args", [("tron", "mau", "svg"), ("ngang", "vang", "svg"), ("ngang", "mau", "exe")])
def test_a_form_that_is_not_made_is_not_there(row, maker, client, frozen, args):
    assert client.get(address("packaging_mark", row, *args)).status_code == 404


@pytest.mark.django_db
def test_the_kit_is_the_facilitys_and_its_provinces(row, client, province, other_province, frozen):
    path = address("packaging_product", row)
    stranger = make.RepresentativeFactory(facility=make.FacilityFactory(territory=province)).user
    pending = make.RepresentativeFactory(
        facility=row.product.facility, state="pending", decided_at=None, territory=province
    ).user
    for user, status in [
        (make.staff(Role.OFFICER, province), 200),
        (make.staff(Role.AGENCY_NATIONAL), 200),
        (make.staff(Role.OFFICER, other_province), 404),
        (stranger, 404),
        (pending, 404),
    ]:
        client.force_login(user)
        assert client.get(path).status_code == status
    client.logout()
    assert client.get(path).status_code == 302


@pytest.mark.django_db
def test_an_unpublished_recognition_has_no_kit(row, maker, client, frozen):
    row.published_at = None
    row.save()
    assert client.get(address("packaging_product", row)).status_code == 404


@pytest.mark.django_db
def test_the_text_to_print_names_product_decision_maker_and_check_page(row, maker, client, frozen):
    page = client.get(address("packaging_product", row)).content.decode()
    code = codes.display(row.certificates.get().code)
    for words in (
        "Sản phẩm công nghiệp nông thôn tiêu biểu cấp tỉnh năm 2024",
        "Quyết định số 12/QĐ-UBND ngày 20/11/2024 của Ủy ban nhân dân tỉnh",
        "Outstanding rural industrial product at provincial level, 2024",
        f"/tra-cuu/{code}/",
        "In bao bì đến ngày 31/12/2027",
    ):
        assert words in page


@pytest.mark.django_db
def test_after_a_merger_both_addresses_are_shown_and_todays_is_printed(client, frozen):
    merged = make.SuccessionFactory(
        predecessor=make.TerritoryFactory(name="Bắc Giang", valid_to=dt.date(2025, 6, 30)),
        successor=make.TerritoryFactory(name="Bắc Ninh", valid_from=dt.date(2025, 7, 1)),
    )
    facility = make.FacilityFactory(
        territory=merged.predecessor, address_recognised="thôn Thủ Dương, xã Nam Dương, huyện Lục Ngạn, tỉnh Bắc Giang"
    )
    row = make.RecognitionFactory(product=make.ProductFactory(facility=facility))
    make.CertificateFactory(recognition=row, code=codes.generate("province"))
    found = addresses_of(facility)
    assert found.today == "thôn Thủ Dương, xã Nam Dương, tỉnh Bắc Ninh"
    assert (found.changed, found.sure) == (True, False)
    client.force_login(make.RepresentativeFactory(facility=facility).user)
    page = client.get(address("packaging_product", row)).content.decode()
    assert "thôn Thủ Dương, xã Nam Dương, huyện Lục Ngạn, tỉnh Bắc Giang" in page
    assert "Địa chỉ: thôn Thủ Dương, xã Nam Dương, tỉnh Bắc Ninh" in page
    assert "Hãy xác nhận trước khi in." in page


@pytest.mark.django_db
def test_the_list_costs_the_same_however_many_products(row, maker, client, frozen):
    counts = []
    path = reverse("packaging", args=[row.product.facility.uuid])
    client.get(path)
    for total in (1, 3, 50):
        while row.product.facility.products.count() < total:
            product = make.ProductFactory(facility=row.product.facility)
            make.CertificateFactory(recognition=make.RecognitionFactory(product=product))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1


@pytest.mark.django_db
def test_the_way_in_leads_to_the_facility_and_says_who_it_is_for(row, maker, client, officer):
    assert client.get(reverse("packaging_start")).url == reverse("packaging", args=[row.product.facility.uuid])
    make.RepresentativeFactory(user=maker, facility=make.FacilityFactory(territory=row.territory))
    assert client.get(reverse("packaging_start")).status_code == 200
    client.force_login(officer)
    assert client.get(reverse("packaging_start")).status_code == 403
