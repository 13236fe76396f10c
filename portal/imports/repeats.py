"""Finding rows that a file repeats, in a few bytes a row: a list of any length is judged in the same memory."""

from array import array
from hashlib import blake2b
from typing import Any

START = 1 << 12
MASK = (1 << 63) - 1


class Firsts:
    """Which row named a thing first. Keeps of each thing 12 bytes: a digest of 63 bits and the row's number.

    Two different things among a hundred thousand share a digest once in two thousand million files.
    """

    def __init__(self) -> None:
        self._digests, self._rows = _blank(START)
        self._held = 0

    def get(self, *key: Any) -> int | None:
        """The row that named it first, None when none did."""
        return self._rows[self._place(_digest(key))] or None

    def add(self, row: int, *key: Any) -> int:
        """The row that named it first: this one (numbered from 1) when none did before."""
        digest = _digest(key)
        place = self._place(digest)
        if not self._rows[place]:
            self._digests[place], self._rows[place] = digest, row
            self._held += 1
            if self._held * 3 > len(self._rows) * 2:
                self._grow()
            return row
        return self._rows[place]

    def _place(self, digest: int) -> int:
        """Where the digest stands, or the free place it would take."""
        digests, rows, last = self._digests, self._rows, len(self._rows) - 1
        place = digest & last
        while rows[place] and digests[place] != digest:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        digests, rows = self._digests, self._rows
        self._digests, self._rows = _blank(len(rows) * 2)
        for digest, row in zip(digests, rows, strict=True):
            if row:
                place = self._place(digest)
                self._digests[place], self._rows[place] = digest, row


def _blank(size: int) -> tuple["array[int]", "array[int]"]:
    return array("q", bytes(8 * size)), array("i", bytes(4 * size))


def _digest(key: tuple[Any, ...]) -> int:
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big") & MASK
