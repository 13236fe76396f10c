"""The facts that an assignment is made from: read from the register, kept with a plan, read back from it."""

from collections.abc import Collection
from typing import Any

from .assigning import Entry, Facts, Judge, Pair, Pairs, everyone
from .enums import AssignmentMode, Body, DossierState, PlanMethod, SheetState
from .models import Assignment, AssignmentPlan, Round, ScoreSheet, Seat
from .standing import standing_pairs


def facts_of(round_: Round) -> Facts:
    """Judges, admitted dossiers, conflicts, sheets begun, what is assigned. Six queries."""
    seats = Seat.objects.filter(round=round_, body=Body.JURY, until__isnull=True).order_by("pk")
    people = list(seats.values_list("user_id", "user__uuid", "max_sheets", "groups"))
    dossiers = list(
        round_.dossiers.filter(state=DossierState.ELIGIBLE, gathered_late=False)
        .order_by("entry_code", "pk")
        .values_list("pk", "uuid", "product__group")
    )
    entry = {pk: str(uuid) for pk, uuid, _group in dossiers}
    judge = {pk: str(uuid) for pk, uuid, _limit, _groups in people}
    aside = standing_pairs(round_, users=list(judge))
    barred = ((entry[pk], judge[user]) for pk, users in aside.items() if pk in entry for user in users)
    held = _held(round_)
    return Facts(
        judges=tuple(Judge(judge[pk], limit, frozenset(groups)) for pk, _uuid, limit, groups in people),
        entries=tuple(Entry(entry[pk], group) for pk, _uuid, group in dossiers),
        barred=frozenset(barred),
        opened=_opened(round_, entry, judge, held),
        held=held,
    )


def _opened(round_: Round, entry: dict[int, str], judge: dict[int, str], held: Pairs) -> Pairs:
    """Sheets begun by who has the dossier, and all that were handed in; a draft of who was released binds nobody."""
    to_all = round_.assignment == AssignmentMode.EVERYONE
    begun = ScoreSheet.objects.filter(dossier__round=round_).exclude(state=SheetState.VOIDED)
    found = set()
    for pk, user, state in begun.order_by().values_list("dossier_id", "judge_id", "state"):
        if pk in entry and user in judge:
            pair = (entry[pk], judge[user])
            if to_all or pair in held or state != SheetState.DRAFT:
                found.add(pair)
    return frozenset(found)


def _held(round_: Round) -> Pairs:
    """What is assigned now, also over people and dossiers that have left; nothing while everyone scores all."""
    if round_.assignment == AssignmentMode.EVERYONE:
        return frozenset()
    live = Assignment.objects.filter(dossier__round=round_, released_at__isnull=True).order_by()
    return frozenset((str(entry), str(judge)) for entry, judge in live.values_list("dossier__uuid", "judge__uuid"))


def to_keep(pairs: Collection[Pair]) -> list[list[str]]:
    """Pairs as JSON keeps them, in an order of their own."""
    return [[entry, judge] for entry, judge in sorted(pairs)]


def _by_judge(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry, judge in sorted(pairs):
        found.setdefault(judge, []).append(entry)
    return found


def _of_judges(kept: dict[str, list[str]]) -> Pairs:
    return frozenset((entry, judge) for judge, entries in kept.items() for entry in entries)


def facts_to_keep(facts: Facts) -> dict[str, Any]:
    """The facts as JSON, for the plan that was made from them."""
    return {
        "judges": [[judge.key, judge.limit, sorted(judge.groups)] for judge in facts.judges],
        "entries": [[entry.key, entry.group] for entry in facts.entries],
        "barred": _by_judge(facts.barred),
        "opened": _by_judge(facts.opened),
        "held": _by_judge(facts.held),
    }


def facts_from(plan: AssignmentPlan) -> Facts:
    """The facts that a plan was made from."""
    kept = plan.options["facts"]
    return Facts(
        judges=tuple(Judge(key, limit, frozenset(groups)) for key, limit, groups in kept["judges"]),
        entries=tuple(Entry(key, group) for key, group in kept["entries"]),
        barred=_of_judges(kept["barred"]),
        opened=_of_judges(kept["opened"]),
        held=_of_judges(kept["held"]),
    )


def pairs_of(plan: AssignmentPlan) -> Pairs:
    """Who scores what by a plan; "everyone" is not written out."""
    if plan.method == PlanMethod.EVERYONE:
        return everyone(facts_from(plan))
    return frozenset((entry, judge) for entry, judge in plan.pairs)
