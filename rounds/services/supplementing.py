"""A recognition added after the announcement, because a complaint was right: by a decision of its own."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.files.models import StoredFile
from portal.text.errors import Refusal
from products import services as products
from products.models import Recognition

from .. import rules
from ..enums import ComplaintOutcome, DossierState, RoundState
from ..models import Complaint, Dossier
from .lifecycle import refuse_wrong_day, territory_of, write_decision
from .results import tell_result
from .shared import lock_dossier, note

ACCEPTED = (ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY)


@transaction.atomic
def record_supplementary_decision(
    *,
    complaint: Complaint,
    number: str,
    symbol: str,
    signed_on: dt.date,
    issuer: str,
    signer: str,
    scan: StoredFile | None,
    actor: Any,
    now: dt.datetime,
) -> Recognition:
    """Recognise the dossier of an accepted complaint under the supplementary decision, and publish it at once.

    The mean must have been reached (TT 26/2014/TT-BCT, Điều 17): a complaint cannot recognise what did not pass.
    Raises Refusal "not_accepted", "not_announced", "recognised_already", "dossier_not_passed", and those of a decision.
    """
    if complaint.dossier is None or complaint.outcome not in ACCEPTED:
        raise Refusal("not_accepted", _("Chỉ ghi quyết định bổ sung cho kiến nghị về một hồ sơ đã được chấp nhận."))
    dossier = lock_dossier(complaint.dossier, actor=actor, rule=rules.may_decide)
    round_ = dossier.round
    _refuse_unfit(dossier)
    refuse_wrong_day(round_, signed_on, today=timezone.localtime(now).date())
    decision = write_decision(
        round_, number=number, symbol=symbol, signed_on=signed_on, issuer=issuer, signer=signer, scan=scan, actor=actor
    )
    made = products.recognise(
        product=dossier.product,
        level=round_.level,
        year=round_.year,
        round_ordinal=round_.ordinal,
        territory=territory_of(round_, dossier, decision),
        locality=round_.locality,
        decision=decision,
        issued_on=decision.signed_on,
        actor=actor,
        is_illustrative=round_.is_illustrative or dossier.is_illustrative,
    )
    dossier.recognition = made
    dossier.save(update_fields=["recognition", "updated_at"])
    products.publish_recognitions(recognitions=Recognition.objects.filter(pk=made.pk), at=now, actor=actor)
    note(
        dossier,
        actor=actor,
        action="dossier.recognise_after_complaint",
        sentence=_("Công nhận bổ sung “%(product)s”, hồ sơ %(code)s, theo quyết định %(decision)s."),
        reason=_("Theo kiến nghị số %(number)s.") % {"number": complaint.number},
        data={"complaint": str(complaint.uuid), "decision": str(decision.uuid)},
        decision=decision.full_number,
    )
    tell_result(dossier=dossier, now=now)
    made.refresh_from_db(fields=["published_at"])
    return made


def _refuse_unfit(dossier: Dossier) -> None:
    if dossier.round.state not in (RoundState.ANNOUNCED, RoundState.CLOSED):
        raise Refusal("not_announced", _("Kết quả chưa công bố: hãy ghi vào quyết định công nhận của kỳ."))
    if dossier.recognition_id is not None:
        raise Refusal("recognised_already", _("Hồ sơ này đã được công nhận."))
    result = getattr(dossier, "result", None)
    passed = dossier.gathered_late or (result is not None and result.passed)
    if dossier.state != DossierState.ELIGIBLE or not passed:
        raise Refusal(
            "dossier_not_passed",
            _("Hồ sơ không đủ điều kiện hoặc chưa đạt điểm trung bình nên không công nhận bổ sung được."),
        )
