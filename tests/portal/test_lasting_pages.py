"""A product's page outlasts what is published of others, and is right the moment anything it shows has changed.

So does what the API's list tells of a product.
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from facilities.enums import FacilityKind
from portal.accounts.enums import Role
from portal.files.models import StoredFile
from products import kept_pages, lasting_texts, register
from products.api import ProductViewSet
from products.enums import EventKind
from products.models import ProductPhoto, ProductStandard, RecognitionEvent, RegisterMark, TradeFacts
from products.services import merge_products
from rounds.enums import RoundState
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/san-pham/bo-tra/"
World = dict[str, Any]
# Common, though a product's page does not show them.
NOT_SHOWN = {"a contact", "units merged"}
OLD = {"year": 2019, "issued_on": dt.date(2019, 5, 1), "expires_on": dt.date(2022, 12, 31)}


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    """A set whose recognition is over, one member with a page, four similar products, and one that has nothing to do with it."""
    settings.MEDIA_ROOT = tmp_path
    here, there = (make.TerritoryFactory(name=name, slug=slug) for name, slug in (("Đây", "day"), ("Đó", "do")))
    maker = make.FacilityFactory(name="Nhà trà", territory=here, address_today="Xã Tân Cương")
    boxed = make.ProductFactory(name="Bộ trà", slug="bo-tra", facility=maker, is_set=True)
    member = make.ProductFactory(name="Trà nõn", facility=make.FacilityFactory(territory=there), group="other")
    row = make.RecognitionFactory(product=boxed, decision=make.DecisionFactory(number="11"), **OLD)
    file = StoredFile(sha256="a" * 64, content_type="image/png", size=4)
    file.content.save("anh.png", ContentFile(b"\x89PNG"), save=True)
    project = make.ProjectFactory(name="Máy sấy", slug="may-say", territory=here)
    near = [make.ProductFactory(name=f"Chè {n}", facility=make.FacilityFactory(territory=here)) for n in "bdeg"]
    recognised = [make.RecognitionFactory(product=one) for one in near]
    far = make.ProductFactory(name="Gốm xa", facility=make.FacilityFactory(territory=there), group="handicraft")
    return {
        "product": boxed,
        "recognition": row,
        "decision": row.decision,
        "member": make.SetMemberFactory(product_set=boxed, name="Nõn", product=member),
        "member product": member,
        "member recognition": make.RecognitionFactory(product=member),
        "maker": maker,
        "here": here,
        "file": file,
        "project": project,
        "support": make.BeneficiaryFactory(project=project, facility=maker, turns=2, fair_revenue=308_000_000),
        "similar": near[0],
        "another similar": near[1],
        "similar recognition": recognised[0],
        "far": far,
        "beside": make.RecognitionFactory(product=make.ProductFactory(name="Ấm trà", facility=far.facility)).product,
        "far recognition": make.RecognitionFactory(product=far),
        "officer": make.staff(Role.ADMINISTRATOR),
    }


def changed(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def photo_of(world: World, product: str) -> ProductPhoto:
    return ProductPhoto.objects.create(product=world[product], file=world["file"], angle="front", is_public=True)


def merged(world: World) -> None:
    merge_products(
        survivor=world["far"],
        loser=world["another similar"],
        reason="Trùng.",
        actor=world["officer"],
        now=timezone.now(),
    )


# Of single products: the feed names them, and the page finds itself among them.
OF_ONE: dict[str, Callable[[World], Any]] = {
    "the product": lambda w: changed(w["product"], name="Bộ trà xuân"),
    "its photo": lambda w: photo_of(w, "product"),
    "its recognition": lambda w: changed(w["recognition"], expires_on=dt.date(2023, 12, 31)),
    "another recognition": lambda w: make.RecognitionFactory(product=w["product"], level="region", year=2023),
    "its certificate": lambda w: make.CertificateFactory(recognition=w["recognition"]),
    "its trace": lambda w: RecognitionEvent.objects.create(
        recognition=w["recognition"], kind=EventKind.SUSPENDED, on=dt.date(2020, 1, 2), reason="Đình chỉ",
        recorded_at=timezone.now(),
    ),
    "its trade facts": lambda w: TradeFacts.objects.create(
        product=w["product"], pack="Hộp 7 gói", declared_on=dt.date(2026, 1, 1)
    ),
    "its standard": lambda w: ProductStandard.objects.create(product=w["product"], kind="ocop", stars=4),
    "a member": lambda w: changed(w["member"], name="Nõn tôm"),
    "a member's product": lambda w: changed(w["member product"], slug="tra-non-moi"),
    "a member out of view": lambda w: changed(w["member recognition"], withheld_at=timezone.now()),
    "a member taken out": lambda w: w["member"].delete(),
    "a similar one": lambda w: changed(w["similar"], name="Chè b đổi tên"),
    "a similar one's photo": lambda w: photo_of(w, "similar"),
    "a similar one out of view": lambda w: changed(w["similar recognition"], withheld_at=timezone.now()),
    "a new one between": lambda w: make.RecognitionFactory(
        product=make.ProductFactory(name="Chè c", facility=w["maker"])
    ),
    "one that comes near": lambda w: changed(w["far"], territory=w["here"], name="Chè bb"),
    "a similar one merged": merged,
}  # fmt: skip
# Common: nothing tells which products they concern, so every page is made anew.
COMMON: dict[str, Callable[[World], Any]] = {
    "the decision": lambda w: changed(w["decision"], number="4567"),
    "the maker": lambda w: changed(w["maker"], name="Nhà trà mới"),
    "a contact": lambda w: make.ContactFactory(facility=w["maker"], may_publish=True),
    "a household": lambda w: changed(w["maker"], kind=FacilityKind.HOUSEHOLD),
    "the project": lambda w: changed(w["project"], name="Máy vò"),
    "the support": lambda w: changed(w["support"], turns=9),
    "a round": lambda w: make.RoundFactory(territory=w["here"], state=RoundState.RECEIVING, slug="ky-mo"),
    "a unit's name": lambda w: changed(w["here"].names.first(), name="Đây mới"),
    "units merged": lambda w: make.SuccessionFactory(
        predecessor=w["here"], successor=make.TerritoryFactory(name="Gộp", slug="gop")
    ),
}


def page() -> bytes:
    answer = Client().get(PAGE)
    assert answer.status_code == 200
    return answer.content


def made_anew() -> bytes:
    cache.clear()
    kept_pages.forget()
    return page()


def test_the_page_stays_while_nothing_it_shows_changes(world: World) -> None:
    before, common = page(), register.state().common
    changed(world["far"], name="Gốm xa đổi tên")
    with CaptureQueriesContext(connection) as seen:
        assert page() == before
    assert register.state().common == common
    # The mark, the feed, and whether what changed could be similar: nothing of the product itself was read.
    assert len(seen) == 3
    changed(world["beside"], name="Ấm trà đổi tên")
    assert page() == before
    assert made_anew() == before


def test_the_page_follows_what_changes_of_the_products_it_shows(world: World) -> None:
    for name, change in OF_ONE.items():
        before, common = page(), register.state().common
        change(world)
        after = page()
        assert after != before, name
        assert after == made_anew(), name
        # A new one was a draft for a moment, which the feed does not name.
        assert register.state().common == common or name == "a new one between", name


def test_the_page_is_made_anew_with_what_is_common(world: World) -> None:
    for name, change in COMMON.items():
        before, common = page(), register.state().common
        change(world)
        after = page()
        assert register.state().common != common, name
        assert after != before or name in NOT_SHOWN, name
        assert after == made_anew(), name


def test_a_page_that_has_outlasted_one_change_still_follows_the_next(world: World) -> None:
    before = page()
    changed(world["far"], summary="Đổi một lần")
    assert page() == before
    changed(world["similar"], name="Chè b đổi tên")
    assert "Chè b đổi tên" in page().decode()


def test_a_product_taken_out_of_view_takes_its_page_with_it(world: World) -> None:
    page()
    changed(world["recognition"], withheld_at=timezone.now())
    assert Client().get(PAGE).status_code == 404


def test_a_change_that_the_feed_does_not_name_is_common(world: World) -> None:
    common = register.state().common
    make.ProductFactory(name="Chưa công bố", facility=None, territory=world["here"])
    assert register.state().common != common
    common = RegisterMark.objects.get().common
    register.touch()
    assert register.state().common != common


# --- the list of the API -----------------------------------------------------------------------------------


def listed(**query: Any) -> bytes:
    answer = Client().get("/api/v1/products/", query)
    assert answer.status_code == 200, answer.content
    return answer.content


def listed_anew(**query: Any) -> bytes:
    """As a process answers that holds nothing."""
    cache.clear()
    kept_pages.forget()
    return listed(**query)


def as_the_framework_lists(**query: Any) -> Any:
    """Spaced answers are not put together from what is held."""
    return Client().get("/api/v1/products/", query, headers={"accept": "application/json; indent=1"}).json()


def test_the_list_follows_every_change(world: World) -> None:
    before = listed()
    shown = set()
    for name, change in {**OF_ONE, **COMMON}.items():
        change(world)
        after = listed()
        shown |= {name} if after != before else set()
        before = after
        assert after == listed_anew(), name
        assert json.loads(after) == as_the_framework_lists(), name
    assert {"the product", "a member's product", "a member out of view", "the decision", "the maker"} < shown


def test_products_that_did_not_change_are_not_read_again(world: World) -> None:
    for query in ({}, {"level": "province"}, {"page_size": "2"}):
        before = json.loads(listed_anew(**query))
        changed(world["far"], summary=f"Đổi khi hỏi {query}")
        with CaptureQueriesContext(connection) as seen:
            after = json.loads(listed(**query))
        read = [one["sql"] for one in seen if "products_certificate" in one["sql"]]
        told = world["far"].slug in {one["slug"] for one in after["results"]}
        # What changed and is on the page is read; with all the others only their order and the feed are.
        assert (len(read), after != before) == (int(told), told), query
        with CaptureQueriesContext(connection) as alone:
            cache.clear()
            listed(**query)
        assert not [one for one in alone if "products_setmember" in one["sql"]]


def test_every_page_of_the_list_is_put_together_alike(world: World) -> None:
    address: str | None = "/api/v1/products/?page_size=2&x[]=1"
    found = []
    while address:
        held = Client().get(address).json()
        spaced = Client().get(address, headers={"accept": "application/json; indent=1"}).json()
        assert held == spaced
        found += [one["name"] for one in held["results"]]
        address = held["next"]
    assert len(found) == len(set(found)) == held["count"] == 8
    back = Client().get(held["previous"]).json()
    assert [one["name"] for one in back["results"]] == found[-4:-2]


def test_what_was_read_before_a_change_is_not_held_after_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write = ProductViewSet._written

    def slow(view: Any, keys: list[int]) -> Any:
        written = write(view, keys)
        monkeypatch.setattr(ProductViewSet, "_written", write)
        # While this reader was writing, the product changed, and another has accounted for it.
        changed(world["product"], name="Bộ trà mới nhất")
        listed()
        return written

    monkeypatch.setattr(ProductViewSet, "_written", slow)
    listed()
    cache.clear()
    assert "Bộ trà mới nhất" in listed().decode()


def test_what_is_held_is_dropped_rather_than_growing_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = listed()
    most = len(whole) // 2
    monkeypatch.setattr(lasting_texts, "MOST_BYTES", most)
    kept_pages.forget()
    for size in ("1", "2", "3", "100"):
        assert listed(page_size=size) == listed_anew(page_size=size)
    kept_pages.forget()
    for size in ("1", "2", "3"):
        cache.clear()
        listed(page_size=size)
        assert lasting_texts._held
        assert lasting_texts._held.bytes == sum(len(one.content) for one in lasting_texts._held.texts.values()) <= most


def test_a_list_of_another_day_tells_of_that_day(world: World) -> None:
    for query, status in (({}, "expired"), ({"on": "2020-01-01"}, "valid"), ({}, "expired")):
        cache.clear()
        products = json.loads(listed(**query))["results"]
        found = next(one for one in products if one["slug"] == "bo-tra")
        assert found["recognitions"][0]["status"] == status
    with time_machine.travel("2028-01-01 00:00:01+07:00", tick=False):
        assert {row["status"] for one in json.loads(listed())["results"] for row in one["recognitions"]} == {"expired"}
