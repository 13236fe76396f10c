"""What the register lacks and what of it is out of date, for one person's reach. Every read has a fixed number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from facilities.address_today import full_names, provinces
from facilities.addresses import Proposal, proposal
from facilities.enums import FacilityKind
from facilities.models import Facility, Merging
from portal.territory.enums import CommuneKind
from products.models import Product, ProductPhoto

from . import twins

NO_PHOTO = ~Exists(ProductPhoto.objects.filter(product=OuterRef("pk")))
PRODUCT_GAPS: dict[str, Any] = {
    "co-so": Q(facility=None),
    "nhom": Q(group_certain=False),
    "anh": NO_PHOTO,
}
# A household's place is shown as its commune only, so a pin is not asked for.
NO_PIN = (Q(latitude=None) | Q(longitude=None)) & ~Q(kind=FacilityKind.HOUSEHOLD)
LABELS = {
    "co-so-trung": _("Cơ sở nghi trùng"),
    "san-pham-trung": _("Sản phẩm nghi trùng"),
    "co-so": _("Sản phẩm chưa rõ cơ sở"),
    "nhom": _("Sản phẩm chưa đối chiếu nhóm"),
    "anh": _("Sản phẩm chưa có ảnh"),
    "toa-do": _("Cơ sở chưa có tọa độ"),
    "dia-chi": _("Địa chỉ còn ghi đơn vị cũ"),
    "da-gop": _("Đã gộp"),
}


@dataclass(frozen=True)
class Address:
    """A facility whose address of today names what is no more."""

    pk: int
    address: str
    proposed: Proposal


@dataclass(frozen=True)
class Overview:
    """How many of each, and the lists that had to be made for it."""

    counts: dict[str, int]
    pairs: dict[str, list[twins.Pair]]
    addresses: list[Address]


def facilities(user: Any) -> QuerySet[Facility]:
    return Facility.objects.visible_to(user)


def products(user: Any) -> QuerySet[Product]:
    return Product.objects.visible_to(user)


def overview(user: Any) -> Overview:
    """Everything the head of the page says. Nine queries, and the person's reach."""
    pairs = {
        "co-so-trung": twins.facility_pairs(facilities(user)),
        "san-pham-trung": twins.product_pairs(products(user)),
    }
    stale = list(stale_addresses(facilities(user)))
    gaps = products(user).aggregate(
        **{key.replace("-", "_"): Count("pk", filter=condition) for key, condition in PRODUCT_GAPS.items()}
    )
    counts = {
        **{key: len(found) for key, found in pairs.items()},
        **{key: gaps[key.replace("-", "_")] for key in PRODUCT_GAPS},
        "toa-do": facilities(user).filter(NO_PIN).count(),
        "dia-chi": len(stale),
        "da-gop": mergings(user).count(),
    }
    return Overview(counts, pairs, stale)


def mergings(user: Any) -> QuerySet[Merging]:
    return Merging.objects.visible_to(user).filter(undone_at=None)


def stale_addresses(found: QuerySet[Facility]) -> Iterator[Address]:
    """The address of today, else the one recognised, where it names a unit that is no more. One query."""
    known, names = provinces(), full_names()
    rows = found.exclude(address_today="", address_recognised="").order_by("sort_key", "pk")
    for pk, today, recognised, territory_id, kind, commune in rows.values_list(
        "pk", "address_today", "address_recognised", "territory_id", "commune__kind", "commune__name"
    ):
        address, commune_today = today or recognised, _commune(kind, commune)
        proposed = proposal(address, known, province=names[territory_id], commune=commune_today)
        if proposed is not None:
            yield Address(pk, address, proposed)


def _commune(kind: str | None, name: str | None) -> str:
    return f"{CommuneKind(kind).label} {name}" if kind and name else ""
