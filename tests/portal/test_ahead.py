"""A worker draws a changed product's page before anybody asks; without one nothing is lost but time."""

import io
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError as BrokerError
from PIL import Image

from portal.files.services import store
from portal.pages import ahead, tasks
from portal.text import workers
from products import kept_pages, lasting, register
from products.models import ProductPhoto
from tests import factories as make

PAGES = ("/san-pham/che-xanh/", "/en/san-pham/che-xanh/")


@pytest.fixture
def tea():
    product = make.ProductFactory(name="Chè xanh", slug="che-xanh")
    make.RecognitionFactory(product=product)
    return product


@pytest.fixture
def asked(settings, monkeypatch):
    """What a worker was asked for, in order."""
    found = []
    settings.CELERY_TASK_ALWAYS_EAGER = False
    monkeypatch.setattr(workers, "_quiet_until", 0.0)
    for task in (tasks.draw_pages, tasks.draw_photos):
        monkeypatch.setattr(task, "apply_async", lambda args, _task=task, **_how: found.append((_task.name, *args)))
    return found


def rename(product, name):
    product.name = name
    product.save()


@pytest.mark.django_db(transaction=True)
def test_the_first_reader_after_a_change_finds_the_page_drawn(client, tea, asked):
    rename(tea, "Chè búp")
    assert asked[-2:] == [
        ("portal.pages.tasks.draw_pages", ["che-xanh"]),
        ("portal.pages.tasks.draw_photos", ["che-xanh"]),
    ]
    assert tasks.draw_pages(["che-xanh", "khong-co"]) == len(PAGES)
    kept_pages.forget()  # the worker is another process
    for page in PAGES:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            content = client.get(page).content.decode()
        assert "Chè búp" in content
        assert len(queries) == 2, page  # the mark, and what changed since


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_in_a_row_the_newest_is_shown_and_kept(client, tea, asked, monkeypatch):
    build = ahead.product._page

    def slow(request, slug, now):
        drawn = build(request, slug, now)
        monkeypatch.setattr(ahead.product, "_page", build)
        # While this one was drawn, the product changed again, and another worker was quicker.
        rename(tea, "Chè mới nhất")
        kept_pages.forget()
        ahead.draw_pages(["che-xanh"])
        return drawn

    rename(tea, "Chè cũ")
    monkeypatch.setattr(ahead.product, "_page", slow)
    ahead.draw_pages(["che-xanh"])
    for forget in (kept_pages.forget, lasting.forget, lambda: None):
        forget()
        with CaptureQueriesContext(connection) as queries:
            assert "Chè mới nhất" in client.get(PAGES[0]).content.decode()
        assert len(queries) <= 3


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_left_to_their_readers_and_photos_are_not(tea, asked):
    ahead.make_ready([f"sp-{number}" for number in range(ahead.CHUNK + 1)])
    assert [(name, len(slugs)) for name, slugs in asked[-2:]] == [
        ("portal.pages.tasks.draw_photos", ahead.CHUNK),
        ("portal.pages.tasks.draw_photos", 1),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_is_asked_once_and_harms_no_save(client, tea, asked, monkeypatch):
    tries = []

    def refuse(*_args, **_how):
        tries.append(time.monotonic())
        raise BrokerError

    for task in (tasks.draw_pages, tasks.draw_photos):
        monkeypatch.setattr(task, "apply_async", refuse)
    rename(tea, "Chè một")
    rename(tea, "Chè hai")
    assert len(tries) == 1
    assert "Chè hai" in client.get(PAGES[0]).content.decode()


@pytest.mark.django_db
def test_a_public_photo_has_all_its_copies_before_it_is_looked_at(tea, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (300, 200), 128).save(out, "JPEG")
    file = store(ContentFile(out.getvalue(), name="a.jpg"))
    photo = ProductPhoto.objects.create(product=tea, file=file, angle="front", is_public=False)
    assert ahead.draw_photos(["che-xanh"]) == 0
    ProductPhoto.objects.filter(pk=photo.pk).update(is_public=True)
    assert ahead.draw_photos(["che-xanh"]) == 6  # WebP below its width, AVIF at every one
    assert len(default_storage.listdir("thumbnails")[0]) == 5
    assert ahead.draw_photos(["che-xanh"]) == 0


def test_where_tasks_are_carried_out_at_once_nothing_is_asked_for(settings, monkeypatch):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    monkeypatch.setattr(tasks.draw_pages, "apply_async", lambda *_args, **_how: pytest.fail("asked"))
    ahead.make_ready(["che-xanh"])
    assert register._followers == [ahead.make_ready]
