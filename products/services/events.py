"""The public trace of a recognition: one row with every act, never changed."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.text.folding import normalise

from ..enums import EventKind
from ..models import Certificate, Decision, Recognition, RecognitionEvent


def note_event(
    *,
    recognition: Recognition,
    kind: EventKind,
    on: dt.date,
    actor: Any,
    now: dt.datetime | None = None,
    reason: str = "",
    basis: str = "",
    decision: Decision | None = None,
    certificate: Certificate | None = None,
    until: dt.date | None = None,
    before: dt.date | None = None,
    after: dt.date | None = None,
) -> RecognitionEvent:
    """Write what befell a recognition. Part of the act's transaction; the act writes the audit row.

    `on` is the first day on which the act counts, `until` the last where it has one; `before` and `after`
    are the ends of validity that a correction replaced and set. Without an actor the portal itself acted.
    """
    return RecognitionEvent.objects.create(
        recognition=recognition,
        kind=kind,
        on=on,
        until=until,
        reason=normalise(reason),
        basis=normalise(basis),
        decision=decision,
        certificate=certificate,
        before=before,
        after=after,
        recorded_at=now or timezone.now(),
        recorded_by=actor,
    )
