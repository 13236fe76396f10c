"""The register in memory says what the database says, however it came to its present state."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from django.db.models import Count, Q

from portal.territory.models import Territory
from products import columns, register
from products.catalogue import Clock
from products.column_reads import Row
from products.enums import Level, ProductGroup, Stage, Status
from products.models import Product, ProductStandard, Recognition, RegisterChange, ValidityRule
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, TerritoryFactory

ON = dt.date(2026, 11, 21)
CLOCK = Clock(ON, 90)
DAYS = [None, *(ON + dt.timedelta(days=shift) for shift in (-400, -1, 0, 1, 90, 91))]


def filled(dice: random.Random, number: int = 25) -> list[Territory]:
    units = [TerritoryFactory(name=name) for name in ("Thái Nguyên", "Cao Bằng", "Lào Cai")]
    facilities = [FacilityFactory(territory=unit) for unit in units]
    for _one in range(number):
        entered(dice, units, dice.choice([None, *facilities]))
    return units


def entered(dice: random.Random, units: list[Territory], facility: Any = None) -> Product:
    product = ProductFactory(
        name=f"{dice.choice('ABCĐÊ')}{dice.randrange(10**6)}",
        facility=facility,
        territory=facility.territory if facility else dice.choice(units),
        group=dice.choice(ProductGroup.values),
        is_set=dice.random() < 0.3,
    )
    for ordinal in range(dice.choice([0, 1, 1, 2, 3])):
        recognised(dice, product, dice.choice(units), ordinal)
    return product


def recognised(dice: random.Random, product: Product, unit: Territory, ordinal: int) -> Recognition:
    begun = dice.choice(DAYS)
    ended = {"revoked_on": dice.choice(DAYS), "withdrawn_on": dice.choice(DAYS), "suspended_from": begun}
    return RecognitionFactory(
        product=product, territory=unit, level=dice.choice(Level.values), year=dice.randrange(2022, 2026),
        round_ordinal=ordinal, issued_on=None, expires_on=dice.choice(DAYS[1:]), status_reason="Vi phạm",
        suspended_to=begun and dice.choice([None, begun, begun + dt.timedelta(days=1)]),
        **dice.choice([{}, ended, {"published_at": None}]),
    )  # fmt: skip


def same(one: columns.Shelf, other: columns.Shelf) -> bool:
    """The same products in the same order, and the same recognitions in any."""
    return (
        np.array_equal(one.keys, other.keys)
        and np.array_equal(one.items, other.items)
        and sorted(one.rows.T.tolist()) == sorted(other.rows.T.tolist())
    )


# --- what it says -----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_a_status_of_any_day_is_the_databases(seed):
    filled(random.Random(seed))
    shelf = columns.shelf()
    for on in DAYS[1:]:
        for status in Status:
            found = shelf.row(Row.UNIT)[shelf.with_status([status], Clock(on, 90))]
            asked = Recognition.objects.published().with_status(status, on=on, expiring_days=90)
            assert sorted(found.tolist()) == sorted(asked.values_list("territory_id", flat=True)), (on, status)


@pytest.mark.django_db
def test_numbers_are_those_the_database_counts():
    units = filled(random.Random(7), 40)
    counts = {
        "recognitions": Count("pk"),
        "singles": Count("pk", filter=Q(product__is_set=False)),
        "sets": Count("pk", filter=Q(product__is_set=True)),
        "products": Count("product", distinct=True),
        "facilities": Count("product__facility", distinct=True),
    }
    shelf = columns.shelf()
    mask = shelf.mask(CLOCK, levels=("province", "national"), year_from=2023, units=[units[0].pk, units[1].pk])
    rows = Recognition.objects.published().order_by().filter(
        level__in=["province", "national"], year__gte=2023, territory__in=units[:2]
    )  # fmt: skip
    assert shelf.total(mask) == columns.Numbers(**rows.aggregate(**counts))
    for by, path in {"level": "level", "group": "product__group", "year": "year", "unit": "territory_id"}.items():
        told = {row.pop(path): columns.Numbers(**row) for row in rows.values(path).annotate(**counts)}
        assert shelf.count(by, mask, CLOCK) == told, by
    pairs = rows.values_list("territory_id", "level").annotate(number=Count("pk"))
    assert shelf.cross(("unit", "level"), mask) == {(unit, level): number for unit, level, number in pairs}


@pytest.mark.django_db
def test_an_empty_register_counts_nothing():
    shelf = columns.shelf()
    assert shelf.total() == shelf.total(shelf.mask(CLOCK, levels=("national",))) == columns.Numbers()
    assert shelf.count("level", shelf.mask(CLOCK)) == shelf.products_by("unit", None) == {}


# --- how it keeps up ----------------------------------------------------------------------------------------


def renamed(dice: random.Random) -> None:
    product = dice.choice(list(Product.objects.all()))
    product.name = f"{dice.choice('ABCĐÊ')}{dice.randrange(10**6)}"
    product.save()


def published_or_not(dice: random.Random) -> None:
    row = dice.choice(list(Recognition.objects.filter(stage=Stage.RECOGNISED)))
    row.published_at = None if row.published_at else row.created_at
    row.save()


def ended(dice: random.Random) -> None:
    row = dice.choice(list(Recognition.objects.all()))
    row.revoked_on, row.status_reason = dice.choice(DAYS), "Vi phạm"
    row.save()


def starred(dice: random.Random) -> None:
    ProductStandard.objects.create(product=dice.choice(list(Product.objects.all())), kind="ocop", stars=4)


def bought(dice: random.Random) -> None:
    facility = FacilityFactory(territory=Territory.objects.order_by("?").first(), kind="cooperative")
    product = dice.choice(list(Product.objects.all()))
    product.facility = facility
    product.save()


def many(dice: random.Random) -> None:
    with transaction.atomic():
        for _one in range(6):
            entered(dice, list(Territory.objects.all()))


def ruled(dice: random.Random) -> None:
    ValidityRule.objects.create(
        code=f"r{dice.randrange(10**6)}", legal_basis="Mẫu", years=3, to_end_of_year=False, valid_from=ON
    )


CHANGES: list[Callable[[random.Random], None]] = [renamed, published_or_not, ended, starred, bought, many, ruled]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(2))
def test_brought_up_to_date_step_by_step_it_is_as_if_read_whole(seed):
    dice = random.Random(seed)
    filled(dice, 12)
    for change in [dice.choice(CHANGES) for _step in range(15)] + CHANGES:
        before = columns.shelf()
        change(dice)
        after = columns.shelf()
        columns.forget()
        assert same(after, columns.shelf()), change.__name__
        columns._held = after if dice.random() < 0.8 else before


@pytest.mark.django_db(transaction=True)
def test_one_change_is_read_by_itself_and_no_change_costs_one_query(django_assert_num_queries, monkeypatch):
    filled(random.Random(1), 8)
    held = columns.shelf()
    with django_assert_num_queries(1):
        assert columns.shelf() is held
    asked: list[Any] = []
    read = columns.column_reads.read
    monkeypatch.setattr(columns.column_reads, "read", lambda products=None: asked.append(products) or read(products))
    product = Product.objects.public().first()
    product.is_set = not product.is_set
    product.save()
    assert columns.shelf() is not held
    assert asked == [[product.pk]]


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_is_seen_by_nobody_else():
    filled(random.Random(2), 4)
    held = columns.shelf()
    with transaction.atomic():
        Product.objects.public().first().save()
        Recognition.objects.update(published_at=None)
        assert not len(columns.shelf().keys)
        transaction.set_rollback(True)
    assert columns.shelf() is held


@pytest.mark.django_db(transaction=True)
def test_a_feed_that_does_not_lead_on_is_not_followed():
    filled(random.Random(3), 6)
    columns.shelf()
    product = Product.objects.public().first()
    Recognition.objects.filter(product=product).update(published_at=None)  # told to nobody
    held = columns._held
    assert held is not None
    RegisterChange.objects.filter(number=held.number).update(at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    with transaction.atomic():
        register.touch()
        register.touch([Product.objects.public().last().pk])
    assert product.pk not in columns.shelf().keys
