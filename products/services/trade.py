"""What a maker tells buyers of a product, and its words in both languages."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from ..models import Product, TradeFacts
from .products import update_product

# What a maker may change of its product without an officer: words only, never what identifies it.
OWN_WORDS = ("summary", "story", "name_en", "summary_en", "story_en")
FACTS = (
    "gtin", "pack", "pack_en", "shelf_life_days", "storage", "storage_en", "capacity", "capacity_unit",
    "capacity_period", "minimum_order", "lead_time_days", "export_ready", "export_markets", "hs_code",
)  # fmt: skip


@transaction.atomic
def declare_trade_facts(*, product: Product, actor: Any, on: dt.date, **facts: Any) -> TradeFacts | None:
    """Write what the maker declares on a day; None, and nothing written, while nothing has ever been said.

    The same facts again confirm them: only the day changes. Raises Refusal `gtin_taken`, `trade_facts_wrong`
    with the field, and TypeError for a fact that is none.
    """
    if unknown := facts.keys() - set(FACTS):
        raise TypeError(f"Not a fact for buyers: {', '.join(sorted(unknown))}.")
    Product.objects.select_for_update().get(pk=product.pk)
    row = TradeFacts.objects.filter(product=product).first() or TradeFacts(product=product)
    before = {name: getattr(row, name) for name in FACTS}
    for name, value in facts.items():
        setattr(row, name, value)
    changed = [name for name in FACTS if getattr(row, name) != before[name]]
    if not changed and (row.pk is None or row.declared_on == on):
        return row if row.pk else None
    row.declared_on, row.declared_by = on, actor
    _refuse_wrong(row)
    _save(row)
    _record(row, changed, actor)
    return row


@transaction.atomic
def tell_of_product(*, product: Product, actor: Any, on: dt.date, words: dict[str, Any], facts: dict[str, Any]) -> None:
    """The maker's whole page: its words and its facts, both or neither. Raises Refusal like `declare_trade_facts`."""
    if unknown := words.keys() - set(OWN_WORDS):
        raise TypeError(f"Not the maker's to change: {', '.join(sorted(unknown))}.")
    current = Product.objects.select_for_update().get(pk=product.pk)
    changed = [name for name, value in words.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, words[name])
    update_product(product=current, actor=actor, changed=changed)
    declare_trade_facts(product=current, actor=actor, on=on, **facts)


def _refuse_wrong(row: TradeFacts) -> None:
    taken = TradeFacts.objects.filter(gtin=row.gtin).exclude(pk=row.pk) if row.gtin else TradeFacts.objects.none()
    if taken.exists():
        raise gtin_taken()
    try:
        row.full_clean(exclude=["product", "declared_by"])
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Refusal("trade_facts_wrong", sentences[0], field=None if field == "__all__" else field) from None


def _save(row: TradeFacts) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Another maker declared the same number between the look and the write.
        raise gtin_taken() from None


def gtin_taken() -> Refusal:
    return Refusal(
        "gtin_taken",
        _("Mã GTIN này đã khai cho một sản phẩm khác. Hãy xem lại mã dưới mã vạch."),
        field="gtin",
    )


def _record(row: TradeFacts, changed: list[str], actor: Any) -> None:
    labels = [str(field.verbose_name) for field in TradeFacts._meta.fields if field.name in changed]
    words = (
        _("Khai %(facts)s của sản phẩm “%(name)s” cho người mua.") % {"facts": ", ".join(labels), "name": row.product}
        if changed
        else _("Xác nhận thông tin cho người mua của sản phẩm “%(name)s” vẫn đúng.") % {"name": row.product}
    )
    record(
        actor=actor,
        action="product.declare_trade",
        sentence=words,
        subject=row.product,
        territory=row.product.territory,
    )
