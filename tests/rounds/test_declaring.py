"""The pages on which a member signs the declaration and stands aside from a dossier."""

import re

import pytest

from portal.text.folding import normalise
from rounds.enums import Body, RecusalReason, SeatRole
from rounds.models import Conflict, Declaration, DeclaredInterest

from ..factories import FacilityFactory, ProductFactory, RecognitionFactory, SeatFactory, UserFactory
from .test_scoring import Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    found = Bench()
    Declaration.objects.all().delete()
    return found


def page(bench):
    return f"/cham-diem/cam-ket/{bench.round.uuid}/"


def words(response):
    return normalise(re.sub(r"<[^>]+>", " ", response.content.decode()))


def sent(bench, *rows, **facts):
    data = {"so-dong": str(len(rows)), "ho-ten": str(bench.judge), "act": "sign"}
    for number, row in enumerate(rows):
        data |= {f"{name}-{number}": value for name, value in row.items()}
    return data | {name.replace("_", "-"): value for name, value in facts.items()}


def test_the_list_offers_one_button_and_no_dossier_before_signing(client, bench):
    client.force_login(bench.judge)
    answer = client.get("/cham-diem/")
    assert page(bench) in answer.content.decode()
    assert bench.dossier.product.name not in answer.content.decode()


@pytest.mark.parametrize("door", ["", "nop/", "khong-danh-gia/"])
def test_opening_a_dossier_leads_to_the_declaration(client, bench, door):
    client.force_login(bench.judge)
    assert client.get(f"/cham-diem/{bench.dossier.uuid}/{door}").headers["Location"] == page(bench)


def test_a_save_says_in_words_that_the_declaration_is_missing(client, bench):
    client.force_login(bench.judge)
    answer = client.post(
        f"/cham-diem/{bench.dossier.uuid}/luu/", {"revision": 0, "values": {}}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "undeclared")
    assert "chưa ký bản cam kết" in answer.json()["sentence"]


def test_signed_the_dossiers_open(client, bench):
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, noi_lam_viec="Trường Đại học"))
    assert answer.headers["Location"] == f"{page(bench)}?da-ky=1"
    assert Declaration.objects.get().employer == "Trường Đại học"
    assert client.get(f"/cham-diem/{bench.dossier.uuid}/").status_code == 200


def test_it_says_that_nothing_is_asked_about_relatives(client, bench):
    client.force_login(bench.judge)
    assert "Cổng không hỏi và không lưu thông tin về người thân" in words(client.get(page(bench)))


def test_the_page_names_no_facility_of_the_round(client, bench):
    client.force_login(bench.judge)
    assert bench.dossier.product.facility.name not in client.get(page(bench)).content.decode()
    answer = client.post(page(bench), sent(bench, {"ten": bench.dossier.product.facility.name}, act="find-0"))
    assert "Cổng không có cơ sở nào mang tên này" in words(answer)


def test_a_facility_that_the_public_knows_is_found_by_name_and_signed(client, bench):
    known = FacilityFactory(name="Hợp tác xã Lá Xanh Biếc")
    RecognitionFactory(product=ProductFactory(facility=known))
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, {"ten": "la xanh biec", "quan-he": "owns"}, act="find-0"))
    assert str(known.uuid) in answer.content.decode()
    client.post(page(bench), sent(bench, {"ten": "la xanh biec", "quan-he": "owns", "co-so": str(known.uuid)}))
    assert DeclaredInterest.objects.get().facility == known


@pytest.mark.parametrize("picked", ["khong-phai-uuid", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_facility_is_as_none(client, bench, picked):
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, {"quan-he": "owns", "co-so": picked}))
    assert answer.status_code == 422
    assert "Hãy chọn cơ sở, hoặc ghi tên" in words(answer)


def test_a_hidden_facility_is_not_told_by_its_id(client, bench):
    hidden = bench.dossier.product.facility
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, {"co-so": str(hidden.uuid)}, act="add"))
    assert hidden.name not in answer.content.decode()


def test_rows_are_added_and_taken_away_without_saving(client, bench):
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, {"ten": "Một"}, {"ten": "Hai"}, act="remove-0"))
    assert 'value="Hai"' in answer.content.decode()
    assert 'value="Một"' not in answer.content.decode()
    assert "Quan hệ 2" in words(client.post(page(bench), sent(bench, {"ten": "Một"}, act="add")))
    assert not Declaration.objects.exists()


def test_another_name_is_refused_with_everything_typed_kept(client, bench):
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, {"ten": "Doanh nghiệp A", "quan-he": "owns"}, ho_ten="Ai đó"))
    assert answer.status_code == 422
    assert "Hãy gõ đúng họ và tên" in words(answer)
    assert 'value="Doanh nghiệp A"' in answer.content.decode()


def test_signing_anew_starts_from_what_was_signed(client, bench):
    client.force_login(bench.judge)
    client.post(page(bench), sent(bench, {"ten": "Doanh nghiệp A", "quan-he": "owns"}))
    assert 'value="Doanh nghiệp A"' in client.get(page(bench)).content.decode()


def test_a_closed_dossier_is_named_by_its_number(client, bench):
    client.force_login(bench.judge)
    answer = client.post(page(bench), sent(bench, noi_lam_viec=bench.dossier.product.facility.name), follow=True)
    assert "041 : Trùng tên cơ sở" in words(answer)


def test_members_of_the_council_sign_too_and_strangers_do_not_find_the_page(client, bench):
    member = SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    client.force_login(member)
    assert client.get(page(bench)).status_code == 200
    client.force_login(UserFactory())
    assert client.get(page(bench)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3, 29])
def test_the_page_asks_as_much_for_many_ties(client, bench, rows, django_assert_max_num_queries):
    client.force_login(bench.judge)
    client.post(page(bench), sent(bench, *[{"ten": f"Doanh nghiệp {n}", "quan-he": "owns"} for n in range(rows)]))
    with django_assert_max_num_queries(14):
        client.get(page(bench))


def test_standing_aside_takes_a_neutral_choice_and_no_story(client, bench):
    client.force_login(bench.judge)
    client.post(page(bench), sent(bench))
    answer = client.post("/cham-diem/xung-dot/", {"ho-so": str(bench.dossier.uuid), "ly-do-chon": "other"})
    assert answer.status_code == 303
    assert Conflict.objects.get().reason == str(RecusalReason.OTHER.label)


def test_standing_aside_without_a_choice_is_refused_in_words(client, bench):
    client.force_login(bench.judge)
    client.post(page(bench), sent(bench))
    answer = client.post("/cham-diem/xung-dot/", {"ho-so": str(bench.dossier.uuid)})
    assert answer.status_code == 422
    assert "Hãy chọn một lý do" in words(answer)
