"""Addresses with a query made to hurt: every page that opens, every name it asks for, every strange value.

Which names a page asks for is read off the page itself: its reading of the query is listened to. On PostgreSQL alone,
which refuses more (a NUL in a text, a number without end).
"""

import logging
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import override_settings

from .permission_table import TABLE
from .permission_world import ROLES, World

pytestmark = [pytest.mark.services, pytest.mark.django_db]
VALUES = {
    "endless": "x" * 10_000,
    "NUL": "a%00b",
    "broken UTF-8": "%ff%fe%c3",
    "full-width year": quote("２０２５"),
    "superscript": quote("²"),
    "negative": "-1",
    "huge": "9" * 30,
    "first day of all": "0001-01-01",
    "last day of all": "9999-12-31",
    "no such day": "2025-02-29",
    "line breaks": "a%0d%0aSet-Cookie:%20a=b",
    "bracket": "//[",
}
SERVER_ERROR = 500
# Of the desk the pages of a recognition's life and one list of each kind; the others share their machinery.
DESK = (
    "quan-tri/bao-cao",
    "quan-tri/dang-ky-lai",
    "quan-tri/de-cu",
    "quan-tri/danh-gia-thong-tin",
    "quan-tri/luot-tra-cuu",
    "quan-tri/notices/notice/",
    "quan-tri/products/cap-giay",
    "quan-tri/products/certificate/",
    "quan-tri/products/recognition/",
    "quan-tri/rounds/round/<int:pk>/de-cu",
    "quan-tri/thu-ban-doc/",
    "quan-tri/tim/",
    "quan-tri/trao-doi",
)
# Their reading of the query is none of ours.
FOREIGN = {"api/docs/", "api/schema/"}


def _opens(route):
    """The first role that the page opens to, or None."""
    return next((role for role, sign in zip(ROLES, TABLE[route][0], strict=True) if sign == "."), None)


ROUTES = sorted(
    route
    for route in TABLE
    if _opens(route) and route not in FOREIGN and (not route.startswith("quan-tri/") or route.startswith(DESK))
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    logging.disable(logging.CRITICAL)
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), DEMO=False),
        mock.patch("portal.pages.errors.render", lambda *_args, status: HttpResponse(status=status)),
        transaction.atomic(),
    ):
        found = World()
        found.client.raise_request_exception = True
        yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture
def names(monkeypatch):
    """The names that pages look up in their query, as they are looked up."""
    heard = {}
    for method in ("__getitem__", "__contains__", "get", "getlist", "pop"):
        kept = getattr(QueryDict, method)

        def listening(self, name, *rest, _kept=kept, **more):
            heard.setdefault(name)
            return _kept(self, name, *rest, **more)

        monkeypatch.setattr(QueryDict, method, listening)
    return heard


# What databases and readers of numbers stumble over: put to each name alone. The rest goes to all names at once.
EACH_ALONE = ("NUL", "broken UTF-8", "full-width year", "huge")


def _refuse_a_fault(world, role, route, path, asked):
    cache.clear()  # no page is kept, no limit is met
    query = "&".join(f"{quote(name)}=1&{quote(name)}={value}" for name, value in asked.items())
    status, target = world.status(role, "get", route, f"{path}?{query}")
    assert status < SERVER_ERROR, asked
    assert not target.startswith(("//", "http")), (asked, target)


@pytest.mark.parametrize("route", ROUTES)
def test_no_query_breaks_a_page(world, names, route):
    role, path = _opens(route), world.address(route, "own").partition("?")[0]
    world.status(role, "get", route, path)
    done = set()
    while left := [name for name in names if name not in done]:
        for name in left:
            done.add(name)
            for what in EACH_ALONE:
                _refuse_a_fault(world, role, route, path, {name: VALUES[what]})
        for value in VALUES.values():
            _refuse_a_fault(world, role, route, path, dict.fromkeys(names, value))
