"""Whether public pages were useful: votes and remarks of readers, who stay unknown."""

import datetime as dt

from django.utils import timezone

from ..models import PageRating, Product
from .inquiries import months_before, tidy

LONGEST = 500


def rate_page(*, page: str, useful: bool, language: str, product: Product | None, on: dt.date) -> PageRating:
    """Note one reader's word on a page (the address without its language)."""
    return PageRating.objects.create(page=page, useful=useful, language=language, product=product, on=on)


def remark(*, rating: PageRating, comment: str) -> bool:
    """Add what the reader would change, once. Whether it was added."""
    said = tidy(comment)[:LONGEST]
    return bool(said) and bool(PageRating.objects.filter(pk=rating.pk, comment="").update(comment=said))


def erase_old(*, now: dt.datetime, keep_months: int) -> int:
    """Remarks leave after their time, votes stay: a remark may say who wrote it. Returns how many."""
    before = timezone.localdate(months_before(now, keep_months))
    return PageRating.objects.filter(on__lt=before).exclude(comment="").update(comment="")
