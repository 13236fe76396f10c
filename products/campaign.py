"""Who must renew, month by month: published recognitions by their last valid day. Reads of the register alone."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import TruncMonth

from facilities.enums import ContactKind
from facilities.models import Contact, Representative

from .enums import LEVEL_RANK, Level, RenewalChoice
from .models import Recognition, RecognitionQuerySet, RenewalAnswer

LOWEST = [level for level in Level if LEVEL_RANK[level] == 1]
# Ways that a facility agreed to be reminded by.
REACHED_BY = (ContactKind.EMAIL, ContactKind.PHONE, ContactKind.ZALO)
# What counts as the maker's word; that nobody could be reached is none.
ANSWERED = Q(answer__in=[choice for choice in RenewalChoice if choice != RenewalChoice.NOT_REACHED])
UNANSWERED = Q(answer__isnull=True) | Q(answer=RenewalChoice.NOT_REACHED)
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})")
FIRST_YEAR, LAST_YEAR = 2012, 2100
MONTHS = 12


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """The month written as 2026-12, or None when it is none."""
        found = _WRITTEN.fullmatch(text)
        if not found:
            return None
        year, number = int(found[1]), int(found[2])
        return cls(year, number) if FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= MONTHS else None

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def words(self) -> str:
        return f"{self.number:02}/{self.year}"

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return self.shifted(1).first - dt.timedelta(days=1)

    def shifted(self, by: int) -> "Month":
        """So many months later, or earlier."""
        total = self.year * MONTHS + self.number - 1 + by
        return Month(total // MONTHS, total % MONTHS + 1)


def must_renew(rows: RecognitionQuerySet) -> RecognitionQuerySet:
    """Of the rows, those published and neither revoked nor given back."""
    return rows.published().filter(revoked_on__isnull=True, withdrawn_on__isnull=True)


def ending_in(rows: RecognitionQuerySet, month: Month) -> RecognitionQuerySet:
    """Of the rows, those whose last valid day is in the month."""
    return rows.filter(expires_on__gte=month.first, expires_on__lte=month.last)


def counts(rows: RecognitionQuerySet, *, since: Month, months: int) -> dict[Month, int]:
    """How many of the rows end in each of so many months. One query."""
    until = since.shifted(months - 1)
    found = (
        rows.filter(expires_on__gte=since.first, expires_on__lte=until.last)
        .order_by()
        .annotate(month=TruncMonth("expires_on"))
        .values_list("month")
        .annotate(n=Count("pk"))
    )
    said = {Month.of(month): n for month, n in found}
    return {month: said.get(month, 0) for month in (since.shifted(by) for by in range(months))}


def with_answers(rows: RecognitionQuerySet) -> Any:
    """The rows with `answer` (the choice that counts, None without one), `anew` (recognised again since) and
    `reachable` (an address, a number or an account by which the maker agreed to be reminded)."""
    latest = RenewalAnswer.objects.filter(recognition=OuterRef("pk")).order_by("-answered_at", "-pk")
    return rows.annotate(
        answer=Subquery(latest.values("choice")[:1]),
        anew=Exists(later_recognitions()),
        reachable=Exists(_consents()) | Exists(_accounts()),
    )


def later_recognitions() -> Any:
    """Of the recognition of the query around it: those of the same product and level that end later and stand."""
    asked = ExpressionWrapper(OuterRef("level"), output_field=CharField())
    same = Q(level=F("asked_level")) | Q(asked_level__in=LOWEST, level__in=LOWEST)
    rows = must_renew(Recognition.objects.all()).annotate(asked_level=asked).filter(same)
    return rows.filter(product=OuterRef("product"), expires_on__gt=OuterRef("expires_on"))


def _consents() -> Any:
    return Contact.objects.filter(facility=OuterRef("product__facility"), kind__in=REACHED_BY, may_notify=True)


def _accounts() -> Any:
    return Representative.objects.approved().filter(facility=OuterRef("product__facility"))
