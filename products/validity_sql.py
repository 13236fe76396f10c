"""The SQL twin of `validity.status_of`; a property test holds the two together."""

import datetime as dt

from django.db.models import Q

from .enums import Status


def status_condition(status: str, *, on: dt.date, expiring_days: int) -> Q:
    """A condition on Recognition that is true exactly for the rows whose status on the day is `status`.

    A recognition is never superseded, only one of its certificates is.
    """
    revoked = Q(revoked_on__lte=on)
    withdrawn = Q(withdrawn_on__lte=on)
    suspended = Q(suspended_from__lte=on) & (Q(suspended_to__isnull=True) | Q(suspended_to__gte=on))
    expired = Q(expires_on__isnull=True) | Q(expires_on__lt=on)
    soon = Q(expires_on__lte=on + dt.timedelta(days=expiring_days))
    steps: list[tuple[str, Q]] = [
        (Status.REVOKED, revoked),
        (Status.WITHDRAWN, withdrawn),
        (Status.SUSPENDED, suspended),
        (Status.EXPIRED, expired),
        (Status.EXPIRING, soon),
        (Status.VALID, Q()),
    ]
    earlier = Q()
    for name, condition in steps:
        if name == status:
            # Django guards `~Q` with IS NOT NULL, so rows with empty dates stay in.
            return ~earlier & condition if earlier else condition
        earlier |= condition
    return Q(pk__in=[])
