"""Kind of maker, OCOP stars, where a product is sold, ready for export: as the catalogue asks for them."""

import datetime as dt

import pytest

from facilities.enums import FacilityKind
from products.catalogue import Clock, found_by, page_of
from products.filters import Filters
from products.models import Product, TradeFacts
from products.traits import ocop_holds
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory

ON = dt.date(2026, 11, 21)
CLOCK = Clock(on=ON, expiring_days=90)


@pytest.mark.parametrize(
    ("issued", "expires", "holds"),
    [
        (None, ON, True),
        (None, ON - dt.timedelta(days=1), False),
        (2020, ON, True),
        (2023, None, True),
        (2022, None, False),
        (None, None, True),
    ],
)
def test_an_ocop_title_holds_for_36_months_and_a_known_end_decides(issued, expires, holds):
    assert ocop_holds(issued_year=issued, expires_on=expires, on=ON) is holds


@pytest.fixture
def shelf(db) -> dict[str, Product]:
    """One product of each trait, all recognised."""
    household = FacilityFactory(kind=FacilityKind.HOUSEHOLD)
    enterprise = FacilityFactory(kind=FacilityKind.ENTERPRISE, territory=household.territory)
    made = {
        "ocop": ProductFactory(name="Chè sao", facility=household),
        "ended": ProductFactory(name="Chè cũ", facility=household),
        "online": ProductFactory(name="Gốm mạng", facility=enterprise),
        "shop": ProductFactory(name="Miến quầy", facility=enterprise),
        "orphan": ProductFactory(name="Nong", facility=None, territory=household.territory),
    }
    made["ocop"].standards.create(kind="ocop", stars=4, expires_on=ON)
    made["ended"].standards.create(kind="ocop", stars=4, issued_year=2022)
    made["online"].sales_links.create(channel="own", url="https://example.vn/gom")
    made["shop"].channels.create(kind="supermarket", name="Siêu thị mẫu")
    TradeFacts.objects.create(product=made["shop"], export_ready=True, declared_on=ON)
    TradeFacts.objects.create(product=made["online"], export_ready=False, declared_on=ON)
    for product in made.values():
        RecognitionFactory(product=product)
    return made


def listed(**asked: tuple[str, ...]) -> list[str]:
    filters = Filters(**asked)
    names = [card.name for card in page_of(filters, CLOCK)]
    assert found_by(filters, CLOCK) == len(names)
    return names


def test_each_trait_narrows_the_list(shelf):
    assert listed(kind=("household",)) == ["Chè cũ", "Chè sao"]
    assert listed(kind=("unknown",)) == ["Nong"]
    assert listed(kind=("unknown", "enterprise")) == ["Gốm mạng", "Miến quầy", "Nong"]
    assert listed(stars=("4",)) == ["Chè sao"]
    assert listed(stars=("3", "5")) == []
    assert listed(channel=("online",)) == ["Gốm mạng"]
    assert listed(channel=("online", "supermarket")) == ["Gốm mạng", "Miến quầy"]
    assert listed(export=("ready",)) == ["Miến quầy"]
    assert listed(export=("ready",), channel=("online",)) == []
