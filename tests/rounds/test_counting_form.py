"""The settings that decide a tally: offered in order, kept when left empty, fixed once scoring opens, said in words."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from rounds.counting import rules_for
from rounds.counting_form import ChainField, problems
from rounds.enums import TieBreak
from rounds.models import Round
from rounds.words_of_rules import published, sentences, tie_break
from tests import factories


def chain(*steps):
    return ChainField().clean([*steps, *[""] * (5 - len(steps))])


def test_a_chain_keeps_its_order_closes_up_and_ends_in_the_draw():
    assert chain("2", "", "1") == ["2", "1", "draw"]
    assert chain() == ["draw"]
    assert chain("lowest") == ["lowest", TieBreak.DRAW]


def test_a_step_used_twice_is_refused():
    with pytest.raises(Exception, match="chỉ dùng một lần"):
        chain("1", "1")


def test_the_draw_cannot_be_put_elsewhere_than_last():
    with pytest.raises(Exception, match="draw"):
        chain("draw", "1")


def test_extremes_that_would_leave_no_sheet_are_refused_at_their_field():
    assert set(problems(Round(drop_extremes=2, drop_extremes_from=4))) == {"drop_extremes_from"}
    assert problems(Round(drop_extremes=2, drop_extremes_from=5)) == {}
    assert problems(Round(drop_extremes=0, drop_extremes_from=3)) == {}


def page(user, round_):
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:rounds_round_settings", args=[round_.pk])).content.decode()


@pytest.mark.django_db
def test_the_chain_is_chosen_before_scoring_and_read_in_words_afterwards(province, officer):
    round_ = factories.RoundFactory(territory=province, state="receiving")
    assert page(officer, round_).count('name="tie_break_') == 5
    Round.objects.filter(pk=round_.pk).update(state="scoring", draw_seed="0f0f")
    shown = page(officer, round_)
    assert 'name="tie_break_' not in shown
    assert "Bốc thăm bằng mã 0f0f" in shown


@pytest.mark.django_db
def test_settings_are_saved_and_what_is_not_sent_stays(province, officer):
    round_ = factories.RoundFactory(territory=province, state="receiving", drop_extremes=1)
    client = Client()
    client.force_login(officer)
    url = reverse("admin:rounds_round_settings", args=[round_.pk])
    sent = {"threshold": "70", "score_step": "0.5", "quorum": "3", "name": "", "disagreement_points": "15"}
    chosen = {"tie_break_1": "2", "tie_break_2": "lowest", "has_site_pass": "on", "site_weight": "40"}
    answer = client.post(url, {**sent, **chosen})
    assert answer.status_code == 302, answer.content.decode()
    round_.refresh_from_db()
    assert round_.tie_break == ["2", "lowest", "draw"]
    assert (round_.drop_extremes, round_.site_weight, round_.has_site_pass) == (1, 40, True)
    assert round_.disagreement_points == Decimal(15)
    client.post(url, sent)
    round_.refresh_from_db()
    assert round_.tie_break == ["2", "lowest", "draw"]


def words(**changes):
    return " ".join(sentences(Round(**changes)))


def test_every_setting_that_decides_is_said():
    plain = words()
    assert "bước điểm 0,5" in plain
    assert "hai lượt" not in plain
    assert "bỏ" not in plain.split("Hội đồng")[0].replace("bỏ phiếu", "")
    full = words(has_site_pass=True, site_weight=30, drop_extremes=1, drop_extremes_from=5, quorum=4, quota=30)
    for part in (
        "trên hồ sơ tính 70%",
        "tại chỗ tính 30%",
        "từ 5 phiếu",
        "4 phiếu hợp lệ ở mỗi lượt",
        "tối đa 30 sản phẩm",
    ):
        assert part in full
    assert "chỉ tính lượt chấm tại chỗ" in words(has_site_pass=True, site_weight=100)


def test_the_chain_is_said_in_its_order_and_the_draw_can_be_checked():
    first, second = tie_break(rules_for(Round(tie_break=["2", "lowest", "draw"], draw_seed="ab12")))
    assert "điểm tiêu chí 2, rồi phiếu thấp nhất cao hơn" in first
    assert "ab12" in second
    assert "SHA-256" in second
    assert "bằng bốc thăm" in tie_break(rules_for(Round(tie_break=["draw"])))[0]


def test_what_the_public_will_see_is_said():
    assert "không công khai" in published(Round())[0]
    assert "được công khai" in published(Round(publish_means=True))[0]
