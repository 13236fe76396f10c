"""Answers written by `AnswerSerializer` are those of Django REST Framework's own, to the byte."""

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework import serializers

from portal.text.serializers import AnswerSerializer
from products import kept_pages
from products.models import DistributionChannel, Product, SalesLink
from tests.portal import public_world

pytestmark = pytest.mark.django_db


def answer(client: Client, address: str) -> bytes:
    cache.clear()
    kept_pages.forget()
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content


def test_every_answer_is_that_of_the_framework(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    public_world.fill()
    item = Product.objects.public().first()
    assert item
    SalesLink.objects.create(product=item, channel="voso", url="https://ban.example.vn/1")
    DistributionChannel.objects.create(product=item, kind="shop", name="Quầy mẫu")
    addresses = [f"/api/v1/{name}/" for name in ("products", "recognitions", "facilities")]
    addresses += [f"/api/v1/products/{slug}/" for slug in Product.objects.public().values_list("slug", flat=True)]
    found = {address: answer(client, address) for address in addresses}
    asked = []

    def plainly(self: AnswerSerializer, instance: object) -> object:
        asked.append(type(self).__name__)
        return serializers.ModelSerializer.to_representation(self, instance)

    monkeypatch.setattr(AnswerSerializer, "to_representation", plainly)
    assert found == {address: answer(client, address) for address in addresses}
    assert {"ProductSerializer", "RecognitionOfProductSerializer", "FacilitySerializer", "MemberSerializer"} < set(
        asked
    )
    assert {"StandardSerializer", "ChannelSerializer", "DecisionRefSerializer", "LinkSerializer"} < set(asked)
