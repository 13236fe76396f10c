"""The one-screen page of a dossier: every act, its refusals in words, and nothing typed lost."""

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.accounts.enums import Role
from products.models import SetMember
from rounds import reference_data
from rounds.dossier_files import guess
from rounds.enums import Addressee, DocumentKind, DossierState
from rounds.models import Dossier, EligibilityAnswer, EligibilityRule
from rounds.services import dossiers
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db
D = DossierState
REQUIRED = ("registration_form", "business_registration", "statement", "photo_front", "photo_side", "photo_top")


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def at(time_machine):
    return lambda moment: time_machine.move_to(moment, tick=False)


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def dossier(province, officer):
    return helpers.submitted(helpers.receiving_round(province, officer), officer)


def page(dossier):
    return reverse("admin:rounds_dossier_change", args=[dossier.pk])


def text(response):
    return response.content.decode()


def photo(width=1800, height=1200, name="anh.jpg"):
    buffer = BytesIO()
    Image.new("RGB", (width, height), "#75875a").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def pdf(name):
    return SimpleUploadedFile(name, b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n", "application/pdf")


def act(client, dossier, what, *, target=0, revision=None, **data):
    """POST of one act, with the fields of its form."""
    prefix = f"{what}-{target}" if target else what
    body = {"act": what, **{f"{prefix}-{key}": value for key, value in data.items()}}
    body |= {"target": target} if target else {}
    body |= {"revision": revision} if revision is not None else {}
    return client.post(reverse("admin:rounds_dossier_act", args=[dossier.pk]), body)


def send_files(client, dossier, **data):
    return client.post(reverse("admin:rounds_dossier_files", args=[dossier.pk]), data)


def rural():
    return EligibilityRule.objects.create(
        code="rural_area",
        kind="answered",
        sentence="Cơ sở sản xuất tại địa bàn nông thôn.",
        failure="Cơ sở không sản xuất tại địa bàn nông thôn.",
        legal_basis="TT 26/2014/TT-BCT, Điều 4",
        is_certain=False,
    )


# --- the road ------------------------------------------------------------------------------------------------


def test_a_dossier_goes_from_draft_to_eligible_on_its_page(desk, province, officer):
    rule = rural()
    round_ = helpers.receiving_round(province, officer)
    dossier = dossiers.create_dossier(round_=round_, product=helpers.product_of(province), actor=officer, now=NOON)
    assert act(desk, dossier, "submit", received_on="2026-11-20").status_code == 302
    body = text(desk.get(page(dossier)))
    assert "<b>0</b> trên 7 giấy tờ đã đủ" in body
    assert "Cơ sở còn nợ." in body
    assert "Đơn vị tổ chức bình chọn cấp dưới còn nợ. Điều 12" in body
    assert act(desk, dossier, "papers", kinds=[*REQUIRED[:3], "cover_letter"]).status_code == 302
    for kind in REQUIRED[3:]:
        assert act(desk, dossier, "add_document", kind=kind, file=photo()).status_code == 302
    assert "<b>7</b> trên 7 giấy tờ đã đủ" in text(desk.get(page(dossier)))
    answers = {f"answer_{rule.pk}": "met", f"reason_{rule.pk}": "Xưởng ở xã."}
    assert act(desk, dossier, "answers", **answers).status_code == 302
    assert act(desk, dossier, "admit").status_code == 302
    dossier.refresh_from_db()
    assert (dossier.state, dossier.entry_code, dossier.checked_by) == (D.ELIGIBLE, "001", officer)


def test_the_page_says_why_it_cannot_be_admitted_yet(desk, dossier):
    rural()
    body = text(desk.get(page(dossier)))
    assert "Còn 8 điều phải xong trước" in body
    assert "Chưa rõ: Cơ sở sản xuất tại địa bàn nông thôn." in body
    response = act(desk, dossier, "admit", remark="Hồ sơ tốt.")
    assert (response.status_code, "Hồ sơ tốt." in text(response)) == (409, True)
    assert "Phiếu đăng ký (Phụ lục 1): chưa có." in text(response)


def test_a_draft_with_no_way_back_is_told_so(desk, dossier):
    helpers.hand_in_papers(dossier, None)
    act(desk, dossier, "admit")
    response = act(desk, dossier, "submit")
    assert response.status_code == 409
    assert "nên không chuyển sang “Đã nộp” được." in text(response)


@pytest.mark.parametrize("name", ["reject", "withdraw"])
def test_an_act_without_its_reason_is_refused_at_the_reason(name, desk, dossier):
    response = act(desk, dossier, name, reason=" ")
    assert (response.status_code, "Việc này cần lý do. Hãy ghi lý do." in text(response)) == (400, True)


def test_the_reason_of_a_refusal_is_written_from_the_conditions_not_met(desk, dossier):
    rule = rural()
    act(desk, dossier, "answers", **{f"answer_{rule.pk}": "not_met", f"reason_{rule.pk}": "Xưởng ở phường nội đô."})
    body = text(desk.get(page(dossier)))
    assert "Cơ sở không sản xuất tại địa bàn nông thôn. Xưởng ở phường nội đô. (TT 26/2014/TT-BCT, Điều 4)" in body


def test_an_unknown_act_is_400(desk, dossier):
    response = desk.post(reverse("admin:rounds_dossier_act", args=[dossier.pk]), {"act": "<x>"})
    assert (response.status_code, "Không có việc này." in text(response)) == (400, True)


# --- papers --------------------------------------------------------------------------------------------------


def test_several_files_are_received_first_and_written_once_each_has_a_kind(desk, dossier):
    uploads = [pdf("Phieu dang ky.pdf"), photo(name="chinh dien.jpg"), pdf("scan 0001.pdf")]
    received = send_files(desk, dossier, files=uploads)
    rows = received.context["files"].rows
    assert (received.status_code, [row.kind for row in rows]) == (200, ["registration_form", "photo_front", ""])
    assert dossier.documents.count() == 0
    named = {
        "file_token": [row.token for row in rows],
        "file_name": [row.name for row in rows],
        "file_kind": ["registration_form", "photo_front", ""],
    }
    asked = send_files(desk, dossier, **named)
    assert (asked.status_code, dossier.documents.count()) == (400, 0)
    assert "Hãy chọn loại giấy tờ cho từng tệp" in text(asked)
    assert (
        send_files(desk, dossier, **{**named, "file_kind": ["registration_form", "photo_front", "-"]}).status_code
        == 302
    )
    assert {document.kind for document in dossier.documents.all()} == {"registration_form", "photo_front"}


def test_bad_files_are_named_and_the_good_ones_are_kept(desk, dossier):
    svg = SimpleUploadedFile("ban-ve.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/jpeg")
    heavy = SimpleUploadedFile("anh-nang.jpg", b"\xff\xd8\xff" + b"0" * (40 * 1024 * 1024), "image/jpeg")
    response = send_files(desk, dossier, files=[svg, heavy, photo(name="mat ben.jpg")])
    body = text(response)
    assert response.status_code == 400
    assert "<b>ban-ve.jpg</b>: Tệp này không thuộc loại nhận được." in body
    assert "<b>anh-nang.jpg</b>: " in body
    assert "nặng hơn" in body
    assert [row.name for row in response.context["files"].rows] == ["mat ben.jpg"]


def test_a_document_given_as_a_photo_is_refused_at_its_row_and_nothing_is_written(desk, dossier):
    received = send_files(desk, dossier, files=[pdf("a.pdf"), pdf("b.pdf")])
    rows = received.context["files"].rows
    response = send_files(
        desk,
        dossier,
        file_token=[row.token for row in rows],
        file_name=["a.pdf", "b.pdf"],
        file_kind=["statement", "photo_top"],
    )
    assert (response.status_code, dossier.documents.count()) == (400, 0)
    assert [bool(row.error) for row in response.context["files"].rows] == [False, True]


def test_tokens_of_nobody_are_passed_over(desk, dossier):
    response = send_files(desk, dossier, file_token=["gia"], file_name=["a"], file_kind=["statement"])
    assert (response.status_code, dossier.documents.count()) == (400, 0)


@pytest.mark.parametrize(
    "name,kind",
    [
        ("Phiếu_đăng_ký.pdf", "registration_form"),
        ("GPKD-dang ky doanh nghiep.pdf", "business_registration"),
        ("bản thuyết minh SP.docx", "statement"),
        ("Ảnh mặt bên.JPG", "photo_side"),
        ("IMG_2301.jpg", ""),
    ],
)
def test_the_kind_of_a_file_is_guessed_from_its_name(name, kind):
    assert guess(name) == kind


def test_a_photo_that_is_no_photo_is_refused_at_the_file_and_says_what_to_choose_again(desk, dossier):
    fake = SimpleUploadedFile("anh.jpg", b"khong phai anh", "image/jpeg")
    response = act(desk, dossier, "add_document", kind="photo_top", file=fake, title="Ảnh trên")
    assert response.status_code == 400
    assert "Tệp này không phải là ảnh." in text(response)
    assert 'value="Ảnh trên"' in text(response)
    assert "Hãy chọn lại: anh.jpg." in text(response)
    assert dossier.documents.count() == 0


def test_a_small_photo_only_warns(desk, dossier):
    act(desk, dossier, "add_document", kind="photo_top", file=photo(900, 640))
    response = desk.get(page(dossier))
    assert "Ảnh từ trên xuống 900 × 640 điểm, in ra nhỏ hơn 10 × 15 cm." in text(response)
    assert response.context["done"] == 1


def test_a_paper_is_marked_and_the_letter_repeats_it(desk, dossier, officer):
    helpers.hand_in_papers(dossier, officer)
    document = dossier.documents.get(kind=DocumentKind.STATEMENT)
    assert act(desk, dossier, "needs_fix", target=document.pk, remark="Thiếu trang 2.").status_code == 302
    letter = desk.get(page(dossier)).context["acts"]["request_supplement"].form.initial["words_facility"]
    assert letter == "Bản thuyết minh sản phẩm (Phụ lục 2), Điều 12 khoản 1 điểm b, Phụ lục 2 cần sửa: Thiếu trang 2."
    assert act(desk, dossier, "received", target=document.pk).status_code == 302
    document.refresh_from_db()
    assert document.state == "received"


def test_a_mark_without_words_is_refused_at_its_row(desk, dossier, officer):
    helpers.hand_in_papers(dossier, officer)
    document = dossier.documents.get(kind=DocumentKind.STATEMENT)
    response = act(desk, dossier, "needs_fix", target=document.pk, remark="")
    assert (response.status_code, "Hãy ghi điều cần sửa." in text(response)) == (400, True)


def test_files_are_served_to_those_who_see_the_dossier_only(desk, client, dossier, other_province):
    act(desk, dossier, "add_document", kind="photo_top", file=photo())
    address = reverse("admin:rounds_dossier_document", args=[dossier.pk, dossier.documents.get().pk])
    served = desk.get(address)
    assert (served.status_code, served["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(served.streaming_content).startswith(b"\xff\xd8")
    client.force_login(factories.staff(Role.OFFICER, other_province))
    assert client.get(address).status_code == 404


def test_earlier_papers_are_offered_with_what_changed_and_reused(desk, province, officer):
    earlier = helpers.receiving_round(province, officer)
    product = helpers.product_of(province)
    old = dossiers.submit(
        dossier=dossiers.create_dossier(round_=earlier, product=product, actor=officer, now=NOON),
        actor=officer,
        now=NOON,
    )
    act(desk, old, "add_document", kind="business_registration", file=pdf("dkkd.pdf"))
    now = helpers.receiving_round(province, officer, ordinal=2)
    new = dossiers.create_dossier(round_=now, product=product, actor=officer, now=NOON)
    body = text(desk.get(page(new)))
    assert "Dùng lại giấy tờ kỳ trước" in body
    paper = old.documents.get()
    response = desk.post(reverse("admin:rounds_dossier_act", args=[new.pk]), {"act": "reuse", "documents": [paper.pk]})
    assert response.status_code == 302
    assert new.documents.get().reused_from == paper
    nothing = desk.post(reverse("admin:rounds_dossier_act", args=[new.pk]), {"act": "reuse"})
    assert (nothing.status_code, "Hãy đánh dấu ít nhất một giấy tờ." in text(nothing)) == (400, True)


# --- requests ------------------------------------------------------------------------------------------------


def ask(client, dossier, **words):
    return act(client, dossier, "request_supplement", until="2026-11-30T17:00", **words)


def test_each_addressee_gets_its_own_request_in_words_that_may_be_edited(desk, dossier):
    body = text(desk.get(page(dossier)))
    assert "Gửi đơn vị tổ chức bình chọn cấp dưới" in body
    ask(desk, dossier, words_facility="Gửi ảnh mặt bên.", words_lower_authority="Gửi công văn.", words_commune="")
    asked = {one.addressee: one.words for one in dossier.requests.all()}
    assert asked == {Addressee.FACILITY: "Gửi ảnh mặt bên.", Addressee.LOWER_AUTHORITY: "Gửi công văn."}
    dossier.refresh_from_db()
    assert dossier.state == D.NEEDS_SUPPLEMENT


def test_a_request_is_taken_back_with_a_reason(desk, dossier):
    ask(desk, dossier, words_facility="Gửi ảnh mặt bên.")
    asked = dossier.requests.get()
    assert act(desk, dossier, "withdraw_request", target=asked.pk, reason="Ảnh đã có.").status_code == 302
    dossier.refresh_from_db()
    assert dossier.state == D.SUBMITTED


def test_a_day_that_is_none_is_told_with_an_example_and_the_letter_stays(desk, dossier):
    response = act(desk, dossier, "request_supplement", until="mai", words_facility="Thêm ảnh mặt bên.")
    assert "Ngày giờ chưa đúng. Hãy nhập như 21/11/2026 17:00." in text(response)
    assert "Thêm ảnh mặt bên.</textarea>" in text(response)


def test_a_late_supplement_needs_a_leaders_reason(  # noqa: PLR0917
    client, desk, dossier, officer, leader, at
):
    ask(desk, dossier, words_facility="Gửi ảnh.")
    at(NOON + dt.timedelta(days=10))
    client.force_login(officer)
    refused = act(desk, dossier, "resubmit")
    assert (refused.status_code, "Lãnh đạo có thể cho nhận sau hạn kèm lý do" in text(refused)) == (409, True)
    assert "viec-accept_late" not in text(refused)
    assert act(desk, dossier, "accept_late", reason="Bão.").status_code == 403
    client.force_login(leader)
    assert "viec-accept_late" in text(client.get(page(dossier)))
    assert act(client, dossier, "accept_late", reason="Xã bị ngập, đường tắc.").status_code == 302
    assert act(client, dossier, "resubmit").status_code == 302


# --- conditions ----------------------------------------------------------------------------------------------


def test_one_ground_serves_all_conditions_that_have_none_of_their_own(desk, dossier):
    reference_data.load()
    body = text(desk.get(page(dossier)))
    for words in ("TT 26/2014/TT-BCT, Điều 4", "Cổng tự kiểm tra.", "chưa có văn bản nói rõ"):
        assert words in body
    asked = EligibilityRule.objects.filter(kind="answered")
    data = {f"answer_{rule.pk}": "met" for rule in asked} | {"common": "Kiểm tra tại xưởng ngày 20/11/2026."}
    assert act(desk, dossier, "answers", **data).status_code == 302
    assert set(EligibilityAnswer.objects.values_list("reason", flat=True)) == {"Kiểm tra tại xưởng ngày 20/11/2026."}


def test_an_answer_without_its_ground_is_refused_and_the_others_stay_typed(desk, dossier):
    first, second = (
        rural(),
        EligibilityRule.objects.create(
            code="own", kind="answered", sentence="Do cơ sở sản xuất.", failure="Không.", legal_basis="Điều 4"
        ),
    )
    data = {f"answer_{first.pk}": "met", f"answer_{second.pk}": "met", f"reason_{second.pk}": "Xem xưởng."}
    response = act(desk, dossier, "answers", **data)
    assert (response.status_code, EligibilityAnswer.objects.count()) == (400, 0)
    assert "Hãy ghi căn cứ của câu trả lời." in text(response)
    assert 'value="Xem xưởng."' in text(response)


# --- facts in place, and two people at once ------------------------------------------------------------------


def facility_facts(facility, **changes):
    facts = {"name": facility.name, "kind": facility.kind, "tax_code": "", "commune": "", "address_today": ""}
    return {**facts, **changes}


def test_facility_and_product_are_corrected_in_place(desk, province, officer):
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    facility, product = dossier.product.facility, dossier.product
    commune = factories.CommuneFactory(territory=province)
    facts = facility_facts(facility, commune=commune.pk, address_today="Xóm 3")
    assert act(desk, dossier, "facility", **facts).status_code == 302
    assert act(desk, dossier, "product", name="Chè Tân Cương", group="other", materials="Chè").status_code == 302
    facility.refresh_from_db()
    product.refresh_from_db()
    assert (facility.commune, facility.address_today) == (commune, "Xóm 3")
    assert (product.name, product.group, product.materials) == ("Chè Tân Cương", "other", "Chè")


def test_members_of_a_set_are_added_renamed_and_dropped(desk, province, officer):
    round_ = helpers.receiving_round(province, officer)
    product = helpers.product_of(province, is_set=True)
    kept = SetMember.objects.create(product_set=product, name="Bàn mây", position=0)
    SetMember.objects.create(product_set=product, name="Ghế cũ", position=1)
    dossier = dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON)
    body = {"act": "product", "product-name": product.name, "product-group": product.group}
    address = reverse("admin:rounds_dossier_act", args=[dossier.pk])
    assert desk.post(address, {**body, "members": ["Ghế mây", "", "Bàn mây"]}).status_code == 302
    assert [member.name for member in product.members.all()] == ["Ghế mây", "Bàn mây"]
    assert product.members.get(name="Bàn mây").pk == kept.pk
    refused = desk.post(address, {**body, "members": ["", ""], "product-materials": "Mây tắt"})
    assert (refused.status_code, product.members.count()) == (400, 2)
    assert 'value="Mây tắt"' in text(refused)


def test_the_taken_tax_code_is_refused_at_its_field(desk, dossier):
    other = factories.FacilityFactory(territory=dossier.round.territory, name="Cơ sở khác", tax_code="0100109106")
    facility = dossier.product.facility
    response = act(desk, dossier, "facility", **facility_facts(facility, tax_code=other.tax_code))
    assert response.status_code == 400
    assert "Mã số thuế này là của Cơ sở khác" in text(response)


def test_two_officers_saving_the_same_statement_the_second_sees_what_the_first_wrote(desk, dossier, province):
    dossier.refresh_from_db()
    seen = dossier.revision
    colleague = factories.staff(Role.OFFICER, province)
    dossiers.update_dossier(dossier=dossier, actor=colleague, statement_market="Bán ở ba tỉnh.")
    response = act(desk, dossier, "update", revision=seen, statement_market="Xuất khẩu sang Nhật.")
    body = text(response)
    assert response.status_code == 409
    assert f"{colleague} đã sửa hồ sơ này lúc 12:00" in body
    assert "Xuất khẩu sang Nhật.</textarea>" in body
    assert "<dd>Bán ở ba tỉnh.</dd>" in body
    dossier.refresh_from_db()
    assert dossier.statement_market == "Bán ở ba tỉnh."
    assert act(desk, dossier, "update", revision=dossier.revision, statement_market="Xuất khẩu.").status_code == 302


def test_two_officers_saving_the_same_facility_the_second_is_told(desk, dossier, province, at):
    from facilities.services import update_facility

    facility = dossier.product.facility
    facility.refresh_from_db()
    seen = str(facility.updated_at.timestamp())
    at(NOON + dt.timedelta(minutes=5))
    update_facility(facility=facility, actor=factories.staff(Role.OFFICER, province), address_today="Xóm 9")
    response = act(desk, dossier, "facility", revision=seen, **facility_facts(facility, address_today="Xóm 1"))
    assert response.status_code == 409
    assert "Sửa địa chỉ hiện nay của cơ sở" in text(response)
    assert "<dd>Xóm 9</dd>" in text(response)
    assert 'value="Xóm 1"' in text(response)


def test_the_public_services_number_is_kept_and_refused_twice(desk, province, officer):
    round_ = helpers.receiving_round(province, officer)
    one, other = (helpers.submitted(round_, officer) for _number in range(2))
    data = {"received_on": "2026-11-20", "public_service_code": "H55-0007"}
    assert act(desk, one, "source", **data).status_code == 302
    refused = act(desk, other, "source", **data)
    assert (refused.status_code, "đã ghi ở một hồ sơ khác của kỳ" in text(refused)) == (400, True)
    assert 'value="H55-0007"' in text(refused)


# --- reach ---------------------------------------------------------------------------------------------------


def test_whoever_declared_a_conflict_does_not_find_the_dossier(desk, dossier, officer):
    factories.ConflictFactory(dossier=dossier, user=officer)
    assert desk.get(page(dossier)).status_code == 404
    assert send_files(desk, dossier, files=[pdf("a.pdf")]).status_code == 404


def test_who_may_not_open_the_register_gets_no_link_to_it(client, desk, dossier):
    rural()
    link = reverse("admin:products_product_change", args=[dossier.product_id])
    assert link in text(desk.get(page(dossier)))
    client.force_login(factories.SeatFactory(round=dossier.round, body="support", role="support_lead").user)
    body = text(client.get(page(dossier)))
    assert (link in body, "viec-facility" in body, "viec-answers" in body) == (False, False, True)


def test_who_logs_in_again_after_sending_an_act_is_led_to_the_dossier(desk, dossier):
    for name in ("act", "files"):
        assert desk.get(reverse(f"admin:rounds_dossier_{name}", args=[dossier.pk])).url == page(dossier)


def test_after_entering_the_next_dossier_is_one_click_away(desk, dossier):
    body = text(desk.get(page(dossier), {"moi": "1"}))
    add = reverse("admin:rounds_dossier_add")
    assert f"{add}?round={dossier.round_id}&amp;facility={dossier.product.facility_id}" in body


def test_the_page_costs_the_same_for_few_and_many_papers_and_dossiers(desk, dossier, officer):
    counts = []
    for total in (1, 3, 50):
        while Dossier.objects.count() < total:
            factories.DossierFactory(
                round=dossier.round, product=factories.ProductFactory(facility=dossier.product.facility)
            )
        while dossier.documents.count() < total:
            dossiers.add_document(dossier=dossier, kind="other", on_paper=True, actor=officer)
        counts.append(_queries(desk, page(dossier)))
    assert len(set(counts)) == 1


def _queries(client, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
