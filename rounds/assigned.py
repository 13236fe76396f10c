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


def judges_of(round_: Round) -> dict[int, frozenset[int]]:
    """Per admitted dossier who owes a sheet on it, recusals not yet taken off. Three queries at most."""
    seats = Seat.objects.filter(round=round_, body=Body.JURY, until__isnull=True)
    jury = frozenset(seats.values_list("user_id", flat=True))
    admitted = Dossier.objects.filter(round=round_, state=DossierState.ELIGIBLE).order_by()
    dossiers = admitted.values_list("pk", flat=True)
    if round_.assignment == AssignmentMode.EVERYONE:
        return dict.fromkeys(dossiers, jury)
    found: dict[int, set[int]] = {pk: set() for pk in dossiers}
    given = Assignment.objects.filter(dossier__round=round_, released_at__isnull=True)
    for dossier_id, judge_id in given.order_by().values_list("dossier_id", "judge_id"):
        if judge_id in jury and dossier_id in found:
            found[dossier_id].add(judge_id)
    return {pk: frozenset(judges) for pk, judges in found.items()}
