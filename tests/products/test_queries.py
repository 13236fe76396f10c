"""Reads of the public register: photos, what is new, what is alike."""

import datetime as dt

import pytest

from portal.files.models import StoredFile
from products import queries
from products.catalogue import Clock
from products.models import Product, ProductPhoto
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory

pytestmark = pytest.mark.django_db
CLOCK = Clock(on=dt.date(2026, 11, 21), expiring_days=90)


@pytest.fixture
def photo(settings, tmp_path) -> ProductPhoto:
    from django.core.files.base import ContentFile

    settings.MEDIA_ROOT = tmp_path
    file = StoredFile(sha256="a" * 64, content_type="image/png", size=4)
    file.content.save("anh.png", ContentFile(b"\x89PNG"), save=True)
    product = ProductFactory(name="Chè")
    RecognitionFactory(product=product)
    return ProductPhoto.objects.create(product=product, file=file, angle="front", is_public=True)


def test_a_released_photo_of_a_public_product_is_served_as_a_picture(client, photo):
    response = client.get(f"/anh/{photo.pk}/")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert b"".join(response.streaming_content) == b"\x89PNG"
    assert "immutable" in response["Cache-Control"]


def test_a_photo_that_is_not_released_or_whose_product_is_not_public_is_not_found(client, photo):
    ProductPhoto.objects.update(is_public=False)
    assert client.get(f"/anh/{photo.pk}/").status_code == 404
    ProductPhoto.objects.update(is_public=True)
    photo.product.recognitions.update(published_at=None)
    assert client.get(f"/anh/{photo.pk}/").status_code == 404


def test_the_front_view_is_the_picture_of_a_card(photo):
    ProductPhoto.objects.create(product=photo.product, file=photo.file, angle="top", is_public=True, position=0)
    ProductPhoto.objects.filter(pk=photo.pk).update(position=5)
    (card,) = queries.newest(4, CLOCK)
    assert str(card.picture) == f"/anh/{photo.pk}/"


def test_the_newest_show_every_group_before_a_second_of_one(province):
    for name, group, year in (
        ("A", "processing", 2025),
        ("B", "processing", 2025),
        ("C", "handicraft", 2025),
        ("D", "other", 2024),
    ):
        product = ProductFactory(name=name, group=group, facility=FacilityFactory(territory=province))
        RecognitionFactory(product=product, year=year, issued_on=None)
    assert [card.name for card in queries.newest(3, CLOCK)] == ["A", "C", "B"]


def test_real_products_come_before_made_up_ones(province):
    sample = ProductFactory(name="Mẫu", facility=FacilityFactory(territory=province))
    RecognitionFactory(product=sample, year=2026, issued_on=None, is_illustrative=True)
    RecognitionFactory(product=ProductFactory(name="Thật", facility=sample.facility), year=2019, issued_on=None)
    assert [card.name for card in queries.newest(2, CLOCK)] == ["Thật", "Mẫu"]


def test_similar_products_are_of_the_same_place_or_group_and_never_the_product_itself(province, other_province):
    def made(name: str, group: str, territory) -> Product:
        product = ProductFactory(name=name, group=group, facility=FacilityFactory(territory=territory))
        RecognitionFactory(product=product)
        return product

    tea = made("Chè", "processing", province)
    made("Gốm cùng tỉnh", "handicraft", province)
    made("Miến cùng nhóm", "processing", other_province)
    made("Máy nơi khác", "machinery", other_province)
    assert {card.name for card in queries.public_cards(queries.similar(queries.place_of(tea), 4), CLOCK)} == {
        "Gốm cùng tỉnh",
        "Miến cùng nhóm",
    }


def test_the_product_page_shows_released_photos_by_their_angle(client, photo):
    ProductPhoto.objects.create(product=photo.product, file=photo.file, angle="side", is_public=True)
    hidden = ProductPhoto.objects.create(product=photo.product, file=photo.file, angle="top", is_public=False)
    text = client.get(f"/san-pham/{photo.product.slug}/").content.decode()
    assert "1 / 2" in text
    assert 'alt="Chè, mặt bên"' in text
    assert f"/anh/{hidden.pk}/" not in text
    assert "đặt thay ảnh" not in text
