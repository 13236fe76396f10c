"""50,000 products with recognitions over the real provinces, from a fixed seed."""

import datetime as dt
import random

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from facilities.models import Facility
from portal.territory.models import Territory
from products.codes import generate
from products.enums import Level, ProductGroup
from products.models import Certificate, Product, Recognition

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
    from products import register

    with transaction.atomic():
        register.touch()
