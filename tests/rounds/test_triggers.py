"""The database itself refuses what must never be written, by whatever door."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from facilities.models import Representative
from rounds.enums import Body, RoundState, SeatRole, SheetState
from rounds.models import Conflict, Score, ScoreSheet
from rounds.services import conflicts, scoring

from ..factories import ConflictFactory, RepresentativeFactory, ScoreSheetFactory, SeatFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def sealed(bench):
    return scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(sql, *values, match):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        run(sql, *values)


def test_no_sheet_is_opened_over_a_standing_conflict(bench):
    ConflictFactory(dossier=bench.dossier, user=bench.judge)
    with pytest.raises(IntegrityError, match="có xung đột lợi ích"), transaction.atomic():
        ScoreSheetFactory(dossier=bench.dossier, judge=bench.judge)
    assert ScoreSheetFactory(dossier=bench.dossier).pk


def test_no_sheet_is_moved_to_a_person_with_a_conflict(bench):
    sheet = bench.open()
    other = ConflictFactory(dossier=bench.dossier).user
    refused("UPDATE rounds_scoresheet SET judge_id = %s WHERE id = %s", other.pk, sheet.pk, match="xung đột lợi ích")


def test_a_voided_sheet_does_not_come_back_while_the_conflict_stands(bench):
    sheet = bench.open()
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW)
    refused(
        "UPDATE rounds_scoresheet SET state = 'draft', voided_reason = '' WHERE id = %s",
        sheet.pk,
        match="xung đột lợi ích",
    )


def test_no_conflict_is_recorded_over_a_live_sheet(bench):
    bench.open()
    with pytest.raises(IntegrityError, match="còn phiếu chấm"), transaction.atomic():
        ConflictFactory(dossier=bench.dossier, user=bench.judge)


def test_a_withdrawn_conflict_does_not_stand_again_over_a_live_sheet(bench):
    conflict = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW).conflict
    secretary = SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user
    conflicts.withdraw(conflict=conflict, reason="Nhầm", actor=secretary, now=NOW)
    bench.open()
    refused("UPDATE rounds_conflict SET withdrawn_at = NULL WHERE id = %s", conflict.pk, match="còn phiếu chấm")
    assert Conflict.objects.get().withdrawn_at == NOW


def test_scores_of_a_sealed_sheet_are_neither_changed_nor_removed_nor_added(bench, sealed):
    match = "Phiếu đã khóa"
    score = Score.objects.filter(sheet=sealed).first()
    refused("UPDATE rounds_score SET points = 1 WHERE id = %s", score.pk, match=match)
    refused("DELETE FROM rounds_score WHERE id = %s", score.pk, match=match)
    refused(
        "INSERT INTO rounds_score (sheet_id, criterion_id, points, note, saved_at) VALUES (%s, %s, 1, '', %s)",
        sealed.pk, bench.leaf("1").pk, NOW, match=match,
    )  # fmt: skip


def test_a_score_is_not_carried_into_or_out_of_a_sealed_sheet(bench, sealed):
    draft = ScoreSheetFactory(dossier=bench.dossier)
    loose = Score.objects.create(sheet=draft, criterion=bench.leaf("1"), saved_at=NOW)
    inside = Score.objects.filter(sheet=sealed).first()
    for score, target in ((loose, sealed), (inside, draft)):
        refused("UPDATE rounds_score SET sheet_id = %s WHERE id = %s", target.pk, score.pk, match="Phiếu đã khóa")


def test_scores_of_a_sheet_that_cannot_be_assessed_are_sealed_too(bench):
    sheet = scoring.cannot_assess(sheet=bench.full(), reason="Ngoài chuyên môn", actor=bench.judge, now=NOW)
    refused("UPDATE rounds_score SET points = 1 WHERE sheet_id = %s", sheet.pk, match="Phiếu đã khóa")


@pytest.mark.parametrize(
    "change",
    [
        "total = 99",
        "submitted_at = '2026-11-22 00:00:00+00:00'",
        "state = 'draft'",
        "state = 'cannot_assess', total = NULL, cannot_assess_reason = 'x'",
        "remark = 'khác'",
        "dossier_version = 9",
        "state = 'voided'",
    ],
)
def test_a_submitted_sheet_does_not_change(sealed, change):
    refused(f"UPDATE rounds_scoresheet SET {change} WHERE id = %s", sealed.pk, match="đã khóa")


def test_a_submitted_sheet_changes_neither_judge_nor_dossier(bench, sealed):
    other = Bench()
    for column, value in (("judge_id", other.judge.pk), ("dossier_id", other.dossier.pk)):
        refused(f"UPDATE rounds_scoresheet SET {column} = %s WHERE id = %s", value, sealed.pk, match="đã khóa")


def test_a_submitted_sheet_may_be_voided_with_a_reason_and_comes_back_only_as_it_was(sealed):
    run("UPDATE rounds_scoresheet SET state = 'voided', voided_reason = 'Nhầm' WHERE id = %s", sealed.pk)
    match = "khôi phục đúng như trước"
    refused("UPDATE rounds_scoresheet SET state = 'draft' WHERE id = %s", sealed.pk, match=match)
    refused("UPDATE rounds_scoresheet SET total = 1 WHERE id = %s", sealed.pk, match=match)
    refused("UPDATE rounds_score SET points = 1 WHERE sheet_id = %s", sealed.pk, match="Phiếu đã khóa")
    assert run("UPDATE rounds_scoresheet SET state = 'submitted' WHERE id = %s", sealed.pk) == 1


def test_a_sealed_sheet_is_never_removed_and_a_draft_may_be(bench, sealed):
    refused("DELETE FROM rounds_scoresheet WHERE id = %s", sealed.pk, match="giữ lại")
    draft = ScoreSheetFactory(dossier=bench.dossier)
    assert ScoreSheet.objects.filter(pk=draft.pk).delete()[0] == 1


def test_a_draft_stays_free(bench):
    sheet = bench.full()
    assert run("UPDATE rounds_score SET points = 1 WHERE sheet_id = %s", sheet.pk) == 9
    assert ScoreSheet.objects.get().state == SheetState.DRAFT


def speaks_for(bench, user):
    return RepresentativeFactory(facility=bench.dossier.product.facility, user=user)


def test_no_sheet_of_either_pass_is_opened_by_who_speaks_for_the_facility(bench):
    speaks_for(bench, bench.judge)
    columns = "uuid, dossier_id, judge_id, scoring_pass, edition, dossier_version, state, remark, cannot_assess_reason"
    sql = (
        f"INSERT INTO rounds_scoresheet ({columns}, revision, started_at, voided_reason)"
        " VALUES (%s, %s, %s, %s, 1, 1, 'draft', '', '', 0, %s, '')"
    )
    bench.round.has_site_pass = True
    bench.round.save()
    for scoring_pass in ("dossier", "site"):
        refused(
            sql,
            uuid.uuid4().hex,
            bench.dossier.pk,
            bench.judge.pk,
            scoring_pass,
            NOW,
            match="có xung đột lợi ích",
        )
    assert not ScoreSheet.objects.exists()


def test_a_representative_approved_later_keeps_no_sheet_but_a_voided_one(bench):
    sheet = bench.open()
    speaks_for(bench, bench.judge)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.VOIDED
    match = "có xung đột lợi ích"
    refused("UPDATE rounds_scoresheet SET state = 'draft', voided_reason = '' WHERE id = %s", sheet.pk, match=match)
    assert run("UPDATE rounds_scoresheet SET voided_reason = 'Lý do khác' WHERE id = %s", sheet.pk) == 1


def test_a_sheet_of_who_has_become_a_party_changes_only_to_be_voided(bench):
    sheet = bench.open()
    other = RepresentativeFactory(
        user=bench.judge, facility=bench.dossier.product.facility, state="pending", decided_at=None
    )
    Representative.objects.filter(pk=other.pk).update(state="approved", decided_at=NOW)  # past every service
    refused("UPDATE rounds_scoresheet SET revision = 9 WHERE id = %s", sheet.pk, match="có xung đột lợi ích")
    assert run("UPDATE rounds_scoresheet SET state = 'voided', voided_reason = 'x' WHERE id = %s", sheet.pk) == 1


def test_after_the_seal_a_conflict_is_written_beside_a_counted_sheet_but_not_beside_a_draft(bench, sealed):
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    assert ConflictFactory(dossier=bench.dossier, user=bench.judge).pk
    refused("UPDATE rounds_scoresheet SET remark = 'x' WHERE id = %s", sealed.pk, match="xung đột lợi ích|đã khóa")


@pytest.mark.parametrize("state", ["draft", "receiving", "screening", "scoring"])
def test_before_the_seal_no_conflict_stands_beside_a_live_sheet(bench, sealed, state):
    type(bench.round).objects.update(state=state)
    with pytest.raises(IntegrityError, match="còn phiếu chấm"), transaction.atomic():
        ConflictFactory(dossier=bench.dossier, user=bench.judge)
