"""The council's word, on top of the score and never against it."""

import pytest

from portal.text.errors import Refusal
from rounds.enums import Body, SeatRole, VerdictChoice
from rounds.models import Seat, Verdict
from rounds.services import bodies, council
from tests import factories

from . import helpers
from .helpers import AFTER, NOON

pytestmark = pytest.mark.django_db
RECOGNISE, DECLINE = VerdictChoice.RECOGNISE, VerdictChoice.DECLINE


@pytest.fixture
def sitting(province, officer):
    return helpers.deliberating_round(province, officer, shares=("0.9", "0.6"))


def say(dossier, actor, choice=RECOGNISE, **facts):
    return council.record_verdict(dossier=dossier, choice=choice, actor=actor, now=AFTER, **facts)


def test_a_dossier_below_the_mean_cannot_be_proposed(sitting, leader):
    with pytest.raises(Refusal) as refused:
        say(sitting.dossiers.get(entry_code="002"), leader)
    assert (refused.value.code, refused.value.field) == ("dossier_not_passed", "choice")


def test_a_dossier_that_passed_may_be_declined_with_a_reason(sitting, leader):
    dossier = sitting.dossiers.get(entry_code="001")
    with pytest.raises(Refusal) as refused:
        say(dossier, leader, DECLINE)
    assert refused.value.field == "reason"
    assert say(dossier, leader, DECLINE, reason="Trùng sản phẩm.").choice == DECLINE


def test_a_word_is_corrected_while_the_council_sits(sitting, leader):
    dossier = sitting.dossiers.get(entry_code="001")
    say(dossier, leader, DECLINE, reason="Trùng.")
    say(dossier, leader, RECOGNISE, votes_for=6, votes_against=1)
    verdict = Verdict.objects.get(dossier=dossier)
    assert (verdict.choice, verdict.votes_for, verdict.history.count()) == (RECOGNISE, 6, 2)


@pytest.mark.parametrize("votes,code", [((8, 0), "too_many_votes"), ((3, 4), "no_majority"), ((3, 3), "no_majority")])
def test_votes_must_be_possible_and_a_majority(votes, code, sitting, leader):
    with pytest.raises(Refusal) as refused:
        say(sitting.dossiers.get(entry_code="001"), leader, votes_for=votes[0], votes_against=votes[1])
    assert refused.value.code == code


def test_before_the_council_sits_nothing_is_recorded(province, officer, leader):
    round_ = helpers.scoring_round(province, officer)
    with pytest.raises(Refusal) as refused:
        say(round_.dossiers.first(), leader)
    assert refused.value.code == "round_state"


def test_a_chair_is_one_person_at_a_time(province, officer):
    round_ = helpers.ready_round(province)
    with pytest.raises(Refusal, match="đã có người giữ"):
        bodies.seat(
            round_=round_,
            user=factories.UserFactory(),
            body=Body.COUNCIL,
            role=SeatRole.CHAIR,
            since=NOON.date(),
            actor=officer,
        )


def test_a_judge_is_replaced_with_a_reason_and_not_after_the_seal(province, officer):
    round_ = helpers.scoring_round(province, officer)
    place = Seat.objects.filter(round=round_, body=Body.JURY, role=SeatRole.JUDGE).first()
    with pytest.raises(Refusal) as refused:
        bodies.end_seat(place=place, until=NOON.date(), reason="", actor=officer)
    assert refused.value.field == "until_reason"
    assert bodies.end_seat(place=place, until=NOON.date(), reason="Ốm.", actor=officer).until == NOON.date()
    with pytest.raises(Refusal) as refused:
        bodies.end_seat(place=place, until=NOON.date(), reason="Ốm.", actor=officer)
    assert refused.value.code == "seat_ended"


def test_the_jury_does_not_change_after_the_seal(sitting, officer):
    place = Seat.objects.filter(round=sitting, body=Body.JURY).first()
    with pytest.raises(Refusal) as refused:
        bodies.end_seat(place=place, until=NOON.date(), reason="Ốm.", actor=officer)
    assert refused.value.code == "round_state"
