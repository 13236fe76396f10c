"""A judge's own list: every round and pass with its dossiers, read as plain rows, not as objects.

A national round has hundreds of dossiers, and the list is opened all day long: what is read, and what is made
of each row, is kept to what a line shows.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, When

from . import judge_order
from .assigned import assigned_to
from .deadlines_of import granted_until
from .declared import has_declared
from .enums import DossierState, RoundState, ScoringPass, SheetState
from .judge_pass import Pass, passes_of
from .judge_queries import LISTED_STATES, Outlines, jury_seat
from .models import Dossier, Round, Score, ScoreSheet
from .standing import standing_conflict

RECUSED, TODO, STARTED = "recused", "todo", "started"
DONE = frozenset({SheetState.SUBMITTED.value, SheetState.CANNOT_ASSESS.value})


class Entry(NamedTuple):
    """A dossier as the list shows it."""

    pk: int
    uuid: UUID
    round_id: int
    code: str
    booth: str
    product: UUID
    name: str
    group: str
    maker: str | None
    place: str
    recused: bool


class Line(NamedTuple):
    """One dossier in one pass of a judge's list. `state`: recused, todo, started, or the sheet's own."""

    entry: Entry
    state: str
    submitted_at: dt.datetime | None
    scored: int
    due: int

    @property
    def missing(self) -> int:
        return max(0, self.due - self.scored)


class Mine(NamedTuple):
    """The judge's sheet behind a line."""

    state: str
    saved_at: dt.datetime | None
    submitted_at: dt.datetime | None
    scored: int


@dataclass(frozen=True)
class Bench:
    """One pass of a round as one judge has it."""

    scoring_pass: Pass
    lines: tuple[Line, ...]
    declared: bool = True

    @property
    def round(self) -> Round:
        return self.scoring_pass.round

    @cached_property
    def _by_state(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.state, []).append(line)
        return found

    def _in(self, *states: str) -> tuple[Line, ...]:
        """The lines in these states, in the judge's order."""
        if len(states) == 1:
            return tuple(self._by_state.get(states[0], ()))
        return tuple(line for line in self.lines if line.state in states)

    @property
    def entered(self) -> tuple[Line, ...]:
        """Paper sheets that wait for the judge's word."""
        return self._in(SheetState.ENTERED)

    @property
    def started(self) -> tuple[Line, ...]:
        return self._in(STARTED)

    @property
    def todo(self) -> tuple[Line, ...]:
        return self._in(TODO)

    @cached_property
    def handed_in(self) -> tuple[Line, ...]:
        return self._in(*DONE)

    @property
    def recused(self) -> tuple[Line, ...]:
        return self._in(RECUSED, SheetState.VOIDED)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(line.state for line in self.lines)

    @property
    def due(self) -> int:
        """Recused and voided sheets leave the denominator."""
        return len(self.lines) - self.counts[RECUSED] - self.counts[SheetState.VOIDED]

    @property
    def has_booths(self) -> bool:
        return judge_order.any_booth(line.entry.booth for line in self.lines)


def benches(user: Any, order: str = judge_order.OWN) -> list[Bench]:
    """Every round the person judges, each pass of it, in the order the person chose; those being scored come first.

    Six queries for any number of dossiers: rounds, dossiers, sheets, drafts' scores, criteria sets; one more for
    each set not read before.
    """
    rounds = _rounds(user)
    if not rounds:
        return []
    entries = _entries(user, [found for found in rounds if found.is_declared], order)
    mine, outlines = _sheets(user, rounds), Outlines(rounds)
    return [
        Bench(
            _pass(found, code),
            tuple(_line(entry, mine.get((entry.pk, code)), outlines) for entry in entries.get(found.pk, ())),
            declared=found.is_declared,
        )
        for found in rounds
        for code in (passes_of(found) if found.is_declared else (ScoringPass.DOSSIER,))
    ]


def _rounds(user: Any) -> list[Any]:
    found = Round.objects.filter(jury_seat(user, OuterRef("pk")), state__in=LISTED_STATES).select_related("territory")
    return list(
        found.annotate(
            is_declared=has_declared(user, OuterRef("pk")),
            granted_dossier=granted_until(user, OuterRef("pk"), ScoringPass.DOSSIER),
            granted_site=granted_until(user, OuterRef("pk"), ScoringPass.SITE),
        ).order_by(Case(When(state=RoundState.SCORING, then=0), default=1), "scoring_until", "pk")
    )


def _pass(round_: Any, code: str) -> Pass:
    return Pass(round_, code, round_.granted_site if code == ScoringPass.SITE else round_.granted_dossier)


def _entries(user: Any, rounds: list[Any], order: str) -> dict[int, list[Entry]]:
    """The dossiers of each round in the judge's order. Those of others, and recused ones, only as far as they show."""
    found = (
        Dossier.objects.filter(round__in=rounds, state=DossierState.ELIGIBLE)
        .annotate(is_recused=standing_conflict(user, OuterRef("pk"), OuterRef("product__facility")))
        .filter(Q(is_recused=True) | Q(assigned_to(user, OuterRef("round"), OuterRef("pk"))))
        .order_by()
    )
    rows = found.values_list(
        "pk", "uuid", "round_id", "entry_code", "booth", "product__uuid", "product__name", "product__group",
        "product__facility__name", "product__territory__name", "is_recused",
    )  # fmt: skip
    by_round: dict[int, list[Entry]] = {}
    for entry in sorted(
        map(Entry._make, rows), key=lambda e: judge_order.key(order, user.uuid, e.uuid, e.booth, e.code)
    ):
        by_round.setdefault(entry.round_id, []).append(entry)
    return by_round


def _sheets(user: Any, rounds: Iterable[Round]) -> dict[tuple[int, str], Mine]:
    """The judge's sheets by dossier and pass. Only of drafts is it shown how much is scored."""
    sheets = ScoreSheet.objects.filter(judge=user, dossier__round__in=rounds)
    given = Score.objects.filter(sheet__in=sheets.filter(state=SheetState.DRAFT), points__isnull=False).order_by()
    scored = dict(given.values_list("sheet_id").annotate(n=Count("pk")))
    rows = sheets.values_list("dossier_id", "scoring_pass", "pk", "state", "saved_at", "submitted_at")
    return {
        (dossier_id, code): Mine(state, saved_at, submitted_at, scored.get(pk, 0))
        for dossier_id, code, pk, state, saved_at, submitted_at in rows
    }


def _line(entry: Entry, mine: Mine | None, outlines: Outlines) -> Line:
    state = _state(entry, mine)
    due = len(outlines.of(entry.round_id, entry.group).inputs) if state == STARTED else 0
    return Line(entry, state, mine.submitted_at if mine else None, mine.scored if mine else 0, due)


def _state(entry: Entry, mine: Mine | None) -> str:
    if entry.recused:
        return RECUSED
    if mine is None or (mine.state == SheetState.DRAFT and mine.saved_at is None):
        return TODO
    return STARTED if mine.state == SheetState.DRAFT else mine.state
