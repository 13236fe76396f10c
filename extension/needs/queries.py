"""Reading needs and calls: whose they are, what is open, and the shelf with the rank of each and its bases."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from facilities.models import Facility
from facilities.representing import represented
from portal.territory.models import Commune, Territory
from portal.territory.queries import current_id, family_ids
from portal.text.folding import fold
from products.enums import Status
from products.models import Product, Recognition
from products.validity_sql import status_condition

from ..enums import ActivityHead, NeedState, PriorityKind
from ..models import Call, Need, NormItem, PriorityRule
from ..norms import allowance as norms
from ..norms import queries as norm_queries
from ..states import OPEN_NEEDS
from .ranking import Facts, Rank, Rule, rank

# --- calls -----------------------------------------------------------------------------------------------


def calls_open(on: dt.date) -> QuerySet[Call]:
    """Published calls that take needs on the day, the one that closes first first. One query when read."""
    rows = Call.objects.filter(is_public=True, opens_on__lte=on, closes_on__gte=on)
    return rows.select_related("territory").order_by("is_illustrative", "closes_on", "pk")


def calls_to_come(on: dt.date) -> QuerySet[Call]:
    """Published calls that open later. One query when read."""
    rows = Call.objects.filter(is_public=True, opens_on__gt=on)
    return rows.select_related("territory").order_by("is_illustrative", "opens_on", "pk")


def calls_for(territory_ids: Collection[int], on: dt.date) -> list[Call]:
    """Open calls of the provinces, under whatever name they had, with the items that may be asked for. Two queries."""
    family = frozenset().union(*(family_ids(pk) for pk in territory_ids)) if territory_ids else frozenset()
    return list(calls_open(on).filter(territory__in=family).prefetch_related("items"))


# --- whose needs -------------------------------------------------------------------------------------------


def needs_of(user: Any) -> QuerySet[Need]:
    """Needs of the facilities the person speaks for, newest first. One query when read."""
    mine = represented(user).values("pk")
    rows = Need.objects.filter(facility__in=mine)
    return rows.select_related("facility", "territory", "project", "item", "call").order_by("-registered_at", "-pk")


def needs_of_commune(commune: Commune) -> QuerySet[Need]:
    """Needs of the commune's facilities, whoever registered them, newest first. One query when read."""
    rows = Need.objects.filter(Q(commune=commune) | Q(facility__commune=commune))
    return rows.select_related("facility", "territory", "project", "item", "call").order_by("-registered_at", "-pk")


def facilities_of_commune(commune: Commune) -> QuerySet[Facility]:
    """Facilities that stand in the commune, by name. One query when read."""
    return Facility.objects.standing().filter(commune=commune).order_by("sort_key", "pk")


def products_of(facilities: Iterable[Facility]) -> QuerySet[Product]:
    """Products of the facilities, by name. One query when read."""
    rows = Product.objects.filter(facility__in=list(facilities), merged_into__isnull=True)
    return rows.order_by("sort_key", "pk")


# What offices spend on selections and fairs that they hold themselves; no maker asks for it.
OF_OFFICES = ("binh_chon_kv", "binh_chon_qg", "thuong_kv", "thuong_qg", "hoi_cho_to_chuc")


def items_to_ask_for() -> QuerySet[NormItem]:
    """What a maker may need: everything a norm speaks of but the offices' own work. One query when read."""
    rows = NormItem.objects.exclude(head=ActivityHead.ADMINISTRATION)
    return rows.exclude(code__in=[norm_queries.PRIORITY_ITEM, *OF_OFFICES]).order_by("head", "name")


# --- the shelf ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """How the shelf is narrowed. `states` empty means those that still wait."""

    year: int | None = None
    states: tuple[str, ...] = ()
    head: int | None = None
    call: int | None = None
    words: str = ""
    territory_ids: frozenset[int] | None = None


@dataclass(frozen=True)
class Shelved:
    """One need on the shelf: its place in the order, its rank with the reasons."""

    place: int
    need: Need
    rank: Rank

    @property
    def who(self) -> str:
        return who_of(self.need)


def who_of(need: Need) -> str:
    return str(need.facility) if need.facility_id else need.facility_name


def visible_needs(user: Any) -> QuerySet[Need]:
    """Needs the person's staff roles reach, with what a row shows. One query when read."""
    rows = Need.objects.visible_to(user)
    return rows.select_related(
        "territory", "commune", "facility__commune", "product", "item", "call", "project", "registered_by"
    )


def narrowed(rows: QuerySet[Need], wanted: Wanted) -> QuerySet[Need]:
    rows = rows.filter(state__in=wanted.states or OPEN_NEEDS)
    if wanted.year:
        rows = rows.filter(year=wanted.year)
    if wanted.head:
        rows = rows.filter(Q(head=wanted.head) | Q(item__head=wanted.head))
    if wanted.call:
        rows = rows.filter(call=wanted.call)
    if wanted.territory_ids is not None:
        rows = rows.filter(territory__in=wanted.territory_ids)
    return rows


def shelf(user: Any, wanted: Wanted, *, on: dt.date) -> list[Shelved]:
    """The needs asked for, the one with most points first, then the one registered first. Three queries."""
    rows = [need for need in narrowed(visible_needs(user), wanted).order_by("pk") if _says(need, wanted)]
    ranks = ranks_of(rows, on=on)
    rows.sort(key=lambda need: (-ranks[need.pk].points, need.registered_at, need.pk))
    return [Shelved(place, need, ranks[need.pk]) for place, need in enumerate(rows, start=1)]


def _says(need: Need, wanted: Wanted) -> bool:
    """Whether every word stands in the need, in its maker's name or in its trade."""
    said = fold(f"{need.title} {who_of(need)} {need.trade} {need.commune or ''}")
    return all(word in said for word in fold(wanted.words).split()[:8])


def ranks_of(needs: Sequence[Need], *, on: dt.date) -> dict[int, Rank]:
    """The rank of each need on a day, by its key. Two queries, however many needs."""
    rules = rules_on(on)
    recognised = recognised_of({need.facility_id for need in needs if need.facility_id}, on=on)
    return {need.pk: rank(_facts(need, recognised), _rules_of(need, rules)) for need in needs}


def rules_on(on: dt.date) -> list[Rule]:
    """Every priority in force on a day. One query."""
    rows = PriorityRule.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)
    return [
        Rule(
            key=row.pk,
            kind=row.kind,
            name=row.name,
            basis=row.legal_basis,
            points=row.points,
            values=tuple(line.strip() for line in row.values.splitlines() if line.strip()),
            group=row.group,
            territory_id=row.territory_id,
            raises_ceiling=row.raises_ceiling,
        )
        for row in rows.order_by("pk")
    ]


def knows_areas(territory_id: int, *, on: dt.date) -> bool:
    """Whether any commune is written down that comes first in a province. One query."""
    here = _rules_at(territory_id, rules_on(on))
    return any(rule.kind == PriorityKind.AREA and rule.values for rule in here)


def _rules_of(need: Need, rules: Iterable[Rule]) -> list[Rule]:
    return _rules_at(need.territory_id, rules)


def _rules_at(territory_id: int, rules: Iterable[Rule]) -> list[Rule]:
    """Those of the nation, and those of a province under whatever name."""
    here = current_id(territory_id)
    return [rule for rule in rules if rule.territory_id is None or current_id(rule.territory_id) == here]


def recognised_of(facility_ids: Collection[int], *, on: dt.date) -> dict[int, list[tuple[str, str]]]:
    """Of each facility its recognised products in force on a day: words and group. One query, none without any."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if not facility_ids:
        return found
    valid = status_condition(Status.VALID, on=on, expiring_days=0)
    ending = status_condition(Status.EXPIRING, on=on, expiring_days=0)
    rows = Recognition.objects.published().filter(
        valid | ending, product__facility__in=facility_ids, product__merged_into=None
    )
    for row in rows.select_related("product").order_by("-expires_on", "pk"):
        words = f"{row.product.name} ({row.get_level_display().lower()} {row.year})"
        found[row.product.facility_id or 0].append((words, row.product.group))
    return found


def _facts(need: Need, recognised: dict[int, list[tuple[str, str]]]) -> Facts:
    maker = need.facility
    commune = need.commune or (maker.commune if maker else None)
    address = (maker.address_today or maker.address_recognised) if maker else ""
    return Facts(
        commune=commune.name if commune else "",
        address=address,
        trade=", ".join(filter(None, [need.trade, need.product.name if need.product else "", need.title])),
        group=need.product.group if need.product else "",
        recognised=tuple(recognised.get(need.facility_id or 0, ())),
    )


@dataclass(frozen=True)
class Limit:
    """How much a need may get by the norm in force, in whole đồng, and how that is reckoned."""

    allowed: int
    asked: int
    why: str
    basis: str
    note: str


def limit_of(need: Need, found: Rank, *, on: dt.date) -> Limit | None:
    """What the norms of the day let through of a need; None where its item, its cost or a norm is unknown. One query."""
    if need.item is None or not need.cost:
        return None
    held = norm_queries.book(need.territory, on)
    applied = held.applied(need.item.pk)
    if applied is None:
        return None
    raised = held.priority if found.raises_ceiling and need.item.may_be_priority else None
    asked = need.cost - (need.own_funds or 0)
    allowance = norms.allow(
        cost=need.cost,
        asked=asked,
        percent=applied.percent,
        ceiling=applied.norm.ceiling,
        multiplier=raised.multiplier if raised else None,
        counts_units=need.item.counts_units,
    )
    basis = ", ".join(dict.fromkeys([applied.norm.legal_basis, *([raised.legal_basis] if raised else [])]))
    return Limit(allowance.allowed, asked, allowance.why, basis, applied.norm.note)


@dataclass(frozen=True)
class Tally:
    """How many needs of a year stand where, and what they would cost."""

    registered: int
    shelved: int
    turned: int
    declined: int
    cost: int
    own_funds: int


def tally(user: Any, wanted: Wanted) -> Tally:
    """Of every state, whatever states are shown. One query."""
    rows = narrowed(Need.objects.visible_to(user), Wanted(**{**wanted.__dict__, "states": tuple(NeedState.values)}))
    waiting = Q(state__in=OPEN_NEEDS)
    found = rows.aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state in ("registered", "shelved", "turned", "declined")},
        cost=Sum("cost", filter=waiting),
        own_funds=Sum("own_funds", filter=waiting),
    )
    return Tally(**{name: value or 0 for name, value in found.items()})


def years_of(user: Any) -> list[int]:
    """Years for which something was registered, newest first. One query."""
    return list(Need.objects.visible_to(user).order_by("-year").values_list("year", flat=True).distinct())


def calls_of(user: Any) -> list[Call]:
    """Calls of the person's provinces, newest first. One query."""
    return list(Call.objects.visible_to(user).select_related("territory").order_by("-closes_on", "-pk")[:50])


def provinces_of(user: Any) -> list[Territory]:
    """Provinces with a need, where the person reaches more than one. One query."""
    held = Need.objects.visible_to(user).order_by().values("territory").distinct()
    return list(Territory.objects.filter(pk__in=held))
