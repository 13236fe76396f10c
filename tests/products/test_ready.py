"""Queries put together once: they answer as the query sets that they were made of."""

import pytest
from django.utils import timezone

from products.models import Product, Recognition
from products.ready import Ready, grouped, hold
from tests.factories import ProductFactory, RecognitionFactory

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_query_set_whatever_the_keys():
    made = [ProductFactory() for _number in range(5)]

    def some(keys, *, newest):
        return Product.objects.filter(pk__in=keys).select_related("facility").order_by("-pk" if newest else "pk")

    ready = Ready(some)
    for keys in ([], [made[0].pk], [made[4].pk], [one.pk for one in made[:3]], [one.pk for one in made], [0]):
        for newest in (True, False):
            found, expected = ready(keys, newest=newest), list(some(keys, newest=newest))
            assert found == expected
            assert [row.facility.name for row in found] == [row.facility.name for row in expected]


def test_values_and_texts_come_out_as_asked():
    tea, _noodles = ProductFactory(name="Chè"), ProductFactory(name="Miến")
    assert Ready(lambda slug: Product.objects.filter(slug=slug).values_list("pk", flat=True))(tea.slug) == [tea.pk]
    assert Ready(lambda pk: Product.objects.filter(pk=pk).values_list("name", "pk"))(tea.pk) == [("Chè", tea.pk)]


def test_a_key_that_never_reaches_the_database_is_told_of():
    with pytest.raises(ValueError, match="not one of its parameters"):
        Ready(lambda pk, _other: Product.objects.filter(pk=pk))(1, 2)


def test_held_rows_ask_no_more(django_assert_num_queries):
    tea = ProductFactory()
    rows = [RecognitionFactory(product=tea, published_at=timezone.now(), year=year) for year in (2020, 2021)]
    found = Recognition.objects.get(pk=rows[0].pk), Recognition.objects.get(pk=rows[1].pk)
    fresh = Product.objects.get(pk=tea.pk)
    with django_assert_num_queries(0):
        hold(fresh, recognitions=found)
        assert list(fresh.recognitions.all()) == list(found)
        assert found[1].product is fresh
    assert grouped(found, "product_id") == {tea.pk: list(found)}
