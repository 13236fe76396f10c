"""An address that was printed once leads on: to the row of that history, to what it was merged into, never to what is hidden."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from facilities.enums import FacilityKind
from portal.pages.old_addresses import SHOWN
from products import robots
from products.models import Inquiry, Product
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


# --- addresses below -------------------------------------------------------------------------------------

# Slugs of units, which have rules of their own, of files and of forms: nothing that anybody renames.
OF_OTHERS = {
    "sitemap_file", "small_map", "province", "calendar_public", "packaging_qr", "packaging_mark", "my_complaint_paper",
    "own_watch_file", "commune_nomination_paper",
}  # fmt: skip
OF_PRODUCT = (
    "/san-pham/{}/", "/san-pham/{}/hoi/", "/san-pham/{}/dat-mua/", "/san-pham/{}/bao-sai/", "/anh/chia-se/{}.png",
    "/en/san-pham/{}/bao-sai/", "/en/anh/chia-se/{}.png", "/api/v1/products/{}/",
)  # fmt: skip
OF_FACILITY = ("/co-so/{}/", "/co-so/{}/lien-he/", "/en/co-so/{}/lien-he/", "/api/v1/facilities/{}/")


def with_slug(found: URLResolver, before: str = "") -> Iterator[str]:
    """The names of the addresses that hold a slug, without the desk's."""
    for one in found.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from with_slug(one, route)
        elif isinstance(one, URLPattern) and "slug" in route and not route.startswith("quan-tri/"):
            yield str(one.name)


def test_no_address_with_a_slug_is_forgotten():
    asked = {name for name in with_slug(get_resolver()) if not name.startswith("api-")}
    assert asked == SHOWN.keys() | OF_OTHERS


def test_every_address_below_an_old_one_leads_to_the_same_below_that_of_today(client: Client):
    maker = renamed(renamed(public("che"), "che-moi").facility, "htx-cu", "htx-moi")
    assert maker.slug == "htx-moi"
    moved = [(address, "che", "che-moi") for address in OF_PRODUCT]
    moved += [(address, "htx-cu", "htx-moi") for address in OF_FACILITY]
    for address, old, new in moved:
        for query in ("", "?a=1&a=2&q=mi%20ch%C5%A9"):
            assert leads(client, address.format(old) + query) == address.format(new) + query
            assert client.head(address.format(old) + query)["Location"] == address.format(new) + query
        answer = client.get(address.format(old))
        assert answer["Cache-Control"] == "no-cache", "another may have the old address tomorrow"
        assert client.get(answer["Location"]).status_code == 200, address


def test_the_api_leads_on_for_rounds_projects_and_fairs(client: Client):
    renamed(factories.RoundFactory(slug="ky-cu", state=RoundState.RECEIVING), "ky-moi")
    renamed(factories.ProjectFactory(slug="de-an-cu"), "de-an-moi")
    renamed(factories.FairFactory(slug="hoi-cho-cu"), "hoi-cho-moi")
    for address, old, new in (
        ("/api/v1/rounds/{}/", "ky-cu", "ky-moi"),
        ("/api/v1/extension/projects/{}/", "de-an-cu", "de-an-moi"),
        ("/api/v1/extension/fairs/{}/", "hoi-cho-cu", "hoi-cho-moi"),
        ("/khuyen-cong/hoi-cho/{}/", "hoi-cho-cu", "hoi-cho-moi"),
    ):
        assert leads(client, address.format(old)) == address.format(new)
        assert leads(client, address.format("chua-tung")) == "404"


def test_nothing_below_tells_the_new_name_of_what_the_public_may_not_see(client: Client):
    renamed(factories.ProductFactory(slug="nhap"), "nhap-2")
    lost = public("ho", facility=factories.FacilityFactory(kind=FacilityKind.HOUSEHOLD, slug="nha"))
    renamed(lost, "ho-2")
    renamed(lost.facility, "nha-2")
    lost.recognitions.update(
        issued_on=dt.date(2018, 5, 1),
        revoked_on=dt.date(2020, 1, 1),
        status_reason="Mẫu",
        expires_on=dt.date(2021, 5, 1),
    )
    renamed(factories.RoundFactory(slug="ky-kin", state=RoundState.DRAFT), "ky-kin-2")
    renamed(factories.ProjectFactory(slug="de-an-kin", is_public=False), "de-an-kin-2")
    renamed(factories.FairFactory(slug="hoi-cho-kin", is_public=False), "hoi-cho-kin-2")
    hidden = [address.format(slug) for address in OF_PRODUCT for slug in ("nhap", "ho")]
    hidden += [address.format("nha") for address in OF_FACILITY]
    hidden += [
        "/api/v1/rounds/ky-kin/",
        "/api/v1/extension/projects/de-an-kin/",
        "/api/v1/extension/fairs/hoi-cho-kin/",
    ]
    hidden += ["/khuyen-cong/hoi-cho/hoi-cho-kin/", "/api/v1/products/a%00b/", "/api/v1/products/c%C5%A9/"]
    assert {address: leads(client, address) for address in hidden} == dict.fromkeys(hidden, "404")


def test_a_letter_from_a_page_opened_before_the_name_changed_arrives_whole(client: Client):
    product = public("mi-chu")
    typed = {"about": "name", "message": "Tên đúng là Mỳ Chũ.", "source": "Nhãn"}
    typed[robots.SEAL] = robots.sealed(robots.new_ticket(timezone.now() - dt.timedelta(minutes=1)))
    renamed(product, "mi-chu-nam-duong")
    answer = client.post("/san-pham/mi-chu/bao-sai/", typed)
    assert (answer.status_code, answer["Location"]) == (308, "/san-pham/mi-chu-nam-duong/bao-sai/")
    client.post("/san-pham/mi-chu/bao-sai/", typed, follow=True)
    letter = Inquiry.objects.get()
    assert (letter.product, letter.message) == (product, "Tên đúng là Mỳ Chũ.\n\nNguồn: Nhãn")


def test_a_query_too_long_to_go_along_stays_behind(client: Client):
    renamed(public("che"), "che-moi")
    assert leads(client, "/san-pham/che/?q=" + "x" * 10_000).endswith("x" * 10_000)
    assert leads(client, "/san-pham/che/?q=" + "x" * 20_000) == "/san-pham/che-moi/"


def test_a_dossier_is_begun_in_the_round_of_today_after_logging_in(client: Client):
    renamed(factories.RoundFactory(slug="ky-cu", state=RoundState.RECEIVING), "ky-moi")
    maker = factories.FacilityFactory()
    old, new = (reverse("applicant_start", args=[slug, maker.uuid]) for slug in ("ky-cu", "ky-moi"))
    assert client.get(old).status_code == 302, "to the login"
    client.force_login(factories.UserFactory())
    assert leads(client, old) == new
