"""The public register as columns of numbers in memory, so that counting costs milliseconds at any size.

Each process holds one `Shelf`: built once, then brought up to date from the change feed. It is asked for under the
register's mark, so it is right the moment something is published. A shelf is never changed once made; who holds one
goes on reading what it said. Two tables: rows are published recognitions, items their products in the order of the
alphabet, so an item's place is also its rank.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facilities.enums import FacilityKind

from . import column_reads, register
from .column_reads import CHANNEL_BITS, GROUPS, KINDS, LEVELS, LONG_AGO, Block, Item, Row
from .enums import ChangeKind, Status
from .models import RegisterChange
from .ready import Ready

if TYPE_CHECKING:
    from .catalogue import Clock

Mask = NDArray[np.bool_]
Numeric = NDArray[Any]

# More products than this at once are read faster together with all the others.
MOST_PLACED = 500
MOST_ITEMS = 2**31 - 1
# Keys so much larger than the number of products are not looked up in a table.
SPARSE = 20
# Whatever no signal told of (a process that died between a commit and its mark) is seen a day later at the latest.
RENEWED_AFTER = 24 * 3600.0
STATUSES = (Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED, Status.EXPIRED, Status.EXPIRING, Status.VALID)
IN_FORCE = (Status.VALID, Status.EXPIRING)
NAMES: dict[str, tuple[str, ...]] = {"level": LEVELS, "status": STATUSES, "group": GROUPS, "kind": KINDS}


@dataclass(frozen=True)
class Numbers:
    """N of the contract: recognitions are singles and sets; products and makers are distinct."""

    recognitions: int = 0
    singles: int = 0
    sets: int = 0
    products: int = 0
    facilities: int = 0


@dataclass(frozen=True)
class Shelf:
    """All published recognitions and their products, as of one state of the register."""

    word: str
    number: int
    anchor: dt.datetime | None
    keys: NDArray[np.int64]
    items: NDArray[np.int32]
    rows: NDArray[np.int32]
    built: float = field(default_factory=time.monotonic)
    _made: dict[Any, Numeric] = field(default_factory=dict, compare=False, repr=False)

    def row(self, column: Row) -> NDArray[np.int32]:
        """One column of the recognitions."""
        found: NDArray[np.int32] = self.rows[column]
        return found

    def item(self, column: Item) -> NDArray[np.int32]:
        """One column of the products."""
        found: NDArray[np.int32] = self.items[column]
        return found

    def _once(self, name: Any, make: Callable[[], Numeric]) -> Numeric:
        """What is worked out from the columns alone is worked out once for a shelf."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = make()
        return found

    # --- which ----------------------------------------------------------------------------------------

    def statuses(self, clock: "Clock") -> Numeric:
        """The place in `STATUSES` of every recognition on a day: the twin of `validity_sql.status_condition`."""
        return self._once(("status", clock), lambda: self._statuses(clock))

    def _statuses(self, clock: "Clock") -> Numeric:
        on = clock.on.toordinal()
        ends = self.row(Row.EXPIRES)
        found = np.full(ends.shape, STATUSES.index(Status.VALID), dtype=np.int8)
        # From the last to the first, so that the first that applies stands.
        found[ends <= on + clock.expiring_days] = STATUSES.index(Status.EXPIRING)
        found[ends < on] = STATUSES.index(Status.EXPIRED)
        paused = (self.row(Row.PAUSED_FROM) <= on) & (self.row(Row.PAUSED_TO) >= on)
        found[paused] = STATUSES.index(Status.SUSPENDED)
        found[self.row(Row.WITHDRAWN) <= on] = STATUSES.index(Status.WITHDRAWN)
        found[self.row(Row.REVOKED) <= on] = STATUSES.index(Status.REVOKED)
        return found

    def with_status(self, statuses: Iterable[str], clock: "Clock") -> Mask:
        """Recognitions that have one of the statuses on the day."""
        return among(self.statuses(clock), (STATUSES.index(s) for s in map(Status, statuses) if s in STATUSES))

    def due_to_be_withheld(self, on: dt.date) -> Mask:
        """Recognitions a household lost whose original end is past: the twin of `validity_sql.due_to_be_withheld`."""
        lost = (self.row(Row.REVOKED) <= on.toordinal()) & (self.row(Row.EXPIRES) < on.toordinal())
        return lost & self.of_items(self.item(Item.KIND) == KINDS.index(FacilityKind.HOUSEHOLD.value))

    def mask(
        self,
        clock: "Clock",
        *,
        levels: Sequence[str] = (),
        groups: Sequence[str] = (),
        kinds: Sequence[str] = (),
        units: Iterable[int] | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
        statuses: Sequence[str] = (),
    ) -> Mask:
        """Recognitions that meet every condition; an empty one asks for nothing, `units=None` for everywhere."""
        parts: list[Mask] = []
        if levels:
            parts.append(among(self.row(Row.LEVEL), map(LEVELS.index, levels)))
        if groups:
            parts.append(self.of_items(among(self.item(Item.GROUP), map(GROUPS.index, groups))))
        if kinds:
            parts.append(self.of_items(among(self.item(Item.KIND), map(KINDS.index, kinds))))
        if units is not None:
            parts.append(among(self.row(Row.UNIT), units))
        if year_from is not None:
            parts.append(self.row(Row.YEAR) >= year_from)
        if year_to is not None:
            parts.append(self.row(Row.YEAR) <= year_to)
        if statuses:
            parts.append(self.with_status(statuses, clock))
        found = both(parts)
        return np.ones(self.rows.shape[1], dtype=np.bool_) if found is None else found

    def of_items(self, items: Mask) -> Mask:
        """The recognitions of some products."""
        return items[self.row(Row.ITEM)]

    def items_with(self, rows: Mask | None) -> Mask:
        """The products that have one of the recognitions; all of them without a condition."""
        found = np.full(self.keys.shape, rows is None, dtype=np.bool_)
        if rows is not None:
            found[self.row(Row.ITEM)[rows]] = True
        return found

    def items_of(self, keys: Sequence[int]) -> Mask:
        """The products with these primary keys."""
        wanted = np.asarray(keys, dtype=np.int64)
        most = max(int(self.keys.max(initial=0)), int(wanted.max(initial=0)))
        if most > SPARSE * len(self.keys):
            return np.isin(self.keys, wanted)
        # Keys of a database follow each other closely: a table of them all is looked up faster than anything is sorted.
        listed = np.zeros(most + 1, dtype=np.bool_)
        listed[wanted] = True
        return np.asarray(listed[self.keys])

    # --- how many -------------------------------------------------------------------------------------

    def count(
        self, by: str, mask: Mask, clock: "Clock | None" = None, *, today: Mapping[int, int] | None = None
    ) -> dict[Any, Numbers]:
        """Numbers for each value of level, group, kind, year, unit or status; `today` names a unit's unit of today."""
        values = self._values(by, clock, today)[mask]
        size = int(values.max(initial=-1)) + 1
        items = self.row(Row.ITEM)[mask]
        sets = np.bincount(values[self.item(Item.IS_SET)[items] == 1], minlength=size)
        makers = self.item(Item.FACILITY)[items]
        known = makers >= 0
        whole = np.bincount(values, minlength=size)
        products = distinct(items, values, size)
        facilities = distinct(makers[known], values[known], size)
        return {
            self._name(by, value): Numbers(
                int(whole[value]),
                int(whole[value] - sets[value]),
                int(sets[value]),
                int(products[value]),
                int(facilities[value]),
            )
            for value in np.flatnonzero(whole).tolist()
        }

    def total(self, mask: Mask | None = None) -> Numbers:
        """Numbers of all of them together."""
        chosen = slice(None) if mask is None else mask
        items = self.row(Row.ITEM)[chosen]
        makers = self.item(Item.FACILITY)[items]
        sets = int(np.count_nonzero(self.item(Item.IS_SET)[items]))
        return Numbers(
            recognitions=len(items),
            singles=len(items) - sets,
            sets=sets,
            products=int(np.count_nonzero(self.items_with(mask))) if mask is not None else len(self.keys),
            facilities=how_many(makers[makers >= 0]),
        )

    def cross(self, by: tuple[str, str], mask: Mask, clock: "Clock | None" = None) -> dict[tuple[Any, Any], int]:
        """How many recognitions have each pair of values, say of unit and level."""
        first, second = (self._values(name, clock, None)[mask].astype(np.int64) for name in by)
        size = int(second.max(initial=0)) + 1
        counted = np.bincount(first * size + second)
        return {
            (self._name(by[0], pair // size), self._name(by[1], pair % size)): int(counted[pair])
            for pair in np.flatnonzero(counted).tolist()
        }

    def products_by(
        self, by: str, rows: Mask | None, clock: "Clock | None" = None, *, today: Mapping[int, int] | None = None
    ) -> dict[Any, int]:
        """Distinct products for each value of a property of recognitions."""
        values, items, lone = self._values(by, clock, today), self.row(Row.ITEM), self._lone()
        if rows is not None:
            values, items, lone = values[rows], items[rows], lone[rows]
        size = int(values.max(initial=-1)) + 1
        # Most products have one recognition: those need no look at what else they have.
        counted = np.bincount(values[lone], minlength=size) + distinct(items[~lone], values[~lone], size)
        return {self._name(by, value): int(counted[value]) for value in np.flatnonzero(counted).tolist()}

    def _lone(self) -> Mask:
        """Recognitions that are the only one of their product."""
        items = self.row(Row.ITEM)
        return self._once("lone", lambda: (np.bincount(items, minlength=len(self.keys)) == 1)[items])

    def _values(self, by: str, clock: "Clock | None", today: Mapping[int, int] | None) -> Numeric:
        if by == "status":
            assert clock is not None, "A status is of a day."
            return self.statuses(clock)
        if by in {"group", "kind"}:
            return self.item(Item.GROUP if by == "group" else Item.KIND)[self.row(Row.ITEM)]
        if by == "unit" and today is not None:
            units = self.row(Row.UNIT)
            named = np.arange(int(units.max(initial=-1)) + 1)
            for unit, now in today.items():
                if unit < len(named):
                    named[unit] = now
            return named[units]
        return self.row({"level": Row.LEVEL, "year": Row.YEAR, "unit": Row.UNIT}[by])

    def _name(self, by: str, value: int) -> Any:
        return str(NAMES[by][value]) if by in NAMES else value

    # --- of products ------------------------------------------------------------------------------------

    def stars(self, stars: int, on: dt.date) -> Mask:
        """Products whose OCOP title of so many stars is not known to be over."""
        return self.item(Item(Item.THREE_STARS + stars - 3)) >= on.toordinal()

    def sold_through(self, channel: str) -> Mask:
        return (self.item(Item.CHANNELS) & CHANNEL_BITS[channel]) != 0

    # --- in which order ---------------------------------------------------------------------------------

    def last_recognised(self, rows: Mask, number: int) -> NDArray[np.int64]:
        """Places of the few recognitions of the newest year, then the latest day of issue, then by the alphabet."""
        places = np.flatnonzero(rows)
        issued = np.maximum(self.row(Row.ISSUED)[places], 0).astype(np.int64)
        days = self.row(Row.YEAR)[places].astype(np.int64) << 20 | issued
        ranks = days << 31 | MOST_ITEMS - self.row(Row.ITEM)[places]
        if len(places) > number:
            few = np.argpartition(ranks, len(ranks) - number)[-number:]
            places, ranks = places[few], ranks[few]
        return places[np.argsort(-ranks)]

    def by_newest(self, rows: Mask | None, found: Mask) -> NDArray[np.int64]:
        """Places of the products found, by their newest year, then the day of issue, then the alphabet."""
        issued = self._highest(Row.ISSUED, rows, LONG_AGO)
        years = self._highest(Row.YEAR, rows, 0)
        return self._ordered(found, -years, -np.maximum(issued, 0))

    def by_end(self, rows: Mask | None, found: Mask, clock: "Clock") -> NDArray[np.int64]:
        """Places of the products found, what ends soonest first; what no longer holds comes last."""
        holding = self.with_status(IN_FORCE, clock)
        holding = holding if rows is None else holding & rows
        return self._ordered(found, -self._highest(Row.EXPIRES, holding, LONG_AGO, sign=-1))

    def _highest(self, column: Row, rows: Mask | None, least: int, *, sign: int = 1) -> NDArray[np.int64]:
        """For each product the highest value among the recognitions, or with a sign of -1 the lowest, negated."""
        found = np.full(self.keys.shape, least, dtype=np.int64)
        chosen = slice(None) if rows is None else rows
        np.maximum.at(found, self.row(Row.ITEM)[chosen], sign * self.row(column)[chosen].astype(np.int64))
        return found

    def _ordered(self, found: Mask, *ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        places = np.flatnonzero(found)
        return places[np.lexsort([rank[places] for rank in reversed(ranks)])]


# --- masks and counts ------------------------------------------------------------------------------------


def among(column: Numeric, values: Iterable[int]) -> Mask:
    """Where a column holds one of a few values."""
    wanted = list(values)
    if len(wanted) == 1:
        return np.asarray(column == wanted[0])
    return np.isin(column, np.asarray(wanted, dtype=np.int64))


def both(parts: Iterable[Mask | None]) -> Mask | None:
    """Where every condition holds; None where there is none."""
    found: Mask | None = None
    for part in parts:
        if part is not None:
            found = part if found is None else found & part
    return found


def either(parts: Iterable[Mask]) -> Mask:
    """Where one of the conditions holds; there is one at least."""
    found, *others = parts
    for part in others:
        found = found | part
    return found


def how_many(keys: Numeric) -> int:
    """How many different keys there are."""
    most = int(keys.max(initial=-1)) + 1
    if most > SPARSE * len(keys):
        return len(np.unique(keys))
    seen = np.zeros(most, dtype=np.bool_)
    seen[keys] = True
    return int(np.count_nonzero(seen))


def distinct(things: Numeric, values: Numeric, size: int) -> NDArray[np.int64]:
    """How many different things there are for each value below `size`."""
    if not len(things):
        return np.zeros(size, dtype=np.int64)
    # The smaller the numbers, the faster they are put in order.
    narrow = (int(things.max()) + 1) * size < np.iinfo(np.int32).max
    pairs = things.astype(np.int32 if narrow else np.int64) * size + values
    pairs.sort()
    first = np.ones(len(pairs), dtype=np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    return np.bincount(pairs[first] % size, minlength=size)


# --- held by the process -----------------------------------------------------------------------------------

_lock = Lock()
_held: Shelf | None = None


def shelf() -> Shelf:
    """The public register of now. One query; a few more after a change, four or five when it is read whole.

    Before the first mark, and within a transaction that changes the register, it is read and not held: nobody else
    may see what is not committed.
    """
    global _held  # noqa: PLW0603  one for the whole process is the point
    now = register.state()
    if not now.word or register.is_changing():
        return _built(now)
    held = _held
    if held is None or held.word != now.word:
        with _lock:
            held = _held = _brought_to(_held, now)
    return held


def is_held(found: Shelf) -> bool:
    """Whether it is what everybody reads, and not what an open transaction sees."""
    return found is _held


def forget() -> None:
    """Hold nothing: the next question reads the register whole."""
    global _held  # noqa: PLW0603
    _held = None


def _brought_to(held: Shelf | None, now: register.State) -> Shelf:
    if held is None or time.monotonic() - held.built > RENEWED_AFTER:
        return _built(now)
    if held.word == now.word:
        return held
    changed = _changed_since(held, now)
    if changed is None:
        return _built(now)
    return replace(held, word=now.word) if not changed.products else _with(held, now, changed)


def _built(now: register.State) -> Shelf:
    anchor = _anchor(now.number)
    block = column_reads.read()
    return Shelf(now.word, now.number, anchor, block.keys, block.items, block.rows)


def _anchor(number: int) -> dt.datetime | None:
    return RegisterChange.objects.filter(number=number).values_list("at", flat=True).first() if number else None


_SINCE = Ready(
    lambda first, last: (
        RegisterChange.objects.filter(number__gte=first, number__lte=last)
        .order_by("number")
        .values_list("at", "kind", "product_id")[: 4 * MOST_PLACED]
    )
)


class _Changed(NamedTuple):
    products: list[int]
    at: dt.datetime


def _changed_since(held: Shelf, now: register.State) -> _Changed | None:
    """The products of the feed's entries since the shelf's; None where it does not lead on from there."""
    if not 0 < held.number <= now.number:
        return None
    found = _SINCE(held.number, now.number)
    products = {product_id for _at, _kind, product_id in found[1:] if product_id is not None}
    follows = len(found) == now.number - held.number + 1 and found[0][0] == held.anchor
    told_all = any(kind == ChangeKind.ALL for _at, kind, _id in found[1:])
    if not follows or told_all or len(products) > MOST_PLACED:
        return None
    return _Changed(sorted(products), found[-1][0])


def _with(held: Shelf, now: register.State, changed: _Changed) -> Shelf:
    """The shelf with some products read anew."""
    block = column_reads.read(changed.products)
    keys, items, rows = _merged(held, held.items_of(changed.products), block, exclude=changed.products)
    return replace(
        held, word=now.word, number=now.number, anchor=changed.at, keys=keys, items=items, rows=rows, _made={}
    )


def _merged(
    held: Shelf, leaving: Mask, block: Block, *, exclude: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    staying = np.flatnonzero(~leaving)
    places = _places(held.keys[staying], block, exclude)
    gone, before = np.flatnonzero(leaving), np.append(staying, len(held.keys))[places]
    keys = _spliced(held.keys, gone, before, block.keys)
    items = _spliced(held.items, gone, before, block.items)
    rows = _spliced(held.rows, np.flatnonzero(held.of_items(leaving)), (), block.rows[:, :0])
    # Where each product stands now: those that stayed moved by what left and what came before them.
    moved = np.zeros(len(held.keys), dtype=np.int32)
    kept = np.arange(len(staying), dtype=np.int32)
    moved[staying] = kept + np.searchsorted(places, kept, side="right").astype(np.int32)
    rows[Row.ITEM] = moved[rows[Row.ITEM]]
    new_rows = block.rows.copy()
    new_rows[Row.ITEM] += places[new_rows[Row.ITEM]].astype(np.int32)
    return keys, items, np.concatenate([rows, new_rows], axis=1)


def _spliced(old: Numeric, gone: Iterable[int], before: Iterable[int], new: Numeric) -> Numeric:
    """A copy of some columns without a few places, and with new ones before others: the rest moves in whole pieces."""
    acts = sorted(
        [*((int(at), False, new_at) for new_at, at in enumerate(before)), *((int(at), True, 0) for at in gone)]
    )
    pieces, start = [], 0
    for at, leaves, new_at in acts:
        pieces.append(old[..., start:at])
        if not leaves:
            pieces.append(new[..., new_at : new_at + 1])
        start = at + leaves
    return np.concatenate([*pieces, old[..., start:]], axis=-1)


def _places(kept: NDArray[np.int64], block: Block, exclude: Sequence[int]) -> NDArray[np.int64]:
    """Before which of the products that stay each new one stands, in the database's own order."""
    following = [column_reads.following(key, exclude) for key in block.keys.tolist()]
    at = np.flatnonzero(np.isin(kept, np.asarray([key for key in following if key is not None], dtype=np.int64)))
    place_of = dict(zip(kept[at].tolist(), at.tolist(), strict=True))
    return np.asarray([len(kept) if key is None else place_of[key] for key in following], dtype=np.int64)
