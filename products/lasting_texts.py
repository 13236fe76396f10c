"""Texts of single products that outlast changes of other products, in the process's own memory.

A text says which products it was written from. It is held under the mark of what is common (`register.State.common`),
so any change but one of single products has all of them written anew; of those the change feed names every one, and
what was written from one of them is dropped. Nothing else may reach a text but what `under` says.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from . import register
from .lasting import MOST_SINCE, changed_between
from .register import SECONDS, State

MOST_BYTES = 16 * 1024 * 1024


class Text(NamedTuple):
    """What is said of a product, and the products it was written from, that one among them."""

    content: bytes
    products: frozenset[int]


Write = Callable[[Sequence[int]], dict[int, Text]]


@dataclass
class _Held:
    """Texts that are right as of one number of the change feed."""

    under: Hashable
    number: int
    until: float
    texts: dict[int, Text] = field(default_factory=dict)
    # Those written from other products too.
    composed: dict[int, frozenset[int]] = field(default_factory=dict)
    bytes: int = 0

    def leads_to(self, now: State, under: Hashable) -> bool:
        """Whether what is held can be brought to the state of now by reading the feed."""
        return self.under == under and now.number - self.number <= MOST_SINCE and time.monotonic() < self.until

    def bring_to(self, number: int) -> None:
        changed = set(changed_between(self.number, number))
        self.drop(changed | {key for key, products in self.composed.items() if not products.isdisjoint(changed)})
        self.number = number

    def drop(self, keys: Iterable[int]) -> None:
        for key in keys:
            if found := self.texts.pop(key, None):
                self.bytes -= len(found.content)
            self.composed.pop(key, None)

    def add(self, written: dict[int, Text]) -> None:
        self.drop(written)
        size = sum(len(text.content) for text in written.values())
        if self.bytes + size > MOST_BYTES:
            self.drop(list(self.texts))
        self.bytes += size
        self.texts.update(written)
        self.composed.update({key: text.products for key, text in written.items() if len(text.products) > 1})


_lock = Lock()
_held: _Held | None = None


def may_hold(now: State) -> bool:
    """Whether what is read now may be shown to others: nothing was left out of the marks, nothing is uncommitted."""
    return bool(now.word) and not register.is_changing()


def texts_of(now: State, under: Hashable, keys: Sequence[int], write: Write) -> list[bytes]:
    """The texts of the products in their order, those not held written by `write`; without what it does not find.

    One query where something changed since the last question, and those of writing. `now` was read before anything
    else the answer is made of.
    """
    held = _brought_to(now, (now.common, under))
    found = {key: text for key in keys if (text := held.texts.get(key))}
    missing = [key for key in keys if key not in found]
    if missing:
        written = write(missing)
        found |= written
        with _lock:
            # Whoever read before a change that is accounted for by now may have read what it replaced.
            if held.number == now.number:
                held.add(written)
    return [found[key].content for key in keys if key in found]


def forget() -> None:
    """Hold nothing in the process's own memory."""
    global _held  # noqa: PLW0603  one for the whole process is the point
    _held = None


def _brought_to(now: State, under: Hashable) -> _Held:
    global _held  # noqa: PLW0603
    with _lock:
        if _held is None or not _held.leads_to(now, under):
            _held = _Held(under, now.number, time.monotonic() + SECONDS)
        elif _held.number < now.number:
            _held.bring_to(now.number)
        return _held
