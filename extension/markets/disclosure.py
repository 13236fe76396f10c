"""What may be told of figures that belong to single facilities: each with its consent, else in sums of many. Pure.

A sum of one is that one's figure, and of two each knows the other's; so a sum takes in closed figures only from three
of them on. Where fewer are closed, the sum is of the open ones alone: else what is left of it would tell the closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

FEWEST = 3


@dataclass(frozen=True)
class Given:
    """One facility's figure, and whether it may be shown as its own. `amount` is None where nothing was reported."""

    amount: int | None
    is_open: bool


@dataclass(frozen=True)
class Told:
    """A sum that may be shown. `total` is None where none may; `of` facilities are in it, `hidden` reported and are not."""

    total: int | None
    of: int
    hidden: int


NOTHING = Told(None, 0, 0)


def told(figures: Iterable[Given], *, with_closed: bool = True) -> Told:
    """The sum of the open figures and, where there are at least three of them, of the closed ones too.

    `with_closed` is False while figures still come in: the difference of two sums would tell the one that came last.
    """
    known = [figure for figure in figures if figure.amount is not None]
    closed = [figure for figure in known if not figure.is_open]
    shown = known if with_closed and len(closed) >= FEWEST else [figure for figure in known if figure.is_open]
    total = sum(figure.amount or 0 for figure in shown) if shown else None
    return Told(total, len(shown), len(known) - len(shown))


def together(parts: Iterable[Told]) -> Told:
    """The sum of what was already told: adding nothing more, it gives nothing more away."""
    rows = list(parts)
    shown = [row.total for row in rows if row.total is not None]
    return Told(sum(shown) if shown else None, sum(row.of for row in rows), sum(row.hidden for row in rows))
