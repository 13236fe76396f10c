"""The picture of a shared link, and the small map: kept by what they say, for public entries only."""

import io

import pytest
from PIL import Image

from portal.pages import share
from portal.text import typeset
from tests.factories import ProductFactory, RecognitionFactory

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_product_has_a_picture_to_share_drawn_once(client, monkeypatch):
    row = RecognitionFactory(product=ProductFactory(name="Bộ sản phẩm lạp sườn, thịt xông khói"), level="national")
    address = f"/anh/chia-se/{row.product.slug}.png"
    first = client.get(address)
    assert Image.open(io.BytesIO(first.content)).size == (1200, 630)
    assert first["Content-Type"] == "image/png"
    monkeypatch.setattr(typeset, "render", lambda *_args, **_options: pytest.fail("drawn again"))
    assert client.get(address).content == first.content
    seen = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (seen.status_code, seen["Cache-Control"]) == (304, "public, no-cache"), "asked about each time"
    assert f'property="og:image" content="http://testserver{address}"' in _page(client, row) or address in _page(
        client, row
    )


def _page(client, row):
    return client.get(f"/san-pham/{row.product.slug}/").content.decode()


def test_what_is_not_public_has_no_picture(client):
    row = RecognitionFactory(published_at=None)
    assert client.get(f"/anh/chia-se/{row.product.slug}.png").status_code == 404


def test_a_changed_name_is_another_picture(client):
    row = RecognitionFactory()
    before = client.head(f"/anh/chia-se/{row.product.slug}.png")["ETag"]
    row.product.name = "Tên khác hẳn"
    row.product.save()
    assert client.head(f"/anh/chia-se/{row.product.slug}.png")["ETag"] != before


def test_a_long_name_of_a_long_word_is_still_drawn(client):
    row = RecognitionFactory(product=ProductFactory(name="Bộ sản phẩm " + "nghiêng" * 40))
    assert client.get(f"/anh/chia-se/{row.product.slug}.png").status_code == 200
    assert share.SIZE == (1200, 630)


def test_the_small_map_is_a_picture_of_its_own(client, province):
    answer = client.get(f"/ban-do/{province.slug}.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert b'xmlns="http://www.w3.org/2000/svg"' in answer.content
    assert client.get("/ban-do/khong-co-tinh-nay.svg").status_code == 404
