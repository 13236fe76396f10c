"""The tender extract: what it lists, that the portal made it, and what has changed since."""

import datetime as dt

import pypdfium2
import pytest
import time_machine
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.enums import FacilityKind
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products import codes, extract
from products.enums import StandardKind
from products.models import ProductStandard
from products.services import revoke

from .. import factories as make

NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 22)
pytestmark = [pytest.mark.crawl, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def facility(province):
    return make.FacilityFactory(
        territory=province, name="Hợp tác xã mẫu Tân Cương", tax_code="0100109106", address_recognised="xã Tân Cương"
    )


def held(facility, name="Chè mẫu", **kwargs):
    level = kwargs.pop("level", "province")
    found = make.RecognitionFactory(
        product=make.ProductFactory(facility=facility, name=name),
        level=level,
        decision=kwargs.pop("decision", None) or make.DecisionFactory(),
        **kwargs,
    )
    make.CertificateFactory(recognition=found, code=codes.generate(level), official_number="012/GCN-CNNTTB")
    return found


def made(facility, officer, day=TODAY, language="vi"):
    return extract.make(facility=facility, day=day, now=NOW, at=TODAY, language=language, actor=officer)


def text_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_it_lists_what_was_in_force_on_the_day_and_nothing_else(facility, officer):
    kept = held(facility, "Chè còn")
    high = held(facility, "Chè quốc gia", level="national")
    held(facility, "Chè hết", expires_on=dt.date(2026, 11, 21))
    held(facility, "Chè chưa", published_at=None)
    held(facility, "Chè rút", withdrawn_on=dt.date(2026, 1, 1), status_reason="Ngừng làm")
    held(make.FacilityFactory(territory=facility.territory), "Chè người khác")
    rows = made(facility, officer).rows
    assert [row["recognition"] for row in rows] == [str(high.uuid), str(kept.uuid)]


def test_an_earlier_day_lists_what_held_then(facility, officer):
    held(facility, "Chè hết", expires_on=dt.date(2026, 11, 21))
    assert [row["product"] for row in made(facility, officer, dt.date(2026, 11, 21)).rows] == ["Chè hết"]


@pytest.mark.parametrize(
    ("ends", "soon"),
    [(dt.date(2026, 11, 22), True), (dt.date(2027, 2, 20), True), (dt.date(2027, 2, 21), False)],
)
def test_what_ends_within_ninety_days_is_marked(facility, officer, ends, soon):
    held(facility, expires_on=ends)
    assert made(facility, officer).rows[0]["ends_soon"] is soon


def test_a_facility_that_holds_nothing_and_a_day_to_come_are_refused(facility, officer):
    with pytest.raises(Refusal, match="không có công nhận nào còn hiệu lực"):
        made(facility, officer)
    with pytest.raises(Refusal, match="Ngày trích lục chưa đến"):
        made(facility, officer, dt.date(2026, 11, 23))
    assert not AuditEntry.objects.filter(action=extract.MADE).exists()


@pytest.mark.parametrize("language", extract.LANGUAGES)
def test_the_paper_says_it_all_and_its_qr_leads_to_its_page(facility, officer, client, language):
    row = held(facility, expires_on=dt.date(2027, 1, 31))
    ProductStandard.objects.create(product=row.product, kind=StandardKind.OCOP, stars=4)
    ProductStandard.objects.create(
        product=row.product, kind=StandardKind.ISO, name="ISO 22000", expires_on=dt.date(2026, 1, 1)
    )
    found = made(facility, officer, language=language)
    pdf = extract.pdf(found, facility, language=language)
    text = text_of(pdf)
    words = {
        "vi": [
            "Trích lục sản phẩm được công nhận",
            "22/11/2026",
            "31/01/2027",
            "sắp hết hiệu lực",
            "Cấp tỉnh 2024",
            "OCOP 4 sao",
        ],
        "en": [
            "Extract of recognised products",
            "22 November 2026",
            "31 January 2027",
            "ends soon",
            "Provincial level 2024",
            "OCOP 4 stars",
        ],
    }[language]
    for word in [
        *words,
        facility.name,
        found.code,
        codes.display(row.certificates.get().code),
    ]:
        assert word in text
    # Where a line ends at a hyphen, the reader of the file sees a soft one.
    assert "012/GCN-CNNTTB" in text.replace("\ufffe", "-")
    assert "ISO 22000" not in text
    with pypdfium2.PdfDocument(pdf) as document:
        address = zxingcpp.read_barcodes(document[0].render(scale=4).to_pil())[0].text
    assert address == extract.address_of(found)
    assert found.code in client.get(address.removeprefix("http://127.0.0.1:8000")).content.decode()


def test_a_long_extract_runs_over_several_pages_without_losing_a_line(facility, officer):
    for number in range(40):
        held(facility, f"Chè số {number:02}")
    text = text_of(extract.pdf(made(facility, officer), facility, language="vi"))
    assert all(f"Chè số {number:02}" in text for number in range(40))


def test_the_code_of_a_household_stands_on_no_paper(province, officer):
    household = make.FacilityFactory(territory=province, kind=FacilityKind.HOUSEHOLD, tax_code="001088012345")
    held(household)
    found = made(household, officer)
    assert "001088012345" not in text_of(extract.pdf(found, household, language="vi"))
    assert "001088012345" not in str(found.entry.data)


def test_each_extract_is_an_act_frozen_with_its_digest(facility, officer):
    held(facility)
    found = made(facility, officer)
    entry = AuditEntry.objects.get(action=extract.MADE)
    assert entry.actor == officer
    content = {name: entry.data[name] for name in ("facility", "name", "day", "rows")}
    assert extract.digest_of(content) == found.digest
    assert found.code in entry.sentence


def page_of(found):
    return reverse("extract_check", args=[extract.token_of(found)])


def test_the_page_says_that_nothing_has_changed(facility, officer, client):
    held(facility)
    page = client.get(page_of(made(facility, officer))).content.decode()
    assert "Mọi dòng trên tờ giấy hôm nay vẫn đúng." in page
    assert "Phải trùng mã in trên tờ giấy." in page


def changed_end(row):
    row.expires_on = dt.date(2026, 11, 30)
    row.save()


def suspended(row):
    row.suspended_from, row.status_reason = TODAY, "Kiểm tra"
    row.save()


def expired(row):
    row.expires_on = dt.date(2026, 11, 21)
    row.save()


def renamed(row):
    row.product.name = "Chè đổi tên"
    row.product.save()


def reissued(row):
    old = row.certificates.get()
    old.superseded_on, old.superseded_reason = TODAY, "Đổi địa chỉ"
    old.save()
    make.CertificateFactory(recognition=row, code="T000000000")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed_end, "Hiệu lực đã sửa thành đến hết 30/11/2026."),
        (suspended, "Đang tạm dừng từ 22/11/2026."),
        (expired, "Đã hết hiệu lực sau 21/11/2026."),
        (renamed, "Tên sản phẩm nay là “Chè đổi tên”."),
        (reissued, "Giấy chứng nhận đã được cấp lại, mã mới T-0000-0000-0."),
    ],
)
def test_the_page_says_what_has_changed_since(facility, officer, client, change, words):
    row = held(facility)
    found = made(facility, officer)
    change(row)
    page = client.get(page_of(found)).content.decode()
    assert "1 dòng trên tờ giấy nay đã khác." in page
    assert words in page


def test_a_revoked_line_is_named_with_its_day(facility, officer, client):
    row = held(facility)
    found = made(facility, officer)
    revoke(
        recognition=row,
        on=TODAY,
        reason="Vi phạm",
        actor=officer,
        decision=make.DecisionFactory(territory=row.territory),
        proposal="Biên bản số 01",
    )
    assert "Đã bị thu hồi từ 22/11/2026." in client.get(page_of(found)).content.decode()


def test_what_left_public_view_is_no_longer_named(facility, officer, client):
    gone = held(facility, "Chè của hộ")
    held(facility, "Chè còn")
    found = made(facility, officer)
    gone.withheld_at = NOW
    gone.save()
    page = client.get(page_of(found)).content.decode()
    assert "Chè của hộ" not in page
    assert "Công nhận này không còn hiện công khai." in page


def test_what_a_household_lost_is_not_named_in_the_hours_before_the_sweep(facility, officer, client):
    gone = held(facility, "Chè của hộ")
    held(facility, "Chè còn")
    found = made(facility, officer)
    facility.kind = "household"
    facility.save()
    gone.revoked_on, gone.expires_on = TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=1)
    gone.status_reason = "Vi phạm"
    gone.save()
    assert "Chè của hộ" not in client.get(page_of(found)).content.decode()


def test_where_nothing_is_public_any_more_the_page_is_gone(facility, officer, client):
    row = held(facility)
    found = made(facility, officer)
    row.withheld_at = NOW
    row.save()
    assert client.get(page_of(found)).status_code == 404


def test_what_was_recognised_since_is_named_beside(facility, officer, client):
    held(facility)
    found = made(facility, officer)
    held(facility, "Chè mới")
    page = client.get(page_of(found)).content.decode()
    assert "Được công nhận thêm từ đó" in page
    assert "Chè mới" in page


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "1" + t, lambda _t: "abc", lambda t: t.split(".")[0]])
def test_an_address_the_portal_did_not_make_is_unknown_in_words(facility, officer, client, spoil):
    held(facility)
    token = spoil(extract.token_of(made(facility, officer)))
    answer = client.get(reverse("extract_check", args=[token]))
    assert answer.status_code == 404
    assert "Cổng không phát trích lục này" in answer.content.decode()


def test_the_maker_takes_the_extract_and_is_told_why_not(facility, client):
    client.force_login(make.RepresentativeFactory(facility=facility).user)
    pdf = reverse("extract_pdf", args=[facility.uuid])
    assert client.get(pdf).status_code == 409
    held(facility)
    assert client.get(pdf, {"ngay": "mai"}).status_code == 400
    assert client.get(pdf, {"ngay": "2026-12-01"}).status_code == 400
    answer = client.get(pdf, {"ngay": "2026-11-20", "tieng": "en"})
    assert answer["Content-Type"] == "application/pdf"
    assert "20 November 2026" in text_of(answer.content)
    assert client.get(reverse("extract", args=[facility.uuid])).status_code == 200


def test_asking_and_checking_cost_the_same_for_1_3_and_50_lines(facility, officer, client):
    client.force_login(officer)
    counts = {"ask": set(), "check": set()}
    for total in (1, 3, 50):
        while facility.products.count() < total:
            held(facility, f"Chè {facility.products.count()}")
        found = made(facility, officer)
        for name, path in (("ask", reverse("extract", args=[facility.uuid])), ("check", page_of(found))):
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            counts[name].add(len(asked))
    assert {name: len(found) for name, found in counts.items()} == {"ask": 1, "check": 1}
