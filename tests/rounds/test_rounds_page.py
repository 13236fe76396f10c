"""The public pages of rounds: states in plain words, numbers per group, never a score or a judge."""

import datetime as dt

import pytest
from django.urls import reverse

from rounds.enums import RoundState, VerdictChoice
from rounds.services import lifecycle
from tests import factories

from . import helpers
from .helpers import AFTER, CLOSES, DECIDE, NOON

pytestmark = pytest.mark.django_db
R = RoundState


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def read(client, round_):
    return text(client.get(reverse("round", args=[round_.slug])))


def test_without_rounds_the_list_says_what_to_expect(client):
    body = text(client.get(reverse("rounds")))
    assert "Chưa có kỳ bình chọn nào được mở." in body


def test_drafts_and_cancelled_rounds_are_not_public(client, province):
    draft = factories.RoundFactory(territory=province, year=2026)
    cancelled = factories.RoundFactory(territory=province, state=R.CANCELLED, cancelled_reason="Không đủ hồ sơ.")
    for round_ in (draft, cancelled):
        assert client.get(reverse("round", args=[round_.slug])).status_code == 404
    assert "Cấp tỉnh" not in text(client.get(reverse("rounds"))).split("<main")[1].split("</h1>")[1]


@pytest.mark.parametrize(
    "offset,words",
    [
        (-1, "Đang nhận hồ sơ đến 12:00 ngày 26/11/2026"),
        (0, "Đã hết hạn nhận hồ sơ"),
        (1, "Đã hết hạn nhận hồ sơ"),
    ],
)
def test_the_deadline_is_half_open_to_the_second(offset, words, client, province, officer, time_machine):  # noqa: PLR0917
    round_ = helpers.receiving_round(province, officer)
    time_machine.move_to(CLOSES + dt.timedelta(seconds=offset), tick=False)
    assert words in read(client, round_)
    assert words in text(client.get(reverse("rounds")))


def test_while_receiving_the_page_tells_how_to_enter(client, province, officer):
    unit = factories.OrganisationFactory(name="Trung tâm Khuyến công mẫu", territory=province)
    body = read(client, helpers.receiving_round(province, officer, receiving_unit=unit))
    assert "Trung tâm Khuyến công mẫu" in body
    assert "Bản thuyết minh sản phẩm (Phụ lục 2)" in body
    assert "Chưa có hồ sơ nào được nộp." in body


def test_bodies_are_shown_by_size_and_judges_never_by_name(client, province, officer):
    round_ = helpers.receiving_round(province, officer)
    body = read(client, round_)
    assert "7 người" in body
    assert "3 người" in body
    for judge in helpers.judges_of(round_):
        assert judge.full_name not in body


def test_numbers_are_counted_per_group(client, province, officer):
    round_ = helpers.receiving_round(province, officer)
    helpers.admitted(round_, officer)
    helpers.submitted(round_, officer, group="handicraft")
    body = read(client, round_)
    rows = [" ".join(part.split()) for part in body.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")]
    assert rows[0].endswith('Thủ công mỹ nghệ</th><td class="num">1</td><td class="num">0</td>')
    assert rows[1].endswith('<td class="num">1</td><td class="num">1</td>')


def test_the_provisional_list_stands_there_only_while_it_is_public(client, province, officer, leader):
    round_ = helpers.deliberating_round(province, officer, publish_provisional=True)
    helpers.speak(round_, leader, [VerdictChoice.RECOGNISE, VerdictChoice.DECLINE], ["", "Trùng sản phẩm kỳ trước."])
    proposed, declined = round_.dossiers.order_by("entry_code")
    assert proposed.product.name not in read(client, round_)
    lifecycle.advance(round_=round_, to=R.PROVISIONAL, actor=officer, now=AFTER)
    body = read(client, round_)
    assert "Danh sách dự kiến công nhận" in body
    assert proposed.product.name in body
    assert declined.product.name not in body
    assert "270" not in body


def test_the_recognised_list_comes_with_the_announcement(client, province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    product = round_.dossiers.first().product
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    assert product.name not in read(client, round_)
    lifecycle.announce(round_=round_, actor=leader, now=AFTER)
    body = read(client, round_)
    assert reverse("product", args=[product.slug]) in body
    assert "2 sản phẩm và 0 bộ sản phẩm." in body
    assert "345/QĐ-UBND" in body


@pytest.mark.parametrize("state", [state for state in R if state not in (R.DRAFT, R.CANCELLED)])
def test_every_public_state_has_its_words(state, client, province):
    decided = state in (R.DECIDED, R.ANNOUNCED, R.CLOSED)
    round_ = factories.RoundFactory(
        territory=province,
        state=state,
        decision=factories.DecisionFactory() if decided else None,
        announced_at=NOON if state in (R.ANNOUNCED, R.CLOSED) else None,
    )
    assert "badge" in read(client, round_)


def test_an_announcement_without_recognitions_says_so(client, province):
    round_ = factories.RoundFactory(
        territory=province, state=R.ANNOUNCED, decision=factories.DecisionFactory(), announced_at=NOON
    )
    assert "Kỳ này không có sản phẩm nào được công nhận." in read(client, round_)


def test_a_page_that_does_not_exist_shows_the_last_one(client, province, officer):
    helpers.receiving_round(province, officer)
    assert "Cấp tỉnh Thái Nguyên" in text(client.get(reverse("rounds"), {"page": "x9"}))


def test_pages_cost_the_same_queries_for_one_three_and_fifty(client, province, officer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    round_ = helpers.receiving_round(province, officer)
    addresses = [reverse("rounds"), reverse("round", args=[round_.slug])]
    counts = {address: set() for address in addresses}
    for total in (1, 3, 50):
        while round_.dossiers.count() < total:
            factories.DossierFactory(round=round_, product=helpers.product_of(province))
        for year in range(2030 + factories.Round.objects.count(), 2030 + min(total, 19)):
            factories.RoundFactory(territory=province, state=R.SCORING, year=year)
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            counts[address].add(len(captured))
    assert {address: len(found) for address, found in counts.items()} == dict.fromkeys(addresses, 1)
