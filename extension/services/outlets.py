"""Every write to showrooms, platforms and supermarkets, and to which products are there: checked, locked, audited.

All raise `Refusal` with a sentence: "not_allowed", "invalid", "illustrative_only", "elsewhere".
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from products.models import Product

from ..markets import fair_rules
from ..models import Listing, Outlet
from .checks import checked

LISTING_FACTS = frozenset({"since", "until", "url", "project", "note"})


@transaction.atomic
def save_outlet(*, outlet: Outlet, actor: Any) -> Outlet:
    """Add or change an outlet; who may is judged by the province it has and the one it had."""
    known = Outlet.objects.select_for_update(of=("self",)).filter(pk=outlet.pk).first()
    for one in (outlet, known or outlet):
        fair_rules.require_keeper(actor, one.territory_id)
    checked(outlet)
    outlet.save()
    _audit(actor, "outlet.save", _("Ghi điểm bán, trưng bày “%(name)s”.") % {"name": outlet.name}, outlet)
    return outlet


@transaction.atomic
def add_listing(*, outlet: Outlet, product: Product, actor: Any, **facts: Any) -> Listing:
    """A product of the province is now at the outlet."""
    held = _held(outlet, actor)
    row = Listing(outlet=held, product=product, **_known(facts))
    _right_product(held, product)
    checked(row)
    row.save()
    sentence = _("Ghi “%(what)s” có tại “%(name)s”.") % {"what": product.name, "name": held.name}
    _audit(actor, "outlet.listing_add", sentence, held, data={"product": product.pk})
    return row


@transaction.atomic
def change_listing(*, listing: Listing, actor: Any, **changes: Any) -> Listing:
    """Change since when, until when, where it is sold, by which project it came there."""
    held = _held(listing.outlet, actor)
    row = Listing.objects.select_for_update(of=("self",)).select_related("product").get(pk=listing.pk)
    changed = {name: value for name, value in _known(changes).items() if getattr(row, name) != value}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    checked(row)
    row.save()
    sentence = _("Sửa dòng của “%(what)s” tại “%(name)s”.") % {"what": row.product.name, "name": held.name}
    data = {name: str(value) for name, value in changed.items()}
    _audit(actor, "outlet.listing_change", sentence, held, data=data)
    return row


@transaction.atomic
def remove_listing(*, listing: Listing, actor: Any) -> None:
    """Take a row out that was entered by mistake; the audit chain keeps what it said."""
    held = _held(listing.outlet, actor)
    sentence = _("Bỏ “%(what)s” khỏi “%(name)s”.") % {"what": listing.product.name, "name": held.name}
    _audit(actor, "outlet.listing_remove", sentence, held, data={"product": listing.product_id})
    listing.delete()


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    unknown = set(facts) - LISTING_FACTS
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    return facts


def _held(outlet: Outlet, actor: Any) -> Outlet:
    held = Outlet.objects.select_for_update(of=("self",)).select_related("territory").get(pk=outlet.pk)
    fair_rules.require_keeper(actor, held.territory_id)
    return held


def _right_product(outlet: Outlet, product: Product) -> None:
    """Each province keeps what its own products reached; samples stay among samples."""
    if product.territory_id not in family_ids(outlet.territory_id):
        sentence = _("“%(what)s” là sản phẩm của tỉnh khác. Tỉnh đó ghi nơi bán của sản phẩm.") % {"what": product.name}
        raise Refusal("elsewhere", sentence, field="product")
    if outlet.is_illustrative and not product.is_illustrative:
        raise Refusal(
            "illustrative_only", _("Điểm bán minh họa chỉ ghi sản phẩm mẫu, không ghi sản phẩm thật."), field="product"
        )


def _audit(actor: Any, action: str, sentence: str, outlet: Outlet, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=outlet, territory=outlet.territory, **more)
