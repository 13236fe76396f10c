"""When the public no longer sees a recognition that a household business lost: pure on a row, for pages that name it.

A household business is often a person's name (rules.md §12), so what was revoked from it leaves public view at
the original end. The nightly sweep (`services.withhold_due`) marks the rows; pages ask here as well, so that the
hours between midnight and the sweep, or a day on which the worker was down, show nothing more than it would.
"""

import datetime as dt

from facilities.enums import FacilityKind
from facilities.models import Facility

from .models import Recognition


def is_withheld(row: Recognition, *, maker: Facility | None, on: dt.date) -> bool:
    """Whether the public sees nothing of the recognition on the day; the twin of `validity_sql.due_to_be_withheld`."""
    if row.withheld_at is not None:
        return True
    if row.revoked_on is None or row.expires_on is None or maker is None:
        return False
    return maker.kind == FacilityKind.HOUSEHOLD and row.revoked_on <= on and row.expires_on < on
