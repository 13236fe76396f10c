"""The permission matrix: every address × role × own or other province × method, from one literal table."""

import logging
from unittest import mock

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.template.backends.django import Template
from django.test import override_settings

from .permission_table import TABLE
from .permission_world import ROLES, World, routes

pytestmark = pytest.mark.crawl

# How the table writes what happened: shown, sent elsewhere, wrong input, log in first (API), not yours, not there,
# wrong method, refused in words.
SIGNS = {200: ".", 301: ">", 302: ">", 303: ">", 400: "!", 422: "!", 401: "a", 403: "x", 404: "-", 405: "m", 409: "="}


class Drawing:
    """Each page is drawn for the first who may open it: who may what is asked before a page is drawn.

    Without a route every page is drawn, while `silent` none.
    """

    def __init__(self) -> None:
        self.drawn: set[tuple[str, str | None]] = set()
        self.route = ""
        self.silent = False

    def once(self):
        draw = Template.render

        def render(template, context=None, request=None):
            key = (self.route, template.template.name)
            if self.silent or (self.route and key in self.drawn):
                return ""
            self.drawn.add(key)
            return draw(template, context, request)

        return mock.patch.object(Template, "render", render)


@pytest.fixture(scope="module")
def drawing():
    return Drawing()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory, drawing):
    """Built once for the whole matrix; every request is undone, and in the end the world too."""
    media = tmp_path_factory.mktemp("media")
    logging.disable(logging.CRITICAL)  # thousands of refusals are what is wanted here
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media, DEMO=False),
        # The words of a refusal are tested elsewhere; drawing them thousands of times takes half the time.
        mock.patch("portal.pages.errors.render", lambda *_args, status: HttpResponse(status=status)),
        drawing.once(),
        transaction.atomic(),
    ):
        found = World()
        with mock.patch("django.contrib.auth.get_user", found.who):
            yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def sign(status, target):
    """One character per outcome; L is the way to the login page."""
    if status == 302 and "/dang-nhap/" in target:
        return "L"
    return SIGNS.get(status, f"[{status}]")


def row(world, route, prefix="", roles=ROLES):
    """GET of the own province's object, GET of the other's, POST of the own, POST of the other's; one sign per role."""
    cells = {}
    for method in ("get", "post"):
        for side in ("own", "other"):
            path = world.address(route, side)
            # Where no object is in the address, both provinces are one page.
            if (method, path) not in cells:
                asked = [world.status(role, method, route, f"/{prefix}{path[1:]}") for role in roles]
                cells[method, path] = "".join(sign(*answer) for answer in asked)
            cells[method, side] = cells[method, path]
    return tuple(cells[method, side] for method in ("get", "post") for side in ("own", "other"))


def test_every_address_has_its_row_and_no_row_is_left_over():
    assert set(TABLE) == set(routes())


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(TABLE))
def test_each_role_gets_what_the_table_says(world, drawing, route):
    drawing.route = route
    assert row(world, route) == TABLE[route]


# Who may what is asked before a page is worded: in English a few tell the same as all.
IN_ENGLISH = ("anonymous", "officer", "judge", "administrator", "producer")


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(route for route, prefix in routes().items() if prefix))
def test_english_pages_open_to_the_same_people(world, drawing, route):
    drawing.route = f"en/{route}"
    said = tuple("".join(signs[ROLES.index(role)] for role in IN_ENGLISH) for signs in TABLE[route])
    assert row(world, route, "en/", IN_ENGLISH) == said


# Lists lead to what they show; pages of one object lead elsewhere.
PAGES_WITH_LINKS = (
    "/change/",
    "/settings/",
    "/board/",
    "/decision/",
    "/dang-ky-lai/",
    "/dang-ky-lai/<int:pk>/ho-so/",
    "/tiep-nhan/",
    "/bo-san-pham/",
    "/de-cu/",
    "/de-cu/<int:pk>/",
    "/phien-hop/",
    "/phien-hop/<int:number>/",
    "/thanh-vien/",
    "/thanh-vien/<int:seat_pk>/",
    "/tieu-chi/",
    "/tieu-chi/<int:set_pk>/",
    "/tien-do/",
    "/tien-do/ho-so/<int:dossier_pk>/",
    "/phieu-giay/",
    "/mau-san-pham/",
    "/history/",
    "quan-tri/",
)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES[1:])
def test_no_link_on_an_open_page_of_the_desk_leads_to_a_closed_door(world, drawing, role):
    drawing.route = ""
    shown = {}
    for route in sorted(name for name in TABLE if name.endswith(PAGES_WITH_LINKS)):
        path = world.address(route, "own")
        shown |= dict.fromkeys(world.links(role, path), path)
    drawing.silent = True
    asked = {link: world.status(role, "get", "", link) for link in shown}
    drawing.silent = False
    closed = {link: (answer, shown[link]) for link, answer in asked.items() if sign(*answer) not in {".", ">"}}
    assert closed == {}


# Registers of the whole country, which everyone who may read them reads whole.
NATIONAL = (
    "extension/resultindicator",
    "products/publishedfigure",
    "extension/normitem",
    "extension/priorityrule",
    "extension/supportnorm",
    "facilities/reportingrule",
    "products/successorauthority",
    "products/trustroot",
    "products/validityrule",
    "rounds/councilrule",
    "rounds/eligibilityrule",
    "territory/territory",
)


# A look at the address of an act leads back to its page without reading any object: the page's own row must say no.
SENT_BACK = {
    "quan-tri/de-cu/<int:pk>/viec/": "quan-tri/de-cu/<int:pk>/",
    "quan-tri/de-cu/mo/<int:round_pk>/": "quan-tri/de-cu/<int:pk>/",
    "quan-tri/rounds/round/<int:pk>/de-cu/nhac/": "quan-tri/rounds/round/<int:pk>/de-cu/",
    "quan-tri/rounds/round/<int:pk>/de-cu/so-luong/": "quan-tri/rounds/round/<int:pk>/de-cu/",
    "quan-tri/rounds/dossier/<int:pk>/giay-to/": "quan-tri/rounds/dossier/<path:object_id>/change/",
    "quan-tri/rounds/round/<int:pk>/tiep-nhan/nhac/": "quan-tri/rounds/round/<int:pk>/tiep-nhan/",
    "quan-tri/rounds/round/<int:pk>/tiep-nhan/yeu-cau/": "quan-tri/rounds/round/<int:pk>/tiep-nhan/",
    "quan-tri/imports/importbatch/<int:pk>/act/": "quan-tri/imports/importbatch/<path:object_id>/change/",
    "quan-tri/rounds/dossier/<int:pk>/act/": "quan-tri/rounds/dossier/<path:object_id>/change/",
    "quan-tri/rounds/round/<int:pk>/tieu-chi/chep/": "quan-tri/rounds/round/<int:pk>/tieu-chi/",
    "quan-tri/rounds/round/<int:pk>/tieu-chi/<int:set_pk>/viec/": "quan-tri/rounds/round/<int:pk>/tieu-chi/<int:set_pk>/",
    "quan-tri/rounds/round/<int:pk>/thanh-vien/quyet-dinh/": "quan-tri/rounds/round/<int:pk>/thanh-vien/",
    "quan-tri/rounds/round/<int:pk>/bo-san-pham/de-xuat/": "quan-tri/rounds/round/<int:pk>/bo-san-pham/",
    "quan-tri/rounds/round/<int:pk>/bo-san-pham/tach/": "quan-tri/rounds/round/<int:pk>/bo-san-pham/",
    "quan-tri/rounds/round/<int:pk>/bo-san-pham/quyet-dinh/": "quan-tri/rounds/round/<int:pk>/bo-san-pham/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/thong-tin/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/co-mat/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/y-kien/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/noi-dung/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/khoa/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/phien-hop/<int:number>/luu-ban-ky/": "quan-tri/rounds/round/<int:pk>/phien-hop/",
    "quan-tri/rounds/round/<int:pk>/mau-san-pham/tra/": "quan-tri/rounds/round/<int:pk>/mau-san-pham/",
    "quan-tri/rounds/round/<int:pk>/phieu-giay/nhan/": "quan-tri/rounds/round/<int:pk>/phieu-giay/",
    "quan-tri/rounds/round/<int:pk>/tien-do/nhac/": "quan-tri/rounds/round/<int:pk>/tien-do/",
    "quan-tri/rounds/round/<int:pk>/xung-dot/doi-chieu/": "quan-tri/rounds/round/<int:pk>/xung-dot/",
    "quan-tri/rounds/round/<int:pk>/xung-dot/nhac/": "quan-tri/rounds/round/<int:pk>/xung-dot/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/lap/": "quan-tri/rounds/round/<int:pk>/phan-cong/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/chia-lai/": "quan-tri/rounds/round/<int:pk>/phan-cong/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/ap-dung/": "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/bo/": "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/lap-lai/": "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/",
    "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/sua/": "quan-tri/rounds/round/<int:pk>/phan-cong/<int:number>/",
    "quan-tri/rounds/round/<int:pk>/step/": "quan-tri/rounds/round/<path:object_id>/change/",
}


def test_by_the_table_nobody_of_a_province_reaches_into_another():
    """A guard on the table itself: what it says of other provinces' objects can only be no."""
    for route, (_get_own, _get_other, _post_own, post_other) in TABLE.items():
        get_other = TABLE[SENT_BACK.get(route, route)][1]
        names_an_object = ("<" in route and route.startswith(("quan-tri/", "cham-diem/"))) or "history/([^/]+)" in route
        # A period alone leads on to the person's own province.
        leads_on = ("/<path:object_id>/", "/<slug:kind>/", "/<str:period_code>/")
        bare = route.endswith(leads_on) or any(name in route for name in NATIONAL)
        if not names_an_object or bare or "app_label" in route or "(?P<url>" in route:
            continue
        for role, *signs in zip(ROLES[1:9], get_other[1:9], post_other[1:9], strict=True):
            assert set(signs) <= set("-xm"), (route, role)
