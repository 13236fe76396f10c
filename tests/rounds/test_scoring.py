"""Opening, saving, submitting a sheet: who may, until when, and what is refused in which words."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import CriteriaState, DossierState, RoundState, SheetState
from rounds.judge_queries import outline_for
from rounds.models import Criterion, Score, ScoreSheet
from rounds.services import conflicts, scoring
from rounds.services.score_values import KEEP

from ..factories import CriteriaSetFactory, DossierFactory, RoundFactory, SeatFactory, UserFactory

pytestmark = pytest.mark.django_db

VIETNAM = timezone.get_default_timezone()
NOW = dt.datetime(2026, 11, 21, 14, 32, tzinfo=VIETNAM)
UNTIL = dt.datetime(2026, 11, 21, 17, 0, tzinfo=VIETNAM)
SECOND = dt.timedelta(seconds=1)


class Bench:
    """A round in scoring with one dossier and one judge."""

    def __init__(self, **round_facts):
        self.round = RoundFactory(**{"state": RoundState.SCORING, "scoring_until": UNTIL, **round_facts})
        self.criteria = CriteriaSetFactory(round=self.round, frozen_at=NOW)
        self.dossier = DossierFactory(round=self.round, entry_code="041", version=2)
        self.seat = SeatFactory(round=self.round)
        self.judge = self.seat.user

    def open(self, now=NOW):
        return scoring.open_sheet(dossier=self.dossier, judge=self.judge, now=now)

    def leaf(self, code):
        return Criterion.objects.get(criteria_set=self.criteria, code=code)

    def leaves(self):
        return list(Criterion.objects.filter(criteria_set=self.criteria, parent__isnull=False))

    def save(self, sheet, values, revision=None, now=NOW, **facts):
        return scoring.save_scores(
            sheet=sheet,
            values={self.leaf(code).pk: value for code, value in values.items()},
            revision=sheet.revision if revision is None else revision,
            actor=facts.pop("actor", self.judge),
            now=now,
            **facts,
        )

    def full(self, points=Decimal(4)):
        sheet = self.open()
        values = {leaf.pk: (min(points, leaf.max_points), "") for leaf in self.leaves()}
        return scoring.save_scores(sheet=sheet, values=values, revision=0, actor=self.judge, now=NOW).sheet

    def points(self):
        return dict(Score.objects.filter(sheet__dossier=self.dossier).values_list("criterion__code", "points"))


@pytest.fixture
def bench():
    return Bench()


def code_of(refused):
    return refused.value.code


def test_opening_twice_gives_the_same_sheet_of_the_version_that_was_read(bench):
    first, second = bench.open(), bench.open()
    assert first.pk == second.pk
    assert (first.dossier_version, first.state, first.total) == (2, SheetState.DRAFT, None)


def test_a_person_without_a_seat_opens_no_sheet(bench):
    with pytest.raises(Refusal) as refused:
        scoring.open_sheet(dossier=bench.dossier, judge=UserFactory(), now=NOW)
    assert code_of(refused) == "not_seated"


def test_a_judge_of_another_round_opens_no_sheet(bench):
    with pytest.raises(Refusal) as refused:
        scoring.open_sheet(dossier=bench.dossier, judge=Bench().judge, now=NOW)
    assert code_of(refused) == "not_seated"


@pytest.mark.parametrize("state", [RoundState.SCREENING, RoundState.DELIBERATION])
def test_outside_scoring_no_sheet_is_opened(state):
    with pytest.raises(Refusal) as refused:
        Bench(state=state).open()
    assert code_of(refused) == "not_scoring"


def test_a_dossier_that_is_not_admitted_gets_no_sheet(bench):
    bench.dossier.state, bench.dossier.state_reason = DossierState.NOT_ELIGIBLE, "Thiếu ảnh."
    bench.dossier.save()
    with pytest.raises(Refusal) as refused:
        bench.open()
    assert code_of(refused) == "not_eligible"


@pytest.mark.parametrize(("offset", "refused"), [(-SECOND, False), (SECOND * 0, True), (SECOND, True)])
def test_the_deadline_is_half_open_for_saving(bench, offset, refused):
    sheet = bench.open()
    if refused:
        with pytest.raises(Refusal) as raised:
            bench.save(sheet, {"1.1": (Decimal(8), "")}, now=UNTIL + offset)
        assert code_of(raised) == "deadline_passed"
        assert "17:00 ngày 21/11/2026" in str(raised.value)
    else:
        assert bench.save(sheet, {"1.1": (Decimal(8), "")}, now=UNTIL + offset).written == 1


@pytest.mark.parametrize(("offset", "refused"), [(-SECOND, False), (SECOND * 0, True), (SECOND, True)])
def test_the_deadline_is_half_open_for_submitting(bench, offset, refused):
    sheet = bench.full()
    if refused:
        with pytest.raises(Refusal) as raised:
            scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=UNTIL + offset)
        assert code_of(raised) == "deadline_passed"
    else:
        assert scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=UNTIL + offset).state == SheetState.SUBMITTED


def test_a_round_without_a_deadline_stays_open_while_it_is_scored():
    bench = Bench(scoring_until=None)
    assert bench.save(bench.open(), {"1.1": (Decimal(8), "")}, now=UNTIL + dt.timedelta(days=900)).written == 1


def test_right_points_are_saved_and_wrong_ones_reported_in_the_same_call(bench):
    sheet = bench.open()
    saved = bench.save(sheet, {"1.1": ("8,5", ""), "2.4": ("6.5", ""), "3.1": ("hai", ""), "3.2": ("4,3", "")})
    assert saved.faults == {
        bench.leaf("2.4").pk: "Điểm cao nhất của mục này là 6. Hãy nhập từ 0 đến 6.",
        bench.leaf("3.1").pk: "Ô này chỉ nhận điểm bằng số. Hãy nhập từ 0 đến 5, ví dụ 0,5.",
        bench.leaf("3.2").pk: "Bước điểm của kỳ này là 0,5. Hãy nhập 4 hoặc 4,5.",
    }
    assert bench.points() == {"1.1": Decimal("8.5")}


def test_a_wrong_figure_leaves_the_saved_one_alone(bench):
    sheet = bench.save(bench.open(), {"2.4": (Decimal(5), "")}).sheet
    saved = bench.save(sheet, {"2.4": (Decimal(50), "")})
    assert list(saved.faults) == [bench.leaf("2.4").pk]
    assert (bench.points(), saved.written) == ({"2.4": Decimal(5)}, 0)


def test_a_negative_figure_is_refused_in_words(bench):
    saved = bench.save(bench.open(), {"2.4": ("-1", "")})
    assert list(saved.faults.values()) == ["Điểm không được âm. Hãy nhập từ 0 đến 6."]


def test_a_head_is_the_sum_of_what_stands_below_and_takes_no_points_but_a_note(bench):
    sheet = bench.open()
    saved = bench.save(sheet, {"1": (Decimal(40), "Sản phẩm bán tốt")})
    assert list(saved.faults.values()) == ["Mục này là tổng của các mục con nên không nhập điểm."]
    assert Score.objects.get(sheet=sheet).note == "Sản phẩm bán tốt"
    assert bench.save(saved.sheet, {"1": (KEEP, "Bán tốt trong tỉnh")}).faults == {}


def test_criteria_of_another_set_are_refused(bench):
    strange = Bench().leaf("1.1")
    saved = scoring.save_scores(
        sheet=bench.open(), values={strange.pk: (Decimal(1), "")}, revision=0, actor=bench.judge, now=NOW
    )
    assert saved.faults == {strange.pk: "Mục này không thuộc phiếu chấm của hồ sơ. Hãy tải lại trang."}
    assert not Score.objects.exists()


def test_the_set_of_the_group_stands_before_the_general_one(bench):
    own = CriteriaSetFactory(round=bench.round, group=bench.dossier.product.group)
    general = bench.leaf("1.1")
    bench.criteria = own
    assert bench.save(bench.open(), {"1.1": (Decimal(8), "")}).faults == {}
    sheet = ScoreSheet.objects.get()
    strange = scoring.save_scores(
        sheet=sheet, values={general.pk: (Decimal(1), "")}, revision=1, actor=bench.judge, now=NOW
    )
    assert list(strange.faults) == [general.pk]


def test_a_row_without_a_maximum_is_guidance_and_its_parent_the_input(bench):
    bench.criteria = CriteriaSetFactory()
    bench.leaf("4.1").delete()
    Criterion.objects.create(criteria_set=bench.criteria, parent=bench.leaf("4"), code="4.x", name="Gợi ý", position=99)
    bench.criteria.round, bench.criteria.group = bench.round, bench.dossier.product.group
    bench.criteria.save()
    saved = bench.save(bench.open(), {"4": (Decimal(9), ""), "4.x": (Decimal(1), "")})
    assert list(saved.faults) == [bench.leaf("4.x").pk]
    assert bench.points() == {"4": Decimal(9)}


def test_a_typed_zero_is_a_score_and_an_empty_box_is_missing(bench):
    sheet = bench.full()
    sheet = bench.save(sheet, {"3.1": ("0", ""), "3.2": ("", "")}).sheet
    with pytest.raises(Refusal) as refused:
        scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    assert code_of(refused) == "incomplete"
    assert str(refused.value) == "Chưa nộp được phiếu: còn 1 mục chưa chấm."
    assert refused.value.details == ("3.2 Tiêu chí 3.2",)
    assert bench.points()["3.1"] == 0


def test_keep_leaves_points_and_note_as_they_are(bench):
    sheet = bench.save(bench.open(), {"1.1": (Decimal(8), "Tốt")}).sheet
    sheet = bench.save(sheet, {"1.1": (KEEP, "Rất tốt")}).sheet
    bench.save(sheet, {"1.1": (Decimal(9), KEEP)})
    score = Score.objects.get()
    assert (score.points, score.note) == (Decimal(9), "Rất tốt")


def test_a_note_that_is_too_long_is_refused_and_its_points_are_saved(bench):
    saved = bench.save(bench.open(), {"1.1": (Decimal(8), "x" * 501)})
    assert list(saved.faults.values()) == ["Ghi chú dài quá 500 ký tự. Hãy viết ngắn hơn."]
    assert bench.points() == {"1.1": Decimal(8)}


def test_what_another_page_saved_meanwhile_is_never_overwritten(bench):
    sheet = bench.open()
    bench.save(sheet, {"1.1": (Decimal(8), ""), "1.2": (Decimal(20), "")}, revision=0)
    with pytest.raises(scoring.Stale) as stale:
        bench.save(sheet, {"1.1": (Decimal(7), ""), "1.2": (Decimal(20), "")}, revision=0)
    assert [(d.row.code, d.points, d.saved_at) for d in stale.value.differences] == [("1.1", Decimal(8), NOW)]
    assert stale.value.revision == 1
    assert str(stale.value) == "Mục 1.1 đã được sửa ở trang hoặc máy khác. Hãy chọn bản giữ lại."
    assert bench.points() == {"1.1": Decimal(8), "1.2": Decimal(20)}


def test_the_same_request_sent_twice_is_no_conflict(bench):
    sheet = bench.open()
    first = bench.save(sheet, {"1.1": (Decimal(8), "")}, revision=0)
    again = bench.save(sheet, {"1.1": ("8,0", "")}, revision=0)
    assert (first.revision, again.revision, again.written) == (1, 1, 0)


def test_an_outdated_remark_is_a_conflict_too(bench):
    sheet = bench.open()
    bench.save(sheet, {}, revision=0, remark="Bao bì đẹp.")
    with pytest.raises(scoring.Stale) as stale:
        bench.save(sheet, {}, revision=0, remark="Bao bì chưa đẹp.")
    assert stale.value.remark == "Bao bì đẹp."
    sheet.refresh_from_db()
    assert sheet.remark == "Bao bì đẹp."


def test_saving_costs_five_queries_whatever_is_saved(bench, django_assert_num_queries):
    sheet = bench.open()
    values = {leaf.pk: (Decimal(1), "") for leaf in bench.leaves()}
    one = dict([next(iter(values.items()))])
    with django_assert_num_queries(1 + 5 + 2):  # the criteria once, and the savepoint's two
        scoring.save_scores(sheet=sheet, values=one, revision=0, actor=bench.judge, now=NOW)
    with django_assert_num_queries(5 + 2):
        scoring.save_scores(sheet=sheet, values=values, revision=1, actor=bench.judge, now=NOW)


def test_submitting_computes_the_total_and_seals_the_sheet(bench):
    sheet = scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW, revision=1)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.total, sheet.submitted_at) == (SheetState.SUBMITTED, Decimal(36), NOW)
    entry = AuditEntry.objects.get(action="sheet.submit")
    assert (entry.actor, entry.sentence) == (bench.judge, "Nộp phiếu chấm hồ sơ 041.")
    assert entry.data["inputs"] == 9
    assert "4" not in entry.data.values()


def test_a_form_sent_twice_is_refused_the_second_time_with_the_time_of_the_first(bench):
    sheet = bench.full()
    scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    with pytest.raises(Refusal) as refused:
        scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW + SECOND)
    assert code_of(refused) == "sealed"
    assert str(refused.value).startswith("Phiếu đã nộp lúc 14:32 ngày 21/11/2026 và đã khóa.")
    assert AuditEntry.objects.filter(action="sheet.submit").count() == 1


def test_a_sealed_sheet_takes_no_more_points(bench):
    sheet = scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    with pytest.raises(Refusal) as refused:
        bench.save(sheet, {"1.1": (Decimal(9), "")})
    assert code_of(refused) == "sealed"
    assert bench.points()["1.1"] == Decimal(4)


def test_a_total_that_another_page_changed_is_not_handed_in_unseen(bench):
    sheet = bench.full()
    bench.save(sheet, {"1.1": (Decimal(9), "")})
    with pytest.raises(scoring.Stale):
        scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW, revision=1)
    assert ScoreSheet.objects.get().state == SheetState.DRAFT


def test_a_round_without_criteria_takes_no_sheet():
    round_ = RoundFactory(state=RoundState.SCORING, scoring_until=UNTIL)
    judge = SeatFactory(round=round_).user
    sheet = scoring.open_sheet(dossier=DossierFactory(round=round_), judge=judge, now=NOW)
    with pytest.raises(Refusal) as refused:
        scoring.submit_sheet(sheet=sheet, actor=judge, now=NOW)
    assert code_of(refused) == "no_criteria"


def test_another_judge_writes_on_no_sheet_but_the_own(bench):
    sheet = bench.open()
    other = SeatFactory(round=bench.round).user
    with pytest.raises(Refusal) as refused:
        bench.save(sheet, {"1.1": (Decimal(9), "")}, actor=other)
    assert code_of(refused) == "not_yours"


def test_a_judge_removed_a_minute_ago_saves_and_submits_nothing(bench):
    sheet = bench.full()
    bench.seat.until, bench.seat.until_reason = NOW.date(), "Thay người"
    bench.seat.save()
    for act in (
        lambda: bench.save(sheet, {"1.1": (Decimal(9), "")}),
        lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW),
        lambda: scoring.cannot_assess(sheet=sheet, reason="Ngoài chuyên môn", actor=bench.judge, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert code_of(refused) == "not_seated"


def test_whoever_declared_a_conflict_opens_saves_and_submits_nothing(bench):
    sheet = bench.full()
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Người nhà góp vốn", now=NOW)
    for act in (
        bench.open,
        lambda: bench.save(sheet, {"1.1": (Decimal(9), "")}),
        lambda: scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW),
        lambda: scoring.cannot_assess(sheet=sheet, reason="Ngoài chuyên môn", actor=bench.judge, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert code_of(refused) == "conflict"
        assert str(refused.value) == "Bạn có xung đột lợi ích với cơ sở này nên không chấm hồ sơ 041."


def test_not_being_able_to_assess_needs_a_reason_and_is_no_zero(bench):
    sheet = bench.open()
    with pytest.raises(Refusal) as refused:
        scoring.cannot_assess(sheet=sheet, reason="  ", actor=bench.judge, now=NOW)
    assert (code_of(refused), refused.value.field) == ("reason_missing", "reason")
    done = scoring.cannot_assess(sheet=sheet, reason="Ngoài chuyên môn", actor=bench.judge, now=NOW)
    done.refresh_from_db()
    assert (done.state, done.total, done.cannot_assess_reason) == (SheetState.CANNOT_ASSESS, None, "Ngoài chuyên môn")
    assert AuditEntry.objects.get(action="sheet.cannot_assess").reason == "Ngoài chuyên môn"
    with pytest.raises(Refusal) as again:
        scoring.cannot_assess(sheet=sheet, reason="Ngoài chuyên môn", actor=bench.judge, now=NOW)
    assert code_of(again) == "sealed"


def test_a_version_that_is_being_drafted_is_not_scored_by(bench):
    draft = CriteriaSetFactory(state=CriteriaState.DRAFT)
    draft.round, draft.version = bench.round, 2
    draft.save()
    inputs = outline_for(bench.round.pk, bench.dossier.product.group).inputs
    assert {row.pk for row in inputs} == {leaf.pk for leaf in bench.leaves()}
