"""The desk's pages of rounds and dossiers: reach, reasons, and nothing typed lost."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.accounts.enums import Role
from products.models import Recognition
from rounds.enums import Body, RoundState, SeatRole, VerdictChoice
from rounds.models import Round, Seat, Verdict
from rounds.services import lifecycle
from tests import factories

from . import helpers
from .helpers import AFTER, NOON

pytestmark = pytest.mark.django_db
R = RoundState


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def at(time_machine):
    return lambda moment: time_machine.move_to(moment, tick=False)


def enter(client, user):
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client.force_login(user)
    return client


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


def page(name, *args):
    return reverse(f"admin:rounds_{name}", args=args)


def text(response):
    return response.content.decode()


def photo(width=1800, height=1200):
    buffer = BytesIO()
    Image.new("RGB", (width, height), "#75875a").save(buffer, "JPEG")
    return SimpleUploadedFile("anh.jpg", buffer.getvalue(), "image/jpeg")


def test_the_list_shows_rounds_of_the_own_province_only(desk, province, other_province):
    helpers.ready_round(province)
    factories.RoundFactory(territory=other_province, year=2026)
    body = text(desk.get(page("round_changelist")))
    assert "Cấp tỉnh Thái Nguyên, năm 2026" in body
    assert "Cao Bằng" not in body


@pytest.mark.parametrize("name", ["round_change", "round_settings", "round_board", "round_decision", "round_history"])
def test_a_round_of_another_province_does_not_exist(name, desk, other_province):
    round_ = factories.RoundFactory(territory=other_province)
    assert desk.get(page(name, round_.pk)).status_code == 404


@pytest.mark.parametrize("name", ["dossier_change", "dossier_history"])
def test_a_dossier_of_another_province_does_not_exist(name, desk, other_province):
    dossier = factories.DossierFactory(round__territory=other_province)
    assert desk.get(page(name, dossier.pk)).status_code == 404


def test_a_judge_of_the_round_alone_is_kept_from_its_desk(client, province):
    round_ = helpers.ready_round(province)
    judge = Seat.objects.filter(round=round_, body=Body.JURY, role=SeatRole.JUDGE).first().user
    factories.GrantFactory(user=judge, role=Role.OFFICER)
    response = enter(client, judge).get(page("round_change", round_.pk))
    assert response.status_code == 403


def test_the_round_page_names_everything_that_blocks_the_next_step(desk, province):
    helpers.council_rule()
    round_ = factories.RoundFactory(territory=province)
    body = text(desk.get(page("round_change", round_.pk)))
    for sentence in (
        "Chưa có bộ tiêu chí.",
        "Ban Giám khảo phải có số người lẻ",
        "Chưa có chủ tịch hội đồng.",
        "Chưa ghi ngày bắt đầu và hạn nhận hồ sơ.",
    ):
        assert sentence in body
    assert "disabled>Mở nhận hồ sơ</button>" in body


def test_a_step_in_order_is_taken(desk, province):
    round_ = helpers.ready_round(province)
    response = desk.post(page("round_step", round_.pk), {"to": "receiving"}, follow=True)
    assert response.redirect_chain == [(page("round_change", round_.pk), 302)]
    assert "Đã chuyển kỳ sang “Đang nhận hồ sơ”." in text(response)


def test_a_step_out_of_order_is_409_and_says_so(desk, province):
    round_ = helpers.ready_round(province)
    response = desk.post(page("round_step", round_.pk), {"to": "scoring"})
    assert response.status_code == 409
    assert "Kỳ bình chọn đang ở bước “Đang chuẩn bị” nên không chuyển sang “Đang chấm điểm” được." in text(response)


def test_an_unknown_step_is_400(desk, province):
    response = desk.post(page("round_step", helpers.ready_round(province).pk), {"to": "<x>"})
    assert (response.status_code, "Không có bước này." in text(response)) == (400, True)


def test_the_same_step_sent_twice_is_taken_once(desk, province):
    round_ = helpers.ready_round(province)
    desk.post(page("round_step", round_.pk), {"to": "receiving"})
    again = desk.post(page("round_step", round_.pk), {"to": "receiving"})
    assert again.status_code == 409
    assert Round.objects.get(pk=round_.pk).state == R.RECEIVING


def test_an_officer_cancels_nothing(desk, province):
    round_ = helpers.ready_round(province)
    response = desk.post(page("round_step", round_.pk), {"to": "cancelled", "cancelled-reason": "Không đủ."})
    assert response.status_code == 403
    assert Round.objects.get(pk=round_.pk).state == R.DRAFT


def test_a_submission_without_number_keeps_the_date_typed(desk, province, officer, leader, at):
    round_ = helpers.deliberating_round(province, officer)
    helpers.speak(round_, leader, [VerdictChoice.RECOGNISE] * 2)
    at(AFTER)
    response = enter(desk, officer).post(
        page("round_step", round_.pk), {"to": "submitted", "submitted-submitted_on": "2026-11-27"}
    )
    assert response.status_code == 400
    assert "Hãy ghi số tờ trình." in text(response)
    assert 'value="2026-11-27"' in text(response)


def test_a_leader_cancels_with_a_reason(client, province, leader):
    round_ = helpers.ready_round(province)
    enter(client, leader).post(
        page("round_step", round_.pk), {"to": "cancelled", "cancelled-reason": "Không đủ hồ sơ."}
    )
    assert Round.objects.get(pk=round_.pk).cancelled_reason == "Không đủ hồ sơ."


def round_form(**changes):
    blank = dict.fromkeys(["region", "locality", "name", "receiving_unit", "quota"], "")
    moments = dict.fromkeys(["receiving_from", "receiving_until", "scoring_until"], "")
    facts = {"level": "province", "year": 2026, "ordinal": 7, "threshold": "70", "score_step": "0.5", "quorum": 1}
    return {**blank, **moments, **facts, **changes}


def test_a_round_is_opened_in_the_own_province(desk, province):
    response = desk.post(page("round_add"), round_form(territory=province.pk, receiving_until="2026-12-01T17:00"))
    round_ = Round.objects.get()
    assert round_.receiving_until == dt.datetime(2026, 12, 1, 17, 0, tzinfo=NOON.tzinfo)
    assert response.url == page("round_change", round_.pk)
    assert (round_.slug, round_.state) == ("cap-tinh-thai-nguyen-lan-thu-vii-nam-2026", R.DRAFT)


def test_the_same_round_is_refused_at_the_year_and_keeps_what_was_typed(desk, province):
    desk.post(page("round_add"), round_form(territory=province.pk))
    response = desk.post(page("round_add"), round_form(territory=province.pk, name="Kỳ lặp"))
    assert Round.objects.count() == 1
    assert "Đã có kỳ bình chọn cùng cấp, phạm vi, năm và lần." in text(response)
    assert "Kỳ lặp" in text(response)


def test_a_national_round_is_not_a_provinces_to_open(desk):
    response = desk.post(page("round_add"), round_form(level="national", territory=""))
    assert Round.objects.count() == 0
    assert "Kỳ bình chọn cấp quốc gia do Cục tổ chức." in text(response)


def test_the_frozen_threshold_is_shown_and_not_offered(desk, province, officer):
    round_ = helpers.scoring_round(province, officer)
    body = text(desk.get(page("round_settings", round_.pk)))
    assert 'name="threshold"' not in body
    assert 'name="quota"' in body


def act(client, dossier, name, **data):
    return client.post(page("dossier_act", dossier.pk), {"act": name, **{f"{name}-{k}": v for k, v in data.items()}})


def test_before_closing_the_board_counts_sheets_and_hides_points_from_officers(desk, client, province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    head, *others = helpers.judges_of(round_)
    helpers.sheet(dossier, head, Decimal("0.83"))
    body = text(desk.get(page("round_board", round_.pk)))
    assert "1/3" in body
    assert ">83<" not in body
    assert ">83<" not in text(enter(client, head).get(page("round_board", round_.pk)))  # two have not finished
    for judge in others:
        helpers.sheet(dossier, judge, Decimal("0.83"))
    assert ">83<" in text(enter(client, head).get(page("round_board", round_.pk)))
    client.force_login(officer)
    assert ">83<" not in text(client.get(page("round_board", round_.pk)))


def test_the_secretary_speaks_for_the_council_on_the_board(client, province, officer, at):
    round_ = helpers.deliberating_round(province, officer)
    secretary = Seat.objects.get(round=round_, role=SeatRole.SECRETARY).user
    dossier = round_.dossiers.first()
    at(AFTER)
    data = {"choice": "recognise", "votes_for": 6, "votes_against": 1, "prize": "", "reason": ""}
    enter(client, secretary).post(
        page("round_verdict", round_.pk, dossier.pk), {f"v{dossier.pk}-{k}": v for k, v in data.items()}
    )
    assert Verdict.objects.get(dossier=dossier).votes_for == 6


@pytest.mark.parametrize(
    "data,words,status",
    [
        ({"choice": ""}, "Hãy chọn ý kiến của hội đồng.", 400),
        ({"choice": "decline", "votes_for": 3}, "Hãy ghi lý do hội đồng không đề nghị.", 400),
        (
            {"choice": "recognise", "votes_for": 9, "votes_against": 1},
            "Hội đồng có 7 thành viên, không thể có 10 phiếu.",
            400,
        ),
        ({"choice": "recognise", "votes_for": 3, "votes_against": 4}, "chưa quá số phiếu không đồng ý", 400),
    ],
)
def test_a_wrong_verdict_is_refused_at_its_field(  # noqa: PLR0917
    data, words, status, client, province, officer, leader, at
):
    round_ = helpers.deliberating_round(province, officer)
    dossier = round_.dossiers.first()
    at(AFTER)
    response = enter(client, leader).post(
        page("round_verdict", round_.pk, dossier.pk), {f"v{dossier.pk}-{k}": v for k, v in data.items()}
    )
    assert (response.status_code, words in text(response)) == (status, True)
    assert not Verdict.objects.exists()


def decision_form(**changes):
    return {
        "number": "345",
        "symbol": "QĐ-UBND",
        "signed_on": "2026-11-27",
        "issuer": "Ủy ban nhân dân tỉnh Thái Nguyên",
        "signer": "Chủ tịch",
        **changes,
    }


def test_the_leader_records_the_decision(client, province, officer, leader, at):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    at(AFTER)
    scan = SimpleUploadedFile("qd.jpg", photo().read(), "image/jpeg")
    response = enter(client, leader).post(page("round_decision", round_.pk), decision_form(scan=scan))
    assert response.status_code == 302
    assert Recognition.objects.count() == 2
    round_.refresh_from_db()
    assert (round_.state, round_.decision.scan.content_type) == (R.DECIDED, "image/jpeg")


def test_a_decision_dated_tomorrow_comes_back_with_everything_typed(client, province, officer, leader, at):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    at(AFTER)
    response = enter(client, leader).post(
        page("round_decision", round_.pk), decision_form(signed_on="2026-11-28", signer="Phó Chủ tịch")
    )
    assert response.status_code == 400
    assert "Ngày ký 28/11/2026 ở sau hôm nay." in text(response)
    assert 'value="Phó Chủ tịch"' in text(response)
    assert Recognition.objects.count() == 0


def test_a_decision_sent_twice_recognises_once(client, province, officer, leader, at):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    at(AFTER)
    address = page("round_decision", round_.pk)
    first = enter(client, leader).post(address, decision_form())
    second = client.post(address, decision_form())
    assert (first.status_code, second.status_code, Recognition.objects.count()) == (302, 302, 2)


def test_an_officer_does_not_open_the_decision_form(desk, province, officer, leader):
    round_ = helpers.submitted_round(province, officer, leader)
    assert desk.get(page("round_decision", round_.pk)).status_code == 403


@pytest.mark.parametrize("name", ["round_changelist", "dossier_changelist", "criteriaset_changelist", "dossier_add"])
def test_every_list_opens(name, desk, province, officer):
    helpers.submitted(helpers.receiving_round(province, officer), officer)
    assert desk.get(page(name)).status_code == 200


def test_lists_and_board_cost_the_same_queries_for_one_three_and_fifty(
    desk, province, officer, leader, django_assert_num_queries
):
    round_ = helpers.deliberating_round(province, officer, shares=("0.9",))
    addresses = [page("dossier_changelist"), page("round_board", round_.pk), page("round_changelist")]
    counts = {address: [] for address in addresses}
    for total in (1, 3, 50):
        while round_.dossiers.count() < total:
            product = helpers.product_of(province)
            dossier = factories.DossierFactory(round=round_, product=product)
            dossier.documents.create(kind="statement", on_paper=True)
        for address in addresses:
            counts[address].append(queries_of(desk, address))
    assert {address: len(set(found)) for address, found in counts.items()} == dict.fromkeys(addresses, 1)


def queries_of(client, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_history_is_read_only(desk, province):
    round_ = helpers.ready_round(province)
    entry = round_.history.first()
    address = reverse("admin:rounds_round_simple_history", args=[round_.pk, entry.history_id])
    assert desk.get(address).status_code == 200
    desk.post(address, round_form(year=2031))
    assert Round.objects.get(pk=round_.pk).year == 2026


def test_announcing_publishes_from_the_page(client, province, officer, leader, at):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **helpers.DECIDE)
    at(AFTER)
    enter(client, leader).post(page("round_step", round_.pk), {"to": "announced"})
    assert Recognition.objects.exclude(published_at=None).count() == 2
