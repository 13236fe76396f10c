"""More time to score: for the whole jury or for one judge, granted with a reason and told to those concerned."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.notices.services import plan
from portal.text.errors import Refusal

from .. import notices
from ..deadlines_of import Deadlines, own_deadline
from ..enums import Body, RoundState, ScoringPass
from ..models import DeadlineExtension, Round, Seat
from ..rules import may_extend
from .scoring import at_in_words, reason_in_words


@transaction.atomic
def extend(
    *,
    round_: Round,
    until: dt.datetime,
    reason: str,
    actor: Any,
    now: dt.datetime,
    judge: Any = None,
    scoring_pass: str = ScoringPass.DOSSIER,
) -> DeadlineExtension:
    """Give the jury, or one judge of it, until `until` (half-open) in one pass. Never less time than before.

    Raises Refusal "not_allowed", "reason_missing", "not_scoring", "no_site_pass", "no_deadline", "own_deadline",
    "not_seated", "in_the_past", "not_later".
    """
    why = reason_in_words(reason, _("Hãy ghi lý do gia hạn."))
    locked = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory").get(pk=round_.pk)
    may_extend.require(actor, locked)
    _refuse_round(locked, scoring_pass)
    if judge is not None and actor is not None and judge.pk == actor.pk:
        raise Refusal(
            "own_deadline", _("Bạn không tự gia hạn cho riêng mình. Hãy nhờ người khác gia hạn."), field="judge"
        )
    seats = _seats(locked, judge)
    if judge is not None and not seats:
        raise Refusal("not_seated", _("Người này không ở trong Ban Giám khảo của kỳ."), field="judge")
    _refuse_moment(locked, scoring_pass, judge, until, now)
    made = DeadlineExtension.objects.create(
        round=locked,
        judge=judge,
        scoring_pass=scoring_pass,
        until=until,
        reason=why,
        granted_by=actor,
        granted_at=now,
    )
    record(
        actor=actor,
        action="scoring.extend",
        sentence=_extended(made),
        subject=made,
        territory=locked.territory,
        reason=why,
        data={"pass": scoring_pass, "until": until.isoformat(), "judge": str(judge.uuid) if judge else None},
    )
    _tell(made, [seat.user for seat in seats], now)
    return made


def _refuse_round(round_: Round, scoring_pass: str) -> None:
    if round_.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Chỉ gia hạn được khi kỳ bình chọn đang chấm điểm."))
    if scoring_pass == ScoringPass.SITE and not round_.has_site_pass:
        raise Refusal("no_site_pass", _("Kỳ này không chấm tại chỗ nên không có hạn tại chỗ để gia hạn."))
    if own_deadline(round_, scoring_pass) is None:
        raise Refusal("no_deadline", _("Kỳ này chưa đặt hạn nộp phiếu nên không có gì để gia hạn."))


def _refuse_moment(round_: Round, scoring_pass: str, judge: Any, until: dt.datetime, now: dt.datetime) -> None:
    if until <= now:
        raise Refusal("in_the_past", _("Hạn mới phải ở sau bây giờ."), field="until")
    deadlines = Deadlines.of(round_, scoring_pass)
    present = deadlines.general if judge is None else deadlines.until(judge.pk)
    if present is not None and until <= present:
        raise Refusal(
            "not_later",
            _("Hạn mới phải sau hạn đang có, %(when)s.") % {"when": at_in_words(present)},
            field="until",
        )


def _seats(round_: Round, judge: Any) -> "QuerySet[Seat]":
    seats = Seat.objects.filter(round=round_, body=Body.JURY, until__isnull=True).select_related("user")
    return seats if judge is None else seats.filter(user=judge)


def _extended(made: DeadlineExtension) -> str:
    facts = {"when": at_in_words(made.until), "judge": made.judge}
    site = made.scoring_pass == ScoringPass.SITE
    if made.judge is None and site:
        return _("Gia hạn nộp phiếu chấm tại chỗ của cả Ban Giám khảo đến %(when)s.") % facts
    if made.judge is None:
        return _("Gia hạn nộp phiếu chấm của cả Ban Giám khảo đến %(when)s.") % facts
    if site:
        return _("Gia hạn nộp phiếu chấm tại chỗ của %(judge)s đến %(when)s.") % facts
    return _("Gia hạn nộp phiếu chấm của %(judge)s đến %(when)s.") % facts


def _tell(made: DeadlineExtension, users: list[User], now: dt.datetime) -> None:
    plan(
        kind=notices.SCORING_EXTENDED.code,
        subject=made,
        users=users,
        due_on=timezone.localdate(now),
        title=_("Hạn nộp phiếu chấm được gia hạn đến %(when)s") % {"when": at_in_words(made.until)},
        body=f"{_extended(made)}\n" + _("Lý do: %(reason)s") % {"reason": made.reason},
        territory=made.round.territory,
    )
