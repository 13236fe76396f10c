"""The score sheet as a tree: heads, sub-groups, inputs, guidance. Pure values, no database.

A row without a maximum is guidance (rules.md §3). A row with a maximum is an input when nothing
below it has one; otherwise its points are the sum of what stands below.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Row:
    """One criterion, as it stands in the register."""

    pk: int
    parent: int | None
    code: str
    name: str
    maximum: Decimal | None = None
    guidance: str = ""


@dataclass(frozen=True)
class Node:
    """A row with what stands below it."""

    row: Row
    children: tuple["Node", ...] = ()
    depth: int = 0

    @cached_property
    def inputs(self) -> tuple[Row, ...]:
        """The rows to be scored here, in order; the row itself when it is an input."""
        below = tuple(row for child in self.children for row in child.inputs)
        if below or self.row.maximum is None:
            return below
        return (self.row,)

    @property
    def is_input(self) -> bool:
        return self.inputs == (self.row,)

    @property
    def is_guidance(self) -> bool:
        return not self.inputs

    @cached_property
    def maximum(self) -> Decimal:
        """The row's own maximum, else the sum of the maxima below."""
        if self.row.maximum is not None:
            return self.row.maximum
        return sum((child.maximum for child in self.children), NOTHING)

    def total(self, points: Mapping[int, Decimal]) -> Decimal:
        """The sum of the points given below; what is not scored adds nothing."""
        return sum((points[row.pk] for row in self.inputs if row.pk in points), NOTHING)

    def missing(self, points: Mapping[int, Decimal]) -> tuple[Row, ...]:
        return tuple(row for row in self.inputs if row.pk not in points)

    def walk(self) -> Iterator["Node"]:
        """What stands below, top down; an input keeps its guidance to itself."""
        for child in self.children:
            yield child
            if not child.is_input:
                yield from child.walk()


@dataclass(frozen=True)
class Outline:
    """A whole criteria set."""

    heads: tuple[Node, ...] = ()
    by_pk: Mapping[int, Row] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[Row, ...]:
        return tuple(row for head in self.heads for row in head.inputs)

    @cached_property
    def maxima(self) -> dict[int, Decimal]:
        """The maximum of every input."""
        return {row.pk: row.maximum for row in self.inputs if row.maximum is not None}

    @property
    def maximum(self) -> Decimal:
        return sum((head.maximum for head in self.heads), NOTHING)

    def total(self, points: Mapping[int, Decimal]) -> Decimal:
        return sum((head.total(points) for head in self.heads), NOTHING)

    def missing(self, points: Mapping[int, Decimal]) -> tuple[Row, ...]:
        """Inputs without points. A typed 0 is there, an empty box is not."""
        return tuple(row for head in self.heads for row in head.missing(points))


def build(rows: Iterable[Row]) -> Outline:
    """The tree of rows given in their order. A row whose parent is not among them stands at the top."""
    known = {row.pk: row for row in rows}
    below: dict[int | None, list[Row]] = {}
    for row in known.values():
        below.setdefault(row.parent if row.parent in known else None, []).append(row)

    def grow(parent: int | None, depth: int) -> tuple[Node, ...]:
        return tuple(Node(row, grow(row.pk, depth + 1), depth) for row in below.get(parent, ()))

    return Outline(heads=grow(None, 0), by_pk=known)
