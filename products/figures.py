"""Published totals to stand beside what the register counts; never part of a count."""

from .catalogue import territory_ids
from .enums import SELECTION_MEASURES
from .filters import Filters
from .models import PublishedFigure


def beside(filters: Filters) -> list[PublishedFigure]:
    """Totals about the one province or group that a list shows. One query, or none for any other list.

    A total says nothing of single products or of validity, so it stands beside no list narrowed by either.
    """
    if filters.words or filters.status or filters.year or not (filters.province or filters.group):
        return []
    found = PublishedFigure.objects.filter(measure__in=SELECTION_MEASURES)
    if filters.province:
        found = found.filter(territory__in=territory_ids(filters))
    if filters.group:
        found = found.filter(group__in=filters.group)
    if filters.level:
        found = found.filter(level__in=filters.level)
    return list(found.order_by("place", "year_from", "pk"))
