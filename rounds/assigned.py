"""Who scores what: the one definition that lists, locks, the board and the guards share."""

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, Q

from .enums import AssignmentMode, Body, DossierState
from .models import Assignment, Dossier, Round, Seat


def assigned_to(user: Any, round_ref: Any, dossier_ref: Any) -> ExpressionWrapper:
    """Whether the dossier is the person's to score, once seated: all of them, or those given to the person.

    The references are values or OuterRefs. The second look is taken only in rounds that divide their dossiers,
    and is answered from the index `assignment_of_judge` alone.
    """
    to_all = Round.objects.filter(pk=round_ref, assignment=AssignmentMode.EVERYONE)
    given = Assignment.objects.filter(judge=user, dossier=dossier_ref, released_at__isnull=True)
    return ExpressionWrapper(Q(Exists(to_all)) | Q(Exists(given)), output_field=BooleanField())


def judges_of(*rounds: Round) -> dict[int, frozenset[int]]:
    """Per admitted dossier who owes a sheet on it, recusals not yet taken off. Three queries at most."""
    seats = Seat.objects.filter(round__in=rounds, body=Body.JURY, until__isnull=True)
    juries: dict[int, set[int]] = {round_.pk: set() for round_ in rounds}
    for round_id, user_id in seats.order_by().values_list("round_id", "user_id"):
        juries[round_id].add(user_id)
    whole = {round_id: frozenset(jury) for round_id, jury in juries.items()}
    admitted = Dossier.objects.filter(round__in=rounds, state=DossierState.ELIGIBLE).order_by()
    home = dict(admitted.values_list("pk", "round_id"))
    divided = {round_.pk for round_ in rounds if round_.assignment != AssignmentMode.EVERYONE}
    found = {pk: whole[round_id] for pk, round_id in home.items() if round_id not in divided}
    return found | (_given(home, whole, divided) if divided else {})


def _given(home: dict[int, int], juries: dict[int, frozenset[int]], divided: set[int]) -> dict[int, frozenset[int]]:
    """The same in rounds that divide their dossiers: who was given which, and still sits in the jury. One query."""
    found: dict[int, set[int]] = {pk: set() for pk, round_id in home.items() if round_id in divided}
    given = Assignment.objects.filter(dossier__round__in=divided, released_at__isnull=True)
    for dossier_id, judge_id in given.order_by().values_list("dossier_id", "judge_id"):
        if dossier_id in found and judge_id in juries[home[dossier_id]]:
            found[dossier_id].add(judge_id)
    return {pk: frozenset(judges) for pk, judges in found.items()}
