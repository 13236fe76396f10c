"""Products of the open data with what belongs to them."""

from collections.abc import Iterator

from facilities.models import Facility
from products.derived import refresh
from products.models import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductStandard,
    SalesLink,
    SetMember,
    TradeFacts,
)

from ..checking import Row
from .world import AT_ONCE, World

TRADE = (
    "gtin", "pack", "pack_en", "storage", "storage_en", "capacity_unit", "capacity_period", "minimum_order",
    "export_markets", "hs_code",
)  # fmt: skip


def products(world: World, row: Row) -> Iterator[Product]:
    world.photos += len(row["images"] or [])
    yield Product(
        uuid=row["uuid"],
        slug=row["slug"],
        name=row.text("name"),
        name_en=row.text("name_en"),
        summary=row.text("summary"),
        summary_en=row.text("summary_en"),
        story=row.text("story"),
        story_en=row.text("story_en"),
        group=row["group"],
        group_certain=row["group_certain"],
        is_set=bool(row["is_set"]),
        set_certain=row["is_set"] is not None,
        facility=_maker(world, row),
        territory=world.territory(row["province_at_the_time"]),
        materials=row.text("materials"),
        traceability_code=row.text("traceability_code"),
        first_made_year=row["first_made_year"],
        is_illustrative=row["is_illustrative"],
    )


def _maker(world: World, row: Row) -> Facility | None:
    """The maker with the names by which its products are found."""
    pk = world.key_or_none(Facility, row["facility_id"])
    if pk is None:
        return None
    name, name_en = world.names[pk]
    return Facility(pk=pk, name=name, name_en=name_en)


def trade(world: World, row: Row) -> Iterator[TradeFacts]:
    """What the maker declared to buyers, where it declared anything."""
    if row["trade_declared_on"] is None:
        return
    yield TradeFacts(
        product_id=world.key(Product, row["uuid"]),
        shelf_life_days=row["shelf_life_days"],
        capacity=row["capacity"],
        lead_time_days=row["lead_time_days"],
        export_ready=bool(row["export_ready"]),
        declared_on=row["trade_declared_on"],
        **{name: row.text(name) for name in TRADE},
    )


def set_members(world: World, row: Row) -> Iterator[SetMember]:
    yield SetMember(
        product_set_id=world.key(Product, row["product_id"]),
        name=row.text("name"),
        name_en=row.text("name_en"),
        position=row["position"],
        product_id=world.key_or_none(Product, row["member_id"]),
    )


def standards(world: World, row: Row) -> Iterator[ProductStandard]:
    yield ProductStandard(
        product_id=world.key(Product, row["product_id"]),
        kind=row["kind"],
        name=row.text("name"),
        stars=row["stars"],
        issued_year=row["issued_year"],
        expires_on=row["expires_on"],
        source=row.text("source"),
    )


def properties(world: World, row: Row) -> Iterator[IntellectualProperty]:
    yield IntellectualProperty(
        product_id=world.key(Product, row["product_id"]),
        kind=row["kind"],
        name=row.text("name"),
        expires_on=row["expires_on"],
    )


def shops(world: World, row: Row) -> Iterator[DistributionChannel]:
    yield DistributionChannel(
        product_id=world.key(Product, row["product_id"]),
        kind=row["kind"],
        name=row.text("name"),
        source=row.text("source"),
    )


def sales_links(world: World, row: Row) -> Iterator[SalesLink]:
    yield SalesLink(product_id=world.key(Product, row["product_id"]), channel=row["channel"], url=row.text("address"))


def found_by_members() -> None:
    """Let sets be found by the names of what is in them."""
    sets = list(Product.objects.filter(is_set=True).values_list("pk", flat=True))
    for start in range(0, len(sets), AT_ONCE):
        refresh(Product.objects.filter(pk__in=sets[start : start + AT_ONCE]), with_members=True)
