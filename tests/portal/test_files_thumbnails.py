"""Smaller copies of pictures: made once, asked for by width, private where the picture is private."""

import io

import pytest
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.test import RequestFactory
from PIL import Image

from portal.files import thumbnails
from portal.files.models import StoredFile
from portal.files.responses import serve
from portal.files.services import store
from portal.files.thumbnails import WIDTHS, Picture, sources, thumbnail

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def photo(size=(1200, 800), form="JPEG", mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, form, **options)
    return store(ContentFile(out.getvalue(), name="a.jpg"))


def seen(content):
    with content:
        return Image.open(io.BytesIO(content.read()))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_thumbnail_is_as_wide_as_asked_and_keeps_the_shape(width):
    small = seen(thumbnail(photo(size=(1800, 1200)), width))
    assert (small.format, small.size) == ("WEBP", (width, round(width * 2 / 3)))


def test_a_photo_lying_on_its_side_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert seen(thumbnail(photo(exif=exif), 240)).size == (240, 360)


def test_transparency_stays():
    assert seen(thumbnail(photo(form="PNG", mode="RGBA"), 240)).mode == "RGBA"


def test_it_is_made_once(monkeypatch):
    stored = photo()
    thumbnail(stored, 240).close()
    monkeypatch.setattr(thumbnails, "shrink", lambda *_args: pytest.fail("made again"))
    thumbnail(StoredFile.objects.get(), 240).close()


def test_a_narrow_picture_and_a_paper_stand_for_themselves():
    assert thumbnail(photo(size=(240, 200)), 240) is None
    assert thumbnail(store(ContentFile(PDF, name="a.pdf")), 240) is None


def test_other_widths_and_formats_do_not_exist():
    with pytest.raises(ValueError, match="No thumbnails of width 100"):
        thumbnail(photo(), 100)
    with pytest.raises(ValueError, match="in gif"):
        thumbnail(photo(), 240, "gif")


def test_avif_is_drawn_too_and_never_wider_than_the_picture():
    stored = photo(size=(600, 400))
    assert (seen(thumbnail(stored, 480, "avif")).format, seen(thumbnail(stored, 720, "avif")).size) == (
        "AVIF",
        (600, 400),
    )
    assert thumbnail(stored, 720) is None


def test_the_address_alone_chooses_the_format():
    stored = photo()
    response, body = ask(stored, "/?rong=240&dang=avif")
    assert (response["Content-Type"], Image.open(io.BytesIO(body)).format) == ("image/avif", "AVIF")
    assert "Accept" not in response.get("Vary", "")
    webp, _body = ask(stored, "/?rong=240")
    assert (webp["Content-Type"], webp["ETag"] != response["ETag"]) == ("image/webp", True)
    assert ask(stored, "/?rong=240&dang=gif")[0]["Content-Type"] == "image/webp"


def test_a_picture_tag_keeps_its_place_and_offers_both_formats():
    shown = Picture("/anh/1/", 900, 1200)
    drawn = Template(
        "{% load pictures %}{% picture shown sizes='50vw' alt=words first=True %}{% picture shown whole=True %}"
    ).render(Context({"shown": shown, "words": 'Chè "móc câu"'}))
    first, second = drawn.split("</picture>")[:2]
    assert 'type="image/avif" srcset="/anh/1/?rong=240&amp;dang=avif 240w' in first
    assert '/anh/1/?rong=960&amp;dang=avif 900w"' in first
    assert 'width="600" height="400"' in first
    assert "lazy" not in first
    assert 'alt="Chè &quot;móc câu&quot;"' in first
    assert 'width="900" height="1200"' in second
    assert 'loading="lazy"' in second


def test_a_huge_picture_is_never_sent_whole_to_fill_a_page():
    assert Picture("/anh/1/", 6000, 4000).sources().endswith("/anh/1/?rong=1600 1600w")


def test_a_pattern_is_offered_in_both_formats_from_the_static_files():
    drawn = Template("{% load pictures %}{% swatch_picture 'k' 'handicraft' 'Chiếu' %}").render(Context())
    assert drawn.count("handicraft-long-thuyen-") == 5
    assert "-360.avif 360w" in drawn


def test_a_picture_that_cannot_be_drawn_is_served_as_it_is(media):
    stored = photo()
    (media / stored.content.name).write_bytes(b"\xff\xd8\xff broken")
    assert thumbnail(stored, 240) is None


def test_a_picture_names_its_smaller_copies():
    assert sources("/anh/1/", photo(size=(600, 400))) == "/anh/1/?rong=240 240w, /anh/1/?rong=480 480w, /anh/1/ 600w"


def ask(stored, address="/", etag="", **options):
    headers = {"HTTP_IF_NONE_MATCH": etag} if etag else {}
    request = RequestFactory().get(address, **headers)
    response = serve(stored, filename="anh", inline=True, request=request, **options)
    body = b"".join(response) if response.streaming else response.content
    response.close()
    return response, body


def test_the_address_asks_for_a_width():
    response, body = ask(photo(), "/?rong=480")
    assert Image.open(io.BytesIO(body)).width == 480
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Length"] == str(len(body))
    assert 'filename="anh.webp"' in response["Content-Disposition"]


@pytest.mark.parametrize("asked", ["", "100", "abc", "480480", "-240", "٤٨٠"])
def test_an_unknown_width_is_ignored(asked):
    response, body = ask(photo(), f"/?rong={asked}")
    assert Image.open(io.BytesIO(body)).width == 1200
    assert response["Content-Type"] == "image/jpeg"


def test_what_the_browser_has_is_not_sent_again(monkeypatch):
    stored = photo()
    whole, _body = ask(stored)
    small, _body = ask(stored, "/?rong=240")
    assert whole["ETag"] != small["ETag"]
    monkeypatch.setattr(StoredFile.content.field.attr_class, "open", lambda *_args: pytest.fail("opened"))
    for address, known in (("/", whole), ("/?rong=240", small)):
        response, body = ask(stored, address, known["ETag"])
        assert (response.status_code, body) == (304, b"")
        assert (response["ETag"], response["Cache-Control"]) == (known["ETag"], "private, no-cache")


def test_the_etag_of_another_width_is_no_match():
    stored = photo()
    whole, _body = ask(stored)
    assert ask(stored, "/?rong=240", whole["ETag"])[0].status_code == 200


def test_a_width_may_be_asked_for_outright():
    assert Image.open(io.BytesIO(ask(photo(), width=960)[1])).width == 960
