"""Where a thing is today that once had an address: by the history of its row, and by what it was merged into.

An address that another thing holds today is that thing's. What was merged leads to what it went into.
"""

from typing import Any

from django.core.validators import slug_re
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.http import MAX_URL_REDIRECT_LENGTH

MAX_STEPS = 20
READING = ("GET", "HEAD")


def leads_on(request: HttpRequest, shown: QuerySet[Any]) -> HttpResponsePermanentRedirect | None:
    """From an address under an old slug to the same one under that of today; None unless its row is among `shown`.

    What was typed into a form goes along (308). The answer is asked for each time: an old slug may become another's.
    """
    match = request.resolver_match
    name = next((name for name in match.kwargs if name.endswith("slug")), "") if match else ""
    found = holder_of(shown.model, match.kwargs[name]) if match and name else None
    if match is None or found is None or not shown.filter(pk=found.pk).exists():
        return None
    address, query = reverse(match.view_name, kwargs=match.kwargs | {name: found.slug}), request.META["QUERY_STRING"]
    if query and len(address) + len(query) < MAX_URL_REDIRECT_LENGTH:
        address = f"{address}?{query}"
    answer = HttpResponsePermanentRedirect(address, preserve_request=request.method not in READING)
    answer["Cache-Control"] = "no-cache"
    return answer


def holder_of(model: type[Model], slug: str) -> Any | None:
    """The row that an old address means; None for one in use, and for one nobody ever had. At most three queries.

    Of several that had it one after the other, the last. Whether the public may see the row is for the caller to ask.
    """
    if not slug_re.match(slug):
        return None
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
