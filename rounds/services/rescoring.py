"""Taking the seal off: the chair lets the jury go on scoring, with a reason; what was sealed is kept."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from portal.audit.services import record

from ..models import Dossier, Result, Round, RoundSeal, Verdict


def late_sets(round_: Round) -> list[str]:
    """Numbers of sets formed after the seal; they are split before scoring goes on. One query."""
    formed = Dossier.objects.filter(round=round_, gathered_late=True, gathered__isnull=False).distinct()
    return list(formed.order_by("entry_code").values_list("entry_code", flat=True))


def reopen_scoring(round_: Round, *, reason: str, actor: Any, now: dt.datetime) -> RoundSeal | None:
    """Mark the seal in force as re-opened and drop the results and verdicts that followed from it.

    The round must be locked. Sheets stay as they are; verdicts keep their history. Returns the old seal.
    """
    seal = RoundSeal.objects.select_for_update(of=("self",)).filter(round=round_, reopened_at__isnull=True).first()
    if seal is not None:
        seal.reopened_at, seal.reopened_by, seal.reopened_reason = now, actor, reason
        seal.save(update_fields=["reopened_at", "reopened_by", "reopened_reason"])
    for verdict in Verdict.objects.filter(dossier__round=round_):
        verdict.delete()  # one by one, so that each leaves its history
    Result.objects.filter(dossier__round=round_).delete()
    if seal is not None:
        record(
            actor=actor,
            action="round.unseal",
            sentence=_("Mở lại chấm điểm, niêm phong lần %(number)s được giữ: %(hash)s.")
            % {"number": seal.number, "hash": seal.sha256[:12]},
            subject=seal,
            territory=round_.territory,
            reason=reason,
            data={"seal": seal.number, "sha256": seal.sha256},
        )
    return seal
