"""How far the scoring of a round is: by judge, by dossier and by group, from the states of its sheets alone.

Pure values: points never come here. A sheet is valid when it was submitted; a dossier is short when the judges
who can still hand in are too few to reach the quorum.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .enums import SheetState
from .sheet_states import NOT_OPENED, RECUSED, WAITING, JudgeStates

# In the order in which the page names them: what is to be done first.
ORDER: tuple[str, ...] = (
    NOT_OPENED,
    SheetState.DRAFT,
    SheetState.ENTERED,
    SheetState.SUBMITTED,
    SheetState.CANNOT_ASSESS,
    RECUSED,
    SheetState.VOIDED,
)


class Standing(StrEnum):
    """How a dossier stands to its quorum, the worst first."""

    SHORT = "short"  # cannot be reached any more
    WAITING = "waiting"  # can be, with sheets still awaited
    OPEN = "open"  # reached, and sheets are still awaited
    DONE = "done"  # reached, nothing is awaited


@dataclass(frozen=True, slots=True)
class Entry:
    """A dossier as lists of sheets name it."""

    pk: int
    code: str
    name: str
    maker: str
    group: str


@dataclass(frozen=True, slots=True)
class DossierLine:
    """One dossier in one pass: which judge's sheet stands where, and what that means for the quorum."""

    entry: Entry
    states: JudgeStates
    counts: Mapping[str, int]
    quorum: int
    overdue: int

    @property
    def valid(self) -> int:
        return self.counts.get(SheetState.SUBMITTED, 0)

    @property
    def waiting(self) -> int:
        return sum(self.counts.get(state, 0) for state in WAITING)

    @property
    def missing(self) -> int:
        return max(0, self.quorum - self.valid)

    @property
    def standing(self) -> Standing:
        if self.valid + self.waiting - self.overdue < self.quorum:
            return Standing.SHORT
        if self.missing:
            return Standing.WAITING
        return Standing.OPEN if self.waiting else Standing.DONE

    @property
    def is_short(self) -> bool:
        return self.standing == Standing.SHORT


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The dossiers of one group, those short of their quorum first."""

    group: str
    lines: tuple[DossierLine, ...]

    def _in(self, *standings: Standing) -> int:
        return sum(line.standing in standings for line in self.lines)

    @property
    def short(self) -> int:
        return self._in(Standing.SHORT)

    @property
    def waiting(self) -> int:
        return self._in(Standing.WAITING)

    @property
    def enough(self) -> int:
        return self._in(Standing.OPEN, Standing.DONE)

    @property
    def valid(self) -> int:
        return sum(line.valid for line in self.lines)

    @property
    def due(self) -> int:
        return sum(line.valid + line.waiting for line in self.lines)


@dataclass(frozen=True, slots=True)
class JudgeLine:
    """One judge in one pass: how many sheets stand where, when last at work, until when."""

    number: int
    judge: int
    counts: Mapping[str, int]
    is_seated: bool
    until: dt.datetime | None
    last_saved: dt.datetime | None
    nudged_at: dt.datetime | None
    is_over: bool

    def count(self, state: str) -> int:
        return self.counts.get(state, 0)

    @property
    def missing(self) -> int:
        return sum(self.count(state) for state in WAITING)

    @property
    def handed_in(self) -> int:
        return self.count(SheetState.SUBMITTED) + self.count(SheetState.CANNOT_ASSESS)

    @property
    def due(self) -> int:
        return self.missing + self.handed_in


def dossier_lines(
    entries: Iterable[Entry], states: Mapping[int, JudgeStates], *, quorum: int, overdue: Collection[int]
) -> list[DossierLine]:
    """One line per dossier that is scored. `overdue`: judges who can hand in no more."""
    found = []
    for entry in entries:
        mine = states.get(entry.pk)
        if mine is None:
            continue
        late = sum(state in WAITING and judge in overdue for judge, state in mine.items())
        found.append(DossierLine(entry, mine, Counter(mine.values()), max(quorum, 1), late))
    return found


def by_group(lines: Iterable[DossierLine], groups: Iterable[str]) -> list[GroupLine]:
    """The lines of each group that has any, those that need somebody first, then by entry code."""
    of_group: dict[str, list[DossierLine]] = {}
    for line in lines:
        of_group.setdefault(line.entry.group, []).append(line)
    places = {standing: place for place, standing in enumerate(Standing)}
    return [
        GroupLine(
            group,
            tuple(sorted(of_group[group], key=lambda one: (places[one.standing], -one.missing, one.entry.code))),
        )
        for group in groups
        if group in of_group
    ]


def counts_by_judge(states: Mapping[int, JudgeStates]) -> dict[int, Counter[str]]:
    """Judge → how many sheets stand where."""
    found: dict[int, Counter[str]] = {}
    for judges in states.values():
        for judge, state in judges.items():
            found.setdefault(judge, Counter())[state] += 1
    return found


def missing_by_judge(states: Mapping[int, JudgeStates]) -> dict[int, dict[str, list[int]]]:
    """Judge → state that waits for the judge → dossiers. Judges who owe nothing are left out."""
    found: dict[int, dict[str, list[int]]] = {}
    for dossier, judges in states.items():
        for judge, state in judges.items():
            if state in WAITING:
                found.setdefault(judge, {}).setdefault(state, []).append(dossier)
    return found
