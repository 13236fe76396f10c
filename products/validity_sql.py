"""The SQL twin of `validity.status_of`; a property test holds the two together."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from facilities.enums import FacilityKind

from .enums import Status


def status_condition(status: str, *, on: dt.date, expiring_days: int, any_day: bool = False) -> Q:
    """A condition on Recognition that is true exactly for the rows whose status on the day is `status`.

    A recognition is never superseded, only one of its certificates is. Today's suspension stands in the row
    itself; `any_day` looks at every suspension, which a question about another day needs.
    """
    revoked = Q(revoked_on__lte=on)
    withdrawn = Q(withdrawn_on__lte=on)
    expired = Q(expires_on__isnull=True) | Q(expires_on__lt=on)
    soon = Q(expires_on__lte=on + dt.timedelta(days=expiring_days))
    steps: list[tuple[str, Q]] = [
        (Status.REVOKED, revoked),
        (Status.WITHDRAWN, withdrawn),
        (Status.SUSPENDED, suspended(on, any_day=any_day)),
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


def suspended(on: dt.date, *, any_day: bool) -> Q:
    """Suspended on the day by the latest suspension, or with `any_day` by any."""
    latest = Q(suspended_from__lte=on) & (Q(suspended_to__isnull=True) | Q(suspended_to__gte=on))
    if not any_day:
        return latest
    from .models import Suspension

    all_of_it = Suspension.objects.filter(recognition=OuterRef("pk"), begins_on__lte=on)
    return latest | Q(Exists(all_of_it.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))))


def due_to_be_withheld(on: dt.date) -> Q:
    """Revoked from a household business and past the original end: no longer for the public to see by name.

    A household business is often a person's name (rules.md §12). The nightly sweep marks these rows; until it
    has run, pages that name the maker ask here or `is_due_to_be_withheld`.
    """
    return Q(product__facility__kind=FacilityKind.HOUSEHOLD, revoked_on__lte=on, expires_on__lt=on)
