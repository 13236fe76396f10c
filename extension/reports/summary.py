"""What was supported, in sums: by year, funding, head and province, from two reads however the page divides them.

Only granted projects count, and no samples. Money is whole đồng; a project whose source names no sum counts as a
project and adds nothing. Years are the first year of a project.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from portal.territory.enums import Basis
from portal.territory.queries import current_id

from ..models import Beneficiary, Project, ProjectQuerySet
from ..queries import counted

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Sums:
    """Projects and their money; `silent` of them name no sum. Facilities are distinct, turns are not."""

    projects: int = 0
    silent: int = 0
    extension_funds: int = 0
    counterpart_funds: int = 0
    disbursed: int = 0
    # Of projects that name both, so that the one may be held against the other.
    both: int = 0
    both_extension: int = 0
    both_counterpart: int = 0
    facilities: int = 0
    turns: int = 0

    def plus(self, row: Mapping[str, Any]) -> "Sums":
        """With a further group of projects added in."""
        return replace(self, **{name: getattr(self, name) + (row[name] or 0) for name in _SUMMED})

    @property
    def drawn_along(self) -> Decimal | None:
        """Đồng of counterpart that came with one đồng of extension, where both are named ("vốn mồi")."""
        if not self.both_extension:
            return None
        return (Decimal(self.both_counterpart) / self.both_extension).quantize(TENTH, ROUND_HALF_UP)


_SUMMED = (
    "projects", "silent", "extension_funds", "counterpart_funds", "disbursed", "both", "both_extension",
    "both_counterpart",
)  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """The whole, and its parts by each key. Facilities are counted in the whole and by province only."""

    total: Sums = Sums()
    by_year: dict[int, Sums] = field(default_factory=dict)
    by_funding: dict[str, Sums] = field(default_factory=dict)
    by_head: dict[int, Sums] = field(default_factory=dict)
    by_province: dict[int, Sums] = field(default_factory=dict)


def summarise(projects: ProjectQuerySet, *, basis: str = Basis.CURRENT) -> Summary:
    """Everything at once. Two queries, the register of units cached."""
    ids = counted(projects)
    named = Q(extension_funds__isnull=False, counterpart_funds__isnull=False)
    rows: Any = (
        Project.objects.filter(pk__in=ids)
        .order_by()
        .values("funding", "head", "year", "territory_id")
        .annotate(
            projects=Count("*"),
            silent=Count("pk", filter=Q(extension_funds__isnull=True)),
            both=Count("pk", filter=named),
            both_extension=Sum("extension_funds", filter=named),
            both_counterpart=Sum("counterpart_funds", filter=named),
            **{f"sum_{name}": Sum(name) for name in MONEY},
        )
    )
    served = (
        Beneficiary.objects.filter(project__in=ids, facility__isnull=False)
        .order_by()
        .values_list("project__territory_id", "facility_id")
        .annotate(turns=Sum("turns"))
    )
    return _folded([{**row, **{name: row[f"sum_{name}"] for name in MONEY}} for row in rows], list(served), basis)


MONEY = ("extension_funds", "counterpart_funds", "disbursed")


def _folded(rows: Iterable[Mapping[str, Any]], served: Iterable[tuple[int, int, int]], basis: str) -> Summary:
    total = Sums()
    parts: dict[str, dict[Any, Sums]] = {name: defaultdict(Sums) for name in ("year", "funding", "head", "province")}
    for row in rows:
        total = total.plus(row)
        keys = {name: row[name] for name in ("year", "funding", "head")} | {
            "province": _unit(row["territory_id"], basis)
        }
        for name, key in keys.items():
            parts[name][key] = parts[name][key].plus(row)
    makers: dict[int, set[int]] = defaultdict(set)
    turns: dict[int, int] = defaultdict(int)
    for territory_id, facility_id, times in served:
        unit = _unit(territory_id, basis)
        makers[unit].add(facility_id)
        turns[unit] += times
    for unit, found in makers.items():
        parts["province"][unit] = replace(parts["province"][unit], facilities=len(found), turns=turns[unit])
    everyone = set().union(*makers.values()) if makers else set()
    return Summary(
        total=replace(total, facilities=len(everyone), turns=sum(turns.values())),
        **{f"by_{name}": dict(found) for name, found in parts.items()},
    )


def _unit(territory_id: int, basis: str) -> int:
    return current_id(territory_id) if basis == Basis.CURRENT else territory_id
