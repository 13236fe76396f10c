"""Where a thing is today that once had an address: by the history of its row, and by what it was merged into.

An address that another thing holds today is that thing's. What was merged leads to what it went into.
"""

from typing import Any

from django.db.models import Model

MAX_STEPS = 20


def holder_of(model: type[Model], slug: str) -> Any | None:
    """The row that an old address means; None for one in use, and for one nobody ever had. At most three queries.

    Of several that had it one after the other, the last. Whether the public may see the row is for the caller to ask.
    """
    rows: Any = model._base_manager
    held = rows.filter(slug=slug).first()
    if held is None:
        history: Any = model.history  # type: ignore[attr-defined]
        last = history.filter(slug=slug).order_by("-history_date", "-history_id").values_list("id", flat=True).first()
        held = rows.filter(pk=last).first() if last else None
    found = _survivor(held)
    return found if found is not None and found.slug != slug else None


def _survivor(row: Any) -> Any:
    """What a tombstone leads to, through further merges."""
    for _step in range(MAX_STEPS):
        if getattr(row, "merged_into", None) is None:
            break
        row = row.merged_into
    return row
