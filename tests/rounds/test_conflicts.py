"""Conflicts of interest: declared at any time, kept, and taken back only by another."""

import pytest

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.enums import AssignmentMode, Body, RoundState, ScoringPass, SeatRole, SheetState
from rounds.models import Assignment, AssignmentPlan, Conflict, Dossier, Round, Score, ScoreSheet
from rounds.services import conflicts, detection, scoring

from ..factories import ConflictFactory, SeatFactory, UserFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db

WHY = "Tôi có vốn góp ở cơ sở"


@pytest.fixture
def bench():
    return Bench()


def declare(bench, **facts):
    return conflicts.declare(
        **{"dossier": bench.dossier, "user": bench.judge, "reason": WHY, "now": NOW, **facts}
    ).conflict


def secretary_of(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


def test_declared_before_scoring_it_stands_and_is_written_down(bench):
    conflict = declare(bench)
    assert (conflict.reason, conflict.declared_at, conflict.withdrawn_at) == (WHY, NOW, None)
    entry = AuditEntry.objects.get(action="conflict.declare")
    assert (entry.actor, entry.reason, entry.data) == (bench.judge, WHY, {"possible": 0, "quorum": 1})


def test_declared_twice_it_stays_one(bench):
    assert declare(bench).pk == declare(bench, reason="Lý do khác").pk
    assert AuditEntry.objects.filter(action="conflict.declare").count() == 1


@pytest.mark.parametrize("handed_in", [False, True])
def test_an_existing_sheet_is_voided_with_the_reason_and_kept_with_its_points(bench, handed_in):
    sheet = bench.full()
    if handed_in:
        scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    declare(bench)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.voided_reason) == (SheetState.VOIDED, f"Xung đột lợi ích: {WHY}")
    assert Score.objects.filter(sheet=sheet).count() == 9
    assert AuditEntry.objects.get(action="conflict.declare").data == {
        "voided_sheets": [str(sheet.uuid)],
        "possible": 0,
        "quorum": 1,
    }


def test_a_reason_is_required(bench):
    with pytest.raises(Refusal) as refused:
        declare(bench, reason=" \n ")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")
    assert not Conflict.objects.exists()


def test_only_people_seated_in_the_round_declare(bench):
    with pytest.raises(Refusal) as refused:
        declare(bench, user=UserFactory())
    assert refused.value.code == "not_seated"


def test_a_member_of_the_council_declares_too(bench):
    member = SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    assert declare(bench, user=member).user == member


def test_after_the_seal_the_conflict_stands_and_the_counted_sheet_stays_as_sealed(bench):
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    chair = SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.CHAIR).user
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    found = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason=WHY, now=NOW)
    assert found.effects.counted == (str(ScoreSheet.objects.get().uuid),)
    assert ScoreSheet.objects.get().state == SheetState.SUBMITTED
    assert not Dossier.objects.for_judge(bench.judge).exists()
    letter = Notice.objects.get(kind="conflict_late", user=chair)
    assert "mở lại bước chấm điểm" in letter.body


def test_scoring_that_opens_again_voids_what_the_seal_had_kept(bench):
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    Round.objects.update(state=RoundState.DELIBERATION)
    declare(bench)
    detection.before_counting(bench.round, now=NOW)
    assert ScoreSheet.objects.get().state == SheetState.VOIDED


def test_a_cancelled_round_takes_no_declaration(bench):
    bench.round.state, bench.round.cancelled_reason = RoundState.CANCELLED, "Không đủ hồ sơ"
    bench.round.save()
    with pytest.raises(Refusal) as refused:
        declare(bench)
    assert refused.value.code == "round_over"


def test_nobody_takes_back_the_own_declaration(bench):
    conflict = declare(bench)
    with pytest.raises(Refusal) as refused:
        conflicts.withdraw(conflict=conflict, reason="Khai nhầm", actor=bench.judge, now=NOW)
    assert refused.value.code == "own_conflict"


@pytest.mark.parametrize("handed_in", [False, True])
def test_taken_back_by_another_the_sheet_returns_as_it_was(bench, handed_in):
    sheet = bench.full()
    if handed_in:
        scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    before = ScoreSheet.objects.values().get()
    head = secretary_of(bench)
    conflict = conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm hồ sơ", actor=head, now=NOW)
    assert (conflict.withdrawn_at, conflict.withdrawn_reason) == (NOW, "Khai nhầm hồ sơ")
    assert ScoreSheet.objects.values().get() == before
    assert AuditEntry.objects.get(action="conflict.withdraw").actor == head


def test_taken_back_twice_is_refused(bench):
    conflict, head = declare(bench), secretary_of(bench)
    conflicts.withdraw(conflict=conflict, reason="Khai nhầm", actor=head, now=NOW)
    with pytest.raises(Refusal) as refused:
        conflicts.withdraw(conflict=conflict, reason="Khai nhầm", actor=head, now=NOW)
    assert refused.value.code == "already_withdrawn"


def test_a_sheet_voided_for_another_reason_stays_voided(bench):
    sheet = bench.full()
    ScoreSheet.objects.filter(pk=sheet.pk).update(state=SheetState.VOIDED, voided_reason="Giám khảo thôi tham gia")
    conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=secretary_of(bench), now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.VOIDED


def test_a_withdrawn_conflict_may_be_declared_again(bench):
    conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=secretary_of(bench), now=NOW)
    declare(bench)
    assert Conflict.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_only_those_who_settle_conflicts_take_one_back(bench):
    with pytest.raises(Refusal) as refused:
        conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=UserFactory(), now=NOW)
    assert refused.value.code == "not_allowed"


def test_whoever_stands_aside_too_settles_nothing(bench):
    secretary = secretary_of(bench)
    ConflictFactory(dossier=bench.dossier, user=secretary)
    with pytest.raises(Refusal) as refused:
        conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=secretary, now=NOW)
    assert refused.value.code == "conflict"


def test_the_sheets_of_both_passes_are_voided_and_come_back_together(bench):
    Round.objects.update(has_site_pass=True)
    bench.full()
    ScoreSheet.objects.create(dossier=bench.dossier, judge=bench.judge, scoring_pass=ScoringPass.SITE)
    found = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason=WHY, now=NOW)
    assert len(found.effects.voided) == 2
    assert set(ScoreSheet.objects.values_list("state", flat=True)) == {SheetState.VOIDED}
    conflicts.withdraw(conflict=found.conflict, reason="Khai nhầm", actor=secretary_of(bench), now=NOW)
    assert set(ScoreSheet.objects.values_list("state", flat=True)) == {SheetState.DRAFT}


def test_the_assignment_is_released_and_given_back(bench):
    Round.objects.update(assignment=AssignmentMode.ASSIGNED)
    head = secretary_of(bench)
    plan = AssignmentPlan.objects.create(
        round=bench.round, number=1, method="by_hand", seed="a", made_by=head, made_at=NOW
    )
    Assignment.objects.create(dossier=bench.dossier, judge=bench.judge, plan=plan, assigned_at=NOW)
    found = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason=WHY, now=NOW)
    assert found.effects.released
    assert not Assignment.objects.filter(released_at=None).exists()
    conflicts.withdraw(conflict=found.conflict, reason="Khai nhầm", actor=head, now=NOW)
    assert Assignment.objects.filter(released_at=None, judge=bench.judge, plan=plan).count() == 1


@pytest.mark.parametrize(("quorum", "short"), [(2, False), (3, True)])
def test_the_quorum_is_counted_again_and_those_who_run_the_scoring_are_told(bench, quorum, short):
    Round.objects.update(quorum=quorum)
    SeatFactory.create_batch(2, round=bench.round)
    secretary = secretary_of(bench)
    bench.open()
    found = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason=WHY, now=NOW)
    assert (found.effects.possible, found.effects.short) == (2, short)
    assert ("cần ít nhất" in Notice.objects.get(kind="conflict_late", user=secretary).body) == short


def test_an_early_recusal_that_harms_no_quorum_tells_nobody(bench):
    SeatFactory(round=bench.round)
    secretary_of(bench)
    declare(bench)
    assert not Notice.objects.filter(kind="conflict_late").exists()
