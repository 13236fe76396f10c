"""A visitor without login follows everything there is to follow, in both languages, until nothing is new."""

import logging
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings

from products import register

from .public_world import Crawl, fill

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]
STARTS = ("/", "/en/", "/sitemap.xml", "/robots.txt", "/tin/ky-binh-chon.atom", "/en/tin/cong-nhan.atom", "/lien-he/")
# Every kind of public page; one that is led to from nowhere is not found by anybody.
KINDS = (
    "/", "/san-pham/", "/san-pham/lua-nha-xa/", "/co-so/", "/ban-do/", "/ban-do/ninh-binh/", "/ban-do/ha-nam-2025/",
    "/danh-muc/", "/ky-binh-chon/", "/khuyen-cong/", "/khuyen-cong/may-se-to/", "/khuyen-cong/hoi-cho/hoi-cho-mau/",
    "/khuyen-cong/noi-ban/", "/khuyen-cong/muc-ho-tro/", "/thong-ke/", "/tra-cuu/", "/lien-he/",
    "/du-lieu-mo/", "/tin/cong-nhan.atom", "/lich/ninh-binh.ics",
)  # fmt: skip


@pytest.fixture(scope="module")
def crawl(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Crawl]:
    logging.disable(logging.CRITICAL)
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), DEMO=False),
        transaction.atomic(),
    ):
        fill()
        register.touch()
        cache.clear()
        client = Client(raise_request_exception=False)
        yield Crawl(client).run(*STARTS)
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def test_everything_that_is_led_to_is_there_and_no_query_hurts(crawl: Crawl):
    assert crawl.faults == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_kind_of_public_page_is_found_from_the_first_page(crawl: Crawl, prefix: str):
    read = {address.partition("?")[0] for address in crawl.read}
    unprefixed = ("/lich/",)
    wanted = [kind if kind.startswith(unprefixed) else prefix + kind for kind in KINDS]
    assert [kind for kind in wanted if not any(path.startswith(kind) for path in read)] == []


def test_no_two_pages_bear_one_title(crawl: Crawl):
    assert [(title, *paths) for (title, _english), paths in crawl.titles().items() if len(paths) > 1 or not title] == []
