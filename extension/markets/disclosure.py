"""What may be told of figures that belong to single facilities: each with its consent, else in sums of many. Pure.

A sum of one is that one's figure, and of two each knows the other's; so a sum takes in closed figures only from three
of them on, and none where one of them holds nearly all: then the sum is about that one's figure. Else the sum is of
the open ones alone: what is left of it would tell the closed.

Sums are published again and again, and two of them differ by the facility that came or took its consent back. So the
closed ones enter as a round sum, to two digits and never finer than `step`: what two copies differ by is no figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

FEWEST = 3
# One takes its own figure out of a sum; of what is left another holds less than so many hundredths.
MOST_OF_ONE = 85
# The finest that a sum of closed figures is told: đồng, and contracts.
MONEY_STEP, COUNT_STEP = 10_000_000, 10


@dataclass(frozen=True)
class Given:
    """One facility's figure, and whether it may be shown as its own. `amount` is None where nothing was reported."""

    amount: int | None
    is_open: bool


@dataclass(frozen=True)
class Told:
    """A sum that may be shown. `total` is None where none may; `of` facilities are in it, `hidden` reported and are not.

    `about` where closed figures are in it, rounded.
    """

    total: int | None
    of: int
    hidden: int
    about: bool = False


NOTHING = Told(None, 0, 0)


def told(figures: Iterable[Given], *, step: int = MONEY_STEP, with_closed: bool = True) -> Told:
    """The sum of the open figures and, where it tells none of them, of the closed ones too, rounded.

    `with_closed` is False while figures still come in: the difference of two sums would tell the one that came last.
    """
    known = [(figure.amount, figure.is_open) for figure in figures if figure.amount is not None]
    opened = [amount for amount, is_open in known if is_open]
    closed = [amount for amount, is_open in known if not is_open]
    said = rounded(sum(closed), step)
    if not with_closed or len(closed) < FEWEST or _tells_one(closed, said):
        return Told(sum(opened) if opened else None, len(opened), len(closed))
    return Told(sum(opened) + said, len(known), 0, about=True)


def _tells_one(amounts: list[int], said: int) -> bool:
    """Whether who reads the sum, and has taken out its own figure, knows another's to about a sixth. So do all zeros."""
    second, largest = sorted(amounts)[-2:]
    return largest * 100 >= MOST_OF_ONE * (min(sum(amounts), said) - second)


def rounded(amount: int, step: int) -> int:
    """To two digits, never finer than `step`, half up: 153 → 150, 1 234 → 1 200; with a step of 1 000, 1 234 → 1 000."""
    coarse = max(step, 10 ** (len(str(amount)) - 2) if amount > 99 else 1)  # noqa: PLR2004  three digits and more
    return (2 * amount + coarse) // (2 * coarse) * coarse


def together(parts: Iterable[Told]) -> Told:
    """The sum of what was already told: adding nothing more, it gives nothing more away."""
    rows = list(parts)
    shown = [row.total for row in rows if row.total is not None]
    return Told(
        sum(shown) if shown else None,
        sum(row.of for row in rows),
        sum(row.hidden for row in rows),
        about=any(row.about for row in rows),
    )
