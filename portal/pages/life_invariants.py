"""What must hold of a recognition's life: suspensions, endings, the trace, and what has left public view."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from facilities.enums import FacilityKind
from portal.text.clock import today
from products.enums import EventKind
from products.models import Recognition, RecognitionEvent, Suspension
from products.validity_sql import due_to_be_withheld

Check = Callable[[], Iterator[str]]
ONE_DAY = dt.timedelta(days=1)


def recognitions_repeat_their_latest_suspension() -> Iterator[str]:
    """Today's suspension is read from the recognition itself, so that repeats the latest one."""
    latest = Suspension.objects.filter(recognition=OuterRef("pk")).order_by("-begins_on")
    rows = Recognition.objects.annotate(
        latest_from=Subquery(latest.values("begins_on")[:1]), latest_to=Subquery(latest.values("ends_on")[:1])
    )
    yield from _keys(rows.filter(_differ("suspended_from", "latest_from") | _differ("suspended_to", "latest_to")))


def _differ(one: str, other: str) -> Q:
    """Whether two days differ, an empty one from a day too."""
    apart = Q(**{f"{one}__lt": F(other)}) | Q(**{f"{one}__gt": F(other)})
    one_only = Q(**{f"{one}__isnull": False, f"{other}__isnull": True})
    other_only = Q(**{f"{one}__isnull": True, f"{other}__isnull": False})
    return apart | one_only | other_only


def suspensions_share_no_day() -> Iterator[str]:
    """Two suspensions of one recognition are apart."""
    others = Suspension.objects.filter(recognition=OuterRef("recognition"), begins_on__gt=OuterRef("begins_on"))
    open_ended = Q(ends_on__isnull=True) & Exists(others)
    meeting = Q(ends_on__isnull=False) & Exists(others.filter(begins_on__lte=OuterRef("ends_on")))
    yield from _keys(Suspension.objects.filter(open_ended | meeting))


def every_ending_is_told() -> Iterator[str]:
    """What was revoked, withdrawn or suspended has a line in its public trace."""
    for field, kind in (
        ("revoked_on", EventKind.REVOKED),
        ("withdrawn_on", EventKind.WITHDRAWN),
        ("suspended_from", EventKind.SUSPENDED),
    ):
        told = RecognitionEvent.objects.filter(recognition=OuterRef("pk"), kind=kind)
        yield from _keys(Recognition.objects.filter(**{f"{field}__isnull": False}).exclude(Exists(told)))


def only_households_revoked_are_withheld() -> Iterator[str]:
    """Nothing leaves public view but what a household lost, after its original end; and that does, every night."""
    lost = Q(product__facility__kind=FacilityKind.HOUSEHOLD, revoked_on__isnull=False, expires_on__isnull=False)
    early = Q(withheld_at__date__lte=F("expires_on"))
    yield from _keys(Recognition.objects.filter(withheld_at__isnull=False).filter(~lost | early))
    # Of today's the night has still to take care.
    yield from _keys(
        Recognition.objects.published().filter(due_to_be_withheld(today()), expires_on__lt=today() - ONE_DAY)
    )


def _keys(rows: QuerySet[Any]) -> Iterator[str]:
    yield from (str(pk) for pk in rows.values_list("pk", flat=True))


CHECKS: tuple[Check, ...] = (
    recognitions_repeat_their_latest_suspension,
    suspensions_share_no_day,
    every_ending_is_told,
    only_households_revoked_are_withheld,
)
