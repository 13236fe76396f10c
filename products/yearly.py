"""Who owes a yearly report: facilities with a product whose recognition held on some day of the year."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from facilities.models import Facility

from .models import Product, Recognition


def held_in(year: int) -> QuerySet[Recognition]:
    """Published recognitions that were in force on at least one day of the year."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    begun = Q(issued_on__lte=last) | Q(issued_on__isnull=True, year__lte=year)
    return (
        Recognition.objects.published()
        .filter(begun, expires_on__gte=first, product__merged_into=None)
        .exclude(revoked_on__lte=first)
        .exclude(withdrawn_on__lte=first)
    )


def owing(year: int) -> QuerySet[Facility]:
    """Facilities that report on the year."""
    mine = held_in(year).filter(product__facility=OuterRef("pk"))
    return Facility.objects.standing().filter(Exists(mine))


def products_of(facility: Facility, year: int) -> QuerySet[Product]:
    """The facility's products that the report has a line for, in alphabetical order."""
    mine = held_in(year).filter(product=OuterRef("pk"))
    return Product.objects.filter(Exists(mine), facility=facility).order_by("sort_key", "pk")
