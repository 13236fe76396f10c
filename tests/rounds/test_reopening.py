"""A sealed sheet is re-opened by the chair alone, with a reason, what was handed in being kept for ever."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.enums import Body, RoundState, SeatRole, SheetState
from rounds.models import ScoreSheet, SheetVersion
from rounds.services import declining, reopening, scoring

from ..factories import ConflictFactory, SeatFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def chair(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.CHAIR).user


@pytest.fixture
def sealed(bench):
    return scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)


def reopened(sheet, actor, reason="Nhập nhầm hai mục"):
    return reopening.reopen(sheet=sheet, reason=reason, actor=actor, now=NOW)


def refusal(call, *args, **facts):
    with pytest.raises(Refusal) as refused:
        call(*args, **facts)
    return refused.value.code


def raw(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused_by_the_database(match, sql, *values):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        raw(sql, *values)


def test_a_reopened_sheet_is_a_draft_of_the_next_edition_with_all_its_scores(bench, sealed, chair):
    sheet = reopened(sealed, chair)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.edition, sheet.total, sheet.submitted_at) == (SheetState.DRAFT, 2, None, None)
    assert set(bench.points().values()) == {Decimal(4)}
    assert bench.save(sheet, {"1.1": (Decimal(9), "")}).written == 1
    again = scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    assert (again.total, again.edition) == (Decimal(41), 2)


def test_what_was_handed_in_is_kept_to_the_last_point(sealed, chair):
    reopened(sealed, chair)
    kept = SheetVersion.objects.get()
    assert (kept.number, kept.reason, kept.reopened_by, kept.submitted_at) == (1, "Nhập nhầm hai mục", chair, NOW)
    assert (kept.content["total"], kept.content["state"], len(kept.content["scores"])) == ("36.00", "submitted", 9)
    assert kept.content["scores"][0]["points"] == "4.00"


def test_a_reopening_is_written_down_and_told_to_the_judge(bench, sealed, chair):
    reopened(sealed, chair)
    entry = AuditEntry.objects.get(action="sheet.reopen")
    assert (entry.actor, entry.reason, entry.data["kept_version"]) == (chair, "Nhập nhầm hai mục", 1)
    assert Notice.objects.get(kind="sheet_reopened").user == bench.judge


def test_a_page_open_before_the_reopening_is_outdated(bench, sealed, chair):
    reopened(sealed, chair)
    with pytest.raises(scoring.Stale):
        bench.save(sealed, {"1.1": (Decimal(9), "")}, revision=1)


def test_a_sheet_that_could_not_be_assessed_may_be_reopened_too(bench, chair):
    done = scoring.cannot_assess(sheet=bench.open(), reason="Ngoài chuyên môn", actor=bench.judge, now=NOW)
    sheet = reopened(done, chair)
    assert (sheet.state, sheet.cannot_assess_reason) == (SheetState.DRAFT, "")
    assert SheetVersion.objects.get().content["cannot_assess_reason"] == "Ngoài chuyên môn"


def test_only_the_chair_reopens_and_nobody_the_own_sheet_or_that_of_an_own_conflict(bench, sealed, chair):
    head = SeatFactory(round=bench.round, role=SeatRole.HEAD_JUDGE).user
    assert refusal(reopened, sealed, head) == "not_allowed"
    assert refusal(reopened, sealed, bench.judge) == "not_allowed"
    SeatFactory(round=bench.round, user=bench.judge, body=Body.COUNCIL, role=SeatRole.VICE_CHAIR)
    assert refusal(reopened, sealed, bench.judge) == "own_sheet"
    ConflictFactory(dossier=bench.dossier, user=chair)
    assert refusal(reopened, sealed, chair) == "conflict"
    assert not SheetVersion.objects.exists()


def test_a_reopening_needs_a_reason_a_sealed_sheet_and_a_round_in_scoring(bench, sealed, chair):
    assert refusal(reopened, sealed, chair, " ") == "reason_missing"
    draft = scoring.open_sheet(dossier=bench.dossier, judge=SeatFactory(round=bench.round).user, now=NOW)
    assert refusal(reopened, draft, chair) == "not_sealed"
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    assert refusal(reopened, sealed, chair) == "not_scoring"


def test_the_judge_asks_and_the_chair_is_told(bench, sealed, chair):
    assert reopening.ask(sheet=sealed, reason="Nhập nhầm", actor=bench.judge, now=NOW) == 1
    assert Notice.objects.get(kind="reopening_asked").user == chair
    assert refusal(reopening.ask, sheet=sealed, reason="Nhập nhầm", actor=chair, now=NOW) == "not_yours"


def test_a_judge_who_asks_again_after_a_no_is_heard_and_answered_the_same_day(bench, sealed, chair):
    for reason in ("Nhập nhầm", "Nhập nhầm mục 2.1"):
        reopening.ask(sheet=sealed, reason=reason, actor=bench.judge, now=NOW)
        declining.decline(sheet=sealed, reason="Chưa rõ mục nào", actor=chair, now=NOW)
    told = Notice.objects.order_by("pk").values_list("kind", "user", "subject_id")
    asked, declined = ("reopening_asked", chair.pk, sealed.uuid), ("reopening_declined", bench.judge.pk, sealed.uuid)
    assert list(told) == [asked, declined, asked, declined]


def test_the_database_allows_exactly_this_step(sealed, chair):
    back = "UPDATE rounds_scoresheet SET state = 'draft', total = NULL, submitted_at = NULL, edition = %s WHERE id = %s"
    refused_by_the_database("lần nộp|đã khóa", back, 2, sealed.pk)  # nothing was kept
    with transaction.atomic():
        reopening._keep(ScoreSheet.objects.get(pk=sealed.pk), "Nhầm", chair, NOW)
        refused_by_the_database("lần nộp|đã khóa", back, 3, sealed.pk)
        refused_by_the_database("lần nộp|đã khóa", back.replace("state =", "remark = 'khác', state ="), 2, sealed.pk)
        raw(back, 2, sealed.pk)
    assert ScoreSheet.objects.get().edition == 2


def test_a_kept_version_is_neither_changed_nor_removed_nor_made_up(bench, sealed, chair):
    reopened(sealed, chair)
    for sql in ("UPDATE rounds_sheetversion SET reason = 'khác'", "DELETE FROM rounds_sheetversion"):
        refused_by_the_database("giữ nguyên", sql)
    with pytest.raises(IntegrityError, match="đang khóa"), transaction.atomic():
        reopening._keep(ScoreSheet.objects.get(), "Nhầm", chair, NOW)
    refused_by_the_database("giữ lại", "DELETE FROM rounds_scoresheet WHERE id = %s", sealed.pk)


def test_after_scoring_the_database_opens_nothing(bench, sealed, chair):
    reopening._keep(ScoreSheet.objects.get(), "Nhầm", chair, NOW)
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    back = "UPDATE rounds_scoresheet SET state = 'draft', total = NULL, submitted_at = NULL, edition = 2"
    refused_by_the_database("lần nộp|đã khóa", back)
