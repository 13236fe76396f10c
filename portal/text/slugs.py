"""Readable, unique addresses for names in Vietnamese."""

from django.db.models import Model

from .folding import fold

MAX_LENGTH = 120


def slugify(name: str) -> str:
    """ASCII slug of a Vietnamese name, cut at a word."""
    slug = fold(name).replace(" ", "-")
    if len(slug) > MAX_LENGTH:
        slug = slug[: MAX_LENGTH + 1].rsplit("-", 1)[0]
    return slug or "khong-ten"


def unique_slug(model: type[Model], name: str) -> str:
    """A slug no row of `model` holds yet: the name's own, else with the first free number. One query.

    Words in the model's `RESERVED_SLUGS` are addresses of other pages.
    """
    base = slugify(name)
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= getattr(model, "RESERVED_SLUGS", frozenset())
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
