"""The first formula, "mean-1": what was sealed under it is counted again by it, for ever. Never changed.

Only submitted sheets count. A sheet that says "cannot assess" and a voided one are left out: silence is
never zero (TT 26/2014/TT-BCT, Điều 17 asks for a mean of at least the threshold, and only of what was given).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from .enums import SheetState

HEADS = ("1", "2", "3", "4")
FORMULA = "mean-1"


@dataclass(frozen=True)
class Sheet:
    """One judge's points per head of criteria; what is not scored has no entry."""

    state: str
    heads: Mapping[str, Decimal]

    @property
    def counts(self) -> bool:
        return self.state == SheetState.SUBMITTED

    @property
    def points(self) -> Decimal:
        return sum(self.heads.values(), Decimal(0))


@dataclass(frozen=True)
class Entry:
    """A dossier as the tally sees it: its number, its group, its sheets."""

    code: str
    group: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Outcome:
    """What the sheets say of one dossier. `points` is the exact sum; the mean is `points / sheets`."""

    code: str
    group: str
    sheets: int
    points: Decimal
    heads: tuple[Decimal, ...]
    quorate: bool
    passed: bool
    rank: int | None


def valid_sheets(sheets: Iterable[Sheet]) -> tuple[Sheet, ...]:
    return tuple(sheet for sheet in sheets if sheet.counts)


def passes(*, points: Decimal, sheets: int, threshold: Decimal) -> bool:
    """Whether the mean is reached, without dividing: 69.9986 is not 70."""
    return sheets > 0 and points >= threshold * sheets


def tally(
    entries: Iterable[Entry], *, threshold: Decimal, quorum: int, heads: Sequence[str] = HEADS
) -> tuple[Outcome, ...]:
    """Outcomes in the published order: by group, then rank, then entry code.

    Within a group the higher mean stands first; equal means are told apart by the mean of criterion 1, then 2,
    3 and 4. What is equal in all of them shares the rank, and the next rank leaves a gap (1, 1, 3): the entry
    code orders the list but never decides a rank. Without a quorum there is neither a pass nor a rank.
    """
    counted = [_count(entry, threshold=threshold, quorum=quorum, heads=heads) for entry in entries]
    outcomes: list[Outcome] = []
    for group in sorted({outcome.group for outcome in counted}):
        outcomes += _ranked([outcome for outcome in counted if outcome.group == group])
    return tuple(outcomes)


def _count(entry: Entry, *, threshold: Decimal, quorum: int, heads: Sequence[str]) -> Outcome:
    valid = valid_sheets(entry.sheets)
    points = sum((sheet.points for sheet in valid), Decimal(0))
    quorate = len(valid) >= max(quorum, 1)
    return Outcome(
        code=entry.code,
        group=entry.group,
        sheets=len(valid),
        points=points,
        heads=tuple(sum((sheet.heads.get(head, Decimal(0)) for sheet in valid), Decimal(0)) for head in heads),
        quorate=quorate,
        passed=quorate and passes(points=points, sheets=len(valid), threshold=threshold),
        rank=None,
    )


def _standing(outcome: Outcome) -> tuple[Fraction, ...]:
    """Mean, then the mean of each head: per sheet, so that one more sheet is no advantage."""
    return tuple(Fraction(value) / outcome.sheets for value in (outcome.points, *outcome.heads))


def _ranked(group: list[Outcome]) -> list[Outcome]:
    quorate = [outcome for outcome in group if outcome.quorate]
    standings = [_standing(outcome) for outcome in quorate]
    ranked = [
        replace(outcome, rank=1 + sum(other > standing for other in standings))
        for outcome, standing in zip(quorate, standings, strict=True)
    ]
    rest = [outcome for outcome in group if not outcome.quorate]
    return sorted(ranked, key=lambda o: (o.rank or 0, o.code)) + sorted(rest, key=lambda o: o.code)
