"""What old lists left out of a product: flagged for completion, never guessed."""

import re

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from portal.text.folding import normalise

from .models import Product, ProductQuerySet, SetMember

_NAMED_LIST = re.compile(r"^bộ(?: \d+)? sản phẩm\b[^:]*:(?P<members>.+)$", re.IGNORECASE)
MIN_MEMBERS = 2


def incomplete_products(products: ProductQuerySet) -> ProductQuerySet:
    """The products that still lack a fact: maker, members of a set, a group or a kind that was checked."""
    without_members = Q(is_set=True) & ~Exists(SetMember.objects.filter(product_set=OuterRef("pk")))
    return products.standing().filter(
        Q(facility=None) | without_members | Q(group_certain=False) | Q(set_certain=False)
    )


def gaps_of(product: Product) -> list[str]:
    """What is missing, one short sentence each. Reads the prefetched members when there are any."""
    gaps = []
    if product.facility_id is None:
        gaps.append(_("Chưa rõ cơ sở."))
    if product.is_set and not product.members.all():
        gaps.append(_("Bộ sản phẩm chưa có thành phần."))
    if not product.group_certain:
        gaps.append(_("Nhóm chưa được đối chiếu với quyết định."))
    if not product.set_certain:
        gaps.append(_("Chưa rõ là sản phẩm đơn hay bộ."))
    return gaps


def proposed_members(name: str) -> list[str]:
    """Members that a set's own name lists after a colon, to be confirmed by a person.

    "Bộ sản phẩm: Bánh canh gạo, bánh phở" gives both; a name without an explicit list gives none.
    """
    found = _NAMED_LIST.match(normalise(name))
    if not found:
        return []
    members = [normalise(part) for part in re.split(r"[,;]", found["members"])]
    members = [member for member in members if member]
    return members if len(members) >= MIN_MEMBERS else []
