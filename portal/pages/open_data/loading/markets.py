"""Fairs of the open data with what was told of their figures, who took part, showrooms and shops."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from extension.models import Fair, Listing, Outlet, Participation, Project
from facilities.models import Facility
from products.models import Product

from ..checking import Row
from .world import World

SUMS = ("revenue", "contracts", "contracts_value")


def fairs(world: World, row: Row) -> Iterator[Fair]:
    yield Fair(
        uuid=row["uuid"],
        slug=row["slug"],
        name=row.text("name"),
        name_en=row.text("name_en"),
        kind=row["kind"],
        territory=world.territory(row["province_at_the_time"]),
        is_own=row["is_own"],
        is_abroad=row["is_abroad"],
        organiser=row.text("organiser"),
        place=row.text("place"),
        host_territory=world.territory_or_none(row["host_province_at_the_time"]),
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        booths=row["booths"],
        project_id=world.key_or_none(Project, row["project_id"]),
        website=row.text("website"),
        source=row.text("source"),
        is_public=True,
        is_illustrative=row["is_illustrative"],
        carried=_figures(row),
    )


def _figures(row: Row) -> dict[str, Any]:
    """As `extension.markets.fair_queries.carried_figures` reads them."""
    sums = {
        name: {
            "total": row[name],
            "of": row[f"{name}_of"],
            "hidden": row[f"{name}_hidden"],
            "about": row[f"{name}_about"],
        }
        for name in SUMS
    }
    return {
        "facilities": row["facilities"],
        "reported": row["reported"],
        "booths": row["booths_of_facilities"],
        **sums,
    }


def participants(world: World, row: Row) -> Iterator[Participation]:
    yield Participation(
        fair_id=world.key(Fair, row["fair_id"]),
        facility_id=world.key(Facility, row["facility_id"]),
        booths=row["booths"],
        revenue=row["revenue"],
        contracts=row["contracts"],
        contracts_value=row["contracts_value"],
        consented_at=world.edition.made_at if row["is_open"] else None,
    )


def part_of(row: Any) -> tuple[int, int]:
    """What names a participation: its fair and its maker."""
    return row.fair_id, row.facility_id


def shown_products(world: World, row: Row) -> Iterator[Any]:
    part = world.key(Fair, row["fair_id"]), world.key(Facility, row["facility_id"])
    for key in row["products"] or []:
        yield Participation.products.through(
            participation_id=world.key(Participation, part), product_id=world.key(Product, UUID(str(key)))
        )


def outlets(world: World, row: Row) -> Iterator[Outlet]:
    yield Outlet(
        uuid=row["uuid"],
        kind=row["kind"],
        name=row.text("name"),
        territory=world.territory(row["province_at_the_time"]),
        address=row.text("address"),
        url=row.text("website"),
        operator=row.text("operator"),
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        project_id=world.key_or_none(Project, row["project_id"]),
        source=row.text("source"),
        is_public=True,
        is_illustrative=row["is_illustrative"],
    )


def listings(world: World, row: Row) -> Iterator[Listing]:
    yield Listing(
        outlet_id=world.key(Outlet, row["outlet_id"]),
        product_id=world.key(Product, row["product_id"]),
        since=row["since"],
        until=row["until"],
        url=row.text("address"),
        project_id=world.key_or_none(Project, row["project_id"]),
    )
