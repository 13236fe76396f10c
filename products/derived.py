"""Columns of a product that are made of others' names, kept current when those names change."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save

from facilities.models import Facility

from .models import Product, SetMember
from .models.product import search_text_of
from .searching import extra_of

CHUNK = 500


def watch() -> None:
    """A product is found by its facility's name and its members', so a new name reaches its search text at once."""
    post_save.connect(_facility_saved, sender=Facility, dispatch_uid="products-search-text")
    for signal in (post_save, post_delete):
        signal.connect(_member_changed, sender=SetMember, dispatch_uid="products-search-extra")


def _facility_saved(sender: Any, instance: Facility, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if not (created or raw):
        refresh(Product.objects.filter(facility=instance))


def _member_changed(sender: Any, instance: SetMember, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        refresh(Product.objects.filter(pk=instance.product_set_id), with_members=True)


def refresh(products: QuerySet[Product], *, with_members: bool = False) -> None:
    """Bring the search texts of some products up to date. One query, or two with members, and one to write."""
    longest = Product._meta.get_field("search_text").max_length
    stale = []
    for product in products.select_related("facility", "territory"):
        before = product.search_extra, product.search_text
        if with_members:
            product.search_extra = extra_of(product.name, _names_of_members(product))
        product.search_text = search_text_of(product)[:longest]
        if before != (product.search_extra, product.search_text):
            stale.append(product)
    Product.objects.bulk_update(stale, ["search_extra", "search_text"], batch_size=CHUNK)


def _names_of_members(product: Product) -> Iterable[str]:
    for names in product.members.values_list("name", "name_en"):
        yield from names
