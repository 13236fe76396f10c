"""A round moves along its table only, and says every reason why not."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products.models import Certificate, Decision, Recognition
from rounds import queries
from rounds.enums import Body, RoundState, SeatRole, SheetState, VerdictChoice
from rounds.models import CriteriaSet, Result, Round, Seat
from rounds.services import council, lifecycle
from rounds.states import ROUND_FIELDS_EDITABLE, ROUND_ORDER, ROUND_TRANSITIONS
from tests import factories

from . import helpers
from .helpers import AFTER, CLOSES, DECIDE, NOON

pytestmark = pytest.mark.django_db
R = RoundState
RECOGNISE, DECLINE = VerdictChoice.RECOGNISE, VerdictChoice.DECLINE
FORBIDDEN = [(start, to) for start in R for to in R if to not in ROUND_TRANSITIONS[start]]


def bare_round(province, state):
    """A round in a state, only as complete as the database demands."""
    decided = state in (R.DECIDED, R.ANNOUNCED, R.CLOSED)
    return factories.RoundFactory(
        territory=province,
        state=state,
        decision=factories.DecisionFactory() if decided else None,
        announced_at=NOON if decided else None,
        cancelled_reason="Không đủ hồ sơ." if state == R.CANCELLED else "",
    )


@pytest.mark.parametrize("start,to", FORBIDDEN, ids=lambda state: state.value)
def test_every_step_outside_the_table_is_refused_in_words(start, to, province, leader):
    round_ = bare_round(province, start)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=to, actor=leader, now=NOON, reason="Lý do")
    assert refused.value.code == "transition_out_of_order"
    assert str(refused.value) == (f"Kỳ bình chọn đang ở bước “{start.label}” nên không chuyển sang “{to.label}” được.")
    round_.refresh_from_db()
    assert round_.state == start


def test_an_unknown_state_is_refused_in_words(province, officer):
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=factories.RoundFactory(territory=province), to="xyz", actor=officer, now=NOON)
    assert refused.value.code == "transition_out_of_order"


def test_the_stepper_knows_every_state_but_the_cancelled():
    assert {*ROUND_ORDER, R.CANCELLED} == set(R)


def test_an_empty_draft_is_told_everything_that_is_missing(province, officer):
    helpers.council_rule()
    round_ = factories.RoundFactory(territory=province)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.RECEIVING, actor=officer, now=NOON)
    assert refused.value.details == (
        "Chưa có bộ tiêu chí. Hãy chép bộ tiêu chí mẫu hoặc bộ của kỳ trước.",
        "Ban Giám khảo phải có số người lẻ, từ 3 người. Hiện có 0 người.",
        "Chưa có trưởng Ban Giám khảo.",
        "Số phiếu tối thiểu mỗi hồ sơ là 1, nhiều hơn số giám khảo (0).",
        "Chưa có chủ tịch hội đồng.",
        "Hội đồng cấp tỉnh có 7 hoặc 9 thành viên (TT 26/2014/TT-BCT). Hiện có 0 người.",
        "Chưa ghi ngày bắt đầu và hạn nhận hồ sơ.",
    )


@pytest.mark.parametrize("judges", [1, 2, 4])
def test_a_jury_of_an_even_number_or_under_three_does_not_open(judges, province, officer):
    with pytest.raises(Refusal, match="số người lẻ"):
        lifecycle.advance(round_=helpers.ready_round(province, judges=judges), to=R.RECEIVING, actor=officer, now=NOON)


def test_a_council_without_a_written_rule_only_warns(province, officer):
    helpers.council_rule(sizes=[], is_certain=False)
    round_ = helpers.receiving_round(province, officer)
    assert round_.state == R.RECEIVING


def test_a_deadline_in_the_past_does_not_open(province, officer):
    with pytest.raises(Refusal, match="đã qua"):
        lifecycle.advance(round_=helpers.ready_round(province), to=R.RECEIVING, actor=officer, now=CLOSES)


def test_criteria_that_do_not_add_up_are_named(province, officer):
    round_ = helpers.ready_round(province)
    newer = factories.CriteriaSetFactory(version=2)
    newer.criteria.filter(code="1.1").update(max_points=Decimal(15))
    CriteriaSet.objects.filter(pk=newer.pk).update(round=round_)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.RECEIVING, actor=officer, now=NOON)
    assert refused.value.details == ("Bộ tiêu chí mẫu: Tiêu chí 1 tối đa 40 điểm, nhưng các mục con cộng lại là 39.",)


@pytest.mark.parametrize(
    "offset,allowed", [(dt.timedelta(seconds=-1), False), (dt.timedelta(0), True), (dt.timedelta(seconds=1), True)]
)
def test_receiving_closes_by_itself_from_the_deadline_on(offset, allowed, province, officer):
    round_ = helpers.receiving_round(province, officer)
    if not allowed:
        with pytest.raises(Refusal, match="chưa đến"):
            lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=CLOSES + offset)
        return
    assert lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=CLOSES + offset).state == R.SCREENING


def test_receiving_closes_early_with_a_reason_that_is_kept(province, officer):
    round_ = helpers.receiving_round(province, officer)
    lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=NOON, reason="Đã đủ hồ sơ.")
    entry = AuditEntry.objects.filter(action="round.advance").first()
    assert (entry.reason, entry.data) == ("Đã đủ hồ sơ.", {"from": "receiving", "to": "screening"})


def test_scoring_waits_for_every_dossier_to_be_concluded(province, officer):
    round_ = helpers.receiving_round(province, officer)
    helpers.submitted(round_, officer)
    lifecycle.advance(round_=round_, to=R.SCREENING, actor=officer, now=AFTER)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.SCORING, actor=officer, now=AFTER)
    assert refused.value.details == (
        "Còn 1 hồ sơ chưa kết luận đủ hay không đủ điều kiện: 001.",
        "Chưa có hồ sơ nào đủ điều kiện để chấm.",
    )


def test_scoring_freezes_the_criteria(province, officer):
    round_ = helpers.scoring_round(province, officer)
    assert CriteriaSet.objects.get(round=round_).frozen_at == AFTER


def test_a_dossier_without_a_quorum_keeps_the_scoring_open_whatever_the_reason(province, officer):
    round_ = helpers.scoring_round(province, officer, quorum=2)
    first, second = round_.dossiers.order_by("entry_code")
    judges = helpers.judges_of(round_)
    helpers.sheet(first, judges[0], Decimal("0.8"))
    for judge in judges:
        helpers.sheet(second, judge, Decimal("0.8"))
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.DELIBERATION, actor=officer, now=AFTER, reason="Gấp")
    assert refused.value.details == ("Mỗi hồ sơ cần ít nhất 2 phiếu hợp lệ. Còn thiếu ở 1 hồ sơ: 001.",)


def test_open_sheets_need_a_reason_to_be_left_out(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    helpers.sheet(dossier, helpers.judges_of(round_)[0], Decimal("0.8"))
    with pytest.raises(Refusal, match="Còn 2 phiếu chưa nộp"):
        lifecycle.advance(round_=round_, to=R.DELIBERATION, actor=officer, now=AFTER)
    lifecycle.advance(round_=round_, to=R.DELIBERATION, actor=officer, now=AFTER, reason="Hai giám khảo ốm.")
    assert Result.objects.get(dossier=dossier).sheets == 1


def test_closing_the_scoring_writes_results_and_a_manifest_that_counts_the_same_again(province, officer, capsys):
    round_ = helpers.deliberating_round(province, officer, shares=("0.7", "0.9"))
    results = [(r.sheets, r.points, r.passed, r.rank) for r in Result.objects.order_by("dossier__entry_code")]
    assert results == [(3, Decimal("210.00"), True, 2), (3, Decimal("270.00"), True, 1)]
    call_command("recompute_round", str(round_.pk))
    assert "2 hồ sơ" in capsys.readouterr().out


def test_cannot_assess_and_voided_sheets_are_not_counted_and_not_zero(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    one, two, three = helpers.judges_of(round_)
    helpers.sheet(dossier, one, Decimal("0.8"))
    helpers.sheet(dossier, two, Decimal(0), state=SheetState.CANNOT_ASSESS)
    helpers.sheet(dossier, three, Decimal("0.1"), state=SheetState.VOIDED)
    lifecycle.advance(round_=round_, to=R.DELIBERATION, actor=officer, now=AFTER)
    result = Result.objects.get(dossier=dossier)
    assert (result.sheets, result.points, result.passed) == (1, Decimal("80.00"), True)


def test_a_total_that_is_not_the_sum_of_its_scores_stops_the_sealing(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    for number, judge in enumerate(helpers.judges_of(round_)):
        helpers.sheet(dossier, judge, Decimal("0.8"), total=Decimal(81) if number == 0 else None)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.DELIBERATION, actor=officer, now=AFTER)
    assert refused.value.code == "sheet_total_differs"


def test_a_changed_result_is_found_and_named(province, officer, capsys):
    round_ = helpers.deliberating_round(province, officer)
    Result.objects.filter(dossier__entry_code="001").update(passed=False)
    with pytest.raises(CommandError) as failed:
        call_command("recompute_round", str(round_.uuid))
    assert failed.value.returncode == 1
    assert "001" in str(failed.value)


def test_a_changed_manifest_breaks_its_seal(province, officer, tmp_path):
    round_ = helpers.deliberating_round(province, officer)
    manifest = tmp_path / "manifest.json"
    sealed = queries.seal_of(round_).manifest
    sealed["settings"]["threshold"] = "60.00"
    manifest.write_text(json.dumps(sealed), encoding="utf-8")
    with pytest.raises(CommandError, match="mã niêm phong không còn khớp"):
        call_command("recompute_round", round_.slug, file=manifest)


def test_the_council_speaks_of_every_dossier_before_the_submission(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER)
    assert refused.value.details == (
        "Hội đồng chưa có ý kiến về 2 hồ sơ: 001, 002.",
        "Hội đồng chưa đề nghị công nhận sản phẩm nào.",
        "Chưa ghi số và ngày của tờ trình.",
    )


def test_a_departure_from_the_ranking_needs_its_reason(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer, shares=("0.9", "0.8"))
    helpers.speak(round_, leader, [DECLINE, RECOGNISE], ["Trùng sản phẩm kỳ trước.", ""])
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, **facts)
    assert refused.value.details == ("Đề nghị khác thứ tự điểm thì phải ghi lý do ở hồ sơ: 002.",)
    helpers.speak(round_, leader, [DECLINE, RECOGNISE], ["Trùng sản phẩm kỳ trước.", "Sản phẩm mới của vùng khó khăn."])
    assert lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, **facts).state == R.SUBMITTED


def test_more_than_the_quota_needs_a_reason(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer, quota=1)
    helpers.speak(round_, leader, [RECOGNISE, RECOGNISE])
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    with pytest.raises(Refusal, match="quá số tối đa 1"):
        lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, **facts)
    lifecycle.advance(
        round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, reason="UBND tỉnh cho thêm một suất.", **facts
    )


def test_a_submission_dated_tomorrow_is_refused(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer)
    helpers.speak(round_, leader, [RECOGNISE, RECOGNISE])
    with pytest.raises(Refusal, match="ở sau hôm nay"):
        lifecycle.advance(
            round_=round_,
            to=R.SUBMITTED,
            actor=officer,
            now=AFTER,
            submission_number="12/TTr-SCT",
            submitted_on=AFTER.date() + dt.timedelta(days=1),
        )


def test_a_round_with_a_provisional_list_publishes_it_first(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer, publish_provisional=True)
    helpers.speak(round_, leader, [RECOGNISE, RECOGNISE])
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    with pytest.raises(Refusal, match="công khai danh sách trước"):
        lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, **facts)
    lifecycle.advance(round_=round_, to=R.PROVISIONAL, actor=officer, now=AFTER)
    assert lifecycle.advance(round_=round_, to=R.SUBMITTED, actor=officer, now=AFTER, **facts).state == R.SUBMITTED


def test_decided_is_reached_by_recording_the_decision_only(province, officer, leader):
    round_ = helpers.submitted_round(province, officer, leader)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=round_, to=R.DECIDED, actor=leader, now=AFTER)
    assert refused.value.code == "decision_needed"


def test_the_decision_recognises_every_proposed_product_and_nothing_is_public_yet(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    decision = lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    found = Recognition.objects.filter(decision=decision)
    assert [(r.level, r.year, r.territory, r.published_at) for r in found] == [("province", 2026, province, None)] * 2
    assert Certificate.objects.count() == 2
    round_.refresh_from_db()
    assert (round_.state, round_.decision) == (R.DECIDED, decision)
    assert all(d.recognition_id for d in round_.dossiers.all())


def test_the_same_decision_sent_twice_is_recorded_once(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    first = lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    again = lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    assert (first, Decision.objects.count(), Recognition.objects.count()) == (again, 1, 2)


def test_another_decision_for_a_decided_round_is_refused(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    with pytest.raises(Refusal) as refused:
        lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **{**DECIDE, "number": "346"})
    assert refused.value.code == "transition_out_of_order"


@pytest.mark.parametrize(
    "change,field,words",
    [
        ({"signed_on": AFTER.date() + dt.timedelta(days=1)}, "signed_on", "ở sau hôm nay"),
        ({"signed_on": AFTER.date() - dt.timedelta(days=1)}, "signed_on", "trước ngày trình"),
        ({"number": ""}, "number", "cần có số"),
    ],
)
def test_a_decision_with_a_wrong_date_or_number_is_refused_at_its_field(  # noqa: PLR0917
    change, field, words, province, officer, leader
):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    with pytest.raises(Refusal, match=words) as refused:
        lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **{**DECIDE, **change})
    assert refused.value.field == field
    assert (Decision.objects.count(), Recognition.objects.count()) == (0, 0)


def test_a_number_the_authority_used_before_is_refused_at_the_number(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    factories.DecisionFactory(
        number="345", symbol="QĐ-UBND", year=2026, signed_on=AFTER.date(), issuer="Ủy ban nhân dân tỉnh"
    )
    with pytest.raises(Refusal) as refused:
        lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    assert (refused.value.code, refused.value.field) == ("decision_exists", "number")


def test_one_product_that_cannot_be_recognised_stops_all(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    last = round_.dossiers.order_by("entry_code").last()
    factories.RecognitionFactory(product=last.product, level="province", year=2026, territory=province)
    with pytest.raises(Refusal, match="đã được ghi"):
        lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    round_.refresh_from_db()
    assert (round_.state, Recognition.objects.count(), Decision.objects.count()) == (R.SUBMITTED, 1, 0)


def test_the_announcement_publishes_and_the_round_can_be_closed(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    lifecycle.announce(round_=round_, actor=leader, now=AFTER)
    assert set(Recognition.objects.values_list("published_at", flat=True)) == {AFTER}
    assert lifecycle.advance(round_=round_, to=R.CLOSED, actor=leader, now=AFTER).state == R.CLOSED


def test_cancelling_needs_a_reason_and_a_leader(province, officer, leader):
    round_ = factories.RoundFactory(territory=province)
    with pytest.raises(Refusal, match="lãnh đạo"):
        lifecycle.advance(round_=round_, to=R.CANCELLED, actor=officer, now=NOON, reason="Không đủ hồ sơ.")
    with pytest.raises(Refusal, match="cần có lý do"):
        lifecycle.advance(round_=round_, to=R.CANCELLED, actor=leader, now=NOON, reason="  ")
    assert (
        lifecycle.advance(
            round_=round_, to=R.CANCELLED, actor=leader, now=NOON, reason="Không đủ hồ sơ."
        ).cancelled_reason
        == "Không đủ hồ sơ."
    )


def test_an_officer_of_another_province_moves_nothing(province, other_province):
    stranger = factories.staff("officer", other_province)
    with pytest.raises(Refusal) as refused:
        lifecycle.advance(round_=helpers.ready_round(province), to=R.RECEIVING, actor=stranger, now=NOON)
    assert refused.value.code == "not_allowed"


def test_what_identifies_a_round_is_fixed_once_it_receives(province, officer):
    round_ = helpers.receiving_round(province, officer)
    with pytest.raises(Refusal) as refused:
        lifecycle.update_round(round_=round_, actor=officer, year=2027)
    assert str(refused.value) == "Kỳ bình chọn đang nhận hồ sơ nên không sửa được: năm."


def test_the_threshold_is_fixed_once_scoring_began(province, officer):
    round_ = helpers.scoring_round(province, officer)
    with pytest.raises(Refusal, match="điểm đạt"):
        lifecycle.update_round(round_=round_, actor=officer, threshold=Decimal(60))
    assert lifecycle.update_round(
        round_=round_, actor=officer, scoring_until=AFTER + dt.timedelta(days=2)
    ).scoring_until


def test_every_editable_field_is_a_field_of_the_round():
    names = {field.name for field in Round._meta.get_fields()}
    assert set(ROUND_FIELDS_EDITABLE) <= names


def test_every_act_leaves_its_line_in_the_audit(province, officer, leader):
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    lifecycle.announce(round_=round_, actor=leader, now=AFTER)
    actions = AuditEntry.objects.filter(subject_type="rounds.round").order_by("pk").values_list("action", flat=True)
    opened, closed = ["round.advance"] * 2, ["round.advance"] * 3
    assert list(actions) == [*opened, "round.draw_seed", *closed, "round.decide", "round.advance"]


def test_the_same_round_is_not_opened_twice(province, officer):
    facts = {"level": "province", "territory": province, "year": 2026, "ordinal": 3}
    first = lifecycle.create_round(actor=officer, **facts)
    assert first.slug == "cap-tinh-thai-nguyen-lan-thu-iii-nam-2026"
    with pytest.raises(Refusal) as refused:
        lifecycle.create_round(actor=officer, **facts)
    assert refused.value.code == "round_exists"


def test_a_secretary_records_verdicts_and_an_officer_does_not(province, officer):
    round_ = helpers.deliberating_round(province, officer)
    secretary = Seat.objects.get(round=round_, body=Body.COUNCIL, role=SeatRole.SECRETARY).user
    dossier = round_.dossiers.first()
    with pytest.raises(Refusal, match="thư ký"):
        council.record_verdict(dossier=dossier, choice=RECOGNISE, actor=officer, now=AFTER)
    assert (
        council.record_verdict(dossier=dossier, choice=RECOGNISE, actor=secretary, now=AFTER).recorded_by == secretary
    )


def test_days_are_vietnams_days(province, officer, leader):
    """23:30 UTC is already the next morning in Hà Nội."""
    helpers.validity_rule()
    round_ = helpers.submitted_round(province, officer, leader)
    late = dt.datetime(2026, 12, 1, 23, 30, tzinfo=dt.UTC)
    decision = lifecycle.record_decision(
        round_=round_, actor=leader, now=late, **{**DECIDE, "signed_on": dt.date(2026, 12, 2)}
    )
    assert decision.signed_on == timezone.localtime(late).date()
