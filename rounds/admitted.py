"""What the jury was given: one definition for counts, the record of the scoring, statistics."""

from django.db.models import Q

from .enums import DossierState


def admitted() -> Q:
    """Dossiers found eligible, as the jury had them: a set formed after the seal is none of them, its parts are."""
    parts = Q(state=DossierState.GATHERED, gathered_into__gathered_late=True)
    return Q(state=DossierState.ELIGIBLE, gathered_late=False) | parts
