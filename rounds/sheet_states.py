"""Whose sheet of a dossier stands where: the one reading of it for the board, the progress page and the guards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from .assigned import judges_of
from .enums import DossierState, ScoringPass, SheetState
from .models import Dossier, Round, ScoreSheet
from .standing import standing_pairs

NOT_OPENED: Final = "not_opened"
RECUSED: Final = "recused"
# What a judge still has to do something about.
WAITING: Final = frozenset({NOT_OPENED, SheetState.DRAFT, SheetState.ENTERED})
# What stays when the judge has left the jury or was released from the dossier: a draft of theirs is owed by nobody.
KEPT: Final = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS, SheetState.VOIDED})
# Sheets that a judge owed: those handed in, those still awaited.
DUE: Final = WAITING | {SheetState.SUBMITTED, SheetState.CANNOT_ASSESS}

# judge → one of not_opened, draft, entered, submitted, cannot_assess, recused, voided
JudgeStates = dict[int, str]


def passes_of(round_: Round) -> tuple[str, ...]:
    """The passes that the round has, in their order."""
    return tuple(ScoringPass.values) if round_.has_site_pass else (str(ScoringPass.DOSSIER),)


def sheet_states(*rounds: Round) -> dict[int, dict[str, JudgeStates]]:
    """Dossier → pass → judge → state, for every dossier that is scored. Four queries and those of `judges_of`.

    Whoever stands aside from the dossier is `recused` if a sheet was owed or there is one, whatever its state.
    Judges who owe nothing any more are here only with a sheet that was handed in or voided.
    """
    owed = judges_of(*rounds)
    recused = standing_pairs(*rounds)
    passes = {round_.pk: passes_of(round_) for round_ in rounds}
    found: dict[int, dict[str, JudgeStates]] = {}
    # A set formed after the scoring has sheets of its parts only.
    scored = Dossier.objects.filter(round__in=rounds, state=DossierState.ELIGIBLE, gathered_late=False)
    for dossier, round_id in scored.order_by().values_list("pk", "round_id"):
        away = recused.get(dossier, frozenset())
        fresh = {judge: RECUSED if judge in away else NOT_OPENED for judge in owed.get(dossier, ())}
        found[dossier] = {one: fresh.copy() for one in passes[round_id]}
    sheets = ScoreSheet.objects.filter(dossier__round__in=rounds, dossier__state=DossierState.ELIGIBLE)
    for dossier, judge, scoring_pass, state in sheets.values_list("dossier_id", "judge_id", "scoring_pass", "state"):
        of_pass = found.get(dossier, {}).get(scoring_pass)
        if of_pass is None:
            continue
        if judge in recused.get(dossier, ()):
            of_pass[judge] = RECUSED
        elif judge in of_pass or state in KEPT:
            of_pass[judge] = state
    return found


@dataclass(frozen=True, slots=True)
class Hands:
    """How many sheets of one dossier are where, in all passes of the round."""

    due: int
    waiting: int
    submitted: int
    cannot_assess: int
    recused: int
    voided: int


def hands_of(passes: Mapping[str, JudgeStates]) -> Hands:
    """Counts of sheets; a judge recused in both passes is one recusal."""
    total = Counter(chain.from_iterable(judges.values() for judges in passes.values()))
    waiting = sum(total[state] for state in WAITING)
    away = total[RECUSED]
    if away and len(passes) > 1:
        away = len({judge for judges in passes.values() for judge, state in judges.items() if state == RECUSED})
    return Hands(
        due=waiting + total[SheetState.SUBMITTED] + total[SheetState.CANNOT_ASSESS],
        waiting=waiting,
        submitted=total[SheetState.SUBMITTED],
        cannot_assess=total[SheetState.CANNOT_ASSESS],
        recused=away,
        voided=total[SheetState.VOIDED],
    )
