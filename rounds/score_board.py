"""The score board of a round: sheets in and due, mean, rank, spread; and whose eyes the points are for."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from products.enums import ProductGroup

from . import rules, tally
from .admitted import admitted
from .counting import Known, outcomes
from .enums import DossierState
from .models import Dossier, Result, Round, Verdict
from .sheet_states import Hands, JudgeStates, hands_of, sheet_states
from .states import BEFORE_SEAL

GROUPS = {str(group): place for place, group in enumerate(ProductGroup)}
# What a row of the board shows; product stories and statements are long.
_SHOWN = (
    "uuid",
    "entry_code",
    "state",
    "gathered_late",
    "round",
    "product__name",
    "product__group",
    "product__sort_key",
    "product__is_set",
    "product__facility__name",
)


@dataclass(frozen=True)
class BoardRow:
    """One dossier on the score board."""

    dossier: Dossier
    hands: Hands
    states: dict[str, JudgeStates]  # pass → judge → state
    outcome: tally.Outcome
    mean: Decimal | None
    verdict: Verdict | None

    @property
    def submitted(self) -> int:
        return self.hands.submitted

    @property
    def due(self) -> int:
        return self.hands.due

    @property
    def waiting(self) -> int:
        return self.hands.waiting

    @property
    def cannot_assess(self) -> int:
        return self.hands.cannot_assess

    @property
    def conflicts(self) -> int:
        return self.hands.recused

    @property
    def passed(self) -> bool:
        return self.outcome.passed

    @property
    def rank(self) -> int | None:
        return self.outcome.rank

    @property
    def quorate(self) -> bool:
        return self.outcome.quorate


def board(round_: Round, dossiers: Iterable[Dossier] | None = None, *, as_scored: bool = False) -> list[BoardRow]:
    """The score board: sheets in and due, mean, rank within the group, verdict; by group and rank.

    Before the seal it is counted live, afterwards it is what was sealed. Eleven queries at most, however many
    dossiers; `dossiers` narrows it to what the reader may see, ranks stay those of the whole group. `as_scored`
    lists what the jury had: the parts of a set formed since, not the set.
    """
    rows = list(
        round_.dossiers.filter(admitted() if as_scored else Q(state=DossierState.ELIGIBLE))
        .select_related("product__facility", "result", "verdict")
        .only(*_SHOWN, *_columns(Result), *_columns(Verdict))
        .order_by("entry_code")
    )
    by_code = {dossier.entry_code: dossier for dossier in rows}
    states = sheet_states(round_)
    hands = {dossier.pk: hands_of(states.get(dossier.pk, {})) for dossier in rows}
    counted = _sealed(round_, rows) if round_.state not in BEFORE_SEAL else _live(round_, rows, hands)
    shown = _keys(rows if dossiers is None else dossiers)
    return [
        _row(by_code[outcome.code], outcome, states, hands, round_.threshold)
        for outcome in sorted(counted, key=_published_order)
        if by_code[outcome.code].pk in shown
    ]


def _columns(model: Any) -> list[str]:
    name = model._meta.model_name
    return [f"{name}__{column.attname}" for column in model._meta.concrete_fields]


def _keys(dossiers: "Iterable[Dossier]") -> frozenset[int]:
    """Their keys alone where they were not read yet: statements are long."""
    if isinstance(dossiers, QuerySet):
        return frozenset(dossiers.order_by().values_list("pk", flat=True))
    return frozenset(dossier.pk for dossier in dossiers)


def _row(
    dossier: Dossier,
    outcome: tally.Outcome,
    states: dict[int, dict[str, JudgeStates]],
    hands: dict[int, Hands],
    threshold: Decimal,
) -> BoardRow:
    return BoardRow(
        dossier=dossier,
        hands=hands[dossier.pk],
        states=states.get(dossier.pk, {}),
        outcome=outcome,
        mean=tally.shown_mean(points=outcome.points, divisor=outcome.divisor, threshold=threshold),
        verdict=getattr(dossier, "verdict", None),
    )


def _published_order(outcome: tally.Outcome) -> tuple[int, bool, int, str]:
    return GROUPS[outcome.group], outcome.rank is None, outcome.rank or 0, outcome.code


def _live(round_: Round, dossiers: list[Dossier], hands: dict[int, Hands]) -> tuple[tally.Outcome, ...]:
    """Ranks only in groups that every judge has finished: elsewhere they would change with the next sheet."""
    known = [Known(one.pk, one.entry_code, one.product.group) for one in dossiers]
    unfinished = {one.group for one in known if hands[one.pk].waiting}
    return outcomes(round_, known, groups={one.group for one in known} - unfinished)


def _sealed(round_: Round, dossiers: list[Dossier]) -> tuple[tally.Outcome, ...]:
    return tuple(_as_sealed(dossier, getattr(dossier, "result", None), round_) for dossier in dossiers)


def _as_sealed(dossier: Dossier, result: Result | None, round_: Round) -> tally.Outcome:
    """What was sealed of a dossier; a set formed after the seal has nothing of its own."""
    spread = result.spread if result else None
    return tally.Outcome(
        code=dossier.entry_code,
        group=dossier.product.group,
        sheets=result.sheets if result else 0,
        points=result.points if result else Decimal(0),
        divisor=result.divisor if result else 0,
        quorate=result is not None and result.rank is not None,
        passed=result is not None and result.passed,
        rank=result.rank if result else None,
        decided_by=result.decided_by if result else "",
        spread=spread,
        disagrees=spread is not None and spread >= round_.disagreement_points,
    )


def open_points(user: Any, round_: Round, rows: Iterable[BoardRow]) -> frozenset[int]:
    """Dossiers whose points the person may read on the board: after the seal whoever reads the board; before it
    the head judge alone, and only what every judge has finished with. Two queries."""
    if not rules.may_see_points(user, round_):
        return frozenset()
    sealed = round_.state not in BEFORE_SEAL
    return frozenset(row.dossier.pk for row in rows if sealed or (row.hands.due and not row.hands.waiting))


def ranked_groups(rows: Iterable[BoardRow], opened: frozenset[int]) -> frozenset[str]:
    """Groups of which every dossier's points are open: only then does a rank say nothing of what is still hidden."""
    listed = list(rows)
    return frozenset(row.outcome.group for row in listed) - frozenset(
        row.outcome.group for row in listed if row.dossier.pk not in opened
    )
