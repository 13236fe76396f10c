"""Reading fairs: the public list with its sums, one fair with who took part, what one facility or product was at."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility, Representative
from facilities.publication import is_person
from products.cards import facility_name
from products.models import Product
from products.ready import Ready

from ..asked import Asked
from ..models import Fair, Participation
from .disclosure import COUNT_STEP, MONEY_STEP, NOTHING, Given, Told, together, told

# Figures are asked for so many days after a fair; only then are sums of closed figures shown, and they stand still.
REPORT_DAYS = 30
# Nobody is asked for the figures of a fair that is longer past.
ASKED_FOR = dt.timedelta(days=366)


@dataclass(frozen=True)
class Figures:
    """What may be told of some participations: sums under the rule of `disclosure`, and how many took part."""

    facilities: int
    reported: int
    booths: int
    revenue: Told = NOTHING
    contracts: Told = NOTHING
    contracts_value: Told = NOTHING

    @property
    def is_about(self) -> bool:
        """Whether closed figures are in a sum, rounded."""
        return self.revenue.about or self.contracts.about or self.contracts_value.about

    @property
    def hidden(self) -> int:
        """Facilities that told a figure and are not in its sum."""
        return max(self.revenue.hidden, self.contracts.hidden, self.contracts_value.hidden)


@dataclass(frozen=True)
class PublicFair:
    fair: Fair
    figures: Figures
    on: dt.date

    @property
    def is_to_come(self) -> bool:
        return self.fair.starts_on > self.on

    @property
    def is_on(self) -> bool:
        return self.fair.starts_on <= self.on <= self.fair.ends_on

    @property
    def sums_from(self) -> dt.date:
        """The first day on which sums are shown."""
        return sums_from(self.fair)

    @property
    def is_awaited(self) -> bool:
        return self.on < self.sums_from


@dataclass(frozen=True)
class Part:
    """One facility's part in a fair as anybody may read it: its own figures only with its consent."""

    row: Participation
    products: tuple[Product, ...]
    has_page: bool = False

    @property
    def name(self) -> str:
        return facility_name(self.row.facility)

    @property
    def is_open(self) -> bool:
        return is_open(self.row)

    @property
    def revenue(self) -> int | None:
        return self.row.revenue if self.is_open else None

    @property
    def contracts(self) -> int | None:
        return self.row.contracts if self.is_open else None

    @property
    def contracts_value(self) -> int | None:
        return self.row.contracts_value if self.is_open else None


def due_on(fair: Fair) -> dt.date:
    """The last day on which the facilities are asked for their figures."""
    return fair.ends_on + dt.timedelta(days=REPORT_DAYS)


def sums_from(fair: Fair) -> dt.date:
    return due_on(fair) + dt.timedelta(days=1)


def is_open(row: Participation) -> bool:
    """Whether a row's figures may stand under its facility's name: with its consent, and never of a household."""
    return row.consented_at is not None and not is_person(row.facility)


def public_fairs(*, year: int | None = None, territory_ids: Iterable[int] | None = None) -> QuerySet[Fair]:
    """Published fairs, the latest first, samples among them. One query when read."""
    found = Fair.objects.public().select_related("territory", "host_territory")
    if year:
        found = found.filter(Q(starts_on__year=year) | Q(ends_on__year=year))
    if territory_ids is not None:
        found = found.filter(territory__in=territory_ids)
    return found.order_by("-starts_on", "pk")


def years_on_offer() -> list[int]:
    """Years of published fairs, newest first. One query."""
    days = Fair.objects.public().order_by("-starts_on").values_list("starts_on__year", flat=True).distinct()
    return list(dict.fromkeys(days))


def with_figures(fairs: Iterable[Fair], on: dt.date) -> list[PublicFair]:
    """Each fair with what may be told of it. One query, however many."""
    rows = list(fairs)
    parts: dict[int, list[Participation]] = defaultdict(list)
    for row in Participation.objects.filter(fair__in=rows).select_related("facility"):
        parts[row.fair_id].append(row)
    return [shown(fair, parts[fair.pk], on) for fair in rows]


def shown(fair: Fair, rows: Iterable[Participation], on: dt.date) -> PublicFair:
    """A fair with what may be told of its participations: counted, or as another portal told it. No query."""
    figures = carried_figures(fair.carried) if fair.carried else figures_of(rows, sums=on >= sums_from(fair))
    return PublicFair(fair, figures, on)


def carried_figures(facts: dict[str, Any]) -> Figures:
    """Figures as they were told elsewhere. Raises KeyError or TypeError for what are none."""
    sums: dict[str, Any] = {name: Told(**facts[name]) for name in ("revenue", "contracts", "contracts_value")}
    return Figures(**{name: facts[name] for name in ("facilities", "reported", "booths")}, **sums)


def figures_of(rows: Iterable[Participation], *, sums: bool) -> Figures:
    """The figures of one fair. No query."""
    held = list(rows)

    def of(name: str, step: int = MONEY_STEP) -> Told:
        return told((Given(getattr(row, name), is_open(row)) for row in held), step=step, with_closed=sums)

    return Figures(
        facilities=len(held),
        reported=sum(row.revenue is not None for row in held),
        booths=sum(row.booths for row in held),
        revenue=of("revenue"),
        contracts=of("contracts", COUNT_STEP),
        contracts_value=of("contracts_value"),
    )


def totals(shown: Iterable[PublicFair]) -> Figures:
    """What the fairs shown come to. Only sums that were told are added up, and no samples; turns, not facilities."""
    rows = [one.figures for one in shown if not one.fair.is_illustrative]
    return Figures(
        facilities=sum(row.facilities for row in rows),
        reported=sum(row.reported for row in rows),
        booths=sum(row.booths for row in rows),
        revenue=together(row.revenue for row in rows),
        contracts=together(row.contracts for row in rows),
        contracts_value=together(row.contracts_value for row in rows),
    )


def fairs_to_come(on: dt.date, limit: int = 6) -> list[Fair]:
    """Published fairs that are on or ahead, the next first. One query."""
    found = Fair.objects.public().filter(ends_on__gte=on).select_related("territory", "host_territory")
    return list(found.order_by("is_illustrative", "starts_on", "pk")[:limit])


def fair_detail(slug: str) -> Fair | None:
    """One published fair. One query."""
    return Fair.objects.public().filter(slug=slug).select_related("territory", "host_territory", "project").first()


def participations_of(fair: Fair) -> list[Participation]:
    """Everyone at a fair with the products shown, in the order of names. Two queries."""
    rows = fair.participations.select_related("facility__territory", "line").prefetch_related("products")
    return list(rows.order_by("facility__name", "pk"))


def parts_of(rows: list[Participation], *, on: dt.date) -> list[Part]:
    """Those that may be named: a household without a page is often a person. Two queries."""
    paged = set(
        Facility.objects.public(on=on).filter(pk__in=[r.facility_id for r in rows]).values_list("pk", flat=True)
    )
    named = [row for row in rows if row.facility_id in paged or not is_person(row.facility)]
    shown = [product.pk for row in named for product in row.products.all()]
    public = set(Product.objects.public(on=on).filter(pk__in=shown).values_list("pk", flat=True)) if shown else set()
    return [
        Part(row, tuple(p for p in row.products.all() if p.pk in public), has_page=row.facility_id in paged)
        for row in named
    ]


def _public_rows() -> QuerySet[Participation]:
    rows = Participation.objects.filter(fair__is_public=True).select_related("fair__host_territory", "facility")
    return rows.order_by("-fair__starts_on", "pk")


def fairs_of_facility(facility: Facility) -> list[Part]:
    """Published fairs a facility was at, newest first. One query."""
    return [Part(row, ()) for row in _OF_FACILITY(facility.pk)]


def fairs_of_product(product: Product) -> list[Part]:
    """Published fairs a product was shown at, newest first. One query."""
    return [Part(row, ()) for row in _OF_PRODUCT(product.pk)]


_OF_FACILITY = Ready(lambda facility: _public_rows().filter(facility=facility))
_OF_PRODUCT = Ready(lambda product: _public_rows().filter(products=product))


# --- the facility's own side -------------------------------------------------------------------------------------


def own_rows(user: Any) -> QuerySet[Participation]:
    """Participations of the facilities that the person speaks for, newest first. One query when read."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Participation.objects.none()
    mine = Representative.objects.approved().filter(user=user).values("facility")
    rows = Participation.objects.filter(facility__in=mine).select_related(
        "fair__territory", "fair__host_territory", "facility"
    )
    return rows.prefetch_related(Prefetch("products")).order_by("-fair__starts_on", "pk")


def asked_of(user: Any, on: dt.date) -> list[Asked]:
    """Fairs of the last year that are over and whose figures the facility has not told yet. One query."""
    over = own_rows(user).prefetch_related(None).filter(fair__ends_on__lt=on, fair__ends_on__gte=on - ASKED_FOR)
    return [
        Asked(
            title=_("Khai doanh thu, hợp đồng tại hội chợ"),
            url=reverse("own_fair", args=[row.uuid]),
            due_on=due_on(row.fair),
            about=f"{row.fair}, {row.facility}",
        )
        for row in over.filter(reported_at=None, revenue=None)
    ]
