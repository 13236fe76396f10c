"""What ended or paused a recognition elsewhere, taken over from data that another portal published."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.folding import normalise

from ..enums import EventKind
from ..models import Recognition
from .ending_steps import locked_in_force, noted, require_within_term
from .endings import withdraw
from .events import note_event
from .suspensions import suspend


@dataclass(frozen=True)
class Endings:
    """What a published row says of a recognition's ending; `basis` is where it says so."""

    suspended_from: dt.date | None = None
    suspended_to: dt.date | None = None
    withdrawn_on: dt.date | None = None
    revoked_on: dt.date | None = None
    reason: str = ""
    basis: str = ""

    def __bool__(self) -> bool:
        return bool(self.suspended_from or self.withdrawn_on or self.revoked_on)


@transaction.atomic
def take_over_endings(*, recognition: Recognition, endings: Endings, actor: Any, now: dt.datetime) -> Recognition:
    """Note what another portal published: suspended, given back, revoked. Raises what those acts are refused for.

    A revocation is taken over without its decision, which the published data do not hold; here nobody revokes.
    """
    reason = normalise(endings.reason) or _("Nguồn không ghi lý do")
    basis = normalise(endings.basis) or _("Dữ liệu đã công bố")
    if endings.suspended_from:
        suspend(
            recognition=recognition, on=endings.suspended_from, until=endings.suspended_to, reason=reason, basis=basis,
            actor=actor, now=now,
        )  # fmt: skip
    if endings.withdrawn_on:
        withdraw(recognition=recognition, on=endings.withdrawn_on, reason=reason, actor=actor, now=now)
    if endings.revoked_on is None:
        return recognition
    row = locked_in_force(recognition, on=endings.revoked_on, reason=reason)
    require_within_term(row, on=endings.revoked_on)
    row.revoked_on, row.status_reason = endings.revoked_on, reason
    row.save()
    note_event(
        recognition=row, kind=EventKind.REVOKED, on=endings.revoked_on, reason=reason, basis=basis, actor=actor, now=now
    )
    sentence = _("Ghi theo dữ liệu đã công bố: thu hồi công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="revoke", sentence=sentence, on=endings.revoked_on, reason=reason)
