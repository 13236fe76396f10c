"""Which unit was it then, which is it now.

The register of provinces is small (under a hundred rows), so it is read whole, in two queries, and
kept in the cache until staff change it.
"""

from dataclasses import dataclass

from django.core.cache import cache

from .models import Succession, Territory

CACHE_KEY = "territory:links"


@dataclass(frozen=True)
class Links:
    """Main successor of every ended unit, and the region of every unit."""

    successor: dict[int, int]
    region: dict[int, str]


def links() -> Links:
    """The succession graph. Two queries, or none when cached."""
    found: Links | None = cache.get(CACHE_KEY)
    if found is None:
        found = Links(
            successor=dict(Succession.objects.filter(is_main=True).values_list("predecessor_id", "successor_id")),
            region=dict(Territory.objects.values_list("pk", "region")),
        )
        cache.set(CACHE_KEY, found, 300)
    return found


def current_id(territory_id: int) -> int:
    """The unit of today that the given unit is, or went into (the main successor of a split)."""
    successor = links().successor
    seen = {territory_id}
    while territory_id in successor:
        territory_id = successor[territory_id]
        if territory_id in seen:
            raise ValueError(f"Succession of territory {territory_id} runs in a circle.")
        seen.add(territory_id)
    return territory_id


def family_ids(territory_id: int) -> frozenset[int]:
    """The unit of today and every former unit that went into it."""
    today = current_id(territory_id)
    return frozenset(pk for pk in links().region if current_id(pk) == today)


def region_ids(region: str) -> frozenset[int]:
    """Every unit, former or present, whose unit of today lies in the region."""
    found = links().region
    return frozenset(pk for pk in found if found[current_id(pk)] == region)
