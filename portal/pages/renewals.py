"""Survival: of the recognitions that ended, how many were followed by another one, and for how long products hold.

Pure functions on columns of numbers; `renewal_answers` reads the register into them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Twelve months before and after the last valid day.
WINDOW = 365
IN_FORCE, RENEWED, LAPSED, EARLY, OPEN, STOPPED = range(6)


@dataclass(frozen=True)
class Lives:
    """Published recognitions, one place per recognition in every column. Days are ordinals.

    `stopped` is the day of revocation or of giving back, 0 where there is none.
    """

    pk: Ints
    product: Ints
    rank: Ints
    begins: Ints
    ends: Ints
    stopped: Ints


def outcomes(lives: Lives, *, on: int) -> Ints:
    """What became of each recognition by the day: one of the six words above.

    Renewed: the product was recognised again, at the same or a higher level, by a recognition that began later
    and within twelve months before or after the last valid day; lapsed: it was not. Both are said only once the
    twelve months are over, or the share would count those that were quick and not those that were not. Until
    then a recognition is early (renewed already) or open. One that was revoked or given back in its time is
    stopped: it neither ended nor could be renewed.
    """
    stopped = (lives.stopped > 0) & (lives.stopped <= np.minimum(lives.ends, on))
    ended = ~stopped & (lives.ends < on)
    over = ended & (lives.ends + WINDOW < on)
    again = renewed(lives)
    found = np.full(lives.pk.shape, IN_FORCE, dtype=np.int64)
    found[stopped] = STOPPED
    found[ended] = np.where(again[ended], EARLY, OPEN)
    found[over] = np.where(again[over], RENEWED, LAPSED)
    return found


def renewed(lives: Lives) -> Flags:
    """Whether each recognition was followed by another as `outcomes` says, whatever the day."""
    order = np.lexsort((lives.begins, lives.product))
    product, rank = lives.product[order], lives.rank[order]
    begins, ends = lives.begins[order], lives.ends[order]
    found = np.zeros(order.shape, dtype=np.bool_)
    for apart in range(1, _most_of_one(product)):
        same = product[apart:] == product[:-apart]
        later = begins[apart:] > begins[:-apart]
        near = np.abs(begins[apart:] - ends[:-apart]) <= WINDOW
        found[:-apart] |= same & later & near & (rank[apart:] >= rank[:-apart])
    back = np.empty_like(found)
    back[order] = found
    return back


def _most_of_one(product: Ints) -> int:
    """How many recognitions the product with the most has."""
    return int(np.unique(product, return_counts=True)[1].max()) if product.size else 0


def days_held(lives: Lives, *, on: int) -> Ints:
    """For each product, in the order of its key, the days on which it held any recognition, up to the day."""
    last = np.minimum(lives.ends, on)
    last = np.where(lives.stopped > 0, np.minimum(last, lives.stopped - 1), last)
    begun = lives.begins <= last
    order = np.lexsort((last[begun], lives.begins[begun], lives.product[begun]))
    product, first, last = lives.product[begun][order], lives.begins[begun][order], last[begun][order]
    keys = np.unique(lives.product)
    if not product.size:
        return np.zeros(keys.shape, dtype=np.int64)
    reached = _reached(product, last)
    before = np.concatenate(([0], reached[:-1]))
    before[np.concatenate(([True], product[1:] != product[:-1]))] = 0
    gained = np.maximum(last - np.maximum(first, before + 1) + 1, 0)
    return np.bincount(np.searchsorted(keys, product), weights=gained, minlength=keys.size).astype(np.int64)


def _reached(product: Ints, last: Ints) -> Ints:
    """The latest day reached so far within each product, whose rows stand together."""
    step = int(last.max()) + 1
    order = np.unique(product, return_inverse=True)[1].astype(np.int64)
    return np.maximum.accumulate(last + order * step) - order * step
