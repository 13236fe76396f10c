"""What the makers of the demo tell buyers, in both languages. Invented, so on samples only.

Barcodes begin with 200: numbers that GS1 leaves to a shop's own use, so that no real product carries them.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from products.enums import ChannelKind, PhotoAngle, SalesChannel, StandardKind
from products.models import DistributionChannel, Product, ProductPhoto, ProductStandard, SalesLink
from products.services import note_details, tell_of_product
from products.services.trade import FACTS, OWN_WORDS
from rounds.enums import DocumentKind

from .papers import title_of
from .stage import Stage
from .tables import table

_NUMBERS = {"shelf_life_days": int, "lead_time_days": int, "capacity": Decimal}
_VIEWS = (
    (DocumentKind.PHOTO_FRONT, PhotoAngle.FRONT),
    (DocumentKind.PHOTO_SIDE, PhotoAngle.SIDE),
    (DocumentKind.PHOTO_TOP, PhotoAngle.TOP),
)
ONLINE = "online"
SHOP_ADDRESS = "https://example.vn/gian-hang-mau"


def load(stage: Stage) -> None:
    """What was told before is kept."""
    for row in table("trade"):
        product = Product.objects.filter(is_illustrative=True, name=row["product"], trade=None).first()
        if product is not None:
            _tell(stage, product, row)
            stage.counts["trade_facts"] += 1


def _tell(stage: Stage, product: Product, row: dict[str, str]) -> None:
    facts = {name: _value(name, row[name]) for name in FACTS}
    words = {name: row[name] for name in OWN_WORDS if row[name]}
    told = stage.today - dt.timedelta(days=30)
    tell_of_product(product=product, actor=None, on=told, words=words, facts=facts)
    _standards(product, row, stage.today)
    _channels(product, row["channels"])
    if row["photos"] == "1":
        _photos(stage, product)
    note_details(product=product, actor=None, what=[str(ProductStandard._meta.verbose_name_plural)])


def _value(name: str, text: str) -> Any:
    if name == "export_ready":
        return text == "1"
    if name in _NUMBERS:
        return _NUMBERS[name](text) if text else None
    return text


def _standards(product: Product, row: dict[str, str], today: dt.date) -> None:
    """Each ends so many days from today, also before it: one that has run out is said as such."""
    if row["ocop_stars"]:
        ends = today + dt.timedelta(days=int(row["ocop_days"]))
        ProductStandard.objects.create(
            product=product,
            kind=StandardKind.OCOP,
            stars=int(row["ocop_stars"]),
            issued_year=ends.year - 3,
            expires_on=ends,
        )
    if row["food_safety_days"]:
        ends = today + dt.timedelta(days=int(row["food_safety_days"]))
        ProductStandard.objects.create(
            product=product, kind=StandardKind.FOOD_SAFETY, issued_year=ends.year - 3, expires_on=ends
        )


def _channels(product: Product, said: str) -> None:
    for kind, _colon, name in (one.partition(":") for one in said.split(";") if one):
        if kind == ONLINE:
            SalesLink.objects.create(product=product, channel=SalesChannel.OWN, url=SHOP_ADDRESS)
        else:
            DistributionChannel.objects.create(product=product, kind=ChannelKind(kind), name=name)


def _photos(stage: Stage, product: Product) -> None:
    """Patterns in place of photos, named as such; none in a trial run, which writes no file."""
    for position, (kind, angle) in enumerate(_VIEWS):
        file = stage.papers.of(product, kind)
        if file is not None:
            ProductPhoto.objects.create(
                product=product,
                file=file,
                angle=angle,
                caption=title_of(kind),
                caption_en="A pattern in place of a photo",
                is_public=True,
                position=position,
            )
