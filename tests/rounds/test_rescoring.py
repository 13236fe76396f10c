"""Taking the seal off: with a reason, by the chair or the leader; what was sealed is kept."""

import datetime as dt

import pytest

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import Body, DossierState, RoundState, SeatRole
from rounds.models import Dossier, Result, RoundSeal, Verdict
from rounds.services import lifecycle
from tests import factories

from .helpers import AFTER, deliberating_round, speak

pytestmark = pytest.mark.django_db
WHY = "Giám khảo khai xung đột lợi ích sau khi khóa điểm."


@pytest.fixture
def sealed(province, officer, leader):
    round_ = deliberating_round(province, officer)
    speak(round_, leader, ["recognise", "decline"], ["", "Chưa đủ hồ sơ môi trường."])
    return round_


def reopen(round_, actor, reason=WHY):
    return lifecycle.advance(round_=round_, to=RoundState.SCORING, actor=actor, now=AFTER, reason=reason)


def test_the_leader_reopens_and_the_old_seal_is_kept_with_the_reason(sealed, leader):
    before = RoundSeal.objects.get(round=sealed)
    assert reopen(sealed, leader).state == RoundState.SCORING
    kept = RoundSeal.objects.get(round=sealed)
    assert (kept.manifest, kept.sha256) == (before.manifest, before.sha256)
    assert (kept.reopened_by, kept.reopened_reason, kept.reopened_at) == (leader, WHY, AFTER)


def test_the_chair_reopens_an_officer_does_not(sealed, officer):
    with pytest.raises(Refusal) as found:
        reopen(sealed, officer)
    assert found.value.code == "not_allowed"
    chair = sealed.seats.filter(role=SeatRole.CHAIR, until__isnull=True).first()
    user = chair.user if chair else factories.SeatFactory(round=sealed, body=Body.COUNCIL, role=SeatRole.CHAIR).user
    assert reopen(sealed, user).state == RoundState.SCORING


def test_without_a_reason_the_seal_stays(sealed, leader):
    with pytest.raises(Refusal) as found:
        reopen(sealed, leader, reason="")
    assert found.value.code == "transition_not_ready"
    assert RoundSeal.objects.get(round=sealed).reopened_at is None


def test_results_and_verdicts_go_and_their_history_stays(sealed, leader):
    sheets = set(sealed.dossiers.values_list("sheets__uuid", "sheets__state", "sheets__total"))
    reopen(sealed, leader)
    assert not Result.objects.filter(dossier__round=sealed).exists()
    assert not Verdict.objects.filter(dossier__round=sealed).exists()
    assert set(Verdict.history.values_list("history_type", flat=True)) == {"+", "-"}
    assert set(sealed.dossiers.values_list("sheets__uuid", "sheets__state", "sheets__total")) == sheets


def test_closing_again_writes_the_next_seal_with_the_same_result(sealed, leader, officer):
    before = {row.dossier_id: (row.points, row.rank) for row in Result.objects.filter(dossier__round=sealed)}
    reopen(sealed, leader)
    lifecycle.advance(
        round_=sealed,
        to=RoundState.DELIBERATION,
        actor=officer,
        now=AFTER + dt.timedelta(hours=1),
        reason="Đã đủ phiếu.",
    )
    assert list(RoundSeal.objects.filter(round=sealed).values_list("number", flat=True)) == [1, 2]
    after = {row.dossier_id: (row.points, row.rank) for row in Result.objects.filter(dossier__round=sealed)}
    assert after == before


def test_sets_formed_after_the_seal_are_split_first(sealed, leader):
    whole, part = sealed.dossiers.order_by("entry_code")
    whole.product.is_set = True
    whole.product.save()
    part.product.facility = whole.product.facility
    part.product.save()
    Dossier.objects.filter(pk=whole.pk).update(gathered_late=True)
    Dossier.objects.filter(pk=part.pk).update(state=DossierState.GATHERED, gathered_into=whole)
    with pytest.raises(Refusal) as found:
        reopen(sealed, leader)
    assert any(whole.entry_code in str(sentence) for sentence in found.value.details)


def test_reopening_is_in_the_audit(sealed, leader):
    reopen(sealed, leader)
    acts = list(AuditEntry.objects.order_by("-pk").values_list("action", "reason")[:2])
    assert acts == [("round.advance", WHY), ("round.unseal", WHY)]
