"""What the public may know of how a round was run: complaints in numbers, corrections, and what the round publishes."""

from dataclasses import dataclass

from django.db.models import Count, Q

from .enums import ComplaintOutcome, ComplaintState, DossierState
from .models import Complaint, Conflict, Round


@dataclass(frozen=True)
class ComplaintNumbers:
    """Complaints of a round without a name: how many came, were answered, were right; what was corrected."""

    received: int
    answered: int
    accepted: int
    corrections: tuple[str, ...]


def complaint_numbers(round_: Round) -> ComplaintNumbers:
    """Two queries. Comments on the provisional list are counted too."""
    rows = Complaint.objects.filter(round=round_)
    accepted = Q(outcome__in=[ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY])
    counted = rows.exclude(state=ComplaintState.WITHDRAWN).aggregate(
        received=Count("pk"),
        answered=Count("pk", filter=Q(state=ComplaintState.ANSWERED)),
        accepted=Count("pk", filter=accepted),
    )
    corrections = rows.filter(accepted).order_by("number").values_list("correction", flat=True)
    return ComplaintNumbers(**counted, corrections=tuple(corrections))


def recusals(round_: Round) -> int:
    """How many times somebody stood aside from a dossier that was scored. One query."""
    standing = Conflict.objects.filter(dossier__round=round_, withdrawn_at__isnull=True)
    return standing.filter(dossier__state__in=[DossierState.ELIGIBLE, DossierState.GATHERED]).count()
