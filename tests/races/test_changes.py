"""Many who publish at the same instant write a feed without gaps or doubles, on PostgreSQL; the control does not."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from products import register
from products.models import Product, RegisterChange, RegisterMark
from tests.factories import ProductFactory, RecognitionFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PEOPLE, TIMES = 6, 10


def together(act: Callable[[int], None]) -> None:
    start = threading.Barrier(PEOPLE)

    def person(place: int) -> None:
        try:
            start.wait()
            act(place)
        finally:
            connection.close()

    people = [threading.Thread(target=person, args=[place]) for place in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join()


def test_numbers_follow_each_other_without_gaps_and_nobody_is_lost() -> None:
    products = [RecognitionFactory(product=ProductFactory(name=f"Chè {n}")).product for n in range(PEOPLE)]
    RegisterMark.objects.all().delete()  # the first of them makes the row too
    RegisterChange.objects.all().delete()

    def publish(place: int) -> None:
        for _time in range(TIMES):
            Product.objects.get(pk=products[place].pk).save()

    together(publish)
    entries = list(RegisterChange.objects.values_list("number", "product_id"))
    assert [number for number, _pk in entries] == list(range(1, PEOPLE * TIMES + 1))
    assert sorted(pk for _number, pk in entries) == sorted(one.pk for one in products for _time in range(TIMES))
    assert register.state().number == PEOPLE * TIMES


def test_control_numbering_without_the_lock_collides() -> None:
    RegisterMark.objects.create(pk=1, word="dau")
    all_have_read = threading.Barrier(PEOPLE)
    refused: list[int] = []

    def careless(place: int) -> None:
        held = RegisterMark.objects.get()
        all_have_read.wait()
        try:
            RegisterChange.objects.create(number=held.number + 1, at=timezone.now(), kind="all")
        except IntegrityError:
            refused.append(place)

    together(careless)
    assert len(refused) == PEOPLE - 1
