"""Plans of who scores what: made, looked at, applied, mended; and what they refuse."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.assign_facts import facts_of, pairs_of
from rounds.assigned import judges_of
from rounds.enums import AssignmentMode, Body, DossierState, PlanMethod, PlanState, RoundState, SeatRole, SheetState
from rounds.models import Assignment, Dossier, Seat
from rounds.services import assigning, guards, scoring
from tests import factories

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
HANDICRAFT, PROCESSING = "handicraft", "processing"


@pytest.fixture
def round_(province):
    found = factories.RoundFactory(territory=province, year=2026, state=RoundState.SCREENING, quorum=2)
    for role in (SeatRole.HEAD_JUDGE, SeatRole.JUDGE, SeatRole.JUDGE):
        factories.SeatFactory(round=found, body=Body.JURY, role=role)
    return found


@pytest.fixture
def dossiers(round_):
    return [entry(round_, group) for group in (HANDICRAFT, HANDICRAFT, PROCESSING, PROCESSING, PROCESSING, PROCESSING)]


def entry(round_, group=HANDICRAFT, **changes):
    facility = factories.FacilityFactory(territory=round_.territory)
    product = factories.ProductFactory(facility=facility, group=group)
    return factories.DossierFactory(round=round_, product=product, **changes)


def seats(round_):
    return list(Seat.objects.filter(round=round_, body=Body.JURY, until=None).select_related("user").order_by("pk"))


def jury(round_):
    return [seat.user for seat in seats(round_)]


def balanced(round_, officer, **changes):
    facts = {"method": PlanMethod.BALANCED, "per_dossier": 2, "seed": "a", **changes}
    return assigning.plan(round_=round_, actor=officer, now=NOW, **facts)


def in_force(round_, officer, **changes):
    plan = balanced(round_, officer, **changes)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Quá nhiều hồ sơ.")
    round_.refresh_from_db()
    return plan


def loads(plan):
    return sorted(line["total"] for line in plan.explanation["judges"])


def given(round_):
    return set(Assignment.objects.filter(dossier__round=round_, released_at=None).values_list("dossier_id", "judge_id"))


def recuse(dossier, user):
    return factories.ConflictFactory(dossier=dossier, user=user)


def test_a_plan_writes_nothing_but_itself(round_, dossiers, officer):
    plan = balanced(round_, officer)
    round_.refresh_from_db()
    assert (plan.number, plan.state, loads(plan)) == (1, PlanState.PREVIEW, [4, 4, 4])
    assert round_.assignment == AssignmentMode.EVERYONE
    assert not Assignment.objects.exists()
    assert AuditEntry.objects.get(action="assignment.plan").data["seed"] == "a"


def test_applied_it_holds_and_the_judges_hear_of_it(round_, dossiers, officer):
    plan = in_force(round_, officer)
    assert round_.assignment == AssignmentMode.ASSIGNED
    assert len(given(round_)) == 12
    for judge in jury(round_):
        mine = set(Dossier.objects.for_judge(judge).values_list("pk", flat=True))
        assert mine == {pk for pk, user in given(round_) if user == judge.pk}
        assert Notice.objects.filter(kind="dossiers_assigned", user=judge).count() == 1
    plan.refresh_from_db()
    assert (plan.state, plan.applied_by) == (PlanState.APPLIED, officer)
    assert AuditEntry.objects.filter(action="assignment.apply").count() == 1


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(round_, dossiers, officer):
    assert balanced(round_, officer).pairs == balanced(round_, officer).pairs
    assert len({str(balanced(round_, officer, seed=str(n)).pairs) for n in range(5)}) > 1


def test_a_second_application_is_refused(round_, dossiers, officer):
    plan = in_force(round_, officer)
    with pytest.raises(Refusal) as refusal:
        assigning.apply(plan=plan, actor=officer, now=NOW, reason="Lần nữa.")
    assert refusal.value.code == "plan_over"


def change_conflict(round_, dossiers):
    recuse(dossiers[0], jury(round_)[0])


def change_limit(round_, dossiers):
    Seat.objects.filter(pk=seats(round_)[0].pk).update(max_sheets=1)


def change_withdrawn(round_, dossiers):
    Dossier.objects.filter(pk=dossiers[0].pk).update(state=DossierState.WITHDRAWN)


def change_admitted(round_, dossiers):
    entry(round_)


def change_seat(round_, dossiers):
    Seat.objects.filter(pk=seats(round_)[1].pk).update(until=dt.date(2026, 11, 20), until_reason="Chuyển công tác.")


@pytest.mark.parametrize(
    "change",
    [change_conflict, change_limit, change_withdrawn, change_admitted, change_seat],
    ids=["conflict", "limit", "withdrawn", "admitted", "seat"],
)
def test_facts_that_changed_since_the_plan_are_named_and_nothing_is_written(round_, dossiers, officer, change):
    plan = balanced(round_, officer)
    change(round_, dossiers)
    with pytest.raises(Refusal) as refusal:
        assigning.apply(plan=plan, actor=officer, now=NOW)
    assert refusal.value.code == "facts_changed"
    assert len(refusal.value.details) == 1
    assert not Assignment.objects.exists()


def test_made_again_it_follows_the_new_facts_with_the_same_seed(round_, dossiers, officer):
    plan = balanced(round_, officer)
    recuse(dossiers[0], jury(round_)[0])
    made = assigning.again(old=plan, actor=officer, now=NOW)
    assert (made.number, made.seed, made.method) == (2, plan.seed, plan.method)
    assert [str(dossiers[0].uuid), str(jury(round_)[0].uuid)] not in made.pairs
    assigning.apply(plan=made, actor=officer, now=NOW)
    plan.refresh_from_db()
    assert plan.state == PlanState.DISCARDED


def test_what_cannot_be_is_said_with_dossiers_and_limits_before_anything_is_written(round_, dossiers, officer):
    Seat.objects.filter(round=round_).update(max_sheets=3)
    with pytest.raises(Refusal) as refusal:
        balanced(round_, officer)
    assert refusal.value.code == "impossible"
    [sentence] = refusal.value.details
    assert dossiers[0].entry_code in sentence
    assert "12 lượt" in sentence
    assert "9 lượt" in sentence
    assert not round_.plans.exists()


def test_a_dossier_that_too_few_may_score_is_named_with_who_stands_aside(round_, dossiers, officer):
    for judge in jury(round_)[:2]:
        recuse(dossiers[2], judge)
    with pytest.raises(Refusal) as refusal:
        balanced(round_, officer)
    [sentence] = refusal.value.details
    assert dossiers[2].entry_code in sentence
    assert all(str(judge) in sentence for judge in jury(round_)[:2])


def test_a_representative_of_the_facility_gets_none_of_its_dossiers(round_, dossiers, officer):
    judge = jury(round_)[0]
    factories.RepresentativeFactory(facility=dossiers[0].product.facility, user=judge)
    assert (str(dossiers[0].uuid), str(judge.uuid)) in facts_of(round_).barred
    assert (str(dossiers[0].uuid), str(judge.uuid)) not in pairs_of(balanced(round_, officer))


@pytest.mark.parametrize(("asked", "code"), [(1, "too_few"), (4, "too_many")])
def test_the_number_of_judges_lies_between_the_quorum_and_the_jury(round_, dossiers, officer, asked, code):
    with pytest.raises(Refusal) as refusal:
        balanced(round_, officer, per_dossier=asked)
    assert (refusal.value.code, refusal.value.field) == (code, "per_dossier")


def test_by_group_each_judge_scores_the_chosen_groups(round_, dossiers, officer):
    a, b, c = (str(judge.uuid) for judge in jury(round_))
    groups = {a: [HANDICRAFT], b: [HANDICRAFT, PROCESSING], c: [PROCESSING]}
    plan = assigning.plan(round_=round_, method=PlanMethod.BY_GROUP, groups=groups, actor=officer, now=NOW)
    assert {line["judge"]: line["total"] for line in plan.explanation["judges"]} == {a: 2, b: 6, c: 4}
    assigning.apply(plan=plan, actor=officer, now=NOW)
    assert len(given(round_)) == 12


def test_by_group_refuses_a_group_with_too_few_judges_and_a_limit_passed(round_, dossiers, officer):
    a, b, c = (str(judge.uuid) for judge in jury(round_))
    Seat.objects.filter(user__uuid=b).update(max_sheets=5)
    groups = {a: [HANDICRAFT], b: [HANDICRAFT, PROCESSING], c: [HANDICRAFT]}
    with pytest.raises(Refusal) as refusal:
        assigning.plan(round_=round_, method=PlanMethod.BY_GROUP, groups=groups, actor=officer, now=NOW)
    few, over = refusal.value.details
    assert all(dossier.entry_code in few for dossier in dossiers[2:])
    assert "giới hạn là 5" in over


def test_everyone_scores_everything_again(round_, dossiers, officer):
    in_force(round_, officer)
    plan = assigning.plan(round_=round_, method=PlanMethod.EVERYONE, actor=officer, now=NOW)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Đủ giám khảo.")
    round_.refresh_from_db()
    assert round_.assignment == AssignmentMode.EVERYONE
    assert given(round_) == set()
    assert [len(judges) for judges in judges_of(round_).values()] == [3] * 6


def test_by_hand_ticks_change_only_what_the_page_showed(round_, dossiers, officer):
    plan = assigning.plan(
        round_=round_, method=PlanMethod.BY_HAND, pairs=pairs_of(balanced(round_, officer)), actor=officer, now=NOW
    )
    before = pairs_of(plan)
    judge = str(jury(round_)[0].uuid)
    shown = [(str(dossier.uuid), judge) for dossier in dossiers[:3]]
    plan = assigning.assign_by_hand(plan=plan, shown=shown, ticked=shown[:1], actor=officer, now=NOW)
    after = pairs_of(plan)
    assert {pair for pair in after if pair not in shown} == {pair for pair in before if pair not in shown}
    assert after & set(shown) == {shown[0]}


def test_by_hand_an_unfinished_plan_is_kept_but_not_applied(round_, dossiers, officer):
    plan = assigning.plan(round_=round_, method=PlanMethod.BY_HAND, pairs=[], actor=officer, now=NOW)
    with pytest.raises(Refusal) as refusal:
        assigning.apply(plan=plan, actor=officer, now=NOW)
    assert refusal.value.code == "impossible"
    assert all(dossier.entry_code in refusal.value.details[0] for dossier in dossiers)


def test_by_hand_neither_conflicts_nor_limits_give_way(round_, dossiers, officer):
    judge = jury(round_)[0]
    recuse(dossiers[0], judge)
    Seat.objects.filter(user=judge).update(max_sheets=1)
    plan = assigning.plan(round_=round_, method=PlanMethod.BY_HAND, pairs=[], actor=officer, now=NOW)
    shown = [(str(dossier.uuid), str(judge.uuid)) for dossier in dossiers]
    with pytest.raises(Refusal) as refusal:
        assigning.assign_by_hand(plan=plan, shown=shown, ticked=shown, actor=officer, now=NOW)
    assert len(refusal.value.details) == 2
    plan.refresh_from_db()
    assert plan.pairs == []


@pytest.fixture
def scoring_round(round_, dossiers, officer):
    factories.CriteriaSetFactory(round=round_)
    plan = in_force(round_, officer)
    round_.state = RoundState.SCORING
    round_.save()
    return round_, plan


def opened(round_, judge):
    dossier = Dossier.objects.for_judge(judge).order_by("pk").first()
    return scoring.open_sheet(dossier=dossier, judge=judge, now=NOW)


def test_mending_after_a_recusal_moves_only_what_it_must(scoring_round, dossiers, officer):
    round_, _plan = scoring_round
    before = given(round_)
    pk, user = min(before)
    recuse(Dossier.objects.get(pk=pk), next(judge for judge in jury(round_) if judge.pk == user))
    plan = assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Một giám khảo từ chối chấm.")
    after = given(round_)
    assert before - after == {(pk, user)}
    assert {dossier for dossier, _judge in after - before} == {pk}
    assert [len(judges) for judges in judges_of(round_).values()] == [2] * 6


def test_mending_after_a_judge_was_replaced_gives_the_dossiers_to_the_new_one(scoring_round, dossiers, officer):
    round_, _plan = scoring_round
    old = seats(round_)[2]
    mine = {pk for pk, judge in given(round_) if judge == old.user_id}
    Seat.objects.filter(pk=old.pk).update(until=dt.date(2026, 11, 20), until_reason="Chuyển công tác.")
    new = factories.SeatFactory(round=round_, body=Body.JURY, role=SeatRole.JUDGE, replaces=old).user
    plan = assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Thay giám khảo.")
    assert {pk for pk, judge in given(round_) if judge == new.pk} == mine
    assert {judge for _pk, judge in given(round_)} == {judge.pk for judge in jury(round_)}


def test_mending_takes_nothing_from_who_has_opened_a_sheet(scoring_round, dossiers, officer):
    round_, _plan = scoring_round
    judge = jury(round_)[0]
    sheet = opened(round_, judge)
    Seat.objects.filter(user=judge).update(max_sheets=1)
    plan = assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Giảm việc.")
    assert {pk for pk, user in given(round_) if user == judge.pk} == {sheet.dossier_id}


def test_nothing_to_mend_is_said(scoring_round, officer):
    with pytest.raises(Refusal) as refusal:
        assigning.rebalance(round_=scoring_round[0], actor=officer, now=NOW)
    assert refusal.value.code == "nothing_to_do"


def test_while_everyone_scores_there_is_nothing_to_mend(round_, dossiers, officer):
    with pytest.raises(Refusal) as refusal:
        assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assert refusal.value.code == "everyone_scores"


def test_a_change_during_scoring_needs_a_reason(scoring_round, officer):
    plan = balanced(scoring_round[0], officer, seed="khác")
    with pytest.raises(Refusal) as refusal:
        assigning.apply(plan=plan, actor=officer, now=NOW)
    assert refusal.value.code == "reason_missing"


def test_a_released_dossier_keeps_its_draft_and_is_no_more_the_judges(scoring_round, officer):
    round_, _plan = scoring_round
    judge = jury(round_)[0]
    sheet = opened(round_, judge)
    row = Assignment.objects.get(dossier=sheet.dossier_id, judge=judge, released_at=None)
    with pytest.raises(Refusal) as refusal:
        assigning.release(assignment=row, reason=" ", actor=officer, now=NOW)
    assert refusal.value.code == "reason_missing"
    assigning.release(assignment=row, reason="Bận công tác.", actor=officer, now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.DRAFT
    assert sheet.dossier not in Dossier.objects.for_judge(judge)
    with pytest.raises(Refusal) as refusal:
        scoring.save_scores(sheet=sheet, values={}, revision=0, actor=judge, now=NOW, remark="Ghi thêm.")
    assert refusal.value.code == "not_assigned"
    assert AuditEntry.objects.get(action="assignment.release").data["draft_kept"] is True


def test_what_was_released_goes_to_another_though_a_draft_is_kept(scoring_round, officer):
    round_, _plan = scoring_round
    judge = jury(round_)[0]
    sheet = opened(round_, judge)
    row = Assignment.objects.get(dossier=sheet.dossier_id, judge=judge, released_at=None)
    assigning.release(assignment=row, reason="Bận công tác.", actor=officer, now=NOW)
    plan = assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assigning.apply(plan=plan, actor=officer, now=NOW, reason="Bù chỗ thiếu.")
    assert (sheet.dossier_id, judge.pk) not in given(round_)
    assert [len(judges) for judges in judges_of(round_).values()] == [2] * 6


def test_without_another_it_goes_back_to_the_same_judge(scoring_round, officer):
    round_, _plan = scoring_round
    judge, *others = jury(round_)
    row = Assignment.objects.filter(judge=judge, released_at=None).select_related("dossier").first()
    third = next(user for user in others if (row.dossier_id, user.pk) not in given(round_))
    recuse(row.dossier, third)
    assigning.release(assignment=row, reason="Bận công tác.", actor=officer, now=NOW)
    plan = assigning.rebalance(round_=round_, actor=officer, now=NOW)
    assert (str(row.dossier.uuid), str(judge.uuid)) in pairs_of(plan)


def test_a_handed_in_sheet_is_not_released(scoring_round, officer):
    round_, _plan = scoring_round
    judge = jury(round_)[0]
    sheet = opened(round_, judge)
    scoring.cannot_assess(sheet=sheet, reason="Thiếu mẫu.", actor=judge, now=NOW)
    row = Assignment.objects.get(dossier=sheet.dossier_id, judge=judge, released_at=None)
    with pytest.raises(Refusal) as refusal:
        assigning.release(assignment=row, reason="Bận.", actor=officer, now=NOW)
    assert refusal.value.code == "handed_in"


def test_the_database_refuses_a_sheet_by_who_was_not_assigned(scoring_round):
    round_, _plan = scoring_round
    judge = jury(round_)[0]
    other = round_.dossiers.exclude(pk__in=Dossier.objects.for_judge(judge)).first()
    with pytest.raises(Refusal) as refusal:
        scoring.open_sheet(dossier=other, judge=judge, now=NOW)
    assert refusal.value.code == "not_assigned"
    with pytest.raises(IntegrityError, match="không được phân"), transaction.atomic():
        factories.ScoreSheetFactory(dossier=other, judge=judge)


def test_scoring_opens_only_with_judges_enough_and_names_what_came_after_the_plan(round_, dossiers, officer):
    in_force(round_, officer)
    late = entry(round_)
    recused = dossiers[0]
    judge = next(judge for judge in jury(round_) if (recused.pk, judge.pk) in given(round_))
    recuse(recused, judge)
    found = guards.Check()
    guards.open_scoring(round_, guards.Facts(NOW), found)
    assert [line for line in found.blockers if late.entry_code in line and "sau khi phân công" in line]
    assert [line for line in found.blockers if recused.entry_code in line and "chưa đủ 2" in line]


@pytest.mark.parametrize("state", [RoundState.RECEIVING, RoundState.DELIBERATION])
def test_plans_are_made_between_the_last_dossier_and_the_seal(round_, dossiers, officer, state):
    round_.state = state
    round_.save()
    with pytest.raises(Refusal) as refusal:
        balanced(round_, officer)
    assert refusal.value.code == "round_state"


def test_only_who_runs_the_scoring_assigns(round_, dossiers):
    with pytest.raises(Refusal) as refusal:
        balanced(round_, jury(round_)[1])
    assert refusal.value.code == "not_allowed"
    assert balanced(round_, jury(round_)[0]).number == 1
