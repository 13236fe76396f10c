"""The one door: querysets that know what a person may reach.

A model's queryset names the path to its province in `province_path`. Staff of a province reach the
rows of every unit that their unit came from or became part of; regional and national staff their
region or everything. Everyone else reaches nothing here (public pages use `.public()`).
"""

from typing import Any, Generic, Self, TypeVar

from django.db import models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)


class ProvinceScopedQuerySet(models.QuerySet[M], Generic[M]):
    province_path = "territory"

    def visible_to(self, user: Any) -> Self:
        """Rows the user's staff roles reach today. One extra query per request (cached on the user)."""
        from .queries import staff_reach

        reach = staff_reach(user)
        if reach.everything:
            return self
        return self.filter(Q(**{f"{self.province_path}__in": reach.territory_ids}))
