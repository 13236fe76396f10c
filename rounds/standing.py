"""Who may not touch a dossier: the one definition of a standing conflict of interest.

A conflict stands when it was declared or found and nobody has withdrawn it. Whoever the province has approved
to speak for the facility is a party to all its dossiers, whatever office the person holds besides.
Lists, pages, saves, boards and official forms all ask here; the guards of the database say the same in SQL.
"""

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from facilities.models import Representative

from .models import Conflict, Dossier, NominationList, Round


def _written(user: Any, dossier_ref: Any) -> Exists:
    return Exists(Conflict.objects.filter(dossier=dossier_ref, user=user, withdrawn_at__isnull=True))


def _speaks(user: Any, dossier_ref: Any, facility_ref: Any) -> Exists:
    speaks = Representative.objects.approved().filter(user=user)
    if facility_ref is None:
        return Exists(speaks.filter(facility__products__dossiers=dossier_ref))
    return Exists(speaks.filter(facility=facility_ref))


def standing_conflict(user: Any, dossier_ref: Any, facility_ref: Any = None) -> ExpressionWrapper:
    """Whether the person stands aside from the dossier. All may be `OuterRef`s; the facility's, where a query
    has it at hand, saves the database two joins."""
    aside = Q(_written(user, dossier_ref)) | Q(_speaks(user, dossier_ref, facility_ref))
    return ExpressionWrapper(aside, output_field=BooleanField())


def no_standing_conflict(user: Any, dossier_ref: Any, facility_ref: Any = None) -> Q:
    """The opposite, as two looks that the database answers from their indexes each."""
    return Q(~_written(user, dossier_ref)) & Q(~_speaks(user, dossier_ref, facility_ref))


def standing_pairs(*rounds: Round, users: Any = None) -> dict[int, frozenset[int]]:
    """By dossier of the rounds, everybody (of `users`: keys or a query of keys) who stands aside. Two queries."""
    written = Conflict.objects.filter(dossier__round__in=rounds, withdrawn_at__isnull=True)
    speaking = Representative.objects.approved().filter(facility__products__dossiers__round__in=rounds)
    if users is not None:
        written, speaking = written.filter(user__in=users), speaking.filter(user__in=users)
    pairs = speaking.order_by().values_list("facility__products__dossiers", "user_id")
    found: dict[int, set[int]] = {}
    for dossier, person in (*written.order_by().values_list("dossier_id", "user_id"), *pairs):
        found.setdefault(dossier, set()).add(person)
    return {dossier: frozenset(people) for dossier, people in found.items()}


def stands_aside_anywhere(user: Any, round_: Round) -> bool:
    """Whether the person stands aside from any dossier of the round: papers that list them all are shut then."""
    own = Dossier.objects.filter(round=round_)
    return own.filter(standing_conflict(user, OuterRef("pk"), OuterRef("product__facility"))).exists()


def stands_aside_from_list(user: Any, row: NominationList) -> bool:
    """Whether the person stands aside from a dossier of any product of the list, of the round above or below."""
    own = Dossier.objects.filter(product__in=row.nominations.values("product"))
    return own.filter(standing_conflict(user, OuterRef("pk"), OuterRef("product__facility"))).exists()
