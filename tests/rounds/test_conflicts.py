"""Conflicts of interest: declared at any time, kept, and taken back only by another."""

import pytest

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import Body, RoundState, SeatRole, SheetState
from rounds.models import Conflict, Score, ScoreSheet
from rounds.services import conflicts, scoring

from ..factories import SeatFactory, UserFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db

WHY = "Người nhà góp vốn vào cơ sở"


@pytest.fixture
def bench():
    return Bench()


def declare(bench, **facts):
    return conflicts.declare(**{"dossier": bench.dossier, "user": bench.judge, "reason": WHY, "now": NOW, **facts})


def test_declared_before_scoring_it_stands_and_is_written_down(bench):
    conflict = declare(bench)
    assert (conflict.reason, conflict.declared_at, conflict.withdrawn_at) == (WHY, NOW, None)
    entry = AuditEntry.objects.get(action="conflict.declare")
    assert (entry.actor, entry.reason, entry.data) == (bench.judge, WHY, {})


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
    assert (sheet.state, sheet.voided_reason) == (SheetState.VOIDED, f"Khai xung đột lợi ích: {WHY}")
    assert Score.objects.filter(sheet=sheet).count() == 9
    assert AuditEntry.objects.get(action="conflict.declare").data == {"voided_sheet": str(sheet.uuid)}


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


def test_a_counted_sheet_is_not_voided_after_scoring_closed(bench):
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    with pytest.raises(Refusal) as refused:
        declare(bench)
    assert refused.value.code == "scoring_closed"
    assert ScoreSheet.objects.get().state == SheetState.SUBMITTED


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
    head = UserFactory()
    conflict = conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm hồ sơ", actor=head, now=NOW)
    assert (conflict.withdrawn_at, conflict.withdrawn_reason) == (NOW, "Khai nhầm hồ sơ")
    assert ScoreSheet.objects.values().get() == before
    assert AuditEntry.objects.get(action="conflict.withdraw").actor == head


def test_taken_back_twice_is_refused(bench):
    conflict, head = declare(bench), UserFactory()
    conflicts.withdraw(conflict=conflict, reason="Khai nhầm", actor=head, now=NOW)
    with pytest.raises(Refusal) as refused:
        conflicts.withdraw(conflict=conflict, reason="Khai nhầm", actor=head, now=NOW)
    assert refused.value.code == "already_withdrawn"


def test_a_sheet_voided_for_another_reason_stays_voided(bench):
    sheet = bench.full()
    ScoreSheet.objects.filter(pk=sheet.pk).update(state=SheetState.VOIDED, voided_reason="Giám khảo thôi tham gia")
    conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=UserFactory(), now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.VOIDED


def test_a_withdrawn_conflict_may_be_declared_again(bench):
    conflicts.withdraw(conflict=declare(bench), reason="Khai nhầm", actor=UserFactory(), now=NOW)
    declare(bench)
    assert Conflict.objects.filter(withdrawn_at__isnull=True).count() == 1
