"""The council's word against the ranking and against those present: pure, on plain values.

A set that the council formed after the seal has no mean and no rank of its own. It counts as its parts: proposed,
it proposes every one of them; left out, it leaves every one out. The ranks are those of the seal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .tally import Standing, departures


@dataclass(frozen=True)
class Ranked:
    """A scored entry: its number, its group and its rank in the seal."""

    code: str
    group: str
    rank: int


@dataclass(frozen=True)
class Candidate:
    """What the council speaks of: one dossier that passed, or a late set with the scored parts behind it."""

    code: str
    proposed: bool
    behind: tuple[Ranked, ...]


@dataclass(frozen=True)
class LeftOut:
    """A better ranked entry that is not proposed; `within` names the late set that it is part of."""

    code: str
    rank: int
    within: str = ""


def left_out_before(candidates: Iterable[Candidate]) -> dict[str, tuple[LeftOut, ...]]:
    """Candidates proposed although better ranked entries of the same group are not, each with those entries.

    Every one of them needs the council's reason. By number of the candidate; those in order of rank.
    """
    listed = tuple(candidates)
    standings = [Standing(one.code, one.group, one.rank, each.proposed) for each in listed for one in each.behind]
    departing = set(departures(standings))
    skipped = [(one, each.code) for each in listed if not each.proposed for one in each.behind]
    found: dict[str, tuple[LeftOut, ...]] = {}
    for candidate in listed:
        against = [one for one in candidate.behind if candidate.proposed and one.code in departing]
        if against:
            found[candidate.code] = _better_than(against, skipped)
    return found


def _better_than(against: list[Ranked], skipped: list[tuple[Ranked, str]]) -> tuple[LeftOut, ...]:
    worst: dict[str, int] = {}
    for one in against:
        worst[one.group] = max(one.rank, worst.get(one.group, one.rank))
    better = {
        LeftOut(one.code, one.rank, within if within != one.code else "")
        for one, within in skipped
        if one.rank < worst.get(one.group, 0)
    }
    return tuple(sorted(better, key=lambda one: (one.rank, one.code)))


# --- quorum and votes ------------------------------------------------------------------------------------------


def needed(members: int, quorum: int | None) -> int:
    """How many members must be present: what the round says, else more than half."""
    return quorum if quorum is not None else members // 2 + 1


def is_quorate(*, members: int, present: int, quorum: int | None) -> bool:
    return present > 0 and present >= needed(members, quorum)


@dataclass(frozen=True)
class Votes:
    """Votes on one dossier; None where nothing was written."""

    for_: int | None = None
    against: int | None = None
    abstain: int | None = None

    @property
    def given(self) -> int:
        return (self.for_ or 0) + (self.against or 0) + (self.abstain or 0)

    @property
    def is_written(self) -> bool:
        return (self.for_, self.against, self.abstain) != (None, None, None)

    def carries(self, voters: int) -> bool:
        """More than half of those present without a conflict on the dossier are for it."""
        return 2 * (self.for_ or 0) > voters


@dataclass(frozen=True)
class Room:
    """Who is in the room: members of the council, those present, and who stands aside from which dossier."""

    members: int
    present: frozenset[int]
    quorum: int | None
    aside: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @property
    def is_quorate(self) -> bool:
        return is_quorate(members=self.members, present=len(self.present), quorum=self.quorum)

    @property
    def needed(self) -> int:
        return needed(self.members, self.quorum)

    def voters(self, dossier: int) -> int:
        """How many may vote on the dossier."""
        return len(self.present - self.aside.get(dossier, frozenset()))

    def silent(self, dossier: int) -> frozenset[int]:
        """Who is present and does not vote on it."""
        return self.present & self.aside.get(dossier, frozenset())
