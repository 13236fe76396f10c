"""Four fixed heads, sums that add up; the template, drafts, two people, and what the database keeps."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from portal.audit import triggers
from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds import queries, reference_data
from rounds.criteria import Row, heads_of, inputs, problems
from rounds.criteria_diff import diff
from rounds.enums import Body, SeatRole
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


@pytest.fixture
def round_(province):
    return factories.RoundFactory(territory=province, year=2026)


@pytest.fixture
def draft(round_, officer):
    return criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=officer)


def typed(version, **changes):
    """The rows of a version as the page would send them, some of them changed by code."""
    places, found = {}, []
    for place, row_ in enumerate(version.criteria.order_by("position", "pk")):
        places[row_.pk] = place
        facts = criteria.RowFacts(
            row_.code, row_.name, row_.guidance, row_.max_points, places.get(row_.parent_id), row_.pk
        )
        found.append(replace(facts, **changes.get(row_.code, {})))
    return found


def save(version, actor, rows=None, tag=None, **head):
    facts = {"name": version.name, "legal_basis": "", "change_reason": "", "is_illustrative": False, **head}
    return criteria.save_draft(
        criteria_set=version,
        rows=typed(version) if rows is None else rows,
        tag=criteria.version_tag(version) if tag is None else tag,
        actor=actor,
        **facts,
    )


def propose(version, actor, tag=None):
    return criteria.propose(
        criteria_set=version, tag=tag or criteria.version_tag(version), actor=actor, now=helpers.NOON
    )


def approve(version, actor, tag=None):
    return criteria.approve(
        criteria_set=version, tag=tag or criteria.version_tag(version), actor=actor, now=helpers.NOON
    )


def chair_of(round_):
    return factories.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.CHAIR).user


@pytest.mark.django_db
class TestDraft:
    def test_a_copy_is_whole_and_not_in_force_until_approved(self, round_, officer, leader):
        template = factories.CriteriaSetFactory()
        first = criteria.copy_set(source=template, round_=round_, actor=officer)
        assert (first.version, first.state, first.copied_from) == (1, "draft", template)
        assert criteria.lines_of(first) == criteria.lines_of(template)
        assert queries.criteria_sets(round_) == {}
        propose(first, officer)
        approve(first, leader)
        assert queries.criteria_set_of(round_, "other") == first

    def test_a_group_may_have_its_own_set(self, round_, officer, leader):
        general = factories.CriteriaSetFactory(round=round_)
        own = criteria.copy_set(source=general, round_=round_, group="machinery", actor=officer)
        assert queries.criteria_set_of(round_, "machinery") == general
        propose(own, officer)
        approve(own, leader)
        assert queries.criteria_set_of(round_, "machinery") == own
        assert queries.criteria_set_of(round_, "other") == general

    def test_one_open_version_per_group_at_a_time(self, draft, round_, officer):
        with pytest.raises(Refusal, match="đang có một bản chưa duyệt"):
            criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=officer)

    def test_the_next_version_needs_a_reason_and_leaves_the_one_in_force(self, round_, officer, leader):
        used = factories.CriteriaSetFactory(round=round_)
        with pytest.raises(Refusal, match="cần lý do"):
            criteria.revise(criteria_set=used, reason=" ", actor=officer)
        made = criteria.revise(criteria_set=used, reason="Tăng điểm thiết kế.", actor=officer)
        assert (made.version, made.change_reason, queries.criteria_set_of(round_, "")) == (
            2,
            "Tăng điểm thiết kế.",
            used,
        )
        propose(made, officer)
        approve(made, leader)
        assert queries.criteria_set_of(round_, "") == made

    def test_rows_are_changed_added_moved_and_dropped_in_one_save(self, draft, officer):
        kept = typed(draft, **{"1.1": {"max_points": Decimal(10)}, "1.2": {"name": "Sản xuất hàng loạt"}})
        rows = [one for one in kept if one.code not in {"4.1", "2.4"}]
        place = next(place for place, one in enumerate(rows) if one.code == "4")
        rows.append(criteria.RowFacts("4.9", "Mục mới", "Xem mẫu.", Decimal(10), place))
        before = criteria.lines_of(draft)
        save(draft, officer, [*rows[:3], *rows[3:]])
        found = diff(before, criteria.lines_of(draft))
        assert {one.line.code for one in found.added} == {"4.9"}
        assert {one.code for one in found.removed} == {"4.1", "2.4"}
        assert {(one.after.code, one.fields) for one in found.changed} == {("1.1", ("maximum",)), ("1.2", ("name",))}

    def test_codes_may_change_places(self, draft, officer):
        save(draft, officer, typed(draft, **{"3.1": {"code": "3.2"}, "3.2": {"code": "3.1"}}))
        names = dict(draft.criteria.filter(code__in=["3.1", "3.2"]).values_list("code", "name"))
        assert names == {"3.1": "Tiêu chí 3.2", "3.2": "Tiêu chí 3.1"}

    def test_a_row_that_moved_away_outlives_its_dropped_parent(self, draft, officer):
        rows = typed(draft, **{"1.1": {"parent": None}})
        head = next(place for place, one in enumerate(rows) if one.code == "1")
        rows = [replace(one, parent=None) if one.parent == head else one for one in rows if one.code != "1"]
        shift = {place: place - (place > head) for place in range(len(rows) + 1)}
        save(draft, officer, [replace(one, parent=None if one.parent is None else shift[one.parent]) for one in rows])
        assert draft.criteria.filter(code="1.1", parent=None).exists()
        assert not draft.criteria.filter(code="1").exists()

    def test_whoever_saves_an_old_page_is_told_who_was_faster(self, draft, officer, leader):
        tag = criteria.version_tag(draft)
        save(draft, leader, typed(draft, **{"3.1": {"name": "Kiểu dáng"}}))
        with pytest.raises(Refusal) as refused:
            save(draft, officer, typed(draft), tag=tag)
        assert (refused.value.code, str(leader) in str(refused.value.sentence)) == ("moved_on", True)
        assert draft.criteria.get(code="3.1").name == "Kiểu dáng"

    def test_a_draft_is_dropped_with_a_reason_and_the_audit_keeps_it(self, draft, officer):
        criteria.discard(criteria_set=draft, reason="Chép nhầm.", actor=officer)
        assert not CriteriaSet.objects.filter(pk=draft.pk).exists()
        assert AuditEntry.objects.get(action="criteria.discard").reason == "Chép nhầm."

    def test_a_stranger_copies_nothing(self, round_, other_province):
        with pytest.raises(Refusal) as refused:
            criteria.copy_set(
                source=factories.CriteriaSetFactory(), round_=round_, actor=factories.staff("officer", other_province)
            )
        assert refused.value.code == "not_allowed"

    def test_once_scoring_has_begun_nothing_is_copied_or_revised(self, province, officer):
        round_ = helpers.scoring_round(province, officer)
        used = CriteriaSet.objects.get(round=round_)
        assert used.frozen_at is not None
        for act in (
            lambda: criteria.copy_set(source=used, round_=round_, group="other", actor=officer),
            lambda: criteria.revise(criteria_set=used, reason="Sửa.", actor=officer),
        ):
            with pytest.raises(Refusal, match="đã khóa, không thay được"):
                act()


@pytest.mark.django_db
class TestTwoPeople:
    def test_who_proposes_does_not_approve(self, draft, leader):
        save(draft, None)
        propose(draft, leader)
        with pytest.raises(Refusal) as refused:
            approve(draft, leader)
        assert refused.value.code == "same_person"

    def test_who_wrote_in_it_does_not_approve_what_another_proposed(self, draft, officer, leader):
        save(draft, leader, typed(draft, **{"3.1": {"name": "Kiểu dáng"}}))
        propose(draft, officer)
        with pytest.raises(Refusal) as refused:
            approve(draft, leader)
        assert refused.value.code == "same_person"
        assert approve(draft, chair_of(draft.round)).state == "approved"

    def test_writing_in_an_earlier_version_is_no_hand_in_this_one(self, round_, officer, leader):
        first = criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=leader)
        propose(first, officer)
        approve(first, chair_of(round_))
        second = criteria.revise(criteria_set=first, reason="Sửa lời.", actor=officer)
        propose(second, officer)
        assert approve(second, leader).approved_by == leader

    def test_an_officer_does_not_approve(self, draft, officer, province):
        propose(draft, officer)
        with pytest.raises(Refusal) as refused:
            approve(draft, factories.staff("officer", province))
        assert refused.value.code == "not_allowed"

    def test_the_system_approves_nothing(self, draft, officer):
        propose(draft, officer)
        with pytest.raises(Refusal, match="do một người làm"):
            approve(draft, None)

    def test_what_does_not_add_up_is_not_proposed(self, draft, officer):
        save(draft, officer, typed(draft, **{"3.1": {"max_points": Decimal(4)}}))
        with pytest.raises(Refusal, match="Tiêu chí 3 tối đa 10 điểm"):
            propose(draft, officer)

    def test_what_was_proposed_is_what_is_approved(self, draft, officer, leader):
        tag = criteria.version_tag(draft)
        propose(draft, officer)
        criteria.take_back(criteria_set=draft, actor=officer)
        save(draft, officer, typed(draft, **{"3.1": {"name": "Kiểu dáng"}}))
        propose(draft, officer)
        with pytest.raises(Refusal) as refused:
            approve(draft, leader, tag=tag)
        assert refused.value.code == "moved_on"

    def test_a_returned_version_is_a_draft_again_with_the_reason(self, draft, officer, leader):
        propose(draft, officer)
        with pytest.raises(Refusal, match="Phiên bản này chờ duyệt"):
            save(draft, officer)
        criteria.send_back(criteria_set=draft, reason="Thiếu hướng dẫn.", actor=leader, now=helpers.NOON)
        draft.refresh_from_db()
        assert (draft.state, draft.returned_reason) == ("draft", "Thiếu hướng dẫn.")
        save(draft, officer)

    def test_those_who_may_approve_are_told_and_the_proposer_hears_what_became_of_it(self, draft, officer, leader):
        chair = chair_of(draft.round)
        propose(draft, officer)
        told = Notice.objects.filter(kind="criteria_proposed")
        assert set(told.values_list("user", flat=True)) == {leader.pk, chair.pk}
        approve(draft, leader)
        assert Notice.objects.get(kind="criteria_decided").user == officer


@pytest.mark.django_db
class TestDatabase:
    @pytest.fixture
    def row_(self, round_):
        return factories.CriteriaSetFactory(round=round_).criteria.get(code="1.1")

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE rounds_criterion SET max_points = 15 WHERE id = %s",
            "UPDATE rounds_criterion SET name = 'Khác' WHERE id = %s",
            "DELETE FROM rounds_criterion WHERE id = %s",
            (
                "INSERT INTO rounds_criterion (criteria_set_id, code, name, guidance, position)"
                " SELECT criteria_set_id, '9', 'Thêm', '', 99 FROM rounds_criterion WHERE id = %s"
            ),
        ],
    )
    def test_rows_of_an_approved_set_never_change(self, sql, row_):
        before = list(Criterion.objects.values_list("pk", "name", "max_points"))
        with pytest.raises(IntegrityError, match="đã trình hoặc đã duyệt"), transaction.atomic():
            run(sql, row_.pk)
        assert list(Criterion.objects.values_list("pk", "name", "max_points")) == before

    def test_without_the_guard_they_would(self, row_):
        triggers.drop(connection)
        run("UPDATE rounds_criterion SET max_points = 15 WHERE id = %s", row_.pk)
        assert Criterion.objects.get(pk=row_.pk).max_points == 15

    def test_rows_of_drafts_and_templates_do_change(self, draft):
        template = factories.CriteriaSetFactory()
        for one in (draft, template):
            run("UPDATE rounds_criterion SET name = 'Khác' WHERE criteria_set_id = %s", one.pk)
            assert set(one.criteria.values_list("name", flat=True)) == {"Khác"}

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE rounds_criteriaset SET state = 'draft' WHERE id = %s",
            "UPDATE rounds_criteriaset SET version = 9 WHERE id = %s",
            "UPDATE rounds_criteriaset SET round_id = NULL WHERE id = %s",
        ],
    )
    def test_an_approved_set_stays_what_it_was(self, sql, row_):
        with pytest.raises(IntegrityError, match="đã duyệt thì không đổi"), transaction.atomic():
            run(sql, row_.criteria_set_id)

    def test_a_proposed_set_is_not_removed(self, draft, officer):
        propose(draft, officer)
        with pytest.raises(IntegrityError), transaction.atomic():
            draft.delete()

    def test_the_database_too_wants_two_people(self, draft, officer, leader):
        save(draft, leader)
        refusing = pytest.raises(IntegrityError, match="người khác, không soạn bản đó")
        approving = "UPDATE rounds_criteriaset SET state = 'approved', approved_at = proposed_at, approved_by_id = %s WHERE id = %s"
        with refusing, transaction.atomic():
            run("UPDATE rounds_criteriaset SET state = 'approved' WHERE id = %s", draft.pk)
        propose(draft, officer)
        with refusing, transaction.atomic():
            run(approving, leader.pk, draft.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            run(approving, officer.pk, draft.pk)
        run(approving, chair_of(draft.round).pk, draft.pk)


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
