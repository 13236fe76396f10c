"""A file beyond the limit is refused in a sentence beside what was typed; nothing of it is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse

from portal.files import uploads
from portal.files.models import StoredFile
from portal.files.services import MAX_BYTES, store
from portal.files.uploads import MEGABYTE, LimitingUploadHandler, OversizedUpload
from portal.text.errors import Refusal

from ..factories import FacilityFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def posted(size):
    photo = SimpleUploadedFile("anh.jpg", b"\xff\xd8\xff" + bytes(size - 3), "image/jpeg")
    return RequestFactory().post("/", {"before": "Chè", "photo": photo, "after": "Tân Cương"})


def test_the_limit_is_the_largest_file_any_form_takes():
    assert max(MAX_BYTES.values()) == uploads.MAX_FILE


def test_a_40_megabyte_photo_leaves_the_words_and_no_bytes(media):
    request = posted(40 * MEGABYTE)
    assert (request.POST["before"], request.POST["after"]) == ("Chè", "Tân Cương")
    photo = request.FILES["photo"]
    assert isinstance(photo, OversizedUpload)
    assert (photo.name, photo.size, photo.read()) == ("anh.jpg", 40 * MEGABYTE, b"")
    assert sum(path.stat().st_size for path in media.rglob("*") if path.is_file()) <= 20 * MEGABYTE
    with pytest.raises(Refusal) as caught:
        store(photo, allow={"image"}, field="photo")
    assert caught.value.code == "file_too_large"
    assert StoredFile.objects.count() == 0


def test_a_file_at_the_limit_comes_whole():
    photo = posted(20 * MEGABYTE).FILES["photo"]
    assert not isinstance(photo, OversizedUpload)
    assert (photo.size, len(photo.read())) == (20 * MEGABYTE, 20 * MEGABYTE)
    photo.close()


def test_a_small_file_after_a_large_one_comes_whole():
    data = {
        "one": SimpleUploadedFile("1.jpg", bytes(21 * MEGABYTE)),
        "two": SimpleUploadedFile("2.jpg", b"abc"),
    }
    files = RequestFactory().post("/", data).FILES
    assert isinstance(files["one"], OversizedUpload)
    with files["two"] as small:
        assert small.read() == b"abc"


def test_a_request_beyond_all_measure_is_refused_in_words_before_it_is_read(client, officer, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_REQUEST", 1000)
    monkeypatch.setattr(LimitingUploadHandler, "new_file", lambda *_args, **_kwargs: pytest.fail("read"))
    monkeypatch.setattr("django.core.files.uploadhandler.MemoryFileUploadHandler.new_file", pytest.fail)
    client.force_login(officer)
    page = client.post("/quan-tri/facilities/facility/add/", {"file": SimpleUploadedFile("a.jpg", bytes(2000))})
    assert page.status_code == 413
    assert "Mỗi ảnh nặng nhiều nhất 10 MB" in page.text


def test_too_many_words_are_refused_in_words(client, officer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client.force_login(officer)
    page = client.post("/quan-tri/facilities/facility/add/", {"name": "a" * 1000})
    assert page.status_code == 413


def test_a_form_with_an_oversized_photo_comes_back_with_what_was_typed(client, officer, province, settings):
    product = ProductFactory(facility=FacilityFactory(territory=province), territory=province)
    client.force_login(officer)
    address = reverse("admin:products_product_change", args=[product.pk])
    form = client.get(address).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items() if not isinstance(value, list)}
    for formset in client.get(address).context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-{part}": 0 for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data |= {
        "name": "Chè vừa gõ lại tên",
        "photos-TOTAL_FORMS": 1,
        "photos-0-angle": "front",
        "photos-0-position": 0,
        "photos-0-upload": SimpleUploadedFile("anh.jpg", b"\xff\xd8\xff" + bytes(21 * MEGABYTE), "image/jpeg"),
    }
    page = client.post(address, data)
    assert page.status_code == 200
    assert 'value="Chè vừa gõ lại tên"' in page.text
    assert "nặng hơn" in page.text
    assert StoredFile.objects.count() == 0
