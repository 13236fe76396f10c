"""Sets proposed by one person and decided by another, before scoring and after the seal."""

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.pages.invariants import late_sets_hold_only_what_passed, sets_are_decided_by_another
from portal.text.errors import Refusal
from rounds import council_queries, queries
from rounds.deliberation import LeftOut, Votes
from rounds.enums import DossierState, ProposalState, RoundState, SetBasis, VerdictChoice
from rounds.models import Conflict, Dossier, Result, ScoreSheet, SetProposal, Verdict
from rounds.official.facts import rounds as papers
from rounds.services import council, guards, lifecycle, set_proposals
from tests import factories

from . import helpers
from .helpers import AFTER, NOON
from .test_sessions import ALL, closed, met, refused, say

pytestmark = pytest.mark.django_db
D, RECOGNISE, DECLINE = DossierState, VerdictChoice.RECOGNISE, VerdictChoice.DECLINE
NAME = "Bộ trà cụ"


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province)


@pytest.fixture
def support(officer):
    """Someone of the support team of every round that asks."""

    def seated(round_):
        return factories.SeatFactory(round=round_, body="support", role="support_member").user

    return seated


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


@pytest.fixture
def sitting(province, officer, facility):
    """001 to 003 of one facility, 004 of another, ranked in this order; 005 of the first did not pass."""
    round_ = helpers.receiving_round(province, officer)
    for owner in (facility, facility, facility, None, facility):
        helpers.admitted(round_, officer, **({"facility": owner} if owner else {}))
    for state in (RoundState.SCREENING, RoundState.SCORING):
        lifecycle.advance(round_=round_, to=state, actor=officer, now=AFTER)
    helpers.score_all(round_, ["0.95", "0.9", "0.85", "0.8", "0.6"])
    return lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)


def proposed(dossiers, actor, **changes):
    facts = {"name": NAME, "basis": SetBasis.FITTING, "now": NOON, **changes}
    return set_proposals.propose_gather(round_=dossiers[0].round, dossiers=dossiers, actor=actor, **facts)


def decided(proposal, actor, accept=True, reason=""):
    return set_proposals.decide(proposal=proposal, accept=accept, reason=reason, actor=actor, now=AFTER)


def of(round_, *codes):
    return list(round_.dossiers.filter(entry_code__in=codes).order_by("entry_code"))


def late_set(round_, leader, helper, *codes):
    return decided(proposed(of(round_, *codes), helper), leader).set_dossier


# --- before scoring --------------------------------------------------------------------------------------------


def test_the_support_team_proposes_and_another_decides(receiving, officer, leader, facility, support):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    proposal = proposed(parts, support(receiving), reason="Bán kèm nhau.")
    assert not Dossier.objects.filter(is_gathered_set=True).exists()
    assert refused(decided, proposal, proposal.proposed_by).code in {"own_proposal", "not_allowed"}
    accepted = decided(proposal, leader)
    whole = accepted.set_dossier
    assert (accepted.state, accepted.decided_by, whole.set_basis, whole.gathered_late) == (
        ProposalState.ACCEPTED,
        leader,
        SetBasis.FITTING,
        False,
    )
    assert {part.gathered_into for part in Dossier.objects.filter(state=D.GATHERED)} == {whole}
    assert refused(decided, proposal, leader).code == "already_decided"
    acts = AuditEntry.objects.filter(subject_type="rounds.setproposal").order_by("pk")
    assert [(entry.action, entry.actor) for entry in acts] == [
        ("set.propose", proposal.proposed_by),
        ("set.accept", leader),
    ]


def test_who_proposes_does_not_decide_even_as_leader(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    assert refused(decided, proposed(parts, leader), leader).code == "own_proposal"


def test_an_officer_proposes_and_does_not_decide(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    assert refused(decided, proposed(parts, leader), officer).code == "not_allowed"


def test_refusing_needs_a_reason_and_frees_the_entries(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    proposal = proposed(parts, officer)
    assert refused(proposed, parts, officer).code == "already_proposed"
    assert refused(decided, proposal, leader, accept=False).field == "reason"
    assert decided(proposal, leader, accept=False, reason="Khác công dụng.").state == ProposalState.REFUSED
    assert proposed(parts, officer).state == ProposalState.PROPOSED


def test_what_no_set_is_made_of_is_not_even_proposed(receiving, officer, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    assert refused(proposed, parts[:1], officer).code == "too_few_parts"
    assert refused(proposed, parts, officer, basis="alike").code == "basis_missing"
    assert refused(proposed, [parts[0], helpers.submitted(receiving, officer)], officer).code == "several_facilities"
    stranger = factories.UserFactory()
    assert refused(proposed, parts, stranger).code == "not_allowed"


def test_an_undecided_proposal_keeps_scoring_closed(receiving, officer, leader, facility):
    parts = [helpers.admitted(receiving, officer, facility=facility) for _number in range(2)]
    proposed(parts, officer)
    lifecycle.advance(round_=receiving, to=RoundState.SCREENING, actor=officer, now=AFTER)
    receiving.refresh_from_db()
    blockers = guards.check(receiving, RoundState.SCORING, guards.Facts(AFTER)).blockers
    assert "Còn 1 đề xuất về bộ sản phẩm chưa quyết định." in blockers


def test_a_set_is_taken_apart_again_by_proposal(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    whole = decided(proposed(parts, officer), leader).set_dossier
    assert (
        refused(set_proposals.propose_split, dossier=whole, reason=" ", actor=officer, now=NOON).code
        == "reason_missing"
    )
    split = set_proposals.propose_split(dossier=whole, reason="Cơ sở xin tách.", actor=officer, now=NOON)
    decided(split, leader)
    assert set(Dossier.objects.values_list("entry_code", "state")) == {
        ("001", D.SUBMITTED),
        ("002", D.SUBMITTED),
        ("003", D.WITHDRAWN),
    }


def test_whoever_stands_aside_from_a_part_stands_aside_from_the_set(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    conflict = factories.ConflictFactory(dossier=parts[0])
    whole = decided(proposed(parts, officer), leader).set_dossier
    copied = Conflict.objects.get(dossier=whole, user=conflict.user)
    assert (copied.reason, copied.pk != conflict.pk) == (conflict.reason, True)


# --- after the seal --------------------------------------------------------------------------------------------


def test_a_late_set_needs_an_open_session_and_parts_that_passed(sitting, leader, officer, support):
    helper = support(sitting)
    assert refused(proposed, of(sitting, "001", "005"), helper).code == "part_not_passed"
    proposal = proposed(of(sitting, "001", "002"), helper)
    assert refused(decided, proposal, leader).code == "no_session"
    session = met(sitting, leader)
    accepted = decided(proposal, leader)
    assert accepted.session == session


def test_a_late_set_has_no_mean_and_the_seal_and_the_results_stay(sitting, leader, support):
    seal = queries.seal_of(sitting)
    before = list(Result.objects.order_by("pk").values())
    met(sitting, leader)
    say(sitting, leader, "001")
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    assert (whole.state, whole.gathered_late, hasattr(whole, "result")) == (D.ELIGIBLE, True, False)
    assert (queries.seal_of(sitting), list(Result.objects.order_by("pk").values())) == (seal, before)
    assert not Verdict.objects.exists()
    assert Verdict.history.filter(history_type="-").count() == 1
    assert [row.dossier.entry_code for row in queries.board(sitting)] == ["003", "004", "005", whole.entry_code]
    scored = queries.board(sitting, as_scored=True)
    assert [(row.dossier.entry_code, row.rank) for row in scored if row.passed] == [
        ("001", 1),
        ("002", 2),
        ("003", 3),
        ("004", 4),
    ]
    assert list(late_sets_hold_only_what_passed()) == []


def test_departures_see_the_parts_of_a_late_set(sitting, leader, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "003")
    say(sitting, leader, whole.entry_code, DECLINE, Votes(2, 5, 0), reason="Hai sản phẩm bán riêng.")
    refusal = refused(say, sitting, leader, "002")
    assert f"001 (hạng 1, trong bộ {whole.entry_code})" in str(refusal.sentence)
    say(sitting, leader, "002", reason="Sản phẩm mới.")
    say(sitting, leader, "004", reason="Cơ sở vùng cao.")
    departures = council_queries.departures_of(council_queries.entries_of(sitting))
    assert departures["004"] == (
        LeftOut("001", 1, whole.entry_code),
        LeftOut("003", 3, whole.entry_code),
    )


def test_a_proposed_late_set_departs_when_its_worst_part_stands_below_what_is_left_out(sitting, leader, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "003")
    say(sitting, leader, "002", DECLINE, reason="Trùng với bộ.")
    assert refused(say, sitting, leader, whole.entry_code).code == "departure_unexplained"
    assert say(sitting, leader, whole.entry_code, reason="Bộ đầy đủ hơn.").choice == RECOGNISE


def test_a_late_set_split_gives_its_parts_their_standing_back(sitting, leader, officer, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    say(sitting, leader, whole.entry_code)
    split = set_proposals.propose_split(dossier=whole, reason="Cơ sở đổi ý.", actor=officer, now=AFTER)
    decided(split, leader)
    states = dict(sitting.dossiers.values_list("entry_code", "state"))
    assert (states["001"], states["002"], states[whole.entry_code]) == (D.ELIGIBLE, D.ELIGIBLE, D.WITHDRAWN)
    assert not Verdict.objects.exists()
    assert [row.rank for row in queries.board(sitting) if row.passed] == [1, 2, 3, 4]


def test_a_set_scored_as_a_set_is_not_taken_apart_and_is_told_why(province, officer, leader, facility):
    round_ = helpers.receiving_round(province, officer)
    parts = [helpers.submitted(round_, officer, facility=facility) for _number in range(2)]
    whole = decided(proposed(parts, officer), leader).set_dossier
    helpers.hand_in_papers(whole, officer)
    Dossier.objects.filter(pk=whole.pk).update(state=D.ELIGIBLE, checked_at=NOON)
    for state in (RoundState.SCREENING, RoundState.SCORING):
        lifecycle.advance(round_=round_, to=state, actor=officer, now=AFTER)
    for judge in helpers.judges_of(round_):
        helpers.sheet(Dossier.objects.get(pk=whole.pk), judge, helpers.Decimal("0.9"))
    lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)
    refusal = refused(
        set_proposals.propose_split, dossier=Dossier.objects.get(pk=whole.pk), reason="Tách.", actor=officer, now=AFTER
    )
    assert refusal.code == "set_was_scored"
    assert "từng sản phẩm trong bộ không có điểm riêng" in str(refusal.sentence)
    with pytest.raises(IntegrityError, match="chấm như một bộ"), transaction.atomic():
        Dossier.objects.filter(pk=parts[0].pk).update(state=D.SUBMITTED, gathered_into=None)


def test_a_late_set_is_recognised_and_counted_as_one(sitting, leader, officer, support):
    helpers.validity_rule()
    session = met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    for code in (whole.entry_code, "003", "004"):
        say(sitting, leader, code)
    say(sitting, leader, "005", DECLINE, Votes(), reason="Chưa đạt điểm.")
    closed(session, leader)
    numbers = queries.group_numbers(sitting)[0]
    assert (numbers.dossiers, numbers.eligible) == (5, 5)
    facts = papers.tally_record(sitting, AFTER.date())
    assert [row["code"] for row in facts["groups"][0]["rows"]] == ["001", "002", "003", "004", "005"]
    submission = {"submission_number": "1/TTr-SCT", "submitted_on": AFTER.date()}
    lifecycle.advance(round_=sitting, to=RoundState.SUBMITTED, actor=officer, now=AFTER, **submission)
    lifecycle.record_decision(round_=sitting, actor=leader, now=AFTER, **helpers.DECIDE)
    assert set(sitting.dossiers.filter(recognition__isnull=False).values_list("entry_code", flat=True)) == {
        whole.entry_code,
        "003",
        "004",
    }
    assert list(sets_are_decided_by_another()) == []


def test_a_late_set_keeps_scoring_closed_until_it_is_split(sitting, leader, officer, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    blockers = guards.check(sitting, RoundState.SCORING, guards.Facts(AFTER, reason="Sai phiếu.")).blockers
    assert any(whole.entry_code in sentence for sentence in blockers)


# --- the database itself ---------------------------------------------------------------------------------------


def test_the_database_knows_a_late_set(sitting, leader, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    failed, other = of(sitting, "005", "003")[::-1][0], of(sitting, "003")[0]
    with pytest.raises(IntegrityError, match="không có điểm riêng"), transaction.atomic():
        Result.objects.create(dossier=whole, sheets=3, points=270, passed=True, rank=1)
    with pytest.raises(IntegrityError, match="không có phiếu chấm"), transaction.atomic():
        ScoreSheet.objects.create(dossier=whole, judge=helpers.judges_of(sitting)[0])
    with pytest.raises(IntegrityError, match="khi đã đạt điểm"), transaction.atomic():
        Dossier.objects.filter(pk=failed.pk).update(state=D.GATHERED, gathered_into=whole)
    Dossier.objects.filter(pk=whole.pk).update(gathered_late=False)
    with pytest.raises(IntegrityError, match="khi hội đồng đang xét"), transaction.atomic():
        Dossier.objects.filter(pk=other.pk).update(state=D.GATHERED, gathered_into=whole)


def test_the_database_keeps_what_was_decided(receiving, officer, leader, facility):
    parts = [helpers.submitted(receiving, officer, facility=facility) for _number in range(2)]
    proposal = decided(proposed(parts, officer), leader)
    for act in (
        lambda: SetProposal.objects.filter(pk=proposal.pk).update(state=ProposalState.PROPOSED),
        lambda: SetProposal.objects.filter(pk=proposal.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="giữ nguyên"), transaction.atomic():
            act()
    own = proposed([helpers.submitted(receiving, officer, facility=facility) for _number in range(2)], officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        SetProposal.objects.filter(pk=own.pk).update(state=ProposalState.ACCEPTED, decided_by=officer, decided_at=NOON)


def test_late_words_are_bulk_words_too(sitting, leader, support):
    met(sitting, leader)
    whole = late_set(sitting, leader, support(sitting), "001", "002")
    words = {whole.pk: council.Word(RECOGNISE, ALL)}
    assert council.record_verdicts(round_=sitting, words=words, actor=leader, now=AFTER) == 1


def test_the_refusals_are_whole_sentences(sitting, officer):
    with pytest.raises(Refusal) as found:
        proposed(of(sitting, "001", "005"), officer)
    assert str(found.value.sentence) == ("Gộp sau khi khóa điểm thì mọi sản phẩm của bộ phải đạt điểm. Chưa đạt: 005.")
