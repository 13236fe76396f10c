import datetime as dt
import io

import pypdfium2
import pytest
import zxingcpp

from products import certificate_print, services
from products.enums import Level, ReissueKind
from products.models import Certificate
from tests import factories

from .test_certificates import ISSUER, ON, paper

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]
LONG = (
    "Bộ sản phẩm trang trí nội thất đan lát thủ công từ tre, nứa, giang, mây và guột kết hợp sơn mài truyền thống "
    "phục vụ xuất khẩu sang thị trường châu Âu, Nhật Bản, Hàn Quốc và Hoa Kỳ"
)
MILLIMETRES_TO_POINTS = 72 / 25.4


@pytest.fixture(autouse=True)
def _address(settings):
    settings.SITE_URL = "https://sanpham.example.vn"


def numbered(officer, **facts):
    return services.issue(certificate=paper(**facts), issuer=ISSUER, actor=officer, on=ON)


def opened(data):
    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_bounded().replace("\r\n", " ") for page in document]
    return document, pages


def words(certificate, language="vi", on=ON):
    """Where a line ends depends on the widths of the code's letters: ends of lines count as one space."""
    return " ".join(opened(certificate_print.pdf(certificate, [language], on=on))[1][0].split())


def stored(certificate):
    return certificate_print.printable(Certificate.objects.filter(pk=certificate.pk)).get()


def long_set(members=8):
    facility = factories.FacilityFactory(
        name=("Hợp tác xã sản xuất, kinh doanh và dịch vụ tổng hợp mây tre đan xuất khẩu " * 3).strip()[:180],
        address_today=("Cụm công nghiệp làng nghề, xã Phú Nghĩa, thành phố Hà Nội " * 5).strip()[:300],
    )
    product = factories.ProductFactory(name=LONG, is_set=True, facility=facility)
    for place in range(members):
        factories.SetMemberFactory(product_set=product, name=f"{place + 1} {LONG}"[:180], position=place)
    return product


# --- one page ---------------------------------------------------------------------------------------------------


def test_one_certificate_is_one_sheet_of_a4_lying(officer):
    document, pages = opened(certificate_print.pdf(numbered(officer), ["vi"], on=ON))
    assert len(pages) == 1
    assert [round(side / MILLIMETRES_TO_POINTS) for side in document[0].get_size()] == [297, 210]


def test_it_says_what_was_frozen_in_vietnamese(officer):
    row = numbered(officer, level=Level.REGION, round_ordinal=6)
    product, facility = row.recognition.product, row.recognition.product.facility
    found = words(row)
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN",
        "Giấy chứng nhận",
        "Sản phẩm công nghiệp nông thôn tiêu biểu cấp khu vực, lần thứ VI, năm 2024",
        product.name,
        f"của {facility.name}",
        "Địa chỉ: Xóm Hồng Thái 2, xã Tân Cương",
        "Số 001/GCN-CNNTTB",
        "Hà Nội, ngày 02 tháng 03 năm 2026",
        "CỤC TRƯỞNG",
        f"Quyết định số {row.recognition.decision.full_number} ngày 20/11/2024 của {ISSUER}.",
        "Có giá trị đến hết ngày 31/12/2027.",
    ):
        assert said in found
    assert "không có giá trị" not in found


def test_it_says_the_same_in_english_with_the_vietnamese_name_where_no_other_is_known(officer):
    product = factories.ProductFactory(
        name="Chè đinh", name_en="", facility=factories.FacilityFactory(name="HTX Hảo Đạt", name_en="Hao Dat Co-op")
    )
    found = words(numbered(officer, product=product), "en")
    for said in (
        "SOCIALIST REPUBLIC OF VIET NAM",
        "PEOPLE'S COMMITTEE OF THÁI NGUYÊN PROVINCE",
        "Certificate",
        "Outstanding rural industrial product at provincial level, 2024",
        "Chè đinh",
        "made by Hao Dat Co-op",
        "No. 001/GCN-CNNTTB",
        "2 March 2026",
        "CHAIRMAN",
        "Valid through 31 December 2027.",
    ):
        assert said in found.replace("’", "'")


def test_names_in_english_are_used_where_they_are_known(officer):
    product = factories.ProductFactory(
        name="Bộ trà", name_en="Tea set", is_set=True, facility=factories.FacilityFactory()
    )
    factories.SetMemberFactory(product_set=product, name="Trà nõn", name_en="Bud tea", position=1)
    factories.SetMemberFactory(product_set=product, name="Trà đinh", name_en="", position=2)
    row = numbered(officer, product=product)
    assert "Tea set A set of: Bud tea; Trà đinh." in words(row, "en")
    assert "Bộ sản phẩm gồm: Trà nõn; Trà đinh." in words(row)


def test_the_same_content_makes_the_same_file(officer):
    row = numbered(officer)
    assert certificate_print.pdf(row, ["vi"], on=ON) == certificate_print.pdf(stored(row), ["vi"], on=ON)


def test_it_says_what_was_frozen_whatever_the_register_says_later(officer):
    row = numbered(officer)
    before = words(row)
    row.recognition.product.name = "Tên khác"
    row.recognition.product.save()
    assert words(stored(row)) == before


# --- what is marked ---------------------------------------------------------------------------------------------


def test_what_has_no_number_or_no_decision_says_that_it_is_a_sample(officer):
    assert "Bản mẫu trình bày, không có giá trị." in words(stored(paper()))
    typed = paper(decision=None)
    services.number_certificate(certificate=typed, official_number="5/GCN", actor=officer)
    assert "Bản mẫu trình bày, không có giá trị." in words(stored(typed))
    assert "Sample layout, not valid." in words(stored(typed), "en")


def test_a_paper_numbered_by_hand_under_a_decision_is_no_sample(officer):
    typed = paper()
    services.number_certificate(certificate=typed, official_number="5/GCN", actor=officer)
    assert "không có giá trị" not in words(stored(typed))


def test_a_sample_of_made_up_products_stays_a_sample(officer):
    assert "Bản mẫu trình bày, không có giá trị." in words(numbered(officer, is_illustrative=True))


def test_a_replaced_edition_printed_again_says_since_when(officer):
    old = numbered(officer)
    services.reissue_certificate(
        recognition=old.recognition, on=dt.date(2026, 5, 4), reason="Rách", actor=officer, kind=ReissueKind.DAMAGED
    )
    assert "Bản đã được thay thế từ 04/05/2026." in words(stored(old), on=dt.date(2026, 6, 1))
    new = old.recognition.certificates.get(superseded_on=None)
    assert "Cấp lại lần thứ 1" in words(stored(new), on=dt.date(2026, 6, 1))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"revoked_on": dt.date(2026, 4, 1)}, "Đã thu hồi từ 01/04/2026."),
        ({"withdrawn_on": dt.date(2026, 4, 1)}, "Cơ sở đã xin rút từ 01/04/2026."),
        ({"suspended_from": dt.date(2026, 4, 1)}, "Đang tạm dừng từ 01/04/2026."),
        ({"expires_on": dt.date(2026, 4, 1)}, "Hết hiệu lực từ 02/04/2026."),
    ],
)
def test_what_is_no_longer_in_force_says_so_from_that_day_on(officer, facts, said):
    row = numbered(officer)
    for name, value in facts.items():
        setattr(row.recognition, name, value)
    assert said not in words(row, on=dt.date(2026, 3, 31))
    assert said in words(row, on=dt.date(2026, 4, 2))


def test_an_end_known_by_its_year_names_the_year_only(officer):
    found = words(numbered(officer, expiry_precision="year"))
    assert "Có giá trị đến hết năm 2027." in found
    assert "31/12/2027" not in found


def test_an_electronic_copy_says_what_it_is_for(officer):
    made = certificate_print.pdf(numbered(officer), ["vi"], on=ON, electronic=True)
    assert "Bản điện tử để tra cứu." in opened(made)[1][0]


# --- room -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_set_of_eight_with_names_of_180_letters_keeps_to_one_page_and_leaves_none_out(officer, language):
    row = numbered(officer, product=long_set())
    document, pages = opened(certificate_print.pdf(row, [language], on=ON))
    assert len(pages) == 1
    tight = "".join(pages[0].split())
    for name in [LONG, *row.content["members"], row.content["holder"], row.content["holder_address"]]:
        assert "".join(name.split()) in tight
    low, high = _lines_of_names(document[0], row)
    assert low > 75 * MILLIMETRES_TO_POINTS, "a name runs into what stands below"
    assert high < (210 - 74) * MILLIMETRES_TO_POINTS, "a name runs into what stands above"


def _lines_of_names(page, row):
    """Bottom of the address and top of the product's name, in points from below."""
    text = page.get_textpage()
    length = len(text.get_text_range())
    whole = text.get_text_range().replace("\r", " ").replace("\n", " ")
    first = whole.index(row.content["product"].split(",")[0][:30])
    last = whole.rindex("Hà Nội", 0, whole.rindex("02") if "02" in whole else length)
    boxes = [text.get_charbox(place) for place in range(first, min(last, length))]
    inside = [box for box in boxes if box[0] > 20 * MILLIMETRES_TO_POINTS and box[3] > box[1]]
    return min(box[1] for box in inside), max(box[3] for box in inside)


def test_more_members_than_fit_are_counted_instead(officer):
    row = numbered(officer, product=long_set(members=40))
    assert "Bộ sản phẩm gồm 40 sản phẩm, tên từng sản phẩm xem ở trang tra cứu." in words(row)


def test_a_word_without_end_and_composed_letters_stay_on_the_page(officer):
    product = factories.ProductFactory(name="Ă" * 120, facility=factories.FacilityFactory(name="Hợp tác xã"))
    found = words(numbered(officer, product=product))
    assert "Ă" * 120 in "".join(found.split()).replace("\u200b", "")
    assert "của Hợp tác xã" in found


# --- the code to check ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_its_code_leads_to_its_check_page(officer, language):
    row = numbered(officer, product=long_set())
    document, _pages = opened(certificate_print.pdf(row, [language], on=ON))
    picture = document[0].render(scale=2).to_pil()
    found = zxingcpp.read_barcodes(picture)
    assert [one.text for one in found] == [f"https://sanpham.example.vn/tra-cuu/{row.code}/"]
    corners = found[0].position
    wide = (corners.top_right.x - corners.top_left.x) / 2 / MILLIMETRES_TO_POINTS
    assert 25 <= wide <= 29


def test_its_code_is_read_from_a_poor_copy(officer):
    document, _pages = opened(certificate_print.pdf(numbered(officer), ["vi"], on=ON))
    grey = document[0].render(scale=1.2).to_pil().convert("L")
    poor = io.BytesIO()
    grey.rotate(3, fillcolor=255).save(poor, "JPEG", quality=25)
    poor.seek(0)
    from PIL import Image

    assert zxingcpp.read_barcodes(Image.open(poor))


# --- many as one ------------------------------------------------------------------------------------------------


def test_a_batch_is_one_file_with_the_pages_in_the_order_given(officer):
    rows = services.issue_batch(certificates=[paper() for _turn in range(12)], issuer=ISSUER, actor=officer, on=ON)
    keys = [row.pk for row in reversed(rows)]
    data = b"".join(certificate_print.pdf_pieces(keys, ["vi", "en"], on=ON))
    document, pages = opened(data)
    assert len(pages) == 24
    for place, row in enumerate(reversed(rows)):
        assert f"Số {row.official_number}" in pages[2 * place]
        assert f"No. {row.official_number}" in pages[2 * place + 1]
    found = zxingcpp.read_barcodes(document[23].render(scale=2).to_pil())
    assert [one.text for one in found] == [f"https://sanpham.example.vn/tra-cuu/{rows[0].code}/"]


@pytest.mark.parametrize("count", [1, 5, 11])
def test_a_batch_asks_the_database_for_five_certificates_at_a_time(officer, count, django_assert_num_queries):
    rows = services.issue_batch(certificates=[paper() for _turn in range(count)], issuer=ISSUER, actor=officer, on=ON)
    with django_assert_num_queries(3 * -(-count // 5)):
        b"".join(certificate_print.pdf_pieces([row.pk for row in rows], ["vi"], on=ON))
