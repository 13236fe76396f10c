"""What the desk's page of a list shows of every product: decided or not, why, what may not go up, what came of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from portal.text.folding import fold

from . import nomination_queries as queries
from .enums import ListState, NotNominated
from .models import Nomination, NominationList
from .nominating import Answer, Line, Outcome, over_quota, undecided
from .services.nominating import Choice
from .services.nominations_taken import outcome_of

MOST_FOUND = 30
DIGITS = 4


@dataclass(frozen=True)
class Row:
    """One product of a list with what holds of it today."""

    line: Nomination
    answer: Answer | None
    outcome: Outcome | None = None

    @property
    def product(self) -> Any:
        return self.line.product

    @property
    def is_stopped(self) -> bool:
        """Chosen, and may no longer go up."""
        return self.line.chosen and (self.answer is None or not self.answer.allowed)

    @property
    def is_undecided(self) -> bool:
        return bool(undecided([self.as_line]))

    @property
    def as_line(self) -> Line:
        return Line(self.product.name, self.line.chosen, self.line.why_not, self.line.reason, self.answer)


@dataclass(frozen=True)
class Sheet:
    """A list as its page shows it."""

    rows: tuple[Row, ...]
    others: tuple[queries.Option, ...] = ()
    found: tuple[queries.Option, ...] = ()
    quota: Any = None

    @property
    def chosen(self) -> list[Row]:
        return [row for row in self.rows if row.line.chosen]

    @property
    def undecided(self) -> int:
        return sum(row.is_undecided for row in self.rows)

    @property
    def maximum(self) -> int | None:
        return self.quota.maximum if self.quota else None

    @property
    def is_over(self) -> bool:
        return bool(over_quota(len(self.chosen), self.maximum))


def sheet_of(row: NominationList, *, on: dt.date, words: str = "") -> Sheet:
    """The lines of a list. A draft tells too what may not go up and why. At most twenty queries, however many lines."""
    lines = queries.full_list(row)
    quota = queries.quota_of(row.round, row.territory_id)
    if row.state != ListState.DRAFT or row.round is None:
        return Sheet(tuple(Row(line, None, outcome_of(line)) for line in lines), quota=quota)
    unit = queries.unit_of_list(row)
    options = {one.product.pk: one for one in queries.what_may(unit, row.round, on=on, certified_only=True)}
    missing = [line.product_id for line in lines if line.product_id not in options]
    if missing:
        options |= {one.product.pk: one for one in queries.what_may(unit, row.round, on=on, products=missing)}
    listed = {line.product_id for line in lines}
    rows = tuple(Row(line, options[line.product_id].answer if line.product_id in options else None) for line in lines)
    others = tuple(one for pk, one in options.items() if pk not in listed and not one.answer.is_due)
    return Sheet(rows, others, _found(row, words, listed, on), quota)


def _found(row: NominationList, words: str, listed: set[int], on: dt.date) -> tuple[queries.Option, ...]:
    """Products that would go up by letter alone, found by a part of their names."""
    assert row.round is not None
    wanted = fold(words).split()[:8]
    if row.round.lower_round_held or not wanted:
        return ()
    options = queries.what_may(queries.unit_of_list(row), row.round, on=on, words=wanted)
    return tuple(one for one in options if one.allowed and one.product.pk not in listed)[:MOST_FOUND]


def choices_in(request: HttpRequest, products: list[int]) -> list[Choice]:
    """What the form says of each product of the page. Strange numbers count as none."""
    return [
        Choice(
            pk,
            chosen=f"chon-{pk}" in request.POST,
            why_not=_known(request.POST.get(f"vi-sao-{pk}", "")),
            reason=request.POST.get(f"giai-thich-{pk}", "")[:500],
            position=_number(request.POST.get(f"thu-tu-{pk}", "")),
        )
        for pk in products
        if f"co-{pk}" in request.POST
    ]


def _known(value: str) -> str:
    return value if value in NotNominated.values else ""


def _number(value: str) -> int | None:
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None
