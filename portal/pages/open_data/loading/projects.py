"""Industrial extension of the open data: programmes, projects, whom they support."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from extension.models import Beneficiary, Programme, Project
from facilities.models import Facility
from portal.text.slugs import unique_slug
from products.enums import ProductGroup
from products.models import Product

from ..checking import Row
from .organisations import organisation_of
from .world import World

MONEY = ("extension_funds", "counterpart_funds", "other_funds", "disbursed")
FACTS = ("kind", "funding", "head", "year", "year_to", "state", "phase_since", "starts_on", "ends_on")
TEXTS = ("name", "code", "trade", "summary", "source", "published_sum")


def programmes(world: World, row: Row) -> Iterator[Programme]:
    """Those that the reference data do not hold already; one that they hold takes the key it has elsewhere."""
    held = Programme.objects.filter(name=row["name"], year_from=row["year"]).first()
    if held is not None:
        Programme.objects.filter(pk=held.pk).update(uuid=row["uuid"])
        world.keys[Programme, row["uuid"]] = held.pk
        return
    yield Programme(
        uuid=row["uuid"],
        name=row.text("name"),
        territory=world.territory_or_none(row["province_at_the_time"]),
        year_from=row["year"],
        year_to=row["year_to"],
        legal_basis=row.text("legal_basis"),
    )


def projects(world: World, row: Row) -> Iterator[Project]:
    yield Project(
        uuid=row["uuid"],
        slug=row["slug"],
        programme_id=world.key_or_none(Programme, row["programme_id"]),
        territory=world.territory(row["province_at_the_time"]),
        implementing_unit_id=organisation_of(world, row, "implementing_unit"),
        is_public=True,
        is_illustrative=row["is_illustrative"],
        **{name: row[name] for name in (*FACTS, *MONEY)},
        **{name: row.text(name) for name in TEXTS},
    )


def unnamed_products(world: World, row: Row) -> Iterator[Product]:
    """One product without a name for each maker that was supported for one which the open data do not tell."""
    key = row["facility_id"]
    if not row["for_product"] or row["product_id"] or key is None or world.knows(Product, (key, "unnamed")):
        return
    world.keys[Product, (key, "unnamed")] = 0
    name, name_en = world.names[world.key(Facility, key)]
    words = _("Sản phẩm chưa công nhận")
    yield Product(
        slug=unique_slug(Product, f"{words} {key}"),
        name=words,
        group=ProductGroup.OTHER,
        group_certain=False,
        facility=Facility(pk=world.key(Facility, key), uuid=key, name=name, name_en=name_en),
        territory=world.territory(row["province_at_the_time"]),
    )


def key_of_unnamed(product: Product) -> tuple[Any, str]:
    return product.facility.uuid if product.facility else None, "unnamed"


def support(world: World, row: Row) -> Iterator[Beneficiary]:
    product = world.key_or_none(Product, row["product_id"])
    if product is None and row["for_product"] and row["facility_id"]:
        product = world.key(Product, (row["facility_id"], "unnamed"))
    yield Beneficiary(
        project_id=world.key(Project, row["project_id"]),
        kind=row["kind"],
        facility_id=world.key_or_none(Facility, row["facility_id"]),
        product_id=product,
        name=row.text("name"),
        people=row["people"],
        turns=row["turns"],
        extension_funds=row["extension_funds"],
        fair_revenue=row["fair_revenue"],
        note=row.text("note"),
    )
