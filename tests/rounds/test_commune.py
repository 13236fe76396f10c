""" "Việc của xã": what a commune's officer sees and does, and only for the own commune."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.accounts.enums import Role
from portal.notices.models import Notice
from rounds.enums import Addressee, DocumentKind, DocumentState, DossierState, Origin
from rounds.models import CommuneReturn, Dossier, DossierDocument, SupplementRequest
from tests import factories

from .helpers import AFTER, NOON, receiving_round

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def at(time_machine, settings, tmp_path):
    time_machine.move_to(NOON, tick=False)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def commune(province):
    return factories.CommuneFactory(territory=province, name="Tân Cương")


@pytest.fixture
def person(province, commune):
    return factories.staff(Role.COMMUNE_OFFICER, province, commune=commune)


@pytest.fixture
def site(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def round_(province, officer):
    return receiving_round(province, officer)


@pytest.fixture
def facility(province, commune):
    return factories.FacilityFactory(territory=province, commune=commune, name="Hợp tác xã Chè Mẫu")


def dossier_of(round_, facility, **more):
    return factories.DossierFactory(
        round=round_, product=factories.ProductFactory(facility=facility), **{"state": DossierState.SUBMITTED, **more}
    )


def home(site, commune):
    response = site.get(f"/viec-cua-xa/{commune.pk}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- whose page -----------------------------------------------------------------------------------------------


def test_the_entrance_leads_to_the_own_commune(site, commune):
    assert site.get("/viec-cua-xa/").url == f"/viec-cua-xa/{commune.pk}/"


def test_logging_in_leads_a_communes_officer_there(site):
    assert site.get("/vao-viec/").url == "/viec-cua-xa/"


def test_another_commune_does_not_exist(site, province):
    other = factories.CommuneFactory(territory=province)
    assert site.get(f"/viec-cua-xa/{other.pk}/").status_code == 404


def test_who_is_no_communes_officer_finds_no_such_page(client, commune, officer):
    client.force_login(officer)
    assert client.get("/viec-cua-xa/").status_code == 404
    assert client.get(f"/viec-cua-xa/{commune.pk}/").status_code == 404


def test_an_ended_grant_opens_nothing(site, person, commune):
    person.grants.update(valid_to=NOON.date() - dt.timedelta(days=1))
    assert site.get(f"/viec-cua-xa/{commune.pk}/").status_code == 404


def test_who_serves_two_communes_changes_between_them(site, person, province, commune):
    second = factories.CommuneFactory(territory=province, name="An Khánh")
    factories.GrantFactory(user=person, role=Role.COMMUNE_OFFICER, territory=province, commune=second)
    said = home(site, commune)
    assert f'href="/viec-cua-xa/{second.pk}/"' in said
    assert str(commune) in home(site, commune)
    assert str(second) in home(site, second)


# --- what is due --------------------------------------------------------------------------------------------------


def test_an_empty_page_says_what_will_come(site, commune):
    said = home(site, commune)
    for fact in (
        "Xã không nợ giấy tờ nào.",
        "Không có kỳ bình chọn nào đang nhận hồ sơ.",
        "Chưa có hồ sơ nào của cơ sở trong xã.",
        "Không có giấy chứng nhận nào hết hiệu lực trong sáu tháng tới.",
    ):
        assert fact in said


def test_an_open_round_is_shown_with_the_working_days_left(site, commune, round_):
    said = home(site, commune)
    assert round_.title in said
    assert "26/11/2026" in said  # a Saturday to a Thursday, with 24/11, the Day of Vietnamese Culture, between
    assert "còn 3 ngày làm việc" in said
    assert "Báo cáo không có" in said


def test_a_round_closed_at_midnight_ends_the_day_before(site, commune, round_):
    type(round_).objects.update(receiving_until=dt.datetime(2026, 11, 26, tzinfo=NOON.tzinfo))
    assert "25/11/2026" in home(site, commune)


def test_a_round_of_another_commune_is_not_shown(site, commune, round_):
    type(round_).objects.update(level="commune", locality="Xã Đại Phúc")
    assert round_.title not in home(site, commune)
    type(round_).objects.update(locality="xã Tân Cương")
    assert "còn 3 ngày làm việc" in home(site, commune)


def ask(dossier, officer, addressee=Addressee.COMMUNE, words="Công văn đề nghị: chưa có."):
    Dossier.objects.filter(pk=dossier.pk).update(state=DossierState.NEEDS_SUPPLEMENT)
    return SupplementRequest.objects.create(
        dossier=dossier,
        addressee=addressee,
        words=words,
        until=NOON + dt.timedelta(days=3),
        requested_at=NOON,
        requested_by=officer,
    )


def test_what_the_commune_was_asked_for_is_owed(site, commune, round_, facility, officer):
    dossier = dossier_of(round_, facility)
    ask(dossier, officer)
    said = home(site, commune)
    assert f"Bổ sung hồ sơ “{dossier.product.name}”" in said
    assert "Công văn đề nghị: chưa có." in said
    assert "còn 1 ngày làm việc" in said


def test_what_the_facility_was_asked_for_is_not_the_communes(site, commune, round_, facility, officer):
    ask(dossier_of(round_, facility), officer, addressee=Addressee.FACILITY, words="Ảnh mặt bên: chưa có.")
    assert "Xã không nợ giấy tờ nào." in home(site, commune)


@pytest.mark.parametrize(
    ("origin", "paper", "owed"),
    [
        (Origin.COMMUNE, None, True),
        (Origin.COMMUNE, DocumentState.NEEDS_FIX, True),
        (Origin.COMMUNE, DocumentState.RECEIVED, False),
        (Origin.ONLINE, None, False),
    ],
)
def test_a_missing_authorisation_is_owed(*, site, commune, round_, facility, origin, paper, owed):
    dossier = dossier_of(round_, facility, origin=origin, state=DossierState.DRAFT, entry_code="", submitted_at=None)
    if paper:
        DossierDocument.objects.create(
            dossier=dossier, kind=DocumentKind.AUTHORISATION, on_paper=True, state=paper, remark="Thiếu chữ ký."
        )
    said = home(site, commune)
    assert (f"Gửi giấy ủy quyền của hồ sơ “{dossier.product.name}”" in said) is owed
    assert ("Thiếu chữ ký." in said) is (paper == DocumentState.NEEDS_FIX)


@pytest.mark.parametrize(("days", "near"), [(3, True), (-2, True), (20, False)])
def test_dates_of_the_public_service_portal_are_shown_and_come_near(*, site, commune, round_, facility, days, near):
    due = NOON.date() + dt.timedelta(days=days)
    dossier = dossier_of(
        round_,
        facility,
        public_service_code="H37.01-261110-0004",
        public_service_received_on=dt.date(2026, 11, 10),
        public_service_due_on=due,
    )
    said = home(site, commune)
    assert f"mã H37.01-261110-0004, tiếp nhận 10/11/2026, hẹn trả {due:%d/%m/%Y}" in said
    assert (f"Cổng dịch vụ công hẹn trả hồ sơ “{dossier.product.name}”" in said) is near


def test_only_dossiers_of_the_communes_facilities_are_listed(site, commune, round_, facility):
    own, other = dossier_of(round_, facility), factories.DossierFactory(round=round_)
    gone = dossier_of(round_, facility, state=DossierState.WITHDRAWN)
    said = home(site, commune)
    assert own.product.name in said
    assert other.product.name not in said
    assert gone.product.name not in said


@pytest.mark.parametrize(("days", "shown"), [(0, True), (180, True), (181, False), (-1, False)])
def test_recognitions_that_end_within_half_a_year_are_named(site, commune, facility, days, shown):
    product = factories.ProductFactory(facility=facility)
    factories.RecognitionFactory(product=product, expires_on=NOON.date() + dt.timedelta(days=days))
    assert (product.name in home(site, commune)) is shown


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_page_costs_the_same_for_any_number(
    *, site, commune, round_, facility, officer, django_assert_num_queries, number
):
    for _each in range(number):
        ask(dossier_of(round_, facility, origin=Origin.COMMUNE), officer)
        factories.RecognitionFactory(
            product=factories.ProductFactory(facility=facility), expires_on=NOON.date() + dt.timedelta(days=9)
        )
    home(site, commune)  # the register of provinces is kept from here on
    with django_assert_num_queries(16):
        home(site, commune)


# --- reporting none -------------------------------------------------------------------------------------------------


def nothing(commune, round_):
    return f"/viec-cua-xa/{commune.pk}/khong-co/{round_.uuid}/"


def test_nothing_is_reported_with_a_note_and_taken_back(site, commune, round_):
    assert site.get(nothing(commune, round_)).status_code == 200
    said = site.post(nothing(commune, round_), {"note": "Đã hỏi cả xã."}, follow=True).content.decode()
    assert "Đã báo cáo không có" in said
    assert "Đã hỏi cả xã." in said
    said = site.post(f"{nothing(commune, round_)}rut/", follow=True).content.decode()
    assert "Đã rút báo cáo không có." in said
    assert not CommuneReturn.objects.exists()


def test_after_the_deadline_the_note_stays_and_the_sentence_says_why(site, person, commune, round_, time_machine):
    time_machine.move_to(AFTER)
    site.force_login(person)
    response = site.post(nothing(commune, round_), {"note": "Đã hỏi cả xã."})
    assert response.status_code == 409
    said = response.content.decode()
    assert "đã hết hạn nhận hồ sơ" in said
    assert "Đã hỏi cả xã." in said
    assert "Kỳ bình chọn không còn nhận hồ sơ" in site.get(nothing(commune, round_)).content.decode()


def test_too_long_a_note_is_refused_in_words(site, commune, round_):
    response = site.post(nothing(commune, round_), {"note": "x" * 301})
    assert response.status_code == 400
    assert not CommuneReturn.objects.exists()


# --- filing for a facility -------------------------------------------------------------------------------------------


def test_a_facility_is_found_by_a_part_of_its_name(site, commune, round_, facility, province):
    factories.FacilityFactory(territory=province, commune=commune, name="Cơ sở Mây tre Mẫu")
    factories.FacilityFactory(territory=province, name="Hợp tác xã Chè Nơi Khác")
    said = site.get(f"/viec-cua-xa/{commune.pk}/nop-thay/", {"q": "che mau"}).content.decode()
    assert "Hợp tác xã Chè Mẫu" in said
    assert "Mây tre" not in said
    assert "Nơi Khác" not in said


def test_what_is_not_found_can_be_asked_for(site, commune, round_):
    said = site.get(f"/viec-cua-xa/{commune.pk}/nop-thay/", {"q": "Gốm"}).content.decode()
    assert "Trong xã không có cơ sở nào khớp “Gốm”." in said
    assert f"/viec-cua-xa/{commune.pk}/xin-ghi-co-so/?ten=G%E1%BB%91m" in said


@pytest.mark.parametrize("number", [1, 3, 50])
def test_choosing_costs_the_same_for_any_number(*, site, commune, round_, province, django_assert_num_queries, number):
    for _each in range(number):
        factories.FacilityFactory(territory=province, commune=commune)
    site.get(f"/viec-cua-xa/{commune.pk}/nop-thay/")
    with django_assert_num_queries(10):
        site.get(f"/viec-cua-xa/{commune.pk}/nop-thay/")


def file_path(commune, facility):
    return f"/viec-cua-xa/{commune.pk}/nop-thay/{facility.uuid}/"


def filled(round_, **more):
    return {"round": str(round_.uuid), "product": "moi", "name": "Chè tôm nõn", "group": "processing", **more}


def test_a_dossier_is_opened_with_the_authorisation_in_a_file(site, commune, round_, facility, person):
    paper = SimpleUploadedFile("uy-quyen.pdf", PDF)
    response = site.post(file_path(commune, facility), filled(round_, authorisation=paper))
    dossier = Dossier.objects.get()
    assert response.url == f"/ho-so-cua-toi/{dossier.uuid}/thuyet-minh/"
    assert (dossier.origin, dossier.filed_by, dossier.state) == (Origin.COMMUNE, person, DossierState.DRAFT)
    document = dossier.documents.get()
    assert (document.kind, document.on_paper, document.file is not None) == (DocumentKind.AUTHORISATION, False, True)


def test_the_authorisation_may_be_on_paper(site, commune, round_, facility):
    product = factories.ProductFactory(facility=facility)
    site.post(file_path(commune, facility), {"round": str(round_.uuid), "product": str(product.uuid), "on_paper": "on"})
    dossier = Dossier.objects.get()
    assert (dossier.product, dossier.documents.get().on_paper) == (product, True)


def test_without_an_authorisation_nothing_is_opened_and_nothing_typed_is_lost(site, commune, round_, facility):
    response = site.post(file_path(commune, facility), filled(round_))
    assert response.status_code == 400
    said = response.content.decode()
    assert "Xã nộp thay cần giấy ủy quyền của cơ sở." in said
    assert 'value="Chè tôm nõn"' in said
    assert not Dossier.objects.exists()


def test_a_program_renamed_is_refused_and_nothing_is_opened(site, commune, round_, facility):
    paper = SimpleUploadedFile("uy-quyen.pdf", b"MZ\x90\x00 not a paper")
    response = site.post(file_path(commune, facility), filled(round_, authorisation=paper))
    assert response.status_code == 400
    assert "Tệp này không phải là ảnh hay PDF." in response.content.decode()
    assert not Dossier.objects.exists()


def test_a_facility_of_another_commune_does_not_exist_here(site, commune, round_, province):
    other = factories.FacilityFactory(territory=province, commune=factories.CommuneFactory(territory=province))
    assert site.get(file_path(commune, other)).status_code == 404


def test_a_product_already_entered_is_not_offered_again(site, commune, round_, facility):
    dossier = dossier_of(round_, facility)
    fresh = factories.ProductFactory(facility=facility)
    said = site.get(file_path(commune, facility)).content.decode()
    assert str(fresh.uuid) in said
    assert str(dossier.product.uuid) not in said


def test_without_an_open_round_the_page_says_so(site, commune, facility):
    said = site.get(file_path(commune, facility)).content.decode()
    assert "Lúc này không có kỳ bình chọn nào nhận hồ sơ." in said


# --- asking for a facility ---------------------------------------------------------------------------------------------


def test_the_officers_of_the_province_are_asked_to_enter_a_facility(site, commune, officer, other_province):
    factories.staff(Role.OFFICER, other_province)
    told = {"name": "Cơ sở Gốm Mẫu", "kind": "household", "address": "Xóm 3", "phone": "0912345678"}
    said = site.post(f"/viec-cua-xa/{commune.pk}/xin-ghi-co-so/", told, follow=True).content.decode()
    assert "Đã gửi đề nghị đến 1 cán bộ Sở Công Thương." in said
    notice = Notice.objects.get()
    assert (notice.user, notice.title) == (officer, f"{commune} đề nghị ghi thêm cơ sở: Cơ sở Gốm Mẫu")
    assert "Xóm 3" in notice.body
    again = site.post(f"/viec-cua-xa/{commune.pk}/xin-ghi-co-so/", told, follow=True).content.decode()
    assert "Sở đã nhận được đề nghị này hôm nay." in again
    assert Notice.objects.count() == 1


def test_a_facility_without_a_name_is_not_asked_for(site, commune, officer):
    response = site.post(f"/viec-cua-xa/{commune.pk}/xin-ghi-co-so/", {"name": " ", "kind": "household"})
    assert response.status_code == 400
    assert not Notice.objects.exists()
