import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from portal.files import services
from portal.files.models import StoredFile
from portal.files.responses import serve
from portal.files.services import MEGABYTE, store
from portal.text.errors import Refusal

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DOCX = "word/document.xml"
XLSX = "xl/workbook.xml"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(form="JPEG", size=(60, 40), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, format=form, **options)
    return out.getvalue()


def office(part=DOCX, *extra):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", part, *extra):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def upload(data, name="giay-to.bin"):
    return ContentFile(data, name=name)


def refusal(data, **options):
    with pytest.raises(Refusal) as caught:
        store(upload(data), **options)
    assert StoredFile.objects.count() == 0
    return caught.value


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("PNG", mode="P"), "image/png"),
        (picture("PNG", mode="RGBA"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("JPEG", mode="CMYK"), "image/jpeg"),
        (PDF, "application/pdf"),
        (office(DOCX), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office(XLSX), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_what_a_file_is_follows_from_its_bytes(data, content_type):
    assert store(upload(data, "ten-bat-ky.exe")).content_type == content_type


def test_a_stored_picture_knows_its_size_and_its_content_is_readable():
    stored = store(upload(picture(size=(300, 200))), allow={"image"})
    assert (stored.width, stored.height) == (300, 200)
    with stored.content.open("rb") as content:
        data = content.read()
    assert len(data) == stored.size
    assert Image.open(io.BytesIO(data)).size == (300, 200)


def test_metadata_of_a_photo_is_dropped_and_the_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "May anh cua tac gia"
    stored = store(upload(picture(size=(300, 200), exif=exif)))
    with stored.content.open("rb") as content:
        data = content.read()
    assert b"May anh" not in data
    assert (stored.width, stored.height) == (200, 300)
    assert not Image.open(io.BytesIO(data)).getexif()


def test_the_same_content_is_stored_once(media):
    first, second = store(upload(PDF, "a.pdf")), store(upload(PDF, "b.pdf"))
    assert first == second
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1


def test_a_file_left_over_from_a_rolled_back_upload_is_taken_over(media):
    stored = store(upload(PDF))
    StoredFile.objects.all().delete()
    (media / stored.content.name).write_bytes(b"%PDF- cut")
    again = store(upload(PDF))
    assert again.content.name == stored.content.name
    assert (media / again.content.name).read_bytes() == PDF


def test_a_photo_that_is_no_photo_is_refused_in_a_sentence_at_its_field():
    refused = refusal(b"MZ\x90 not a picture", allow={"image"}, field="photo")
    assert refused.code == "wrong_file_kind"
    assert str(refused) == "Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG hoặc WebP."
    assert refused.field == "photo"


@pytest.mark.parametrize(
    ("data", "allow", "code"),
    [
        (b"", {"image"}, "file_empty"),
        (PDF, {"image"}, "wrong_file_kind"),
        (picture(), {"pdf", "office"}, "wrong_file_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", {"image"}, "wrong_file_kind"),
        (b"GIF89a" + bytes(20), {"image"}, "wrong_file_kind"),
        (picture()[:400], {"image"}, "file_broken"),
        (b"\xff\xd8\xff" + bytes(100), {"image"}, "file_broken"),
        (PDF[:20], {"pdf"}, "file_broken"),
        (office()[:-30], {"office"}, "file_broken"),
        (office("other/part.xml"), {"office"}, "wrong_file_kind"),
        (office(XLSX, "xl/vbaProject.bin"), {"office"}, "file_has_macros"),
        (services.OLE_MAGIC + bytes(100), {"office"}, "wrong_file_kind"),
    ],
)
def test_what_is_not_as_asked_is_refused(data, allow, code):
    assert refusal(data, allow=allow).code == code


def test_an_old_word_file_is_told_how_to_be_saved():
    assert "lưu lại thành .docx" in str(refusal(services.OLE_MAGIC + bytes(100)))


def test_sizes_are_limited_by_kind(monkeypatch):
    monkeypatch.setattr(services, "MAX_BYTES", {"image": 500, "pdf": 1000, "office": 1000})
    assert refusal(picture(size=(900, 900)), allow={"image"}).code == "file_too_large"
    assert store(upload(PDF + b" " * (1000 - len(PDF)))).size == 1000
    StoredFile.objects.all().delete()
    assert refusal(PDF + b" " * (1001 - len(PDF))).code == "file_too_large"


def test_the_limits_are_ten_and_twenty_megabytes():
    assert services.MAX_BYTES == {"image": 10 * MEGABYTE, "pdf": 20 * MEGABYTE, "office": 20 * MEGABYTE}


def test_a_picture_that_unpacks_without_measure_is_refused(monkeypatch):
    monkeypatch.setattr("portal.files.images.MAX_PIXELS", 100)
    assert refusal(picture(size=(11, 10))).code == "image_too_large"


def test_an_office_file_that_unpacks_without_measure_is_refused(monkeypatch):
    monkeypatch.setattr("portal.files.papers.MAX_UNPACKED", 5)
    assert refusal(office()).code == "file_unpacks_too_large"


def test_a_stored_file_is_never_deleted():
    with pytest.raises(TypeError):
        store(upload(PDF)).delete()


def test_a_private_file_is_saved_and_never_guessed_at():
    response = serve(store(upload(office())), filename="Phiếu đăng ký", inline=True)
    assert response["Content-Disposition"].startswith("attachment")
    assert "Phi%E1%BA%BFu%20%C4%91%C4%83ng%20k%C3%BD.docx" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()


@pytest.mark.parametrize(("data", "sandboxed"), [(picture(), True), (PDF, False)])
def test_a_picture_or_pdf_opens_in_the_browser_when_asked(data, sandboxed):
    response = serve(store(upload(data)), filename="anh", inline=True)
    assert response["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert ("sandbox" in response["Content-Security-Policy"]) is sandboxed
    response.close()


def test_a_public_picture_may_be_kept_by_shared_caches():
    response = serve(store(upload(picture())), filename="anh.jpg", inline=True, public=True)
    assert response["Cache-Control"].startswith("public")
    assert 'filename="anh.jpg"' in response["Content-Disposition"]
    response.close()


def test_a_name_cannot_lead_out_of_the_folder():
    response = serve(store(upload(PDF)), filename="../../etc/passwd")
    assert 'filename="passwd.pdf"' in response["Content-Disposition"]
    response.close()


# --- what phones, scanners and makers of trouble send ------------------------------------------------------


def opened(stored):
    with stored.content.open("rb") as content:
        return Image.open(io.BytesIO(content.read()))


def phone_pair():
    """A phone's photo with a second one inside."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")]
    )
    return out.getvalue()


def moving(form):
    out = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (phone_pair(), "image/jpeg"),
        (moving("PNG"), "image/png"),
        (moving("WEBP"), "image/webp"),
        (picture("PNG", mode="LA"), "image/png"),
        (picture("PNG", mode="1"), "image/png"),
    ],
)
def test_of_several_pictures_in_one_file_the_first_is_kept(data, content_type):
    stored = store(upload(data))
    assert stored.content_type == content_type
    assert getattr(opened(stored), "n_frames", 1) == 1


def test_sixteen_bits_keep_their_brightness():
    out = io.BytesIO()
    Image.new("I;16", (60, 40), 0x8000).save(out, "PNG")
    kept = opened(store(upload(out.getvalue())))
    assert (kept.mode, kept.getpixel((0, 0))) == ("L", 128)


def test_colours_of_another_space_are_brought_to_the_one_every_screen_shows():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = opened(store(upload(picture("JPEG", icc_profile=profile))))
    assert "icc_profile" not in kept.info
    assert kept.getpixel((5, 5)) == (128, 0, 0)


def test_transparency_is_kept_and_words_in_a_picture_are_not():
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "Nguoi chup anh")
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (1, 2, 3)).save(out, "PNG", pnginfo=words, transparency=(1, 2, 3))
    stored = store(upload(out.getvalue()))
    assert opened(stored).convert("RGBA").getpixel((0, 0))[3] == 0
    with stored.content.open("rb") as content:
        assert b"Nguoi chup" not in content.read()


def test_what_hides_behind_the_pixels_is_gone():
    stored = store(upload(picture() + b"<script>alert(1)</script>"))
    with stored.content.open("rb") as content:
        assert b"<script>" not in content.read()


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_an_iphone_photo_is_told_how_to_be_sent(brand):
    refused = refusal(b"\0\0\0\x18ftyp" + brand + bytes(40), allow={"image"})
    assert refused.code == "wrong_file_kind"
    assert "“Tương thích nhất”" in str(refused)


@pytest.mark.parametrize(
    ("data", "allow"),
    [
        (b"<html><script>alert(1)</script>%PDF-1.4 %%EOF", {"pdf"}),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//", {"image"}),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", {"image"}),
        (b"MZ" + bytes(200), {"image", "pdf", "office"}),
        (b"#!/bin/sh\n", {"image", "pdf", "office"}),
        (b"PK\x05\x06" + bytes(18), {"office"}),
    ],
)
def test_a_file_of_two_kinds_or_of_none_is_refused(data, allow):
    assert refusal(data, allow=allow).code == "wrong_file_kind"


@pytest.mark.parametrize(
    "body",
    [
        b"<</S /JavaScript /JS (app.alert(1))>>",
        b"<</S /J#61vaScript /JS (1)>>",
        b"<</S /Launch /F (calc.exe)>>",
        b"<</Type /EmbeddedFile>>",
    ],
)
def test_a_pdf_with_a_program_or_a_file_in_it_is_only_saved(body):
    stored = store(upload(PDF.replace(b"<<>>", body)))
    response = serve(stored, filename="a", inline=True)
    assert response["Content-Disposition"].startswith("attachment")
    response.close()


def test_a_program_packed_away_in_a_pdf_is_found():
    import zlib

    packed = zlib.compress(b"<</S /JavaScript /JS (1)>>")
    body = b"<</Type /ObjStm /N 1 /First 4 /Filter /FlateDecode>>\nstream\n" + packed + b"\nendstream"
    assert store(upload(PDF.replace(b"<<>>", body))).is_active is True
    assert store(upload(PDF)).is_active is False


def bomb(size):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr(XLSX, bytes(size))
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda _archive: pytest.fail("unpacked"))
    refused = refusal(bomb(8 * MEGABYTE))
    assert refused.code == "file_unpacks_too_large"
    assert "nén quá nhiều dữ liệu" in str(refused)


def test_an_office_file_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr("portal.files.papers.MAX_ENTRIES", 2)
    assert refusal(office(XLSX, "a.xml")).code == "file_unpacks_too_large"


def with_parts(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in {"[Content_Types].xml": "<x/>", DOCX: "<x/>", **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


def link(kind, mode="External"):
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        f' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
        f' Target="https://example.vn/a" TargetMode="{mode}"/></Relationships>'
    )


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"[Content_Types].xml": "<Types ContentType='…document.macroEnabled.main+xml'/>"}, "file_has_macros"),
        ({"word/VBAProject.BIN": ""}, "file_has_macros"),
        ({"xl/macrosheets/sheet1.xml": "<x/>"}, "file_has_macros"),
        ({"word/activeX/activeX1.xml": "<x/>"}, "file_has_macros"),
        ({"word/embeddings/oleObject1.bin": "x"}, "file_has_foreign_parts"),
        ({"word/_rels/settings.xml.rels": link("attachedTemplate")}, "file_has_foreign_parts"),
        ({"word/_rels/document.xml.rels": link("oleObject")}, "file_has_foreign_parts"),
        ({"word/_rels/document.xml.rels": link("image")}, "file_has_foreign_parts"),
        ({"word/_rels/document.xml.rels": "<not closed"}, "file_broken"),
    ],
)
def test_an_office_file_that_acts_by_itself_is_refused(parts, code):
    assert refusal(with_parts(**parts)).code == code


@pytest.mark.parametrize(
    "parts",
    [
        {"word/_rels/document.xml.rels": link("hyperlink")},
        {"word/_rels/settings.xml.rels": link("attachedTemplate", mode="Internal")},
        {"word/embeddings/Microsoft_Excel_Sheet.xlsx": "PK"},
    ],
)
def test_links_and_charts_of_an_office_file_are_no_danger(parts):
    assert store(upload(with_parts(**parts))).content_type.endswith("document")


def test_what_is_built_in_a_real_word_and_excel_file_is_accepted(tmp_path):
    import docx
    import openpyxl

    book = openpyxl.Workbook()
    for number in range(2000):
        book.active.append([number, "Chè Tân Cương", "Thái Nguyên"])
    book.save(tmp_path / "a.xlsx")
    paper = docx.Document()
    paper.add_paragraph("Bản thuyết minh")
    paper.save(tmp_path / "a.docx")
    for name in ("a.xlsx", "a.docx"):
        assert store(upload((tmp_path / name).read_bytes())).content_type.startswith("application/vnd.open")
