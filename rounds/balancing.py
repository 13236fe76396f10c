"""Dividing tasks among people exactly: a minimum-cost flow on plain numbers.

A unit flows from a task to a person; a person's limit is a capacity, every further task of a person costs more
than the one before (so the largest load becomes as small as it can), and likewise within each group. Tasks of a
group that may pass from one person to another are one edge of the residual graph, so the graph has a node per
person and group, not per task: hundreds of tasks are divided in well under a second. Feasibility is decided by
augmenting paths (a feasible division is always found), optimality by cancelling negative cycles until none is left.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Slot = dict[int, None]  # a set of tasks that remembers the order of arrival
Edge = tuple[int, int, int]  # from node, to node, cost


@dataclass(frozen=True)
class Task:
    """What is to be given to `need` people. People are bits: who may have it, who must keep it, who has it now."""

    group: int
    need: int
    allowed: int
    pinned: int = 0
    current: int = 0


class Blocked(Exception):
    """No division exists. `people` (bits) are full, and the tasks that need them need more than they may take."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.people = people


def bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def least(task: Task, people: int) -> int:
    """How many of these people the task needs at the least."""
    return max((task.pinned & people).bit_count(), task.need - (task.allowed & ~people).bit_count())


def divide(tasks: Sequence[Task], limits: Sequence[int | None]) -> list[int]:
    """Who gets each task, as bits: what is pinned stays, each task has its need, nobody exceeds the limit.

    Of all such divisions one with the fewest current holders losing a task, then the evenest loads, then the
    evenest share of every group. Raises Blocked. A limit below what is pinned counts as what is pinned.
    """
    work = _Division(tasks, limits)
    work.fill()
    work.lighten()
    while cycle := work.negative_cycle():
        work.push(cycle)
    return work.who


class _Division:
    """The flow so far, and its residual graph. Nodes: person in group, then person, then the common end."""

    def __init__(self, tasks: Sequence[Task], limits: Sequence[int | None]) -> None:
        self.tasks = tasks
        self.people = len(limits)
        self.groups = 1 + max((task.group for task in tasks), default=0)
        self.end = (self.groups + 1) * self.people
        self.who = [0] * len(tasks)
        self.load = [0] * self.people
        self.part = [[0] * self.people for _ in range(self.groups)]
        # Tasks by what can be done with them: (group, from, to) moved, (group, from) given up, (group, to) taken back.
        self.moves: dict[tuple[int, int, int], tuple[Slot, Slot, Slot]] = {}
        self.drops: dict[tuple[int, int], tuple[Slot, Slot]] = {}
        self.returns: dict[tuple[int, int], tuple[Slot, Slot]] = {}
        self.most = [max(task.need, (task.current | task.pinned).bit_count()) for task in tasks]
        pinned = [sum(task.pinned >> p & 1 for task in tasks) for p in range(self.people)]
        endless = len(tasks)
        self.limit = [max(pinned[p], endless if limits[p] is None else limits[p] or 0) for p in range(self.people)]
        pairs = sum(self.most)
        self.load_weight = pairs * pairs + 1
        self.change_weight = self.load_weight * self.load_weight
        for number, task in enumerate(tasks):
            self._give(number, task.pinned | (task.current & task.allowed))

    # The state, and what follows from it

    def _give(self, number: int, people: int) -> None:
        task = self.tasks[number]
        for person in bits(people):
            self.load[person] += 1
            self.part[task.group][person] += 1
        self.who[number] |= people
        self._note(number, is_present=True)

    def _change(self, number: int, lose: int, gain: int) -> None:
        self._note(number, is_present=False)
        task = self.tasks[number]
        for person in bits(lose):
            self.load[person] -= 1
            self.part[task.group][person] -= 1
        self.who[number] &= ~lose
        self._give(number, gain)

    def _note(self, number: int, *, is_present: bool) -> None:
        """Enter the task under everything that can be done with it, or take it out."""
        task, who = self.tasks[number], self.who[number]
        group, current = task.group, task.current
        free = list(bits(task.allowed & ~who))
        loose = list(bits(who & ~task.pinned))
        slots: list[Slot] = []
        for a in loose:
            was = current >> a & 1
            for b in free:
                kinds = self.moves.get((group, a, b)) or self.moves.setdefault((group, a, b), ({}, {}, {}))
                slots.append(kinds[was - (current >> b & 1) + 1])
        if who.bit_count() > task.need:
            slots += [self.drops.setdefault((group, a), ({}, {}))[current >> a & 1] for a in loose]
        if task.need <= who.bit_count() < self.most[number]:
            slots += [self.returns.setdefault((group, b), ({}, {}))[current >> b & 1] for b in free]
        for slot in slots:
            if is_present:
                slot[number] = None
            else:
                slot.pop(number, None)

    # A feasible division

    def fill(self) -> None:
        """Give every task its need: to who has least while there is room, else along a path of moves."""
        for number, task in enumerate(self.tasks):
            while self.who[number].bit_count() < task.need:
                roomy = [p for p in bits(task.allowed & ~self.who[number]) if self.load[p] < self.limit[p]]
                if roomy:
                    lightest = min(roomy, key=lambda p: (self.load[p], self.part[task.group][p], _mixed(number, p)))
                    self._change(number, 0, 1 << lightest)
                else:
                    self._make_room(number)

    def _make_room(self, number: int) -> None:
        task = self.tasks[number]
        starts = [task.group * self.people + p for p in bits(task.allowed & ~self.who[number])]
        path = self._path(starts)
        self._change(number, 0, 1 << path[0] % self.people)
        self.push(path)

    def lighten(self) -> None:
        """Take from whoever is above the limit (it was lowered since) what others can take."""
        for person in range(self.people):
            while self.load[person] > self.limit[person]:
                self.push(self._path([self.groups * self.people + person]))

    def _path(self, starts: Sequence[int]) -> list[int]:
        """The shortest way from one of the nodes to the end, as nodes. Raises Blocked with the people reached."""
        after: dict[int, list[int]] = {}
        for a, b, _cost in self._edges():
            after.setdefault(a, []).append(b)
        came: dict[int, int | None] = dict.fromkeys(starts)
        queue = deque(starts)
        while queue:
            node = queue.popleft()
            for step in after.get(node, ()):
                if step not in came:
                    came[step] = node
                    queue.append(step)
            if self.end in came:
                return _back(self.end, came)
        raise Blocked(sum(1 << p for p in {node % self.people for node in came}))

    # The best division

    def _edges(self) -> Iterator[Edge]:
        """The residual graph: what one more unit through it would cost."""
        people, end, joints = self.people, self.end, self.groups * self.people
        for (group, a, b), kinds in self.moves.items():
            change = -1 if kinds[0] else 0 if kinds[1] else 1
            if kinds[change + 1]:
                yield group * people + a, group * people + b, change * self.change_weight
        for (group, a), given_up in self.drops.items():
            if given_up[0] or given_up[1]:
                yield group * people + a, end, self.change_weight * (1 if given_up[0] else 2)
        for (group, b), taken_back in self.returns.items():
            if taken_back[0] or taken_back[1]:
                yield end, group * people + b, -self.change_weight * (2 if taken_back[1] else 1)
        for p in range(people):
            for group in range(self.groups):
                part = self.part[group][p]
                yield group * people + p, joints + p, 2 * part + 1
                if part:
                    yield joints + p, group * people + p, 1 - 2 * part
            if self.load[p] < self.limit[p]:
                yield joints + p, end, (2 * self.load[p] + 1) * self.load_weight
            if self.load[p]:
                yield end, joints + p, (1 - 2 * self.load[p]) * self.load_weight

    def negative_cycle(self) -> list[int]:
        """Nodes around a cycle that makes the division better, its first node repeated at the end; else nothing."""
        edges = list(self._edges())
        cost = [0] * (self.end + 1)
        came: dict[int, int | None] = {}
        for _ in range(self.end + 1):
            is_settled = True
            for a, b, price in edges:
                if cost[a] + price < cost[b]:
                    cost[b] = cost[a] + price
                    came[b] = a
                    is_settled = False
            if is_settled:
                return []
            if cycle := _cycle(came):
                return cycle
        return []

    def push(self, nodes: Sequence[int]) -> None:
        """Send one unit along the nodes. A simple path or cycle never needs one task in two ways at odds."""
        joints = self.groups * self.people
        chosen = []
        for start, to in pairwise(nodes):
            if start < joints and to < joints:
                group, a, b = start // self.people, start % self.people, to % self.people
                chosen.append((_first(self.moves[group, a, b]), 1 << a, 1 << b))
            elif start < joints and to == self.end:
                group, a = divmod(start, self.people)
                chosen.append((_first(self.drops[group, a]), 1 << a, 0))
            elif start == self.end and to < joints:
                group, b = divmod(to, self.people)
                chosen.append((_first(self.returns[group, b][::-1]), 0, 1 << b))
        for number, lose, gain in chosen:
            self._change(number, lose, gain)


def _mixed(number: int, person: int) -> int:
    """Another order of the people for every task, so that it is not always the same ones who sit together."""
    return (number * 2654435761 + person * 40503) * 2246822519 >> 7 & 0xFFFF


def _first(kinds: Sequence[Slot]) -> int:
    """The oldest task of the cheapest kind."""
    return next(iter(next(slot for slot in kinds if slot)))


def _back(node: int, came: dict[int, int | None]) -> list[int]:
    nodes: list[int] = []
    at: int | None = node
    while at is not None:
        nodes.append(at)
        at = came[at]
    return nodes[::-1]


def _cycle(came: dict[int, int | None]) -> list[int]:
    """A cycle among the predecessors, in the direction of the edges."""
    seen: dict[int, int] = {}
    for root in came:
        at: int | None = root
        while at is not None and at not in seen:
            seen[at] = root
            at = came.get(at)
        if at is not None and seen[at] == root:
            nodes = [at]
            before = came[at]
            while before is not None and before != at:
                nodes.append(before)
                before = came[before]
            return [at, *nodes[:0:-1], at]
    return []
