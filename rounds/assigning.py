"""Who scores which dossier when not everyone scores everything: four ways, what speaks against, and why.

Plain values in, plain values out: people and dossiers are named by keys, nothing is read or written. The same facts
and seed give the same division, in whatever order the facts come.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .balancing import Blocked, Task, bits, divide, least

Pair = tuple[str, str]  # dossier, judge
Pairs = frozenset[Pair]


@dataclass(frozen=True)
class Judge:
    """A member of the jury: at most `limit` dossiers (None: any number), and the groups the person answers for."""

    key: str
    limit: int | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entry:
    """An admitted dossier."""

    key: str
    group: str


@dataclass(frozen=True)
class Facts:
    """What a division has to respect: conflicts (`barred`), sheets begun (`opened`), who has what now (`held`)."""

    judges: tuple[Judge, ...]
    entries: tuple[Entry, ...]
    barred: Pairs = frozenset()
    opened: Pairs = frozenset()
    held: Pairs = frozenset()

    def keeps(self) -> Pairs:
        """Sheets begun by people who still may: nobody takes these dossiers from them."""
        return self._live(self.opened)

    def stands(self) -> Pairs:
        """What is given now and may stay so: the person is seated, the dossier admitted, no conflict."""
        return self._live(self.held)

    def _live(self, pairs: Pairs) -> Pairs:
        judges = {judge.key for judge in self.judges}
        entries = {entry.key for entry in self.entries}
        return frozenset(pair for pair in pairs - self.barred if pair[0] in entries and pair[1] in judges)


@dataclass(frozen=True)
class Fault:
    """One thing that speaks against a division; `kind` says which, the rest names what it is about.

    few_judges: of `entries` one dossier has only `have` possible judges of the `need`ed; `judges` have a conflict.
    no_room: the `entries` need `need` turns of `judges`, who together take `have`.
    over_limit: one of `judges` has `need` dossiers, the limit being `have`.
    below_minimum: one dossier of `entries` has `have` judges of the `need`ed.
    conflict: one judge was given one dossier over a conflict of interest.
    """

    kind: str
    entries: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    have: int = 0
    need: int = 0


@dataclass(frozen=True)
class Terms:
    """What is asked of a balanced division: judges per dossier, the seed, whether groups bind who answers for some."""

    minimum: int
    seed: str
    own_groups: bool = False


class Impossible(Exception):
    """No division exists; `faults` say why, every dossier and limit that stands in the way."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(fault.kind for fault in self.faults))


def everyone(facts: Facts) -> Pairs:
    """Everyone scores everything, except over a conflict of interest."""
    return frozenset((e.key, j.key) for e in facts.entries for j in facts.judges) - facts.barred


def by_group(facts: Facts, groups: Mapping[str, Collection[str]]) -> Pairs:
    """Each judge scores the dossiers of the person's groups, none named meaning none; sheets begun stay."""
    given = ((e.key, j.key) for e in facts.entries for j in facts.judges if e.group in groups.get(j.key, ()))
    return (frozenset(given) - facts.barred) | facts.keeps()


def by_hand(facts: Facts, chosen: Iterable[Pair]) -> Pairs:
    """What was ticked, as far as the people and dossiers still exist; sheets begun stay."""
    judges = {judge.key for judge in facts.judges}
    entries = {entry.key for entry in facts.entries}
    return frozenset(pair for pair in chosen if pair[0] in entries and pair[1] in judges) | facts.keeps()


def balanced(facts: Facts, terms: Terms) -> Pairs:
    """Each dossier to as many judges as asked: the largest load as small as it can be, every group spread evenly.

    Raises Impossible exactly when no division exists.
    """
    return _divided(facts, facts.keeps(), terms)


def rebalanced(facts: Facts, terms: Terms) -> Pairs:
    """What stands now, mended with the fewest dossiers taken from anyone: gaps filled, limits kept again."""
    return _divided(facts, facts.stands() | facts.keeps(), terms)


def _divided(facts: Facts, current: Pairs, terms: Terms) -> Pairs:
    judges = sorted(facts.judges, key=lambda judge: _shuffled(terms.seed, judge.key))
    entries = sorted(facts.entries, key=lambda entry: _shuffled(terms.seed, entry.key))
    tasks = _tasks(replace(facts, judges=tuple(judges), entries=tuple(entries)), current, terms)
    short = [
        _few(facts, entry, task, terms.minimum)
        for entry, task in zip(entries, tasks, strict=True)
        if task.allowed.bit_count() < terms.minimum
    ]
    if short:
        raise Impossible(sorted(short, key=lambda fault: fault.entries))
    try:
        who = divide(tasks, [judge.limit for judge in judges])
    except Blocked as blocked:
        raise Impossible([_no_room(blocked.people, tasks, judges, entries)]) from blocked
    return frozenset((entry.key, judges[p].key) for entry, given in zip(entries, who, strict=True) for p in bits(given))


def _shuffled(seed: str, key: str) -> str:
    return hashlib.sha256(f"{seed}|{key}".encode()).hexdigest()


def _tasks(facts: Facts, current: Pairs, terms: Terms) -> list[Task]:
    groups = {group: place for place, group in enumerate(sorted({entry.group for entry in facts.entries}))}
    bit = {judge.key: 1 << place for place, judge in enumerate(facts.judges)}
    able = {
        group: sum(bit[j.key] for j in facts.judges if not (terms.own_groups and j.groups) or group in j.groups)
        for group in groups
    }
    barred, kept, held = (_masks(pairs, bit) for pairs in (facts.barred, facts.keeps(), current))
    tasks = []
    for entry in facts.entries:
        pinned = kept.get(entry.key, 0)
        allowed = (able[entry.group] & ~barred.get(entry.key, 0)) | pinned
        tasks.append(Task(groups[entry.group], terms.minimum, allowed, pinned, held.get(entry.key, 0) & allowed))
    return tasks


def _masks(pairs: Pairs, bit: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry, judge in pairs:
        found[entry] = found.get(entry, 0) | bit.get(judge, 0)
    return found


def _few(facts: Facts, entry: Entry, task: Task, minimum: int) -> Fault:
    barred = tuple(sorted(judge.key for judge in facts.judges if (entry.key, judge.key) in facts.barred))
    return Fault("few_judges", (entry.key,), barred, have=task.allowed.bit_count(), need=minimum)


def _no_room(people: int, tasks: list[Task], judges: list[Judge], entries: list[Entry]) -> Fault:
    """The certificate: these dossiers need these judges more often than their limits allow, however divided."""
    needed = [(entry.key, least(task, people)) for entry, task in zip(entries, tasks, strict=True)]
    full = [judges[p] for p in bits(people)]
    room = sum(_room(p, judges[p], tasks) for p in bits(people))
    return Fault(
        "no_room",
        tuple(sorted(key for key, turns in needed if turns > 0)),
        tuple(sorted(judge.key for judge in full)),
        have=room,
        need=sum(max(turns, 0) for _key, turns in needed),
    )


def _room(place: int, judge: Judge, tasks: list[Task]) -> int:
    pinned = sum(task.pinned >> place & 1 for task in tasks)
    return len(tasks) if judge.limit is None else max(judge.limit, pinned)


def faults(facts: Facts, pairs: Pairs, *, minimum: int) -> list[Fault]:
    """Everything that speaks against these pairs: conflicts, limits, dossiers with too few judges."""
    found = [Fault("conflict", (entry,), (judge,)) for entry, judge in sorted(pairs & facts.barred)]
    load = _counted(judge for _entry, judge in pairs)
    begun = _counted(judge for _entry, judge in facts.keeps())
    for judge in sorted(facts.judges, key=lambda one: one.key):
        mine = load.get(judge.key, 0)
        if judge.limit is not None and mine > max(judge.limit, begun.get(judge.key, 0)):
            found.append(Fault("over_limit", (), (judge.key,), have=judge.limit, need=mine))
    given = _counted(entry for entry, _judge in pairs)
    for entry in sorted(facts.entries, key=lambda one: one.key):
        if given.get(entry.key, 0) < minimum:
            found.append(Fault("below_minimum", (entry.key,), (), have=given.get(entry.key, 0), need=minimum))
    return found


def _counted(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return found


@dataclass(frozen=True)
class Load:
    """What a division gives one judge, and what it changes for the person."""

    judge: str
    total: int
    limit: int | None
    groups: dict[str, int]
    begun: int
    recused: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """Who scores one dossier and why ("begun", "held", "new"), and who may not over a conflict of interest."""

    entry: str
    group: str
    judges: dict[str, str] = field(default_factory=dict)
    recused: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def loads(facts: Facts, pairs: Pairs) -> list[Load]:
    """One line per judge, by key."""
    group = {entry.key: entry.group for entry in facts.entries}
    begun = facts.keeps()
    found = []
    for judge in sorted(facts.judges, key=lambda one: one.key):
        mine = _of(pairs, judge.key)
        before = _of(facts.held, judge.key)
        found.append(
            Load(
                judge=judge.key,
                total=len(mine),
                limit=judge.limit,
                groups=_counted(group[entry] for entry in sorted(mine)),
                begun=len(_of(begun, judge.key) & mine),
                recused=tuple(sorted(entry for entry in _of(facts.barred, judge.key) if entry in group)),
                gained=tuple(sorted(mine - before)),
                lost=tuple(sorted(before - mine)),
            )
        )
    return found


def _of(pairs: Pairs, judge: str) -> set[str]:
    return {entry for entry, who in pairs if who == judge}


def panels(facts: Facts, pairs: Pairs) -> list[Panel]:
    """One line per dossier, by key."""
    begun, given = facts.keeps(), _by_entry(pairs)
    judges = {judge.key for judge in facts.judges}
    recused, lost = _by_entry(facts.barred), _by_entry(facts.held - pairs)
    return [
        Panel(
            entry.key,
            entry.group,
            {judge: _why((entry.key, judge), begun, facts.held) for judge in given.get(entry.key, ())},
            recused=tuple(judge for judge in recused.get(entry.key, ()) if judge in judges),
            lost=tuple(lost.get(entry.key, ())),
        )
        for entry in sorted(facts.entries, key=lambda one: one.key)
    ]


def _by_entry(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry, judge in sorted(pairs):
        found.setdefault(entry, []).append(judge)
    return found


def _why(pair: Pair, begun: Pairs, held: Pairs) -> str:
    return "begun" if pair in begun else "held" if pair in held else "new"


@dataclass(frozen=True)
class Change:
    """What differs between the facts a plan was made from and the facts now."""

    kind: str
    keys: tuple[str, ...]


def changes(before: Facts, now: Facts, pairs: Pairs) -> list[Change]:
    """What has changed since a plan was made that its pairs would not respect any more; nothing when it may stand."""
    old = {judge.key: judge for judge in before.judges}
    new = {judge.key: judge for judge in now.judges}
    entries, admitted = {e.key: e for e in before.entries}, {e.key: e for e in now.entries}
    both = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    regrouped = [key for key in entries.keys() & admitted.keys() if entries[key] != admitted[key]]
    found = [
        Change("judges_gone", tuple(sorted(old.keys() - new.keys()))),
        Change("judges_new", tuple(sorted(new.keys() - old.keys()))),
        Change("judges_changed", tuple(sorted(both))),
        Change("entries_gone", tuple(sorted(entries.keys() - admitted.keys()))),
        Change("entries_new", tuple(sorted(admitted.keys() - entries.keys()))),
        Change("entries_changed", tuple(sorted(regrouped))),
        Change("recused", tuple(sorted({entry for entry, _judge in now.barred - before.barred}))),
        Change("recusals_lifted", tuple(sorted({entry for entry, _judge in before.barred - now.barred}))),
        Change("begun", tuple(sorted({entry for entry, _judge in now.keeps() - pairs}))),
        Change("reassigned", tuple(sorted({entry for entry, _judge in now.held ^ before.held}))),
    ]
    return [change for change in found if change.keys]
