"""What open complaints hold: a contested dossier waits until the answer."""

from ..enums import ComplaintState
from ..models import Complaint, Round

OPEN = (ComplaintState.RECEIVED, ComplaintState.ASSIGNED)


def open_complaints(round_: Round) -> int:
    """How many wait for an answer. One query."""
    return Complaint.objects.filter(round=round_, state__in=OPEN).count()


def held(round_: Round) -> set[int]:
    """Dossiers that an open complaint holds. One query."""
    waiting = Complaint.objects.filter(round=round_, holds=True, state__in=OPEN, dossier__isnull=False)
    return {pk for pk in waiting.values_list("dossier_id", flat=True) if pk is not None}


def held_codes(round_: Round) -> list[str]:
    """The same as numbers of dossiers, in their order. One query."""
    waiting = Complaint.objects.filter(round=round_, holds=True, state__in=OPEN, dossier__isnull=False)
    return sorted({code for code in waiting.values_list("dossier__entry_code", flat=True) if code})
