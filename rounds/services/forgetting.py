"""What is kept only to answer a save again goes once nobody can save any more."""

import datetime as dt

from ..enums import RoundState
from ..models import SheetSave

# A phone that lay in a drawer may still send; after that it is told that the scoring is over, and loses nothing.
KEPT_FOR = dt.timedelta(days=7)


def forget_saves(*, now: dt.datetime) -> int:
    """Delete the keys of saves in rounds that are no longer scored, a week after the save. The scores stay."""
    over = SheetSave.objects.filter(saved_at__lt=now - KEPT_FOR).exclude(
        sheet__dossier__round__state=RoundState.SCORING
    )
    return over.delete()[0]
