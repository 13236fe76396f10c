"""What the council says of each dossier, after scoring is sealed and before the result is submitted."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import queries, rules
from ..enums import Body, DossierState, RoundState, VerdictChoice
from ..models import Dossier, Verdict
from .shared import lock_dossier, note, refuse_round_state


@transaction.atomic
def record_verdict(
    *,
    dossier: Dossier,
    choice: str,
    actor: Any,
    now: dt.datetime,
    votes_for: int | None = None,
    votes_against: int | None = None,
    reason: str = "",
    prize: str = "",
) -> Verdict:
    """Record the council's word on one dossier, or correct it while the council still sits.

    Only a dossier that reached the mean may be proposed (TT 26/2014/TT-BCT, Điều 17); to reach it is not
    enough, so to decline one needs a reason.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_record_verdicts)
    refuse_round_state(
        locked.round, (RoundState.DELIBERATION,), _("Kỳ bình chọn %(state)s, chỉ ghi ý kiến khi hội đồng đang xét.")
    )
    words = normalise(reason)
    _refuse_unfit(locked, choice, words)
    _refuse_votes(locked, choice, votes_for, votes_against)
    verdict = Verdict.objects.select_for_update(of=("self",)).filter(dossier=locked).first() or Verdict(dossier=locked)
    verdict.choice, verdict.reason, verdict.prize = choice, words, normalise(prize)
    verdict.votes_for, verdict.votes_against = votes_for, votes_against
    verdict.decided_at, verdict.recorded_by = now, actor
    verdict.save()
    note(
        locked,
        actor=actor,
        action="verdict.record",
        sentence=_("Ghi ý kiến hội đồng về hồ sơ %(code)s: %(choice)s."),
        reason=words,
        data={"choice": choice, "for": votes_for, "against": votes_against},
        choice=str(VerdictChoice(choice).label).lower(),
    )
    return verdict


def _refuse_unfit(dossier: Dossier, choice: str, reason: str) -> None:
    result = getattr(dossier, "result", None)
    if dossier.state != DossierState.ELIGIBLE or result is None:
        raise Refusal("dossier_not_scored", _("Hồ sơ này không được chấm nên hội đồng không xét."))
    if choice == VerdictChoice.RECOGNISE and not result.passed:
        raise Refusal(
            "dossier_not_passed", _("Hồ sơ chưa đạt điểm trung bình nên không đề nghị công nhận được."), field="choice"
        )
    if choice == VerdictChoice.DECLINE and not reason:
        raise Refusal("reason_missing", _("Hãy ghi lý do hội đồng không đề nghị."), field="reason")


def _refuse_votes(dossier: Dossier, choice: str, votes_for: int | None, votes_against: int | None) -> None:
    if votes_for is None and votes_against is None:
        return
    given = (votes_for or 0) + (votes_against or 0)
    council = queries.active_seats(dossier.round, Body.COUNCIL).count()
    if council and given > council:
        raise Refusal(
            "too_many_votes",
            _("Hội đồng có %(council)s thành viên, không thể có %(votes)s phiếu.")
            % {"council": council, "votes": given},
            field="votes_for",
        )
    if choice == VerdictChoice.RECOGNISE and (votes_for or 0) <= (votes_against or 0):
        raise Refusal(
            "no_majority", _("Số phiếu đồng ý chưa quá số phiếu không đồng ý nên chưa đề nghị được."), field="votes_for"
        )
