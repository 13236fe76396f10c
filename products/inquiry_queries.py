"""Reads of readers' letters: what may be written about, what waits and for whom."""

import datetime as dt
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Min, Q, QuerySet, Value, When
from django.utils import timezone

from facilities.models import Facility, Representative
from facilities.representing import represented
from portal.text.workdays import after_working_days

from .enums import InquiryKind, InquiryState
from .inquiry_states import ANSWER_DAYS, FOR_MAKERS, OPEN
from .models import Inquiry, Product, Recognition
from .withholding import is_withheld

S = InquiryState


# --- what may be written about ------------------------------------------------------------------------------


def public_product(slug: str, *, on: dt.date) -> Product | None:
    """A product whose page the public sees on the day. Two queries."""
    found = Product.objects.public().filter(slug=slug).select_related("facility__territory", "territory").first()
    if found is None:
        return None
    rows = found.recognitions.published()
    return found if any(not is_withheld(row, maker=found.facility, on=on) for row in rows) else None


def public_facility(slug: str, *, on: dt.date) -> Facility | None:
    """A facility whose page the public sees on the day. Two queries."""
    found = Facility.objects.public().filter(slug=slug).select_related("territory").first()
    if found is None:
        return None
    rows = Recognition.objects.published().filter(product__facility=found)
    return found if any(not is_withheld(row, maker=found, on=on) for row in rows) else None


def speakers_of(facility: Facility | None) -> list[Any]:
    """The people who answer for a facility. One query."""
    if facility is None:
        return []
    rows = Representative.objects.approved().filter(facility=facility).select_related("user").order_by("pk")
    return [row.user for row in rows]


def answered_by_maker(inquiry: Inquiry) -> bool:
    """Whether the answer came from the facility. One query when it was answered."""
    if inquiry.answered_by_id is None or inquiry.facility_id is None:
        return False
    spoken = Representative.objects.filter(user=inquiry.answered_by_id, facility=inquiry.facility_id)
    return spoken.exists()


# --- what waits ---------------------------------------------------------------------------------------------


def due_day(inquiry: Inquiry) -> dt.date:
    """The last day on which whoever it waits for should answer."""
    since = inquiry.passed_on_at if inquiry.state == S.PASSED_ON else inquiry.received_at
    return after_working_days(timezone.localdate(since), ANSWER_DAYS)


def is_overdue(inquiry: Inquiry, *, on: dt.date) -> bool:
    """Whether the maker has had its seven working days and not answered."""
    return inquiry.state == S.PASSED_ON and due_day(inquiry) < on


def overdue_before(on: dt.date) -> dt.datetime:
    """What was passed on before this moment has had its seven working days by the day."""
    day = on
    while after_working_days(day, ANSWER_DAYS) >= on:
        day -= dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))


def waiting_for_staff(on: dt.date) -> Q:
    """New letters, and those that a maker has left unanswered too long."""
    return Q(state=S.NEW) | Q(state=S.PASSED_ON, passed_on_at__lt=overdue_before(on))


def waiting_numbers(letters: QuerySet[Inquiry], on: dt.date) -> dict[str, Any]:
    """How many letters wait for the staff by kind, how many of them makers left, and since when. One query."""
    new = Q(state=S.NEW)
    numbers: dict[str, Any] = {str(kind): Count("pk", filter=new & Q(kind=kind)) for kind in InquiryKind}
    firsts: dict[str, Any] = {f"{kind}_since": Min("received_at", filter=new & Q(kind=kind)) for kind in InquiryKind}
    return (
        letters.filter(waiting_for_staff(on))
        .order_by()
        .aggregate(**numbers, **firsts, left=Count("pk", filter=Q(state=S.PASSED_ON)))
    )


def waiting_first(letters: QuerySet[Inquiry], on: dt.date) -> QuerySet[Inquiry]:
    """What waits for the staff first, the oldest of it on top; then the newest of the rest."""
    return _ranked(letters, waiting_for_staff(on))


def _ranked(letters: QuerySet[Inquiry], waits: Q) -> QuerySet[Inquiry]:
    rank = Case(When(waits, then=Value(0)), default=Value(1), output_field=IntegerField())
    since = Case(When(rank=0, then=F("received_at")))
    return letters.annotate(rank=rank).order_by("rank", since.asc(nulls_last=True), "-received_at", "-pk")


# --- the maker's inbox ----------------------------------------------------------------------------------------


def inbox(user: Any) -> QuerySet[Inquiry]:
    """Letters to the facilities a person speaks for, those that wait first, the oldest on top. One query when read."""
    mine = Inquiry.objects.filter(facility__in=represented(user), kind__in=FOR_MAKERS)
    shown = mine.filter(state__in=[S.PASSED_ON, S.ANSWERED, S.CLOSED])
    return _ranked(shown, Q(state=S.PASSED_ON)).select_related("product", "facility")


def waiting_for_maker(facility: Facility) -> int:
    """How many letters wait for the facility's answer. One query."""
    return Inquiry.objects.filter(facility=facility, kind__in=FOR_MAKERS, state=S.PASSED_ON).count()


def due_to_be_erased(*, settled_before: dt.datetime, received_before: dt.datetime) -> QuerySet[Inquiry]:
    """Letters whose senders' data has been kept long enough, settled or not."""
    settled = Q(closed_at__lt=settled_before) | Q(closed_at=None, answered_at__lt=settled_before)
    done = ~Q(state__in=OPEN) & settled
    return Inquiry.objects.filter(done | Q(received_at__lt=received_before), erased_at=None)
