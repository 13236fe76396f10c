"""What is not, or no longer, in public view is neither named nor led to from pages that had a reason to."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.files.models import StoredFile
from products.models import Product, ProductPhoto
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost() -> Product:
    """A household's, revoked and past its term, in the hours before the nightly sweep marks it."""
    maker = make.FacilityFactory(name="Hộ đã mất", slug="ho-da-mat", kind=FacilityKind.HOUSEHOLD)
    product = make.ProductFactory(name="Mứt đã mất", slug="mut-da-mat", facility=maker)
    make.RecognitionFactory(
        product=product, year=2019, issued_on=dt.date(2019, 5, 1), expires_on=dt.date(2021, 12, 31),
        revoked_on=dt.date(2020, 2, 1), status_reason="Vi phạm",
    )  # fmt: skip
    return product


@pytest.fixture
def draft() -> Product:
    product = make.ProductFactory(name="Chè chưa công bố", facility=make.FacilityFactory(name="Cơ sở chưa công bố"))
    make.RecognitionFactory(product=product, published_at=None)
    return product


def test_the_sitemap_names_no_product_that_is_due_to_be_withheld(client: Client, lost: Product) -> None:
    shown = make.RecognitionFactory().product
    number = shown.pk // 10_000
    listed = client.get(f"/sitemap-san-pham.{number}.xml").content.decode()
    assert shown.slug in listed
    assert lost.slug not in listed


def test_a_set_leads_to_no_member_that_is_due_to_be_withheld(client: Client, lost: Product) -> None:
    boxed = make.ProductFactory(slug="hop-qua", is_set=True)
    make.RecognitionFactory(product=boxed)
    make.SetMemberFactory(product_set=boxed, name="Mứt", product=lost)
    assert lost.slug not in client.get("/san-pham/hop-qua/").content.decode()
    assert client.get("/api/v1/products/hop-qua/").json()["members"] == [{"name": "Mứt", "slug": None}]


def test_a_photo_leaves_public_view_with_its_product(client: Client, lost: Product, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = StoredFile(sha256="b" * 64, content_type="image/png", size=4)
    file.content.save("anh.png", ContentFile(b"\x89PNG"), save=True)
    photo = ProductPhoto.objects.create(product=lost, file=file, angle="front", is_public=True)
    assert client.get(f"/anh/{photo.pk}/").status_code == 404
    # With another kind of maker, everything else the same.
    Facility.objects.filter(pk=lost.facility_id).update(kind=FacilityKind.COOPERATIVE)
    assert client.get(f"/anh/{photo.pk}/").getvalue() == b"\x89PNG"


def test_a_project_names_only_products_that_the_public_may_see(client: Client, lost: Product, draft: Product) -> None:
    project = make.ProjectFactory(slug="may-say")
    shown = make.RecognitionFactory(product=make.ProductFactory(name="Chè đã công bố")).product
    for product in (lost, draft, shown):
        make.BeneficiaryFactory(project=project, facility=product.facility, product=product)
    page = client.get("/khuyen-cong/may-say/").content.decode()
    assert shown.name in page
    assert draft.name not in page
    assert lost.name not in page
    assert "/co-so/ho-da-mat/" not in page
