"""Products with recognitions over the real provinces, from a fixed seed; large registers are copies of a small one."""

import datetime as dt
import random
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from facilities.models import Facility
from portal.territory.models import Territory
from products import register
from products.codes import generate
from products.enums import Level, ProductGroup
from products.models import (
    Certificate,
    DistributionChannel,
    Product,
    ProductStandard,
    Recognition,
    SalesLink,
    TradeFacts,
)

NOUNS = ["Chè", "Miến dong", "Mật ong", "Bánh đa", "Nước mắm", "Lồng bàn", "Chiếu cói", "Máy sấy", "Gạch", "Rượu nếp"]
ADJECTIVES = ["đặc sản", "tôm nõn", "hữu cơ", "truyền thống", "sấy thăng hoa", "đan tay", "mạ kẽm", "túi lọc"]
PLACES = ["Tân Cương", "Bình Liêu", "Phú Vinh", "Mỹ Lâm", "Hạ Hòa", "Cầu Kè", "Tam Đảo", "Gò Công", "Sa Đéc"]
GROUPS = [ProductGroup.HANDICRAFT, *[ProductGroup.PROCESSING] * 6, ProductGroup.MACHINERY, ProductGroup.OTHER]
LEVELS = [*[Level.PROVINCE] * 6, Level.DISTRICT, Level.REGION, Level.NATIONAL]
BATCH = 5000


def fill(products: int) -> None:
    """Reference data and `products` published products of a tenth as many facilities."""
    call_command("load_reference", "--apply", verbosity=0)
    dice = random.Random(20261121)
    former = list(Territory.objects.filter(valid_from__lt=dt.date(2025, 1, 1)))
    facilities = Facility.objects.bulk_create(
        [
            Facility(
                name=f"Hợp tác xã {dice.choice(PLACES)} {n}", slug=f"hop-tac-xa-{n}", territory=dice.choice(former)
            )
            for n in range(products // 10)
        ],
        batch_size=BATCH,
    )
    made = Product.objects.bulk_create([_product(n, dice, facilities) for n in range(products)], batch_size=BATCH)
    recognitions = Recognition.objects.bulk_create(
        [_recognition(product, dice, extra) for product in made for extra in range(1 + (dice.random() < 0.2))],
        batch_size=BATCH,
    )
    Certificate.objects.bulk_create(
        [Certificate(recognition=r, code=generate(r.level)) for r in recognitions],
        batch_size=BATCH,
    )


def _product(number: int, dice: random.Random, facilities: list[Facility]) -> Product:
    facility = dice.choice(facilities)
    name = f"{dice.choice(NOUNS)} {dice.choice(ADJECTIVES)} {dice.choice(PLACES)} {number}"
    return Product(
        name=name,
        slug=f"san-pham-{number}",
        group=dice.choice(GROUPS),
        facility=facility,
        territory=facility.territory,
    )


def _recognition(product: Product, dice: random.Random, extra: int) -> Recognition:
    year = dice.randrange(2016, 2025) + extra
    return Recognition(
        product=product,
        level=dice.choice(LEVELS),
        year=year,
        round_ordinal=extra,
        territory=product.territory,
        expires_on=dt.date(year + 3, 12, 31),
        expiry_precision="year",
        published_at=timezone.now(),
    )


def touch_register() -> None:
    """Bulk writes do not move the register's mark; without one nothing is kept in the cache."""
    register.touch(everything=True)


# --- large registers ----------------------------------------------------------------------------------


BASE = 5_000


def grow(products: int) -> None:
    """That many products: the first few made with care, the others copied from them by the database itself."""
    if not Product.objects.exists():
        fill(min(products, BASE))
        _trade()
    had = Product.objects.count()
    first, last = had // BASE, products // BASE - 1
    with connection.cursor() as cursor:
        # The index of trigrams is made faster at once than row by row.
        cursor.execute("DROP INDEX product_search_trigram")
        if last >= first:
            _copy(cursor, first, last)
        cursor.execute("CREATE INDEX product_search_trigram ON products_product USING gin (search_text gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself within minutes
    touch_register()


def _trade() -> None:
    """Stars, shops and readiness to export for some of the products."""
    made = list(Product.objects.order_by("pk"))
    ProductStandard.objects.bulk_create(
        ProductStandard(product=one, kind="ocop", stars=3 + one.pk % 3, issued_year=2022 + one.pk % 5)
        for one in made[::4]
    )
    DistributionChannel.objects.bulk_create(
        DistributionChannel(product=one, kind=("supermarket", "shop", "market")[one.pk % 3], name="Quầy")
        for one in made[::3]
    )
    SalesLink.objects.bulk_create(
        SalesLink(product=one, channel="voso", url=f"https://ban.example.vn/{one.pk}") for one in made[::5]
    )
    TradeFacts.objects.bulk_create(
        TradeFacts(product=one, export_ready=one.pk % 3 == 0, declared_on=dt.date(2026, 1, 1)) for one in made[::6]
    )


def _copy(cursor: Any, first: int, last: int) -> None:
    """Copies `first` to `last` of the base, every row with its neighbours: keys move on by a whole step for each copy."""
    tables = (Facility, Product, Recognition, Certificate, ProductStandard, DistributionChannel, SalesLink, TradeFacts)
    for model in tables:
        table = model._meta.db_table
        cursor.execute(f"SELECT min(id), max(id) FROM {table} WHERE id < %s", [STEP])
        names = [field.column for field in model._meta.concrete_fields]
        values = ", ".join(_MOVED.get(name, f'b."{name}"') for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table} b"
            f" CROSS JOIN generate_series({first}, {last}) AS n WHERE b.id < {STEP}"
        )


STEP = 10_000
_MOVED = {
    "id": f"b.id + n * {STEP}::bigint",
    "facility_id": f"b.facility_id + n * {STEP}::bigint",
    "product_id": f"b.product_id + n * {STEP}::bigint",
    "recognition_id": f"b.recognition_id + n * {STEP}::bigint",
    "uuid": "gen_random_uuid()",
    "slug": "b.slug || '-' || n",
    "name": "b.name || ' ' || n",
    "name_key": "b.name_key || ' ' || n",
    "folded": "b.folded || ' ' || n",
    "search_text": "b.search_text || ' ' || n",
    "sort_key": "left(b.sort_key || '00' || lpad(n::text, 6, '6'), 240)",
    "code": "left(b.code, 1) || lpad(n::text, 3, '0') || right(b.code, 8)",
}
