"""The maker's pages: what ends on the facility's page, entering again, answering, and what is marked in the steps."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products.enums import Level, RenewalChoice
from products.models import RenewalAnswer
from products.services import answer_renewal
from rounds.enums import DocumentKind, DossierState
from rounds.models import Dossier
from tests import factories

from .renewal_world import NOW, STATEMENT, earlier_dossier, ending, picture, receiving_round

pytestmark = pytest.mark.django_db
HOME = reverse("my_facility")


@pytest.fixture(autouse=True)
def noon(settings, tmp_path, time_machine):
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province)


@pytest.fixture
def maker(facility):
    return factories.RepresentativeFactory(facility=facility).user


@pytest.fixture
def product(facility):
    return factories.ProductFactory(facility=facility, name="Chè tôm nõn")


@pytest.fixture
def recognition(product):
    return ending(product)


@pytest.fixture
def own(client, maker):
    client.force_login(maker)
    return client


def page(recognition):
    return reverse("renewal", args=[recognition.uuid])


# --- the facility's page ----------------------------------------------------------------------------------------


def test_what_ends_soon_says_what_may_be_printed_and_asks_for_an_answer(own, recognition):
    text = own.get(HOME).content.decode()
    assert "Sắp hết và đã hết hiệu lực" in text
    assert "Được in biểu trưng trên bao bì đến hết ngày 31/12/2026." in text
    assert "Trả lời: có đăng ký kỳ tới không" in text


def test_with_a_round_open_there_is_one_button_into_it(own, recognition, province):
    round_ = receiving_round(province)
    text = own.get(HOME).content.decode()
    assert f"Đăng ký lại: {round_.title}" in text
    assert "Trả lời: có đăng ký kỳ tới không" not in text


def test_with_several_rounds_open_the_maker_chooses(own, recognition, province):
    first, second = receiving_round(province, ordinal=1), receiving_round(province, ordinal=2)
    assert "Chọn kỳ để đăng ký lại" in own.get(HOME).content.decode()
    text = own.get(page(recognition)).content.decode()
    assert f'value="{first.slug}"' in text
    assert f'value="{second.slug}"' in text


@pytest.mark.parametrize(
    "facts",
    [
        {"expires_on": NOW.date() + dt.timedelta(days=181)},
        {"expires_on": NOW.date() - dt.timedelta(days=731)},
        {"revoked_on": NOW.date(), "status_reason": "Vi phạm"},
        {"withdrawn_on": NOW.date(), "status_reason": "Thôi"},
        {"published_at": None},
    ],
)
def test_what_does_not_end_soon_or_stands_no_more_is_not_asked_about(own, product, facts):
    ending(product, **facts)
    assert "Sắp hết và đã hết hiệu lực" not in own.get(HOME).content.decode()


def test_a_newer_recognition_of_the_level_ends_the_question(own, recognition, product):
    ending(product, year=2026, expires_on=dt.date(2028, 12, 31))
    assert "Sắp hết và đã hết hiệu lực" not in own.get(HOME).content.decode()


def test_the_facility_page_costs_the_same_for_1_3_and_50_ends(own, facility, province):
    receiving_round(province)
    costs = []
    for total in (1, 3, 50):
        while facility.products.count() < total:
            recognition = ending(factories.ProductFactory(facility=facility))
            answer_renewal(recognition=recognition, choice="undecided", actor=facility.representatives.get().user,
                           now=NOW, by_maker=True)  # fmt: skip
        own.get(HOME)
        with CaptureQueriesContext(connection) as queries:
            own.get(HOME)
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


# --- entering again ---------------------------------------------------------------------------------------------


def test_one_click_leads_to_the_step_that_is_incomplete(own, recognition, product, province):
    source = earlier_dossier(product, recognition)
    round_ = receiving_round(province)
    source.documents.filter(kind=DocumentKind.PHOTO_TOP).delete()
    answer = own.post(page(recognition), {"act": "enter", "round": round_.slug})
    dossier = Dossier.objects.get(round=round_)
    assert answer.url == reverse("applicant_photos", args=[dossier.uuid])
    again = own.post(page(recognition), {"act": "enter", "round": round_.slug})
    assert again.url == answer.url
    assert Dossier.objects.filter(round=round_).count() == 1
    assert "hồ sơ đang lập" in own.get(page(recognition)).content.decode()


def test_a_complete_copy_leads_to_the_check_with_what_has_not_changed(own, recognition, product, province):
    earlier_dossier(product, recognition)
    round_ = receiving_round(province)
    answer = own.post(page(recognition), {"act": "enter", "round": round_.slug})
    assert answer.url == reverse("applicant_check", args=[Dossier.objects.get(round=round_).uuid])
    text = own.get(answer.url).content.decode()
    assert "Chưa có nội dung nào thay đổi so với hồ sơ trước." in text
    assert "Còn như hồ sơ trước, cần cập nhật số liệu:" in text


def test_the_steps_mark_what_changed_and_what_did_not(own, recognition, product, province):
    earlier_dossier(product, recognition)
    round_ = receiving_round(province)
    own.post(page(recognition), {"act": "enter", "round": round_.slug})
    dossier = Dossier.objects.get(round=round_)
    there = reverse("applicant_statement", args=[dossier.uuid])
    assert own.get(there).content.decode().count("Chưa thay đổi so với hồ sơ trước. Hãy cập nhật số liệu.") == 3
    new = {**STATEMENT, "statement_market": "Năm 2025 bán 9.000 hộp ở ba tỉnh.", "revision": dossier.revision}
    own.post(there, {**new, "next": "stay"})
    text = own.get(there).content.decode()
    assert text.count("Chưa thay đổi so với hồ sơ trước. Hãy cập nhật số liệu.") == 2
    assert "<del>" in text
    assert "2023" in text.partition("<del>")[2][:80]
    assert "Ảnh của hồ sơ trước." in own.get(reverse("applicant_photos", args=[dossier.uuid])).content.decode()
    assert (
        "Bản của hồ sơ trước, dùng lại." in own.get(reverse("applicant_papers", args=[dossier.uuid])).content.decode()
    )
    product.materials = "búp chè hữu cơ"
    product.save()
    assert "Sổ ghi khác hồ sơ trước" in own.get(reverse("applicant_product", args=[dossier.uuid])).content.decode()


def test_steps_of_a_renewed_dossier_cost_the_same_for_1_3_and_50_papers(own, recognition, product, province):
    earlier_dossier(product, recognition)
    round_ = receiving_round(province)
    own.post(page(recognition), {"act": "enter", "round": round_.slug})
    dossier, stored, costs = Dossier.objects.get(round=round_), picture(9), []
    for total in (5, 7, 54):
        while dossier.documents.count() < total:
            dossier.documents.create(kind=DocumentKind.AWARD, file=stored)
        there = reverse("applicant_check", args=[dossier.uuid])
        own.get(there)
        with CaptureQueriesContext(connection) as queries:
            own.get(there)
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_a_refusal_is_said_on_the_page(own, recognition, product, province):
    round_ = receiving_round(province)
    factories.DossierFactory(round=round_, product=product, entry_code="012", state=DossierState.SUBMITTED)
    answer = own.post(page(recognition), {"act": "enter", "round": round_.slug})
    assert answer.status_code == 400
    assert "đã có hồ sơ số 012 trong kỳ này" in answer.content.decode()
    assert own.post(page(recognition), {"act": "enter", "round": "khong-co"}).status_code == 400


def test_a_regional_recognition_is_left_to_nomination(own, product, province):
    recognition = ending(product, level=Level.REGION)
    receiving_round(None, level=Level.REGION, region=province.region)
    text = own.get(page(recognition)).content.decode()
    assert "Cấp khu vực, quốc gia do Sở Công Thương đề cử." in text
    assert 'value="enter"' not in text


def test_nobody_else_s_recognition_is_there(own, province):
    stranger = ending(factories.ProductFactory(facility=factories.FacilityFactory(territory=province)))
    assert own.get(page(stranger)).status_code == 404
    assert own.post(page(stranger), {"act": "answer", "choice": "undecided"}).status_code == 404


# --- answering --------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_shown_and_may_be_changed(own, recognition, maker):
    there = page(recognition)
    assert own.post(there, {"act": "answer", "choice": "undecided", "reason": ""}).url == there
    own.post(there, {"act": "answer", "choice": "will_not", "reason": "Thôi sản xuất"})
    rows = [(row.choice, row.by_maker, row.answered_by) for row in RenewalAnswer.objects.order_by("pk")]
    assert rows == [(RenewalChoice.UNDECIDED, True, maker), (RenewalChoice.WILL_NOT, True, maker)]
    assert "<b>không đăng ký nữa</b>" in own.get(there).content.decode()
    assert "Đổi trả lời" in own.get(HOME).content.decode()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"choice": ""}, "Hãy chọn một câu trả lời."),
        ({"choice": "will_not", "reason": "  "}, "Hãy ghi vì sao không đăng ký nữa."),
        ({"choice": "not_reached"}, "Hãy chọn một câu trả lời."),
        ({"choice": "undecided", "reason": "x" * 301}, "300"),
    ],
)
def test_half_an_answer_comes_back_in_words(own, recognition, said, sentence):
    answer = own.post(page(recognition), {"act": "answer", **said})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not RenewalAnswer.objects.exists()


def test_the_same_answer_twice_is_one_and_its_act_is_noted(recognition, maker):
    facts = {"recognition": recognition, "choice": "undecided", "actor": maker, "by_maker": True, "now": NOW}
    assert answer_renewal(**facts).pk == answer_renewal(**facts).pk
    assert [row.sentence for row in AuditEntry.objects.filter(action="renewal.answer")] == [
        "Cơ sở trả lời về đăng ký lại “Chè tôm nõn”, cấp tỉnh năm 2024: chưa quyết định."
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"published_at": None}, "not_recognised"),
        ({"revoked_on": NOW.date(), "status_reason": "Vi phạm"}, "recognition_ended"),
    ],
)
def test_nobody_is_asked_about_what_does_not_stand(product, maker, officer, facts, code):
    recognition = ending(product, **facts)
    for actor, by_maker in ((maker, True), (officer, False)):
        with pytest.raises(Refusal) as found:
            answer_renewal(recognition=recognition, choice="undecided", actor=actor, now=NOW, by_maker=by_maker)
        assert found.value.code == code


def test_an_answer_is_the_maker_s_or_its_province_s_officer_s(recognition, maker, officer, leader):
    for actor, by_maker in ((officer, True), (maker, False), (leader, False)):
        with pytest.raises(Refusal) as found:
            answer_renewal(recognition=recognition, choice="undecided", actor=actor, now=NOW, by_maker=by_maker)
        assert found.value.code == "not_allowed"
