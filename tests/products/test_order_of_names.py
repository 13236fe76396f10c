"""Names stand in Vietnamese order by what they tell: sets by what follows "Bộ sản phẩm" or "Bộ 3 sản phẩm"."""

from importlib import import_module

import pytest
from django.apps import apps

from portal.text.folding import sort_key
from products.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
COUNTED = [
    "Bộ 3 sản phẩm cà phê",
    "Bộ 02 sản phẩm: Đèn lồng",
    "BỘ BA SẢN PHẨM – gốm",
    "Bộ mười sản phẩm lụa",
]
OTHERS = ["Bộ ấm chén", "Bơ 3 sản phẩm", "Cà phê bột", "Bộ sản phẩm nón", "Bộ 3 món"]


def test_a_set_stands_where_what_follows_its_number_stands():
    for name in (*COUNTED, *OTHERS):
        ProductFactory(name=name)
    assert list(Product.objects.values_list("name", flat=True)) == [
        "Bộ 3 món",
        "Bộ ấm chén",
        "Bơ 3 sản phẩm",
        "Bộ 3 sản phẩm cà phê",
        "Cà phê bột",
        "Bộ 02 sản phẩm: Đèn lồng",
        "BỘ BA SẢN PHẨM – gốm",
        "Bộ mười sản phẩm lụa",
        "Bộ sản phẩm nón",
    ]


def test_the_migration_places_what_was_entered_before_and_leaves_the_others_alone():
    made = {name: ProductFactory(name=name) for name in (*COUNTED, *OTHERS)}
    meant = {name: one.sort_key for name, one in made.items()}
    for name in COUNTED:
        Product.objects.filter(pk=made[name].pk).update(sort_key=sort_key(name))
    Product.objects.filter(name__in=OTHERS).update(sort_key="1")
    import_module("products.migrations.0018_order_of_counted_sets").order_by_what_follows(apps, None)
    keys = dict(Product.objects.values_list("name", "sort_key"))
    assert keys == {name: meant[name] if name in COUNTED else "1" for name in made}
