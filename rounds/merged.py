"""Two entries of a product or a facility that become one, or two again, take turns with whoever works on their rounds."""

from collections.abc import Iterable
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _

from facilities.merging import facilities_joining, products_joining
from portal.text.errors import Refusal

from .models import Round


def connect() -> None:
    facilities_joining.connect(_facilities, dispatch_uid="rounds-of-joining-facilities")
    products_joining.connect(_products, dispatch_uid="rounds-of-joining-products")


def _facilities(facility_ids: Iterable[int], *, waits: bool, **_kwargs: Any) -> None:
    _hold(waits, dossiers__product__facility__in=list(facility_ids))


def _products(product_ids: Iterable[int], *, waits: bool, **_kwargs: Any) -> None:
    _hold(waits, dossiers__product__in=list(product_ids))


def _hold(waits: bool, **named: Any) -> None:
    """Every service holds the round before dossiers and products, and a dossier or product that moves asks for it.

    Raises Refusal("busy") when one may not be waited for any more.
    """
    keys = set(Round.objects.filter(**named).values_list("pk", flat=True))
    held = Round.objects.select_for_update(of=("self",), no_key=True, nowait=not waits)
    try:
        list(held.filter(pk__in=keys).order_by("pk"))
    except OperationalError as error:
        if waits:
            raise
        raise Refusal("busy", _("Đang có người ghi vào kỳ bình chọn có hồ sơ này. Hãy thử lại sau ít phút.")) from error
