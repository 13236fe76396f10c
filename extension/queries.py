"""Reading support: the public list, its totals, and what one facility or product received."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum, prefetch_related_objects

from facilities.models import Facility
from portal.territory.enums import Basis
from portal.territory.models import Territory
from portal.territory.queries import current_id, family_ids, unit_by_slug, unit_today
from portal.text.folding import fold
from products.models import Product, PublishedFigure
from products.ready import Ready

from .enums import ProjectState
from .models import Beneficiary, Project, ProjectQuerySet
from .steps.workflows import with_steps

SUPPORT_WORDS = (
    "đề án",
    "kinh phí",
    "khuyến công",
    "hỗ trợ",
    "hội chợ",
    "gian hàng",
    "phòng trưng bày",
    "lao động",
    "tuần hàng",
)
CONTRADICTION_WORDS = ("mâu thuẫn", "không khớp", "inconsistent")


@dataclass(frozen=True)
class Chosen:
    """What a reader filters by. Values within one field mean or; `territory_ids` is None for every province."""

    funding: tuple[str, ...] = ()
    heads: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    territory_ids: frozenset[int] | None = None
    words: tuple[str, ...] = ()


EVERYTHING = Chosen()


@dataclass(frozen=True)
class Totals:
    """Counts and whole đồng. Facilities are distinct, turns are not; only granted projects count, and no samples."""

    projects: int = 0
    facilities: int = 0
    turns: int = 0
    extension_funds: int = 0
    counterpart_funds: int = 0
    disbursed: int = 0


@dataclass(frozen=True)
class Support:
    """One line of support as the pages of a facility and of a product show it."""

    project: Project
    beneficiary: Beneficiary

    @property
    def years(self) -> str:
        first, last = self.project.year, self.project.year_to
        return f"{first} – {last}" if last and last != first else str(first)

    @property
    def funds(self) -> int | None:
        """What this beneficiary received, where the source says it; never the share of a group project."""
        return self.beneficiary.extension_funds

    @property
    def fair_revenue(self) -> int | None:
        """What was sold at fairs, as it may be told."""
        return self.beneficiary.public_fair_revenue


def public_projects(chosen: Chosen = EVERYTHING) -> ProjectQuerySet:
    """Published projects that meet every filter, newest first and samples last, with facilities counted. One query when read."""
    found = Project.objects.public().filter(_condition(chosen))
    for word in chosen.words:
        found = found.filter(folded__contains=word)
    return (
        found.select_related("territory", "implementing_unit", "programme")
        .annotate(facility_count=Count("beneficiaries__facility", distinct=True))
        .order_by("is_illustrative", "-year", "-year_to", "pk")
    )


def _condition(chosen: Chosen) -> Q:
    condition = Q()
    if chosen.funding:
        condition &= Q(funding__in=chosen.funding)
    if chosen.heads:
        condition &= Q(head__in=chosen.heads)
    if chosen.years:
        running = Q()
        for year in chosen.years:
            running |= Q(year=year) | Q(year__lte=year, year_to__gte=year)
        condition &= running
    if chosen.territory_ids is not None:
        condition &= Q(territory__in=chosen.territory_ids)
    return condition


def told_beneficiaries(*, on: dt.date) -> QuerySet[Beneficiary]:
    """Who may be named as supported, in the order of the list; `has_page` says whether the register shows its facility.

    A household that left the register is named nowhere any more.
    """
    paged = Facility.objects.public(on=on).filter(pk=OuterRef("facility"))
    told = Beneficiary.objects.exclude(facility__in=Facility.objects.withheld(on=on).values("pk"))
    return told.annotate(has_page=Exists(paged)).order_by("pk")


def project_detail(slug: str, *, on: dt.date) -> Project | None:
    """One published project with whom it may name and their facilities. Two queries; with a way of its own five."""
    rows = told_beneficiaries(on=on).select_related("facility", "facility__territory", "product")
    found = (
        Project.objects.public()
        .filter(slug=slug)
        .select_related("territory", "programme", "implementing_unit")
        .prefetch_related(Prefetch("beneficiaries", queryset=rows))
        .first()
    )
    if found and found.workflow_id:
        prefetch_related_objects([found], *with_steps())
    return found


def totals(projects: ProjectQuerySet) -> Totals:
    """Totals of the granted projects among the given ones. Two queries."""
    ids = counted(projects)
    money = Project.objects.filter(pk__in=ids).aggregate(
        projects=Count("*"),
        extension_funds=Sum("extension_funds"),
        counterpart_funds=Sum("counterpart_funds"),
        disbursed=Sum("disbursed"),
    )
    served = Beneficiary.objects.filter(project__in=ids, facility__isnull=False).aggregate(
        facilities=Count("facility", distinct=True), turns=Sum("turns")
    )
    return Totals(**{name: value or 0 for name, value in (money | served).items()})


def totals_by(projects: ProjectQuerySet, by: str, *, basis: str = Basis.CURRENT) -> list[tuple[Any, Totals]]:
    """Totals per funding, head, year, province (on a basis) or region (of today). Two queries, the register of units cached.

    A key is the code, the number, the year, the territory's id or the region's code. Years are the first
    year of a project. Facilities are distinct within a key, so keys need not add up to the whole.
    """
    ids = counted(projects)
    column = {"province": "territory_id", "region": "territory_id"}.get(by, by)
    money = Project.objects.filter(pk__in=ids).values_list(column, "extension_funds", "counterpart_funds", "disbursed")
    served = Beneficiary.objects.filter(project__in=ids, facility__isnull=False).values_list(
        f"project__{column}", "facility_id", "turns"
    )
    sums: dict[Any, dict[str, int]] = defaultdict(lambda: {field.name: 0 for field in fields(Totals)})
    facilities: dict[Any, set[int]] = defaultdict(set)
    for value, *amounts in money:
        row = sums[_key(value, by, basis)]
        row["projects"] += 1
        for name, amount in zip(("extension_funds", "counterpart_funds", "disbursed"), amounts, strict=True):
            row[name] += amount or 0
    for value, facility_id, turns in served:
        key = _key(value, by, basis)
        facilities[key].add(facility_id)
        sums[key]["turns"] += turns
    return [(key, Totals(**(row | {"facilities": len(facilities[key])}))) for key, row in sums.items()]


def supported_facilities(projects: ProjectQuerySet, *, on: dt.date) -> Any:
    """The facilities that totals count, those with most turns first; `is_withheld` says whom no page may name any more."""
    of = OuterRef("facility")
    found: Any = Beneficiary.objects.filter(project__in=counted(projects), facility__isnull=False).order_by()
    found = found.annotate(
        has_page=Exists(Facility.objects.public(on=on).filter(pk=of)),
        is_withheld=Exists(Facility.objects.withheld(on=on).filter(pk=of)),
    )
    named = found.values(
        "facility", "facility__name", "facility__slug", "facility__territory__name", "has_page", "is_withheld"
    )
    had = named.annotate(turns_had=Sum("turns"), projects=Count("project", distinct=True))
    return had.order_by("is_withheld", "-turns_had", "facility__name", "facility")


def counted(projects: ProjectQuerySet) -> QuerySet[Project, Any]:
    """What totals are made of: granted projects; sample projects of a demonstration never mix in."""
    return projects.granted().filter(is_illustrative=False).order_by().values("pk")


def _key(value: Any, by: str, basis: str) -> Any:
    if by == "region":
        return unit_today(value).region
    if by == "province" and basis == Basis.CURRENT:
        return current_id(value)
    return value


def support_of_facility(facility: Facility) -> list[Support]:
    """Published, granted support of a facility, newest first. One query."""
    return [Support(row.project, row) for row in _OF_FACILITY(facility.pk)]


def support_of_product(product: Product) -> list[Support]:
    """Support given for the product, and to its facility as a whole. One query."""
    maker = product.facility_id
    rows = _OF_PRODUCT_AND_MAKER(product.pk, maker) if maker else _OF_PRODUCT(product.pk)
    return [Support(row.project, row) for row in rows]


def _granted(condition: Q) -> QuerySet[Beneficiary]:
    projects = Project.objects.public().granted()
    rows = Beneficiary.objects.filter(condition, project__in=projects).select_related("facility", "project__territory")
    return rows.order_by("-project__year", "project__head", "pk")


_OF_FACILITY = Ready(lambda facility: _granted(Q(facility=facility)))
_OF_PRODUCT = Ready(lambda product: _granted(Q(product=product)))
_OF_PRODUCT_AND_MAKER = Ready(
    lambda product, maker: _granted(Q(product=product) | Q(facility=maker, product__isnull=True))
)


def registered_count(projects: ProjectQuerySet) -> int:
    """Projects that only ask for support so far. One query."""
    return projects.filter(state=ProjectState.REGISTERED, is_illustrative=False).count()


def public_products(project: Project, *, on: dt.date) -> set[int]:
    """Which of the products that the support was for stand in the public register. One query, none without any."""
    named = [row.product_id for row in project.beneficiaries.all() if row.product_id]
    return set(Product.objects.public(on=on).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def years_on_offer() -> list[int]:
    """Years in which a published project began, newest first. One query."""
    return list(Project.objects.public().order_by("-year").values_list("year", flat=True).distinct())


def provinces_on_offer(basis: str) -> list[Territory]:
    """Provinces with a published project, on a basis, in alphabetical order. Two queries, the register of units cached."""
    held = set(Project.objects.public().order_by().values_list("territory_id", flat=True).distinct())
    if basis == Basis.CURRENT:
        held = {current_id(pk) for pk in held}
    return list(Territory.objects.filter(pk__in=held))


def territory_ids_of(slug: str, basis: str) -> frozenset[int] | None:
    """The units a province filter means: on the current basis the whole family. None when unknown."""
    unit = unit_by_slug(slug)
    if unit is None:
        return None
    return family_ids(unit.pk) if basis == Basis.CURRENT else frozenset({unit.pk})


def search_words(text: str) -> tuple[str, ...]:
    """Up to eight folded words of a search text."""
    return tuple(fold(text[:200]).split()[:8])


@dataclass(frozen=True)
class FigureGroup:
    """Published figures of one place and period, as their source wrote them."""

    place: str
    period: str
    source: str
    figures: tuple[PublishedFigure, ...]

    @property
    def disagrees(self) -> bool:
        """Whether one of the figures stands against another in the source itself."""
        return any(contradicts(figure) for figure in self.figures)


def published_figures(chosen: Chosen) -> list[FigureGroup]:
    """Totals of support that were published without a list; shown beside, never added in. One query."""
    found = PublishedFigure.objects.all()
    if chosen.territory_ids is not None:
        found = found.filter(territory__in=chosen.territory_ids)
    groups: dict[tuple[str, str, str], list[PublishedFigure]] = {}
    for figure in found:
        if _about_support(figure) and _in_years(figure, chosen.years):
            groups.setdefault((figure.place, figure.period, figure.source), []).append(figure)
    return [FigureGroup(*key, figures=tuple(rows)) for key, rows in groups.items()]


def _about_support(figure: PublishedFigure) -> bool:
    what = figure.what.lower()
    return not figure.level and any(word in what for word in SUPPORT_WORDS)


def _in_years(figure: PublishedFigure, years: Iterable[int]) -> bool:
    wanted = list(years)
    if not wanted or figure.year_from is None:
        return not wanted
    return any(figure.year_from <= year <= (figure.year_to or figure.year_from) for year in wanted)


def contradicts(figure: PublishedFigure) -> bool:
    """Whether the source disagrees with itself on this figure."""
    return any(word in figure.note.lower() for word in CONTRADICTION_WORDS)
