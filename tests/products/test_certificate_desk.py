import datetime as dt
import io

import pypdfium2
import pytest
from django.urls import reverse

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from products.enums import Level, ProductGroup, ReissueKind
from products.models import Certificate, CertificateBook
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "/quan-tri/products/cap-giay/"
ISSUER = "Ủy ban nhân dân tỉnh Thái Nguyên"


class Hall:
    """A province's decision with certificates that wait for their numbers, and its officer."""

    def __init__(self, count=3):
        self.territory = factories.TerritoryFactory()
        self.officer = factories.staff(Role.OFFICER, self.territory)
        self.leader = factories.staff(Role.LEADER, self.territory)
        self.decision = factories.DecisionFactory(issuer=ISSUER, territory=self.territory)
        self.papers = [self.paper() for _turn in range(count)]

    def paper(self, group=ProductGroup.OTHER, level=Level.PROVINCE, **facts):
        facility = factories.FacilityFactory(territory=self.territory, address_today="Xã Tân Cương")
        product = factories.ProductFactory(facility=facility, territory=self.territory, group=group)
        given = {"decision": self.decision, "territory": self.territory, **facts}
        return factories.CertificateFactory(
            recognition=factories.RecognitionFactory(product=product, level=level, **given)
        )

    @property
    def page(self):
        return f"{LIST}{self.decision.pk}/"

    def terms(self, papers=None, **more):
        rows = self.papers if papers is None else papers
        return {
            "act": "issue",
            "issuer": ISSUER,
            "on": "02/03/2026",
            "place": "Thái Nguyên",
            "signer_title": "Chủ tịch",
            "pattern": "{number:03d}/GCN-CNNTTB",
            "order": "san-pham",
            "chosen": [str(row.pk) for row in rows],
            **more,
        }


@pytest.fixture
def hall():
    return Hall()


@pytest.fixture
def desk(client, hall):
    client.force_login(hall.officer, backend=BACKEND)
    return client


def numbers(rows):
    return [Certificate.objects.get(pk=row.pk).official_number for row in rows]


def pages_of(response):
    data = b"".join(response.streaming_content) if response.streaming else response.content
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(io.BytesIO(data))]


# --- numbering --------------------------------------------------------------------------------------------------


def test_decisions_tell_how_many_wait(desk, hall):
    text = desk.get(LIST).content.decode()
    assert hall.decision.full_number in text
    assert f'href="{hall.page}"' in text


def test_the_page_shows_the_numbers_before_they_are_given(desk, hall):
    text = desk.get(hall.page).content.decode()
    for number in ("001/GCN-CNNTTB", "002/GCN-CNNTTB", "003/GCN-CNNTTB"):
        assert number in text
    assert CertificateBook.objects.count() == 0
    looked = desk.post(hall.page, hall.terms(act="preview", pattern="{number}/{year}")).content.decode()
    assert "3/2026" in looked
    assert CertificateBook.objects.count() == 0


def test_all_are_numbered_in_one_act_in_the_order_chosen(desk, hall):
    first = hall.paper(group=ProductGroup.HANDICRAFT)
    answer = desk.post(hall.page, hall.terms(papers=[*hall.papers, first], order="nhom"))
    assert (answer.status_code, answer["Location"]) == (302, f"{hall.page}in/")
    assert numbers([first, *hall.papers]) == [f"00{turn}/GCN-CNNTTB" for turn in range(1, 5)]


def test_one_left_out_waits_and_takes_the_next_number_later(desk, hall):
    desk.post(hall.page, hall.terms(papers=hall.papers[:2]))
    assert numbers(hall.papers) == ["001/GCN-CNNTTB", "002/GCN-CNNTTB", ""]
    desk.post(hall.page, hall.terms(papers=hall.papers[2:]))
    assert numbers(hall.papers[2:]) == ["003/GCN-CNNTTB"]


def test_what_may_not_be_numbered_says_why_and_has_no_box(desk, hall):
    late = hall.paper(expires_on=dt.date(2025, 12, 31))
    text = desk.get(hall.page).content.decode()
    assert "Công nhận đã hết hiệu lực vào ngày cấp." in text
    assert f'name="chosen" value="{late.pk}"' not in text
    refused = desk.post(hall.page, hall.terms(papers=[*hall.papers, late]))
    assert refused.status_code == 409
    assert f"{late.recognition.product.name}: Công nhận đã hết hiệu lực" in refused.content.decode()
    assert numbers(hall.papers) == ["", "", ""]


def test_where_nothing_can_be_numbered_no_button_offers_it(desk, hall):
    assert 'value="issue"' in desk.get(hall.page).content.decode()
    for paper in hall.papers:
        paper.recognition.revoked_on = dt.date(2026, 1, 10)
        paper.recognition.revocation_decision = factories.DecisionFactory()
        paper.recognition.status_reason = paper.recognition.revocation_proposal = "Dùng sai biểu trưng"
        paper.recognition.save()
    assert 'value="issue"' not in desk.get(hall.page).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pattern": "GCN"}, "Mẫu số phải có {number} đúng một lần"),
        ({"on": "31/02/2026"}, "Ngày chưa đúng."),
        ({"on": ""}, "Cơ quan cấp giấy"),
        ({"chosen": []}, "Chưa chọn giấy chứng nhận nào"),
    ],
)
def test_wrong_input_is_answered_in_words_and_numbers_nothing(desk, hall, wrong, said):
    answer = desk.post(hall.page, hall.terms(**wrong))
    assert answer.status_code in {400, 409}
    assert said in answer.content.decode()
    assert numbers(hall.papers) == ["", "", ""]


def test_who_only_reads_numbers_nothing(client, hall):
    client.force_login(hall.leader, backend=BACKEND)
    assert "Số do cơ quan đã công nhận cấp." in client.get(hall.page).content.decode()
    assert client.post(hall.page, hall.terms()).status_code == 403
    assert numbers(hall.papers) == ["", "", ""]


def test_the_nation_s_certificates_are_numbered_by_the_agency(desk, hall):
    national = hall.paper(level=Level.NATIONAL)
    answer = desk.post(hall.page, hall.terms(papers=[national]))
    assert "do Cục xử lý" in answer.content.decode()
    assert numbers([national]) == [""]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_page_asks_the_same_however_many_wait(client, count, django_assert_max_num_queries):
    hall = Hall(count)
    client.force_login(hall.officer, backend=BACKEND)
    client.get(hall.page)
    with django_assert_max_num_queries(18):
        client.get(hall.page)


def test_another_province_s_decision_does_not_exist(client, hall):
    client.force_login(Hall(0).officer, backend=BACKEND)
    for page in (hall.page, f"{hall.page}in/", f"{hall.page}in/giay-chung-nhan.pdf"):
        assert client.get(page).status_code == 404


# --- printing ---------------------------------------------------------------------------------------------------


def test_a_ceremony_prints_one_file_in_its_order_and_it_is_an_act(desk, hall):
    desk.post(hall.page, hall.terms())
    chosen = desk.get(f"{hall.page}in/").content.decode()
    assert "Thứ tự trao" in chosen
    answer = desk.get(f"{hall.page}in/giay-chung-nhan.pdf?tieng=vi-en&thu-tu=so")
    assert answer["Content-Type"] == "application/pdf"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    pages = pages_of(answer)
    assert ["Giấy chứng nhận" in page for page in pages] == [True, False] * 3
    assert [f"00{turn // 2 + 1}/GCN-CNNTTB" in page for turn, page in enumerate(pages)] == [True] * 6
    entry = AuditEntry.objects.get(action="certificates.print")
    assert entry.data == {"certificates": 3, "languages": ["vi", "en"]}


def test_unnumbered_ones_are_printed_as_samples_only_when_asked_for(desk, hall):
    assert desk.get(f"{hall.page}in/giay-chung-nhan.pdf").status_code == 404
    pages = pages_of(desk.get(f"{hall.page}in/giay-chung-nhan.pdf?mau=1&tieng=fr"))
    assert len(pages) == 3
    assert all("không có giá trị" in page for page in pages)


# --- one certificate --------------------------------------------------------------------------------------------


def change(paper):
    return f"/quan-tri/products/certificate/{paper.pk}/"


def test_its_page_offers_what_may_be_done(desk, hall):
    waiting = desk.get(f"{change(hall.papers[0])}change/").content.decode()
    assert f'href="{hall.page}"' in waiting
    assert "Bản mẫu trình bày, không có giá trị" in waiting
    desk.post(hall.page, hall.terms())
    numbered = desk.get(f"{change(hall.papers[0])}change/").content.decode()
    assert f'href="{change(hall.papers[0])}cap-lai/"' in numbered
    assert 'name="official_number"' not in numbered


def test_a_new_edition_is_made_there_and_both_are_shown(desk, hall):
    desk.post(hall.page, hall.terms())
    old = hall.papers[0]
    form = {
        "kind": ReissueKind.ADDRESS_CHANGED, "reason": "Sắp xếp đơn vị hành chính", "issuer": ISSUER,
        "on": "05/05/2026", "place": "Thái Nguyên", "signer_title": "Chủ tịch", "holder": old.recognition.product.facility.name,
        "holder_address": "Tổ 4, phường Tích Lương", "product": old.recognition.product.name,
    }  # fmt: skip
    assert desk.get(f"{change(old)}cap-lai/").status_code == 200
    answer = desk.post(f"{change(old)}cap-lai/", form)
    new = Certificate.objects.get(supersedes=old)
    assert (answer.status_code, answer["Location"]) == (302, f"{change(new)}change/")
    assert new.content["holder_address"] == "Tổ 4, phường Tích Lương"
    text = desk.get(answer["Location"]).content.decode()
    assert "Đã thay từ 05/05/2026. Sắp xếp đơn vị hành chính" in text
    assert "004/GCN-CNNTTB" in text
    again = desk.post(f"{change(new)}cap-lai/", form)
    assert again.status_code == 400
    assert "Tên và địa chỉ vẫn như bản trước." in again.content.decode()


def test_who_only_reads_issues_nothing_again(client, hall):
    client.force_login(hall.leader, backend=BACKEND)
    assert client.get(f"{change(hall.papers[0])}cap-lai/").status_code == 403


def test_it_is_printed_from_its_page_and_that_is_an_act(desk, hall):
    pages = pages_of(desk.get(f"{change(hall.papers[0])}giay.pdf?tieng=en"))
    assert "Certificate" in pages[0]
    assert AuditEntry.objects.filter(action="certificate.print").count() == 1


# --- books ------------------------------------------------------------------------------------------------------


def test_a_book_begun_on_paper_is_entered_by_an_officer(desk, hall):
    form = {
        "issuer": "UBND tỉnh Thái Nguyên", "year": 2026, "territory": hall.territory.pk,
        "pattern": "{number:03d}/GCN-CNNTTB", "paper_number": 57, "reason": "Sổ giấy đến số 57",
    }  # fmt: skip
    assert desk.post("/quan-tri/products/certificatebook/add/", form).status_code == 302
    book = CertificateBook.objects.get()
    assert (book.issuer, book.last_number) == (ISSUER, 57)
    again = desk.post("/quan-tri/products/certificatebook/add/", form)
    assert "Sổ này đã đến số 57." in again.content.decode()
    desk.post(f"/quan-tri/products/certificatebook/{book.pk}/change/", {"pattern": "{number}/GCN"})
    book.refresh_from_db()
    assert book.pattern == "{number}/GCN"
    desk.post(hall.page, hall.terms(pattern="{number}/GCN"))
    assert numbers(hall.papers) == ["58/GCN", "59/GCN", "60/GCN"]
    late = desk.post(f"/quan-tri/products/certificatebook/{book.pk}/change/", {"pattern": "{number}/X"})
    assert "đã cấp số theo mẫu" in late.content.decode()


# --- the facility's own copy --------------------------------------------------------------------------------------


def own(paper):
    return f"/ho-so-cua-toi/giay-chung-nhan/{paper.code}.pdf"


def test_a_facility_takes_its_valid_certificate_with_it(desk, hall, client):
    desk.post(hall.page, hall.terms())
    paper = hall.papers[0]
    maker = factories.RepresentativeFactory(facility=paper.recognition.product.facility).user
    client.force_login(maker, backend=BACKEND)
    pages = pages_of(client.get(own(paper)))
    assert "Bản điện tử để tra cứu." in pages[0]
    assert "Certificate" in pages_of(client.get(f"{own(paper)}?tieng=en"))[0]
    assert AuditEntry.objects.filter(action="certificate.own_copy").count() == 1
    assert client.get(own(hall.papers[1])).status_code == 404
    facility = paper.recognition.product.facility
    kit = reverse("packaging_product", args=[facility.uuid, paper.recognition.uuid])
    for page in (reverse("my_facility"), kit):
        assert f'href="{reverse("own_certificate", args=[paper.code])}"' in client.get(page).content.decode()


def test_what_is_not_valid_or_not_numbered_is_not_handed_out(client, hall):
    paper = hall.papers[0]
    maker = factories.RepresentativeFactory(facility=paper.recognition.product.facility).user
    client.force_login(maker, backend=BACKEND)
    answer = client.get(own(paper))
    assert answer.status_code == 403
    assert "đã có số và còn hiệu lực" in answer.content.decode()
    assert reverse("own_certificate", args=[paper.code]) not in client.get(reverse("my_facility")).content.decode()
