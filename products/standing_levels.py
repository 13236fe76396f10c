"""What of a product is still valid at which level, until when, and what that allows: one line per level."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from . import packaging, permits
from .cards import Standing, standing, telling_first
from .enums import LEVEL_RANK, Level
from .models import Product, Recognition
from .permits import Permit


@dataclass(frozen=True)
class LevelLine:
    """The recognition that tells most of one level, whether it lets the maker print, and enter the level above.

    `print_line` is the line for packs, empty where nothing may be printed.
    """

    standing: Standing
    prints: Permit
    enters: Permit
    print_line: str

    @property
    def row(self) -> Recognition:
        return self.standing.row

    @property
    def has_above(self) -> bool:
        return self.row.level in permits.LEVEL_ABOVE


def lines_of(rows: Iterable[Recognition], *, on: dt.date, expiring_days: int) -> list[LevelLine]:
    """From the nation down, the most telling published recognition of each level. No query on rows read before."""
    published = [row for row in rows if row.published_at is not None and row.withheld_at is None]
    best: dict[int, Standing] = {}
    for found in telling_first(standing(row, on=on, expiring_days=expiring_days) for row in published):
        best.setdefault(LEVEL_RANK[Level(found.row.level)], found)
    return [_line(best[rank], on) for rank in sorted(best, reverse=True)]


def lines_of_product(product: Product, *, on: dt.date) -> list[LevelLine]:
    """The same for one product. One query."""
    rows = product.recognitions.published().select_related("validity_rule")
    return lines_of(rows, on=on, expiring_days=settings.EXPIRING_DAYS)


def _line(found: Standing, on: dt.date) -> LevelLine:
    facts = found.row.facts()
    return LevelLine(
        standing=found,
        prints=permits.may_print(facts, on),
        enters=permits.may_enter_above(facts, found.row.level, on),
        print_line=packaging.print_line(facts, on),
    )
