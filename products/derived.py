"""Columns of a product that are made of others' names, kept current when those names change."""

from typing import Any

from django.db.models.signals import post_save

from facilities.models import Facility

from .models import Product
from .models.product import search_text_of

CHUNK = 500


def watch() -> None:
    """A product is found by its facility's name, so a new name reaches its search text at once."""
    post_save.connect(_facility_saved, sender=Facility, dispatch_uid="products-search-text")


def _facility_saved(sender: Any, instance: Facility, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if created or raw:
        return
    stale = []
    for product in Product.objects.filter(facility=instance).select_related("facility", "territory"):
        text = search_text_of(product)[: Product._meta.get_field("search_text").max_length]
        if product.search_text != text:
            product.search_text = text
            stale.append(product)
    Product.objects.bulk_update(stale, ["search_text"], batch_size=CHUNK)
