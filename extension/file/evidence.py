"""Which papers a project's file must hold, and which of them it still lacks. Pure: rules and what is held are given."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.text.folding import name_key

from ..enums import ProjectState

# The phases that a file is made ready for, in the order of a project's life.
PHASES = (
    ProjectState.APPROVED,
    ProjectState.RUNNING,
    ProjectState.ACCEPTED,
    ProjectState.SETTLED,
    ProjectState.LIQUIDATED,
)
ORDER = {state: place for place, state in enumerate(PHASES)}


class Rule(Protocol):
    """A row of `models.EvidenceRule`, as far as it decides here."""

    pk: int
    phase: str
    name: str
    funding: str
    kind: str
    head: int | None
    territory_id: int | None
    is_required: bool
    place: str

    def holds_on(self, on: dt.date) -> bool: ...


@dataclass(frozen=True)
class About:
    """What of a project the rules ask for. `territory_ids` are its province then and the units it belongs to today."""

    funding: str
    kind: str
    head: int
    territory_ids: frozenset[int]


@dataclass(frozen=True)
class Wanted:
    """One paper of the file: the rule, what is held for it, and whether that is enough."""

    rule: Any
    papers: tuple[Any, ...] = ()
    # Said where the portal keeps the paper elsewhere: "Quyết định 12/QĐ-SCT ngày 03/04/2026".
    elsewhere: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.papers or self.elsewhere)

    @property
    def is_missing(self) -> bool:
        return self.rule.is_required and not self.is_there


@dataclass(frozen=True)
class Stage:
    """The papers that are needed before one phase."""

    phase: ProjectState
    rows: tuple[Wanted, ...] = field(default=())

    @property
    def missing(self) -> tuple[Wanted, ...]:
        return tuple(row for row in self.rows if row.is_missing)


def applies(rule: Rule, about: About, *, on: dt.date) -> bool:
    """Whether a rule asks this project on a day. An empty condition of the rule fits every project."""
    return (
        rule.holds_on(on)
        and rule.funding in ("", about.funding)
        and rule.kind in ("", about.kind)
        and rule.head in (None, about.head)
        and (rule.territory_id is None or rule.territory_id in about.territory_ids)
    )


def chosen(rules: Iterable[Any], about: About, *, on: dt.date) -> list[Any]:
    """The rules that hold, in the order given; a province's own row takes the place of the nation's of the same name."""
    fitting = [rule for rule in rules if applies(rule, about, on=on)]
    own = {(rule.phase, name_key(rule.name)) for rule in fitting if rule.territory_id is not None}
    return [r for r in fitting if r.territory_id is not None or (r.phase, name_key(r.name)) not in own]


def stages(rules: Iterable[Any], papers: Mapping[int, list[Any]], elsewhere: Mapping[str, str]) -> list[Stage]:
    """The chosen rules by phase, each with its papers; phases that ask for nothing are left out."""
    rows: dict[str, list[Wanted]] = {}
    for rule in rules:
        wanted = Wanted(rule, tuple(papers.get(rule.pk, ())), elsewhere.get(rule.place, "") if rule.place else "")
        rows.setdefault(rule.phase, []).append(wanted)
    return [Stage(phase, tuple(rows[phase])) for phase in PHASES if phase in rows]
