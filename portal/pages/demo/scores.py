"""Invented points: the same in every load, within every maximum and on the round's step. Pure."""

import random
from collections.abc import Mapping
from decimal import Decimal

HIGH = 92
NOISE = 8


def quality(code: str, *, fails: frozenset[str] = frozenset()) -> int:
    """How good a dossier is, in percent; those in `fails` stay well below 70."""
    return (
        random.Random(f"quality {code}").randrange(52, 60) if code in fails else random.Random(code).randrange(76, HIGH)
    )


def points(maxima: Mapping[int, Decimal], *, code: str, judge: str, percent: int, step: Decimal) -> dict[int, Decimal]:
    """Points for each input, around the dossier's quality, with the judge's own leaning."""
    dice = random.Random(f"{code} {judge}")
    leaning = dice.randrange(-3, 4)
    return {
        pk: _given(maximum, percent + leaning + dice.randrange(-NOISE, NOISE + 1), step)
        for pk, maximum in maxima.items()
    }


def _given(maximum: Decimal, percent: int, step: Decimal) -> Decimal:
    steps = (maximum * percent / 100 / step).to_integral_value()
    return min(max(steps * step, Decimal(0)), maximum)
