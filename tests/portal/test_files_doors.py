"""Every kind of content at every door: private until published, shown in the browser only where that is safe."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from portal.accounts.enums import Role
from portal.files.services import store
from products.models import ProductPhoto
from rounds.enums import DocumentKind, RoundState
from rounds.models import DossierDocument

from ..factories import (
    DossierFactory,
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    RepresentativeFactory,
    RoundFactory,
    SeatFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(form):
    out = io.BytesIO()
    Image.new("RGB", (600, 400), 128).save(out, form)
    return out.getvalue()


def office(part):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", part):
            archive.writestr(name, "<x/>")
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
CONTENTS = {
    "jpeg": (picture("JPEG"), "image/jpeg", True),
    "png": (picture("PNG"), "image/png", True),
    "webp": (picture("WEBP"), "image/webp", True),
    "pdf": (PDF, "application/pdf", True),
    "pdf with a program": (PDF.replace(b"<<>>", b"<</S /JavaScript>>"), "application/pdf", False),
    "word": (office("word/document.xml"), "vnd.openxmlformats-officedocument.wordprocessingml.document", False),
    "excel": (office("xl/workbook.xml"), "vnd.openxmlformats-officedocument.spreadsheetml.sheet", False),
}
DOORS = ("public photo", "desk", "judge", "producer")


class Place:
    """One product whose photo is the file, one dossier whose paper is the file, and who may open each door."""

    def __init__(self, province, stored):
        facility = FacilityFactory(territory=province)
        self.product = ProductFactory(facility=facility)
        round_ = RoundFactory(territory=province, state=RoundState.SCORING)
        dossier = DossierFactory(round=round_, product=self.product)
        paper = DossierDocument.objects.create(dossier=dossier, kind=DocumentKind.STATEMENT, file=stored)
        self.photo = ProductPhoto.objects.create(product=self.product, file=stored, is_public=True)
        self.addresses = {
            "public photo": reverse("photo", args=[self.photo.pk]),
            "desk": reverse("admin:rounds_dossier_document", args=[dossier.pk, paper.pk]),
            "judge": reverse("judge_document", args=[dossier.uuid, paper.pk]),
            "producer": reverse("applicant_file", args=[dossier.uuid, paper.pk]),
        }
        self.people = {
            "public photo": None,
            "desk": staff(Role.OFFICER, province),
            "judge": SeatFactory(round=round_).user,
            "producer": RepresentativeFactory(facility=facility).user,
        }


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_is_shown_only_where_that_is_safe(client, province, kind, door):
    data, content_type, shown = CONTENTS[kind]
    place = Place(province, store(ContentFile(data, name="ten-bat-ky.html")))
    RecognitionFactory(product=place.product)
    if place.people[door]:
        client.force_login(place.people[door])
    response = client.get(place.addresses[door])
    assert response.status_code == 200
    assert response["Content-Type"].endswith(content_type)
    assert response["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"].startswith("public" if door == "public photo" else "private, no-cache")
    list(response)  # reading a file to its end closes it
    again = client.get(place.addresses[door], headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    if content_type.startswith("image/"):
        small = client.get(f"{place.addresses[door]}?rong=240")
        assert Image.open(io.BytesIO(b"".join(small))).width == 240
        assert small["Cache-Control"] == response["Cache-Control"]


@pytest.mark.parametrize("address", ["", "?rong=240"])
@pytest.mark.parametrize("door", DOORS)
def test_a_file_is_private_until_it_is_published(client, province, door, address):
    place = Place(province, store(ContentFile(picture("JPEG"), name="a.jpg")))
    outsider = UserFactory()
    for person in (None, outsider):
        client.logout()
        if person:
            client.force_login(person)
        status = client.get(place.addresses[door] + address).status_code
        assert status in ({404} if door == "public photo" else {302, 403, 404}), (door, person)


def test_a_photo_withdrawn_from_the_public_is_gone_with_its_thumbnails(client, province):
    place = Place(province, store(ContentFile(picture("JPEG"), name="a.jpg")))
    RecognitionFactory(product=place.product)
    address = f"{place.addresses['public photo']}?rong=240"
    shown = client.get(address)
    assert shown.status_code == 200
    list(shown)
    place.photo.is_public = False
    place.photo.save()
    assert client.get(address).status_code == 404
