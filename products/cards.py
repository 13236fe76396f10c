"""Products as cards: each with the recognition that tells most, and a picture or its pattern."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from portal.files.thumbnails import Picture, picture_at
from portal.territory.queries import name_on
from portal.text.templatetags.look import LEVEL_IN_WORDS

from .enums import LEVEL_RANK, Level, PhotoAngle, Status
from .models import Product, ProductPhoto, Recognition, RecognitionQuerySet
from .ready import Ready
from .withholding import is_withheld

IN_FORCE = frozenset({Status.VALID, Status.EXPIRING})
_ANGLES = [PhotoAngle.FRONT, PhotoAngle.SIDE, PhotoAngle.TOP, PhotoAngle.OTHER]


@dataclass(frozen=True)
class Card:
    """What `templates/_card.html` shows of one product."""

    pk: int
    url: str
    name: str
    group: str
    group_label: str
    maker: str
    place: str
    picture: Picture | None
    key: str
    level: str
    level_label: str
    year: int
    status: str
    expires_on: dt.date | None
    precision: str
    days_left: int | None
    since: dt.date | None
    name_lang: str = ""
    maker_lang: str = ""


@dataclass(frozen=True)
class Standing:
    """A recognition as it stands on a day."""

    row: Recognition
    status: str
    days_left: int | None
    since: dt.date | None

    @property
    def in_force(self) -> bool:
        return self.status in IN_FORCE

    @property
    def level_words(self) -> str:
        return str(LEVEL_IN_WORDS[self.row.level])

    @property
    def is_estimate(self) -> bool:
        """Whether the end follows a rule whose text was not found and nobody has compared it with the paper."""
        rule = self.row.validity_rule
        return bool(rule and not rule.is_certain and not self.row.validity_confirmed)


def standing(row: Recognition, *, on: dt.date, expiring_days: int, superseded: bool = False) -> Standing:
    status = Status(row.status(on=on, expiring_days=expiring_days))
    if superseded and status not in {Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED}:
        status = Status.SUPERSEDED
    since = {
        Status.REVOKED: row.revoked_on,
        Status.WITHDRAWN: row.withdrawn_on,
        Status.SUSPENDED: row.suspended_from,
    }.get(status)
    days = (row.expires_on - on).days if status == Status.EXPIRING and row.expires_on else None
    return Standing(row=row, status=status.value, days_left=days, since=since)


def telling_first(standings: Iterable[Standing]) -> list[Standing]:
    """In force first, then the highest level, then the newest."""
    return sorted(
        standings,
        key=lambda s: (not s.in_force, -LEVEL_RANK[Level(s.row.level)], -s.row.year, -s.row.round_ordinal, -s.row.pk),
    )


def place_then(row: Recognition) -> str:
    """The province's name on the day of recognition; a unit that had ended by then keeps its last name."""
    return name_on(row.territory, row.issued_on or dt.date(row.year, 12, 31))


def cards_of(
    product_ids: Sequence[int], rows: RecognitionQuerySet | None = None, *, on: dt.date, expiring_days: int
) -> list[Card]:
    """Cards in the given order, each with the most telling of `rows`, else of all that are published.

    Three queries, whatever the number.
    """
    ids = list(product_ids)
    products = {product.pk: product for product in _PRODUCTS(ids)}
    found = _PUBLISHED(ids) if rows is None else rows.filter(product__in=ids).select_related("territory")
    shown = (row for row in found if not is_withheld(row, maker=products[row.product_id].facility, on=on))
    best = _best(shown, on=on, expiring_days=expiring_days)
    pictures = _pictures(ids)
    return [_card(products[pk], best[pk], pictures.get(pk)) for pk in ids if pk in products and pk in best]


_PRODUCTS = Ready(lambda ids: Product.objects.order_by().filter(pk__in=ids).select_related("facility"))
_PUBLISHED = Ready(lambda ids: Recognition.objects.published().filter(product__in=ids).select_related("territory"))
_PHOTOS = Ready(
    lambda ids: (
        ProductPhoto.objects.filter(product__in=ids, is_public=True).select_related("file").order_by("position", "pk")
    )
)


def _best(rows: Iterable[Recognition], *, on: dt.date, expiring_days: int) -> dict[int, Standing]:
    ordered = telling_first(standing(row, on=on, expiring_days=expiring_days) for row in rows)
    best: dict[int, Standing] = {}
    for found in ordered:
        best.setdefault(found.row.product_id, found)
    return best


def _pictures(product_ids: list[int]) -> dict[int, Picture]:
    first: dict[int, Picture] = {}
    for photo in sorted(_PHOTOS(product_ids), key=lambda photo: _ANGLES.index(PhotoAngle(photo.angle))):
        first.setdefault(photo.product_id, picture_at(reverse("photo", args=[photo.pk]), photo.file))
    return first


def _card(product: Product, best: Standing, picture: Picture | None) -> Card:
    return Card(
        pk=product.pk,
        url=reverse("product", args=[product.slug]),
        name=product.display_name,
        group=product.group,
        group_label=product.group_short,
        maker=facility_name(product.facility),
        place=place_then(best.row),
        picture=picture,
        key=str(product.uuid),
        level=best.row.level,
        level_label=best.level_words,
        year=best.row.year,
        status=best.status,
        expires_on=best.row.expires_on,
        precision=best.row.expiry_precision,
        days_left=best.days_left,
        since=best.since,
        name_lang=_spoken(product.name_en),
        maker_lang=_spoken(product.facility.name_en) if product.facility else "",
    )


def _spoken(in_english: str) -> str:
    """The language to read a name in where that is not the page's: Vietnamese on an English page without an English name."""
    return "vi" if get_language() == "en" and not in_english else ""


def facility_name(facility: Any) -> str:
    """The maker in the reader's language; empty when not known."""
    if facility is None:
        return ""
    return str(facility.name_en if get_language() == "en" and facility.name_en else facility.name)
