"""Four fixed heads, sums that add up; the template, copies and the frozen set."""

from decimal import Decimal

import pytest

from portal.text.errors import Refusal
from rounds import queries, reference_data
from rounds.criteria import Row, heads_of, inputs, problems
from rounds.models import CouncilRule, CriteriaSet, Criterion
from rounds.services import criteria
from tests import factories

from . import helpers

HEADS = [
    Row("1", None, Decimal(40)),
    Row("2", None, Decimal(40)),
    Row("3", None, Decimal(10)),
    Row("4", None, Decimal(10)),
]


def row(code, parent, points):
    return Row(code, parent, None if points is None else Decimal(points))


def test_four_heads_alone_are_a_usable_set():
    assert problems(HEADS) == ()
    assert [one.code for one in inputs(HEADS)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "changed",
    [HEADS[:3], [*HEADS, row("5", None, 5)], [row("1", None, 50), row("2", None, 30), *HEADS[2:]], []],
)
def test_other_heads_are_refused(changed):
    (sentence,) = problems(changed)
    assert sentence.startswith("Bốn tiêu chí cấp một phải mang mã 1, 2, 3, 4 với điểm tối đa 40, 40, 10, 10.")


def test_a_parent_must_be_the_sum_of_its_children():
    rows = [*HEADS, row("3.1", "3", 5), row("3.2", "3", "4.5")]
    assert problems(rows) == ("Tiêu chí 3 tối đa 10 điểm, nhưng các mục con cộng lại là 9,5.",)


def test_a_row_without_maximum_is_guidance_and_no_input():
    rows = [*HEADS, row("3.1", "3", 10), row("3.1.a", "3.1", None)]
    assert problems(rows) == ()
    assert [one.code for one in inputs(rows)] == ["1", "2", "4", "3.1"]


def test_points_below_a_row_without_maximum_are_refused():
    rows = [*HEADS, row("3.1", "3", None), row("3.1.a", "3.1", 10)]
    assert problems(rows) == ("Tiêu chí 3.1 chưa có điểm tối đa trong khi các mục con cộng lại là 10.",)


def test_a_row_whose_parent_is_missing_or_itself_below_it_is_named():
    rows = [*HEADS, row("a", "b", None), row("b", "a", None), row("x", "y", None)]
    assert problems(rows) == tuple(
        f"Tiêu chí {code} không thuộc tiêu chí cấp một nào. Hãy chọn lại tiêu chí cha." for code in "abx"
    )


def test_every_row_knows_its_head():
    rows = [*HEADS, row("2.1", "2", 40), row("2.1.a", "2.1", 40)]
    assert heads_of(rows)["2.1.a"] == "2"


@pytest.mark.django_db
class TestReference:
    def test_the_template_adds_up_and_is_marked_illustrative(self):
        assert reference_data.load() == {"council_rules": 5, "eligibility_rules": 22, "criteria": 33}
        template = CriteriaSet.objects.get(round=None)
        rows = queries.as_rows(template)
        assert problems(rows) == ()
        assert sum(one.max_points for one in inputs(rows)) == 100
        assert template.is_illustrative

    def test_loading_twice_changes_nothing_and_keeps_what_staff_changed(self):
        reference_data.load()
        Criterion.objects.filter(code="1.1.a").update(name="Đã sửa")
        assert reference_data.load() == {"council_rules": 0, "eligibility_rules": 0, "criteria": 0}
        assert Criterion.objects.get(code="1.1.a").name == "Đã sửa"

    def test_the_council_of_a_commune_has_no_written_size(self):
        reference_data.load()
        rule = CouncilRule.objects.get(level="commune")
        assert (rule.sizes, rule.is_certain) == ([], False)


@pytest.mark.django_db
class TestServices:
    def test_a_copy_is_whole_and_versions_count_up(self, province, officer):
        reference_data.load()
        template = CriteriaSet.objects.get(round=None)
        round_ = factories.RoundFactory(territory=province)
        first = criteria.copy_set(source=template, round_=round_, actor=officer)
        second = criteria.copy_set(source=first, round_=round_, actor=officer)
        assert (first.version, second.version) == (1, 2)
        assert queries.as_rows(second) == queries.as_rows(template)
        assert queries.criteria_set_of(round_, "other") == second

    def test_a_group_may_have_its_own_set(self, province, officer):
        round_ = factories.RoundFactory(territory=province)
        general = factories.CriteriaSetFactory(round=round_)
        own = criteria.copy_set(source=general, round_=round_, group="machinery", actor=officer)
        assert queries.criteria_set_of(round_, "machinery") == own
        assert queries.criteria_set_of(round_, "other") == general

    def test_a_frozen_set_is_refused_in_words(self, province, officer):
        round_ = helpers.scoring_round(province, officer)
        row_ = CriteriaSet.objects.get(round=round_).criteria.first()
        for act in (criteria.save_criterion, criteria.delete_criterion):
            with pytest.raises(Refusal, match="đã khóa khi bắt đầu chấm điểm"):
                act(criterion=row_, actor=officer)
        with pytest.raises(Refusal, match="đã khóa"):
            criteria.copy_set(source=row_.criteria_set, round_=round_, actor=officer)

    def test_a_stranger_copies_nothing(self, province, other_province):
        round_ = factories.RoundFactory(territory=province)
        with pytest.raises(Refusal) as refused:
            criteria.copy_set(
                source=factories.CriteriaSetFactory(), round_=round_, actor=factories.staff("officer", other_province)
            )
        assert refused.value.code == "not_allowed"
