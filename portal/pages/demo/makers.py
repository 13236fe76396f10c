"""The invented makers and products of the demo. Every one is named "Cơ sở mẫu: …" and marked illustrative."""

import datetime as dt
import random

from django.utils.translation import gettext as _

from facilities.enums import ContactKind
from facilities.models import Facility
from facilities.queries import match
from facilities.services import add_contact, create_facility, grant_consent, record_year
from portal.territory.models import Territory
from portal.text.folding import name_key
from portal.text.slugs import slugify
from products.models import Product
from products.services import create_product

from . import accounts
from .tables import table

PREFIX = "Cơ sở mẫu: "
YEARS_REPORTED = 2


def products_of(part: str, *, province: Territory, on: dt.date) -> list[Product]:
    """The invented products of one part of the demo, in the table's order, made when they are missing."""
    return [_product(row, province, on) for row in table("illustrative") if row["part"] == part]


def _product(row: dict[str, str], province: Territory, on: dt.date) -> Product:
    facility = _facility(row, province, on)
    known = Product.objects.filter(facility=facility, name_key=name_key(row["product"])).first()
    members = [name for name in row["members"].split(";") if name]
    return known or create_product(
        name=row["product"],
        group=row["group"],
        facility=facility,
        territory=province,
        is_set=bool(members),
        members=members,
        actor=None,
        materials=row["materials"],
        is_illustrative=True,
    )


def _facility(row: dict[str, str], province: Territory, on: dt.date) -> Facility:
    name = PREFIX + row["facility"]
    known = match(name=name, territory=province)
    if known:
        return known
    place = f"{row['commune']}, tỉnh {province.name}"
    facility = create_facility(
        name=name,
        kind=row["kind"],
        territory=province,
        address=place,
        address_today=place,
        commune=accounts.commune(province) if row["commune"] == f"xã {accounts.COMMUNE}" else None,
        is_illustrative=True,
        actor=None,
    )
    _reach(facility, on)
    _report(facility, on)
    return facility


def _reach(facility: Facility, on: dt.date) -> None:
    """An address that leads nowhere (example.vn), with consent to publish and to remind."""
    address = f"{slugify(facility.name.removeprefix(PREFIX))[:40].strip('-')}@example.vn"
    contact = add_contact(facility=facility, kind=ContactKind.EMAIL, value=address, actor=None)
    grant_consent(contact=contact, actor=None, on=on, may_publish=True, may_notify=True, proof=_("Phiếu đồng ý mẫu"))


def _report(facility: Facility, on: dt.date) -> None:
    """Figures of the last years, drawn from the name, so that they are the same in every load."""
    dice = random.Random(facility.name)
    revenue, workers = dice.randrange(800, 9000) * 1_000_000, dice.randrange(6, 60)
    for year in range(on.year - YEARS_REPORTED, on.year):
        revenue = revenue * dice.randrange(102, 118) // 100 // 1_000_000 * 1_000_000
        export = revenue // 10 if dice.random() < 0.3 else 0
        record_year(
            facility=facility,
            year=year,
            revenue=revenue,
            export_value=export,
            workers=workers,
            source=_("Số liệu minh họa"),
            actor=None,
        )
