"""Ranking of needs: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extension.enums import PriorityKind
from extension.needs.ranking import Facts, Rank, Rule, rank

K = PriorityKind


def rule(kind=K.AREA, points=3, values=("Tân Cương",), key=1, **more):
    return Rule(
        key=key, kind=kind, name=f"Ưu tiên {key}", basis="NĐ 45/2012/NĐ-CP", points=points, values=values, **more
    )


def test_a_need_that_no_rule_knows_has_no_points_and_no_reasons():
    assert rank(Facts(commune="La Bằng"), [rule()]) == Rank()


@pytest.mark.parametrize("written", ["Tân Cương", "xã Tân Cương", "Phường TÂN CƯƠNG"])
def test_a_commune_is_known_by_its_own_name_whatever_its_kind(written):
    found = rank(Facts(commune="Tân Cương"), [rule(values=(written,))])
    assert (found.points, found.reasons[0].because) == (3, "Tân Cương")


def test_a_commune_with_other_marks_is_another_commune():
    assert rank(Facts(commune="Tấn Cường"), [rule()]).points == 0


def test_an_address_tells_the_place_only_where_no_commune_is_recorded():
    address = "Xóm Hồng Thái, xã Tân Cương, Thái Nguyên"
    assert rank(Facts(address=address), [rule()]).points == 3
    assert rank(Facts(commune="La Bằng", address=address), [rule()]).points == 0


def test_a_trade_is_known_by_whole_words_and_by_the_group_of_the_product():
    trade = rule(K.TRADE, values=("cơ khí",), group="machinery")
    assert rank(Facts(trade="Cơ khí, sửa chữa"), [trade]).reasons[0].because == "cơ khí"
    assert rank(Facts(trade="cơ khích lệ"), [trade]).points == 0
    assert rank(Facts(trade="máy xay", group="machinery"), [trade]).points == 3


def test_a_recognised_product_is_named_as_the_reason():
    words = rule(K.RECOGNISED, points=5, values=())
    found = rank(Facts(recognised=(("Chè đinh (cấp tỉnh 2025)", "processing"),)), [words])
    assert [(reason.because, reason.points, reason.rule.basis) for reason in found.reasons] == [
        ("Chè đinh (cấp tỉnh 2025)", 5, "NĐ 45/2012/NĐ-CP")
    ]


def test_two_rules_of_one_kind_count_once_and_three_kinds_add_up():
    rules = [
        rule(points=3, key=1),
        rule(points=4, key=2),
        rule(K.TRADE, points=2, values=("chè",), key=3),
        rule(K.RECOGNISED, points=5, values=(), key=4),
    ]
    found = rank(Facts(commune="Tân Cương", trade="chế biến chè", recognised=(("Chè", "processing"),)), rules)
    assert [(reason.rule.key, reason.points) for reason in found.reasons] == [(2, 4), (3, 2), (4, 5)]
    assert found.points == 11


RULES = st.lists(
    st.builds(
        rule,
        kind=st.sampled_from(K.values),
        points=st.integers(0, 20),
        values=st.lists(st.sampled_from(["Tân Cương", "chè", "", "mây tre"]), max_size=3).map(tuple),
        key=st.integers(1, 9),
        group=st.sampled_from(["", "processing"]),
    ),
    max_size=6,
)
FACTS = st.builds(
    Facts,
    commune=st.sampled_from(["", "Tân Cương"]),
    trade=st.sampled_from(["", "chế biến chè", "mây tre đan"]),
    group=st.sampled_from(["", "processing"]),
    recognised=st.sampled_from([(), (("Chè", "processing"),)]),
)


@given(facts=FACTS, rules=RULES, more=RULES)
def test_a_further_rule_never_takes_points_away(facts, rules, more):
    assert rank(facts, [*rules, *more]).points >= rank(facts, rules).points >= 0


@given(facts=FACTS, rules=RULES)
def test_every_point_has_a_reason_with_its_basis(facts, rules):
    found = rank(facts, rules)
    assert found.points == sum(reason.points for reason in found.reasons)
    assert all(reason.because and reason.rule.basis for reason in found.reasons)
    assert len({reason.rule.kind for reason in found.reasons}) == len(found.reasons)
