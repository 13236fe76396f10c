"""An address that was printed once leads on: to the row of that history, to what it was merged into, never to what is hidden."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from facilities.enums import FacilityKind
from products.models import Product
from rounds.enums import RoundState
from tests import factories

pytestmark = pytest.mark.django_db


def renamed(row: Any, *slugs: str) -> Any:
    for slug in slugs:
        row.slug = slug
        row.save()
    return row


def public(slug: str, **values: Any) -> Product:
    product = factories.ProductFactory(slug=slug, **values)
    factories.RecognitionFactory(product=product)
    return product


def leads(client: Client, address: str) -> str:
    answer = client.get(address)
    return answer["Location"] if answer.status_code == 301 else str(answer.status_code)


def test_every_address_of_a_chain_leads_straight_to_the_last(client: Client):
    renamed(public("mien-dong"), "mien-dong-na-ri", "mien-dong-na-ri-thai-nguyen")
    for old in ("mien-dong", "mien-dong-na-ri"):
        assert leads(client, f"/en/san-pham/{old}/") == "/en/san-pham/mien-dong-na-ri-thai-nguyen/"


def test_an_address_taken_by_another_is_that_ones(client: Client):
    renamed(public("che"), "che-cu")
    other = public("che")
    assert leads(client, "/san-pham/che/") == "200"
    renamed(other, "che-moi")
    assert leads(client, "/san-pham/che/") == "/san-pham/che-moi/", "of two that had it, the last"


def test_the_old_address_of_what_was_merged_leads_to_what_it_went_into(client: Client):
    kept, gone = public("goc"), renamed(factories.ProductFactory(slug="nham"), "nham-2")
    Product.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert leads(client, "/san-pham/nham/") == "/san-pham/goc/"
    assert leads(client, "/san-pham/nham-2/") == "/san-pham/goc/"


def test_what_the_public_may_not_see_has_no_old_address_either(client: Client):
    renamed(factories.ProductFactory(slug="nhap"), "nhap-2")
    household = factories.FacilityFactory(kind=FacilityKind.HOUSEHOLD)
    lost = renamed(factories.ProductFactory(slug="ho", facility=household), "ho-2")
    factories.RecognitionFactory(
        product=lost,
        year=2018,
        issued_on=dt.date(2018, 5, 1),
        revoked_on=dt.date(2020, 1, 1),
        status_reason="Mẫu",
        expires_on=dt.date(2021, 5, 1),
    )
    assert leads(client, "/san-pham/nhap/") == leads(client, "/san-pham/ho/") == leads(client, "/san-pham/chua-tung/")
    assert leads(client, "/san-pham/ho/") == "404"


def test_facilities_rounds_and_projects_lead_on_as_well(client: Client):
    renamed(public("x").facility, "htx-moi")
    renamed(factories.RoundFactory(slug="ky-cu", state=RoundState.RECEIVING), "ky-moi")
    renamed(factories.RoundFactory(slug="ky-kin", state=RoundState.DRAFT), "ky-kin-2")
    renamed(factories.ProjectFactory(slug="de-an-cu"), "de-an-moi")
    old = Product.objects.get(slug="x").facility.history.earliest().slug
    assert leads(client, f"/co-so/{old}/") == "/co-so/htx-moi/"
    assert leads(client, "/ky-binh-chon/ky-cu/") == "/ky-binh-chon/ky-moi/"
    assert leads(client, "/ky-binh-chon/ky-kin/") == "404"
    assert leads(client, "/khuyen-cong/de-an-cu/") == "/khuyen-cong/de-an-moi/"
