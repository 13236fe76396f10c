"""Who and what a new dossier is for: the facility meant, its products, and the likeness of a new one to known ones."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from facilities import taxcode
from facilities.models import Facility
from portal.territory.models import Commune, Territory
from portal.territory.queries import family_ids, region_ids
from portal.text.filters import search_words
from portal.text.folding import fold
from products.enums import Level
from products.models import Product

from .models import Dossier, Round

SHOWN = 8
CODE_BEGINS = 4  # from so many digits on, what is typed is read as a tax code


def places(round_: Round) -> frozenset[int] | None:
    """The provinces whose facilities may enter; None is the whole country."""
    if round_.level == Level.NATIONAL:
        return None
    return region_ids(round_.region) if round_.level == Level.REGION else family_ids(round_.territory_id or 0)


def facilities_within(user: Any, round_: Round) -> "QuerySet[Facility]":
    """Facilities that may enter the round and that the person reaches."""
    found = Facility.objects.visible_to(user).filter(merged_into__isnull=True).select_related("territory", "commune")
    inside = places(round_)
    return found if inside is None else found.filter(territory__in=inside)


def find_facilities(user: Any, round_: Round, words: str) -> list[Facility]:
    """The first facilities by name, or by tax code when digits are typed. One query, none without words."""
    code = taxcode.normalise(words)
    if code[:CODE_BEGINS].isdigit() and len(code) >= CODE_BEGINS:
        return list(facilities_within(user, round_).filter(tax_code__startswith=code)[:SHOWN])
    wanted = search_words(words)
    if not wanted:
        return []
    rows = facilities_within(user, round_)
    for word in wanted:
        rows = rows.filter(folded__contains=word)
    return list(rows[:SHOWN])


def facility_twins(user: Any, round_: Round, *, name: str, tax_code: str) -> list[Facility]:
    """Facilities that a new one may already be: the same tax code, or the same name but for its marks. One query."""
    code, folded = taxcode.normalise(tax_code), fold(name)
    alike = Q(folded=folded) if folded else Q()
    if code:
        alike |= Q(tax_code=code)
    return list(facilities_within(user, round_).filter(alike)[:SHOWN]) if alike else []


@dataclass(frozen=True)
class ProductChoice:
    """A product of the facility, and the dossier it already has in the round."""

    product: Product
    dossier: Dossier | None


def products_of(facility: Facility, round_: Round) -> list[ProductChoice]:
    """The facility's products in the order of their names. Two queries."""
    entered = {found.product_id: found for found in Dossier.objects.filter(round=round_, product__facility=facility)}
    rows = Product.objects.filter(facility=facility, merged_into__isnull=True).order_by("sort_key", "pk")
    return [ProductChoice(product, entered.get(product.pk)) for product in rows]


def product_twins(user: Any, round_: Round, name: str) -> list[Product]:
    """Products within the round's provinces whose name is the same but for its marks. One query."""
    folded = fold(name)
    if not folded:
        return []
    rows = Product.objects.visible_to(user).filter(merged_into__isnull=True, search_text__startswith=folded)
    inside = places(round_)
    if inside is not None:
        rows = rows.filter(territory__in=inside)
    return [product for product in rows.select_related("facility")[: SHOWN * 4] if fold(product.name) == folded][:SHOWN]


def provinces_to_enter(round_: Round) -> "QuerySet[Territory]":
    """Provinces of today that a new facility may belong to."""
    today = Territory.objects.filter(valid_to__isnull=True).order_by("sort_key")
    inside = places(round_)
    return today if inside is None else today.filter(pk__in=inside)


def communes_to_enter(round_: Round) -> "QuerySet[Commune]":
    """Communes of today in the round's province; none where the round has no province of its own."""
    inside = family_ids(round_.territory_id) if round_.territory_id else frozenset()
    return Commune.objects.filter(territory__in=inside, valid_to__isnull=True).order_by("folded", "pk")
